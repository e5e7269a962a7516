//! Packages of npm and PyPI that tests use: installed once, from lock files, into the directory that
//! `CONSENT_PACKAGES` names.

use anyhow::{Context, Result, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, io};

/// The output of a program that must succeed.
///
/// # Errors
/// When it cannot be started or fails, with what it wrote.
pub fn output(command: &mut Command) -> Result<String> {
    let Output { status, stdout, stderr } =
        command.output().with_context(|| format!("cannot start {command:?}"))?;
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    ensure!(status.success(), "{command:?}: {status}\n{stdout}\n{stderr}");
    Ok(stdout.into_owned())
}

/// The packages of `package.json` and `package-lock.json` in a directory. Returns a directory with
/// `node_modules`.
///
/// # Errors
/// When npm cannot install them.
pub fn from_npm(manifest: &Path) -> Result<PathBuf> {
    let files = ["package.json", "package-lock.json"].map(|name| (name, manifest.join(name)));
    let lock = fs::read(&files[1].1)?;
    cached("node", &lock, |directory| {
        for (name, file) in &files {
            fs::copy(file, directory.join(name))?;
        }
        let options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        output(Command::new("npm").args(options).current_dir(directory)).map(drop)
    })
}

/// The packages of a `requirements.txt` with hashes. Returns a directory for `PYTHONPATH`.
///
/// # Errors
/// When pip cannot install them.
pub fn from_pypi(requirements: &Path) -> Result<PathBuf> {
    // Compiled packages are for one version of Python.
    let tag = "import sys; print(sys.implementation.cache_tag)";
    let tag = output(Command::new("python3").args(["-c", tag]))?;
    cached(tag.trim(), &fs::read(requirements)?, |directory| {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:"]);
        pip.arg("--target").arg(directory).arg("--requirement").arg(requirements);
        output(&mut pip).map(drop)
    })
}

/// Whether this machine has a Python that can install packages.
#[must_use]
pub fn has_python() -> bool {
    output(Command::new("python3").args(["-m", "pip", "--version"])).is_ok()
}

/// A directory that `fill` has filled once for the content of a lock file.
fn cached(name: &str, lock: &[u8], fill: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let cache = std::env::var_os("CONSENT_PACKAGES").context("CONSENT_PACKAGES is not set")?;
    let cache = PathBuf::from(cache);
    let digest = URL_SAFE_NO_PAD.encode(&digest(&SHA256, lock).as_ref()[..12]);
    let directory = cache.join(format!("{name}-{digest}"));
    if !directory.exists() {
        fs::create_dir_all(&cache)?;
        let unfinished = tempfile::Builder::new().tempdir_in(&cache)?;
        fill(unfinished.path())?;
        match fs::rename(unfinished.keep(), &directory) {
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            result => result?,
        }
    }
    Ok(directory)
}
