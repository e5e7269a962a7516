//! Builds without the paths of this machine: what is built is the same wherever the checkout, cargo's registry
//! and the compiler are.
//!
//! Panics name the source file that they are in. Cargo leaves the flags of rustc out of the
//! hashes that name symbols ([cargo#7417](https://github.com/rust-lang/cargo/pull/7417)), so that flags with paths of
//! this machine change no byte themselves.

use crate::{process, workspace};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What separates flags in `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\x1f";

/// A path of this machine, and what is written in its place.
type Pair = (PathBuf, String);

#[derive(Default, Deserialize)]
struct Configuration {
    #[serde(default)]
    build: Build,
}

#[derive(Default, Deserialize)]
struct Build {
    #[serde(default)]
    rustflags: Vec<String>,
}

/// Makes a cargo, or what starts one, build for this target without paths of this machine; with the flags of
/// `.cargo/config.toml`, which a variable of the environment would replace. Programs that run while it builds
/// are for the host and keep theirs.
///
/// # Errors
/// When a directory is not known, or `.cargo/config.toml` cannot be read.
pub fn for_target(mut command: Command, target: &str) -> Result<Command> {
    let configuration = workspace::root().join(".cargo/config.toml");
    let text = fs::read_to_string(&configuration)
        .with_context(|| format!("reading {}", configuration.display()))?;
    let pairs = pairs()?;
    command.env("CARGO_ENCODED_RUSTFLAGS", rust_flags(&text, &pairs)?.join(SEPARATOR));
    command.env(format!("CFLAGS_{}", target.replace('-', "_")), c_flags(&pairs));
    Ok(command)
}

/// From the more general to the more particular: the last one that fits is taken.
fn pairs() -> Result<Vec<Pair>> {
    let home = match env::var_os("CARGO_HOME").filter(|it| !it.is_empty()) {
        Some(home) => PathBuf::from(home),
        None => env::home_dir().context("no home directory: set CARGO_HOME")?.join(".cargo"),
    };
    let asked = |argument: &[&str]| {
        let mut rustc = process::program("rustc")?;
        rustc.args(argument);
        process::output(rustc).with_context(|| format!("rustc {}", argument.join(" ")))
    };
    let library = Path::new(&asked(&["--print", "sysroot"])?).join("lib/rustlib/src/rust");
    let version = asked(&["--version", "--verbose"])?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: "));
    let commit = commit.context("rustc names no commit")?;
    let target = workspace::metadata()?.target_directory.into_std_path_buf();
    Ok(vec![
        // Where the sources of the standard library are not installed, rustc writes this itself.
        (library, format!("/rustc/{commit}")),
        (home, "/cargo".to_owned()),
        (workspace::root(), "/source".to_owned()),
        (target, "/target".to_owned()),
    ])
}

/// # Errors
/// When the configuration is no TOML.
fn rust_flags(configuration: &str, pairs: &[Pair]) -> Result<Vec<String>> {
    let read: Configuration = toml::from_str(configuration).context("in .cargo/config.toml")?;
    let mut flags = read.build.rustflags;
    let remapped = pairs.iter();
    flags.extend(remapped.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())));
    Ok(flags)
}

/// The cc crate, which compiles libraries in C, splits them at spaces: a path with one stays.
fn c_flags(pairs: &[Pair]) -> String {
    let flags = pairs.iter().map(|(from, to)| format!("-ffile-prefix-map={}={to}", from.display()));
    flags.filter(|flag| !flag.contains(char::is_whitespace)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(from: &str, to: &str) -> Pair {
        (PathBuf::from(from), to.to_owned())
    }

    #[test]
    fn the_flags_of_the_configuration_stay() {
        let configuration = "[alias]\na = \"b\"\n[build]\nrustflags = [\"--cfg\", \"x\"]\n";
        let pairs = [pair("/a place", "/source")];
        let flags = rust_flags(configuration, &pairs).expect("TOML");
        assert_eq!(flags, ["--cfg", "x", "--remap-path-prefix=/a place=/source"]);
        let without = rust_flags("[alias]\na = \"b\"\n", &pairs).expect("TOML");
        assert_eq!(without, ["--remap-path-prefix=/a place=/source"]);
    }

    #[test]
    fn flags_of_c_have_no_spaces() {
        let flags = c_flags(&[pair("/a", "/x"), pair("/b c", "/y"), pair("/d", "/z")]);
        assert_eq!(flags, "-ffile-prefix-map=/a=/x -ffile-prefix-map=/d=/z");
    }

    #[test]
    fn this_checkout_erases_the_types_of_components() {
        let file = workspace::root().join(".cargo/config.toml");
        let text = fs::read_to_string(file).expect("readable");
        let flags = rust_flags(&text, &[]).expect("TOML");
        assert!(flags.iter().any(|flag| flag == "erase_components"), "{flags:?}");
    }

    #[test]
    fn the_target_directory_is_in_the_checkout_and_comes_after_it() {
        let pairs = pairs().expect("directories");
        let names: Vec<_> = pairs.iter().map(|(_, to)| to.as_str()).collect();
        assert!(names[0].starts_with("/rustc/"), "{names:?}");
        assert_eq!(names[1..], ["/cargo", "/source", "/target"]);
    }
}
