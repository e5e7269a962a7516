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

/// What only some tasks need, and no build.
#[derive(Clone, Copy)]
pub enum Extra {
    /// Firefox's driver.
    Geckodriver,
    /// The rules for accessibility that the tests run in each page. A script, not a program: what
    /// stands for its program is the script's file.
    Axe,
    /// The fuzzer's driver.
    CargoFuzz,
}

impl Extra {
    const ALL: [Self; 3] = [Self::Geckodriver, Self::Axe, Self::CargoFuzz];

    fn tool(self) -> Tool {
        let compiled = |name, version: &str, takes| Tool {
            name,
            directory: format!("{name}-{version}"),
            programs: "bin",
            from: Origin::Crate { name, version: version.to_owned(), rustc: [1, 86, 0] },
            takes,
        };
        match self {
            Self::Geckodriver => compiled("geckodriver", versions::GECKODRIVER, "4 minutes"),
            Self::CargoFuzz => compiled("cargo-fuzz", versions::CARGO_FUZZ, "1 minute"),
            Self::Axe => Tool {
                name: "axe.min.js",
                directory: format!("axe-core-{}", versions::AXE),
                programs: "node_modules/axe-core",
                from: Origin::Npm { name: "axe-core", version: versions::AXE.to_owned() },
                takes: "10 seconds",
            },
        }
    }

    /// Where its file is, after installing it if it is missing.
    ///
    /// # Errors
    /// When it cannot be installed.
    pub fn ensure(self) -> Result<PathBuf> {
        let tool = self.tool();
        if !tool.installed()? {
            install::tool(&tool)?;
        }
        Ok(workspace::tools()?.join(&tool.directory).join(tool.programs).join(tool.name))
    }
}

impl Tool {
    fn installed(&self) -> Result<bool> {
        let directory = workspace::tools()?.join(&self.directory).join(self.programs);
        let file = format!("{}{}", self.name, std::env::consts::EXE_SUFFIX);
        // npm writes a `.cmd` beside it on Windows.
        let other = [self.name.to_owned(), format!("{}.cmd", self.name)];
        Ok(directory.join(file).exists() || other.iter().any(|name| directory.join(name).exists()))
    }
}

/// The directories that hold the tools' programs, for the `PATH` of child processes.
///
/// # Errors
/// When a version cannot be read.
pub fn directories() -> Result<Vec<PathBuf>> {
    let home = workspace::tools()?;
    let extra = Extra::ALL.map(Extra::tool);
    let tools = all(versions::read()?).into_iter().chain(extra);
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
