//! Live regions: what they announce by themselves.

use std::cell::RefCell;

use web_sys::Element;

use super::name;
use crate::{
    message::FromPreview,
    preview::{dom::elements, post},
    utterance::{Announcement, Politeness},
};

/// WAI-ARIA 1.2: `status` is polite and `alert` assertive, unless `aria-live` differs.
const REGIONS: &str = "[role=status], [role=alert], [aria-live]";

thread_local! {
    /// The regions of the page, and what was in each.
    static BEFORE: RefCell<Vec<(Element, String)>> = const { RefCell::new(Vec::new()) };
}

/// What is there already is not announced.
pub fn remember() {
    BEFORE.set(now());
}

/// Sends what has come since. What goes is not announced.
pub fn report() {
    let now = now();
    BEFORE.with_borrow_mut(|before| {
        for (region, text) in &now {
            let was = before.iter().find(|(it, _)| it == region).map(|(_, text)| &**text);
            if !text.is_empty()
                && was != Some(text)
                && let Some(politeness) = politeness(region)
            {
                let announcement = Announcement { politeness, text: text.clone() };
                post(&FromPreview::Announced(announcement));
            }
        }
        *before = now;
    });
}

fn now() -> Vec<(Element, String)> {
    let all = elements(REGIONS).into_iter().filter(name::is_exposed);
    all.map(|region| {
        let text = name::content(&region);
        (region, text)
    })
    .collect()
}

fn politeness(region: &Element) -> Option<Politeness> {
    match region.get_attribute("aria-live").as_deref() {
        Some("polite") => Some(Politeness::Polite),
        Some("assertive") => Some(Politeness::Assertive),
        Some("off") => None,
        _ if region.get_attribute("role").as_deref() == Some("alert") => {
            Some(Politeness::Assertive)
        }
        _ => Some(Politeness::Polite),
    }
}
