//! Who receives the personal information of a user, for what and for how long: as the user agreed to it,
//! and as it is configured now.

use std::collections::BTreeMap;

use consent_contract::{
    account::{AgreementState, Entry, Provision, ProvisionGroup, Statement},
    item::ItemKey,
    request::shown_statements,
};

use super::{labels::Labels, text::read_statement, user::User};
use crate::{App, http::error::PageError};

/// An item, and what is stated about it.
struct StatedItem {
    label: String,
    /// The language of the texts: a BCP 47 tag.
    locale: String,
    /// Recipient, purpose and retention.
    texts: [String; 3],
    /// Whether one of them is the item's own.
    is_own: bool,
}

/// What the user agreed to last, and what is configured now, when that is another statement. Without an
/// agreement, what is configured.
///
/// # Errors
/// When the database cannot be read.
pub async fn provisions(
    app: &App,
    user: &User,
    client_id: &str,
    labels: &Labels<'_>,
    entries: &[Entry],
) -> Result<(Provision, Option<Provision>), PageError> {
    let items = entries.iter().filter_map(|entry| match &entry.key {
        ItemKey::Item(id) => Some((id.as_str(), entry)),
        ItemKey::Term(_) | ItemKey::Channel(_) => None,
    });
    let items: Vec<_> = items.collect();
    let is_held = |entry: &Entry| entry.state == AgreementState::Agreed;
    let held: Vec<_> = items.iter().copied().filter(|(_, entry)| is_held(entry)).collect();
    let mut statements: BTreeMap<&str, (String, Statement)> = BTreeMap::new();
    for digest in held.iter().filter_map(|(_, entry)| entry.digest.as_deref()) {
        if !statements.contains_key(digest)
            && let Some((locale, text)) =
                app.store().statement_shown(&user.account.id, client_id, digest).await?
        {
            statements.insert(digest, (locale, read_statement(&text)?));
        }
    }
    let configured = |of: &[(&str, &Entry)]| {
        let of = of.iter().map(|(id, entry)| (*id, labels.title(&entry.key, None), labels.locale));
        configured(labels, labels.locale, of).unwrap_or_default()
    };
    let shown = |entry: &Entry| entry.digest.as_deref().and_then(|it| statements.get(it));
    // Times are in one zone and of one length.
    let last = held.iter().max_by_key(|(_, entry)| entry.at.clone());
    let Some((locale, last)) = last.and_then(|(_, entry)| shown(entry)) else {
        return Ok((configured(&items), None));
    };
    let of_items = held.iter().filter_map(|(id, entry)| {
        let (locale, statement) = shown(entry)?;
        let mut groups = statement.groups().into_iter();
        let group = groups.find(|group| group.items.iter().any(|(it, ..)| it == id))?;
        let [recipient, purpose, retention, _] = group.statements.map(String::clone);
        let texts = [recipient, purpose, retention];
        let shared = [&statement.recipient, &statement.purpose, &statement.retention];
        let is_own = texts.each_ref() != shared;
        let (label, locale) = (entry.title.clone(), locale.clone());
        Some((*id, StatedItem { label, locale, texts, is_own }))
    });
    let (ids, of_items): (Vec<_>, Vec<_>) = of_items.unzip();
    let same = ids.iter().zip(&of_items).map(|(id, it)| (*id, it.label.clone(), &*it.locale));
    let now = self::configured(labels, locale, same);
    let shared = [&last.recipient, &last.purpose, &last.retention].map(String::clone);
    let agreed = provision(locale, shared, of_items);
    let is_newer = labels.is_configured() && now.as_ref() != Some(&agreed);
    Ok((agreed, is_newer.then(|| configured(&held))))
}

/// What is configured about items, each with its label and in a language. None where the service has no
/// texts in that language.
fn configured<'a>(
    labels: &Labels<'_>,
    locale: &str,
    items: impl Iterator<Item = (&'a str, String, &'a str)>,
) -> Option<Provision> {
    let shared = labels.statements(None, locale)?;
    let items = items.map(|(id, label, locale)| {
        let texts = labels.statements(Some(id), locale)?;
        let is_own = Some(&texts) != labels.statements(None, locale).as_ref();
        Some(StatedItem { label, locale: locale.to_owned(), texts, is_own })
    });
    Some(provision(locale, shared, items.collect::<Option<_>>()?))
}

/// What most items share, and what differs for others. Where every item has statements of its own, those
/// of the first one are shared.
fn provision(locale: &str, shared: [String; 3], items: Vec<StatedItem>) -> Provision {
    let (locale, shared) = match items.first() {
        Some(first) if items.iter().all(|item| item.is_own) => {
            (first.locale.clone(), first.texts.clone())
        }
        _ => (locale.to_owned(), shared),
    };
    let mut groups: Vec<(String, [String; 3], Vec<String>)> = Vec::new();
    for StatedItem { label, locale, texts, is_own } in items {
        if !is_own || texts == shared {
            continue;
        }
        match groups.iter_mut().find(|(of, it, _)| *of == locale && *it == texts) {
            Some((.., labels)) => labels.push(label),
            None => groups.push((locale, texts, vec![label])),
        }
    }
    let mut above = shared.each_ref();
    let shown = groups.iter().map(|(locale, texts, items)| {
        let above = std::mem::replace(&mut above, texts.each_ref());
        let shown = shown_statements(texts.each_ref(), shared.each_ref(), Some(above));
        let text = |at: usize| shown[at].then(|| texts[at].clone());
        ProvisionGroup {
            locale: locale.clone(),
            recipient: text(0),
            purpose: text(1),
            retention: text(2),
            items: items.clone(),
        }
    });
    let groups = shown.collect();
    let [recipient, purpose, retention] = shared;
    Provision { locale, recipient, purpose, retention, groups }
}
