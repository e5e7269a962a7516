//! What the provider returned about the user who signed in.

use serde::{Deserialize, Serialize};

/// A user, as the API describes them (`/v2/user/me`, `/v2/user/service_terms`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The user id: different at each app, the same after unlinking and linking again.
    pub sub: String,
    /// When the user was connected, in seconds since 1970. It changes when a user unlinks and links.
    pub connected_at: Option<i64>,
    pub nickname: Option<String>,
    pub email: Option<String>,
    /// The provider has verified the address. A typed address is not.
    pub email_verified: bool,
    /// There would be an address, but the user did not agree to provide it.
    pub email_refused: bool,
    /// E.164. The platform's phone numbers are verified.
    pub phone: Option<String>,
    /// One line.
    pub address: Option<String>,
    /// Tags of the service terms that the user agreed to. `None`: the API did not answer, which must
    /// not keep anyone from signing in.
    pub terms: Option<Vec<String>>,
    pub joined: Joined,
}

/// How a member came to have a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Joined {
    /// In one step, with the shop's terms.
    #[default]
    SignUp,
    /// By plain login: the user agreed to none of the shop's terms.
    Login,
    /// Before the shop had this sign-in.
    Before,
}

impl Joined {
    /// The value in the table `members`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::Login => "login",
            Self::Before => "before",
        }
    }
}
