//! Installing a tool so that a half installed one is never mistaken for a whole one.

use super::{Origin, Tool};
use crate::{process, workspace};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What the browser runs.
const WASM: &str = "wasm32-unknown-unknown";

/// Adds the WebAssembly target to the toolchain in use.
///
/// # Errors
/// When it is missing and rustup cannot add it.
pub fn wasm_target() -> Result<()> {
    target(WASM)
}

/// Adds a target to the toolchain in use.
///
/// # Errors
/// When it is missing and rustup cannot add it.
pub fn target(name: &str) -> Result<()> {
    let mut rustc = process::program("rustc")?;
    rustc.args(["--print", "target-libdir", "--target", name]);
    if process::output(rustc).is_some_and(|directory| Path::new(&directory).is_dir()) {
        return Ok(());
    }
    if process::find("rustup").is_none() {
        bail!("the Rust target {name} is missing; install rustup, or the target in another way");
    }
    println!("Adding the Rust target {name} (half a minute)");
    let mut rustup = process::program("rustup")?;
    rustup.args(["target", "add", name]);
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
    let lock = File::create(home.join(format!(".lock-{}", tool.directory)))?;
    lock.lock().context("waiting for another installation")?;
    let target = home.join(&tool.directory);
    if tool.installed()? {
        return Ok(());
    }
    println!("Installing {} (usually {}, only this once)", tool.name, tool.takes);
    let started = Instant::now();
    let unfinished = home.join(format!(".unfinished-{}", tool.directory));
    remove(&unfinished)?;
    match &tool.from {
        Origin::Crate { name, version, features, opt_level } => {
            let package = format!("{name}@{version}");
            if !download(&package, &unfinished, &home)? {
                // What was compiled is kept until the end, so that an interrupted one goes on.
                let compiled = home.join(format!(".compiling-{}", tool.directory));
                let mut cargo = process::cargo(["install", "--locked", "--root"])?;
                cargo.arg(&unfinished).args(*features);
                cargo.arg("--target-dir").arg(&compiled).arg(package);
                // A crate's own release profile may ask for minutes of optimization.
                cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", opt_level);
                cargo.env("CARGO_PROFILE_RELEASE_LTO", "off");
                cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
                cargo.env("CARGO_PROFILE_RELEASE_DEBUG", "false");
                process::run(process::with_low_priority(in_tools(cargo, &home)))?;
                remove(&compiled)?;
            }
        }
        Origin::Npm(npm_files) => {
            if process::find("npm").is_none() {
                bail!("npm, which installs {}, is missing: install Node.js", tool.name);
            }
            fs::create_dir_all(&unfinished)?;
            fs::write(unfinished.join("package.json"), npm_files.package)?;
            fs::write(unfinished.join("package-lock.json"), npm_files.lock)?;
            let mut npm = process::program("npm")?;
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
            npm.current_dir(&unfinished);
            process::run(npm)?;
        }
    }
    remove(&target)?;
    fs::rename(&unfinished, &target)
        .with_context(|| format!("cannot put {} in place", target.display()))?;
    println!("{} is installed ({} s)", tool.name, started.elapsed().as_secs());
    Ok(())
}

/// Lets cargo-binstall download what the crate's maintainers have released. Whether it did: the
/// command may be missing, or the release, or the network.
fn download(package: &str, root: &Path, home: &Path) -> Result<bool> {
    if process::find("cargo-binstall").is_none() {
        return Ok(false);
    }
    let mut binstall = process::cargo(["binstall", "--no-confirm", "--disable-telemetry"])?;
    binstall.args(["--strategies", "crate-meta-data", "--root"]).arg(root).arg(package);
    Ok(process::output(in_tools(binstall, home)).is_some())
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
