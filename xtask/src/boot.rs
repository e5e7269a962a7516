//! The types of the boot scripts (src/boot/), checked by the TypeScript compiler from their JSDoc.

use crate::{process, workspace};
use anyhow::Result;
use std::fs;
use std::path::Path;

/// Checks the types.
///
/// # Errors
/// When npm is missing, the compiler cannot be installed, or a type is wrong.
pub fn check() -> Result<()> {
    let directory = workspace::root().join("src/boot");
    if !is_installed(&directory) {
        npm(&directory, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    }
    npm(&directory, &["run", "--silent", "check"])
}

/// Whether the compiler is the one that package-lock.json names.
fn is_installed(directory: &Path) -> bool {
    let changed = |file: &str| fs::metadata(directory.join(file)).and_then(|it| it.modified());
    match (changed("package-lock.json"), changed("node_modules/.package-lock.json")) {
        (Ok(locked), Ok(installed)) => installed >= locked,
        _ => false,
    }
}

fn npm(directory: &Path, arguments: &[&str]) -> Result<()> {
    let mut npm = process::program("npm")?;
    npm.args(arguments).current_dir(directory);
    process::run(npm)
}
