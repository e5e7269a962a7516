//! Why each term and each item is asked.

use std::collections::BTreeMap;

use consent_contract::{
    item::ItemKey,
    request::{Purpose, Reason, ReasonCode, Reasons},
};

use super::{
    ask::{Asked, Standing},
    due,
};
use crate::{
    config::{How, Service},
    store::AgreementChange,
};

/// The reason for everything that is asked, in the order of [`ReasonCode`]. A sign-up has one.
#[must_use]
pub fn reasons(service: &Service, asked: &Asked<'_>, standing: &Standing) -> Reasons {
    let terms = asked.terms.iter().map(|term| {
        let agreed = standing.grant.terms.get(&term.tag);
        let is_changed = agreed.is_some_and(|(version, _)| *version != term.version);
        let change = is_changed.then_some(ReasonCode::TermsChanged);
        (ItemKey::Term(term.tag.clone()), agreed.is_some(), change)
    });
    let items = asked.items.iter().map(|item| {
        let id = item.attribute.id();
        let is_changed = due::have_statements_changed(service, standing, id);
        let change = is_changed.then_some(ReasonCode::StatementsChanged);
        (ItemKey::Item(id.to_owned()), standing.grant.items.contains_key(id), change)
    });
    let mut by_code: BTreeMap<ReasonCode, Vec<String>> = BTreeMap::new();
    for (key, is_agreed, change) in terms.chain(items) {
        let code = match asked.purpose {
            Purpose::SignUp if standing.grant.link == Some(How::PlainLogin) => match is_agreed {
                true => ReasonCode::Requested,
                false => ReasonCode::NewItems,
            },
            Purpose::SignUp => ReasonCode::NewService,
            Purpose::AdditionalConsent if is_agreed => change.unwrap_or(ReasonCode::Requested),
            Purpose::AdditionalConsent => not_agreed(standing, &key),
        };
        by_code.entry(code).or_default().push(key.to_string());
    }
    Reasons(by_code.into_iter().map(|(code, items)| Reason { code, items }).collect())
}

/// The reason for what is not agreed to now.
fn not_agreed(standing: &Standing, key: &ItemKey) -> ReasonCode {
    match standing.last_changes.get(key).map(|last| last.change) {
        None => ReasonCode::NewItems,
        Some(AgreementChange::Expire) => ReasonCode::Expired,
        Some(AgreementChange::Withdraw) => ReasonCode::Withdrawn,
        // An agreement that ended without a trace, as configured ones of the demo do.
        Some(AgreementChange::Refuse | AgreementChange::Agree) => ReasonCode::Requested,
    }
}
