//! Accounts that are not asked at all.

use consent_contract::request::Mode;

use super::{
    age::{is_under, known_birthday, today},
    ask::Asked,
    guardian,
};
use crate::{
    clock::Seconds,
    config::{AGE_OF_CONSENT, Account, Service},
    store::Grant,
};

/// How long a refusal because of a typed birthday holds, in seconds: a user who could retry at once
/// could claim any age.
const AGE_REFUSAL_LIFETIME: Seconds = 24 * 60 * 60;

/// Why the account is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The service has not been approved for the combined screen.
    SimpleSignUpInactive,
    /// The service is a test app, and the account is not one of its members.
    NotATestMember,
    /// The account is under the age that the service accepts, in years.
    UnderAge { min_age: u8 },
    /// The account is a child's, and no guardian has agreed.
    GuardianNeeded,
    /// A required value is missing that cannot be typed, and the service does not go on without it.
    ValueMissing,
}

impl Refusal {
    /// Whether the authorization endpoint has a page for it, on which the user can do something.
    #[must_use]
    pub fn has_a_page(self) -> bool {
        matches!(self, Self::GuardianNeeded | Self::ValueMissing)
    }

    /// As it is written for the service, in `error_description`.
    #[must_use]
    pub fn description(self) -> String {
        match self {
            Self::SimpleSignUpInactive => "the service is not approved for sign-up".to_owned(),
            Self::NotATestMember => {
                "the service is a test app, and the account is not one of its members".to_owned()
            }
            Self::UnderAge { min_age } => format!("Not allowed under age {min_age}"),
            // As on the platform, where the guardian's consent failed.
            Self::GuardianNeeded => format!("Not allowed under age {AGE_OF_CONSENT}"),
            Self::ValueMissing => "a required value is missing".to_owned(),
        }
    }
}

/// Whether this account may not be asked by this service, or not go there at all. Members of a service
/// that is not approved are asked nothing ([`super::ask`]): the last refusal is for newcomers.
#[must_use]
pub fn refusal(
    service: &Service,
    account: &Account,
    grant: &Grant,
    asked: Option<&Asked<'_>>,
    now: Seconds,
) -> Option<Refusal> {
    let is_member = || service.test_members.contains(&account.id);
    if service.mode == Mode::Test && !is_member() {
        Some(Refusal::NotATestMember)
    } else if is_under_age(service, account, grant, now)
        || (asked.is_some() && was_under_age(service, account, grant, now))
    {
        Some(Refusal::UnderAge { min_age: service.lowest_age() })
    } else if !service.approved && asked.is_some() {
        Some(Refusal::SimpleSignUpInactive)
    } else if guardian::is_needed(service, account, grant, asked, now) {
        Some(Refusal::GuardianNeeded)
    } else if asked.is_some_and(|asked| asked.unavailable(account).is_some()) {
        Some(Refusal::ValueMissing)
    } else {
        None
    }
}

/// An account of unknown age is asked, as on the platform.
fn is_under_age(service: &Service, account: &Account, grant: &Grant, now: Seconds) -> bool {
    let today = today(&service.time_zone, now);
    let lowest_age = service.lowest_age();
    let is_young = |born| is_under(lowest_age, born, today);
    (account.under_14 && lowest_age >= AGE_OF_CONSENT)
        || known_birthday(account, grant).is_some_and(is_young)
}

/// Whether the account typed a birthday under the age a short time ago. The account's own birthday
/// counts more than a typed one.
fn was_under_age(service: &Service, account: &Account, grant: &Grant, now: Seconds) -> bool {
    let holds = |refused_at: Seconds| now < refused_at.saturating_add(AGE_REFUSAL_LIFETIME);
    service.lowest_age() > 0
        && account.date_of_birth().is_none()
        && grant.refused_for_age.is_some_and(holds)
}
