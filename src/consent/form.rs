//! The form, as a whole: native, with real fields and real submit buttons. Before, or without,
//! WebAssembly the browser sends it; with it, the events below take over.

use consent_contract::{self as contract, form::field};
use leptos::prelude::*;

use super::{
    Machine, account, actions, agree_all, already_agreed, channels, heading, language, notices,
    personal_info, service, state::Event, summary, terms, text_dialog, with_name,
};
use crate::{components::PageHeading, i18n::Locale};

/// The id of the form that cancels.
pub const CANCEL_FORM: &str = "cancel-form";

pub fn view(machine: Machine, locale: Locale) -> AnyView {
    let Some(request) =
        machine.page.with_untracked(|page| page.asking().map(|asking| asking.request.clone()))
    else {
        return ().into_any();
    };
    let texts = locale.texts();
    let action = machine
        .challenge()
        .map(|challenge| contract::decision_path(&challenge))
        .unwrap_or_default();
    let lead = match request.purpose {
        contract::request::Purpose::SignUp => texts.sign_up_lead,
        contract::request::Purpose::AdditionalConsent => texts.additional_lead,
    };
    let heading = with_name(heading(texts, request.purpose), &request.service.name);
    // Cancelling is a form of its own: Enter in a text field presses a form's first submit button,
    // which must never be cancel.
    view! {
        <div class="consent">
            <header class="consent__header">
                <div class="consent__who">
                    {service::view(&request, texts)}
                    {language::view(machine, locale)}
                </div>
                <PageHeading>{heading}</PageHeading>
                <p class="lead">{lead}</p>
            </header>
            {account::view(&request.account, texts)}
            <form
                class="consent__form"
                method="post"
                action=action.clone()
                autocomplete="off"
                novalidate
                lang=(Locale::of(&request.locale) != Some(locale)).then(|| request.locale.clone())
                on:submit=move |event| {
                    event.prevent_default();
                    machine.send(Event::AgreePressed);
                }
            >
                <input type="hidden" name=field::CSRF_TOKEN value=request.csrf_token.clone()/>
                <input type="hidden" name=field::LOCALE value=request.locale.clone()/>
                <input
                    type="hidden"
                    name=field::PERSONAL_INFO_DIGEST
                    value=request.personal_info.digest.clone()
                />
                {notices::view(machine, texts)}
                {summary::view(machine, texts)}
                {agree_all::view(machine, &request, texts)}
                {terms::view(machine, &request, texts)}
                {personal_info::view(machine, &request, texts)}
                {channels::view(machine, &request, texts)}
                {already_agreed::view(&request, locale)}
                {actions::view(machine, texts)}
            </form>
            <form
                id=CANCEL_FORM
                method="post"
                action=action
                on:submit=move |event| {
                    event.prevent_default();
                    machine.send(Event::CancelPressed);
                }
            >
                <input type="hidden" name=field::DECISION value=contract::form::CANCEL/>
                <input type="hidden" name=field::CSRF_TOKEN value=request.csrf_token.clone()/>
            </form>
            {text_dialog::view(machine, locale)}
        </div>
    }
    .into_any()
}
