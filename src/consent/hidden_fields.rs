//! The hidden fields of the form. A browser without the app sends them, and the app reads them when
//! it replaces a server-rendered page.

use consent_contract::{
    agree_all::CheckState,
    form::{self as wire, field},
};
use leptos::prelude::*;

use super::{
    ConsentForm,
    state::{FormState, Notice},
};

#[component]
pub fn HiddenFields() -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let fields = form.page.with_untracked(|page| page.form().map(fields)).unwrap_or_default();
    let field = |(name, value): (&'static str, String)| {
        let id = field_id(name, &value);
        view! { <input type="hidden" name=name value=value id=id/> }
    };
    fields.into_iter().map(field).collect_view()
}

fn fields(form: &FormState) -> Vec<(&'static str, String)> {
    let request = &form.request;
    let mut fields = vec![
        (field::CSRF_TOKEN, request.csrf_token.clone()),
        (field::LOCALE, request.locale.clone()),
        (field::PERSONAL_INFO_DIGEST, request.personal_info.digest.clone()),
    ];
    if form.answers.agree_all(request) == CheckState::Checked {
        fields.push((field::NOTICE, wire::NOTICE_AGREED_TO_ALL.to_owned()));
    }
    if !form.errors().is_empty() {
        fields.push((field::NOTICE, wire::NOTICE_INCOMPLETE.to_owned()));
    }
    match &form.notice {
        Some(Notice::Refreshed) => fields.push((field::NOTICE, wire::NOTICE_REFRESHED.to_owned())),
        Some(Notice::ChoicesRestored) => {
            fields.push((field::NOTICE, wire::NOTICE_RESTORED.to_owned()));
        }
        Some(Notice::TextChanged(keys)) => {
            let changed = |key| (field::NOTICE, format!("{}{key}", wire::NOTICE_CHANGED));
            fields.extend(keys.iter().map(changed));
        }
        Some(Notice::NotSent) | None => {}
    }
    fields
}

/// src/boot/ identifies the fields of this form by their ids.
fn field_id(name: &str, value: &str) -> String {
    match name {
        field::NOTICE => [name, ":", value].concat(),
        _ => name.replace('_', "-"),
    }
}
