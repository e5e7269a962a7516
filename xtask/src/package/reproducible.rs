//! Whether the package has the same bytes wherever it is built.

use super::sbom;
use crate::{process, workspace};
use anyhow::{Context, Result, ensure};
use ignore::WalkBuilder;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the copies are, in a temporary directory: names of different lengths, at different depths.
const PLACES: [&str; 2] = ["a", "another-place/with-a-longer-name"];

/// Builds the package in two copies of this checkout, each with a target directory of its own, and compares
/// every file.
///
/// # Errors
/// When one of them cannot be built, or a file differs.
pub fn check() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let time = sbom::time_of_the_sources()?;
    let mut packages = Vec::new();
    for place in PLACES {
        let copy = folder.path().join(place);
        copy_checkout(&workspace::root(), &copy)?;
        println!("Building the package in {}", copy.display());
        packages.push(build(&copy, time)?);
    }
    let different = differences(&packages[0], &packages[1])?;
    ensure!(different.is_empty(), "not reproducible:\n{}", different.join("\n"));
    println!("The package has the same bytes in both");
    Ok(())
}

/// The files that git does not ignore, without git.
fn copy_checkout(from: &Path, to: &Path) -> Result<()> {
    let mut walk = WalkBuilder::new(from);
    walk.hidden(false).filter_entry(|entry| entry.file_name() != ".git");
    for entry in walk.build() {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.path().is_dir() {
            fs::create_dir_all(&target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("copying {}", entry.path().display()))?;
        }
    }
    Ok(())
}

/// The package of a copy.
fn build(copy: &Path, time: Option<i64>) -> Result<PathBuf> {
    let target = copy.join("target");
    let mut package = Command::new(env::current_exe()?);
    // Where the checkout is, as cargo names it to this program.
    package.arg("package").env("CARGO_MANIFEST_DIR", copy.join("xtask"));
    package.env("CARGO_TARGET_DIR", &target).current_dir(copy);
    if let Some(time) = time {
        package.env("SOURCE_DATE_EPOCH", time.to_string());
    }
    process::run(package)?;
    Ok(target.join("package"))
}

/// The files that only one of two directories has, or that differ.
fn differences(one: &Path, other: &Path) -> Result<Vec<String>> {
    let (left, right) = (names(one)?, names(other)?);
    let mut found: Vec<String> =
        left.symmetric_difference(&right).map(|name| format!("{name} is in one only")).collect();
    for name in left.intersection(&right) {
        let (first, second) = (fs::read(one.join(name))?, fs::read(other.join(name))?);
        if first != second {
            let same = first.iter().zip(&second).take_while(|(a, b)| a == b).count();
            let sizes = (first.len(), second.len());
            found.push(format!("{name} differs from byte {same} on, of {sizes:?}"));
        }
    }
    Ok(found)
}

fn names(directory: &Path) -> Result<BTreeSet<String>> {
    let entries = fs::read_dir(directory)?.map(|entry| {
        let name = entry?.file_name();
        name.into_string().ok().context("a name in UTF-8")
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_is_named() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let place = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| {
            let path = place(name);
            fs::create_dir_all(path.parent().expect("in a directory")).expect("made");
            fs::write(path, text).expect("written");
        };
        write("a/same", "same");
        write("b/same", "same");
        assert_eq!(differences(&place("a"), &place("b")).expect("readable"), [""; 0]);
        write("a/other", "abcd");
        write("b/other", "abXd!");
        write("b/more", "");
        let found = differences(&place("a"), &place("b")).expect("readable");
        assert_eq!(found, ["more is in one only", "other differs from byte 2 on, of (4, 5)"]);
    }

    #[test]
    fn a_copy_has_what_git_has() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for directory in [".git", "src", "target", ".cargo"] {
            fs::create_dir_all(from.join(directory)).expect("made");
        }
        for (name, text) in [
            (".gitignore", "/target\n"),
            (".git/HEAD", "x"),
            ("src/a.rs", "a"),
            ("target/b", "b"),
            (".cargo/config.toml", "c"),
        ] {
            fs::write(from.join(name), text).expect("written");
        }
        copy_checkout(&from, &to).expect("copied");
        assert!(to.join("src/a.rs").is_file() && to.join(".cargo/config.toml").is_file());
        assert!(!to.join(".git").exists() && !to.join("target").exists());
    }
}
