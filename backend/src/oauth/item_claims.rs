//! The claim of one consent item (OpenID Connect Core, 5.1, and own claims under the item's id).

use serde_json::{Map, Value, json};
use time::Date;

use crate::{
    config::{Attribute, Item, ShippingAddress},
    consent::{Known, Person},
};

/// A claim's value, and whether the account has it itself.
pub type Claim = Known<Value>;

/// The claim for an item that was agreed to. `None` for a permission, and where nothing is known.
#[must_use]
pub fn claim(item: &Item, person: &Person<'_>, today: Date) -> Option<Claim> {
    let account = person.account;
    let own = |value: Value| Known { value, is_own: true };
    match item.attribute {
        Attribute::Nickname => Some(own(json!(account.nickname))),
        Attribute::ProfileImage => account.picture.as_ref().map(|it| own(json!(it))),
        Attribute::Email => person.email().map(|it| it.map(Value::from)),
        Attribute::Phone => person.phone().map(|it| it.map(|it| json!(e164(it)))),
        Attribute::Name => person.name().map(|it| it.map(Value::from)),
        Attribute::Gender => account.gender.map(|it| own(json!(it.name()))),
        Attribute::AgeRange => person.age_range(today).map(|it| own(json!(it.name()))),
        Attribute::Birthday => birthdate(person, item.with_year),
        Attribute::Birthyear => birthdate(person, false),
        Attribute::ConnectingInformation => {
            account.connecting_information.as_ref().map(|it| own(json!(it.value)))
        }
        Attribute::LegalName => account.legal.name.as_ref().map(|it| own(json!(it))),
        Attribute::LegalBirthDate => account.legal.birth_date.map(|it| own(json!(it.to_string()))),
        Attribute::LegalGender => account.legal.gender.map(|it| own(json!(it.name()))),
        Attribute::IsKorean => account.legal.is_korean.map(|it| own(json!(it))),
        Attribute::Address => person.default_address().map(|it| it.map(|it| address(&it))),
        Attribute::ChannelRelations
        | Attribute::Friends
        | Attribute::SendingMessages
        | Attribute::Chats => None,
    }
}

/// `birthdate` from what was agreed to: `YYYY-MM-DD`, `0000-MM-DD` without the year, or `YYYY`.
/// In the Gregorian calendar, whatever the account celebrates by. `with_year`: consent to `birthday`
/// covers the year, too.
#[must_use]
pub fn birthdate(person: &Person<'_>, with_year: bool) -> Option<Claim> {
    let day = person.birthday().filter(|_| person.agreed_to(Attribute::Birthday));
    let year = match day {
        Some(day) if with_year => {
            u16::try_from(day.value.year()).ok().map(|value| day.map(|_| value))
        }
        _ if person.agreed_to(Attribute::Birthyear) => person.year_of_birth(),
        _ => None,
    };
    let is_own = day.is_none_or(|it| it.is_own) && year.is_none_or(|it| it.is_own);
    let year = year.map(|it| it.value);
    let value = match (year, day.map(|it| it.value)) {
        (year, Some(day)) => {
            let (month, day) = (day.month() as u8, day.day());
            format!("{:04}-{month:02}-{day:02}", year.unwrap_or(0))
        }
        (Some(year), None) => format!("{year:04}"),
        (None, None) => return None,
    };
    Some(Known { value: Value::String(value), is_own })
}

/// The address claim (OpenID Connect Core, 5.1.1).
fn address(address: &ShippingAddress) -> Value {
    let line = address.line();
    let postal_code = match (&*address.zone_number, &*address.zip_code) {
        ("", zip_code) => zip_code,
        (zone_number, _) => zone_number,
    };
    let mut claim = Map::new();
    if postal_code.is_empty() {
        claim.insert("formatted".into(), json!(line));
    } else {
        claim.insert("formatted".into(), json!(format!("({postal_code}) {line}")));
        claim.insert("street_address".into(), json!(line));
        claim.insert("postal_code".into(), json!(postal_code));
    }
    Value::Object(claim)
}

/// A phone number in E.164 notation: `+821012345678` (OpenID Connect Core, 5.1). Numbers without a
/// country code are Korean. One that is neither is left as it is.
fn e164(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let international = match number.trim_start().starts_with('+') {
        true => Some(digits.as_str()),
        false => digits.strip_prefix("00"),
    };
    match (international, digits.strip_prefix('0')) {
        (Some(international), _) => match international.strip_prefix("820") {
            // The trunk prefix is not part of an international number.
            Some(national) => format!("+82{national}"),
            None => format!("+{international}"),
        },
        (None, Some(national)) => format!("+82{national}"),
        (None, None) => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_written_in_e164() {
        for number in [
            "+82 10-1234-5678",
            "+82 010-1234-5678",
            "01012345678",
            "010-1234-5678",
            "0082 10 1234 5678",
        ] {
            assert_eq!(e164(number), "+821012345678", "{number}");
        }
        assert_eq!(e164("+1 415 555 0100"), "+14155550100");
        assert_eq!(e164("02-123-4567"), "+8221234567");
        assert_eq!(e164("14155550100"), "14155550100", "whose number it is cannot be known");
    }
}
