//! What a receipt covers: the claims of its JWS.
//!
//! No value that a user typed, no preview of one, and no name of the account is in it.

use std::collections::BTreeMap;

use consent_contract::{
    item::ItemKey,
    request::{AgreeAllPolicy, AlreadyAgreed, Channel, PersonalInfo, Purpose, Service, Term},
};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Seconds,
    store::{CausedBy, ChangeKind, Outcome},
};

/// The claims of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptClaims {
    /// The public origin of the server that wrote it.
    pub iss: String,
    /// The id of the receipt.
    pub jti: String,
    pub iat: Seconds,
    /// A reference to the account, different at each service. None for a deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    Decision(Box<DecisionEvent>),
    Change(ChangeEvent),
    Deletion(DeletionEvent),
}

/// A user's decision on the consent screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionEvent {
    /// The client id.
    pub service: String,
    pub decision: Outcome,
    /// Who decided for the user, a child; none when the user did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardian: Option<Guardian>,
    pub purpose: Purpose,
    /// The language in which everything was shown.
    pub locale: String,
    /// None when nothing of it is recorded: a user under the minimum age.
    pub shown: Option<Shown>,
    /// One for everything that was asked, in the order of the screen.
    pub answers: Vec<Answer>,
    /// When the agreements that began end by themselves, by item key; none has no end. Absent in
    /// receipts from before it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<BTreeMap<String, Seconds>>,
    /// A digest of the columns of the decision that are not in the receipt.
    pub row: String,
}

/// The guardian of a child, masked: enough for both to recognise, too little for a third party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guardian {
    pub name: String,
    /// Where the link went.
    pub contact: String,
}

/// The content of a consent screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    pub interface: Interface,
    pub service: Service,
    pub agree_all: AgreeAllPolicy,
    pub terms: Vec<ShownTerm>,
    /// The statements about the provision, and the items without their values.
    pub personal_info: PersonalInfo,
    /// The channels that were offered.
    pub channels: Vec<Channel>,
    pub already_agreed: AlreadyAgreed,
}

/// The version of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    /// Of this program, which renders the screen as HTML.
    pub version: String,
    /// The digest of the built page, which names the files of the app. None without a built page.
    pub page: Option<String>,
}

/// A term as it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownTerm {
    #[serde(flatten)]
    pub term: Term,
    /// `YYYY-MM-DD`.
    pub effective_from: String,
}

/// How one item was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub key: ItemKey,
    pub agreed: bool,
}

/// A change of a grant without a decision on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeEvent {
    /// The client id.
    pub service: String,
    pub change: ChangeKind,
    pub caused_by: CausedBy,
    /// The agreements that began or ended.
    pub items: Vec<ChangedItem>,
    /// When the agreements that began end by themselves, by item key; none has no end. Absent in
    /// receipts from before it was recorded, and of agreements that ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<BTreeMap<String, Seconds>>,
}

/// An agreement that began or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedItem {
    pub key: ItemKey,
    /// Of a term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Receipts that were deleted at the end of their retention period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeletionEvent {
    pub reason: DeletionReason,
    /// Their places in the log, where their hashes stay.
    pub leaves: Vec<u64>,
}

/// Which retention period has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeletionReason {
    /// Of cancelled and refused decisions.
    Refusals,
    /// Of receipts of accounts that have left the service.
    EndedAgreements,
}

impl Event {
    /// A name for a list of receipts: what was decided or changed.
    #[must_use]
    pub fn name(&self) -> String {
        let name = match self {
            Self::Decision(decision) => serde_plain::to_string(&decision.decision),
            Self::Change(change) => serde_plain::to_string(&change.change),
            Self::Deletion(_) => Ok("deletion".to_owned()),
        };
        name.expect("a variant without content has a name")
    }
}

impl ReceiptClaims {
    /// The client id; none for a deletion.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        match &self.event {
            Event::Decision(decision) => Some(&decision.service),
            Event::Change(change) => Some(&change.service),
            Event::Deletion(_) => None,
        }
    }

    /// What was shown; none when it was not a screen, or nothing of it is recorded.
    #[must_use]
    pub fn shown(&self) -> Option<&Shown> {
        match &self.event {
            Event::Decision(decision) => decision.shown.as_ref(),
            Event::Change(_) | Event::Deletion(_) => None,
        }
    }
}
