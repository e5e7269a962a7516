//! The page that somebody meets who opened a service's link inside the messenger: greeted and sent
//! on, or shown the ways in. A server paints it; what it needs of scripts is in `page.js`, and none
//! of it is in the consent screen's bundle (docs/adr/010-auto-login-is-painted.md).

mod words;

use consent_contract::{
    auto_login::Page,
    name, redirect,
    request::{Account, Service},
};
use leptos::prelude::AnyView;

use self::words::words;
use crate::{
    components::{Element, HEADING_ID, Look, Shape, Tone, div, el, emblem, notice, page_heading},
    consent::{service, with_name},
    i18n::{self, Locale, fill},
};

/// What the page's script does: asks once, goes on or shows the ways in, and fetches the app.
pub const SCRIPT: &str = include_str!("page.js");

/// The page's own styles, after the screen's.
pub const STYLE: &str = include_str!("page.css");

/// What the page needs to know.
#[derive(Debug, Clone)]
pub struct Visit<'a> {
    pub page: Page,
    /// The service's `client_id`, under which an attempt is remembered.
    pub client_id: &'a str,
    pub service: &'a Service,
    /// Who is signed in.
    pub account: Option<&'a Account>,
    /// The ordinary way in: a path on this origin.
    pub log_in_url: &'a str,
    /// Back to the service, with the error that it expects.
    pub look_around_url: &'a str,
    /// The one address that the page goes to by itself.
    pub redirect_uri: &'a str,
    /// The service in the system's own browser, where there is a way there.
    pub outside_url: Option<&'a str>,
    /// The app's files, to be in the cache when the consent screen comes; none where it does not.
    pub app_files: &'a [String],
}

/// What stands in the title bar: the heading.
#[must_use]
pub fn title(visit: &Visit<'_>, locale: Locale) -> String {
    let (words, service) = (words(locale), name::clean(&visit.service.name));
    match (visit.page, visit.account) {
        (Page::Greeting, Some(account)) => fill(words.greeting, &name::clean(&account.nickname)),
        (Page::SignUp, _) => fill(words.sign_up_heading, &service),
        _ => fill(words.log_in_heading, &service),
    }
}

/// The page.
#[must_use]
pub fn view(visit: &Visit<'_>, locale: Locale) -> AnyView {
    let greeting = visit.account.filter(|_| visit.page == Page::Greeting);
    let page = frame(visit, locale);
    let page = match greeting {
        Some(account) => page
            .attr("data-redirect-uri", visit.redirect_uri)
            .child(self::greeting(visit, account, locale))
            .child(ways_in(visit, locale, true, heading_of_an_attempt()).attr("hidden", "")),
        None => {
            let files = visit.app_files.join(" ");
            page.attr_if(!files.is_empty(), "data-app-files", &files).child(ways_in(
                visit,
                locale,
                false,
                page_heading(),
            ))
        }
    };
    whole(page)
}

/// The page after an attempt that came to nothing: what the script makes of the greeting.
#[cfg(feature = "preview")]
#[must_use]
pub fn not_signed_in(visit: &Visit<'_>, locale: Locale) -> AnyView {
    whole(frame(visit, locale).child(ways_in(visit, locale, true, page_heading())))
}

fn whole(page: Element) -> AnyView {
    el("main").class("page").attr("aria-labelledby", HEADING_ID).child(page).view()
}

fn frame(visit: &Visit<'_>, locale: Locale) -> Element {
    let service = service::view(visit.service, i18n::texts(locale));
    div("auto-login")
        .attr("data-service", visit.client_id)
        .child(div("auto-login__service").child(service))
}

/// The greeting has the heading's id until it goes.
fn heading_of_an_attempt() -> Element {
    el("h1").class("page-heading").attr("tabindex", "-1")
}

fn greeting(visit: &Visit<'_>, account: &Account, locale: Locale) -> Element {
    let words = words(locale);
    let picture = account.avatar_url.as_deref().filter(|url| redirect::is_own_path(url));
    // An ordinary login of somebody who is a member shows nothing and goes on: it is the way without
    // a script, and when the script's own way is stuck.
    let go_on = Look::Secondary.link(visit.log_in_url).text(words.go_on);
    el("section")
        .class("auto-login__greeting")
        .child(emblem(Shape::Account, picture, &account.nickname))
        .child(with_name(page_heading(), words.greeting, &account.nickname))
        .child(with_name(el("p").class("lead"), words.going, &visit.service.name))
        .child(el("span").class("auto-login__going").attr("aria-hidden", "true"))
        .child(div("auto-login__ways").child(go_on))
}

/// The signed-out page. After an attempt it says that there was one.
fn ways_in(visit: &Visit<'_>, locale: Locale, tried: bool, h1: Element) -> Element {
    let words = words(locale);
    let (heading, lead, label) = match visit.page {
        Page::SignUp => (words.sign_up_heading, words.sign_up_lead, words.sign_up),
        Page::Greeting | Page::LogIn => (words.log_in_heading, words.log_in_lead, words.log_in),
    };
    let outside = visit.outside_url.map(|url| Look::Quiet.link(url).text(words.open_outside));
    el("section")
        .class("auto-login__ways-in")
        .child(with_name(h1, heading, &visit.service.name))
        .child(tried.then(|| notice(Tone::Warning, words.not_signed_in)))
        .child(el("p").class("lead").text(lead))
        .child(
            div("auto-login__ways")
                .child(Look::Primary.link(visit.log_in_url).text(label))
                .child(Look::Secondary.link(visit.look_around_url).text(words.look_around))
                .child(outside),
        )
}
