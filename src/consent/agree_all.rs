//! Agree to all: its label names what it covers, it shows mixed as mixed, and it never submits.

use consent_contract::{
    agree_all::CheckState,
    form::{self as wire, field},
    request::AgreeAllPolicy,
};
use leptos::prelude::*;

use super::{
    ConsentForm,
    controls::FormField,
    state::{Event, FormState},
    submit_button::SubmitButton,
};
use crate::{
    components::{Checkbox, Variant},
    i18n::Texts,
};

const ID: &str = "agree-all";
const HINT_ID: &str = "agree-all-hint";

#[component]
pub fn AgreeAll(policy: AgreeAllPolicy, texts: &'static Texts) -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let is = |state| {
        form.select_form(move |form: &FormState| form.answers.agree_all(&form.request) == state)
    };
    if is(CheckState::Absent).get_untracked() {
        return None;
    }
    let keys = form.page.with_untracked(|page| page.form().map(|form| form.answers.keys()));
    let has = |required| keys.iter().flatten().any(|(_, it)| *it == required);
    // Without an optional item both policies are the same, and without a required one there is nothing
    // that the other button stands for.
    let (label, hint) = match policy {
        _ if !has(false) => (texts.agree_all_required, ""),
        AgreeAllPolicy::RequiredOnly => (texts.agree_all_required, texts.agree_all_required_hint),
        AgreeAllPolicy::Everything => (texts.agree_all_everything, texts.agree_all_everything_hint),
    };
    let has_both = has(true) && has(false);
    let required_only = (policy == AgreeAllPolicy::Everything && has_both).then(|| {
        let click = Callback::new(move |()| form.dispatch(Event::RequiredOnlyClicked));
        view! {
            <SubmitButton variant=Variant::Secondary action=wire::REQUIRED_ONLY on_click=click>
                {texts.required_only}
            </SubmitButton>
        }
    });
    Some(
        view! {
            <div class="agree-all">
                <div class="agree-all__box">
                    <Checkbox
                        id=ID.to_owned()
                        name=field::AGREE_ALL
                        checked=is(CheckState::Checked)
                        mixed=is(CheckState::Mixed)
                        described_by=HINT_ID.to_owned()
                        on_build=form.on_build(FormField::AgreeAll)
                        on_change=Callback::new(move |_| form.dispatch(Event::AgreeAllClicked))
                    />
                    <div>
                        <label class="agree-all__label" for=ID>{label}</label>
                        <p class="agree-all__hint" id=HINT_ID>{hint}</p>
                    </div>
                </div>
                {required_only}
            </div>
        }
        .into_any(),
    )
}
