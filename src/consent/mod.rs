//! The consent page.
//!
//! [`state`] says what the page can be and what leads where; [`machine`] carries events to it and
//! its effects to the browser; the other files draw one section each.

mod account;
mod actions;
mod agree_all;
mod already_agreed;
mod channels;
mod form;
mod language;
mod loading;
mod machine;
mod notices;
mod personal_info;
pub mod retry;
mod row;
mod service;
pub mod state;
mod summary;
mod terms;
mod text_dialog;

use leptos::prelude::*;

pub use machine::Machine;
use state::{Page, Said, State};

use crate::{
    components::{Element, HEADING_ID, el, live, live_region},
    i18n::{Texts, around, fill},
    platform::document,
    problem,
};
use consent_contract::{name, request::Purpose};
use retry::Again;

/// What is drawn. The view is built anew when this changes, and only then; within one drawing,
/// what changes is read from the state piece by piece.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Drawing {
    Loading,
    Asking {
        edition: u32,
    },
    Leaving,
    /// One stop never follows another without loading in between.
    Stopped,
}

impl Drawing {
    fn of(page: &Page) -> Self {
        match &page.state {
            State::Loading { .. } => Self::Loading,
            State::Asking(asking) => Self::Asking { edition: asking.edition },
            State::Leaving(_) => Self::Leaving,
            State::Stopped(_) => Self::Stopped,
        }
    }
}

/// The consent page in all its states.
#[must_use]
pub fn page(machine: Machine) -> AnyView {
    let drawing = Memo::new(move |_| machine.page.with(|page| (page.locale, Drawing::of(page))));
    let said = machine
        .words(|page| page.said().map(|said| speak(page.locale.texts(), said)).unwrap_or_default());
    let title = machine.words(title);
    Effect::new(move |_| {
        document::set_language(drawing.with(|(locale, _)| locale.tag()));
        document::set_title(&title.get());
    });
    let content = live(move || {
        let (locale, drawing) = drawing.get();
        match drawing {
            Drawing::Loading => Some(loading::view(machine, locale)),
            Drawing::Asking { .. } => form::view(machine, locale),
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

/// What stands in the title bar: the same as the heading.
fn title(page: &Page) -> String {
    let texts = page.locale.texts();
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
        Said::NotRefreshed => texts.not_refreshed.to_owned(),
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
fn with_name(element: Element, text: &'static str, untrusted: &str) -> Element {
    let (before, after) = around(text);
    element.text(before).child(isolated(untrusted)).text(after)
}

/// A text that somebody else wrote, cleaned and isolated (rule SEC-51).
fn isolated(untrusted: &str) -> Element {
    el("bdi").text(&name::clean(untrusted))
}
