//! What is in the way, named and linked, above everything else once the person has pressed agree.

use consent_contract::{form, item::ItemKey, name, request::ConsentRequest, value::ValueFault};
use leptos::prelude::{AnyView, Get, WithUntracked};

use super::{
    Machine,
    machine::SUMMARY_ID,
    state::{Asking, Fault, Page},
};
use crate::{
    components::{Element, div, el, live},
    i18n::{Texts, fill},
    platform::focus,
};

const TITLE_ID: &str = "summary-title";

pub fn view(machine: Machine, texts: &'static Texts) -> AnyView {
    let lines = move |page: &Page| page.asking().map(|a| lines(a, texts)).unwrap_or_default();
    let said = machine.words(move |page| lines(page).into_iter().map(|line| line.text).collect());
    live(move || {
        if said.get().is_empty() {
            return None;
        }
        let lines = machine.page.with_untracked(lines);
        let items = lines.into_iter().map(|line| item(line).view());
        // The role stands on a child: the box itself takes the focus, and a focused alert is read
        // twice by some screen readers and not at all by others.
        let alert = el("div")
            .attr("role", "alert")
            .child(el("h2").class("summary__title").id(TITLE_ID).text(texts.summary_title))
            .child(el("ul").class("summary__list").children(items));
        let summary = div("summary")
            .id(SUMMARY_ID)
            .form_attr("autofocus", "")
            .attr("tabindex", "-1")
            .attr("role", "group")
            .attr("aria-labelledby", TITLE_ID)
            .child(alert);
        Some(summary)
    })
}

fn item(line: Line) -> Element {
    let Line { text, target } = line;
    let link = el("a")
        .class("link")
        .id(&["to:", &target].concat())
        .attr("href", &format!("#{target}"))
        .text(&text)
        .on("click", move |event| {
            event.prevent_default();
            focus::now(&target);
        });
    el("li").child(link)
}

/// A fault in words, and the id of the control that mends it.
struct Line {
    text: String,
    target: String,
}

fn lines(asking: &Asking, texts: &'static Texts) -> Vec<Line> {
    let line = |fault: &Fault| {
        let label = name::clean(label(&asking.request, fault.key()));
        match fault {
            Fault::NotAgreed(key) => {
                Line { text: fill(texts.fault_not_agreed, &label), target: key.to_string() }
            }
            Fault::TextUnread(key) => {
                Line { text: fill(texts.fault_text_unread, &label), target: key.to_string() }
            }
            Fault::Value(key, fault) => Line {
                text: format!("{label}: {}", value_words(asking, texts, key, *fault)),
                target: form::value_field(key.name()),
            },
        }
    };
    asking.faults().iter().map(line).collect()
}

fn value_words(asking: &Asking, texts: &Texts, key: &ItemKey, fault: ValueFault) -> String {
    let item = asking.request.personal_info.items.iter().find(|item| item.id == key.name());
    let typed = asking.answers.typed(&asking.request, key);
    texts.value_fault(item.and_then(|item| item.collect), fault, typed)
}

/// What the person knows the item as.
pub fn label<'a>(request: &'a ConsentRequest, key: &'a ItemKey) -> &'a str {
    let found = match key {
        ItemKey::Term(tag) => request.terms.iter().find(|t| t.tag == *tag).map(|t| &t.title),
        ItemKey::Item(id) => {
            request.personal_info.items.iter().find(|i| i.id == *id).map(|i| &i.label)
        }
        ItemKey::Channel(id) => {
            request.channels.iter().find(|c| c.public_id == *id).map(|c| &c.name)
        }
    };
    found.map_or(key.name(), String::as_str)
}
