//! Time to usable as a picture: a bar for each contender, a line for its spread, one panel for
//! each profile. Colours follow the reader's light or dark mode.

use crate::contender::{LIMIT, SERVER_RENDERED, STATIC};
use crate::profile;
use crate::results::{PageResult, Results};
use std::fmt::Write;

const WIDTH: f64 = 760.0;
/// Where the bars begin: names stand to the left.
const LEFT: f64 = 120.0;
/// What stays free on the right, for the numbers.
const RIGHT: f64 = 110.0;
const ROW: f64 = 26.0;
const HEAD: f64 = 44.0;

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600}\
.small{fill:#59636e}rect{fill:#8c959f}rect.own{fill:#0969da}rect.limit{fill:#1a7f37}\
line{stroke:#1f2328;stroke-width:1.5}.paper{fill:#fff}\
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.small{fill:#9198a1}rect{fill:#656c76}\
rect.own{fill:#4493f8}rect.limit{fill:#3fb950}line{stroke:#f0f6fc}.paper{fill:#0d1117}}";

/// The picture as SVG; none when nothing was measured.
#[must_use]
pub fn usable(results: &Results) -> Option<String> {
    let mut body = String::new();
    let mut top = 0.0;
    for (name, _) in profile::ALL {
        let pages: Vec<&PageResult> =
            results.pages.iter().filter(|it| it.profile == name).collect();
        if !pages.is_empty() {
            panel(&mut body, name, &pages, top);
            top += HEAD + ROW * pages.len() as f64 + 12.0;
        }
    }
    (top > 0.0).then(|| {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" role=\"img\" \
             aria-label=\"Time to usable of each contender\"><style>{STYLE}</style>\
             <rect class=\"paper\" width=\"{WIDTH}\" height=\"{top}\"/>\n{body}</svg>\n"
        )
    })
}

fn panel(out: &mut String, name: &str, pages: &[&PageResult], top: f64) {
    let measured = pages.iter().filter_map(|page| page.measured.get("usable"));
    let longest = measured.map(|it| it.p90).fold(1.0, f64::max);
    let scale = (WIDTH - LEFT - RIGHT) / longest;
    let _ = writeln!(
        out,
        "<text class=\"title\" x=\"8\" y=\"{:.0}\">{name}</text>\
         <text class=\"small\" x=\"{LEFT}\" y=\"{0:.0}\">time to usable, ms; the line is p10 to \
         p90</text>",
        top + 24.0
    );
    for (row, page) in pages.iter().enumerate() {
        let Some(it) = page.measured.get("usable") else { continue };
        let y = top + HEAD + ROW * row as f64;
        let middle = y + 8.0;
        let class = match &*page.contender {
            SERVER_RENDERED | STATIC => " class=\"own\"",
            LIMIT => " class=\"limit\"",
            _ => "",
        };
        let (low, high) = (LEFT + it.p10 * scale, LEFT + it.p90 * scale);
        let end = high.max(LEFT + it.median * scale) + 8.0;
        let _ = writeln!(
            out,
            "<text x=\"8\" y=\"{:.1}\">{}</text>\
             <rect{class} x=\"{LEFT}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"16\"/>\
             <line x1=\"{low:.1}\" y1=\"{middle:.1}\" x2=\"{high:.1}\" y2=\"{middle:.1}\"/>\
             <text x=\"{end:.1}\" y=\"{0:.1}\">{:.0}</text>",
            y + 12.5,
            page.contender,
            it.median * scale,
            it.median,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Summary;

    #[test]
    fn bars_are_as_long_as_the_medians() {
        let page = |contender: &str, usable: f64| PageResult {
            contender: contender.into(),
            profile: "local".into(),
            measured: [("usable".to_owned(), Summary::of(&[usable]).expect("one value"))].into(),
        };
        let results = Results {
            pages: vec![page(SERVER_RENDERED, 100.0), page("react", 200.0)],
            ..Results::default()
        };
        let svg = usable(&results).expect("a picture");
        assert!(svg.contains("class=\"own\" x=\"120\" y=\"44.0\" width=\"265.0\""), "{svg}");
        assert!(svg.contains("width=\"530.0\""), "{svg}");
        assert_eq!(svg.matches("<svg").count(), 1);
        assert_eq!(usable(&Results::default()), None);
    }
}
