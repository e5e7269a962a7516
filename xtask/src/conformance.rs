//! `cargo xtask conformance`: what of the protocols works, by the tables of docs/COMPATIBILITY.md. Each
//! row names its tests, and those are run.

use crate::{process, workspace};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;

/// The document, and the heading after which other tests write its tables.
const DOCUMENT: &str = "docs/COMPATIBILITY.md";
const STOCK_CLIENTS: &str = "## Stock clients";

/// A row of a table: a module, a parameter or an endpoint.
#[derive(Debug, PartialEq, Eq)]
struct Row<'a> {
    heading: &'a str,
    name: &'a str,
    note: &'a str,
    tests: Vec<&'a str>,
}

/// What is known of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Supported,
    RefusedOnPurpose,
    Missing,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::RefusedOnPurpose => "refused on purpose",
            Self::Missing => "missing",
        }
    }
}

/// Runs the tests, and prints a line for each row.
///
/// # Errors
/// When a row is missing: its tests do not exist or fail, or its note says neither.
pub fn run() -> Result<()> {
    let document = std::fs::read_to_string(workspace::root().join(DOCUMENT))
        .with_context(|| format!("cannot read {DOCUMENT}"))?;
    let rows = rows(&document);
    let names: Vec<&str> = rows.iter().flat_map(|row| row.tests.iter().copied()).collect();
    let output = run_tests(&names)?;
    let results = results(&output);
    let (mut heading, mut counts) = ("", BTreeMap::<Status, usize>::new());
    let mut out = std::io::stdout().lock();
    for row in &rows {
        if row.heading != heading {
            heading = row.heading;
            writeln!(out, "\n{heading}")?;
        }
        let status = status(row, &results);
        *counts.entry(status).or_default() += 1;
        writeln!(out, "  {:18}  {}", status.name(), row.name.replace('`', ""))?;
    }
    let count = |status| counts.get(&status).copied().unwrap_or_default();
    let missing = count(Status::Missing);
    writeln!(
        out,
        "\n{} supported, {} refused on purpose, {missing} missing",
        count(Status::Supported),
        count(Status::RefusedOnPurpose)
    )?;
    ensure!(missing == 0, "{missing} rows of {DOCUMENT} are missing");
    Ok(())
}

/// The rows of every table before the stock clients.
fn rows(document: &str) -> Vec<Row<'_>> {
    let mut heading = "";
    let mut rows = Vec::new();
    for line in document.lines().take_while(|line| *line != STOCK_CLIENTS) {
        if line.starts_with('#') {
            heading = line.trim_start_matches('#').trim();
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", name, note, tests, ""] = cells[..] else { continue };
        // The heading of a table, and the line below it.
        if note.is_empty() || note.starts_with("---") {
            continue;
        }
        let tests = tests.split('`').skip(1).step_by(2).collect();
        rows.push(Row { heading, name, note, tests });
    }
    rows
}

/// The output of the backend's tests with these names in theirs.
fn run_tests(names: &[&str]) -> Result<String> {
    let mut command = process::cargo([
        "test",
        "--locked",
        "--no-fail-fast",
        "-p",
        "consent-backend",
        "--lib",
        "--test",
        "suite",
        "--",
    ])?;
    // Without their modules, among which the document leaves `tests` out.
    let names = names.iter().filter_map(|name| name.rsplit("::").next());
    let output = command.args(names).stderr(Stdio::inherit()).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether each test passed, by its path without the module `tests`.
fn results(output: &str) -> BTreeMap<String, bool> {
    let lines = output.lines().filter_map(|line| line.strip_prefix("test "));
    let results = lines.filter_map(|line| line.split_once(" ... "));
    // A test that should panic has that behind its name.
    let name = |test: &str| test.split(' ').next().unwrap_or_default().replace("::tests::", "::");
    results.map(|(test, result)| (name(test), result == "ok")).collect()
}

fn status(row: &Row<'_>, results: &BTreeMap<String, bool>) -> Status {
    let passed = row.tests.iter().all(|test| results.get(*test) == Some(&true));
    match row.note {
        _ if !passed => Status::Missing,
        note if note.starts_with("refused") => Status::RefusedOnPurpose,
        note if ["supported", "choice"].iter().any(|it| note.starts_with(it)) => {
            if row.tests.is_empty() { Status::Missing } else { Status::Supported }
        }
        _ => Status::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "## A\n\n| module | | test |\n|---|---|---|\n\
        | `one` | supported | `a::one`, `a::two` |\n| two | refused: no | |\n\
        | three | choice: it is | |\n| four | perhaps | `a::one` |\n\n## Stock clients\n\n\
        | x | supported | `b::x` |\n";

    #[test]
    fn a_row_is_what_its_tests_show() {
        let rows = rows(TABLE);
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[0].tests, ["a::one", "a::two"]);
        let all = |output: &str| {
            let results = results(output);
            rows.iter().map(|row| status(row, &results)).collect::<Vec<_>>()
        };
        use Status::{Missing, RefusedOnPurpose, Supported};
        let good = all("test a::one ... ok\ntest a::tests::two - should panic ... ok\n");
        assert_eq!(good, [Supported, RefusedOnPurpose, Missing, Missing]);
        let bad = all("test a::one ... ok\ntest a::two ... FAILED\n");
        assert_eq!(bad[0], Missing, "it fails");
        assert_eq!(all("test a::one ... ok\n")[0], Missing, "it is not there");
    }

    /// The document itself has no row without a test that is not refused.
    #[test]
    fn every_row_of_the_document_is_supported_with_a_test_or_refused() {
        let document = include_str!("../../docs/COMPATIBILITY.md");
        let rows = rows(document);
        assert!(rows.len() > 100, "{}", rows.len());
        for row in rows {
            let every = row.tests.iter().map(|test| ((*test).to_owned(), true)).collect();
            assert_ne!(status(&row, &every), Status::Missing, "{row:?}");
        }
    }
}
