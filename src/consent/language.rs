//! Choosing the language, without losing anything.

use super::{Machine, state::Event};
use crate::{
    components::{Element, el},
    i18n::{self, Locale},
    platform::input,
};

pub fn view(machine: Machine, locale: Locale) -> Element {
    let options = Locale::ALL.map(|offered| {
        el("option")
            .attr("value", offered.tag())
            .attr("lang", offered.tag())
            .attr_if(offered == locale, "selected", "")
            .text(offered.name())
            .view()
    });
    let select = el("select")
        .class("language__select")
        .attr("autocomplete", "off")
        .on("change", move |event| {
            if let Some(chosen) = Locale::of(&input::chosen(&event)) {
                machine.send(Event::LocaleChosen(chosen));
            }
        })
        .children(options);
    el("label")
        .class("language")
        .child(el("span").class("visually-hidden").text(i18n::texts(locale).language))
        .child(select)
}
