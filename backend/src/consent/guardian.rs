//! The consent of a guardian for a child under 14, as a state machine (PIPA 22-2(1)).
//!
//! ```text
//! NotAsked --link--> Waiting --agree--> agreed: the child goes on
//!                       |------refuse--> Refused --a day, link--> Waiting
//!                       `------time----> Expired --link--> Waiting
//! ```
//!
//! A child that comes of age in any state needs no guardian any more. What the service asks after an
//! agreement needs another one.

use super::{age, ask::Asked};
use crate::{
    clock::Seconds,
    config::{AGE_OF_CONSENT, Account, Service, UnderAge},
    store::Grant,
};

/// How long a link can be answered, in seconds.
pub const LINK_LIFETIME: Seconds = 3 * DAY;

/// Links that a child can have sent in a day: each is an e-mail to an address that the child typed.
pub const MOST_LINKS: i64 = 5;

const DAY: Seconds = 24 * 60 * 60;

/// What is stored of a guardian's consent between an account and a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuardianConsent {
    /// When it was last found that a guardian is needed.
    pub needed_at: Seconds,
    /// Where the open link went, masked.
    pub contact: Option<String>,
    /// When the open link expires; none without one.
    pub expires_at: Option<Seconds>,
    /// Links that were sent in the day that began at `links_since`.
    pub links: i64,
    pub links_since: Seconds,
    /// When a guardian last agreed.
    pub agreed_at: Option<Seconds>,
    /// When a guardian refused.
    pub refused_at: Option<Seconds>,
}

/// How far the request to the guardian is, for a child that has to wait for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardianState {
    NotAsked,
    Waiting,
    Expired,
    Refused,
}

/// Why no link is sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLink {
    /// The guardian refused a short time ago.
    Refused,
    /// As many as in a day can be.
    TooMany,
}

impl GuardianConsent {
    #[must_use]
    pub fn state(&self, now: Seconds) -> GuardianState {
        match (self.expires_at, self.refused_at) {
            (Some(expires_at), _) if now < expires_at => GuardianState::Waiting,
            (Some(_), _) => GuardianState::Expired,
            (None, Some(_)) => GuardianState::Refused,
            (None, None) => GuardianState::NotAsked,
        }
    }

    /// Whether a link may be sent.
    ///
    /// # Errors
    /// Why not.
    pub fn may_send_link(&self, now: Seconds) -> Result<(), NoLink> {
        let is_recent = |at: Seconds| now < at.saturating_add(DAY);
        if self.expires_at.is_none() && self.refused_at.is_some_and(is_recent) {
            Err(NoLink::Refused)
        } else if self.links >= MOST_LINKS && is_recent(self.links_since) {
            Err(NoLink::TooMany)
        } else {
            Ok(())
        }
    }

    /// The count of links after one more, and since when it counts.
    #[must_use]
    pub fn counted(&self, now: Seconds) -> (i64, Seconds) {
        match now < self.links_since.saturating_add(DAY) {
            true => (self.links + 1, self.links_since),
            false => (1, now),
        }
    }
}

/// Whether a guardian has to agree before this account can go on: to what is asked, or to the
/// connection itself, if no guardian has.
#[must_use]
pub fn is_needed(
    service: &Service,
    account: &Account,
    grant: &Grant,
    asked: Option<&Asked<'_>>,
    now: Seconds,
) -> bool {
    let has_agreed = grant.guardian.as_ref().is_some_and(|it| it.agreed_at.is_some());
    is_child(service, account, grant, now) && (asked.is_some() || !has_agreed)
}

/// Whether the account is of a child for whom the service asks a guardian.
fn is_child(service: &Service, account: &Account, grant: &Grant, now: Seconds) -> bool {
    if service.under_age != UnderAge::Guardian {
        return false;
    }
    let today = age::today(&service.time_zone, now);
    match age::known_birthday(account, grant) {
        Some(born) => age::is_under(AGE_OF_CONSENT, born, today),
        None => account.under_14 || grant.guardian.as_ref().is_some_and(|it| typed_young(it, now)),
    }
}

/// Whether the user of an account of unknown age typed a birthday of a child. It holds for a day, so
/// that another one cannot be tried at once, and then as long as a guardian was asked.
fn typed_young(consent: &GuardianConsent, now: Seconds) -> bool {
    let is_recent = now < consent.needed_at.saturating_add(DAY);
    is_recent || consent.expires_at.is_some() || consent.refused_at.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(expires_at: Seconds) -> GuardianConsent {
        GuardianConsent { expires_at: Some(expires_at), ..GuardianConsent::default() }
    }

    #[test]
    fn each_state_follows_from_what_is_stored() {
        let asked = GuardianConsent::default();
        assert_eq!(asked.state(0), GuardianState::NotAsked);
        assert_eq!(sent(100).state(99), GuardianState::Waiting);
        assert_eq!(sent(100).state(100), GuardianState::Expired);
        let refused = GuardianConsent { refused_at: Some(5), ..asked };
        assert_eq!(refused.state(6), GuardianState::Refused);
        let again = GuardianConsent { refused_at: None, ..sent(100) };
        assert_eq!(again.state(6), GuardianState::Waiting);
    }

    #[test]
    fn a_child_cannot_send_any_number_of_links() {
        let mut consent = GuardianConsent::default();
        for at in 0..MOST_LINKS {
            assert_eq!(consent.may_send_link(at), Ok(()));
            (consent.links, consent.links_since) = consent.counted(at);
        }
        assert_eq!(consent.links, MOST_LINKS);
        assert_eq!(consent.may_send_link(MOST_LINKS), Err(NoLink::TooMany));
        assert_eq!(consent.may_send_link(DAY - 1), Err(NoLink::TooMany));
        let next_day = consent.links_since + DAY;
        assert_eq!(consent.may_send_link(next_day), Ok(()));
        assert_eq!(consent.counted(next_day), (1, next_day));
    }

    #[test]
    fn a_refusal_holds_for_a_day() {
        let refused = GuardianConsent { refused_at: Some(10), ..GuardianConsent::default() };
        assert_eq!(refused.may_send_link(10 + DAY - 1), Err(NoLink::Refused));
        assert_eq!(refused.may_send_link(10 + DAY), Ok(()));
    }
}
