//! Many measurements in a few numbers.

use serde::{Deserialize, Serialize};

/// What a series of measurements was like.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How many there were.
    pub count: usize,
    pub median: f64,
    /// One in ten is not above this.
    pub p10: f64,
    /// One in ten is not below this.
    pub p90: f64,
}

impl Summary {
    /// Of these measurements; none when there are none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| quantile(&sorted, share);
        Some(Self { count: sorted.len(), median: at(0.5)?, p10: at(0.1)?, p90: at(0.9)? })
    }
}

/// The value below which this share of the sorted values lies, between two values by proportion.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share * last as f64;
    let below = place.floor() as usize;
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    Some(low + (high - low) * (place - place.floor()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_of_the_values_whatever_their_order() {
        let summary = Summary::of(&[50.0, 10.0, 30.0, 20.0, 40.0]);
        let expected = Summary { count: 5, median: 30.0, p10: 14.0, p90: 46.0 };
        assert_eq!(summary, Some(expected));
        assert_eq!(Summary::of(&[1.0, 2.0]).map(|it| it.median), Some(1.5));
        assert_eq!(Summary::of(&[7.0]).map(|it| (it.p10, it.p90)), Some((7.0, 7.0)));
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn one_outlier_moves_the_median_little() {
        let median = |values: &[f64]| Summary::of(values).map(|it| it.median);
        assert_eq!(median(&[10.0, 11.0, 12.0]), Some(11.0));
        assert_eq!(median(&[10.0, 11.0, 9000.0]), Some(11.0));
    }
}
