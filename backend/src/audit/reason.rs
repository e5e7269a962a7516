//! Why something was refused or failed: words of this program, and codes of the protocols.

use serde::{Serialize, Serializer};

use crate::{
    consent::Refusal,
    http::error::WhyNot,
    kakao::koe::Koe,
    oauth::error::AuthorizeError,
    store::{RefreshFault, TokenFault},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The redirect URI is not one of the client's, or the client is not known.
    InvalidRedirect,
    /// The form is of another site, another session, or has no token.
    CsrfRejected,
    /// The challenge is another browser's.
    WrongSession,
    /// Why an account may not go to a service.
    Refused(Refusal),
    /// An error of the authorization endpoint.
    Authorize(AuthorizeError),
    /// An error of Kakao's dialect.
    Kakao(Koe),
    /// Why the user is not signed in.
    NotSignedIn(WhyNot),
    /// A client secret or an admin key is missing or wrong, or the client is not known.
    BadCredentials,
    /// There is nothing of this name.
    Unknown,
    /// It was used up.
    UsedBefore,
    Expired,
    Revoked,
    /// It belongs to another service.
    OtherService,
    OtherRedirectUri,
    /// The PKCE verifier does not match.
    Verifier,
    /// The identity has another account.
    Taken,
    /// The e-mail could not be sent.
    NotSent,
    /// The configuration, a service or a backup has faults.
    Faulty,
    /// Another key of the admin API is needed.
    NotAllowed,
}

impl Reason {
    /// The word in the audit log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRedirect => "invalid_redirect",
            Self::CsrfRejected => "csrf_rejected",
            Self::WrongSession => "wrong_session",
            Self::Refused(refusal) => match refusal {
                Refusal::SimpleSignUpInactive => "simple_sign_up_inactive",
                Refusal::NotATestMember => "not_a_test_member",
                Refusal::UnderAge { .. } => "under_age",
                Refusal::GuardianNeeded => "guardian_needed",
                Refusal::ValueMissing => "value_missing",
            },
            Self::Authorize(error) => error.name(),
            Self::Kakao(koe) => koe.code(),
            Self::NotSignedIn(why) => why.name(),
            Self::BadCredentials => "bad_credentials",
            Self::Unknown => "unknown",
            Self::UsedBefore => "used_before",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::OtherService => "other_service",
            Self::OtherRedirectUri => "other_redirect_uri",
            Self::Verifier => "verifier",
            Self::Taken => "taken",
            Self::NotSent => "not_sent",
            Self::Faulty => "faulty",
            Self::NotAllowed => "not_allowed",
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<WhyNot> for Reason {
    fn from(why: WhyNot) -> Self {
        Self::NotSignedIn(why)
    }
}

impl From<AuthorizeError> for Reason {
    fn from(error: AuthorizeError) -> Self {
        Self::Authorize(error)
    }
}

impl From<Koe> for Reason {
    fn from(koe: Koe) -> Self {
        Self::Kakao(koe)
    }
}

impl From<&TokenFault> for Reason {
    fn from(fault: &TokenFault) -> Self {
        match fault {
            TokenFault::Unknown => Self::Unknown,
            TokenFault::UsedBefore { .. } => Self::UsedBefore,
            TokenFault::Expired => Self::Expired,
            TokenFault::OtherService => Self::OtherService,
            TokenFault::OtherRedirectUri => Self::OtherRedirectUri,
            TokenFault::Verifier => Self::Verifier,
        }
    }
}

impl From<&RefreshFault> for Reason {
    fn from(fault: &RefreshFault) -> Self {
        match fault {
            RefreshFault::Unknown => Self::Unknown,
            RefreshFault::UsedBefore { .. } => Self::UsedBefore,
            RefreshFault::Expired => Self::Expired,
            RefreshFault::OtherService => Self::OtherService,
            RefreshFault::Revoked => Self::Revoked,
        }
    }
}
