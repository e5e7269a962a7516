//! How old a person is.
//!
//! Source: a person is a year older from the beginning of the birthday (Korean Civil Act, 158 to
//! 160); one who was born on 29 February, in a year without that day, from 1 March.

/// The age below which a guardian has to consent, in years: PIPA 22-2(1).
pub const AGE_OF_CONSENT: u8 = 14;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    pub year: i32,
    /// From 1.
    pub month: u8,
    pub day: u8,
}

impl Day {
    /// A day as `2026-12-31`.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? })
    }
}

/// The age in whole years of a user born on this day; negative for a day that has not come.
#[must_use]
pub fn years(born: Day, today: Day) -> i32 {
    let had_birthday = (today.month, today.day) >= (born.month, born.day);
    today.year - born.year - i32::from(!had_birthday)
}

/// Whether a user born on this day is younger than that, today.
#[must_use]
pub fn is_under(min_age: u8, born: Day, today: Day) -> bool {
    years(born, today) < i32::from(min_age)
}

/// Whether a verified date of birth is that of an adult: the year in which the person becomes 19 has begun
/// (Youth Protection Act, 2(1)).
#[must_use]
pub fn is_adult(verified: Day, today: Day) -> bool {
    today.year - verified.year >= 19
}
