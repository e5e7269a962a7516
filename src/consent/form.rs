//! The form, with real fields and real submit buttons. Without the app the browser submits it; with
//! the app the events below handle it.

use consent_contract::{
    form::{self as wire, field},
    request::{ConsentRequest, Purpose},
};
use leptos::{ev, prelude::*};

#[cfg(feature = "ssr")]
use super::guardian::{ChildSection, GuardianSection};
use super::{
    ConsentForm,
    account::AccountSection,
    actions::Actions,
    agree_all::AgreeAll,
    already_agreed::AlreadyAgreedSection,
    channels::Channels,
    hidden_fields::HiddenFields,
    ids::{AGREE_ON_ENTER, CANCEL_FORM, CONSENT_FORM},
    language::{LanguageButton, LanguageSelect},
    notice::FormNotice,
    personal_info::PersonalInfoSection,
    service::{ServiceHeader, TestMode},
    state::Event,
    summary::ErrorSummary,
    term_text_dialog::TermTextDialog,
    terms::Terms,
};
use crate::{
    components::{PageHeading, WithName},
    i18n::{self, Locale, Texts},
};

#[component]
pub fn Form() -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    form.clear_view();
    let locale = form.locale();
    let texts = i18n::texts(locale);
    let request = form.page.with_untracked(|page| page.form().map(|form| form.request.clone()))?;
    // A backend that gives no reason: what the request is.
    let lead = request.reason.clone().unwrap_or_else(|| {
        match request.purpose {
            Purpose::SignUp => texts.sign_up_lead,
            Purpose::AdditionalConsent => texts.additional_lead,
        }
        .to_owned()
    });
    let action = form.action();
    let dispatch = move |event: fn() -> Event| {
        move |submit: ev::SubmitEvent| {
            submit.prevent_default();
            form.dispatch(event());
        }
    };
    let heading = heading(texts, &request).to_owned();
    let service_name = request.service.name.clone();
    let csrf_token = request.csrf_token.clone();
    let other_language =
        (Locale::of(&request.locale) != Some(locale)).then(|| request.locale.clone());
    Some(
        view! {
            <div class="consent">
                <AgreeOnEnter/>
                <header class="consent__header">
                    <div class="consent__who">
                        <ServiceHeader service=request.service.clone() texts/>
                        <LanguageSelect locale=form.chosen_locale()/>
                        <LanguageButton locale/>
                        <TestMode mode=request.service.mode texts/>
                    </div>
                    <PageHeading>
                        <WithName text=heading name=service_name/>
                    </PageHeading>
                    <p class="lead">{lead}</p>
                </header>
                {for_whom(form, &request, texts)}
                <form
                    method="post"
                    action=action.clone()
                    class="consent__form"
                    id=CONSENT_FORM
                    autocomplete="off"
                    novalidate
                    lang=other_language
                    on:submit=dispatch(|| Event::AgreeClicked)
                >
                    <HiddenFields/>
                    <FormNotice texts/>
                    <ErrorSummary texts/>
                    <AgreeAll policy=request.agree_all texts/>
                    <Terms terms=request.terms.clone() texts/>
                    <PersonalInfoSection request=request.clone() texts/>
                    <Channels request=request.clone() texts/>
                    <AlreadyAgreedSection agreed=request.already_agreed.clone() locale/>
                    {of_guardian(form)}
                    <Actions texts/>
                </form>
                // A form of its own: Enter in a text field clicks the first submit button of its form,
                // which must never be cancel.
                <form
                    method="post"
                    action=action
                    id=CANCEL_FORM
                    on:submit=dispatch(|| Event::CancelClicked)
                >
                    <input type="hidden" name=field::DECISION value=wire::CANCEL/>
                    <input type="hidden" name=field::CSRF_TOKEN value=csrf_token/>
                </form>
                <TermTextDialog locale/>
            </div>
        }
        .into_any(),
    )
}

/// Whose agreement it is.
fn for_whom(form: ConsentForm, request: &ConsentRequest, texts: &'static Texts) -> AnyView {
    let account = request.account.clone();
    #[cfg(feature = "ssr")]
    if form.guardian().is_some() {
        let locale = form.locale();
        return view! { <ChildSection account locale/> }.into_any();
    }
    let _ = form;
    view! { <AccountSection account texts/> }.into_any()
}

/// What only a guardian has on the form.
#[cfg(feature = "ssr")]
fn of_guardian(form: ConsentForm) -> Option<AnyView> {
    let (fields, locale) = (form.guardian()?, form.locale());
    Some(view! { <GuardianSection fields locale/> }.into_any())
}

/// Nothing: a guardian's form is server-rendered.
#[cfg(not(feature = "ssr"))]
fn of_guardian(_: ConsentForm) {}

/// The first submit button of the form: Enter in a text field clicks it. The other buttons before
/// the visible "agree" only show something.
#[component]
fn AgreeOnEnter() -> impl IntoView {
    // Not `hidden`: WebKit skips a button that is not rendered.
    view! {
        <button
            class="visually-hidden"
            id=AGREE_ON_ENTER
            form=CONSENT_FORM
            name=field::DECISION
            value=wire::AGREE
            tabindex="-1"
            aria-hidden="true"
        ></button>
    }
    .into_any()
}

/// The heading; its slot is the service's name.
pub fn heading<'a>(texts: &Texts, request: &'a ConsentRequest) -> &'a str {
    request.heading.as_deref().unwrap_or(match request.purpose {
        Purpose::SignUp => texts.sign_up_heading,
        Purpose::AdditionalConsent => texts.additional_heading,
    })
}
