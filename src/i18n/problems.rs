//! Which words go with which problem: chosen by its code, never from what the backend wrote.

use consent_contract::problem::Code;

use super::Texts;

/// What a problem page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub heading: &'static str,
    pub body: &'static str,
    pub way: Way,
}

/// The way out that a problem page offers, if the backend gave the address for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Nothing but closing the window.
    None,
    /// The same request from its beginning.
    Restart,
    /// On to the service, with the answer that is on record.
    GoOn,
    /// Back to the service, without an agreement.
    Back,
    /// Reading it once more, or cancelling.
    RetryOrCancel,
}

impl Texts {
    /// The words for a problem that ends the page.
    #[must_use]
    pub fn problem(&self, code: Code) -> Words {
        let (heading, body, way) = match code {
            Code::ChallengeNotFound => (self.not_found_heading, self.not_found_body, Way::None),
            Code::ChallengeExpired => (self.expired_heading, self.expired_body, Way::Restart),
            Code::AlreadyDecided => (self.decided_heading, self.decided_body, Way::GoOn),
            Code::WrongSession => {
                (self.wrong_session_heading, self.wrong_session_body, Way::Restart)
            }
            Code::SimpleSignUpInactive => {
                (self.not_approved_heading, self.not_approved_body, Way::None)
            }
            Code::NotATestMember => (self.not_member_heading, self.not_member_body, Way::None),
            Code::UnderAge => (self.under_age_heading, self.under_age_body, Way::Back),
            _ => (self.unreadable_heading, self.unreadable_body, Way::RetryOrCancel),
        };
        Words { heading, body, way }
    }
}
