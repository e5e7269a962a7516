//! Unfinished work that clippy does not see: marks in comments, and tests that do not run.

use super::{Finding, Tree};

/// Marks of unfinished work, split so that this file does not hold them.
const MARKS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

const IGNORED: &str = concat!("#[ig", "nore");

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.under("", ".rs") {
        for (number, line) in text.lines().enumerate() {
            if let Some(mark) = MARKS.iter().find(|mark| line.contains(**mark)) {
                let what = format!("{mark}: finish it, or open an issue and name it");
                findings.push(Finding::at(path, number + 1, what));
            }
            if line.trim_start().starts_with(IGNORED) {
                findings.push(Finding::at(path, number + 1, "a test that does not run"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_work_is_found_in_tests_too() {
        let lines = |text: &str| -> Vec<usize> {
            let findings = check(&Tree::made_up([("e2e/tests/browsers/main.rs", text)]));
            findings.iter().filter_map(|finding| finding.line).collect()
        };
        assert_eq!(lines(&format!("fn a() {{}}\n// {}: later", MARKS[1])), [2]);
        assert_eq!(lines(&format!("#[test]\n    {IGNORED} = \"slow\"]\nfn a() {{}}")), [2]);
        assert_eq!(lines("fn a() { ignore(todos); }"), [0_usize; 0]);
    }
}
