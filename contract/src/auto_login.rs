//! `POST /api/v1/auto-login`: whether a user in the messenger's in-app browser is signed in
//! without being asked anything.

use serde::{Deserialize, Serialize};

use crate::request::{Account, Service};

/// `POST` what an authorize request says, as a flat JSON object, here.
pub const PATH: &str = "/api/v1/auto-login";

/// What came of an auto-login. It never shows anything and never grants anything that was not
/// granted before. Addresses of this origin are paths; `redirect_to` leads to the service, with the
/// answer that `prompt=none` has (OpenID Connect Core, 3.1.2.6) and its `state`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum AutoLogin {
    /// The service gets a code.
    SignedIn { redirect_to: String, service: Service, account: Account },
    /// Not a member yet, or something must be agreed to: `consent_required`.
    SignUp { consent_url: String, service: Service, redirect_to: String },
    /// No user is signed in here: `login_required`.
    LogIn { log_in_url: String, service: Service, redirect_to: String },
    /// Something must be typed, or the account may not be used there: `interaction_required`.
    MoreNeeded { log_in_url: String, service: Service, redirect_to: String },
    /// Auto-login works in the messenger's in-app browser only.
    NotInApp { log_in_url: String, service: Service },
}

/// What stands between the person at hand and a code, before anything is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthStatus {
    /// Nothing: a member, with nothing left to be asked.
    Member,
    /// No user is signed in.
    SignedOut,
    /// A user who is new to the service must agree to something.
    NotAgreed,
    /// A member must agree to something more.
    MoreToAgree,
    /// Something must be agreed to, and something else typed for it.
    ValueMissing,
    /// The account may not be used with this service.
    Refused,
}

/// What the page at `/auto-login` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Welcomes the user, signs them in and goes on.
    Welcome,
    /// Signed out, with a sign-up that is one tap away.
    SignUp,
    /// Signed out, with an ordinary login.
    LogIn,
}

impl Page {
    /// What is shown to whom. `tried`: this visit has had its attempt, and the service sent the
    /// person back; trying again would never end.
    #[must_use]
    pub fn of(status: AuthStatus, in_messenger: bool, tried: bool) -> Self {
        match status {
            AuthStatus::Member if in_messenger && !tried => Self::Welcome,
            AuthStatus::NotAgreed if in_messenger => Self::SignUp,
            _ => Self::LogIn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn the_page_is_decided_by_standing_place_and_attempt() {
        use AuthStatus::*;
        // AuthStatus, and what is shown in the messenger: at first, and after an attempt.
        let table = [
            (Member, Page::Welcome, Page::LogIn),
            (SignedOut, Page::LogIn, Page::LogIn),
            (NotAgreed, Page::SignUp, Page::SignUp),
            (MoreToAgree, Page::LogIn, Page::LogIn),
            (ValueMissing, Page::LogIn, Page::LogIn),
            (Refused, Page::LogIn, Page::LogIn),
        ];
        for (status, first, after) in table {
            assert_eq!(Page::of(status, true, false), first, "{status:?} at first");
            assert_eq!(Page::of(status, true, true), after, "{status:?} after an attempt");
            assert_eq!(Page::of(status, false, false), Page::LogIn, "{status:?} elsewhere");
            assert_eq!(Page::of(status, false, true), Page::LogIn, "{status:?} elsewhere");
        }
    }

    #[test]
    fn every_outcome_says_its_name() {
        let request = samples::request();
        let (service, account) = (request.service, request.account);
        let url = || "/oauth/authorize?client_id=shop".to_owned();
        let back = || "https://shop.example/?error=x".to_owned();
        let all = [
            (
                "signed_in",
                AutoLogin::SignedIn { redirect_to: back(), service: service.clone(), account },
            ),
            (
                "sign_up",
                AutoLogin::SignUp {
                    consent_url: url(),
                    service: service.clone(),
                    redirect_to: back(),
                },
            ),
            (
                "log_in",
                AutoLogin::LogIn {
                    log_in_url: url(),
                    service: service.clone(),
                    redirect_to: back(),
                },
            ),
            (
                "more_needed",
                AutoLogin::MoreNeeded {
                    log_in_url: url(),
                    service: service.clone(),
                    redirect_to: back(),
                },
            ),
            ("not_in_app", AutoLogin::NotInApp { log_in_url: url(), service }),
        ];
        for (name, outcome) in all {
            let json = serde_json::to_value(&outcome).unwrap();
            assert_eq!(json["outcome"], name);
            assert_eq!(serde_json::from_value::<AutoLogin>(json).unwrap(), outcome);
        }
    }
}
