use super::*;
use crate::storyboard::adapted::{SIGN_UP, sign_up_of};
use consent_contract::locale::Locale;

const KOREAN: Localization = Localization::In(Locale::KO);

fn demo() -> Fixture {
    sign_up_of(&named(SIGN_UP).unwrap().fixture)
}

fn board(sign_up: &Fixture) -> Board {
    Board::new(sign_up, sign_up, KOREAN)
}

/// A service with one term that cannot be read, and nothing else.
fn bare() -> Fixture {
    let mut fixture = demo();
    let Screen::Consent(consent) = &mut fixture.screen else { panic!("it asks") };
    consent.request.service.name = "보라장터".into();
    consent.request.terms.truncate(1);
    consent.request.personal_info.items.clear();
    consent.documents.clear();
    fixture
}

#[test]
fn the_demo_has_every_state_in_the_order_of_the_storyboard() {
    let board = board(&demo());
    let names: Vec<_> = board.cards().map(|it| it.name).collect();
    let steps: Vec<_> = storyboard::storyboard().steps().map(|it| &*it.fixture).collect();
    assert_eq!(names, steps);
    let numbers: Vec<_> = board.cards().map(|it| it.number).collect();
    assert_eq!(numbers, (1..=names.len()).collect::<Vec<_>>());
    for card in board.cards() {
        // So that its address is short.
        assert_eq!(card.selection(&card.edited), Selection::Gallery(card.name.into()));
        assert!(!card.is_sample, "{}", card.name);
    }
}

/// At a printing, every state has a frame, and so an instance of WebAssembly: a tab of Chromium has room
/// for about a hundred.
#[test]
fn a_tab_has_room_for_all_frames() {
    assert!(board(&demo()).cards().count() <= 60);
}

#[test]
fn each_edge_is_shown_once_and_leads_to_a_state_of_the_board() {
    for board in [board(&demo()), board(&bare())] {
        let names: Vec<_> = board.cards().map(|it| it.name).collect();
        let mut shown = Vec::new();
        for card in board.cards() {
            shown.extend(card.entry.iter().map(|it| (it.from.name, card.name)));
            let exits = card.exits.iter().map(|it| it.to.as_ref().map_or(SERVICE, |to| to.name));
            shown.extend(exits.map(|to| (card.name, to)));
        }
        let mut edges: Vec<(&str, &str)> = storyboard::storyboard()
            .steps()
            .flat_map(|step| step.to.iter().map(|edge| (&*step.fixture, &*edge.to)))
            .filter(|(from, to)| names.contains(from) && (names.contains(to) || *to == SERVICE))
            .collect();
        shown.sort_unstable();
        edges.sort_unstable();
        assert_eq!(shown, edges);
    }
}

#[test]
fn a_way_is_drawn_where_the_states_are_beside_each_other() {
    let board = board(&demo());
    let entry = |name: &str| {
        let card = board.cards().find(|it| it.name == name).unwrap();
        card.entry.as_ref().map(|it| (it.from.name, it.when, it.way))
    };
    assert_eq!(entry("auto-login-sign-up"), None);
    assert_eq!(entry("loading"), Some(("auto-login-sign-up", "signs up", Way::Along)));
    assert_eq!(entry("loading-slow"), Some(("loading", "waits for 0.4 seconds", Way::Down)));
    assert_eq!(entry("text-unread"), Some(("text-failed", "agrees without it", Way::Down)));
    assert_eq!(entry("submitting"), Some(("filled", "agrees", Way::Far)));
    assert_eq!(entry("under-age"), Some(("loading", "is too young", Way::Far)));
}

/// A state that a service does not have takes its edges with it, and its branches move up.
#[test]
fn a_service_with_fewer_states_has_a_reason_for_each() {
    let (whole, bare) = (board(&demo()), board(&bare()));
    let (all, few) = (whole.cards().count(), bare.cards().count());
    assert_eq!(bare.left_out.len() - whole.left_out.len(), all - few);
    assert!(all - few >= 4, "{few} of {all}");
    assert!(bare.left_out.iter().all(|it| it.reason.ends_with('.')), "{:?}", bare.left_out);
    let titles = |it: &Board| it.chapters.iter().map(|it| it.title).collect::<Vec<_>>();
    assert_eq!(titles(&whole), titles(&bare));
    // Pages of the account list what a user of the demo agreed to.
    let samples: Vec<_> = bare.cards().filter(|it| it.is_sample).map(|it| it.chapter).collect();
    assert!(samples.len() > 5 && samples.iter().all(|it| *it == "The account"), "{samples:?}");
}

#[test]
fn each_text_is_printed_with_the_first_state_that_shows_it() {
    for localization in [KOREAN, Localization::In(Locale::EN)] {
        let board = Board::new(&demo(), &demo(), localization);
        let sign_up = board.cards().find(|it| it.name == "sign-up").unwrap();
        assert_eq!(sign_up.terms.len(), 3);
        for card in board.cards() {
            for term in &card.terms {
                assert!(term.first <= card.number, "{}", card.name);
                let first = board.cards().find(|it| it.number == term.first).unwrap();
                assert!(first.terms.contains(term), "{}: {}", card.name, term.title);
            }
        }
        assert!(sign_up.terms.iter().all(|it| it.first == sign_up.number));
        let submitting = board.cards().find(|it| it.name == "submitting").unwrap();
        assert_eq!(submitting.terms, sign_up.terms);
        assert_eq!(submitting.versions(), ["2026-11-01"]);
    }
}

/// A draft of a file is shown in another language than it is edited in.
#[test]
fn a_card_shows_one_language_and_leads_to_what_is_edited() {
    let edited = bare();
    let mut shown = bare();
    let Screen::Consent(consent) = &mut shown.screen else { panic!("it asks") };
    consent.request.terms[0].title = "Terms".into();
    let board = Board::new(&shown, &edited, KOREAN);
    let card = board.cards().find(|it| it.name == "filled").unwrap();
    assert_eq!(card.terms[0].title, "Terms");
    assert_eq!(card.shown.request().unwrap().terms[0].title, "Terms");
    assert_eq!(card.edited.request().unwrap().terms[0].title, "이용약관");
}
