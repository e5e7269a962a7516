//! The consent page.
//!
//! [`state`] says what the page can be and what leads where; [`machine`] carries events to it and
//! its effects to the browser; the other files draw one section each.

mod account;
mod actions;
mod agree_all;
mod already_agreed;
mod channels;
mod controls;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod fault_tests;
mod form;
mod language;
mod loading;
mod machine;
mod notices;
pub mod painted;
mod personal_info;
mod places;
pub mod retry;
mod row;
pub mod service;
pub mod state;
mod summary;
mod terms;
mod text_dialog;
#[cfg(feature = "ssr")]
mod text_page;

use leptos::prelude::*;

pub use form::CANCEL_BUTTON;
pub use machine::Machine;
#[cfg(feature = "preview")]
pub use machine::World;
use state::{Page, Said, State};
#[cfg(feature = "ssr")]
pub use text_page::view as text_page;

use crate::{
    components::{Element, HEADING_ID, el, live, live_region},
    i18n::{self, Texts, around, fill},
    platform::document,
    problem,
};
use consent_contract::{name, request::Purpose};
use retry::Again;

/// What is drawn. The view is built anew when this changes, and only then; within one drawing,
/// what changes is read from the state piece by piece.
#[derive(Clone, Copy)]
enum Drawing {
    Loading,
    Asking,
    Leaving,
    /// One stop never follows another without loading in between.
    Stopped,
}

/// A name for the drawing: another one for another language, and for another request.
fn drawing_name(page: &Page) -> String {
    let edition = page.asking().map_or(0, |asking| asking.edition);
    let drawing = drawing(page) as u8;
    [page.locale.tag(), &drawing.to_string(), &edition.to_string()].join(" ")
}

fn drawing(page: &Page) -> Drawing {
    match &page.state {
        State::Loading { .. } => Drawing::Loading,
        State::Asking(_) => Drawing::Asking,
        State::Leaving(_) => Drawing::Leaving,
        State::Stopped(_) => Drawing::Stopped,
    }
}

/// The consent page in all its states.
#[must_use]
pub fn page(machine: Machine) -> AnyView {
    let name = machine.words(drawing_name);
    let said = said(machine);
    let title = machine.words(title);
    Effect::new(move |_| {
        document::set_title(&title.get());
        name.get();
        document::set_language(machine.page.with_untracked(|page| page.locale.tag()));
    });
    let content = live(move || {
        name.get();
        let (locale, drawing) = machine.page.with_untracked(|page| (page.locale, drawing(page)));
        match drawing {
            Drawing::Loading => Some(loading::view(machine, locale)),
            Drawing::Asking => form::view(machine, locale),
            Drawing::Leaving => Some(loading::leaving(machine, locale)),
            Drawing::Stopped => problem::view(machine, locale),
        }
    });
    el("main")
        .class("page")
        .attr("aria-labelledby", HEADING_ID)
        .child(content)
        .child(live_region(move || said.get()))
        .view()
}

/// What is said aloud now, in words.
fn said(machine: Machine) -> Memo<String> {
    machine.words(|page| {
        page.said().map(|said| speak(i18n::texts(page.locale), said)).unwrap_or_default()
    })
}

/// What stands in the title bar: the same as the heading.
#[must_use]
pub fn title(page: &Page) -> String {
    let texts = i18n::texts(page.locale);
    match &page.state {
        State::Loading { .. } => texts.loading.to_owned(),
        State::Leaving(_) => texts.leaving.to_owned(),
        State::Stopped(stop) => problem::words(texts, stop).heading.to_owned(),
        State::Asking(asking) => {
            let heading = heading(texts, asking.request.purpose);
            fill(heading, &name::clean(&asking.request.service.name))
        }
    }
}

/// The heading; its slot is the service's name.
fn heading(texts: &'static Texts, purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::SignUp => texts.sign_up_heading,
        Purpose::AdditionalConsent => texts.additional_heading,
    }
}

fn speak(texts: &Texts, said: Said) -> String {
    match said {
        Said::Loading => texts.loading.to_owned(),
        Said::Retrying(again) => [why(texts, again), texts.ticks_kept].join(" "),
        Said::Sending => texts.sending.to_owned(),
        Said::Leaving => texts.leaving.to_owned(),
        Said::Rechecking => texts.checking.to_owned(),
        Said::ExpiresSoon => texts.expires_soon.to_owned(),
        Said::NotSent => texts.not_sent.to_owned(),
    }
}

/// Why something is tried again, in words.
#[must_use]
pub fn why(texts: &Texts, again: Again) -> &'static str {
    match again {
        Again::Offline => texts.again_offline,
        Again::Silent => texts.again_silent,
        Again::Busy(_) => texts.again_busy,
        Again::Trouble => texts.again_trouble,
    }
}

/// Puts a text into the element, its slot filled with a name that somebody else chose, isolated,
/// so that it cannot reorder or run into the words around it (rule SEC-54).
pub fn with_name(element: Element, text: &'static str, untrusted: &str) -> Element {
    let (before, after) = around(text);
    element.text(before).child(proper_name(untrusted)).text(after)
}

/// A text that somebody else wrote, cleaned and isolated (rule SEC-51).
fn isolated(untrusted: &str) -> Element {
    el("bdi").text(&name::clean(untrusted))
}

/// A name, an address or a value: browser translation would make another one of it.
fn proper_name(untrusted: &str) -> Element {
    isolated(untrusted).attr("translate", "no")
}
