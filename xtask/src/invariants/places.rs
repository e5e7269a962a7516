//! Nothing in the tree is true on one developer's machine only.

use super::{Finding, Tree};

/// How an absolute path of a machine begins, split so that this file does not hold them.
const MACHINE: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/tm", "p/"),
    concat!("C:\\", "Users"),
];

/// Files that may hold such a path. Say why beside each.
const ALLOWED: [&str; 1] = [
    // Written by cargo; checksums and names of crates only.
    "Cargo.lock",
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.under("", "") {
        if ALLOWED.contains(&path) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            if let Some(place) = MACHINE.iter().find(|place| is_path(line, place)) {
                let what = format!("{place} is a path of one machine");
                findings.push(Finding::at(path, number + 1, what));
            }
        }
    }
    findings
}

/// Whether the place begins a path, and is not the middle of an address like `/api/home/x`.
fn is_path(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        !line[..at]
            .ends_with(|before: char| before.is_ascii_alphanumeric() || "._-".contains(before))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_machine_are_found_and_addresses_are_not() {
        for place in MACHINE {
            let text = format!("one\nlet a = \"{place}me/screen\";");
            let findings = check(&Tree::made_up([("docs/a.md", &text)]));
            assert_eq!(findings.len(), 1, "{place}");
            assert_eq!(findings[0].line, Some(2));
        }
        let address = format!("https://a.example{}page", MACHINE[0]);
        assert_eq!(check(&Tree::made_up([("docs/a.md", &address)])), []);
    }
}
