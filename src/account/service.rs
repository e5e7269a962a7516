//! Everything that was answered at one service.

use consent_contract::{
    account::{
        ConnectionState, Entry, Provision, ReceiptSummary, ServiceNotice, ServicePage, leave_path,
        receipt_path, text_path,
    },
    item::ItemKey,
    name,
};
use leptos::prelude::*;

use super::{
    Part,
    agreement::{Withdrawal, channel, entry},
    fact, header,
    moment::{Moment, WithDay},
    untrusted_in,
    words::words,
};
use crate::{
    components::{Alert, AlertVariant, LinkButton, Variant, WithName},
    consent::service::ServiceHeader,
    i18n::{self, Locale, fill},
};

pub fn view(page: &ServicePage, locale: Locale) -> AnyView {
    let words = words(locale);
    let texts = i18n::texts(locale);
    let service = page.service.clone();
    let name = service.name.clone();
    let lead = match page.connection.clone() {
        ConnectionState::Linked(at) => {
            view! { <WithDay text=words.linked_since at locale/> }.into_any()
        }
        ConnectionState::Left(at) => {
            view! { <WithDay text=words.left_since at locale/> }.into_any()
        }
        ConnectionState::NotLinked => words.not_linked.into_any(),
    };
    let heading = view! { <WithName text=words.service_heading name/> }.into_any();
    // Of a service that is not configured any more, the heading has everything that is known.
    let header_of_service = (!service.company.is_empty()).then(|| {
        view! { <div class="account-page__service"><ServiceHeader service texts/></div> }
    });
    let is_empty = page.terms.is_empty() && page.items.is_empty();
    let nothing = is_empty.then(|| {
        view! { <p class="account-page__empty">{words.nothing_agreed}</p> }
    });
    view! {
        {header_of_service}
        {header(heading, Some(lead))}
        {notice(page, locale)}
        {nothing}
        {terms(page, locale)}
        {items(page, locale)}
        {channels(page, locale)}
        {receipts(&page.receipts, locale)}
        {leave(page, locale)}
    }
    .into_any()
}

/// The title of an agreement of this page.
pub fn title_of<'a>(page: &'a ServicePage, key: &ItemKey) -> Option<&'a str> {
    let entries = page.terms.iter().chain(&page.items);
    entries.into_iter().find(|entry| entry.key == *key).map(|entry| &*entry.title)
}

/// What was just done, and what follows. The address names it as its fragment: the browser goes on
/// from there, and a screen reader reads it.
fn notice(page: &ServicePage, locale: Locale) -> Option<AnyView> {
    let words = words(locale);
    let (heading, paragraphs) = match page.notice.as_ref()? {
        ServiceNotice::Withdrawn(key) => {
            let heading = fill(words.withdrawn_heading, &name::clean(title_of(page, key)?));
            let follows = match key {
                ItemKey::Item(_) => words.withdrawn_item,
                ItemKey::Term(_) | ItemKey::Channel(_) => words.withdrawn_term,
            };
            (heading, vec![follows, words.withdrawn_again])
        }
        ServiceNotice::Left => (words.left_heading.to_owned(), vec![words.left_text]),
    };
    let paragraphs: Vec<_> = paragraphs.into_iter().map(|it| view! { <p>{it}</p> }).collect();
    Some(
        view! {
            <div class="account-page__notice" id="notice" tabindex="-1">
                <Alert variant=AlertVariant::Info>
                    <p><strong>{heading}</strong></p>
                    {paragraphs}
                </Alert>
            </div>
        }
        .into_any(),
    )
}

fn entries(page: &ServicePage, entries: &[Entry], locale: Locale) -> Vec<AnyView> {
    let withdrawal = match page.connection.is_linked() {
        true => Withdrawal::Offered { csrf_token: &page.csrf_token },
        false => Withdrawal::None,
    };
    entries.iter().map(|it| entry(it, &page.client_id, withdrawal, locale)).collect()
}

fn terms(page: &ServicePage, locale: Locale) -> Option<AnyView> {
    let terms = entries(page, &page.terms, locale);
    (!terms.is_empty()).then(|| {
        view! {
            <Part id="terms" heading=i18n::texts(locale).terms>
                <ul class="agreements">{terms}</ul>
            </Part>
        }
        .into_any()
    })
}

/// Who receives personal information, for what and for how long, and where that differs for some items.
/// A service that is not configured any more states nothing.
fn provision(provision: &Provision, locale: Locale) -> Option<AnyView> {
    let shared = [&provision.recipient, &provision.purpose, &provision.retention];
    let shared = facts(shared.map(String::as_str), &provision.locale, locale);
    let groups: Vec<_> = provision
        .groups
        .iter()
        .map(|group| {
            let own = [&group.recipient, &group.purpose, &group.retention];
            let own = own.map(|text| text.as_deref().unwrap_or_default());
            let own = facts(own, &group.locale, locale);
            let items = group.items.iter().map(|it| untrusted_in(it, Some(&group.locale)));
            let items = fact(words(locale).statement_items, items.collect());
            view! { <dl class="facts">{own} {items}</dl> }
        })
        .collect();
    (!shared.is_empty()).then(|| view! { <dl class="facts">{shared}</dl> {groups} }.into_any())
}

/// Recipient, purpose and retention, those that are given.
fn facts(texts: [&str; 3], language: &str, locale: Locale) -> Vec<AnyView> {
    let words = i18n::texts(locale);
    let facts = [words.recipient, words.purpose, words.retention].into_iter().zip(texts);
    facts
        .filter(|(_, text)| !text.is_empty())
        .map(|(term, text)| fact(term, vec![untrusted_in(text, Some(language))]))
        .collect()
}

fn items(page: &ServicePage, locale: Locale) -> Option<AnyView> {
    let items = entries(page, &page.items, locale);
    let texts = i18n::texts(locale);
    let facts = provision(&page.provision, locale);
    let newer = page.newer_provision.as_ref().map(|newer| {
        view! {
            <p>{words(locale).newer_provision}</p>
            {provision(newer, locale)}
        }
    });
    // Items that were answered on one screen share the statements.
    let mut digests: Vec<_> = page.items.iter().filter_map(|item| item.digest.as_deref()).collect();
    digests.dedup();
    let statements: Vec<_> = digests
        .into_iter()
        .map(|digest| {
            let href = text_path(&page.client_id, digest);
            view! {
                <LinkButton variant=Variant::Link href>{words(locale).read_statement}</LinkButton>
            }
        })
        .collect();
    (!items.is_empty()).then(|| {
        view! {
            <Part id="items" heading=texts.personal_info>
                {facts}
                {newer}
                <p class="account-page__links">{statements}</p>
                <ul class="agreements">{items}</ul>
            </Part>
        }
        .into_any()
    })
}

fn channels(page: &ServicePage, locale: Locale) -> Option<AnyView> {
    let words = words(locale);
    let channels: Vec<_> = page.channels.iter().map(|it| channel(it, locale)).collect();
    (!channels.is_empty()).then(|| {
        view! {
            <Part id="channels" heading=words.channels>
                <p class="account-page__hint">{words.channel_stays}</p>
                <ul class="agreements">{channels}</ul>
            </Part>
        }
        .into_any()
    })
}

fn receipts(receipts: &[ReceiptSummary], locale: Locale) -> Option<AnyView> {
    let words = words(locale);
    let receipts: Vec<_> = receipts
        .iter()
        .map(|receipt| {
            let at = receipt.at.clone();
            view! {
                <li>
                    <a class="link" href=receipt_path(&receipt.receipt_id)>
                        {words.event(receipt.event)}
                        " "
                        <span class="account-page__when"><Moment at locale/></span>
                    </a>
                </li>
            }
        })
        .collect();
    (!receipts.is_empty()).then(|| {
        view! {
            <Part id="receipts" heading=words.receipts>
                <ul class="account-page__list">{receipts}</ul>
            </Part>
        }
        .into_any()
    })
}

fn leave(page: &ServicePage, locale: Locale) -> Option<AnyView> {
    let words = words(locale);
    page.connection.is_linked().then(|| {
        let href = leave_path(&page.client_id);
        view! {
            <Part id="leave" heading=words.leave_section>
                <p class="account-page__hint">{words.leave_hint}</p>
                <LinkButton variant=Variant::Secondary href>
                    {words.leave}
                </LinkButton>
            </Part>
        }
        .into_any()
    })
}
