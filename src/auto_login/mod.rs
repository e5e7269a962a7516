//! The landing page for a service link opened in the in-app browser: a welcome that signs the user
//! in, or the sign-in options. A server renders it; its script is `page.js`. None of it is in the
//! consent screen's bundle (docs/adr/010-auto-login-is-painted.md).

mod words;

use consent_contract::{
    auto_login::Page,
    name,
    request::{Account, Service},
};
use leptos::prelude::*;

use self::words::words;
use crate::{
    components::{
        Alert, AlertVariant, Avatar, HEADING_ID, LinkButton, PageHeading, Shape, Variant, WithName,
    },
    consent::service::ServiceHeader,
    i18n::{self, Locale, fill},
};

/// The page's script: tries once to sign in, redirects or shows the sign-in options, and prefetches
/// the app.
pub const SCRIPT: &str = include_str!("page.js");

/// The page's own styles, after the screen's.
pub const STYLE: &str = include_str!("page.css");

/// The data of the page.
#[derive(Debug, Clone)]
pub struct Visit<'a> {
    pub page: Page,
    /// The service's `client_id`, under which an attempt is remembered.
    pub client_id: &'a str,
    pub service: &'a Service,
    /// The account that is signed in.
    pub account: Option<&'a Account>,
    /// The ordinary login: a path on this origin.
    pub log_in_url: &'a str,
    /// Back to the service, with the error that it expects.
    pub look_around_url: &'a str,
    /// The only address that the script redirects to.
    pub redirect_uri: &'a str,
    /// The service in the system's browser, where it can be opened there.
    pub outside_url: Option<&'a str>,
    /// The app's files, to prefetch if the consent screen comes next.
    pub app_files: &'a [String],
}

/// The document's title: the heading.
#[must_use]
pub fn title(visit: &Visit<'_>, locale: Locale) -> String {
    let (words, service) = (words(locale), name::clean(&visit.service.name));
    match (visit.page, visit.account) {
        (Page::Welcome, Some(account)) => fill(words.welcome, &name::clean(&account.nickname)),
        (Page::SignUp, _) => fill(words.sign_up_heading, &service),
        _ => fill(words.log_in_heading, &service),
    }
}

/// The page.
#[must_use]
pub fn view(visit: &Visit<'_>, locale: Locale) -> AnyView {
    let content = match visit.account.filter(|_| visit.page == Page::Welcome) {
        Some(account) => view! {
            {welcome(visit, account, locale)}
            {sign_in_options(visit, locale, Attempt::Possible)}
        }
        .into_any(),
        None => sign_in_options(visit, locale, Attempt::None).into_any(),
    };
    frame(visit, locale, content)
}

/// The page after a failed attempt: what the script makes of the welcome.
#[cfg(feature = "preview")]
#[must_use]
pub fn not_signed_in(visit: &Visit<'_>, locale: Locale) -> AnyView {
    frame(visit, locale, sign_in_options(visit, locale, Attempt::Failed).into_any())
}

/// Whether the page tries to sign the user in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attempt {
    /// It does not.
    None,
    /// It does; the options are hidden until the attempt fails.
    Possible,
    /// It did, and failed.
    #[cfg(feature = "preview")]
    Failed,
}

fn frame(visit: &Visit<'_>, locale: Locale, content: AnyView) -> AnyView {
    let is_welcome = visit.page == Page::Welcome && visit.account.is_some();
    let service = visit.service.clone();
    let texts = i18n::texts(locale);
    view! {
        <main class="page" aria-labelledby=HEADING_ID>
            <div
                class="auto-login"
                data-service=visit.client_id.to_owned()
                data-redirect-uri=is_welcome.then(|| visit.redirect_uri.to_owned())
                data-app-files=(!is_welcome && !visit.app_files.is_empty())
                    .then(|| visit.app_files.join(" "))
            >
                <div class="auto-login__service"><ServiceHeader service texts/></div>
                {content}
            </div>
        </main>
    }
    .into_any()
}

fn welcome(visit: &Visit<'_>, account: &Account, locale: Locale) -> impl IntoView + use<> {
    let words = words(locale);
    let name = account.nickname.clone();
    // An ordinary login of a member shows nothing and continues: it is the fallback without a
    // script, and for a script that is stuck.
    view! {
        <section class="auto-login__welcome">
            <Avatar shape=Shape::Account url=account.avatar_url.clone() name=name.clone()/>
            <PageHeading><WithName text=words.welcome name/></PageHeading>
            <p class="lead"><WithName text=words.going name=visit.service.name.clone()/></p>
            <span class="auto-login__going" aria-hidden="true"></span>
            <div class="auto-login__ways">
                <LinkButton variant=Variant::Secondary href=visit.log_in_url.to_owned()>
                    {words.go_on}
                </LinkButton>
            </div>
        </section>
    }
}

/// The signed-out page. After an attempt it reports the failure.
fn sign_in_options(visit: &Visit<'_>, locale: Locale, attempt: Attempt) -> impl IntoView + use<> {
    let words = words(locale);
    let (heading, lead, label) = match visit.page {
        Page::SignUp => (words.sign_up_heading, words.sign_up_lead, words.sign_up),
        Page::Welcome | Page::LogIn => (words.log_in_heading, words.log_in_lead, words.log_in),
    };
    let is_hidden = attempt == Attempt::Possible;
    let failed = (attempt != Attempt::None).then(|| {
        view! { <Alert variant=AlertVariant::Warning><p>{words.not_signed_in}</p></Alert> }
    });
    let outside = visit.outside_url.map(|url| {
        view! {
            <LinkButton variant=Variant::Link href=url.to_owned()>{words.open_outside}</LinkButton>
        }
    });
    view! {
        <section class="auto-login__ways-in" hidden=is_hidden>
            // The welcome has the id of the heading until it is replaced.
            <h1 class="page-heading" id=(!is_hidden).then_some(HEADING_ID) tabindex="-1">
                <WithName text=heading name=visit.service.name.clone()/>
            </h1>
            {failed}
            <p class="lead">{lead}</p>
            <div class="auto-login__ways">
                <LinkButton variant=Variant::Primary href=visit.log_in_url.to_owned()>
                    {label}
                </LinkButton>
                <LinkButton variant=Variant::Secondary href=visit.look_around_url.to_owned()>
                    {words.look_around}
                </LinkButton>
                {outside}
            </div>
        </section>
    }
}
