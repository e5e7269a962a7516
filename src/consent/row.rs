//! One item that is asked: its box, its label, and what belongs to it. The same for terms,
//! personal information and channels.

use std::sync::Arc;

use consent_contract::{form::field, item::ItemKey};
use leptos::prelude::*;

use super::{
    Machine,
    state::{Event, Fault},
};
use crate::{components::Checkbox, i18n::Texts};

/// What a row needs to know of its item.
pub struct Row {
    pub key: ItemKey,
    /// The item's place on the screen, over all sections.
    pub position: usize,
    pub required: bool,
    /// What the form says was shown; see [`consent_contract::form`].
    pub shown: String,
    /// Whether `details` is more than nothing.
    pub has_details: bool,
}

/// Draws a row. `label` is the visible name; `details` stand below it and are read with the box;
/// `beside` stands at the end of the row.
///
/// The label holds text only: a link or button inside it would be pressed by mistake.
pub fn view(
    machine: Machine,
    texts: &'static Texts,
    row: Row,
    label: impl IntoView + 'static,
    details: impl IntoView + 'static,
    beside: impl IntoView + 'static,
) -> impl IntoView {
    draw(machine, texts, row, label.into_any(), details.into_any(), beside.into_any())
}

fn draw(
    machine: Machine,
    texts: &'static Texts,
    row: Row,
    label: AnyView,
    details: AnyView,
    beside: AnyView,
) -> AnyView {
    let Row { key, position, required, shown, has_details } = row;
    let id = key.to_string();
    let ticked = Memo::new(move |_| {
        machine
            .page
            .with(|page| page.asking().is_some_and(|asking| asking.answers.is_ticked_at(position)))
    });
    let key = Arc::new(key);
    let fault = Memo::new({
        let key = key.clone();
        move |_| fault_on(machine, &key)
    });
    let (word, word_class) = match required {
        true => (texts.required, "row__need row__need--required"),
        false => (texts.optional, "row__need"),
    };
    let details_id = format!("{id}-details");
    let fault_id = format!("{id}-fault");
    let described_by = match has_details {
        true => format!("{details_id} {fault_id}"),
        false => fault_id.clone(),
    };
    let on_change =
        Callback::new(move |ticked| machine.send(Event::Ticked((*key).clone(), ticked)));
    view! {
        <div class="row" data-row>
            <input type="hidden" name=field::SHOWN value=shown/>
            <Checkbox
                id=id.clone()
                field=Some((field::AGREE, id.clone()))
                checked=ticked
                faulty=Signal::derive(move || fault.with(Option::is_some))
                described_by
                on_change
            />
            <div class="row__text">
                <label class="row__label" for=id>
                    <span class=word_class>{word}</span>
                    " "
                    {label}
                </label>
                <div class="row__details" id=details_id>{details}</div>
                <p class="row__fault" id=fault_id>
                    {move || fault.get().map(|fault| in_short(texts, &fault))}
                </p>
            </div>
            <div class="row__beside">{beside}</div>
        </div>
    }
    .into_any()
}

/// The fault on this item itself; one of its value stands at its input.
fn fault_on(machine: Machine, key: &ItemKey) -> Option<Fault> {
    let find = |faults: &[Fault]| {
        faults
            .iter()
            .find(|fault| fault.key() == key && !matches!(fault, Fault::Value(..)))
            .cloned()
    };
    machine.page.with(|page| page.asking().and_then(|asking| find(asking.faults())))
}

fn in_short(texts: &'static Texts, fault: &Fault) -> &'static str {
    match fault {
        Fault::TextUnread(_) => texts.text_unread,
        Fault::NotAgreed(_) | Fault::Value(..) => texts.fault_agree,
    }
}
