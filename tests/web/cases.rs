//! Every case of the gallery, mounted as its preview shows it.

use consent_contract::{channel, locale::Locale};
use consent_fixtures::{Fixture, Localization, Screen};
use consent_screen::preview;
use leptos::mount::mount_to;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use crate::mounted::settle;

/// What must be so of any state of the screen.
async fn holds_in(speech: Localization, what: &dyn Fn(&Fixture, &HtmlElement, &str)) {
    let document = web_sys::window().unwrap().document().unwrap();
    for named in consent_fixtures::all() {
        let root: HtmlElement = document.create_element("div").unwrap().unchecked_into();
        document.body().unwrap().append_child(&root).unwrap();
        let case = named.fixture.clone();
        let handle = mount_to(root.clone(), move || preview::view(&case, speech));
        settle().await;
        what(&named.fixture, &root, &named.name);
        drop(handle);
        root.remove();
    }
    consent_screen::i18n::pseudo::turn(false);
}

fn count(root: &HtmlElement, selector: &str) -> u32 {
    root.query_selector_all(selector).unwrap().length()
}

#[wasm_bindgen_test]
async fn every_case_has_one_heading_and_every_control_a_name() {
    holds_in(Localization::In(Locale::KO), &|_, root, name| {
        // The welcome has the page behind it, for an attempt that comes to nothing.
        assert_eq!(count(root, "h1:not([hidden] *)"), 1, "{name}");
        assert_eq!(count(root, "main"), 1, "{name}");
        assert_eq!(count(root, "button:empty:not([aria-hidden]), a:empty"), 0, "{name}");
        let ids: Vec<String> = {
            let all = root.query_selector_all("input[id]:not([type=hidden])").unwrap();
            let id = |at| all.item(at).unwrap().unchecked_into::<web_sys::Element>().id();
            (0..all.length()).map(id).collect()
        };
        for id in ids {
            assert_eq!(count(root, &format!("label[for='{id}']")), 1, "{name}: {id}");
        }
    })
    .await;
}

/// As many rows as the request has terms, items and channels that are offered.
#[wasm_bindgen_test]
async fn every_case_asks_what_its_request_says() {
    holds_in(Localization::In(Locale::KO), &|case, root, name| {
        let consent = match &case.screen {
            Screen::Consent(consent) => consent,
            // Recorded as it is.
            Screen::ServerPage(_) => return,
            _ => return assert_eq!(count(root, "[data-row]"), 0, "{name}"),
        };
        let request = &consent.request;
        let rows = request.terms.len()
            + request.personal_info.items.len()
            + channel::offered(request).len();
        assert_eq!(count(root, "[data-row] input[type=checkbox]") as usize, rows, "{name}");
    })
    .await;
}

#[wasm_bindgen_test]
async fn every_case_is_shown_in_the_pseudo_locale_whole() {
    holds_in(Localization::Pseudo, &|case, root, name| {
        // A server has no pseudo-locale.
        if matches!(case.screen, Screen::ServerPage(_)) {
            return;
        }
        let heading = root.query_selector("h1").unwrap().unwrap();
        let heading = heading.text_content().unwrap_or_default();
        assert!(heading.starts_with('['), "{name}: {heading}");
    })
    .await;
}
