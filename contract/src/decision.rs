//! `POST /api/v1/consents/{challenge}/decision`: what the person answered.

use serde::{Deserialize, Serialize};

/// A person's decision on a challenge. There is at most one per challenge, ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    Agree(Agreement),
    Cancel(Cancellation),
}

/// Every item that was shown, answered, both ways.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Agreement {
    pub csrf_token: String,
    /// The language in which everything was shown: the digests are those of this language.
    pub locale: String,
    pub terms: Vec<TermAnswer>,
    /// The digest of the statements about the provision, as shown.
    pub personal_info_digest: String,
    pub personal_info: Vec<ItemAnswer>,
    pub channels: Vec<ChannelAnswer>,
}

/// Cancelling needs no token: it can only ever refuse, and it must work before the request was
/// read. The backend still wants the browser session and a same-origin request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cancellation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csrf_token: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TermAnswer {
    pub tag: String,
    pub version: String,
    pub digest: String,
    pub agreed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ItemAnswer {
    pub id: String,
    pub agreed: bool,
    /// Only for an agreed item whose value was collected on the screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChannelAnswer {
    pub public_id: String,
    pub add: bool,
}

/// The answer to a decision that was recorded.
#[derive(miniserde::Deserialize, Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recorded {
    /// Where the person goes now: to the service, or, for a decision that was sent before, to the
    /// start of the same request as a path on this origin, where a member gets a code at once.
    pub redirect_to: String,
    pub receipt_id: String,
}

/// `POST /api/v1/consents/{challenge}/extension`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ExtensionRequest {
    pub csrf_token: String,
}

/// How long the challenge lives now.
#[derive(miniserde::Deserialize, Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Extended {
    /// Seconds, counted from the answer.
    pub expires_in: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn an_answer_is_read_the_same_way_on_both_sides() {
        let recorded = Recorded {
            redirect_to: "https://shop.example/callback?code=1".into(),
            receipt_id: "r-1".into(),
        };
        let text = serde_json::to_string(&recorded).unwrap();
        assert_eq!(json::read::<Recorded>(&text), Ok(recorded));
        let extended = Extended { expires_in: 900 };
        let text = serde_json::to_string(&extended).unwrap();
        assert_eq!(json::read::<Extended>(&text), Ok(extended));
        assert!(json::read::<Extended>(r#"{"expires_in":-1}"#).is_err());
    }
}
