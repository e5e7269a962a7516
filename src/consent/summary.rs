//! What is in the way, named and linked, above everything else once the person has pressed agree.

use consent_contract::{form, item::ItemKey, name, request::ConsentRequest, value::ValueFault};
use leptos::prelude::*;

use super::{
    Machine,
    machine::SUMMARY_ID,
    state::{Asking, Fault},
};
use crate::{
    i18n::{Texts, fill},
    platform::focus,
};

const TITLE_ID: &str = "summary-title";

pub fn view(machine: Machine, texts: &'static Texts) -> impl IntoView {
    let lines = Memo::new(move |_| {
        machine
            .page
            .with(|page| page.asking().map(|asking| lines(asking, texts)).unwrap_or_default())
    });
    move || {
        let lines = lines.get();
        // The role stands on a child: the box itself takes the focus, and a focused alert is read
        // twice by some screen readers and not at all by others.
        (!lines.is_empty()).then(|| {
            view! {
                <div class="summary" id=SUMMARY_ID tabindex="-1" aria-labelledby=TITLE_ID>
                    <div role="alert">
                        <h2 class="summary__title" id=TITLE_ID>{texts.summary_title}</h2>
                        <ul class="summary__list">
                            {lines.into_iter().map(|line| one(line)).collect_view()}
                        </ul>
                    </div>
                </div>
            }
        })
    }
}

fn one(line: Line) -> impl IntoView {
    let target = line.target.clone();
    let go = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        focus::now(&target);
    };
    view! { <li><a class="link" href=format!("#{}", line.target) on:click=go>{line.text}</a></li> }
}

/// A fault in words, and the id of the control that mends it.
#[derive(Debug, Clone, PartialEq, Eq)]
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

fn value_words(
    asking: &Asking,
    texts: &'static Texts,
    key: &ItemKey,
    fault: ValueFault,
) -> &'static str {
    let item = asking.request.personal_info.items.iter().find(|item| item.id == key.name());
    texts.value_fault(item.and_then(|item| item.collect), fault)
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
