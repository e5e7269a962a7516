//! The tools that bundle the screen: which, in which version, and where they are.
//!
//! A version is read from the file that the tool itself checks it against, so that there is no
//! second place to forget: Cargo.lock for wasm-bindgen, Trunk.toml for Trunk and wasm-opt.

mod install;
pub mod versions;

use crate::{process, workspace};
use anyhow::Result;
use std::path::PathBuf;
use versions::Versions;

/// One tool in the version that this checkout asks for.
pub struct Tool {
    /// What it is called on the command line.
    pub name: &'static str,
    /// The directory it is installed into, under [`workspace::tools`]: `trunk-0.22.1`.
    pub directory: String,
    /// Where its programs are in that directory.
    pub programs: &'static str,
    /// How it comes here.
    pub from: Origin,
    /// How long that usually takes on two cores.
    pub takes: &'static str,
}

/// How a tool is installed.
pub enum Origin {
    /// Compiled by cargo from a crate, with at least this rustc (major, minor, patch).
    Crate { name: &'static str, version: String, rustc: [u32; 3] },
    /// A prebuilt package from npm.
    Npm { name: &'static str, version: String },
}

/// All tools. To add one, add it here and, with its version, in [`versions`].
fn all(versions: Versions) -> [Tool; 3] {
    [
        Tool {
            name: "wasm-bindgen",
            directory: format!("wasm-bindgen-{}", versions.wasm_bindgen),
            programs: "bin",
            from: Origin::Crate {
                name: "wasm-bindgen-cli",
                version: versions.wasm_bindgen,
                rustc: [1, 86, 0],
            },
            takes: "2 minutes",
        },
        Tool {
            name: "trunk",
            directory: format!("trunk-{}", versions.trunk),
            programs: "bin",
            from: Origin::Crate { name: "trunk", version: versions.trunk, rustc: [1, 96, 1] },
            takes: "7 minutes",
        },
        Tool {
            name: "wasm-opt",
            directory: format!("binaryen-{}.0.0", versions.wasm_opt),
            programs: "node_modules/.bin",
            from: Origin::Npm { name: "binaryen", version: format!("{}.0.0", versions.wasm_opt) },
            takes: "10 seconds",
        },
    ]
}

/// The fuzzer's driver, which is not among [`all`]: who builds does not need it.
fn cargo_fuzz() -> Tool {
    let version = versions::CARGO_FUZZ;
    Tool {
        name: "cargo-fuzz",
        directory: format!("cargo-fuzz-{version}"),
        programs: "bin",
        from: Origin::Crate { name: "cargo-fuzz", version: version.to_owned(), rustc: [1, 86, 0] },
        takes: "1 minute",
    }
}

impl Tool {
    fn installed(&self) -> Result<bool> {
        let directory = workspace::tools()?.join(&self.directory).join(self.programs);
        let file = format!("{}{}", self.name, std::env::consts::EXE_SUFFIX);
        // npm writes a `.cmd` beside it on Windows.
        Ok(directory.join(file).exists() || directory.join(format!("{}.cmd", self.name)).exists())
    }
}

/// The directories that hold the tools' programs, for the `PATH` of child processes.
///
/// # Errors
/// When a version cannot be read.
pub fn directories() -> Result<Vec<PathBuf>> {
    let home = workspace::tools()?;
    let tools = all(versions::read()?).into_iter().chain([cargo_fuzz()]);
    Ok(tools.map(|tool| home.join(&tool.directory).join(tool.programs)).collect())
}

/// Installs whatever of the tools is missing, and says so before it takes minutes.
///
/// # Errors
/// When a tool cannot be installed.
pub fn ensure() -> Result<()> {
    install::wasm_target()?;
    for tool in all(versions::read()?) {
        if tool.installed()? {
            continue;
        }
        match &tool.from {
            // Trunk downloads its own where npm is not at hand: the same version, named in
            // Trunk.toml, from Binaryen's releases on GitHub.
            Origin::Npm { .. } if process::find("npm").is_none() => {
                println!("npm is not installed: Trunk will download {} itself.", tool.name);
            }
            _ => install::tool(&tool)?,
        }
    }
    Ok(())
}

/// Installs what fuzzing needs, if it is missing.
///
/// # Errors
/// When it cannot be installed.
pub fn ensure_fuzz() -> Result<()> {
    let tool = cargo_fuzz();
    if tool.installed()? { Ok(()) } else { install::tool(&tool) }
}
