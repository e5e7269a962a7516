//! The demo's pages.

use axum::response::Response;
use consent_contract::account::ACCOUNT;
use maud::{Markup, html};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{
    PATH, shops,
    words::{self, Words, say},
};
use crate::{
    App,
    clock::rfc3339,
    config::{Service, Text},
    http::{page, redirect::with_return_to, studio},
    locale::Locale,
    store::Receipt,
};

const STYLES: &[&str] = &["/demo/demo.css"];

/// Who, where, go.
pub async fn home(app: &App, locale: Locale, signed_in: Option<&str>, was_reset: bool) -> Response {
    let t = |words: Words| say(locale, words);
    let catalog = app.catalog();
    let services = in_order(catalog.services.values(), SERVICES, |it| &it.client_id);
    let first = signed_in.filter(|id| catalog.accounts.contains_key(*id)).unwrap_or("new");
    let extra = |name: &str, value: &str, words: Words| {
        html! {
            label class="tick" { input type="checkbox" name=(name) value=(value); span { (t(words)) } }
        }
    };
    let main = html! {
        (languages(locale))
        h1 { (t(words::TITLE)) }
        p { (t(words::LEAD)) }
        @if let Some(shop) = app.demo_shops().of(shops::SHOP) {
            p class="small" { a class="quiet" href=(format!("{shop}/")) { (t(words::SHOP)) } }
        }
        @if app.studio().is_some() {
            p class="small" { a class="quiet" href=(studio::PATH) { (t(words::STUDIO)) } }
        }
        p class="small" { a class="quiet" href=(ACCOUNT) { (t(words::ACCOUNT_PAGES)) } }
        @if was_reset { p class="notice" role="status" { (t(words::RESET_DONE)) } }
        form action=(format!("{PATH}/start")) method="get" autocomplete="off" {
            input type="hidden" name="lang" value=(locale);
            fieldset {
                legend { (t(words::WHO)) }
                @for account in in_order(catalog.accounts.values(), ACCOUNTS, |it| &it.id) {
                    (choice("account", &account.id, &account.nickname, &account.id,
                        account.note.as_ref(), locale, account.id == first))
                }
            }
            fieldset {
                legend { (t(words::WHERE)) }
                @for (index, service) in services.into_iter().enumerate() {
                    (choice("service", &service.client_id, service.name.get(locale.tag()),
                        &service.client_id, service.note.as_ref(), locale, index == 0))
                }
            }
            details {
                summary { (t(words::MORE)) }
                (extra("service_terms", "travel_notice", words::TERM))
                (extra("channel_public_id", "_hanok,_hanok_events", words::CHANNELS))
                (extra("scope", "phone_number", words::PHONE))
                (extra("scope", "shipping_address", words::ADDRESS))
                (extra("prompt", "none", words::SILENT))
                p class="reset" {
                    // A button of its own form would lose what is chosen above.
                    button class="plain" formaction=(format!("{PATH}/reset")) formmethod="post" {
                        (t(words::RESET))
                    }
                    small { (t(words::RESET_WHY)) }
                }
            }
            div class="go" {
                button { (t(words::GO)) }
                button class="plain" name="in_app" value="android" { (t(words::IN_APP)) }
            }
        }
    };
    page::layout(app, locale, t(words::TITLE), STYLES, main).await
}

/// The login page: choosing an account.
pub async fn who(app: &App, locale: Locale, signed_in: Option<&str>, return_to: &str) -> Response {
    let t = |words: Words| say(locale, words);
    let main = html! {
        h1 { (t(words::SIGN_IN)) }
        ul class="people" {
            @for account in in_order(app.catalog().accounts.values(), ACCOUNTS, |it| &it.id) {
                li {
                    a href=(with_return_to(&login_path(&account.id), return_to)) {
                        strong { (account.nickname) }
                        @if signed_in == Some(account.id.as_str()) {
                            span class="tag" { (t(words::SIGNED_IN)) }
                        }
                        @if let Some(note) = &account.note { small { (note.get(locale.tag())) } }
                    }
                }
            }
        }
    };
    page::layout(app, locale, t(words::SIGN_IN), STYLES, main).await
}

fn login_path(account: &str) -> String {
    // An id may be an address, and a `+` in a query is a space.
    let account: String = form_urlencoded::byte_serialize(account.as_bytes()).collect();
    format!("{PATH}/login?account={account}")
}

/// What a partner knows in the end.
pub struct Outcome {
    pub tokens: Map<String, Value>,
    pub claims: Map<String, Value>,
    pub receipt: Option<Receipt>,
    /// Whether the receipt was written just now, or is from an earlier visit.
    pub is_new: bool,
}

/// The service has its tokens.
pub async fn done(
    app: &App,
    locale: Locale,
    service: Option<&Service>,
    account: Option<&str>,
    outcome: &Outcome,
) -> Response {
    let t = |words: Words| say(locale, words);
    let main = html! {
        (at_service(service, locale))
        h1 { (t(words::DONE)) }
        p { (t(words::DONE_WHY)) }
        section {
            h2 { (t(words::CLAIMS)) }
            dl id="claims" {
                @for (name, value) in about_the_person_first(&outcome.claims) {
                    dt { (name) }
                    dd data-claim=(name) { (plain(value)) }
                }
            }
        }
        section {
            h2 { (t(words::RECEIPT)) }
            @match &outcome.receipt {
                Some(receipt) => {
                    @if !outcome.is_new { p { (t(words::EARLIER)) } }
                    (self::receipt(receipt, locale))
                }
                None => p { (t(words::NO_RECEIPT)) },
            }
        }
        section {
            h2 { (t(words::TOKENS)) }
            dl id="tokens" {
                @for (name, value) in &outcome.tokens {
                    dt { (name) }
                    dd { (shortened(name, value)) }
                }
            }
        }
        (ways(locale, service, account))
    };
    page::layout(app, locale, t(words::DONE), STYLES, main).await
}

/// How the server describes the refusal of a user under age, up to the age.
const UNDER_AGE: &str = "Not allowed under age ";

/// The service received an error.
pub async fn failed(
    app: &App,
    locale: Locale,
    service: Option<&Service>,
    account: Option<&str>,
    error: &str,
    description: &str,
) -> Response {
    let t = |words: Words| say(locale, words);
    let (title, why) = match error {
        "access_denied" if description.starts_with(UNDER_AGE) => {
            (words::CANCELLED, words::UNDER_AGE_WHY)
        }
        "access_denied" => (words::CANCELLED, words::CANCELLED_WHY),
        // The three answers to a login without a screen: an expected outcome.
        "login_required" | "consent_required" | "interaction_required" => {
            (words::VISITING, words::VISITING_WHY)
        }
        _ => (words::FAILED, words::FAILED_WHY),
    };
    let main = html! {
        (at_service(service, locale))
        h1 { (t(title)) }
        p { (t(why)) }
        dl id="error" {
            dt { "error" } dd data-claim="error" { (error) }
            @if !description.is_empty() {
                dt { "error_description" } dd data-claim="error_description" lang="en" { (description) }
            }
        }
        (ways(locale, service, account))
    };
    page::layout(app, locale, t(title), STYLES, main).await
}

fn receipt(receipt: &Receipt, locale: Locale) -> Markup {
    let t = |words: Words| say(locale, words);
    html! {
        p class="small" { time datetime=(rfc3339(receipt.decided_at)) { (rfc3339(receipt.decided_at)) } }
        ul id="receipt" class="receipt" data-receipt=(receipt.receipt_id) {
            @for item in &receipt.items {
                li data-item=(item.key) data-agreed=(item.agreed) {
                    span class="what" {
                        span class="tag" { (t(if item.required { words::REQUIRED } else { words::OPTIONAL })) }
                        " " (item.title)
                        @if let Some(version) = &item.version { " " small { (version) } }
                    }
                    span class=(if item.agreed { "yes" } else { "no" }) {
                        (t(if item.agreed { words::AGREED } else { words::REFUSED }))
                    }
                }
            }
        }
    }
}

/// On from here: something else, or the same once more.
fn ways(locale: Locale, service: Option<&Service>, account: Option<&str>) -> Markup {
    let t = |words: Words| say(locale, words);
    html! {
        nav class="ways" {
            a class="way" href=(format!("{PATH}?lang={locale}")) { (t(words::AGAIN)) }
            a class="way" href=(ACCOUNT) { (t(words::ACCOUNT_PAGES)) }
            @if let (Some(service), Some(account)) = (service, account) {
                form action=(format!("{PATH}/reset")) method="post" {
                    input type="hidden" name="account" value=(account);
                    input type="hidden" name="service" value=(service.client_id);
                    input type="hidden" name="lang" value=(locale);
                    button class="plain" { (t(words::RESET)) }
                }
            }
        }
    }
}

fn at_service(service: Option<&Service>, locale: Locale) -> Markup {
    html! {
        @if let Some(service) = service {
            p class="service" { bdi { (service.name.get(locale.tag())) } }
        }
    }
}

fn languages(locale: Locale) -> Markup {
    html! {
        nav class="languages" aria-label="Language" {
            @for other in words::LANGUAGES {
                a href=(format!("{PATH}?lang={other}")) lang=(other)
                    aria-current=[(other == locale).then_some("true")] { (other.name()) }
            }
        }
    }
}

fn choice(
    field: &str,
    value: &str,
    title: &str,
    id: &str,
    note: Option<&Text>,
    locale: Locale,
    is_first: bool,
) -> Markup {
    html! {
        label class="choice" {
            input type="radio" name=(field) value=(value) checked[is_first] required;
            span {
                strong { bdi { (title) } } " " code { (id) }
                @if let Some(note) = note { small { (note.get(locale.tag())) } }
            }
        }
    }
}

/// From the simplest to the rarest; a map would sort by name.
const ACCOUNTS: &[&str] = &[
    "new",
    "returning",
    "login-only",
    "no-email",
    "channel-added",
    "channel-blocked",
    "no-messenger",
    "under-14",
    "everything",
];
const SERVICES: &[&str] = &[
    shops::SHOP,
    "demo-shop",
    "demo-bookclub",
    "demo-travel",
    "demo-test-app",
    "demo-pending",
    "demo-parcels",
    shops::TEST_APP,
];

fn in_order<'a, T>(
    all: impl Iterator<Item = &'a T>,
    order: &[&str],
    id: impl Fn(&T) -> &str,
) -> Vec<&'a T> {
    let mut all: Vec<&T> = all.collect();
    all.sort_by_key(|it| order.iter().position(|known| *known == id(it)).unwrap_or(order.len()));
    all
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn about_the_person_first(claims: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let is_technical =
        |name: &str| ["iss", "aud", "iat", "exp", "auth_time", "nonce", "sub"].contains(&name);
    let mut claims: Vec<_> = claims.iter().collect();
    claims.sort_by_key(|(name, _)| is_technical(name));
    claims
}

/// Tokens open doors: enough is shown to distinguish two.
fn shortened(name: &str, value: &Value) -> String {
    let text = plain(value);
    if name.ends_with("_token") {
        format!("{}… ({})", text.chars().take(12).collect::<String>(), text.len())
    } else {
        text
    }
}
