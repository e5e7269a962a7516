//! The answer to a form that a browser sent by itself: a page that ends the form's way here, and goes
//! on by itself to where the person goes now.
//!
//! No redirect does that. Chromium and WebKit check a page's `form-action` against every redirect
//! after its form, and the redirects are not known: a service's callback may redirect anywhere. A refresh of this page is a navigation of its own, to which `form-action` does not apply.
//!
//! - The page holds a code: nothing caches it, and no `Referer` names it.
//! - The refresh takes the page's place in the history, so that going back leads to the screen, which
//!   then knows that it was answered, and sends no form again.
//! - A link is there for browsers that do not refresh, or not to an app's own scheme.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use consent_contract::{draft::Draft, name, redirect};
use maud::html;

use super::{
    challenge::LoadedChallenge,
    page::{self, Document},
    session::RequestContext,
    words,
};
use crate::{App, config::Service, locale::Locale};

/// Leads from the form of this challenge to `to`: an own path, or an address of the service.
pub async fn to(
    app: &App,
    loaded: &LoadedChallenge<'_>,
    context: &RequestContext,
    form: &[(String, String)],
    to: &str,
) -> Response {
    // In the language of the form, else in the one of the challenge.
    let draft = Draft(form);
    let languages = [draft.language(), draft.locale(), Some(&*loaded.challenge.locale)];
    let accepted = context.languages.iter().map(String::as_str);
    let locale = Locale::best(languages.into_iter().flatten().chain(accepted));
    leave(app, locale, loaded.service, to).await
}

/// Leads from a form to `to`: an own path, or an address of the service.
pub async fn leave(app: &App, locale: Locale, service: &Service, to: &str) -> Response {
    let words = words::onward(locale);
    let look = service.look.as_deref();
    let service = name::clean(service.name.get(locale.tag()));
    let main = html! {
        h1 { (words.title) }
        p { (words.text) }
        @if let Some(place) = place(to) { p class="detail" { (place) } }
        p { a class="button button--primary way" href=(to) { (onward(locale, &service)) } }
    };
    let body = page::sheet(&main);
    let title = words.title;
    let (script, refresh) = ("", Some(to));
    let page = Document { locale, title, look, more_styles: &[], body, script, refresh };
    let mut response = page.response(app).await;
    let referrer = HeaderValue::from_static("no-referrer");
    response.headers_mut().insert(header::REFERRER_POLICY, referrer);
    response
}

/// The place that the page names: host and port, as on the screen; nothing for our own pages and for
/// apps.
fn place(to: &str) -> Option<String> {
    let origin = redirect::origin(to).ok()?;
    origin.split_once("://").map(|(_, host)| host.to_owned())
}

/// The link, with the service's name.
fn onward(locale: Locale, service: &str) -> maud::Markup {
    words::with_names(words::Pages::of(locale).onward_link, &[("", service)])
}
