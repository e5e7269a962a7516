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
use state::{Page, Said, State, Stop};

use crate::{
    components::{HEADING_ID, LiveRegion},
    i18n::{Texts, fill},
    platform::document,
    problem::ProblemPage,
};
use consent_contract::{name, request::Purpose};
use retry::Again;

/// What is drawn. The view is built anew when this changes, and only then; within one drawing,
/// what changes is read from the state piece by piece.
#[derive(Debug, Clone, PartialEq)]
enum Drawing {
    Loading,
    Asking { edition: u32 },
    Leaving,
    Stopped(Stop),
}

impl Drawing {
    fn of(page: &Page) -> Self {
        match &page.state {
            State::Loading { .. } => Self::Loading,
            State::Asking(asking) => Self::Asking { edition: asking.edition },
            State::Leaving(_) => Self::Leaving,
            State::Stopped(stop) => Self::Stopped(stop.clone()),
        }
    }
}

/// The consent page in all its states.
#[component]
pub fn ConsentPage(machine: Machine) -> impl IntoView {
    let drawing = Memo::new(move |_| machine.page.with(|page| (page.locale, Drawing::of(page))));
    let said = Memo::new(move |_| machine.page.with(|page| (page.locale, page.said())));
    let spoken = Signal::derive(move || {
        let (locale, said) = said.get();
        said.map(|said| speak(locale.texts(), said)).unwrap_or_default()
    });
    Effect::new(move |_| {
        machine.page.with(|page| {
            document::set_language(page.locale.tag());
            document::set_title(&title(page));
        });
    });
    view! {
        <main class="page" aria-labelledby=HEADING_ID>
            {move || {
                let (locale, drawing) = drawing.get();
                match drawing {
                    Drawing::Loading => loading::view(machine, locale),
                    Drawing::Asking { .. } => form::view(machine, locale),
                    Drawing::Leaving => loading::leaving(machine, locale),
                    Drawing::Stopped(stop) => view! { <ProblemPage machine locale stop/> }.into_any(),
                }
            }}
            <LiveRegion text=spoken/>
        </main>
    }
}

/// What stands in the title bar: the same as the heading.
fn title(page: &Page) -> String {
    let texts = page.locale.texts();
    match &page.state {
        State::Loading { .. } => texts.loading.to_owned(),
        State::Leaving(_) => texts.leaving.to_owned(),
        State::Stopped(stop) => crate::problem::words(texts, stop).heading.to_owned(),
        State::Asking(asking) => {
            fill(heading(texts, asking.request.purpose), &name::clean(&asking.request.service.name))
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

/// A text whose slot is filled with a name that somebody else chose, isolated, so that it cannot
/// reorder or run into the words around it (rule SEC-54).
fn with_name(text: &'static str, untrusted: &str) -> impl IntoView + use<> {
    let (before, after) = crate::i18n::around(text);
    let shown = name::clean(untrusted);
    view! { {before}<bdi>{shown}</bdi>{after} }
}
