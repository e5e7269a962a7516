//! Code that is unfinished, may panic, or drags a table of all of Unicode into the bundle.

use super::{Finding, Tree, rust};

/// Sources that end users or operators run.
const PRODUCT: [&str; 5] = ["src/", "contract/src/", "lint/src/", "backend/src/", "xtask/src/"];

/// Sources that land in the bundle.
const BUNDLED: [&str; 2] = ["src/", "contract/src/"];

/// Sources that must compute the same everywhere: no files, no network, no clock, no surroundings.
const PURE: [&str; 2] = ["contract/src/", "lint/src/"];

/// Macros that stand for code that is not there, split so that this file does not hold them.
const UNFINISHED: [&str; 3] =
    [concat!("to", "do"), concat!("unimple", "mented"), concat!("db", "g")];

/// Marks of unfinished work in comments, split for the same reason.
const MARKS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.under("", ".rs") {
        for (number, line) in text.lines().enumerate() {
            if let Some(mark) = MARKS.iter().find(|mark| line.contains(**mark)) {
                let what = format!("{mark}: finish it, or open an issue and name it");
                findings.push(Finding::at(path, number + 1, what));
            }
        }
        let (Ok(all), Ok(product)) = (rust::everything(text), rust::product(text)) else {
            findings.push(Finding::of(path, "cannot be read as Rust"));
            continue;
        };
        let mut found = |tokens: &[rust::Token], sequence: &[&str], what: &str| {
            let what = format!("`{}`: {what}", sequence.concat());
            findings
                .extend(rust::find(tokens, sequence).map(|line| Finding::at(path, line, &what)));
        };
        for name in UNFINISHED {
            found(&all, &[name, "!"], "unfinished code");
        }
        found(&all, &["#", "[", "ignore"], "a test that does not run protects nothing");
        if !tree.sources("").any(|(source, _)| source == path) {
            continue;
        }
        if starts_with_any(path, &PRODUCT) {
            let what = "give an error, or say with expect why it holds";
            found(&product, &[".", "unwrap", "("], what);
        }
        if starts_with_any(path, &BUNDLED) {
            for name in ["to_lowercase", "to_uppercase"] {
                let what = "costs about 14 KB of Unicode tables; use the ascii variant";
                found(&product, &[name], what);
            }
        }
        if starts_with_any(path, &PURE) {
            for name in ["fs", "net", "process", "env", "thread", "time", "io"] {
                found(&product, &["std", ":", ":", name], "the rules of consent do no I/O");
            }
        }
    }
    findings
}

fn starts_with_any(path: &str, directories: &[&str]) -> bool {
    directories.iter().any(|directory| path.starts_with(directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::made_up([(path, text)])).iter().filter_map(|finding| finding.line).collect()
    }

    #[test]
    fn unfinished_code_is_found_in_tests_too() {
        let macro_call = format!("#[test]\nfn a() {{ {}!() }}", UNFINISHED[0]);
        assert_eq!(lines("e2e/tests/suite/main.rs", &macro_call), [2]);
        let comment = format!("fn a() {{}}\n// {}: later", MARKS[1]);
        assert_eq!(lines("src/app.rs", &comment), [2]);
        let skipped = format!("#[test]\n#[{}]\nfn a() {{}}", "ignore");
        assert_eq!(lines("src/app.rs", &skipped), [2]);
        assert_eq!(lines("src/app.rs", "fn a() { ignore(todos); }"), NONE);
    }

    #[test]
    fn the_product_does_not_unwrap() {
        let source = "fn a() { b.unwrap(); }\nfn c() { d.unwrap_or(1); }";
        assert_eq!(lines("src/app.rs", source), [1]);
        assert_eq!(lines("backend/src/main.rs", source), [1]);
        assert_eq!(lines("backend/tests/all.rs", source), NONE);
        assert_eq!(lines("src/app.rs", "#[test]\nfn a() { b.unwrap(); }"), NONE);
    }

    #[test]
    fn the_bundle_holds_no_case_tables() {
        assert_eq!(lines("contract/src/name.rs", "fn a() { b.to_lowercase(); }"), [1]);
        assert_eq!(lines("contract/src/name.rs", "fn a() { b.to_ascii_lowercase(); }"), NONE);
        assert_eq!(lines("backend/src/main.rs", "fn a() { b.to_lowercase(); }"), NONE);
    }

    #[test]
    fn the_contract_does_no_input_or_output() {
        assert_eq!(lines("contract/src/lib.rs", "use std::fmt;\nuse std::time::Instant;"), [2]);
        assert_eq!(lines("backend/src/main.rs", "use std::time::Instant;"), NONE);
    }
}
