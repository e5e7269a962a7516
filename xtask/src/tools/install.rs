//! Installing a tool so that a half installed one is never mistaken for a whole one.

use super::{Origin, Tool};
use crate::{process, workspace};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// The rustc that compiles a tool when the one at hand is too old for it. It compiles nothing
/// of ours.
const NEWER_RUSTC: &str = "1.99.1";

/// What the browser runs.
const WASM: &str = "wasm32-unknown-unknown";

/// Adds the WebAssembly target to the toolchain in use.
///
/// # Errors
/// When it is missing and rustup cannot add it.
pub fn wasm_target() -> Result<()> {
    let mut rustc = process::program("rustc")?;
    rustc.args(["--print", "target-libdir", "--target", WASM]);
    if process::output(rustc).is_some_and(|directory| Path::new(&directory).is_dir()) {
        return Ok(());
    }
    if process::find("rustup").is_none() {
        bail!("the Rust target {WASM} is missing; install rustup, or the target in another way");
    }
    println!("Adding the Rust target {WASM} (half a minute)");
    let mut rustup = process::program("rustup")?;
    rustup.args(["target", "add", WASM]);
    process::run(rustup)
}

/// Installs one tool into its own directory under [`workspace::tools`].
///
/// # Errors
/// When it cannot be downloaded or compiled.
pub fn tool(tool: &Tool) -> Result<()> {
    let home = workspace::tools()?;
    fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
    // Two clones may start at once: the second waits, and then finds the tool installed.
    let lock = File::create(home.join(".lock"))?;
    lock.lock().context("waiting for another installation")?;
    let target = home.join(&tool.directory);
    if tool.installed()? {
        return Ok(());
    }
    println!(
        "Installing {} into {} (usually {}, only this once)",
        tool.name,
        target.display(),
        tool.takes
    );
    let started = Instant::now();
    let unfinished = home.join(format!(".unfinished-{}", tool.directory));
    match &tool.from {
        Origin::Crate { name, version, rustc } => {
            // What was compiled is kept until the end, so that an interrupted one goes on.
            let compiled = home.join(format!(".compiling-{}", tool.directory));
            let mut cargo = cargo_with(*rustc)?;
            cargo.args(["install", "--locked", "--force", "--root"]).arg(&unfinished);
            cargo.arg("--target-dir").arg(&compiled).arg(format!("{name}@{version}"));
            process::run(in_tools(cargo, &home))?;
            remove(&compiled)?;
        }
        Origin::Npm { name, version } => {
            remove(&unfinished)?;
            let mut npm = process::program("npm")?;
            npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"]);
            npm.arg(&unfinished).arg(format!("{name}@{version}"));
            process::run(in_tools(npm, &home))?;
        }
    }
    remove(&target)?;
    fs::rename(&unfinished, &target)
        .with_context(|| format!("cannot put {} in place", target.display()))?;
    println!("{} is installed ({} s)", tool.name, started.elapsed().as_secs());
    Ok(())
}

/// The same command, not influenced by the checkout that asks for the tool: its
/// .cargo/config.toml and the caller's flags are for the product.
fn in_tools(mut command: Command, home: &Path) -> Command {
    command.current_dir(home);
    process::with_own_flags(command)
}

fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", directory.display()))
        }
        _ => Ok(()),
    }
}

/// A cargo whose rustc is at least as new as asked for.
fn cargo_with(least: [u32; 3]) -> Result<Command> {
    let mut rustc = process::program("rustc")?;
    rustc.arg("--version");
    if process::output(rustc).and_then(|line| version(&line)).is_some_and(|rustc| rustc >= least) {
        return process::cargo([]);
    }
    let [major, minor, patch] = least;
    if process::find("rustup").is_none() {
        bail!("this needs rustc {major}.{minor}.{patch} or newer, or rustup to install one");
    }
    println!("Installing Rust {NEWER_RUSTC} beside yours, for this tool only (half a minute)");
    let mut rustup = process::program("rustup")?;
    rustup.args(["toolchain", "install", NEWER_RUSTC, "--profile", "minimal", "--no-self-update"]);
    process::run(rustup)?;
    let mut cargo = process::program("rustup")?;
    cargo.args(["run", NEWER_RUSTC, "cargo"]);
    // They name the toolchain of the cargo that started us.
    cargo.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env_remove("RUSTC");
    Ok(cargo)
}

/// `rustc 1.95.0 (59807616e 2026-04-14)` is 1.95.0. A nightly counts as its number.
fn version(line: &str) -> Option<[u32; 3]> {
    let number = line.split_whitespace().nth(1)?.split('-').next()?;
    let mut parts = number.split('.').map(str::parse);
    let mut part = || parts.next()?.ok();
    Some([part()?, part()?, part()?])
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn rustc_versions_are_compared_as_numbers() {
        let older = version("rustc 1.95.0 (59807616e 2026-04-14)").expect("a version");
        let newer = version("rustc 1.100.2-nightly (0000 2026-11-01)").expect("a version");
        assert_eq!(older, [1, 95, 0]);
        assert!(newer > older);
        assert_eq!(version("command not found"), None);
    }
}
