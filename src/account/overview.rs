//! The list of services.

use consent_contract::account::{Connection, FormerConnection, Overview, SESSIONS, service_path};
use leptos::prelude::*;

use super::{
    Part, fact, header,
    moment::{Day, WithDay},
    untrusted,
    words::words,
};
use crate::{
    components::{LinkButton, ProperName, Variant},
    consent::{account::AccountSection, service::ServiceHeader},
    i18n::{self, Locale},
};

pub fn view(page: &Overview, locale: Locale) -> AnyView {
    let words = words(locale);
    let account = page.account.clone();
    let connections: Vec<_> = page.services.iter().map(|it| connection(it, locale)).collect();
    let services = match connections.is_empty() {
        true => view! { <p class="account-page__empty">{words.no_services}</p> }.into_any(),
        false => view! { <ul class="connections">{connections}</ul> }.into_any(),
    };
    let former: Vec<_> = page.former.iter().map(|it| former_connection(it, locale)).collect();
    let former = (!former.is_empty()).then(|| {
        view! {
            <Part id="former" heading=words.former_services>
                <ul class="account-page__list">{former}</ul>
            </Part>
        }
    });
    view! {
        {header(words.overview_heading.into_any(), Some(words.overview_lead.into_any()))}
        <AccountSection account texts=i18n::texts(locale)/>
        <Part id="services" heading=words.services>{services}</Part>
        {former}
        <Part id="sessions" heading=words.sessions>
            <p class="account-page__hint">{words.sessions_hint}</p>
            <LinkButton variant=Variant::Secondary href=SESSIONS.to_owned()>
                {words.sessions}
            </LinkButton>
        </Part>
    }
    .into_any()
}

fn connection(it: &Connection, locale: Locale) -> AnyView {
    let words = words(locale);
    let texts = i18n::texts(locale);
    let service = it.service.clone();
    let name = service.name.clone();
    let all = |texts: &[String]| -> Vec<AnyView> { texts.iter().map(|it| untrusted(it)).collect() };
    let receives = match it.receives.is_empty() {
        true => vec![words.nothing.into_any()],
        false => all(&it.receives),
    };
    let more = [(words.agreed_terms, &it.agreed), (words.added_channels, &it.channels)];
    let more: Vec<_> = more
        .into_iter()
        .filter(|(_, texts)| !texts.is_empty())
        .map(|(term, texts)| fact(term, all(texts)))
        .collect();
    let expires: Vec<AnyView> = it
        .expires
        .iter()
        .map(|expiry| {
            let (title, at) = (untrusted(&expiry.title), expiry.at.clone());
            view! { {title} " · " <WithDay text=words.until at locale/> }.into_any()
        })
        .collect();
    let expires = (!expires.is_empty()).then(|| fact(words.expires, expires));
    let since = view! { <Day at=it.since.clone() locale/> }.into_any();
    view! {
        <li class="connection">
            <ServiceHeader service texts/>
            <dl class="facts">
                {fact(words.since, vec![since])}
                {fact(words.receives, receives)}
                {more}
                {expires}
            </dl>
            <LinkButton variant=Variant::Secondary href=service_path(&it.client_id)>
                <span class="visually-hidden"><ProperName text=name/> " "</span>
                {words.manage}
            </LinkButton>
        </li>
    }
    .into_any()
}

fn former_connection(it: &FormerConnection, locale: Locale) -> AnyView {
    let (name, at) = (it.name.clone(), it.left_at.clone());
    view! {
        <li>
            <a class="link" href=service_path(&it.client_id)><ProperName text=name/></a>
            " "
            <span class="account-page__when">
                <WithDay text=words(locale).left_on at locale/>
            </span>
        </li>
    }
    .into_any()
}
