//! `cargo xtask package`: one static program with the screen and the studio inside, and what belongs beside
//! it on a server.

#[cfg(unix)]
mod client;
#[cfg(unix)]
mod container;
#[cfg(unix)]
mod dockerfile;
mod elf;
mod reproducible;
mod sbom;
mod unit;

use crate::{browser, bundle, process, remap, tools, workspace};
use anyhow::{Context, Result, ensure};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};

/// What the program may weigh, in bytes: 40 MB.
const LARGEST: u64 = 40_000_000;

/// The name of the program.
const PROGRAM: &str = "consent-backend";

/// The profile in Cargo.toml.
const PROFILE: &str = "packaged";

/// Options of the task.
#[derive(Args)]
pub struct Options {
    /// Also run the package: as docs/OPERATIONS.md does, and as the last stage of the Dockerfile does
    #[arg(long)]
    check: bool,

    /// Build it twice instead, in two directories, and compare every byte. Takes an hour and 20 GB
    #[arg(long, conflicts_with = "check")]
    check_reproducible: bool,
}

/// Builds the package, and runs it where that is asked for.
///
/// # Errors
/// When something is missing and cannot be installed, does not build, is too large, is not static, does not
/// run, or is not reproducible, where that is asked for.
pub fn run(options: &Options) -> Result<()> {
    if options.check_reproducible {
        return reproducible::check();
    }
    bundle::screen()?;
    bundle::studio()?;
    let target = target();
    tools::target(&target)?;
    browser::ensure_musl()?;
    println!("Building the program (usually a quarter of an hour)");
    let arguments = ["build", "--locked", "-p", PROGRAM, "--features", "embedded-pages"];
    let mut cargo = process::with_own_flags(process::cargo(arguments)?);
    cargo.args(["--profile", PROFILE, "--target", &target]);
    process::run(remap::for_target(cargo, &target)?)?;
    let package = put_together(&target)?;
    let program = package.join(PROGRAM);
    let size = fs::metadata(&program)?.len();
    let megabytes = size as f64 / 1e6;
    println!("{}: {megabytes:.1} MB of {:.0}", program.display(), LARGEST as f64 / 1e6);
    ensure!(size <= LARGEST, "{PROGRAM} has {megabytes:.1} MB: more than {LARGEST} bytes");
    println!("{}", sbom::write(&package, PROGRAM, &target)?.display());
    ensure!(
        !elf::has_interpreter(&fs::read(&program)?)?,
        "{PROGRAM} is not static: it names a dynamic linker"
    );
    if options.check {
        #[cfg(unix)]
        container::check(&package)?;
        unit::check(&package)?;
        operations(&program)?;
    }
    Ok(())
}

/// musl, statically linked: its resolver reads /etc/hosts and /etc/resolv.conf itself, whereas glibc's loads
/// libraries of the machine at run time, which an empty root has none of.
fn target() -> String {
    format!("{}-unknown-linux-musl", std::env::consts::ARCH)
}

/// The directory of the package: the program, and the files of `packaging/`.
fn put_together(target: &str) -> Result<PathBuf> {
    let built = workspace::metadata()?.target_directory.into_std_path_buf();
    let package = built.join("package");
    fs::create_dir_all(&package)?;
    let copy = |from: &Path| -> Result<()> {
        let name = from.file_name().context("a file")?;
        // Another file: a process may run the one of before.
        let unfinished = package.join(".unfinished");
        fs::copy(from, &unfinished).with_context(|| format!("copying {}", from.display()))?;
        Ok(fs::rename(unfinished, package.join(name))?)
    };
    copy(&built.join(target).join(PROFILE).join(PROGRAM))?;
    for file in fs::read_dir(workspace::root().join("packaging"))? {
        copy(&file?.path())?;
    }
    Ok(package)
}

/// Runs the commands of docs/OPERATIONS.md with this program.
fn operations(program: &Path) -> Result<()> {
    println!("Running docs/OPERATIONS.md");
    let test = ["test", "--locked", "-p", PROGRAM, "--test", "suite", "operations::"];
    let mut cargo = process::cargo(test)?;
    cargo.env("CONSENT_BACKEND", program);
    process::run(cargo)
}
