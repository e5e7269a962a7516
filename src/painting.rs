//! The screen as HTML, for a server: the same components, drawn once, as a page that works as it
//! stands. A browser may never run a script on it; where it does, the app takes it over
//! (see [`crate::consent::painted`]).

use consent_contract::{document::Document, problem::Problem};
use leptos::prelude::{AnyView, Owner, RenderHtml};

use crate::{
    api::ApiError,
    consent::{
        self, Machine,
        state::{Asking, Page, State, stop},
    },
    i18n::{self, Locale, Way},
};

/// A painted page: what belongs into an HTML document, and nothing of that document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Painting {
    /// The language of the page: a BCP 47 tag.
    pub language: &'static str,
    /// Text, not yet escaped.
    pub title: String,
    /// HTML for the body.
    pub body: String,
}

/// What a challenge asks, with the answers so far.
#[must_use]
pub fn asking(challenge: &str, locale: Locale, asking: Asking) -> Painting {
    let incomplete = !asking.faults().is_empty();
    let state = State::Asking(Box::new(asking));
    let mut painting = page(Page { locale, state }, |page| Machine::painting(page, challenge));
    if incomplete {
        // Read out first when the page has loaded again.
        painting.title = [i18n::texts(locale).summary_title, &painting.title].join(" · ");
    }
    painting
}

/// Why nothing can be asked, with the way out that there is. None for a problem of which the screen
/// knows no more than that it should be tried again: that takes a script.
#[must_use]
pub fn problem(locale: Locale, problem: Problem) -> Option<Painting> {
    if i18n::texts(locale).problem(problem.code).way == Way::RetryOrCancel {
        return None;
    }
    let state = stop(ApiError::Problem { problem: Box::new(problem), retry_after: None });
    Some(page(Page { locale, state }, Machine::showing))
}

/// The full text of a term, and the way back to the form, which goes along with it.
#[must_use]
pub fn text(
    challenge: &str,
    locale: Locale,
    title: &str,
    document: &Document,
    form: &[(String, String)],
) -> Painting {
    Painting {
        language: locale.tag(),
        title: title.to_owned(),
        body: html(|| consent::text_page(challenge, locale, title, document, form)),
    }
}

fn page(page: Page, machine: impl FnOnce(Page) -> Machine) -> Painting {
    Painting {
        language: page.locale.tag(),
        title: consent::title(&page),
        body: html(|| consent::page(machine(page))),
    }
}

/// Signals live as long as their owner: here, as long as one painting takes.
fn html(view: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new();
    let html = owner.with(|| view().to_html());
    owner.cleanup();
    html
}
