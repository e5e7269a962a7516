use std::sync::Arc;

use leptos::prelude::untrack;

use super::{Element, el};
use crate::platform::input;

/// A truth that follows the state.
pub type LiveTruth = Arc<dyn Fn() -> bool + Send + Sync>;

/// A native checkbox whose state is the page's state, never its own.
pub struct Checkbox {
    pub id: String,
    pub checked: LiveTruth,
    /// Neither checked nor not: for a box that stands for several.
    pub mixed: Option<LiveTruth>,
    /// Ids of elements that say more.
    pub described_by: String,
}

impl Checkbox {
    /// Draws it. The caller adds the form field, if it is one.
    pub fn element(self, on_change: impl Fn(bool) + 'static) -> Element {
        let Self { id, checked, mixed, described_by } = self;
        let (now, now_mixed) = (checked.clone(), mixed.clone());
        let change = move |event| {
            // What a script says it changed is no choice of the user.
            if input::is_by_user(&event) {
                on_change(input::is_checked(&event));
            }
            let is_mixed = now_mixed.as_ref().is_some_and(|mixed| untrack(&**mixed));
            input::set_checked(&event, untrack(&*now), is_mixed);
        };
        let element = el("input")
            .attr("type", "checkbox")
            .class("checkbox")
            .id(&id)
            .attr("autocomplete", "off")
            .attr("aria-describedby", &described_by)
            .attr_if(untrack(&*checked), "checked", "")
            .live_prop("checked", move || checked())
            .on("change", change);
        match mixed {
            Some(mixed) => element.live_prop("indeterminate", move || mixed()),
            None => element,
        }
    }
}
