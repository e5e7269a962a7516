//! The personal information that goes to the service, with what must be stated about it in plain
//! sight: recipient, purpose, retention, and the effect of refusing (rules KR-P03, KR-P12).

use std::sync::Arc;

use consent_contract::{
    form as wire,
    item::ItemKey,
    name, redirect,
    request::{Collect, ConsentRequest, PersonalInfoItem},
    value,
};
use leptos::{ev, prelude::*};

use super::{
    ConsentForm,
    controls::FormField,
    item_row::ItemRow,
    section::Section,
    state::{Event, FormError, FormState},
};
use crate::{
    browser::input::{self, control},
    components::{ProperName, UntrustedText, initial_text, non_empty, reactive_text},
    i18n::Texts,
};

#[component]
pub fn PersonalInfoSection(request: Arc<ConsentRequest>, texts: &'static Texts) -> impl IntoView {
    (!request.personal_info.items.is_empty()).then(|| {
        let policy_url = request.service.privacy_policy_url.clone();
        let items = request.personal_info.items.iter().cloned();
        let rows: Vec<_> = items.map(|item| view! { <ItemRowOf item texts/> }).collect();
        view! {
            <Section legend=texts.personal_info>
                <Facts request texts/>
                <PrivacyPolicy url=policy_url texts/>
                {rows}
            </Section>
        }
    })
}

#[component]
fn Facts(request: Arc<ConsentRequest>, texts: &'static Texts) -> impl IntoView {
    let info = &request.personal_info;
    // The right to refuse is stated with the effect of refusing (PIPA 17(2)5).
    let right_to_refuse = [texts.right_to_refuse, " ", &info.refusal_effect].concat();
    let facts = [
        (texts.recipient, &info.recipient),
        (texts.purpose, &info.purpose),
        (texts.retention, &info.retention),
        (texts.refusal_effect, &right_to_refuse),
    ];
    let facts: Vec<_> = facts
        .into_iter()
        .map(|(term, text)| view! { <dt>{term}</dt> <dd>{non_empty(name::clean(text))}</dd> })
        .collect();
    view! { <dl class="facts">{facts}</dl> }
}

#[component]
fn PrivacyPolicy(url: Option<String>, texts: &'static Texts) -> impl IntoView {
    let url = url.filter(|url| redirect::origin(url).is_ok());
    // The messenger's browser has no tabs: a new window would replace this one, or be blocked.
    let in_messenger = expect_context::<ConsentForm>().messenger().is_some();
    url.map(|url| {
        let new_window = (!in_messenger).then(|| {
            view! { <span class="visually-hidden">" " {texts.opens_new_window}</span> }
        });
        view! {
            <p class="section__aside">
                <a
                    class="link"
                    id="privacy-policy"
                    href=url
                    target=(!in_messenger).then_some("_blank")
                    rel="noopener noreferrer"
                >
                    {texts.privacy_policy}
                    {new_window}
                </a>
            </p>
        }
    })
}

#[component]
fn ItemRowOf(item: PersonalInfoItem, texts: &'static Texts) -> impl IntoView {
    let collect = item.to_collect();
    let PersonalInfoItem { id, label, required, value, may_be_empty, .. } = item;
    let is_needed = may_be_empty != Some(true);
    let key = ItemKey::Item(id);
    let details = collect.map(|kind| {
        let key = key.clone();
        view! { <ValueField key kind is_needed texts/> }.into_any()
    });
    // What is to be entered is announced before it can be: its input opens with the checkbox.
    let trailing = match (value, collect) {
        (Some(text), _) => view! { <ProperName text class="row__value"/> }.into_any(),
        (None, Some(_)) => missing("row__value row__value--missing", texts.to_enter),
        (None, None) => missing("row__value", texts.no_value),
    };
    view! {
        <ItemRow
            shown=key.to_string()
            key
            required
            details=details.unwrap_or_else(|| ().into_any())
            trailing
        >
            <UntrustedText text=label/>
        </ItemRow>
    }
    .into_any()
}

fn missing(class: &'static str, text: &'static str) -> AnyView {
    view! { <span class=class>{text}</span> }.into_any()
}

/// The field for a value that the account lacks. The style sheet shows it once its checkbox is
/// checked, with or without WebAssembly.
#[component]
fn ValueField(
    key: ItemKey,
    kind: Collect,
    is_needed: bool,
    texts: &'static Texts,
) -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let id = wire::value_field(key.name());
    let error_id = [&id, "-fault"].concat();
    let (r#type, inputmode, autocomplete) = match kind {
        // Not type=email: such a field has no readable caret position, so the caret would be lost
        // when the app is mounted.
        Collect::Email => ("text", "email", "email"),
        Collect::Phone => ("tel", "tel", "tel"),
        Collect::Name => ("text", "text", "name"),
        Collect::Birthday => ("text", "numeric", "bday"),
        Collect::Address => ("text", "text", "street-address"),
    };
    let typed = form.page.with_untracked(|page| {
        page.form().map(|form| form.answers.typed(&key).to_owned()).unwrap_or_default()
    });
    let error = form.select_form({
        let key = key.clone();
        move |form| value_error(form, &key, kind, texts).unwrap_or_default()
    });
    let on_build = form.on_build(FormField::Value(key.clone()));
    let write = move |event: &ev::Event| {
        form.dispatch(Event::ValueChanged(key.clone(), input::typed(event)));
    };
    let change = write.clone();
    view! {
        <div class="field">
            <label class="field__hint" for=id.clone()>
                {texts.collect(kind)} {(!is_needed).then(|| [" ", texts.may_be_empty].concat())}
            </label>
            // Form fillers fire one of the two events, or none; a value without an event is read
            // when the user agrees.
            <input
                class="field__input"
                id=id.clone()
                name=id
                type=r#type
                inputmode=inputmode
                autocomplete=autocomplete
                autocapitalize="off"
                spellcheck="false"
                maxlength=value::longest_typed(kind).to_string()
                value=typed
                aria-required=is_needed.then_some("true")
                aria-describedby=error_id.clone()
                aria-invalid=move || (!error.read().is_empty()).then_some("true")
                on:input=move |event| write(&event)
                on:change=move |event| change(&event)
                use:control=on_build
            />
            <p class="row__fault" id=error_id use:reactive_text=Signal::from(error)>
                {initial_text(error.into())}
            </p>
        </div>
    }
    .into_any()
}

fn value_error(form: &FormState, key: &ItemKey, kind: Collect, texts: &Texts) -> Option<String> {
    form.errors().iter().find_map(|error| match error {
        FormError::InvalidValue(of, fault) if of == key => {
            Some(texts.value_error(Some(kind), *fault, form.answers.typed(key)))
        }
        _ => None,
    })
}
