//! Every test that a document names, as `module::test`, exists.

use super::links::prose;
use super::{Finding, Tree};

/// The documents that say which test shows what.
const DOCUMENTS: [&str; 8] = [
    "docs/COMPATIBILITY.md",
    "docs/CONSENT-LIFECYCLE.md",
    "docs/TESTING.md",
    "docs/ACCESSIBILITY.md",
    "docs/SECURITY.md",
    "docs/SEED.md",
    "docs/PARTNER-GUIDE.md",
    "docs/OPERATIONS.md",
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for document in DOCUMENTS {
        for (line, name) in tree.get(document).into_iter().flat_map(names) {
            if !exists(tree, name) {
                let what = format!("there is no test {name}");
                findings.push(Finding::at(document, line, what));
            }
        }
    }
    findings
}

/// What stands between backticks and is a path of Rust, with its line.
fn names(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_path = |code: &&str| {
        let is_name = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|it| it.is_ascii_lowercase() || it == '_' || it.is_ascii_digit())
        };
        code.contains("::") && code.split("::").all(is_name)
    };
    prose(text).flat_map(move |(number, line)| {
        line.split('`').skip(1).step_by(2).filter(is_path).map(move |code| (number, code))
    })
}

/// Whether a module of that name holds that word: a test may be made by a macro, and then no `fn`
/// stands before its name.
fn exists(tree: &Tree, name: &str) -> bool {
    let Some((module, test)) = name.rsplit_once("::") else { return false };
    let module = module.replace("::", "/");
    let file = |path: &str| {
        let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
        path == module || path.ends_with(&format!("/{module}"))
    };
    let word = |text: &str| {
        let part = |it: char| it.is_ascii_alphanumeric() || it == '_';
        text.match_indices(test).any(|(at, _)| {
            !text[..at].ends_with(part) && !text[at + test.len()..].starts_with(part)
        })
    };
    tree.under("", ".rs").any(|(path, text)| file(path) && word(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_that_are_gone_are_found() {
        let tree = Tree::made_up([
            ("e2e/tests/browsers/once.rs", "async fn twice_is_once() {}"),
            ("e2e/tests/browsers/faults/answer.rs", "faults! { of_429: 429 }"),
            (
                "docs/TESTING.md",
                "`once::twice_is_once` `faults::answer::of_429` `std::Vec`\n`once::twice` `none::x`",
            ),
        ]);
        let said: Vec<String> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "docs/TESTING.md:2: there is no test once::twice",
                "docs/TESTING.md:2: there is no test none::x"
            ]
        );
    }
}
