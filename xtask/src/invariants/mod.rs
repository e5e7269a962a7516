//! What must stay true of the tree: the architecture's invariants, as far as text can show them.
//!
//! One file per subject. Each is a function from a [`Tree`] to findings, and each has a test that
//! shows it a violation: a check that cannot fail protects nothing.

mod browser;
mod code;
mod glossary;
mod legal;
mod links;
mod manifests;
mod markup;
mod named_tests;
mod packaging;
mod places;
mod rust;
mod samples;
mod styles;

use crate::workspace;
use anyhow::{Result, bail};
use ignore::WalkBuilder;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

/// The text files of the checkout by path from the root, with `/` between directories. What git
/// ignores is not in it, nor what is no UTF-8 text.
#[derive(Default)]
pub struct Tree(BTreeMap<String, String>);

impl Tree {
    fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        let walk = WalkBuilder::new(root)
            .hidden(false)
            .filter_entry(|entry| entry.file_name() != ".git")
            .build();
        for entry in walk {
            let entry = entry?;
            let path = entry.path();
            let Ok(name) = path.strip_prefix(root) else { continue };
            let parts: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
            if let (true, Ok(text)) = (path.is_file(), fs::read_to_string(path)) {
                tree.0.insert(parts.join("/"), text);
            }
        }
        Ok(tree)
    }

    /// The files under a directory (`src/`) with an ending (`.rs`).
    fn under<'a>(
        &'a self,
        directory: &'a str,
        ending: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter(move |(path, _)| path.starts_with(directory) && path.ends_with(ending))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The Rust sources under a directory that are no test module of their own: by convention
    /// those are called `tests.rs` or `…_tests.rs`.
    fn sources<'a>(&'a self, directory: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.under(directory, ".rs")
            .filter(|(path, _)| !path.ends_with("/tests.rs") && !path.ends_with("_tests.rs"))
    }

    fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Whether there is such a file or directory.
    fn has(&self, path: &str) -> bool {
        let directory = format!("{path}/");
        self.0.keys().any(|file| file == path || file.starts_with(&directory))
    }

    #[cfg(test)]
    fn made_up<const N: usize>(files: [(&str, &str); N]) -> Self {
        Self(files.map(|(path, text)| (path.to_owned(), text.to_owned())).into())
    }
}

/// One violation.
#[derive(Debug, PartialEq)]
pub struct Finding {
    path: String,
    /// From 1; `None` when the whole file is meant.
    line: Option<usize>,
    /// What is wrong, and what to do instead.
    what: String,
}

impl Finding {
    fn at(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: Some(line), what: what.into() }
    }

    fn of(path: &str, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: None, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.what),
            None => write!(f, "{}: {}", self.path, self.what),
        }
    }
}

const CHECKS: [fn(&Tree) -> Vec<Finding>; 12] = [
    browser::check,
    code::check,
    glossary::check,
    legal::check,
    links::check,
    manifests::check,
    markup::check,
    named_tests::check,
    packaging::check,
    places::check,
    samples::check,
    styles::check,
];

fn findings(tree: &Tree) -> Vec<Finding> {
    CHECKS.iter().flat_map(|check| check(tree)).collect()
}

/// Checks this checkout.
///
/// # Errors
/// When something is found; every finding is printed.
pub fn check() -> Result<()> {
    let findings = findings(&Tree::read(&workspace::root())?);
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("one violation of the invariants"),
        many => bail!("{many} violations of the invariants"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_checkout_keeps_the_invariants() {
        let tree = Tree::read(&workspace::root()).expect("the checkout can be read");
        let findings: Vec<String> = findings(&tree).iter().map(Finding::to_string).collect();
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
    }

    #[test]
    fn test_modules_are_no_sources() {
        let tree = Tree::made_up([("src/a.rs", ""), ("src/a_tests.rs", ""), ("src/tests.rs", "")]);
        assert_eq!(tree.sources("src/").map(|(path, _)| path).collect::<Vec<_>>(), ["src/a.rs"]);
    }

    #[test]
    fn what_git_ignores_and_pictures_are_not_read() {
        let root = tempfile::tempdir().expect("a temporary directory");
        fs::create_dir(root.path().join(".git")).expect("made");
        for (name, bytes) in [
            (".gitignore", &b"/target\n"[..]),
            ("target", b"ignored"),
            ("picture.png", b"\x89PNG\xff"),
            ("a.rs", b"fn a() {}"),
        ] {
            fs::write(root.path().join(name), bytes).expect("written");
        }
        let tree = Tree::read(root.path()).expect("read");
        assert_eq!(tree.0.keys().collect::<Vec<_>>(), [".gitignore", "a.rs"]);
    }
}
