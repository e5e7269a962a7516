//! The message above the form.

use consent_contract::name;
use leptos::prelude::*;

use super::{
    ConsentForm,
    ids::{NOTICE, NOTICE_TEXT},
    state::{FormState, Notice},
    summary::label,
};
use crate::{
    components::{Alert, AlertVariant, initial_text, reactive_text},
    i18n::{Texts, fill},
};

#[component]
pub fn FormNotice(texts: &'static Texts) -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let text = form.select_form(move |form| message(form, texts).unwrap_or_default());
    let is_shown = form.select_form(move |form| message(form, texts).is_some());
    move || {
        is_shown.get().then(|| {
            view! {
                // The name is announced when the message takes the focus.
                <div
                    class="consent__notice"
                    id=NOTICE
                    autofocus
                    tabindex="-1"
                    role="group"
                    aria-labelledby=NOTICE_TEXT
                >
                    <Alert variant=AlertVariant::Warning>
                        <p id=NOTICE_TEXT use:reactive_text=Signal::from(text)>{initial_text(text.into())}</p>
                    </Alert>
                </div>
            }
        })
    }
}

fn message(form: &FormState, texts: &Texts) -> Option<String> {
    Some(match form.notice.as_ref()? {
        Notice::TextChanged(keys) => {
            let label = |key| name::clean(label(&form.request, key));
            let labels: Vec<_> = keys.iter().map(label).collect();
            fill(texts.text_changed, &labels.join(", "))
        }
        Notice::Refreshed => texts.refreshed.to_owned(),
        Notice::ChoicesRestored => texts.choices_restored.to_owned(),
        // Shown beside the buttons, where the user is looking.
        Notice::NotSent => return None,
    })
}
