//! What has to be asked, if anything.
//!
//! The rules are the platform's (Kakao Login REST, service terms): the first connection asks;
//! accounts that came by plain login are asked once; later only what the service names is asked, and
//! only when it names a required term or an item that was not agreed to. A new required term alone
//! prompts no one, unless the configuration has `ask_again` for it.
//!
//! Beyond the platform, a member is asked without a request for what is due ([`super::due`]): new
//! versions of terms as configured, items whose statements changed, and what has expired.
//!
//! A service that is not approved, or not any more, asks its members nothing: they go on with what they
//! agreed to, by plain login or on the screen. Only sign-up is off.
//!
//! Standard scopes and the `claims` parameter come with every sign-in of a standard client. For them an
//! optional item is asked once: a user who has refused it is not asked again. `prompt=consent` asks a
//! member for everything again.

use consent_contract::{decision::Agreement, item::ItemKey, request::Purpose};
use time::Date;

use super::due;
use crate::{
    config::{Account, How, Item, Service, Term},
    oauth::request::Wanted,
    store::{AgreementChange, Grant, LastChange, LastChanges},
};

/// What has to be asked. Everything of it, or nothing, is on the screen.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    pub purpose: Purpose,
    pub terms: Vec<&'a Term>,
    pub items: Vec<&'a Item>,
}

impl Asked<'_> {
    /// The required items that the account has no value for and that cannot be agreed to without one.
    fn missing<'b>(&'b self, account: &'b Account) -> impl Iterator<Item = &'b Item> {
        let items = self.items.iter().copied();
        items.filter(|item| item.needs_a_value() && !account.has(item.attribute))
    }

    /// The first item of those whose value cannot be typed: the request cannot be agreed to.
    #[must_use]
    pub fn unavailable<'b>(&'b self, account: &'b Account) -> Option<&'b Item> {
        self.missing(account).find(|item| !item.collect)
    }

    /// Whether the person must type something to agree.
    #[must_use]
    pub fn needs_a_value(&self, account: &Account) -> bool {
        self.missing(account).any(|item| item.collect)
    }
}

/// What holds between an account and a service, and how that came about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    pub grant: Grant,
    /// Empty for an account that is not linked through the combined screen.
    pub last_changes: LastChanges,
}

/// What has to be asked. `None` when there is nothing to ask.
#[must_use]
pub fn asked<'a>(
    service: &'a Service,
    account: &Account,
    standing: &Standing,
    wanted: &Wanted,
    today: Date,
) -> Option<Asked<'a>> {
    let grant = &standing.grant;
    if !service.approved && grant.link.is_some() {
        return None;
    }
    // A term whose day has not come is not asked yet.
    let terms = service.terms_on(today).into_iter();
    let can_be_asked = |item: &Item| {
        // A value that is missing and may not be typed cannot be provided. A required item
        // is asked all the same: leaving it out would look as if the service did not want it.
        item.required || item.collect || account.has(item.attribute)
    };
    let is_wanted = |item: &Item| {
        let id = item.attribute.id();
        wanted.items.contains(id) || wanted.items_of_claims.contains(id)
    };
    if grant.link != Some(How::Combined) {
        let items = service.personal_info.items.iter();
        return Some(Asked {
            purpose: Purpose::SignUp,
            terms: terms
                .filter(|term| {
                    let only_named = term.only_when_requested || wanted.only_named_terms;
                    !only_named || wanted.terms.contains(&term.tag)
                })
                .collect(),
            items: items
                .filter(|item| can_be_asked(item))
                .filter(|item| !item.only_when_requested || is_wanted(item))
                .collect(),
        });
    }

    if wanted.consent_again {
        return Some(again(service, &can_be_asked, &is_wanted, grant, wanted, today));
    }

    let is_new = |term: &Term| {
        grant.terms.get(&term.tag).is_none_or(|(version, _)| *version != term.version)
    };
    let is_due = |term: &Term| due::is_term_due(service, term, standing, today);
    let terms: Vec<&Term> = terms
        .filter(|term| wanted.terms.contains(&term.tag) && is_new(term) || is_due(term))
        .collect();
    let items: Vec<&Item> = service
        .personal_info
        .items
        .iter()
        .filter(|item| {
            let id = item.attribute.id();
            let is_open = item.required || !grant.asked_before.contains(id);
            let is_wanted =
                wanted.items.contains(id) || wanted.items_of_claims.contains(id) && is_open;
            let is_new = is_wanted && !grant.items.contains_key(id);
            (is_new || due::is_item_due(service, item, standing)) && can_be_asked(item)
        })
        .collect();
    let prompts = terms.iter().any(|term| term.required || is_due(term)) || !items.is_empty();
    prompts.then_some(Asked { purpose: Purpose::AdditionalConsent, terms, items })
}

/// Everything that a member agreed to, could agree to, or is wanted now.
fn again<'a>(
    service: &'a Service,
    can_be_asked: &dyn Fn(&Item) -> bool,
    is_wanted: &dyn Fn(&Item) -> bool,
    grant: &Grant,
    wanted: &Wanted,
    today: Date,
) -> Asked<'a> {
    let is_granted = |item: &Item| grant.items.contains_key(item.attribute.id());
    let items = service.personal_info.items.iter().filter(|item| can_be_asked(item));
    let terms = service.terms_on(today).into_iter().filter(|term| {
        let is_named = wanted.terms.contains(&term.tag) || grant.terms.contains_key(&term.tag);
        !term.only_when_requested || is_named
    });
    Asked {
        purpose: Purpose::AdditionalConsent,
        terms: terms.collect(),
        items: items
            .filter(|item| !item.only_when_requested || is_wanted(item) || is_granted(item))
            .collect(),
    }
}

/// What a challenge asked for before some of it was answered elsewhere: in another tab, or at the
/// same moment. An agreement that answers that is an answer, too, and the latest one.
#[must_use]
pub fn asked_before<'a>(
    service: &'a Service,
    account: &Account,
    standing: &Standing,
    wanted: &Wanted,
    purpose: Purpose,
    agreement: &Agreement,
    today: Date,
) -> Option<Asked<'a>> {
    let mut standing = standing.clone();
    match purpose {
        Purpose::SignUp => standing.grant.link = None,
        Purpose::AdditionalConsent => {
            let terms = agreement.terms.iter().map(|it| ItemKey::Term(it.tag.clone()));
            let items = agreement.personal_info.iter().map(|it| ItemKey::Item(it.id.clone()));
            terms.chain(items).for_each(|key| reopen(&mut standing, &key));
        }
    }
    asked(service, account, &standing, wanted, today)
}

/// Makes an answer open again, as it was before it was given.
fn reopen(standing: &mut Standing, key: &ItemKey) {
    match key {
        ItemKey::Term(tag) => drop(standing.grant.terms.remove(tag)),
        ItemKey::Item(id) => drop(standing.grant.items.remove(id)),
        ItemKey::Channel(_) => {}
    }
    // What was asked because it was due is not named by the request: it is due again.
    if let Some(LastChange { change, .. }) = standing.last_changes.get_mut(key)
        && matches!(change, AgreementChange::Agree | AgreementChange::Refuse)
    {
        *change = AgreementChange::Expire;
    }
}

#[cfg(test)]
mod tests;
