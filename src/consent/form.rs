//! The form, as a whole: with real fields and real submit buttons. As a server paints it, the
//! browser sends it; with WebAssembly the events below take over.

use consent_contract::{
    self as contract,
    agree_all::Shown,
    form::{self as wire, field},
    request::Purpose,
};
use leptos::prelude::WithUntracked;

use super::{
    Machine, account, actions, agree_all, already_agreed, channels, heading, language, notices,
    personal_info, service,
    state::{Asking, Event, Notice},
    summary, terms, text_dialog, with_name,
};
use crate::{
    components::{Element, Look, PAINTS, button, div, el, page_heading},
    i18n::{self, Locale},
};

/// The id of the form that agrees.
pub const CONSENT_FORM: &str = "consent-form";

/// The id of the form that cancels.
pub const CANCEL_FORM: &str = "cancel-form";

// The ids of the buttons that send something. src/user_actions.js goes by them, too.

/// The button that agrees.
pub const AGREE_BUTTON: &str = "agree-button";

/// The button that Enter in a text field presses, in what a server renders.
const AGREE_ON_ENTER: &str = "agree-on-enter";

/// The button that cancels, wherever it stands.
pub const CANCEL_BUTTON: &str = "cancel-button";

pub fn view(machine: Machine, locale: Locale) -> Option<Element> {
    let request = machine.page.with_untracked(|page| page.asking().map(|a| a.request.clone()))?;
    let texts = i18n::texts(locale);
    machine.draw_rows(&request);
    let lead = match request.purpose {
        Purpose::SignUp => texts.sign_up_lead,
        Purpose::AdditionalConsent => texts.additional_lead,
    };
    // Sent by the browser, it goes to the page's own address: an answer that shows the form again
    // is then in its place, and so is the address bar.
    let action = machine.challenge().map(|c| contract::page_path(&c)).unwrap_or_default();
    let form = |event: fn() -> Event| {
        el("form").form_attr("method", "post").form_attr("action", &action).on(
            "submit",
            move |submit| {
                submit.prevent_default();
                machine.send(event());
            },
        )
    };
    let header = el("header")
        .class("consent__header")
        .child(
            div("consent__who")
                .child(service::view(&request.service, texts))
                .child(language::view(machine, locale))
                .child(language::by_hand(locale))
                .child(service::mode(&request, texts)),
        )
        .child(with_name(page_heading(), heading(texts, request.purpose), &request.service.name))
        .child(el("p").class("lead").text(lead));
    let other_language = Locale::of(&request.locale) != Some(locale);
    let consent = form(|| Event::AgreePressed)
        .class("consent__form")
        .id(CONSENT_FORM)
        .attr("autocomplete", "off")
        .attr("novalidate", "")
        .attr_if(other_language, "lang", &request.locale)
        .children(if PAINTS { unseen(machine) } else { Vec::new() })
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
        .child(PAINTS.then(|| hidden(field::DECISION, wire::CANCEL)))
        .child(PAINTS.then(|| hidden(field::CSRF_TOKEN, &request.csrf_token)));
    let first = PAINTS.then(first_button);
    let page = div("consent")
        .child(first)
        .child(header)
        .child(account::view(&request.account, texts))
        .child(consent)
        .child(cancel)
        .child(text_dialog::view(machine, locale));
    Some(page)
}

/// A button that does something here. As a server paints it, it sends the form there, and the form
/// comes back with it done. What it asks for is its id, too.
pub fn press(look: Look, asks_for: &str, on_press: impl Fn() + 'static) -> Element {
    let button = match PAINTS {
        false => button(look, on_press),
        true => submit(look).attr("name", field::DECISION).attr("value", asks_for),
    };
    button.id(asks_for)
}

/// A button that sends a form.
pub fn submit(look: Look) -> Element {
    el("button").attr("type", "submit").class(look.class())
}

/// What a browser has to send along, and what the app has to know when it takes the page over.
fn unseen(machine: Machine) -> Vec<leptos::prelude::AnyView> {
    let fields = machine.page.with_untracked(|page| page.asking().map(unseen_fields));
    let fields = fields.unwrap_or_default().into_iter();
    fields.map(|(name, value)| hidden(name, &value).id(&unseen_id(name, &value)).view()).collect()
}

/// Enter in a text field presses a form's first button, wherever that stands, and it must be this
/// one: the others in front of the visible "agree" show something.
fn first_button() -> Element {
    // Not `hidden`: WebKit passes over a button that is not drawn.
    el("button")
        .class("visually-hidden")
        .id(AGREE_ON_ENTER)
        .attr("form", CONSENT_FORM)
        .attr("name", field::DECISION)
        .attr("value", wire::AGREE)
        .attr("tabindex", "-1")
        .attr("aria-hidden", "true")
}

fn unseen_fields(asking: &Asking) -> Vec<(&'static str, String)> {
    let request = &asking.request;
    let mut fields = vec![
        (field::CSRF_TOKEN, request.csrf_token.clone()),
        (field::LOCALE, request.locale.clone()),
        (field::PERSONAL_INFO_DIGEST, request.personal_info.digest.clone()),
    ];
    if asking.answers.agree_all(request) == Shown::On {
        fields.push((field::TOLD, wire::TOLD_AGREED_TO_ALL.to_owned()));
    }
    if !asking.faults().is_empty() {
        fields.push((field::TOLD, wire::TOLD_INCOMPLETE.to_owned()));
    }
    match &asking.notice {
        Some(Notice::Refreshed) => fields.push((field::TOLD, wire::TOLD_REFRESHED.to_owned())),
        Some(Notice::ChoicesRestored) => {
            fields.push((field::TOLD, wire::TOLD_RESTORED.to_owned()));
        }
        Some(Notice::TextChanged(keys)) => {
            let told = |key| (field::TOLD, format!("{}{key}", wire::TOLD_CHANGED));
            fields.extend(keys.iter().map(told));
        }
        Some(Notice::NotSent) | None => {}
    }
    fields
}

/// The id of an unseen field: src/user_actions.js knows the fields of this form by their ids.
fn unseen_id(name: &str, value: &str) -> String {
    match name {
        field::TOLD => [name, ":", value].concat(),
        _ => name.replace('_', "-"),
    }
}

/// A field that the person does not see.
pub fn hidden(name: &str, value: &str) -> Element {
    el("input").attr("type", "hidden").attr("name", name).attr("value", value)
}
