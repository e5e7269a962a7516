//! What `cargo tree --prefix depth --format {p}` writes.

use anyhow::{Context, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};

/// A crate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crate {
    pub name: String,
    pub version: String,
}

impl Crate {
    /// How the document refers to it.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

/// A program and the crates in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Tree {
    pub root: Crate,
    /// Every crate, the program included, with those that it depends on.
    pub edges: BTreeMap<Crate, BTreeSet<Crate>>,
}

/// Reads lines such as `2serde_core v1.0.228 (*)`. What is below a crate is written where it comes first.
///
/// # Errors
/// Which line is of another form.
pub fn read(text: &str) -> Result<Tree> {
    let mut path: Vec<Crate> = Vec::new();
    let mut edges: BTreeMap<Crate, BTreeSet<Crate>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (depth, found) = read_line(line).with_context(|| format!("cargo tree: {line}"))?;
        ensure!(depth <= path.len() && (depth > 0) != path.is_empty(), "cargo tree: {line}");
        path.truncate(depth);
        if let Some(above) = path.last() {
            edges.entry(above.clone()).or_default().insert(found.clone());
        }
        edges.entry(found.clone()).or_default();
        path.push(found);
    }
    let root = path.into_iter().next().context("cargo tree names no program")?;
    Ok(Tree { root, edges })
}

fn read_line(line: &str) -> Option<(usize, Crate)> {
    let name = line.find(|it: char| !it.is_ascii_digit())?;
    let depth = line[..name].parse().ok()?;
    let mut words = line[name..].split(' ');
    let name = words.next().filter(|name| !name.is_empty())?.to_owned();
    let version = words.next()?.strip_prefix('v')?.to_owned();
    Some((depth, Crate { name, version }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Crate {
        let (name, version) = text.split_once('@').expect("a version");
        Crate { name: name.to_owned(), version: version.to_owned() }
    }

    #[test]
    fn what_is_written_once_counts_wherever_it_is() {
        let tree = read("0a v0.1.0 (/x y)\n1b v1.0.0\n2c v2.0.0+z\n3d v3.0.0\n1c v2.0.0+z (*)\n");
        let tree = tree.expect("a tree");
        assert_eq!(tree.root, named("a@0.1.0"));
        let below =
            |name: &str| tree.edges[&named(name)].iter().map(Crate::reference).collect::<Vec<_>>();
        assert_eq!(below("a@0.1.0"), ["b@1.0.0", "c@2.0.0+z"]);
        assert_eq!(below("b@1.0.0"), ["c@2.0.0+z"]);
        assert_eq!(below("c@2.0.0+z"), ["d@3.0.0"]);
        assert_eq!(below("d@3.0.0"), [""; 0]);
    }

    #[test]
    fn another_form_is_refused() {
        for text in ["", "a v1", "1a v1", "0a 1", "0a v1\n2b v1", "0a v1\n0b v1", "0"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
