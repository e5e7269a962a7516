//! `cargo xtask deny`: licences, sources, bans and advisories of all dependencies (deny.toml).

use crate::{process, tools};
use anyhow::Result;
use std::process::Command;

/// Checks the dependencies of every crate in the workspace.
///
/// # Errors
/// When a dependency breaks a rule of deny.toml, or cargo-deny cannot be installed.
pub fn check() -> Result<()> {
    tools::Extra::CargoDeny.ensure()?;
    process::run(deny(&["check", "--hide-inclusion-graph", "licenses", "bans", "sources"])?)?;
    // The advisories are a git repository on GitHub, which not every machine reaches.
    if process::output(deny(&["fetch", "db"])?).is_none() {
        println!("The RustSec advisory database cannot be reached: advisories are not checked.");
        return Ok(());
    }
    process::run(deny(&["check", "advisories"])?)
}

fn deny(arguments: &[&str]) -> Result<Command> {
    let mut deny = process::cargo(["deny", "--workspace", "--locked"])?;
    deny.args(arguments);
    Ok(deny)
}
