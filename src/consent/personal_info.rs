//! The personal information that goes to the service, with what must be said about it in plain
//! sight: recipient, purpose, retention, and what refusing means (rules KR-P03, KR-P12).

use consent_contract::{
    form,
    item::ItemKey,
    name, redirect,
    request::{Collect, ConsentRequest, PersonalInfoItem},
    value,
};
use leptos::prelude::*;

use super::{
    Machine,
    row::{self, Row},
    state::{Event, Fault},
};
use crate::i18n::Texts;

pub fn view(
    machine: Machine,
    request: &ConsentRequest,
    texts: &'static Texts,
) -> impl IntoView + use<> {
    let info = &request.personal_info;
    let first = request.terms.len();
    let rows: Vec<_> = info
        .items
        .iter()
        .enumerate()
        .map(|(at, item)| one(machine, texts, first + at, item))
        .collect();
    let fact =
        |term: &'static str, text: &str| view! { <dt>{term}</dt><dd>{name::clean(text)}</dd> };
    let policy =
        request.service.privacy_policy_url.clone().filter(|url| redirect::origin(url).is_ok());
    let facts = view! {
        <dl class="facts">
            {fact(texts.recipient, &info.recipient)}
            {fact(texts.purpose, &info.purpose)}
            {fact(texts.retention, &info.retention)}
            {fact(texts.refusal_effect, &info.refusal_effect)}
        </dl>
        {policy.map(|url| view! {
            <p class="section__aside">
                <a class="link" href=url target="_blank" rel="noopener noreferrer">
                    {texts.privacy_policy}
                    <span class="visually-hidden">" "{texts.opens_new_window}</span>
                </a>
            </p>
        })}
    };
    (!rows.is_empty()).then(|| {
        view! {
            <fieldset class="section">
                <legend class="section__title">{texts.personal_info}</legend>
                {facts}
                {rows}
            </fieldset>
        }
    })
}

fn one(
    machine: Machine,
    texts: &'static Texts,
    position: usize,
    item: &PersonalInfoItem,
) -> impl IntoView + use<> {
    let key = ItemKey::Item(item.id.clone());
    let collect = item.to_collect();
    let row = Row {
        key: key.clone(),
        position,
        required: item.required,
        shown: key.to_string(),
        has_details: false,
    };
    let details = collect.map(|kind| input(machine, texts, key, kind));
    let beside = match (&item.value, collect) {
        (Some(value), _) => Some(
            view! { <span class="row__value"><bdi>{name::clean(value)}</bdi></span> }.into_any(),
        ),
        (None, None) => Some(view! { <span class="row__value">{texts.no_value}</span> }.into_any()),
        (None, Some(_)) => None,
    };
    row::view(machine, texts, row, view! { <bdi>{name::clean(&item.label)}</bdi> }, details, beside)
}

/// The input for a value that the account lacks. The style sheet shows it once its box is ticked,
/// with or without WebAssembly.
fn input(machine: Machine, texts: &'static Texts, key: ItemKey, kind: Collect) -> impl IntoView {
    let id = form::value_field(key.name());
    let hint_id = format!("{id}-hint");
    let fault_id = format!("{id}-fault");
    let (r#type, inputmode, autocomplete) = match kind {
        Collect::Email => ("email", "email", "email"),
        Collect::Phone => ("tel", "tel", "tel"),
        Collect::Name => ("text", "text", "name"),
        Collect::Birthday => ("text", "numeric", "bday"),
        Collect::Address => ("text", "text", "street-address"),
    };
    let typed = machine.page.with_untracked(|page| {
        page.asking()
            .map(|asking| asking.answers.typed(&asking.request, &key).to_owned())
            .unwrap_or_default()
    });
    let fault = Memo::new({
        let key = key.clone();
        move |_| {
            machine.page.with(|page| {
                page.asking()?.faults().iter().find_map(|fault| match fault {
                    Fault::Value(on, fault) if *on == key => Some(*fault),
                    _ => None,
                })
            })
        }
    });
    view! {
        <div class="field">
            <label class="field__hint" id=hint_id for=id.clone()>{texts.collect(kind)}</label>
            <input
                class="field__input"
                id=id.clone()
                name=id
                type=r#type
                inputmode=inputmode
                autocomplete=autocomplete
                autocapitalize="off"
                spellcheck="false"
                maxlength=value::longest(kind).to_string()
                value=typed.clone()
                prop:value=typed
                aria-required="true"
                aria-invalid=move || fault.get().map(|_| "true")
                aria-describedby=fault_id.clone()
                on:input=move |event| machine.send(Event::Wrote(key.clone(), event_target_value(&event)))
            />
            <p class="row__fault" id=fault_id>
                {move || fault.get().map(|fault| texts.value_fault(Some(kind), fault))}
            </p>
        </div>
    }
}
