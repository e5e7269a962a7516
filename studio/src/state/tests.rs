use super::*;
use crate::{accounts, services, source::Source};
use consent_fixtures::NamedFixture;

#[test]
fn a_step_changes_its_axis_and_nothing_else() {
    let preview = PreviewState {
        fixture: Selection::Gallery("sign-up".into()),
        view: View { rtl: true, ..View::default() },
        theme: Theme::default(),
    };
    let frame = Frame::default();
    let locales = steps(Axis::Locale, &preview, frame, &Beside::default());
    assert_eq!(locales.len(), Language::ALL.len());
    assert_eq!(locales[2].preview.view, View { language: Language::Ja, ..preview.view });
    let widths = steps(Axis::Width, &preview, frame, &Beside::default());
    assert_eq!((widths[0].frame.width, &widths[0].preview), (320, &preview));
    let loading = named("loading").unwrap();
    let beside = |it: &NamedFixture| Beside { fixtures: vec![it.clone()], users: Vec::new() };
    let fixtures = steps(Axis::Fixture, &preview, frame, &beside(loading));
    assert_eq!(fixtures[0].preview, preview, "the current fixture is first, changed or not");
    assert_eq!(fixtures[1].preview.fixture, Selection::Gallery("loading".into()));
    assert_eq!(fixtures[1].label, loading.fixture.title);
    // Beside a changed fixture the others have its service, and the changed theme.
    let mut own = named("sign-up").unwrap().fixture.clone();
    let consent_fixtures::Screen::Consent(consent) = &mut own.screen else { panic!("it asks") };
    consent.request.service.name = "보라장터".into();
    let own = Selection::Custom(Box::new(own));
    let preview = PreviewState { fixture: own, ..preview };
    let filled = named("filled").unwrap();
    let fixtures = steps(Axis::Fixture, &preview, frame, &beside(filled));
    let shown = fixtures[1].preview.fixture.fixture().unwrap();
    assert_eq!(shown.request().unwrap().service.name, "보라장터");
}

#[test]
fn the_accounts_of_a_file_are_side_by_side() {
    let toml = include_str!("../../../backend/demo/services.toml");
    let users = accounts::users(&Source::new("services.toml", 0, toml));
    let fixture = services::fixture(toml, 0).unwrap();
    let preview = PreviewState {
        fixture: Selection::Custom(Box::new(fixture)),
        view: View::default(),
        theme: Theme::default(),
    };
    let beside = Beside { fixtures: Vec::new(), users };
    let shown = steps(Axis::Account, &preview, Frame::default(), &beside);
    let nickname = |step: &Step| {
        let fixture = step.preview.fixture.fixture().unwrap();
        fixture.request().unwrap().account.nickname.clone()
    };
    assert_eq!((shown.len(), nickname(&shown[2]).as_str()), (10, "두리"));
    assert_eq!(shown[2].label, "두리 (returning)");
    let none = steps(Axis::Account, &preview, Frame::default(), &Beside::default());
    assert_eq!((none.len(), &none[0].preview), (1, &preview));
}

#[test]
fn every_language_that_ships_can_be_shown() {
    use consent_contract::locale::{SHIPPED, entries};
    let shown = Language::ALL.iter().filter(|it| **it != Language::Pseudo);
    let shown: Vec<_> = shown.map(|it| (it.tag(), it.label())).collect();
    assert_eq!(shown, entries(SHIPPED).collect::<Vec<_>>());
    for language in Language::ALL {
        assert_eq!(language.localization().locale().tag(), language.tag());
    }
}

#[test]
fn values_that_no_control_offers_become_the_default() {
    let view = View { text: 60_000, scheme: ColorScheme::Dark, ..View::default() };
    assert_eq!(view.offered(), View { text: 100, ..view });
    assert_eq!(Frame { width: 0, device: Device::Plain }.offered().width, 390);
    assert_eq!(Frame { width: 320, device: Device::Plain }.offered().width, 320);
}

#[test]
fn a_preview_fits_its_stage() {
    let scaled = |frame: Frame, room| {
        let scale = Zoom::Fit.scale(frame, room);
        let bars = if frame.device == Device::Messenger { BARS } else { 0 };
        (f64::from(frame.width) * scale, f64::from(frame.height() + bars) * scale)
    };
    let rooms = [(840.0, 500.0), (840.0, 660.0), (400.0, 700.0), (1200.0, 900.0)];
    for (room, width) in rooms.into_iter().flat_map(|room| WIDTHS.map(|width| (room, width))) {
        for device in Device::ALL {
            let frame = Frame { width, device: *device };
            let edges = if frame.has_edge() { 20.0 } else { 0.0 };
            let (across, down) = scaled(frame, room);
            let fits = across + edges <= room.0 && down + edges <= room.1;
            assert!(fits, "{frame:?} in {room:?}: {across} × {down}");
        }
    }
    let phone = Frame::default();
    assert_eq!(Zoom::Fit.scale(phone, (f64::INFINITY, f64::INFINITY)), 1.0, "never larger");
    assert_eq!(Zoom::Fit.scale(phone, (800.0, 100.0)), SMALLEST, "in a low window");
    assert_eq!(Zoom::Actual.scale(phone, (300.0, 300.0)), 1.0);
}

#[test]
fn a_screen_that_is_wider_than_a_phone_has_no_edge_of_one() {
    for (width, device, has_edge) in [
        (390, Device::Phone, true),
        (1280, Device::Phone, false),
        (390, Device::Plain, false),
        (390, Device::Messenger, true),
    ] {
        assert_eq!(Frame { width, device }.has_edge(), has_edge, "{width} {device:?}");
    }
}

#[test]
fn the_bars_of_an_in_app_browser_take_from_the_height() {
    let phone = Frame { width: 390, device: Device::Phone };
    let messenger = Frame { device: Device::Messenger, ..phone };
    assert_eq!(phone.height() - messenger.height(), BARS);
}
