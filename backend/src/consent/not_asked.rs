//! Why a term or an item is not on the screen, for `consent-backend explain`.
//!
//! What is asked is decided in [`super::ask`] alone. This finds the reason for what that left out.

use consent_contract::item::ItemKey;
use serde::Serialize;
use time::Date;
use utoipa::ToSchema;

use super::{ask::Standing, due};
use crate::{
    clock::Seconds,
    config::{Account, How, Item, Service, Term},
    oauth::request::Wanted,
    store::{AgreementChange, LastChange},
};

/// Why something is not asked. Where several reasons hold, the first in this order is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum NotAsked {
    /// The service is not approved, and its members are asked nothing.
    NotApproved,
    /// The day of the term has not come.
    Later {
        /// A day: `2026-01-31`.
        effective_from: String,
    },
    /// It is agreed to as it is now.
    AgreedTo,
    /// A new version asks members only when a request names the term, or not yet.
    NewVersion { agreed_version: String },
    /// The account has no value, and none can be typed.
    NoValue,
    /// It is asked only when a request names it, and this one does not.
    OnlyWhenRequested,
    /// It was left unticked, or withdrawn, and no request names it.
    Refused,
    /// The user was never asked, and no request names it.
    NotNamed,
    /// It is optional, and optional terms alone bring no screen.
    OptionalAlone,
}

/// Who asks whom.
pub struct Facts<'a> {
    pub service: &'a Service,
    pub account: &'a Account,
    pub standing: &'a Standing,
    pub wanted: &'a Wanted,
    pub today: Date,
}

impl Facts<'_> {
    fn is_member(&self) -> bool {
        self.standing.grant.link == Some(How::Combined)
    }

    fn last_change(&self, key: &ItemKey) -> Option<LastChange> {
        self.standing.last_changes.get(key).copied()
    }

    /// When the user said no last, if that was the last word.
    #[must_use]
    pub fn refused_at(&self, key: &ItemKey) -> Option<Seconds> {
        let is_no = |it: &LastChange| {
            matches!(it.change, AgreementChange::Refuse | AgreementChange::Withdraw)
        };
        self.last_change(key).filter(is_no).map(|last| last.at)
    }

    fn is_closed(&self) -> bool {
        !self.service.approved && self.standing.grant.link.is_some()
    }

    /// Why a term is not asked, that is not.
    #[must_use]
    pub fn term(&self, tag: &str) -> NotAsked {
        let is_named = self.wanted.terms.contains(tag);
        let key = ItemKey::Term(tag.to_owned());
        let terms = self.service.terms_on(self.today);
        let Some(term) = terms.into_iter().find(|term| term.tag == tag) else {
            let versions = self.service.terms.iter().filter(|term| term.tag == tag);
            let first = versions.map(|term| term.effective_from).min();
            return NotAsked::Later { effective_from: first.unwrap_or(self.today).to_string() };
        };
        let agreed = self.standing.grant.terms.get(tag).map(|(version, _)| version);
        match agreed {
            _ if self.is_closed() => NotAsked::NotApproved,
            Some(version) if *version == term.version && self.is_member() => NotAsked::AgreedTo,
            Some(version) if self.is_member() && !is_named && !self.is_due(term) => {
                NotAsked::NewVersion { agreed_version: version.clone() }
            }
            _ if !is_named && (term.only_when_requested || !self.is_member()) => {
                NotAsked::OnlyWhenRequested
            }
            _ if is_named => NotAsked::OptionalAlone,
            _ if self.refused_at(&key).is_some() => NotAsked::Refused,
            _ => NotAsked::NotNamed,
        }
    }

    fn is_due(&self, term: &Term) -> bool {
        due::is_term_due(self.service, term, self.standing, self.today)
    }

    /// Why an item is not asked, that is not.
    #[must_use]
    pub fn item(&self, item: &Item) -> NotAsked {
        let id = item.attribute.id();
        let key = ItemKey::Item(id.to_owned());
        let is_named = self.wanted.items.contains(id) || self.wanted.items_of_claims.contains(id);
        if self.is_closed() {
            NotAsked::NotApproved
        } else if self.is_member() && self.standing.grant.items.contains_key(id) {
            NotAsked::AgreedTo
        } else if !item.required && !item.collect && !self.account.has(item.attribute) {
            NotAsked::NoValue
        } else if item.only_when_requested && !is_named {
            NotAsked::OnlyWhenRequested
        } else if self.refused_at(&key).is_some() {
            NotAsked::Refused
        } else {
            NotAsked::NotNamed
        }
    }
}
