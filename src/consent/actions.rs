//! The two buttons, equal in size and one tap apart (rule KR-E02), and the status of the request.
//! They are always focusable; while they do nothing they are `aria-disabled`.

use consent_contract::form::{self as wire, field};
use leptos::prelude::*;

use super::{
    ConsentForm,
    ids::{AGREE_BUTTON, CANCEL_BUTTON, CANCEL_FORM},
    state::{FormState, Phase},
    status_message::StatusMessage,
};
use crate::{
    components::{Variant, initial_text, reactive_text},
    i18n::Texts,
};

#[component]
pub fn Actions(texts: &'static Texts) -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let is_open = form.select_form(FormState::is_open);
    let may_cancel = form.select_form(FormState::may_cancel);
    let label = form.select_form(move |form| agree_label(form, texts).to_owned());
    view! {
        <div class="actions">
            <StatusMessage/>
            <div class="actions__buttons">
                <button
                    type="submit"
                    class=Variant::Secondary.class()
                    id=CANCEL_BUTTON
                    form=CANCEL_FORM
                    aria-disabled=move || (!may_cancel.get()).then_some("true")
                >
                    {texts.cancel}
                </button>
                <button
                    type="submit"
                    class=Variant::Primary.class()
                    id=AGREE_BUTTON
                    name=field::DECISION
                    value=wire::AGREE
                    aria-disabled=move || (!is_open.get()).then_some("true")
                    use:reactive_text=Signal::from(label)
                >
                    {initial_text(label.into())}
                </button>
            </div>
        </div>
    }
    .into_any()
}

fn agree_label(form: &FormState, texts: &Texts) -> &'static str {
    match &form.phase {
        Phase::Submitting { attempt, .. } if !attempt.is_waiting() => texts.sending,
        Phase::Rechecking { attempt } if !attempt.is_waiting() => texts.checking,
        Phase::Leaving(_) => texts.leaving,
        Phase::Editing
        | Phase::Incomplete(_)
        | Phase::Submitting { .. }
        | Phase::Rechecking { .. }
            if form.answers.is_empty() =>
        {
            texts.go_on
        }
        Phase::Editing
        | Phase::Incomplete(_)
        | Phase::Submitting { .. }
        | Phase::Rechecking { .. } => texts.agree,
    }
}
