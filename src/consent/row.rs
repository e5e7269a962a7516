//! One item that is asked: its box, its label, and what belongs to it. The same for terms,
//! personal information and channels.

use consent_contract::{agree_all, form::field, item::ItemKey};
use leptos::prelude::{WithUntracked, untrack};

use super::{
    Machine,
    controls::FormField,
    form::hidden,
    state::{Asking, Event, Fault},
};
use crate::{
    components::{Checkbox, Child, Element, PAINTS, div, el},
    i18n::Texts,
};

/// An item to draw.
pub struct Row {
    pub key: ItemKey,
    pub required: bool,
    /// What the form says was shown; see [`consent_contract::form`].
    pub shown: String,
    /// The visible name. Text only: a link or button in a label is pressed by mistake.
    pub label: Child,
    /// Stands below the label, and is read with the box.
    pub details: Child,
    /// Stands at the end of the row.
    pub beside: Child,
}

impl Row {
    pub fn element(self, machine: Machine, texts: &'static Texts) -> Element {
        let Self { key, required, shown, label, details, beside } = self;
        let id = key.to_string();
        let part = |name: &str| [&id, name].concat();
        let (details_id, fault_id, beside_id) = (part("-details"), part("-fault"), part("-beside"));
        let fault = machine.fault_words({
            let key = key.clone();
            move |asking| fault_on(asking, &key, texts).unwrap_or_default().to_owned()
        });
        let is_wrong = fault.clone();
        let (word, word_class) = match required {
            true => (texts.required, "row__need row__need--required"),
            false => (texts.optional, "row__need"),
        };
        let drawn = FormField::Tick(key.clone());
        let checked = machine.is_ticked(&key);
        let is_ticked = untrack(&*checked);
        let checkbox = Checkbox {
            id: id.clone(),
            checked,
            mixed: None,
            // What goes to the service is heard with its box; a button beside it is no description.
            described_by: match key {
                ItemKey::Item(_) => [&*beside_id, &details_id, &fault_id].join(" "),
                _ => [&*details_id, &fault_id].join(" "),
            },
        };
        let checkbox = checkbox
            .element(move |ticked| machine.send(Event::Ticked(key.clone(), ticked)))
            .form_attr("name", field::AGREE)
            .form_attr("value", &id)
            .attr_if(PAINTS && in_agree_all(machine, required), "data-all", "")
            .attr_if(PAINTS && is_ticked, "data-ticked", "")
            .on_built(move |element| machine.drew(drawn.clone(), element))
            .live_attr("aria-invalid", move || (!is_wrong().is_empty()).then_some("true"));
        let label = el("label")
            .class("row__label")
            .attr("for", &id)
            .child(el("span").class(word_class).text(word))
            .text(" ")
            .child(label);
        let text = div("row__text")
            .child(label)
            .child(div("row__details").id(&details_id).child(details))
            .child(el("p").class("row__fault").id(&fault_id).live_text(move || fault()));
        div("row")
            .attr("data-row", "")
            .child(
                PAINTS.then(|| hidden(field::SHOWN, &shown).id(&[field::SHOWN, ":", &id].concat())),
            )
            .child(checkbox)
            .child(text)
            .child(div("row__beside").id(&beside_id).child(beside))
    }
}

/// Whether "agree to all" stands for this box, too: until the app is there, the boot script goes by
/// it.
fn in_agree_all(machine: Machine, required: bool) -> bool {
    machine.page.with_untracked(|page| {
        page.asking().is_some_and(|a| agree_all::covers(a.request.agree_all, required))
    })
}

/// The fault on the item itself, in short; one of its value stands at its input.
fn fault_on(asking: &Asking, key: &ItemKey, texts: &'static Texts) -> Option<&'static str> {
    let fault = asking.faults().iter().find(|fault| fault.key() == key)?;
    match fault {
        Fault::NotAgreed(_) => Some(texts.fault_agree),
        // Said by the row of the term, for as long as it is so.
        Fault::TextUnread(_) | Fault::Value(..) => None,
    }
}
