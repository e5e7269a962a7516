//! What a member has to be asked although no request names it.
//!
//! - A term that the member agreed to in an earlier version, or that is required and was never agreed
//!   to: as its `ask_again` is configured.
//! - An item that the member agreed to with another recipient, purpose or retention
//!   ([`super::statements`]).
//! - A term or an item whose agreement has expired.
//!
//! A refused or withdrawn optional item is never due: users are not asked again to change a choice
//! (Consumer Protection in Electronic Commerce Act, 21-2(1)5).

use consent_contract::item::ItemKey;
use time::Date;

use super::{ask::Standing, statements};
use crate::{
    config::{Item, Service, Term},
    store::AgreementChange,
};

/// Whether a term, in the version of today, has to be asked.
#[must_use]
pub fn is_term_due(service: &Service, term: &Term, standing: &Standing, today: Date) -> bool {
    let begins = |version: &Term| {
        let first_day = version.ask_again.first_day(version.effective_from);
        first_day.is_some_and(|day| day <= today)
    };
    match standing.grant.terms.get(&term.tag) {
        Some((agreed, _)) if *agreed == term.version => false,
        // A version that asked at once and was replaced since by one that does not: what changed
        // with it was not agreed to either.
        Some((agreed, _)) => since(service, term, agreed).any(begins),
        None => {
            has_expired(standing, &ItemKey::Term(term.tag.clone()))
                || term.required && !term.only_when_requested && begins(term)
        }
    }
}

/// The versions of a term after the one that was agreed to, up to this one. This one alone where the
/// configuration has no entry for the other any more.
fn since<'a>(
    service: &'a Service,
    term: &'a Term,
    agreed: &str,
) -> impl Iterator<Item = &'a Term> + use<'a> {
    let versions = service.terms.iter().filter(|it| it.tag == term.tag);
    let agreed = versions.clone().find(|it| it.version == agreed).map(|it| it.effective_from);
    let after = agreed.unwrap_or(term.effective_from);
    let is_between = move |it: &&Term| {
        it.effective_from > after && it.effective_from <= term.effective_from
            || it.version == term.version
    };
    versions.filter(is_between)
}

/// Whether an item has to be asked.
#[must_use]
pub fn is_item_due(service: &Service, item: &Item, standing: &Standing) -> bool {
    let id = item.attribute.id();
    if standing.grant.items.contains_key(id) {
        have_statements_changed(service, standing, id)
    } else {
        has_expired(standing, &ItemKey::Item(id.to_owned()))
    }
}

/// Whether an item was agreed to with other statements than those of now.
#[must_use]
pub fn have_statements_changed(service: &Service, standing: &Standing, id: &str) -> bool {
    let agreed_to = standing.grant.statements.get(id);
    agreed_to.is_some_and(|digest| !statements::are_of_now(service, id, digest))
}

fn has_expired(standing: &Standing, key: &ItemKey) -> bool {
    standing.last_changes.get(key).is_some_and(|it| it.change == AgreementChange::Expire)
}
