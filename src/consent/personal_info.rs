//! The personal information that goes to the service, with what must be stated about it in plain
//! sight: recipient, purpose, retention, and the effect of refusing (rules KR-P03, KR-P12).

use std::sync::Arc;

use consent_contract::{
    form as wire,
    item::ItemKey,
    name, redirect,
    request::{Collect, ConsentRequest, PersonalInfoItem, shown_statements},
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

/// A section for each group of items with the same statements.
#[component]
pub fn PersonalInfoSection(request: Arc<ConsentRequest>, texts: &'static Texts) -> impl IntoView {
    let info = &request.personal_info;
    let mut above = None;
    let groups = info.groups().map(|items| {
        let statements = info.statements_of(&items[0]);
        group(items, statements, above.replace(statements), &request, texts)
    });
    groups.collect::<Vec<_>>()
}

/// Items with the same statements, below those that are shown.
fn group(
    items: &[PersonalInfoItem],
    statements: [&String; 4],
    above: Option<[&String; 4]>,
    request: &ConsentRequest,
    texts: &'static Texts,
) -> AnyView {
    let info = &request.personal_info;
    let shown = shown_statements(statements, info.statements_of(&info.items[0]), above);
    // The right to refuse is stated with the effect of refusing (PIPA 17(2)5).
    let right_to_refuse = [texts.right_to_refuse, statements[3]].concat();
    let terms = [texts.recipient, texts.purpose, texts.retention, texts.refusal_effect];
    let facts: Vec<_> = (0..4)
        .filter(|at| shown[*at])
        .map(|at| {
            let text = if at == 3 { &right_to_refuse } else { statements[at] };
            view! { <dt>{terms[at]}</dt> <dd>{non_empty(name::clean(text))}</dd> }
        })
        .collect();
    let url = request.service.privacy_policy_url.clone().filter(|_| above.is_none());
    let rows: Vec<_> = items.iter().map(|item| item_row(item, texts)).collect();
    view! {
        <Section legend=texts.personal_info>
            <dl class="facts">{facts}</dl>
            <PrivacyPolicy url texts/>
            {rows}
        </Section>
    }
    .into_any()
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

fn item_row(item: &PersonalInfoItem, texts: &'static Texts) -> AnyView {
    let collect = item.to_collect();
    let PersonalInfoItem { id, required, may_be_empty, .. } = item;
    let label = item.label.clone();
    let is_needed = *may_be_empty != Some(true);
    let key = ItemKey::Item(id.clone());
    let row = expect_context::<ConsentForm>().row(&key);
    let details = collect.map(|kind| {
        let key = key.clone();
        view! { <ValueField key row kind is_needed texts/> }.into_any()
    });
    // What is to be entered is announced before it can be: its input opens with the checkbox.
    let trailing = match (item.value.clone(), collect) {
        (Some(text), _) => view! { <ProperName text class="row__value"/> }.into_any(),
        (None, Some(_)) => missing("row__value row__value--missing", texts.to_enter),
        (None, None) => missing("row__value", texts.no_value),
    };
    view! {
        <ItemRow
            shown=key.to_string()
            key
            row
            required=*required
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
    row: Trigger,
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
    let error = form.select_row(row, {
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
