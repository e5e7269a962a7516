//! The time, in whole seconds since 1970.

use time::{OffsetDateTime, UtcOffset, macros::format_description};

/// Now.
#[must_use]
pub fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// The day in Korea, `2026-11-27`.
#[must_use]
pub fn day(at: i64) -> String {
    in_korea(at, |at| at.format(format_description!("[year]-[month]-[day]")))
}

/// Day and minute in Korea, `2026-11-27 18:20`.
#[must_use]
pub fn minute(at: i64) -> String {
    in_korea(at, |at| at.format(format_description!("[year]-[month]-[day] [hour]:[minute]")))
}

fn in_korea(
    at: i64,
    format: impl Fn(OffsetDateTime) -> Result<String, time::error::Format>,
) -> String {
    let korea = UtcOffset::from_hms(9, 0, 0).unwrap_or(UtcOffset::UTC);
    let at = OffsetDateTime::from_unix_timestamp(at).map(|at| format(at.to_offset(korea)));
    at.ok().and_then(Result::ok).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_are_korean() {
        assert_eq!(super::minute(0), "1970-01-01 09:00");
        assert_eq!(super::day(15 * 60 * 60), "1970-01-02");
    }
}
