//! Reads `ask_again` and `grace`: when members are asked for a new version of a term.

use serde::Serialize;

use super::{catalog::AskAgain, reader::Table};

/// The longest grace, in days.
const LONGEST_GRACE: u16 = 3650;

/// The grace of a service that names none, in days.
const GRACE: u16 = 30;

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Policy {
    Requested,
    AtOnce,
    AfterGrace,
}

/// When members are asked, with what is written in a service or in one of its terms.
#[derive(Clone, Copy)]
pub struct Written {
    policy: Policy,
    grace: u16,
}

impl Default for Written {
    fn default() -> Self {
        Self { policy: Policy::Requested, grace: GRACE }
    }
}

impl From<Written> for AskAgain {
    fn from(written: Written) -> Self {
        match written.policy {
            Policy::Requested => Self::Requested,
            Policy::AtOnce => Self::AtOnce,
            Policy::AfterGrace => Self::AfterGrace { days: written.grace },
        }
    }
}

/// Reads the two keys. Each that is absent is as in `outer`: the service of a term, or the default.
pub fn read(table: &mut Table<'_>, outer: Written) -> Written {
    let policies = [Policy::Requested, Policy::AtOnce, Policy::AfterGrace];
    let policy = table.choice("ask_again", &policies).map_or(outer.policy, |(policy, _)| policy);
    let grace = table.string("grace").and_then(|(text, at)| {
        let days = days(&text);
        if days.is_none() {
            table
                .fault(at, format!("`{text}`: expected 1 to {LONGEST_GRACE} days, as \"30 days\""));
        }
        days
    });
    Written { policy, grace: grace.unwrap_or(outer.grace) }
}

/// A number of days: `30 days`, `1 day`.
fn days(text: &str) -> Option<u16> {
    let (number, unit) = text.split_once(' ')?;
    let days: u16 =
        number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())??;
    let unit_fits = unit == if days == 1 { "day" } else { "days" };
    (unit_fits && (1..=LONGEST_GRACE).contains(&days)).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn a_grace_is_a_number_of_days() {
        for (text, read) in [("1 day", 1), ("2 days", 2), ("30 days", 30), ("3650 days", 3650)] {
            assert_eq!(days(text), Some(read), "{text}");
        }
        let wrong = [
            "",
            "30",
            "days",
            "0 days",
            "1 days",
            "2 day",
            "-1 days",
            "+1 day",
            "3651 days",
            "99999999 days",
            "1.5 days",
            "30  days",
            "30 Days",
            "30 days ",
            "1 month",
            "P30D",
        ];
        for text in wrong {
            assert_eq!(days(text), None, "{text}");
        }
    }
}
