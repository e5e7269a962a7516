//! What the audit log has a line for.

use consent_contract::request::{Purpose, Relation};
use serde::Serialize;

use super::Reason;
use crate::{
    oauth::key_ring,
    store::{CausedBy, MadeBy, ReceiptPurpose},
};

/// What happened, under the name of the variant in snake case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A server began to answer.
    ServerStart,
    /// A server has answered its last request.
    ServerStop,
    /// The configuration was read again.
    ConfigurationReload,
    /// A user signed in, or could not.
    SignIn {
        /// None when no one was signed in.
        #[serde(skip_serializing_if = "Option::is_none")]
        method: Option<MadeBy>,
    },
    /// Sessions of a user ended.
    SignOut { sessions: EndedSessions },
    /// An authorization request, or a form of ours, was refused.
    Request,
    /// A user or their guardian answered the consent screen.
    Decision { decision: Choice, purpose: Purpose },
    /// Agreements ended, and the service stays linked.
    Withdrawal {
        /// How many.
        agreements: usize,
    },
    /// An account was unlinked from a service.
    Unlink,
    /// A service reported agreements that it collected itself.
    AgreementReport {
        /// How many.
        agreements: usize,
    },
    /// A link was sent to a guardian, or could not be.
    GuardianLink,
    /// A client proved nothing.
    ClientAuthentication { credential: Credential },
    /// A code or a refresh token was refused.
    TokenRequest { token: TokenKind },
    /// A code or a refresh token came a second time; its tokens were revoked.
    TokenReuse { token: TokenKind },
    /// A service gave tokens back.
    TokenRevocation,
    /// An operator looked at an account.
    AccountShow,
    /// An operator locked an account out.
    AccountDisable,
    /// An operator let an account in again.
    AccountEnable,
    /// An operator gave an account to another identity.
    AccountBind,
    /// An operator erased an account.
    AccountErase,
    /// An operator let other keys sign.
    KeyRotate {
        purpose: KeyPurpose,
        /// The key that signs next, where it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        kid: Option<String>,
    },
    /// An operator withdrew a key.
    KeyRetire { purpose: KeyPurpose, kid: String },
    /// The admin API or a messenger set how an account stands to a channel.
    ChannelRelation {
        /// The public id of a configured channel.
        channel: String,
        relation: Relation,
    },
    /// The admin API or a messenger set whether an account is on the messenger.
    MessengerMembership {
        /// None when nothing is set any more.
        #[serde(skip_serializing_if = "Option::is_none")]
        registered: Option<bool>,
    },
    /// The admin API changed a service, or refused to.
    ServiceChange { change: ServiceAction },
    /// An operator put a backup into a data directory.
    Restore,
}

/// What the admin API does with a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceAction {
    Create,
    Edit,
    Approve,
    Disable,
    Enable,
    RotateSecret,
    Delete,
}

/// Who did it, or tried to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    User,
    Guardian,
    Service,
    /// The server of a messenger.
    Messenger,
    Operator,
    /// This program, by itself.
    System,
}

impl From<CausedBy> for Actor {
    fn from(caused_by: CausedBy) -> Self {
        match caused_by {
            CausedBy::User => Self::User,
            CausedBy::UserToken | CausedBy::AdminKey => Self::Service,
            CausedBy::NoSignUp | CausedBy::Expiry => Self::System,
            CausedBy::Operator => Self::Operator,
        }
    }
}

/// The answer on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    Agree,
    Cancel,
}

/// Which sessions ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedSessions {
    /// The one of the browser that asked.
    This,
    /// One of another browser.
    Another,
    Every,
}

/// What a client authenticates with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    ClientSecret,
    /// Of Kakao's API.
    AdminKey,
    /// Of the admin API.
    AdminToken,
    /// The signature of a messenger's event.
    MessengerSignature,
}

/// What a service exchanges for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    Code,
    RefreshToken,
}

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPurpose {
    IdTokens,
    Events,
    Receipts,
    Checkpoints,
}

impl From<key_ring::Purpose> for KeyPurpose {
    fn from(purpose: key_ring::Purpose) -> Self {
        match purpose {
            key_ring::Purpose::IdTokens => Self::IdTokens,
            key_ring::Purpose::Events => Self::Events,
        }
    }
}

impl From<ReceiptPurpose> for KeyPurpose {
    fn from(purpose: ReceiptPurpose) -> Self {
        match purpose {
            ReceiptPurpose::Receipts => Self::Receipts,
            ReceiptPurpose::Checkpoints => Self::Checkpoints,
        }
    }
}

/// A line of the audit log.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    pub event: Event,
    pub actor: Actor,
    /// Why it failed; none when it was done.
    pub failure: Option<Reason>,
    /// The client id of a configured service. Never one that a client made up.
    pub service: Option<&'a str>,
    /// The id of an account; its digest is written.
    pub account: Option<&'a str>,
    /// The name of the key with which the admin API was called.
    pub admin_key: Option<&'a str>,
}

impl<'a> Record<'a> {
    /// What was done.
    #[must_use]
    pub fn done(event: Event, actor: Actor) -> Self {
        Self { event, actor, failure: None, service: None, account: None, admin_key: None }
    }

    /// What was refused, or failed.
    #[must_use]
    pub fn failed(event: Event, actor: Actor, why: impl Into<Reason>) -> Self {
        Self { failure: Some(why.into()), ..Self::done(event, actor) }
    }

    #[must_use]
    pub fn at(self, service: impl Into<Option<&'a str>>) -> Self {
        Self { service: service.into(), ..self }
    }

    /// Of a call of the admin API.
    #[must_use]
    pub fn by(self, admin_key: &'a str) -> Self {
        Self { admin_key: Some(admin_key), ..self }
    }

    #[must_use]
    pub fn of(self, account: impl Into<Option<&'a str>>) -> Self {
        Self { account: account.into(), ..self }
    }
}
