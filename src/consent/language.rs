//! Choosing the language, without losing anything.

use consent_contract::form::{SHOW, field};

use super::{
    Machine,
    form::{CONSENT_FORM, press},
    machine::LANGUAGE_ID,
    state::Event,
};
use crate::{
    components::{Element, Look, PAINTS, el},
    i18n::{self, Locale},
    platform::input,
};

pub fn view(machine: Machine, locale: Locale) -> Element {
    let options = Locale::ALL.map(|offered| {
        el("option")
            .attr("value", offered.tag())
            .attr("lang", offered.tag())
            .attr("translate", "no")
            .attr_if(offered == locale, "selected", "")
            .text(offered.name())
            .view()
    });
    let select = el("select")
        .id(LANGUAGE_ID)
        .class("language__select")
        .attr("autocomplete", "off")
        .on("change", move |event| {
            if let Some(chosen) = Locale::of(&input::chosen(&event)) {
                machine.send(Event::LocaleChosen(chosen));
            }
        })
        .form_attr("name", field::LANGUAGE)
        .form_attr("form", CONSENT_FORM)
        .children(options);
    el("label")
        .class("language")
        .child(el("span").class("visually-hidden").text(i18n::texts(locale).language))
        .child(select)
}

/// Without a script, choosing does nothing by itself.
pub fn by_hand(locale: Locale) -> Option<Element> {
    PAINTS.then(|| {
        press(Look::Quiet, SHOW, || {})
            .attr("form", CONSENT_FORM)
            .attr("data-by-hand", "")
            .text(i18n::texts(locale).language)
    })
}
