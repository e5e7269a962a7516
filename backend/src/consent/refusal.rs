//! Who may not be asked at all.

use consent_contract::request::Mode;
use time::{Date, OffsetDateTime};

use super::ask::Asked;
use crate::{
    clock::Seconds,
    config::{Account, Service},
};

/// Why nobody is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The service has not been approved for the combined screen.
    SimpleSignUpInactive,
    /// The service is a test app, and the account is not one of its members.
    NotATestMember,
    /// The account is under the age that the service accepts.
    UnderAge,
}

/// Whether this account may not be asked by this service, or not go there at all. A service that
/// is not approved can still be gone to by those who have nothing left to be asked.
#[must_use]
pub fn refusal(
    service: &Service,
    account: &Account,
    asked: Option<&Asked<'_>>,
    now: Seconds,
) -> Option<Refusal> {
    let is_member = || service.test_members.contains(&account.id);
    if service.mode == Mode::Test && !is_member() {
        Some(Refusal::NotATestMember)
    } else if is_under_age(service.min_age, account, now) {
        Some(Refusal::UnderAge)
    } else if !service.approved && asked.is_some() {
        Some(Refusal::SimpleSignUpInactive)
    } else {
        None
    }
}

/// An account whose age nobody knows goes the ordinary way, as on the platform.
fn is_under_age(min_age: u8, account: &Account, now: Seconds) -> bool {
    let today = OffsetDateTime::from_unix_timestamp(now).map_or(Date::MIN, OffsetDateTime::date);
    let age = account.birthday.map(|born| {
        let had_birthday = (today.month() as u8, today.day()) >= (born.month() as u8, born.day());
        today.year() - born.year() - i32::from(!had_birthday)
    });
    (account.under_14 && min_age >= 14) || age.is_some_and(|age| age < i32::from(min_age))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn nobody_is_of_age_before_the_birthday() {
        let mut account = Account {
            id: "a".into(),
            nickname: "a".into(),
            email: None,
            phone: None,
            name: None,
            birthday: Some(date!(2010 - 03 - 02)),
            address: None,
            messenger_registered: true,
            under_14: false,
            channels: Default::default(),
            links: Vec::new(),
            note: None,
        };
        let before = datetime!(2024-03-01 12:00 UTC).unix_timestamp();
        let on = datetime!(2024-03-02 00:00 UTC).unix_timestamp();
        assert!(is_under_age(14, &account, before));
        assert!(!is_under_age(14, &account, on));
        assert!(!is_under_age(0, &account, before));
        account.birthday = None;
        assert!(!is_under_age(14, &account, before));
        account.under_14 = true;
        assert!(is_under_age(14, &account, on));
    }
}
