//! Where things are: the checkout, what cargo builds, and what the tools are installed into.

use anyhow::{Context, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand};
use std::path::PathBuf;

/// The root of the checkout that is being worked on.
///
/// Cargo sets it at run time: the path that was compiled in would be that of another clone when
/// two clones share one target directory.
pub fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().expect("xtask is a directory of the checkout").to_owned()
}

/// The bundled screen, as Trunk.toml names it.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// The bundled preview studio, as studio/Trunk.toml names it.
pub fn studio() -> PathBuf {
    root().join("studio/dist")
}

/// The workspace as cargo sees it, without asking the network for anything.
///
/// # Errors
/// When a manifest cannot be read.
pub fn metadata() -> Result<Metadata> {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo cannot read the workspace")
}

/// How the servers are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Without optimization: for tests and the demo.
    Debug,
    /// As they are deployed.
    Release,
}

/// The backend.
///
/// # Errors
/// When a manifest cannot be read.
pub fn backend(profile: Profile) -> Result<PathBuf> {
    built("consent-backend", profile)
}

/// The partner shop.
///
/// # Errors
/// When a manifest cannot be read.
pub fn shop(profile: Profile) -> Result<PathBuf> {
    built("consent-shop", profile)
}

/// Where the demo keeps its databases: where the backend has them by itself, so that both go together.
///
/// # Errors
/// When no home directory is known.
pub fn demo_data() -> Result<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "consent-backend-demo");
    let folders = folders.context("no home directory: name a --data-dir")?;
    Ok(folders.data_dir().to_owned())
}

fn built(program: &str, profile: Profile) -> Result<PathBuf> {
    let directory = match profile {
        Profile::Debug => "debug",
        Profile::Release => "release",
    };
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    Ok(metadata()?.target_directory.join(directory).join(name).into())
}

/// Where the tools live: outside of the clone, so that the next clone finds them.
///
/// # Errors
/// When neither `XDG_CACHE_HOME` nor a home directory is known.
pub fn tools() -> Result<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()) {
        Some(cache) => PathBuf::from(cache),
        None => match std::env::home_dir() {
            Some(home) => home.join(".cache"),
            None => bail!("no home directory: say where tools may be kept with XDG_CACHE_HOME"),
        },
    };
    Ok(cache.join("consent-screen").join("tools"))
}
