//! Personal values of an account that have a type of their own.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::clock::Seconds;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    Female,
    Male,
}

impl Gender {
    /// As OpenID Connect Core, 5.1, and the platform write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

/// One of the platform's age ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeRange {
    /// The least age in years that is in it.
    from: u8,
    name: &'static str,
}

impl AgeRange {
    /// Every range, from the youngest. The first is `1~9` in the platform's documents and `0~9` in
    /// its client libraries, which accept both.
    pub const ALL: [Self; 11] = [
        Self { from: 0, name: "1~9" },
        Self { from: 10, name: "10~14" },
        Self { from: 15, name: "15~19" },
        Self { from: 20, name: "20~29" },
        Self { from: 30, name: "30~39" },
        Self { from: 40, name: "40~49" },
        Self { from: 50, name: "50~59" },
        Self { from: 60, name: "60~69" },
        Self { from: 70, name: "70~79" },
        Self { from: 80, name: "80~89" },
        Self { from: 90, name: "90~" },
    ];

    /// The range of an age in years.
    #[must_use]
    pub fn of(age: u8) -> Self {
        let below = Self::ALL.iter().rfind(|range| range.from <= age);
        *below.unwrap_or(&Self::ALL[0])
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }
}

/// A day of the lunar calendar, without its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LunarDay {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 30.
    pub day: u8,
    /// Whether the month is the leap month of that number.
    pub in_leap_month: bool,
}

/// A verified identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LegalIdentity {
    pub name: Option<String>,
    pub birth_date: Option<Date>,
    pub gender: Option<Gender>,
    pub is_korean: Option<bool>,
}

/// The identifier that Korean identity providers share about a person (CI).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectingInformation {
    /// 64 bytes as 88 characters of base64.
    pub value: String,
    pub authenticated_at: Option<Seconds>,
}

/// An address that parcels are sent to. Texts are empty where nothing is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingAddress {
    /// Its number within the account, in the order of the file.
    pub id: u32,
    /// The user's own name for it.
    pub name: String,
    pub is_default: bool,
    /// `None` where it is not known.
    pub updated_at: Option<Seconds>,
    pub kind: AddressKind,
    pub base_address: String,
    pub detail_address: String,
    pub receiver_name: String,
    pub receiver_phone_number1: String,
    pub receiver_phone_number2: String,
    /// Five digits, for an address by road name.
    pub zone_number: String,
    /// Six digits, as postal codes were until 2015.
    pub zip_code: String,
}

impl ShippingAddress {
    /// The default address of an account that has no other.
    #[must_use]
    pub fn of_line(line: String) -> Self {
        Self {
            id: 1,
            name: String::new(),
            is_default: true,
            updated_at: None,
            kind: AddressKind::New,
            base_address: line,
            detail_address: String::new(),
            receiver_name: String::new(),
            receiver_phone_number1: String::new(),
            receiver_phone_number2: String::new(),
            zone_number: String::new(),
            zip_code: String::new(),
        }
    }

    /// Street and house, in one line.
    #[must_use]
    pub fn line(&self) -> String {
        match &*self.detail_address {
            "" => self.base_address.clone(),
            detail => format!("{} {detail}", self.base_address),
        }
    }
}

/// How a Korean address is written, under the platform's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AddressKind {
    /// By road name, as since 2014.
    New,
    /// By lot number.
    Old,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_in_the_range_that_begins_at_or_below_it() {
        for (age, range) in [
            (0, "1~9"),
            (9, "1~9"),
            (10, "10~14"),
            (14, "10~14"),
            (15, "15~19"),
            (19, "15~19"),
            (20, "20~29"),
            (89, "80~89"),
            (90, "90~"),
            (120, "90~"),
        ] {
            assert_eq!(AgeRange::of(age).name(), range, "{age}");
        }
    }
}
