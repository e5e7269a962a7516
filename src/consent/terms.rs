//! The service's terms.

use consent_contract::{
    form,
    item::ItemKey,
    name,
    request::{ConsentRequest, Term},
};
use leptos::prelude::*;

use super::{
    Machine,
    row::{self, Row},
    state::Event,
};
use crate::{
    components::{Button, Look},
    i18n::Texts,
};

pub fn view(
    machine: Machine,
    request: &ConsentRequest,
    texts: &'static Texts,
) -> impl IntoView + use<> {
    let rows: Vec<_> = request
        .terms
        .iter()
        .enumerate()
        .map(|(position, term)| one(machine, texts, position, term))
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <fieldset class="section">
                <legend class="section__title">{texts.terms}</legend>
                {rows}
            </fieldset>
        }
    })
}

fn one(
    machine: Machine,
    texts: &'static Texts,
    position: usize,
    term: &Term,
) -> impl IntoView + use<> {
    let title = name::clean(&term.title);
    let highlights = term
        .highlights
        .iter()
        .map(|highlight| view! { <li><em>{name::clean(&highlight.text)}</em></li> });
    let highlights: Vec<_> = highlights.collect();
    let unread = {
        let tag = term.tag.clone();
        Memo::new(move |_| {
            machine
                .page
                .with(|page| page.asking().is_some_and(|asking| asking.unreadable.contains(&tag)))
        })
    };
    let row = Row {
        key: ItemKey::Term(term.tag.clone()),
        position,
        required: term.required,
        shown: form::shown_term(term),
        has_details: true,
    };
    let details = view! {
        {(!highlights.is_empty()).then(|| view! { <ul class="highlights">{highlights}</ul> })}
        {move || unread.get().then(|| view! { <p class="row__fault">{texts.text_unread}</p> })}
    };
    let tag = term.tag.clone();
    let open = Callback::new(move |()| machine.send(Event::TextOpened(tag.clone())));
    let of = title.clone();
    let beside = view! {
        <Button look=Look::Quiet on_press=open>
            <span class="visually-hidden">{of}" "</span>
            {texts.open_text}
        </Button>
    };
    row::view(machine, texts, row, view! { <bdi>{title}</bdi> }, details, beside)
}
