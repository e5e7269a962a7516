//! Periods of the calendar: how long an agreement is valid.

use std::{fmt, str::FromStr};

use jiff::{Span, SpanFieldwise, Timestamp, tz::TimeZone};

use crate::clock::Seconds;

/// The longest period, in years.
const MOST_YEARS: i16 = 100;

/// A number of years, months, weeks and days, as the calendar has them: a year is no number of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period(SpanFieldwise);

/// When the day of a time begins, in a time zone.
#[must_use]
pub fn start_of_day(at: Seconds, zone: &TimeZone) -> Seconds {
    let start = || Timestamp::from_second(at).ok()?.to_zoned(zone.clone()).start_of_day().ok();
    start().map_or(at, |start| start.timestamp().as_second())
}

impl Period {
    /// A number of years.
    #[must_use]
    pub fn years(years: i16) -> Self {
        Self(Span::new().years(years.min(MOST_YEARS)).fieldwise())
    }

    /// A number of days.
    #[must_use]
    pub fn days(days: i16) -> Self {
        Self(Span::new().days(days).fieldwise())
    }

    /// The time that lies this period after another, in a time zone. A day that the last month does
    /// not have is the last one of that month: a year after 29 February is 28 February.
    #[must_use]
    pub fn after(self, start: Seconds, zone: &TimeZone) -> Seconds {
        self.times_after(1, start, zone)
    }

    /// The same for a multiple of this period, counted from the same start.
    #[must_use]
    pub fn times_after(self, times: i64, start: Seconds, zone: &TimeZone) -> Seconds {
        let end = || {
            let span = self.0.0.checked_mul(times).ok()?;
            let start = Timestamp::from_second(start).ok()?.to_zoned(zone.clone());
            Some(start.checked_add(span).ok()?.timestamp().as_second())
        };
        // Beyond the calendar nothing ends.
        end().unwrap_or(Seconds::MAX)
    }
}

impl FromStr for Period {
    type Err = String;

    /// Reads `1 year`, `6 months`, `1 year 30 days`, or the same in ISO 8601: `P1Y`.
    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || {
            format!("`{text}`: expected years, months, weeks or days, like `1 year` or `30 days`")
        };
        let span: Span = text.parse().map_err(|_| expected())?;
        let date = Span::new()
            .try_years(span.get_years())
            .and_then(|it| it.try_months(span.get_months()))
            .and_then(|it| it.try_weeks(span.get_weeks()))
            .and_then(|it| it.try_days(span.get_days()))
            .map_err(|_| expected())?;
        if date.fieldwise() != span.fieldwise() || !span.is_positive() {
            return Err(expected());
        }
        let period = Self(span.fieldwise());
        let most = Self::years(MOST_YEARS);
        if period.after(0, &TimeZone::UTC) > most.after(0, &TimeZone::UTC) {
            return Err(format!("`{text}`: longer than {MOST_YEARS} years"));
        }
        Ok(period)
    }
}

/// In ISO 8601.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn period(text: &str) -> Period {
        text.parse().unwrap()
    }

    #[test]
    fn periods_are_read_in_words_and_in_iso_8601() {
        for (one, other) in [
            ("1 year", "P1Y"),
            ("2 years", "P2Y"),
            ("6 months", "P6M"),
            ("2 weeks", "P2W"),
            ("30 days", "P30D"),
            ("1 year, 6 months", "P1Y6M"),
        ] {
            assert_eq!(period(one), period(other), "{one}");
            assert_eq!(period(one).to_string(), other);
        }
        for bad in [
            "",
            "1",
            "year",
            "0 days",
            "-1 year",
            "1 hour",
            "P1DT1H",
            "PT5M",
            "1 year ago",
            "P101Y",
        ] {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_period_ends_by_the_calendar_of_the_zone() {
        let seoul = jiff::tz::TimeZoneDatabase::bundled().get("Asia/Seoul").unwrap();
        let berlin = jiff::tz::TimeZoneDatabase::bundled().get("Europe/Berlin").unwrap();
        let at = |time: time::OffsetDateTime| time.unix_timestamp();
        for (text, zone, start, end) in [
            ("1 year", &seoul, datetime!(2024-02-29 03:00 +9), datetime!(2025-02-28 03:00 +9)),
            ("2 years", &seoul, datetime!(2024-02-29 03:00 +9), datetime!(2026-02-28 03:00 +9)),
            ("4 years", &seoul, datetime!(2024-02-29 03:00 +9), datetime!(2028-02-29 03:00 +9)),
            ("1 month", &seoul, datetime!(2026-01-31 23:59 +9), datetime!(2026-02-28 23:59 +9)),
            // In UTC this is still December.
            ("1 year", &seoul, datetime!(2026-01-01 00:30 +9), datetime!(2027-01-01 00:30 +9)),
            // A day in which the clocks go forward has 23 hours.
            ("1 day", &berlin, datetime!(2026-03-28 12:00 +1), datetime!(2026-03-29 12:00 +2)),
        ] {
            assert_eq!(period(text).after(at(start), zone), at(end), "{text} after {start}");
        }
        assert_eq!(period("1 year"), Period::years(1));
        assert_eq!(period("14 days"), Period::days(14));
        let midnight = at(datetime!(2026-01-01 00:00 +9));
        assert_eq!(start_of_day(at(datetime!(2026-01-01 00:30 +9)), &seoul), midnight);
        assert_eq!(start_of_day(midnight, &seoul), midnight);
        assert_eq!(period("1 year").after(Seconds::MAX, &seoul), Seconds::MAX);
        let leap = at(datetime!(2024-02-29 03:00 +9));
        let twice = period("2 years").times_after(2, leap, &seoul);
        assert_eq!(twice, at(datetime!(2028-02-29 03:00 +9)));
    }
}
