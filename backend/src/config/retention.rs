//! Reads `[retention]`.

use super::{catalog::Retention, reader::Table};

/// The longest period, in days: a hundred years.
const LONGEST: i64 = 36_525;

/// Reads the periods. One that is not given has its default.
pub fn read(mut table: Table<'_>) -> Retention {
    let default = Retention::default();
    let mut days = |key| {
        let days = table.integer(key, 1..LONGEST + 1)?;
        u32::try_from(days.0).ok()
    };
    Retention {
        refusals_days: days("refusals_days").unwrap_or(default.refusals_days),
        ended_agreements_days: days("ended_agreements_days"),
    }
}
