use leptos::prelude::{Get, GetUntracked, Memo};

use super::{Element, el};
use crate::platform::input;

/// A native checkbox whose state is the page's state, never its own.
pub struct Checkbox {
    pub id: String,
    pub checked: Memo<bool>,
    /// Neither checked nor not: for a box that stands for several.
    pub mixed: Option<Memo<bool>>,
    /// Ids of elements that say more.
    pub described_by: String,
}

impl Checkbox {
    /// Draws it. The caller adds the form field, if it is one.
    pub fn element(self, on_change: impl Fn(bool) + 'static) -> Element {
        let Self { id, checked, mixed, described_by } = self;
        let is_mixed = move || mixed.is_some_and(|mixed| mixed.get_untracked());
        let change = move |event| {
            on_change(input::is_checked(&event));
            input::set_checked(&event, checked.get_untracked(), is_mixed());
        };
        let element = el("input")
            .attr("type", "checkbox")
            .class("checkbox")
            .id(&id)
            .attr("autocomplete", "off")
            .attr("aria-describedby", &described_by)
            .attr_if(checked.get_untracked(), "checked", "")
            .live_prop("checked", move || checked.get())
            .on("change", change);
        match mixed {
            Some(mixed) => element.live_prop("indeterminate", move || mixed.get()),
            None => element,
        }
    }
}
