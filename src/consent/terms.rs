//! The service's terms.

use consent_contract::{
    form as wire,
    item::ItemKey,
    name,
    request::{Highlight, Term},
};
use leptos::prelude::*;

use super::{
    ConsentForm, item_row::ItemRow, section::Section, state::Event, submit_button::SubmitButton,
};
use crate::{
    components::{UntrustedText, Variant, non_empty},
    i18n::Texts,
};

#[component]
pub fn Terms(terms: Vec<Term>, texts: &'static Texts) -> impl IntoView {
    (!terms.is_empty()).then(|| {
        let rows: Vec<_> = terms.into_iter().map(|term| view! { <TermRow term texts/> }).collect();
        view! { <Section legend=texts.terms>{rows}</Section> }
    })
}

#[component]
fn TermRow(term: Term, texts: &'static Texts) -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let shown = wire::shown_term(&term);
    let Term { tag, title, required, highlights, .. } = term;
    let clean_title = name::clean(&title);
    let key = ItemKey::Term(tag.clone());
    let action = [wire::READ_PREFIX, &tag].concat();
    let row = form.row(&key);
    let unreadable = form.select_row(row, {
        let tag = tag.clone();
        move |form| form.unreadable.contains(&tag)
    });
    let details = view! {
        <div>
            <Highlights highlights/>
            <Show when=move || unreadable.get()>
                <p class="row__fault">{texts.text_unread}</p>
            </Show>
        </div>
    };
    let open = Callback::new(move |()| form.dispatch(Event::TextOpened(tag.clone())));
    let trailing = view! {
        <SubmitButton variant=Variant::Link action on_click=open>
            <span class="visually-hidden">{non_empty(clean_title)} " "</span>
            {texts.open_text}
        </SubmitButton>
    };
    view! {
        <ItemRow key row required shown details=details.into_any() trailing=trailing.into_any()>
            <UntrustedText text=title/>
        </ItemRow>
    }
    .into_any()
}

#[component]
fn Highlights(highlights: Vec<Highlight>) -> impl IntoView {
    (!highlights.is_empty()).then(|| {
        let items: Vec<_> = highlights
            .into_iter()
            .map(|it| view! { <li><em>{non_empty(name::clean(&it.text))}</em></li> })
            .collect();
        view! { <ul class="highlights">{items}</ul> }
    })
}
