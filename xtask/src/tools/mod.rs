//! The tools that bundle and test the screen: which, in which version, and where they are.

mod install;
pub mod versions;

pub use install::{target, wasm_target};

use crate::workspace;
use anyhow::Result;
use std::path::PathBuf;
use std::thread;
use versions::{NPM, NPM_LIGHTHOUSE, Npm, Versions};

/// One tool in the version that this checkout asks for.
pub struct Tool {
    /// What it is called on the command line.
    pub name: &'static str,
    /// The directory it is installed into, under [`workspace::tools`]: `trunk-0.21.14`.
    pub directory: String,
    /// Where its programs are in that directory.
    pub programs: &'static str,
    /// Where it is installed from.
    pub from: Origin,
    /// How long that usually takes on two cores.
    pub takes: &'static str,
}

/// Where a tool is installed from.
pub enum Origin {
    /// A crate. `cargo binstall`, where it is installed, downloads a release; otherwise cargo
    /// compiles it with these arguments about features, at this optimization level.
    Crate {
        name: &'static str,
        version: String,
        features: &'static [&'static str],
        opt_level: &'static str,
    },
    /// The packages of a lock file of npm.
    Npm(Npm),
}

/// The tools of every bundle. To add one, add it here and, with its version, in [`versions`].
fn all(versions: Versions) -> [Tool; 3] {
    [
        Tool {
            name: "wasm-bindgen",
            directory: format!("wasm-bindgen-{}", versions.wasm_bindgen),
            programs: "bin",
            from: Origin::Crate {
                name: "wasm-bindgen-cli",
                version: versions.wasm_bindgen,
                features: &[],
                // It rewrites megabytes of WebAssembly for every component test.
                opt_level: "1",
            },
            takes: "1 minute",
        },
        Tool {
            name: "trunk",
            directory: format!("trunk-{}", versions.trunk),
            programs: "bin",
            from: Origin::Crate {
                name: "trunk",
                version: versions.trunk,
                // It downloads nothing here: neither other tools nor the number of a newer Trunk.
                features: &["--no-default-features"],
                opt_level: "0",
            },
            takes: "3 minutes",
        },
        npm(NPM, "wasm-opt", "node_modules/.bin"),
    ]
}

fn npm(files: Npm, name: &'static str, programs: &'static str) -> Tool {
    let (directory, from) = (files.directory(), Origin::Npm(files));
    Tool { name, directory, programs, from, takes: "10 seconds" }
}

/// What only some tasks need, and no build.
#[derive(Clone, Copy)]
pub enum Extra {
    /// Firefox's driver.
    Geckodriver,
    /// The accessibility rules that the tests run in each page: a script, so its file is in the
    /// place of the program.
    Axe,
    /// The fuzzer's driver.
    CargoFuzz,
    /// Checks dependencies: licences, sources, bans and advisories.
    CargoDeny,
    /// Measures a page: a script for Node.js, so its file is in the place of the program.
    Lighthouse,
}

impl Extra {
    const ALL: [Self; 5] =
        [Self::Geckodriver, Self::Axe, Self::CargoFuzz, Self::CargoDeny, Self::Lighthouse];

    fn tool(self) -> Tool {
        let compiled = |name, version: &str, takes| Tool {
            name,
            directory: format!("{name}-{version}"),
            programs: "bin",
            from: Origin::Crate {
                name,
                version: version.to_owned(),
                features: &[],
                opt_level: "0",
            },
            takes,
        };
        match self {
            Self::Geckodriver => compiled("geckodriver", versions::GECKODRIVER, "2 minutes"),
            Self::CargoFuzz => compiled("cargo-fuzz", versions::CARGO_FUZZ, "1 minute"),
            Self::CargoDeny => compiled("cargo-deny", versions::CARGO_DENY, "3 minutes"),
            Self::Axe => npm(NPM, "axe.min.js", "node_modules/axe-core"),
            Self::Lighthouse => npm(NPM_LIGHTHOUSE, "index.js", "node_modules/lighthouse/cli"),
        }
    }

    /// The path of its file, after installing it if it is missing.
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

/// Whether a bundle can be built without installing anything.
///
/// # Errors
/// When a version cannot be read.
pub fn are_installed() -> Result<bool> {
    Ok(missing()?.is_empty())
}

/// Installs the missing tools in parallel.
///
/// # Errors
/// When a tool cannot be installed.
pub fn ensure() -> Result<()> {
    wasm_target()?;
    let missing = missing()?;
    thread::scope(|scope| {
        let installing: Vec<_> =
            missing.iter().map(|tool| scope.spawn(|| install::tool(tool))).collect();
        installing
            .into_iter()
            .map(|thread| thread.join().expect("an installation does not panic"))
            .collect::<Vec<_>>()
    })
    .into_iter()
    .collect()
}

fn missing() -> Result<Vec<Tool>> {
    let mut missing = Vec::new();
    for tool in all(versions::read()?) {
        if !tool.installed()? {
            missing.push(tool);
        }
    }
    Ok(missing)
}
