//! The form, as a whole: native, with real fields and real submit buttons. Before, or without,
//! WebAssembly the browser sends it; with it, the events below take over.

use consent_contract::{self as contract, form::field, request::Purpose};
use leptos::prelude::WithUntracked;

use super::{
    Machine, account, actions, agree_all, already_agreed, channels, heading, language, notices,
    personal_info, service, state::Event, summary, terms, text_dialog, with_name,
};
use crate::{
    components::{Element, div, el, page_heading},
    i18n::{self, Locale},
};

/// The id of the form that cancels.
pub const CANCEL_FORM: &str = "cancel-form";

pub fn view(machine: Machine, locale: Locale) -> Option<Element> {
    let request = machine.page.with_untracked(|page| page.asking().map(|a| a.request.clone()))?;
    let texts = i18n::texts(locale);
    let lead = match request.purpose {
        Purpose::SignUp => texts.sign_up_lead,
        Purpose::AdditionalConsent => texts.additional_lead,
    };
    let action = machine.challenge().map(|c| contract::decision_path(&c)).unwrap_or_default();
    let form = |event: fn() -> Event| {
        el("form").attr("method", "post").attr("action", &action).on("submit", move |submit| {
            submit.prevent_default();
            machine.send(event());
        })
    };
    let header = el("header")
        .class("consent__header")
        .child(
            div("consent__who")
                .child(service::view(&request, texts))
                .child(language::view(machine, locale))
                .child(service::mode(&request, texts)),
        )
        .child(with_name(page_heading(), heading(texts, request.purpose), &request.service.name))
        .child(el("p").class("lead").text(lead));
    let other_language = Locale::of(&request.locale) != Some(locale);
    let consent = form(|| Event::AgreePressed)
        .class("consent__form")
        .attr("autocomplete", "off")
        .attr("novalidate", "")
        .attr_if(other_language, "lang", &request.locale)
        .child(hidden(field::CSRF_TOKEN, &request.csrf_token))
        .child(hidden(field::LOCALE, &request.locale))
        .child(hidden(field::PERSONAL_INFO_DIGEST, &request.personal_info.digest))
        .child(notices::view(machine, texts))
        .child(summary::view(machine, texts))
        .child(agree_all::view(machine, &request, texts))
        .child(terms::view(machine, &request, texts))
        .child(personal_info::view(machine, &request, texts))
        .child(channels::view(machine, &request, texts))
        .child(already_agreed::view(&request, locale))
        .child(actions::view(machine, texts));
    // Cancelling is a form of its own: Enter in a text field presses a form's first submit button,
    // which must never be cancel.
    let cancel = form(|| Event::CancelPressed)
        .id(CANCEL_FORM)
        .child(hidden(field::DECISION, contract::form::CANCEL))
        .child(hidden(field::CSRF_TOKEN, &request.csrf_token));
    let page = div("consent")
        .child(header)
        .child(account::view(&request.account, texts))
        .child(consent)
        .child(cancel)
        .child(text_dialog::view(machine, locale));
    Some(page)
}

/// A field that the person does not see.
pub fn hidden(name: &'static str, value: &str) -> Element {
    el("input").attr("type", "hidden").attr("name", name).attr("value", value)
}
