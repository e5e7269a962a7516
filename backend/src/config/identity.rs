//! Reads the personal values of an account: dates, gender, and the verified identity.

use base64::{Engine, engine::general_purpose::STANDARD};
use consent_contract::{request::Collect, value};
use time::Date;

use super::{
    account::personal,
    person::{AgeRange, ConnectingInformation, Gender, LegalIdentity, LunarDay},
    reader::Table,
};

/// A date of birth and its place in the file. It is compared with the clock later.
pub fn birth_date(table: &mut Table<'_>, key: &'static str) -> Option<(Date, usize)> {
    let (day, at) = table.date(key)?;
    if value::normalise(Collect::Birthday, &day.to_string()).is_err() {
        table.fault(at, format!("`{day}` is no birthday: expected a day from 1900-01-01 on"));
    }
    Some((day, at))
}

pub fn birthyear(table: &mut Table<'_>, birthday: Option<Date>) -> Option<u16> {
    let (year, at) = table.integer("birthyear", 1900..2100)?;
    if let Some(birthday) = birthday
        && i64::from(birthday.year()) != year
    {
        table.fault(at, format!("`birthyear` is {year}, and `birthday` is {birthday}"));
    }
    u16::try_from(year).ok()
}

/// The same birthday in the lunar calendar, where each month has up to 30 days, February too.
pub fn lunar_birthday(table: &mut Table<'_>, has_birthday: bool) -> Option<LunarDay> {
    let has_day = table.has("lunar_birthday");
    let day = table.string("lunar_birthday");
    let leap_month = table.boolean_at("lunar_leap_month");
    if let (Some((_, at)), false) = (leap_month, has_day) {
        let reason = "`lunar_leap_month` needs a `lunar_birthday`";
        table.faults.add_unless_misspelt("lunar_birthday", at, reason);
    }
    let (text, at) = day?;
    if !has_birthday {
        let reason = "`birthday` is missing: `lunar_birthday` is the same day in another calendar";
        table.faults.add_unless_misspelt("birthday", at, reason);
    }
    let Some((month, day)) = month_and_day(&text) else {
        table.fault(at, format!("`{text}` is not a lunar day, written as 08-15"));
        return None;
    };
    Some(LunarDay { month, day, in_leap_month: leap_month.is_some_and(|(is_leap, _)| is_leap) })
}

fn month_and_day(text: &str) -> Option<(u8, u8)> {
    let two_digits = |part: &str| {
        let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<u8>().ok()).flatten()
    };
    let (month, day) = text.split_once('-')?;
    let (month, day) = (two_digits(month)?, two_digits(day)?);
    ((1..=12).contains(&month) && (1..=30).contains(&day)).then_some((month, day))
}

pub fn age_range(table: &mut Table<'_>) -> Option<AgeRange> {
    let choices = AgeRange::ALL.map(|range| (range.name(), range));
    table.choice_of("age_range", &choices).map(|(range, _)| range)
}

pub fn gender(table: &mut Table<'_>, key: &'static str) -> Option<Gender> {
    table.choice(key, &[Gender::Female, Gender::Male]).map(|(gender, _)| gender)
}

pub fn connecting_information(table: &mut Table<'_>) -> Option<ConnectingInformation> {
    let has_value = table.has("ci");
    let value = table.string("ci");
    let at = table.place("ci_authenticated_at");
    let authenticated_at = table.time("ci_authenticated_at");
    if let (Some(at), false) = (at, has_value) {
        let reason = "`ci_authenticated_at` needs a `ci`";
        table.faults.add_unless_misspelt("ci", at, reason);
    }
    let (value, at) = value?;
    if STANDARD.decode(&value).is_ok_and(|bytes| bytes.len() == 64) {
        Some(ConnectingInformation { value, authenticated_at })
    } else {
        // Not shown: it identifies a person at every company.
        table.fault(at, "`ci` is not 64 bytes, written as 88 characters of base64");
        None
    }
}

/// A verified identity, and the place of its date of birth in the file.
pub struct Legal {
    pub identity: LegalIdentity,
    pub birth_date: Option<(Date, usize)>,
}

pub fn legal(table: &mut Table<'_>) -> Legal {
    let birth_date = birth_date(table, "legal_birth_date");
    let identity = LegalIdentity {
        name: personal(table, "legal_name", Collect::Name),
        birth_date: birth_date.map(|(day, _)| day),
        gender: gender(table, "legal_gender"),
        is_korean: table.boolean("is_korean"),
    };
    Legal { identity, birth_date }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lunar_day_is_a_month_and_up_to_thirty_days() {
        assert_eq!(month_and_day("08-15"), Some((8, 15)));
        assert_eq!(month_and_day("02-30"), Some((2, 30)));
        for bad in ["", "8-15", "08-31", "13-01", "00-10", "08-00", "0815", "08-15-1", "+8-15"] {
            assert_eq!(month_and_day(bad), None, "{bad}");
        }
    }
}
