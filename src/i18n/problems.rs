//! The text of each problem: chosen by its code, never written by the backend.

use consent_contract::problem::Code;

use super::Texts;
use crate::api::RetryReason;

/// The text of a problem page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemText {
    pub heading: &'static str,
    pub body: &'static str,
    pub recovery: Recovery,
}

/// The recovery action of a problem page, if the backend sent an address for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// None: the user may close the window.
    None,
    /// Restart the same request.
    Restart,
    /// Continue to the service with the recorded decision.
    Continue,
    /// Back to the service, without an agreement.
    Back,
    /// Load the request again, or cancel.
    RetryOrCancel,
}

impl Texts {
    /// Why a request is retried.
    #[must_use]
    pub fn retry_reason(&self, reason: RetryReason) -> &'static str {
        match reason {
            RetryReason::Offline => self.retry_offline,
            RetryReason::Timeout => self.retry_timeout,
            RetryReason::Busy(_) => self.retry_busy,
            RetryReason::ServerError => self.retry_server_error,
        }
    }

    /// The text of a problem that ends the page.
    #[must_use]
    pub fn problem(&self, code: Code) -> ProblemText {
        let (heading, body, recovery) = match code {
            Code::ChallengeNotFound => {
                (self.not_found_heading, self.not_found_body, Recovery::None)
            }
            Code::ChallengeExpired => (self.expired_heading, self.expired_body, Recovery::Restart),
            Code::AlreadyDecided => (self.decided_heading, self.decided_body, Recovery::Continue),
            Code::WrongSession => {
                (self.wrong_session_heading, self.wrong_session_body, Recovery::Restart)
            }
            Code::SimpleSignUpInactive => {
                (self.not_approved_heading, self.not_approved_body, Recovery::None)
            }
            Code::NotATestMember => (self.not_member_heading, self.not_member_body, Recovery::None),
            Code::UnderAge => (self.under_age_heading, self.under_age_body, Recovery::Back),
            _ => (self.unreadable_heading, self.unreadable_body, Recovery::RetryOrCancel),
        };
        ProblemText { heading, body, recovery }
    }
}
