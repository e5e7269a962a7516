//! Brings into view what a field of the studio's form changes.

use consent_fixtures::Fixture;
use web_sys::Element;

use super::dom::elements;

/// The attribute of what is edited: the style sheet outlines it.
const MARK: &str = "data-edited";

/// Marks what a place in the fixture is drawn as, and scrolls to it unless it is in view.
pub fn show(fixture: &Fixture, at: &str) {
    for element in elements(&format!("[{MARK}]")) {
        drop(element.remove_attribute(MARK));
    }
    let drawn = selector(fixture, at).and_then(|it| elements(&it).into_iter().next());
    let Some(element) = drawn else { return };
    let row = element.closest(".row").ok().flatten().unwrap_or(element);
    drop(row.set_attribute(MARK, ""));
    scroll_to(&row);
}

/// The selector of what a place is drawn as, a JSON Pointer into the fixture. None for what is not drawn
/// at one place.
fn selector(fixture: &Fixture, at: &str) -> Option<String> {
    let parts: Vec<&str> = at.split('/').skip(1).collect();
    let request = fixture.request();
    let with_id = |kind: &str, name: &str| Some(format!("[id='{kind}:{name}']"));
    match parts[..] {
        ["request", "terms", index, ..] => {
            with_id("term", &request?.terms.get(index.parse::<usize>().ok()?)?.tag)
        }
        ["documents", tag, ..] => {
            let term = request?.terms.iter().find(|it| it.tag == tag)?;
            with_id("term", &term.tag)
        }
        ["request", "personal_info", "items", index, ..] => {
            let items = &request?.personal_info.items;
            with_id("item", &items.get(index.parse::<usize>().ok()?)?.id)
        }
        ["request", "channels", index, ..] => {
            with_id("channel", &request?.channels.get(index.parse::<usize>().ok()?)?.public_id)
        }
        ["request", "personal_info", ..] => Some(".facts".into()),
        ["request", "agree_all"] => Some(".agree-all".into()),
        ["request", "service", ..] => Some(".service".into()),
        ["request", "account", ..] => Some(".account".into()),
        ["request", "already_agreed", ..] => Some("#already-agreed".into()),
        _ => None,
    }
}

/// Brings an element into view. Scrolls this window only: `scrollIntoView` would scroll the studio around it,
/// too.
pub fn scroll_to(element: &Element) {
    let Some(window) = web_sys::window() else { return };
    let height = window.inner_height().ok().and_then(|it| it.as_f64()).unwrap_or_default();
    let actions =
        elements(".actions").first().map_or(0.0, |it| it.get_bounding_client_rect().top());
    // The buttons may be stuck to the bottom, over what is there.
    let bottom = if actions > 0.0 { actions.min(height) } else { height };
    let place = element.get_bounding_client_rect();
    if place.top() < 0.0 || place.bottom() > bottom {
        let scrolled = window.scroll_y().unwrap_or_default();
        let above = ((bottom - place.height()) / 2.0).max(16.0);
        window.scroll_to_with_x_and_y(0.0, scrolled + place.top() - above);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_leads_to_what_it_changes() {
        let fixture = &consent_fixtures::named("sign-up").unwrap().fixture;
        for (at, expected) in [
            ("/request/terms/2/title", "[id='term:marketing']"),
            ("/request/terms/2/highlights/0/text", "[id='term:marketing']"),
            ("/documents/privacy", "[id='term:privacy']"),
            ("/request/personal_info/items/1/label", "[id='item:account_email']"),
            ("/request/personal_info/purpose", ".facts"),
            ("/request/channels/0/name", "[id='channel:_hanok']"),
            ("/request/service/name", ".service"),
        ] {
            assert_eq!(selector(fixture, at).as_deref(), Some(expected), "{at}");
        }
        for at in ["", "/title", "/request/terms/9/title", "/documents/'] *", "/request/purpose"] {
            assert_eq!(selector(fixture, at), None, "{at}");
        }
    }
}
