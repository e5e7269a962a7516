//! The figures to reach, and whether they were: ratios within one run, so that the machine does
//! not matter more than it must.

mod server;

use crate::contender::{LIMIT, PEERS, ROUTER, SERVER_RENDERED, STATIC};
use crate::results::Results;

/// The profiles that have a network in them.
const NETWORKS: [&str; 2] = ["slow-4g", "fast-4g"];

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub what: String,
    pub measured: String,
    pub met: bool,
}

/// All figures that follow from what was measured.
#[must_use]
pub fn all(results: &Results) -> Vec<Figure> {
    let mut figures = Vec::new();
    for profile in NETWORKS {
        figures.extend(usable(results, profile));
    }
    figures.extend(shift(results));
    figures.extend(mounting(results));
    figures.extend(size(results));
    figures.extend(growth(results));
    figures.extend(server::all(results));
    figures
}

/// The server-rendered form stays near the static one and before every peer; the app mounts, and the
/// static hosting is usable, not long after React.
fn usable(results: &Results, profile: &str) -> Vec<Figure> {
    let median = |name, what| results.page(name, profile, what).map(|it| it.median);
    let times = |it| format!("{it:.2} times");
    let mut figures = Vec::new();
    let server_rendered = median(SERVER_RENDERED, "usable");
    if let (Some(own), Some(limit)) = (server_rendered, median(LIMIT, "usable")) {
        let what = format!("{profile}: server-rendered usable at most 1.1 times the static form");
        figures.push(at_most(what, own / limit, 1.1, times));
    }
    let peers: Vec<_> =
        PEERS.iter().filter_map(|name| Some((*name, median(name, "usable")?))).collect();
    let fastest = peers.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    if let (Some(own), Some((name, peer))) = (server_rendered, fastest) {
        figures.push(earlier(format!("{profile}: server-rendered"), own, name, *peer));
    }
    let Some(peer) = median(ROUTER, "usable") else { return figures };
    if let Some(mounted) = median(SERVER_RENDERED, "mounted") {
        let what = format!("{profile}: app mounted at most 1.4 times {ROUTER} usable");
        figures.push(at_most(what, mounted / peer, 1.4, times));
    }
    if let Some(own) = median(STATIC, "usable") {
        let what = format!("{profile}: static hosting usable at most 1.2 times {ROUTER} usable");
        figures.push(at_most(what, own / peer, 1.2, times));
    }
    figures
}

fn shift(results: &Results) -> Option<Figure> {
    let own = results.pages.iter().filter(|it| it.contender == SERVER_RENDERED);
    let shifts = own.filter_map(|it| it.measured.get("shift")).map(|it| it.p90);
    let took = results.mounting.iter().map(|it| it.shift);
    let most = shifts.chain(took).reduce(f64::max)?;
    let what = "layout shift of the server-rendered screen 0".to_owned();
    Some(at_most(what, most, 0.0, |it| format!("{it:.4}")))
}

fn mounting(results: &Results) -> Option<Figure> {
    let sum = |of: fn(&crate::results::MountingResult) -> usize| {
        results.mounting.iter().map(of).sum::<usize>()
    };
    let (kept, runs) = (sum(|it| it.kept), sum(|it| it.runs));
    (runs > 0).then(|| Figure {
        what: "every tick and letter kept while the app mounts, 100 of 100".to_owned(),
        measured: format!("{kept} of {runs}"),
        met: kept == runs && runs >= 100,
    })
}

fn size(results: &Results) -> Vec<Figure> {
    let kilobytes =
        |what| results.page(SERVER_RENDERED, "local", what).map(|bytes| bytes.median / 1000.0);
    let say = |it| format!("{it:.1} KB");
    let mut figures = Vec::new();
    if let (Some(wasm), Some(js)) = (kilobytes("wasm"), kilobytes("js")) {
        figures.push(at_most(
            "WebAssembly and JS at most 150 KB".to_owned(),
            wasm + js,
            150.0,
            say,
        ));
    }
    if let Some(total) = kilobytes("total") {
        let what = "first visit with the page's content at most 170 KB".to_owned();
        figures.push(at_most(what, total, 170.0, say));
    }
    figures
}

fn growth(results: &Results) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let (Some(own), Some(limit)) =
        (results.grown(SERVER_RENDERED, 3000), results.grown(LIMIT, 3000))
    {
        let what = "3,000 items: usable at most 2 times the static form".to_owned();
        let ratio = own.usable.median / limit.usable.median;
        figures.push(at_most(what, ratio, 2.0, |it| format!("{it:.2} times")));
        // What each row does for a tick must not add up to the square of their number.
        let what =
            "3,000 items: a tick is drawn at most 5 times as late as without a script".to_owned();
        let ratio = own.tick.median / limit.tick.median;
        figures.push(at_most(what, ratio, 5.0, |it| format!("{it:.2} times")));
    }
    if let Some(own) = results.grown(SERVER_RENDERED, 30) {
        let what = "30 items: a tick is drawn in under 50 ms at 4x CPU".to_owned();
        figures.push(at_most(what, own.tick.median, 50.0, |it| format!("{it:.0} ms")));
    }
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
    use crate::results::PageResult;
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
    fn usable_is_compared_with_the_form_the_fastest_peer_and_react() {
        let mut results = Results {
            pages: vec![page(SERVER_RENDERED, 400.0), page(LIMIT, 350.0), page("solid", 390.0)],
            ..Results::default()
        };
        assert_eq!(met(&results), [false, false], "1.14 times the form, and later than Solid");
        results.pages[1] = page(LIMIT, 370.0);
        results.pages[2] = page("solid", 410.0);
        assert_eq!(met(&results), [true, true]);
        results.pages.push(page("react", 200.0));
        results.pages.push(page(STATIC, 300.0));
        assert_eq!(met(&results), [true, false, false], "static hosting: 1.5 times React");
        assert!(all(&results)[1].what.ends_with("earlier than react"), "the fastest is named");
        results.pages[4] = page(STATIC, 239.0);
        let mounted = Summary::of(&[281.0]).expect("one value");
        results.pages[0].measured.insert("mounted".to_owned(), mounted);
        assert_eq!(met(&results), [true, false, false, true], "mounted: 1.41 times React");
    }

    #[test]
    fn both_sizes_have_a_limit() {
        let bytes = |wasm, total| {
            let of = |name: &str, it| (name.to_owned(), Summary::of(&[it]).expect("one value"));
            let measured = [of("wasm", wasm), of("js", 4_000.0), of("total", total)].into();
            let page =
                PageResult { profile: "local".into(), measured, ..page(SERVER_RENDERED, 1.0) };
            met(&Results { pages: vec![page], ..Results::default() })
        };
        assert_eq!(bytes(146_000.0, 170_000.0), [true, true]);
        assert_eq!(bytes(146_100.0, 170_100.0), [false, false]);
    }

    #[test]
    fn what_was_not_measured_is_not_judged() {
        assert_eq!(all(&Results::default()), []);
    }
}
