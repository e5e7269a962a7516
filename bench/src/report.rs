//! Writes the results as tables into a document whose prose it keeps.

mod server;

use crate::contender::LIMIT;
use crate::figures;
use crate::growth::SIZES;
use crate::profile;
use crate::results::{GrowthResult, PageResult, Results};
use crate::statistics::Summary;
use anyhow::{Result, bail};
use std::fmt::Write;

const BEGIN: &str = "<!-- measured: from here on written by `cargo xtask bench` -->";
const END: &str = "<!-- measured: until here -->";

/// Puts the tables in the place of the last ones; everything else stays as it is.
///
/// # Errors
/// When the document does not say where they go.
pub fn splice(document: &str, tables: &str) -> Result<String> {
    let found = document.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let Some((before, after)) = found else {
        bail!("the report needs a line `{BEGIN}` and, below it, a line `{END}`");
    };
    Ok(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", tables.trim()))
}

/// All tables, as Markdown.
#[must_use]
pub fn tables(results: &Results) -> String {
    let mut out = String::new();
    figures_table(&mut out, results);
    page_tables(&mut out, results);
    bytes_table(&mut out, results);
    growth_tables(&mut out, results);
    mounting_table(&mut out, results);
    out += &server::load(results);
    out += &server::growing_data(results);
    let machine = results.machine.iter().map(|(what, it)| vec![what.clone(), it.clone()]);
    table(&mut out, "Measured on", &["", ""], machine.collect());
    if !results.failures.is_empty() {
        let _ = write!(out, "\n### Visits that came to no end\n\n");
        for failure in &results.failures {
            let _ = writeln!(out, "- {}", failure.replace('\n', " "));
        }
    }
    let left_out: Vec<_> = results.left_out.values().flatten().collect();
    if !left_out.is_empty() {
        let _ = write!(out, "\n### Left out\n\n");
        for what in left_out {
            let _ = writeln!(out, "- {what}");
        }
    }
    out
}

/// The tables of one part, to be printed; empty for a part with a browser.
#[must_use]
pub fn of_part(part: &str, results: &Results) -> String {
    match part {
        "load" => server::load(results),
        "growing-data" => server::growing_data(results),
        _ => String::new(),
    }
}

fn table(out: &mut String, title: &str, head: &[&str], rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(out, "\n### {title}\n\n| {} |\n", head.join(" | "));
    let _ = writeln!(out, "|---{}|", "|---:".repeat(head.len() - 1));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
}

fn figures_table(out: &mut String, results: &Results) {
    let rows = figures::all(results).into_iter().map(|figure| {
        let met = if figure.met { "met" } else { "**missed**" };
        vec![figure.what, figure.measured, met.to_owned()]
    });
    table(out, "Figures to reach", &["Figure", "Measured", ""], rows.collect());
}

fn page_tables(out: &mut String, results: &Results) {
    for (name, _) in profile::ALL {
        let of_profile = results.pages.iter().filter(|it| it.profile == name);
        let limit = results.page(LIMIT, name, "usable").map(|it| it.median);
        let rows = of_profile.map(|it| page_row(it, limit)).collect();
        let counts = results.pages.iter().filter_map(|it| it.measured.get("usable"));
        let rounds = counts.map(|it| it.count).max().unwrap_or(0);
        let title = format!("First visit, {name}: medians of {rounds} rounds");
        let head = [
            "",
            "Usable (ms)",
            "p10 to p90",
            "Times the form",
            "First paint (ms)",
            "Mounted (ms)",
            "Click to POST (ms)",
            "Layout shift",
            "Script (ms)",
            "All tasks (ms)",
            "JS heap (MB)",
            "Renderer (MB)",
        ];
        table(out, &title, &head, rows);
    }
}

fn page_row(page: &PageResult, limit: Option<f64>) -> Vec<String> {
    let of = |what: &str| page.measured.get(what);
    let number = |what: &str, unit: f64, digits: usize| {
        of(what).map_or("–".to_owned(), |it| format!("{:.digits$}", it.median / unit))
    };
    let ratio = of("usable").zip(limit).map(|(it, limit)| format!("{:.2}", it.median / limit));
    vec![
        page.contender.clone(),
        number("usable", 1.0, 0),
        of("usable").map_or("–".to_owned(), spread),
        ratio.unwrap_or("–".to_owned()),
        number("first_paint", 1.0, 0),
        number("mounted", 1.0, 0),
        number("press", 1.0, 1),
        number("shift", 1.0, 4),
        number("script", 1.0, 0),
        number("task", 1.0, 0),
        number("heap", 1e6, 1),
        number("memory", 1e6, 0),
    ]
}

fn spread(summary: &Summary) -> String {
    format!("{:.0} to {:.0}", summary.p10, summary.p90)
}

fn bytes_table(out: &mut String, results: &Results) {
    let kinds = ["html", "css", "js", "wasm", "json", "other", "total"];
    let rows = results.pages.iter().filter(|it| it.profile == "local").map(|page| {
        let sizes = kinds.map(|kind| {
            page.measured.get(kind).map_or("–".to_owned(), |it| format!("{:.0}", it.median))
        });
        [vec![page.contender.clone()], sizes.into()].concat()
    });
    let head = [&[""][..], &kinds[..]].concat();
    table(out, "Bytes of a first visit, compressed, without headers", &head, rows.collect());
}

fn growth_tables(out: &mut String, results: &Results) {
    let mut names: Vec<&str> = Vec::new();
    for result in &results.growth {
        if !names.contains(&&*result.contender) {
            names.push(&result.contender);
        }
    }
    let head: Vec<String> = SIZES.map(|size| format!("{size} items")).into();
    let head: Vec<&str> = std::iter::once("").chain(head.iter().map(String::as_str)).collect();
    let mut grown = |title: &str, say: fn(&GrowthResult) -> String| {
        let cell = |name: &str, size| results.grown(name, size).map_or("–".to_owned(), say);
        let row = |name: &&str| {
            [vec![(*name).to_owned()], SIZES.map(|size| cell(name, size)).into()].concat()
        };
        table(out, title, &head, names.iter().map(row).collect());
    };
    grown("Growing work, slow-4g: usable (ms)", |it| format!("{:.0}", it.usable.median));
    grown("Growing work, slow-4g: a click until it is drawn (ms), p10 to p90", |it| {
        format!("{:.0} ({})", it.tick.median, spread(&it.tick))
    });
}

fn mounting_table(out: &mut String, results: &Results) {
    let rows = results.mounting.iter().map(|it| {
        vec![
            it.profile.clone(),
            it.runs.to_string(),
            it.kept.to_string(),
            it.early.to_string(),
            format!("{:.4}", it.shift),
            format!("{:.1}", it.moved),
        ]
    });
    let head = [
        "",
        "Runs",
        "All kept",
        "With clicks before the app",
        "Largest layout shift",
        "Farthest move (px)",
    ];
    table(out, "Mounting", &head, rows.collect());
    let faults = results.mounting.iter().flat_map(|it| &it.faults);
    for fault in faults.take(10) {
        let _ = write!(out, "\n- {fault}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::PageResult;

    #[test]
    fn prose_stays_and_tables_are_replaced() {
        let document = format!("# Bench\n\nProse.\n\n{BEGIN}\n| old |\n{END}\n\nMore prose.\n");
        let once = splice(&document, "| new |").expect("it says where");
        assert!(once.starts_with("# Bench\n\nProse.\n") && once.ends_with("More prose.\n"));
        assert!(once.contains("| new |") && !once.contains("old"));
        assert_eq!(splice(&once, "| new |").expect("still"), once, "again changes nothing");
        assert!(splice("# Bench\n", "| new |").is_err());
        assert!(splice(&format!("{END}\n{BEGIN}"), "| new |").is_err(), "in the wrong order");
    }

    #[test]
    fn ratios_are_to_the_form_of_the_same_line() {
        let page = |contender: &str, profile: &str, usable: f64| PageResult {
            contender: contender.into(),
            profile: profile.into(),
            measured: [("usable".to_owned(), Summary::of(&[usable]).expect("one value"))].into(),
        };
        let results = Results {
            pages: vec![
                page("solid", "slow-4g", 600.0),
                page(LIMIT, "slow-4g", 300.0),
                page("solid", "local", 90.0),
                page(LIMIT, "local", 60.0),
            ],
            ..Results::default()
        };
        let tables = tables(&results);
        assert!(tables.contains("| solid | 600 | 600 to 600 | 2.00 |"), "{tables}");
        assert!(tables.contains("| solid | 90 | 90 to 90 | 1.50 |"), "{tables}");
        assert!(tables.contains("| html-form | 60 | 60 to 60 | 1.00 |"), "{tables}");
    }
}
