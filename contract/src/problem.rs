//! Problem details (RFC 9457): everything that can go wrong, with its way out.

use serde::{Deserialize, Serialize};

use crate::{
    item::ItemKey,
    json::{self, Unreadable},
    value::ValueFault,
};

/// The media type of every error of the API.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A problem as it travels. The screen chooses its words by `code`, never from `title` or `detail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI reference that names the kind of problem: `/problems/{code}`.
    pub r#type: String,
    /// The same for every problem of this kind, in English, for developers.
    pub title: String,
    pub status: u16,
    pub code: Code,
    /// What happened this time, in English, for developers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Starting the same request again: a path on this origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart_url: Option<String>,
    /// Going on: to the service, or to the start of the same request as a path on this origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_to: Option<String>,
    /// With `required_items_missing`, `unknown_item`, `item_unanswered` and `terms_changed`: which items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub missing: Vec<ItemKey>,
    /// With `invalid_value`: which values, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invalid: Vec<InvalidValue>,
    /// With `under_age`: the age, in years, from which the service takes people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_age: Option<u8>,
}

/// A collected value that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvalidValue {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: ItemKey,
    pub reason: ValueFault,
}

macro_rules! codes {
    ($($(#[$meta:meta])* $code:ident = $status:literal $name:literal $title:literal,)*) => {
        /// The kinds of problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $($(#[$meta])* $code,)*
            /// A code of a newer backend. Read, never written.
            #[serde(other)]
            Other,
        }

        impl Code {
            /// Every code that is written.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// The code as it is written.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)* Self::Other => "other" }
            }

            /// The code of this name; [`Code::Other`] for a name that is not known here.
            #[must_use]
            pub fn of(name: &str) -> Self {
                match name { $($name => Self::$code,)* _ => Self::Other }
            }

            /// The HTTP status it comes with.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$code => $status,)* Self::Other => 500 }
            }

            /// A title for developers.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$code => $title,)* Self::Other => "Unknown problem" }
            }
        }
    };
}

codes! {
    /// No such challenge. No way out: there is no address that was verified.
    ChallengeNotFound = 404 "challenge_not_found" "No such challenge",
    /// Way out: `restart_url`.
    ChallengeExpired = 410 "challenge_expired" "The challenge has expired",
    /// Way out: `redirect_to`, for the browser session that decided. It holds no code.
    AlreadyDecided = 410 "already_decided" "The challenge has been decided",
    /// Way out: `restart_url`.
    WrongSession = 403 "wrong_session" "The challenge belongs to another browser session",
    /// Way out: read the request again.
    CsrfRejected = 403 "csrf_rejected" "The request did not come from the screen",
    /// Way out: read the request again; the changed items come back unticked.
    TermsChanged = 409 "terms_changed" "The text has changed since it was shown",
    RequiredItemsMissing = 422 "required_items_missing" "A required item was not agreed to",
    InvalidValue = 422 "invalid_value" "A value is not acceptable",
    UnknownItem = 422 "unknown_item" "An item was answered that was not asked",
    ItemUnanswered = 422 "item_unanswered" "An item was asked and not answered",
    /// No way out: the service has not been approved for the combined screen.
    SimpleSignUpInactive = 403 "simple_sign_up_inactive" "Simple sign-up is not active for this service",
    NotATestMember = 403 "not_a_test_member" "This account is not a member of the test app",
    /// Way out: `redirect_to` with `access_denied`.
    UnderAge = 403 "under_age" "The account is under the age the service accepts",
    /// Way out: `restart_url`, which leads to the page on which the person goes on.
    ContinueElsewhere = 409 "continue_elsewhere" "The person continues on another page",
    /// With `Retry-After`.
    RateLimited = 429 "rate_limited" "Too many requests",
    /// With `Retry-After`.
    Unavailable = 503 "unavailable" "Temporarily unavailable",
    MalformedRequest = 400 "malformed_request" "The request could not be read",
    TooLarge = 413 "too_large" "The request is too large",
    DocumentNotFound = 404 "document_not_found" "No such document",
    /// The challenge has been extended as often as it may be.
    ExtensionRefused = 403 "extension_refused" "The challenge cannot be extended any further",
}

impl Problem {
    /// Reads the answer of the backend.
    ///
    /// # Errors
    /// Anything that is not a problem. An unknown code or reason is read as such.
    pub fn from_json(json: &str) -> Result<Self, Unreadable> {
        #[derive(miniserde::Deserialize)]
        struct Wire {
            r#type: String,
            title: String,
            status: u16,
            code: String,
            detail: Option<String>,
            restart_url: Option<String>,
            redirect_to: Option<String>,
            missing: Option<Vec<String>>,
            invalid: Option<Vec<WireInvalid>>,
            min_age: Option<u8>,
        }
        #[derive(miniserde::Deserialize)]
        struct WireInvalid {
            id: String,
            reason: String,
        }
        let wire: Wire = json::read(json)?;
        let key = |text: String| ItemKey::try_from(text).map_err(|_| Unreadable);
        let mut missing = Vec::new();
        for id in wire.missing.unwrap_or_default() {
            missing.push(key(id)?);
        }
        let mut invalid = Vec::new();
        for WireInvalid { id, reason } in wire.invalid.unwrap_or_default() {
            invalid.push(InvalidValue { id: key(id)?, reason: ValueFault::of(&reason) });
        }
        Ok(Self {
            r#type: wire.r#type,
            title: wire.title,
            status: wire.status,
            code: Code::of(&wire.code),
            detail: wire.detail,
            restart_url: wire.restart_url,
            redirect_to: wire.redirect_to,
            missing,
            invalid,
            min_age: wire.min_age,
        })
    }

    /// A problem with no detail and no way out yet.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self {
            r#type: format!("/problems/{}", code.name()),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: None,
            restart_url: None,
            redirect_to: None,
            missing: Vec::new(),
            invalid: Vec::new(),
            min_age: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_as_it_is_named() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{}\"", code.name()));
            assert_eq!(Code::of(code.name()), *code);
        }
    }

    #[test]
    fn a_code_of_a_newer_backend_is_read_as_other() {
        let json =
            r#"{"type":"/problems/x","title":"X","status":418,"code":"teapot","whatever":1}"#;
        assert_eq!(serde_json::from_str::<Problem>(json).unwrap().code, Code::Other);
        assert_eq!(Problem::from_json(json).unwrap().code, Code::Other);
    }

    #[test]
    fn a_problem_survives_the_wire() {
        let mut problem = Problem::new(Code::InvalidValue);
        problem.invalid = vec![InvalidValue {
            id: ItemKey::Item("account_email".into()),
            reason: ValueFault::NotAnEmail,
        }];
        problem.missing = vec![ItemKey::Term("tos".into())];
        problem.min_age = Some(19);
        let json = serde_json::to_string(&problem).unwrap();
        assert!(json.contains(r#""missing":["term:tos"]"#), "{json}");
        assert_eq!(serde_json::from_str::<Problem>(&json).unwrap(), problem);
        assert_eq!(Problem::from_json(&json), Ok(problem));
    }
}
