//! What services hear of. Never a value of the user.

use consent_contract::request::Purpose;
use serde::{Deserialize, Serialize};

use super::kakao;
use crate::{clock::Seconds, config::NoticeSender, store::CausedBy};

/// How an event is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A Security Event Token (RFC 8417), pushed (RFC 8935).
    SecurityEvent,
    /// Kakao Login, unlink webhook.
    KakaoUnlink,
    /// Kakao Talk Channel, webhook.
    KakaoChannel,
}

/// What happened, as the outbox stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The user agreed on the consent screen.
    ConsentGiven {
        receipt_id: String,
        purpose: Purpose,
        agreed: Vec<EventItem>,
        /// Item keys that were asked and not agreed to.
        refused: Vec<String>,
    },
    /// Agreements ended because the user withdrew them.
    ConsentWithdrawn { receipt_id: String, caused_by: CausedBy, items: Vec<EventItem> },
    /// Agreements reached the end of their validity.
    ConsentExpired { receipt_id: String, items: Vec<EventItem> },
    /// The account is not linked to the service any more.
    AccountUnlinked { receipt_id: String, caused_by: CausedBy, items: Vec<EventItem> },
    /// The account was erased.
    AccountPurged { caused_by: CausedBy },
    /// The user added a channel of the service.
    ChannelAdded {
        /// None when the user did so in the messenger, and not on the screen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receipt_id: Option<String>,
        public_id: String,
        /// The user's id at Kakao's API for a service that may not know which channels the user has.
        #[serde(skip_serializing_if = "Option::is_none")]
        open_id: Option<String>,
    },
    /// The user must get a notice about an agreement to advertising (KR-N05, KR-N06).
    NoticeDue {
        receipt_id: String,
        key: String,
        notice: NoticeKind,
        outcome: NoticeOutcome,
        decided_at: Seconds,
        /// Before which the user must have it.
        due_at: Seconds,
        sender: NoticeSender,
    },
}

/// An agreement that began or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventItem {
    /// `term:tos` or `item:account_email`
    pub key: String,
    /// Of a term.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Of the text or the statements that were shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// When the agreement ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Seconds>,
}

/// A notice about an agreement to advertising.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// What became of the user's decision (Network Act 50(7)).
    Result,
    /// That the agreement still holds, every two years (Network Act 50(8)).
    Reconfirmation,
}

/// What the user decided about advertising.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeOutcome {
    Agreed,
    Withdrawn,
}

impl Event {
    /// Whether the event has this form.
    #[must_use]
    pub fn has(&self, form: Form) -> bool {
        match form {
            Form::SecurityEvent => true,
            // A service that unlinks a user itself hears nothing.
            Form::KakaoUnlink => kakao::referrer_type(self).is_some(),
            Form::KakaoChannel => matches!(self, Self::ChannelAdded { .. }),
        }
    }

    /// The receipt of the change; none of an account that was erased, nor of a change in the messenger.
    #[must_use]
    pub fn receipt_id(&self) -> Option<&str> {
        match self {
            Self::ConsentGiven { receipt_id, .. }
            | Self::ConsentWithdrawn { receipt_id, .. }
            | Self::ConsentExpired { receipt_id, .. }
            | Self::AccountUnlinked { receipt_id, .. }
            | Self::NoticeDue { receipt_id, .. } => Some(receipt_id),
            Self::ChannelAdded { receipt_id, .. } => receipt_id.as_deref(),
            Self::AccountPurged { .. } => None,
        }
    }
}
