//! The answer to a form that a browser sent by itself: a page that ends the form's way here, and goes
//! on by itself to where the person goes now.
//!
//! No redirect does that. Browsers (Chromium and WebKit) hold a page's `form-action` against every
//! hop after its form, and nobody knows the hops: a service's callback redirects on to wherever it
//! likes. A refresh of this page is a navigation of its own, to which `form-action` does not apply.
//!
//! - The page holds a code: nothing keeps it, and no `Referer` tells where it was.
//! - The refresh takes the page's place in the history, so that going back leads to the screen, which
//!   then knows that it was answered, and sends no form again.
//! - Whoever's browser does not refresh, or not to an app's own scheme, has a link.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use consent_contract::{draft::Draft, name, redirect};
use maud::html;

use super::{
    case::Case,
    page::{self, Document},
    session::Visitor,
    words,
};
use crate::{App, locale::Locale};

/// Leads from the form of this challenge to `to`: an own path, or an address of the service.
pub async fn to(
    app: &App,
    case: &Case<'_>,
    visitor: &Visitor,
    form: &[(String, String)],
    to: &str,
) -> Response {
    // As the screen spoke: in the form's language, else in the one of the challenge.
    let draft = Draft(form);
    let spoken = [draft.language(), draft.locale(), Some(&*case.challenge.locale)];
    let wishes = visitor.languages.iter().map(String::as_str);
    let locale = Locale::best(spoken.into_iter().flatten().chain(wishes));
    let words = words::onward(locale);
    let service = name::clean(case.service.name.get(locale.tag()));
    let main = html! {
        h1 { (words.title) }
        p { (words.text) }
        @if let Some(place) = place(to) { p class="detail" { (place) } }
        p { a class="button button--primary way" href=(to) { (onward(locale, &service)) } }
    };
    let body = page::sheet(&main);
    let title = words.title;
    let page = Document { locale, title, more_styles: &[], body, script: "", refresh: Some(to) };
    let mut response = page.response(app).await;
    let referrer = HeaderValue::from_static("no-referrer");
    response.headers_mut().insert(header::REFERRER_POLICY, referrer);
    response
}

/// What the person is told of the place: host and port, as on the screen; nothing for our own pages
/// and for apps.
fn place(to: &str) -> Option<String> {
    let origin = redirect::origin(to).ok()?;
    origin.split_once("://").map(|(_, host)| host.to_owned())
}

/// The link, with the service's name apart from our words: it may be written from right to left.
fn onward(locale: Locale, service: &str) -> maud::Markup {
    let name = html! { bdi { (service) } };
    match locale {
        Locale::Ko => html! { (name) " 서비스로 계속하기" },
        Locale::En => html! { "Continue to " (name) },
        Locale::Ja => html! { (name) "に進む" },
    }
}
