//! The account pages: what a user agreed to at each service, withdrawing it, receipts and sessions. A
//! server renders them, and they hold no script. None of it is in the consent screen's bundle.

mod agreement;
mod leave;
mod moment;
mod overview;
mod receipt;
mod service;
mod sessions;
mod text;
mod words;

use consent_contract::{
    account::{ACCOUNT, AccountPage, ServiceNotice, ServicePage, service_path},
    name,
};
use leptos::prelude::*;

use self::words::words;
use crate::{
    components::{HEADING_ID, PageHeading, WithName, non_empty},
    i18n::{Locale, fill},
};

/// The styles of these pages, after the screen's.
pub const STYLE: &str = include_str!("page.css");

/// The document's title. A screen reader reads it first, so what was just done stands in front.
#[must_use]
pub fn title(page: &AccountPage, locale: Locale) -> String {
    let words = words(locale);
    match page {
        AccountPage::Overview(_) => words.overview_heading.to_owned(),
        AccountPage::Service(page) => service_title(page, locale),
        AccountPage::Leave(page) => fill(words.leave_heading, &name::clean(&page.service.name)),
        AccountPage::Text(page) => name::clean(text::heading(page, locale)),
        AccountPage::Receipt(page) => {
            [words.receipt_heading, &name::clean(&page.service.name)].join(" · ")
        }
        AccountPage::Sessions(_) => words.sessions.to_owned(),
        AccountPage::SignedOut => words.signed_out_heading.to_owned(),
    }
}

fn service_title(page: &ServicePage, locale: Locale) -> String {
    let words = words(locale);
    let heading = fill(words.service_heading, &name::clean(&page.service.name));
    let done = match &page.notice {
        Some(ServiceNotice::Withdrawn(key)) => {
            service::title_of(page, key).map(|it| fill(words.withdrawn_heading, &name::clean(it)))
        }
        Some(ServiceNotice::Left) => Some(words.left_heading.to_owned()),
        None => None,
    };
    done.into_iter().chain([heading]).collect::<Vec<_>>().join(" · ")
}

/// The page.
#[must_use]
pub fn view(page: &AccountPage, locale: Locale) -> AnyView {
    match page {
        AccountPage::Overview(page) => frame(None, overview::view(page, locale)),
        AccountPage::Service(page) => frame(Some(to_overview(locale)), service::view(page, locale)),
        AccountPage::Leave(page) => {
            let back = to_service(&page.client_id, &page.service.name, locale);
            frame(Some(back), leave::view(page, locale))
        }
        AccountPage::Text(page) => {
            let back = to_service(&page.client_id, &page.service, locale);
            frame(Some(back), text::view(page, locale))
        }
        AccountPage::Receipt(page) => {
            let back = to_service(&page.client_id, &page.service.name, locale);
            frame(Some(back), receipt::view(page, locale))
        }
        AccountPage::Sessions(page) => {
            frame(Some(to_overview(locale)), sessions::view(page, locale))
        }
        AccountPage::SignedOut => frame(None, sessions::signed_out(locale)),
    }
}

fn frame(back: Option<AnyView>, content: AnyView) -> AnyView {
    let back = back.map(|link| view! { <nav class="account-page__back">{link}</nav> });
    view! {
        <main class="page" aria-labelledby=HEADING_ID>
            <div class="account-page">{back} {content}</div>
        </main>
    }
    .into_any()
}

fn to_overview(locale: Locale) -> AnyView {
    view! { <a class="link" href=ACCOUNT>{words(locale).overview_heading}</a> }.into_any()
}

fn to_service(client_id: &str, service: &str, locale: Locale) -> AnyView {
    let (text, name) = (words(locale).service_heading, service.to_owned());
    view! { <a class="link" href=service_path(client_id)><WithName text name/></a> }.into_any()
}

/// The heading of a page, and a sentence below it.
fn header(heading: AnyView, lead: Option<AnyView>) -> AnyView {
    view! {
        <header class="account-page__header">
            <PageHeading>{heading}</PageHeading>
            {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
        </header>
    }
    .into_any()
}

/// A part of a page with a heading.
#[component]
fn Part(id: &'static str, heading: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="section account-page__part" aria-labelledby=id>
            <h2 class="section__title" id=id>{heading}</h2>
            <div>{children()}</div>
        </section>
    }
    .into_any()
}

/// A term and its descriptions. Descriptions of services are untrusted.
fn fact(term: &'static str, descriptions: Vec<AnyView>) -> AnyView {
    let descriptions: Vec<_> = descriptions.into_iter().map(|it| view! { <dd>{it}</dd> }).collect();
    view! { <dt>{term}</dt> {descriptions} }.into_any()
}

/// A text that a service wrote, in the language of the page.
fn untrusted(text: &str) -> AnyView {
    untrusted_in(text, None)
}

/// A text that a service wrote, in a language: a BCP 47 tag.
fn untrusted_in(text: &str, language: Option<&str>) -> AnyView {
    let language = language.map(str::to_owned);
    view! { <bdi lang=language>{non_empty(name::clean(text))}</bdi> }.into_any()
}
