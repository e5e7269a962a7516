//! How old a person is, in the service's own time zone. The rules are in [`consent_services::age`], where
//! the studio has them, too.

use consent_contract::{
    decision::Agreement,
    item::ItemKey,
    request::Collect,
    value::{self, ValueFault},
};
use consent_services::age::{self, Day};
use jiff::{Timestamp, tz::TimeZone};
use time::{Date, Month, macros::format_description};

use crate::{
    clock::Seconds,
    config::{AGE_OF_CONSENT, Account, Attribute, Service},
    store::Grant,
};

/// The day that it is in a time zone.
#[must_use]
pub fn today(zone: &TimeZone, now: Seconds) -> Date {
    let day = |now| {
        let date = Timestamp::from_second(now).ok()?.to_zoned(zone.clone()).date();
        let month = Month::try_from(u8::try_from(date.month()).ok()?).ok()?;
        Date::from_calendar_date(date.year().into(), month, u8::try_from(date.day()).ok()?).ok()
    };
    // Beyond the calendar no account is old enough.
    day(now).unwrap_or(Date::MIN)
}

fn calendar_day(date: Date) -> Day {
    Day { year: date.year(), month: date.month() as u8, day: date.day() }
}

/// Whether a user born on this day is younger than that, today.
#[must_use]
pub fn is_under(min_age: u8, born: Date, today: Date) -> bool {
    age::is_under(min_age, calendar_day(born), calendar_day(today))
}

/// The age in whole years of a user born on this day; negative for a day that has not come.
#[must_use]
pub fn years(born: Date, today: Date) -> i32 {
    age::years(calendar_day(born), calendar_day(today))
}

/// Whether an account is identified as an adult's: by a verified date of birth.
#[must_use]
pub fn is_adult(account: &Account, today: Date) -> bool {
    let verified = account.legal.birth_date;
    verified.is_some_and(|born| age::is_adult(calendar_day(born), calendar_day(today)))
}

/// The birthday that is known of an account: its own, otherwise the one that was typed at this
/// service.
#[must_use]
pub fn known_birthday(account: &Account, grant: &Grant) -> Option<Date> {
    let typed = || grant.items.get(Attribute::Birthday.id())?.1.as_deref().and_then(day);
    account.date_of_birth().or_else(typed)
}

/// What a typed birthday says about the person who agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypedBirthday {
    /// Nothing against it, or none was typed.
    Acceptable,
    /// Under the age of the service.
    UnderAge,
    /// A child's, for whom the service asks a guardian.
    OfAChild,
    /// A day that has not come yet.
    InTheFuture,
}

/// Judges the birthday that was typed with an agreement. What cannot be read as a day is judged by
/// [`consent_contract::acceptance::check`].
#[must_use]
pub fn typed_birthday(
    service: &Service,
    account: &Account,
    agreement: &Agreement,
    now: Seconds,
) -> TypedBirthday {
    let id = Attribute::Birthday.id();
    let collects =
        service.item(id).is_some_and(|item| item.collect) && !account.has(Attribute::Birthday);
    if !collects {
        return TypedBirthday::Acceptable;
    }
    let answers = agreement.personal_info.iter().filter(|answer| answer.id == id && answer.agreed);
    let days: Vec<Date> = answers
        .filter_map(|answer| value::normalise(Collect::Birthday, answer.value.as_deref()?).ok())
        .filter_map(|typed| day(&typed))
        .collect();
    let today = today(&service.time_zone, now);
    if days.iter().any(|born| *born > today) {
        TypedBirthday::InTheFuture
    } else if days.iter().any(|born| is_under(service.lowest_age(), *born, today)) {
        TypedBirthday::UnderAge
    } else if days.iter().any(|born| is_under(AGE_OF_CONSENT, *born, today)) {
        TypedBirthday::OfAChild
    } else {
        TypedBirthday::Acceptable
    }
}

/// The objection to a birthday in the future.
#[must_use]
pub fn not_born_yet() -> consent_contract::acceptance::Objection {
    let key = ItemKey::Item(Attribute::Birthday.id().to_owned());
    consent_contract::acceptance::Objection::InvalidValue(key, ValueFault::NotADate)
}

/// A day as [`value::normalise`] writes it.
pub fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    fn zone(name: &str) -> TimeZone {
        jiff::tz::TimeZoneDatabase::bundled().get(name).unwrap()
    }

    #[test]
    fn the_day_begins_with_the_time_zone() {
        let before = datetime!(2024-03-01 14:59:59 UTC).unix_timestamp();
        assert_eq!(today(&zone("Asia/Seoul"), before), date!(2024 - 03 - 01));
        assert_eq!(today(&zone("Asia/Seoul"), before + 1), date!(2024 - 03 - 02));
        assert_eq!(today(&zone("UTC"), before + 1), date!(2024 - 03 - 01));
        // Summer time: midnight is an hour earlier in UTC.
        let summer = datetime!(2024-07-01 22:00 UTC).unix_timestamp();
        assert_eq!(today(&zone("Europe/Berlin"), summer), date!(2024 - 07 - 02));
        assert_eq!(today(&zone("Europe/Berlin"), summer - 1), date!(2024 - 07 - 01));
        assert_eq!(today(&zone("Asia/Seoul"), Seconds::MAX), Date::MIN);
    }

    #[test]
    fn only_an_identified_user_is_an_adult() {
        let today = date!(2026 - 01 - 01);
        let born = |day| {
            let mut account = Account::default();
            account.legal.birth_date = Some(day);
            account
        };
        assert!(is_adult(&born(date!(2007 - 12 - 31)), today), "19 in the course of the year");
        assert!(!is_adult(&born(date!(2008 - 01 - 01)), today));
        let unverified = Account { birthday: Some(date!(1990 - 01 - 01)), ..Account::default() };
        assert!(!is_adult(&unverified, today));
    }

    #[test]
    fn no_one_is_of_age_before_the_birthday() {
        let born = date!(2010 - 03 - 02);
        assert!(is_under(14, born, date!(2024 - 03 - 01)));
        assert!(!is_under(14, born, date!(2024 - 03 - 02)));
        assert!(!is_under(0, born, date!(2010 - 03 - 02)));
        let leap = date!(2012 - 02 - 29);
        assert!(is_under(14, leap, date!(2026 - 02 - 28)));
        assert!(!is_under(14, leap, date!(2026 - 03 - 01)));
        assert!(!is_under(16, leap, date!(2028 - 02 - 29)));
    }
}
