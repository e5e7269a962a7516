//! The figures of the backend.

use super::{Figure, at_most};
use crate::load::{DECIDE, READ};
use crate::results::{BARE, DataResult, LoadResult, Results, SQLITE, StoredResult};

/// All that follow from what was measured.
#[must_use]
pub fn all(results: &Results) -> Vec<Figure> {
    [load(results), attacks(results), growing_data(results)].concat()
}

/// The number of connections at which the figures hold.
const CONNECTIONS: usize = 16;

/// How many answers a second the reading of a consent gives, of those that nothing but a handler gives.
const SHARE_OF_BARE: f64 = 0.15;

fn load(results: &Results) -> Vec<Figure> {
    let mut figures = Vec::new();
    for database in Results::distinct(results.load.iter().map(|it| &it.database)) {
        if let Some(post) =
            results.loaded(database, DECIDE, CONNECTIONS).filter(|_| database != BARE)
        {
            let what = format!(
                "{database}: p99 of the decision POST at {CONNECTIONS} connections under 50 ms"
            );
            figures.push(at_most(what, post.p99, 50.0, |it| format!("{it:.1} ms")));
        }
    }
    let rate = |database| results.loaded(database, READ, CONNECTIONS).map(|it| it.per_second);
    if let (Some(own), Some(bare)) = (rate(SQLITE), rate(BARE)) {
        let share = own / bare;
        figures.push(Figure {
            what: format!(
                "{SQLITE}: a consent is read at least {:.0} % as often in a second as {BARE} answers, at \
                 {CONNECTIONS} connections",
                SHARE_OF_BARE * 100.0
            ),
            measured: format!("{:.1} % ({own:.0} of {bare:.0})", share * 100.0),
            met: share >= SHARE_OF_BARE,
        });
    }
    for stored in &results.stored {
        figures.extend(nothing_lost(results, stored));
    }
    figures
}

/// What was answered is in the database, once.
fn nothing_lost(results: &Results, stored: &StoredResult) -> [Figure; 2] {
    let StoredResult { database, recorded: decisions, tokens } = stored;
    let refused = |what: &str| -> u64 {
        let of_it = |it: &&LoadResult| it.database == *database && it.what.starts_with(what);
        results.load.iter().filter(of_it).map(|it| it.refused).sum()
    };
    let (refused_decisions, refused_tokens) = (refused(DECIDE), refused("POST token"));
    [
        Figure {
            what: format!("{database}: no decision lost or doubled"),
            measured: format!(
                "{} answered, {} recorded for {} questions, {refused_decisions} refused",
                decisions.answered, decisions.recorded, decisions.questions
            ),
            met: decisions.answered == decisions.recorded
                && decisions.recorded == decisions.questions
                && refused_decisions == 0,
        },
        Figure {
            what: format!("{database}: no token lost or doubled"),
            measured: format!(
                "{} codes and {} refresh tokens exchanged for {} access tokens, {refused_tokens} \
                 refused",
                tokens.redeemed, tokens.refreshed, tokens.access_tokens
            ),
            met: tokens.access_tokens == tokens.redeemed + tokens.refreshed
                && tokens.active == tokens.redeemed
                && tokens.rotated == tokens.refreshed
                && refused_tokens == 0,
        },
    ]
}

/// How much longer anything may take in the largest database than in the smallest.
const GROWN: f64 = 1.5;

/// A quantile of what was measured, in milliseconds.
type Quantile = fn(&DataResult) -> f64;

fn growing_data(results: &Results) -> Vec<Figure> {
    let mut figures = Vec::new();
    for database in Results::distinct(results.growing_data.iter().map(|it| &it.database)) {
        let of_it = || results.growing_data.iter().filter(|it| it.database == database);
        let sizes = of_it().map(|it| it.decisions);
        let (Some(smallest), Some(largest)) = (sizes.clone().min(), sizes.max()) else { continue };
        if smallest == largest {
            continue;
        }
        let quantiles: [(&str, Quantile); 2] = [("p50", |it| it.p50), ("p99", |it| it.p99)];
        for (name, quantile) in quantiles {
            let ratios = of_it().filter(|it| it.decisions == largest).filter_map(|large| {
                let small = of_it().find(|it| it.decisions == smallest && it.what == large.what)?;
                Some((quantile(large) / quantile(small), &large.what))
            });
            let Some((ratio, slowest)) = ratios.max_by(|a, b| a.0.total_cmp(&b.0)) else {
                continue;
            };
            let what = format!(
                "{database}: {name} with {largest} decisions at most {GROWN} times that with {smallest}"
            );
            let say = |it| format!("{it:.2} times ({slowest})");
            figures.push(at_most(what, ratio, GROWN, say));
        }
    }
    figures
}

/// How much slower an attacker may make an honest decision.
const ATTACKED: f64 = 5.0;

fn attacks(results: &Results) -> Vec<Figure> {
    let (alone, attacked): (Vec<_>, Vec<_>) =
        results.attacks.iter().partition(|it| it.attack.is_none());
    let Some(alone) = alone.first() else { return Vec::new() };
    let mut figures = Vec::new();
    if let Some(worst) = attacked.iter().max_by(|a, b| a.p99.total_cmp(&b.p99)) {
        let what = format!(
            "p99 of an honest decision at most {ATTACKED} times as long under any of {} attacks",
            attacked.len()
        );
        let attack = worst.attack.as_deref().unwrap_or_default();
        let say = |ratio| format!("{ratio:.2} times ({attack})");
        figures.push(at_most(what, worst.p99 / alone.p99, ATTACKED, say));
    }
    let refused: u64 = attacked.iter().map(|it| it.refused).sum();
    figures.push(Figure {
        what: "no honest decision refused under attack".to_owned(),
        measured: format!("{refused} refused"),
        met: refused == 0,
    });
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{self, AttackResult, IssuedTokens, Recorded};

    fn met(results: &Results) -> Vec<bool> {
        all(results).iter().map(|figure| figure.met).collect()
    }

    fn loaded(database: &str, what: &str, refused: u64) -> LoadResult {
        LoadResult {
            database: database.into(),
            what: what.into(),
            connections: 1,
            requests: 10,
            per_second: 1.0,
            p50: 1.0,
            p90: 1.0,
            p99: 1.0,
            refused,
        }
    }

    fn stored(recorded: Recorded, tokens: IssuedTokens) -> Vec<StoredResult> {
        vec![StoredResult { database: SQLITE.into(), recorded, tokens }]
    }

    const DECISIONS: Recorded = Recorded { answered: 10, recorded: 10, questions: 10 };
    const TOKENS: IssuedTokens =
        IssuedTokens { redeemed: 10, refreshed: 10, access_tokens: 20, active: 10, rotated: 10 };

    #[test]
    fn an_attack_that_slows_or_refuses_honest_decisions_is_a_miss() {
        let result = |attack: Option<&str>, p99, refused| AttackResult {
            attack: attack.map(str::to_owned),
            decisions: 10,
            p50: 1.0,
            p99,
            refused,
            attempts: 10,
        };
        let with = |p99, refused| Results {
            attacks: vec![result(None, 4.0, 0), result(Some("forms"), p99, refused)],
            ..Results::default()
        };
        assert_eq!(met(&with(19.0, 0)), [true, true]);
        assert_eq!(met(&with(21.0, 0)), [false, true], "slowed");
        assert_eq!(met(&with(4.0, 1)), [true, false], "refused");
    }

    #[test]
    fn a_lost_or_doubled_token_is_a_miss() {
        let with = |access_tokens, active, rotated, refused| Results {
            load: vec![loaded(SQLITE, "POST token, refresh", refused)],
            stored: stored(DECISIONS, IssuedTokens { access_tokens, active, rotated, ..TOKENS }),
            ..Results::default()
        };
        assert_eq!(met(&with(20, 10, 10, 0)), [true, true]);
        assert_eq!(met(&with(19, 10, 10, 0)), [true, false], "lost");
        assert_eq!(met(&with(20, 11, 10, 0)), [true, false], "forked");
        assert_eq!(met(&with(20, 10, 9, 0)), [true, false], "not rotated");
        assert_eq!(met(&with(20, 10, 10, 1)), [true, false], "refused");
    }

    #[test]
    fn a_lost_or_doubled_decision_is_a_miss() {
        let with = |answered, recorded, questions, refused| Results {
            load: vec![loaded(SQLITE, DECIDE, refused)],
            stored: stored(Recorded { answered, recorded, questions }, TOKENS),
            ..Results::default()
        };
        assert_eq!(met(&with(10, 10, 10, 0)), [true, true]);
        assert_eq!(met(&with(10, 9, 9, 0)), [false, true], "lost");
        assert_eq!(met(&with(10, 10, 9, 0)), [false, true], "doubled");
        assert_eq!(met(&with(9, 9, 9, 1)), [false, true], "refused");
    }

    #[test]
    fn each_database_has_its_own_decisions() {
        let mut results = Results {
            load: vec![loaded(SQLITE, DECIDE, 1)],
            stored: stored(DECISIONS, TOKENS),
            ..Results::default()
        };
        let other = results::postgres(2);
        results.stored.push(StoredResult {
            database: other.clone(),
            recorded: DECISIONS,
            tokens: TOKENS,
        });
        assert_eq!(
            met(&results),
            [false, true, true, true],
            "what one refuses is no fault of another"
        );
        for (database, p99) in [(SQLITE, 49.0), (&*other, 51.0)] {
            let load = loaded(database, DECIDE, 0);
            results.load.push(LoadResult { connections: 16, p99, ..load });
        }
        assert_eq!(met(&results)[..2], [true, false], "the slower is seen");
    }

    #[test]
    fn the_reading_of_a_consent_is_compared_with_a_handler() {
        let with = |own, bare| {
            let load = |database, per_second| LoadResult {
                connections: 16,
                per_second,
                ..loaded(database, READ, 0)
            };
            met(&Results { load: vec![load(SQLITE, own), load(BARE, bare)], ..Results::default() })
        };
        assert_eq!(with(15_000.0, 100_000.0), [true]);
        assert_eq!(with(14_900.0, 100_000.0), [false]);
    }

    #[test]
    fn what_grows_with_the_data_is_a_miss() {
        let with = |p50, p99| {
            let result = |decisions, what: &str, p50, p99| DataResult {
                database: SQLITE.into(),
                decisions,
                what: what.into(),
                count: 1,
                p50,
                p99,
            };
            let growing_data = vec![
                result(10_000, "authorize", 10.0, 20.0),
                result(10_000, "decision", 1.0, 2.0),
                result(100_000, "decision", 9.0, 9.0),
                result(1_000_000, "authorize", 10.0, 20.0),
                result(1_000_000, "decision", p50, p99),
            ];
            met(&Results { growing_data, ..Results::default() })
        };
        assert_eq!(with(1.5, 3.0), [true, true]);
        assert_eq!(with(1.6, 3.0), [false, true]);
        assert_eq!(with(1.5, 3.1), [true, false]);
        let one = DataResult {
            database: SQLITE.into(),
            decisions: 10,
            what: "authorize".into(),
            count: 1,
            p50: 1.0,
            p99: 1.0,
        };
        let results = Results { growing_data: vec![one], ..Results::default() };
        assert_eq!(met(&results), [true; 0], "one size is compared with none");
    }
}
