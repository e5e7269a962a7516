//! The service's terms.

use consent_contract::{
    form,
    item::ItemKey,
    name,
    request::{ConsentRequest, Term},
};

use super::{Machine, form::press, isolated, row::Row, state::Event};
use crate::{
    components::{Element, Look, el, live},
    i18n::Texts,
};

pub fn view(machine: Machine, request: &ConsentRequest, texts: &'static Texts) -> Option<Element> {
    let row = |term| row(texts, machine, term).element(machine, texts).view();
    section(texts.terms, request.terms.iter().map(row).collect())
}

/// A group of rows with a legend; nothing, when it would be empty.
pub fn section(legend: &'static str, rows: Vec<leptos::prelude::AnyView>) -> Option<Element> {
    (!rows.is_empty()).then(|| {
        el("fieldset")
            .class("section")
            .child(el("legend").class("section__title").text(legend))
            .children(rows)
    })
}

fn row(texts: &'static Texts, machine: Machine, term: &Term) -> Row {
    let highlights = term
        .highlights
        .iter()
        .map(|highlight| el("li").child(el("em").text(&name::clean(&highlight.text))).view());
    let highlights =
        (!term.highlights.is_empty()).then(|| el("ul").class("highlights").children(highlights));
    let unread = machine.fault_words({
        let tag = term.tag.clone();
        move |asking| match asking.unreadable.contains(&tag) {
            true => texts.text_unread.to_owned(),
            false => String::new(),
        }
    });
    let unread = live(move || {
        let words = unread();
        (!words.is_empty()).then(|| el("p").class("row__fault").text(&words))
    });
    let open = {
        let tag = term.tag.clone();
        let asks_for = [form::READ_PREFIX, &tag].concat();
        press(Look::Quiet, &asks_for, move || machine.send(Event::TextOpened(tag.clone())))
            .child(el("span").class("visually-hidden").text(&name::clean(&term.title)).text(" "))
            .text(texts.open_text)
    };
    Row {
        key: ItemKey::Term(term.tag.clone()),
        required: term.required,
        shown: form::shown_term(term),
        label: isolated(&term.title).into(),
        details: el("div").child(highlights).child(unread).into(),
        beside: open.into(),
    }
}
