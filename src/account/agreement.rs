//! One term, item or channel, with its state and what the user can do about it.

use consent_contract::{
    account::{
        AgreementState, ChannelEntry, Entry, NewerText, field, leave_path, receipt_path, text_path,
        withdraw_path,
    },
    item::ItemKey,
    name,
    request::Relation,
};
use leptos::prelude::*;

use super::{
    moment::{Day, WithDay},
    untrusted, untrusted_in,
    words::{Words, words},
};
use crate::{
    components::{LinkButton, Variant, non_empty},
    i18n::{self, Locale},
};

/// How an agreement can be withdrawn.
#[derive(Debug, Clone, Copy)]
pub enum Withdrawal<'a> {
    /// Not here: the account is not connected to the service any more.
    None,
    /// With a form that holds this token; a required one by leaving.
    Offered { csrf_token: &'a str },
}

/// The state as a label. The style sheet puts a sign before it: colour alone would not do.
#[component]
pub fn State(state: AgreementState, words: &'static Words) -> impl IntoView {
    let class = match state {
        AgreementState::Agreed => "state state--agreed",
        AgreementState::Refused => "state state--refused",
        AgreementState::Withdrawn => "state state--withdrawn",
        AgreementState::Expired => "state state--expired",
    };
    view! { <span class=class>{words.state(state)}</span> }
}

/// A term or an item.
pub fn entry(
    entry: &Entry,
    client_id: &str,
    withdrawal: Withdrawal<'_>,
    locale: Locale,
) -> AnyView {
    let words = words(locale);
    let texts = i18n::texts(locale);
    let (tag, tag_class) = match entry.required {
        true => (texts.required, "row__need row__need--required"),
        false => (texts.optional, "row__need"),
    };
    let newer = entry.newer.as_ref().filter(|_| entry.state == AgreementState::Agreed);
    let newer_since = newer.map(|newer| {
        let at = newer.effective_from.clone();
        view! { <p class="agreement__newer"><WithDay text=words.newer_version at locale/></p> }
    });
    view! {
        <li class="agreement" id=entry.key.to_string()>
            <div class="agreement__head">
                <p class="agreement__title">
                    <span class=tag_class>{tag}</span>
                    " "
                    {untrusted_in(&entry.title, Some(&entry.locale))}
                </p>
                <State state=entry.state words/>
            </div>
            {about(entry, locale)}
            {newer_since}
            <div class="agreement__actions">
                {links(entry, newer, client_id, words)}
                {withdraw(entry, client_id, withdrawal, words)}
            </div>
        </li>
    }
    .into_any()
}

/// When it was answered, which version, until when it holds, and who collected it.
fn about(entry: &Entry, locale: Locale) -> Option<AnyView> {
    let words = words(locale);
    let at = entry.at.clone().map(|at| view! { <Day at locale/> }.into_any());
    let version = entry
        .version
        .as_ref()
        .map(|version| i18n::fill(i18n::texts(locale).version, &name::clean(version)).into_any());
    let until = entry
        .expires_at
        .clone()
        .filter(|_| entry.state == AgreementState::Agreed)
        .map(|at| view! { <WithDay text=words.until at locale/> }.into_any());
    let reported = (entry.reported_by_service && entry.state == AgreementState::Agreed)
        .then(|| words.reported_by_service.into_any());
    let parts: Vec<_> = [at, version, until, reported]
        .into_iter()
        .flatten()
        .map(|part| view! { <span class="agreement__part">{part}</span> " " })
        .collect();
    (!parts.is_empty()).then(|| view! { <p class="agreement__about">{parts}</p> }.into_any())
}

fn links(
    entry: &Entry,
    newer: Option<&NewerText>,
    client_id: &str,
    words: &'static Words,
) -> Vec<AnyView> {
    // An item has no text of its own: the statements about all items have a link of their own.
    let is_term = matches!(entry.key, ItemKey::Term(_));
    let text = entry.digest.as_ref().filter(|_| is_term);
    let text = text.map(|digest| (text_path(client_id, digest), words.read_text));
    let newer = newer.map(|newer| (text_path(client_id, &newer.digest), words.read_newer));
    let receipt = entry.receipt_id.as_ref().map(|id| (receipt_path(id), words.read_receipt));
    let links = text.into_iter().chain(newer).chain(receipt);
    links.map(|(href, label)| of_entry(entry, href, label)).collect()
}

fn withdraw(
    entry: &Entry,
    client_id: &str,
    withdrawal: Withdrawal<'_>,
    words: &'static Words,
) -> Option<AnyView> {
    let Withdrawal::Offered { csrf_token } = withdrawal else { return None };
    if entry.state != AgreementState::Agreed {
        return None;
    }
    let key = entry.key.to_string();
    if entry.required {
        let href = [&leave_path(client_id), "?key=", &key].concat();
        return Some(of_entry(entry, href, words.withdraw_required));
    }
    let title = non_empty(name::clean(&entry.title));
    Some(
        view! {
            <form class="agreement__withdraw" method="post" action=withdraw_path(client_id)>
                <input type="hidden" name=field::CSRF_TOKEN value=csrf_token.to_owned()/>
                <button
                    type="submit"
                    class=Variant::Link.class()
                    name=field::KEY
                    value=key
                >
                    <span class="visually-hidden" lang=entry.locale.clone()>{title} " "</span>
                    {words.withdraw}
                </button>
            </form>
        }
        .into_any(),
    )
}

/// A link whose name has the title of the entry: links of several entries differ by it.
fn of_entry(entry: &Entry, href: String, label: &'static str) -> AnyView {
    let (title, language) = (non_empty(name::clean(&entry.title)), entry.locale.clone());
    view! {
        <LinkButton variant=Variant::Link href>
            <span class="visually-hidden" lang=language>{title} " "</span>
            {label}
        </LinkButton>
    }
    .into_any()
}

/// A channel.
pub fn channel(channel: &ChannelEntry, locale: Locale) -> AnyView {
    let words = words(locale);
    let (class, label) = match channel.relation {
        Relation::Added => ("state state--agreed", words.channel_added),
        Relation::Blocked => ("state state--withdrawn", words.channel_blocked),
        Relation::None => ("state state--refused", words.channel_not_added),
    };
    let at = channel.at.clone().map(|at| {
        view! { <p class="agreement__about"><Day at locale/></p> }
    });
    view! {
        <li class="agreement">
            <div class="agreement__head">
                <p class="agreement__title">{untrusted(&channel.name)}</p>
                <span class=class>{label}</span>
            </div>
            {at}
        </li>
    }
    .into_any()
}
