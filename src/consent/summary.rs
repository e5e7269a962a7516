//! The error summary: every error, with a link to its field, above the form once the user has
//! clicked agree.

use consent_contract::{form as wire, item::ItemKey, name, request::ConsentRequest};
use leptos::{ev, prelude::*};

use super::{
    ConsentForm,
    ids::SUMMARY,
    state::{FormError, FormState},
};
use crate::{browser::focus, components::Keyed, i18n::Texts};

const TITLE_ID: &str = "summary-title";

#[component]
pub fn ErrorSummary(texts: &'static Texts) -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let lines = form.select_form(move |state| {
        let own = guardian_lines(form).into_iter();
        lines(state, texts).into_iter().chain(own).collect::<Vec<_>>()
    });
    let is_shown = form
        .select_form(move |state| !state.errors().is_empty() || !guardian_lines(form).is_empty());
    let list = |lines: Vec<Line>| {
        let items: Vec<_> = lines.into_iter().map(|line| view! { <SummaryItem line/> }).collect();
        view! { <ul class="summary__list">{items}</ul> }.into_any()
    };
    let list = Callback::new(list);
    move || {
        is_shown.get().then(|| {
            view! {
                // The role is on a child: the box itself takes the focus, and some screen readers
                // read a focused alert twice, others not at all.
                <div
                    class="summary"
                    id=SUMMARY
                    autofocus
                    tabindex="-1"
                    role="group"
                    aria-labelledby=TITLE_ID
                >
                    <div role="alert">
                        <h2 class="summary__title" id=TITLE_ID>{texts.summary_title}</h2>
                        <Keyed key=lines view=list/>
                    </div>
                </div>
            }
        })
    }
}

#[component]
fn SummaryItem(line: Line) -> impl IntoView {
    let Line { text, target } = line;
    let id = ["to:", &target].concat();
    let href = ["#", &target].concat();
    let click = move |event: ev::MouseEvent| {
        event.prevent_default();
        focus::now(&target);
    };
    view! { <li><a class="link" id=id href=href on:click=click>{text}</a></li> }
}

/// The text of an error, and the id of its field.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    text: String,
    target: String,
}

fn lines(form: &FormState, texts: &Texts) -> Vec<Line> {
    let line = |error: &FormError| {
        let label = name::clean(label(&form.request, error.key()));
        let line =
            |error: &str, target| Line { text: [&*label, texts.colon, error].concat(), target };
        match error {
            FormError::NotAgreed(key) => line(texts.error_agree, key.to_string()),
            FormError::TextUnread(key) => line(texts.error_text_unread, key.to_string()),
            FormError::InvalidValue(key, fault) => {
                let items = &form.request.personal_info.items;
                let item = items.iter().find(|item| item.id == key.name());
                let kind = item.and_then(|item| item.collect);
                let error = texts.value_error(kind, *fault, form.answers.typed(key));
                line(&error, wire::value_field(key.name()))
            }
        }
    };
    form.errors().iter().map(line).collect()
}

/// The errors in what only a guardian has on the form.
#[cfg(feature = "ssr")]
fn guardian_lines(form: ConsentForm) -> Vec<Line> {
    let errors = form.guardian().map(|fields| fields.errors(form.locale())).unwrap_or_default();
    let line = |(target, text): (&str, &str)| Line { text: text.into(), target: target.into() };
    errors.into_iter().map(line).collect()
}

/// None: a guardian's form is server-rendered.
#[cfg(not(feature = "ssr"))]
fn guardian_lines(_: ConsentForm) -> [Line; 0] {
    []
}

/// The name of the item on the screen.
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
