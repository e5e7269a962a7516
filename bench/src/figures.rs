//! The figures to reach, and whether they were: ratios within one run, so that the machine does
//! not matter more than it must.

use crate::contender::{LIMIT, PAINTED, PEERS, ROUTER, STATIC};
use crate::results::Results;

/// The profiles that have a network in them.
const NETWORKS: [&str; 2] = ["slow-4g", "fast-4g"];

/// One figure.
#[derive(Debug, PartialEq)]
pub struct Figure {
    pub what: String,
    pub measured: String,
    pub met: bool,
}

/// All figures that can be told from what was measured.
#[must_use]
pub fn all(results: &Results) -> Vec<Figure> {
    let mut figures = Vec::new();
    for profile in NETWORKS {
        figures.extend(usable(results, profile));
    }
    figures.extend(shift(results));
    figures.extend(takeover(results));
    figures.extend(size(results));
    figures.extend(growth(results));
    figures.extend(load(results));
    figures.extend(attacks(results));
    figures
}

fn usable(results: &Results, profile: &str) -> Vec<Figure> {
    let median = |name| results.page(name, profile, "usable").map(|it| it.median);
    let mut figures = Vec::new();
    if let (Some(painted), Some(limit)) = (median(PAINTED), median(LIMIT)) {
        let what = format!("{profile}: painted usable at most 1.25 times the static form");
        figures.push(at_most(what, painted / limit, 1.25, |it| format!("{it:.2} times")));
    }
    let peers: Vec<_> = PEERS.iter().filter_map(|name| Some((*name, median(name)?))).collect();
    let fastest = peers.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    if let (Some(painted), Some((name, peer))) = (median(PAINTED), fastest) {
        figures.push(earlier(format!("{profile}: painted"), painted, name, *peer));
    }
    if let (Some(own), Some(peer)) = (median(STATIC), median(ROUTER)) {
        figures.push(earlier(format!("{profile}: static SPA"), own, ROUTER, peer));
    }
    figures
}

fn shift(results: &Results) -> Option<Figure> {
    let own = results.pages.iter().filter(|it| it.contender == PAINTED);
    let shifts = own.filter_map(|it| it.measured.get("shift")).map(|it| it.p90);
    let took = results.takeover.iter().map(|it| it.shift);
    let most = shifts.chain(took).reduce(f64::max)?;
    let what = "layout shift of the painted screen 0".to_owned();
    Some(at_most(what, most, 0.0, |it| format!("{it:.4}")))
}

fn takeover(results: &Results) -> Option<Figure> {
    let sum = |of: fn(&crate::results::TakeoverResult) -> usize| {
        results.takeover.iter().map(of).sum::<usize>()
    };
    let (kept, runs) = (sum(|it| it.kept), sum(|it| it.runs));
    (runs > 0).then(|| Figure {
        what: "every tick and letter kept over the take-over, 100 of 100".to_owned(),
        measured: format!("{kept} of {runs}"),
        met: kept == runs && runs >= 100,
    })
}

fn size(results: &Results) -> Option<Figure> {
    let total = results.page(PAINTED, "local", "total")?.median / 1000.0;
    let what = "first visit, painted, at most 95 KB".to_owned();
    Some(at_most(what, total, 95.0, |it| format!("{it:.1} KB (the aim is 75)")))
}

fn growth(results: &Results) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let (Some(own), Some(limit)) = (results.grown(PAINTED, 3000), results.grown(LIMIT, 3000)) {
        let what = "3,000 items: usable at most 2 times the static form".to_owned();
        let ratio = own.usable.median / limit.usable.median;
        figures.push(at_most(what, ratio, 2.0, |it| format!("{it:.2} times")));
        let what = "3,000 items: a tick is drawn in under 50 ms at 4x CPU".to_owned();
        figures.push(at_most(what, own.tick.median, 50.0, |it| format!("{it:.0} ms")));
    }
    figures
}

fn load(results: &Results) -> Vec<Figure> {
    let mut figures = Vec::new();
    let posts = results.load.iter().filter(|it| it.what == "POST decision");
    if let Some(post) = posts.clone().find(|it| it.connections == 16) {
        let what = "p99 of the decision POST at 16 connections under 50 ms".to_owned();
        figures.push(at_most(what, post.p99, 50.0, |it| format!("{it:.1} ms")));
    }
    if let Some(it) = results.recorded {
        let refused: u64 = posts.map(|it| it.refused).sum();
        figures.push(Figure {
            what: "no decision lost or doubled".to_owned(),
            measured: format!(
                "{} answered, {} recorded for {} questions, {refused} refused",
                it.answered, it.recorded, it.questions
            ),
            met: it.answered == it.recorded && it.recorded == it.questions && refused == 0,
        });
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

fn at_most(what: String, value: f64, most: f64, say: impl Fn(f64) -> String) -> Figure {
    Figure { what, measured: say(value), met: value <= most }
}

fn earlier(who: String, own: f64, name: &str, other: f64) -> Figure {
    Figure {
        what: format!("{who} usable earlier than {name}"),
        measured: format!("{own:.0} ms against {other:.0} ms ({:.2} times)", own / other),
        met: own < other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{LoadResult, PageResult, Recorded};
    use crate::statistics::Summary;

    fn page(contender: &str, usable: f64) -> PageResult {
        let summary = Summary::of(&[usable]).expect("one value");
        PageResult {
            contender: contender.into(),
            profile: "slow-4g".into(),
            measured: [("usable".to_owned(), summary)].into(),
        }
    }

    fn met(results: &Results) -> Vec<bool> {
        all(results).iter().map(|figure| figure.met).collect()
    }

    #[test]
    fn painted_is_held_to_the_form_and_to_the_fastest_peer() {
        let mut results = Results {
            pages: vec![page(PAINTED, 400.0), page(LIMIT, 330.0), page("solid", 390.0)],
            ..Results::default()
        };
        assert_eq!(met(&results), [true, false], "1.21 times the form, but later than Solid");
        results.pages.push(page("react", 200.0));
        results.pages.push(page(STATIC, 300.0));
        results.pages[1] = page(LIMIT, 310.0);
        assert_eq!(met(&results), [false, false, false]);
        assert!(all(&results)[1].what.ends_with("earlier than react"), "the fastest is named");
    }

    #[test]
    fn an_attack_that_slows_or_refuses_honest_decisions_is_a_miss() {
        let result = |attack: Option<&str>, p99, refused| crate::results::AttackResult {
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
    fn what_was_not_measured_is_not_judged() {
        assert_eq!(all(&Results::default()), []);
    }

    #[test]
    fn a_lost_or_doubled_decision_is_a_miss() {
        let with = |answered, recorded, questions, refused| Results {
            load: vec![LoadResult {
                what: "POST decision".into(),
                connections: 1,
                requests: 10,
                per_second: 1.0,
                p50: 1.0,
                p90: 1.0,
                p99: 1.0,
                refused,
            }],
            recorded: Some(Recorded { answered, recorded, questions }),
            ..Results::default()
        };
        assert_eq!(met(&with(10, 10, 10, 0)), [true]);
        assert_eq!(met(&with(10, 9, 9, 0)), [false], "lost");
        assert_eq!(met(&with(10, 10, 9, 0)), [false], "doubled");
        assert_eq!(met(&with(9, 9, 9, 1)), [false], "refused");
    }
}
