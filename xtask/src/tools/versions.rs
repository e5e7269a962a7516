//! The versions of the tools, read from the file that the tool itself checks: Cargo.lock for
//! wasm-bindgen, Trunk.toml for Trunk and wasm-opt.

use crate::{cargo_lock, workspace};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};

/// Of the tools that no other file names.
pub const GECKODRIVER: &str = "0.37.1";
pub const CARGO_FUZZ: &str = "0.13.2";
pub const CARGO_DENY: &str = "0.20.2";

/// What npm installs together.
#[derive(Clone, Copy)]
pub struct Npm {
    /// `package.json`.
    pub package: &'static str,
    /// The same with every version and checksum.
    pub lock: &'static str,
}

/// What bundles and tests need.
pub const NPM: Npm = Npm {
    package: include_str!("../../npm/package.json"),
    lock: include_str!("../../npm/package-lock.json"),
};

/// Lighthouse, which is larger than all of that, and needed by one task.
pub const NPM_LIGHTHOUSE: Npm = Npm {
    package: include_str!("../../lighthouse/package.json"),
    lock: include_str!("../../lighthouse/package-lock.json"),
};

/// What this checkout asks for.
#[derive(Debug, PartialEq)]
pub struct Versions {
    /// The `wasm-bindgen` of Cargo.lock: the command must equal the library.
    pub wasm_bindgen: String,
    /// `trunk-version` of Trunk.toml.
    pub trunk: String,
    /// The major version of Binaryen, from `[tools] wasm_opt` of Trunk.toml.
    pub wasm_opt: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Trunk {
    trunk_version: String,
    tools: TrunkTools,
}

#[derive(Deserialize)]
struct TrunkTools {
    wasm_opt: String,
}

/// Reads Cargo.lock and Trunk.toml.
///
/// # Errors
/// When one of them cannot be read or does not name a version.
pub fn read() -> Result<Versions> {
    let file = |name: &str| {
        fs::read_to_string(workspace::root().join(name)).with_context(|| format!("reading {name}"))
    };
    from(&file("Cargo.lock")?, &file("Trunk.toml")?)
}

impl Npm {
    /// The directory for what npm installs: another one whenever the lock file changes.
    pub fn directory(self) -> String {
        let mut hasher = DefaultHasher::new();
        self.lock.hash(&mut hasher);
        format!("npm-{:016x}", hasher.finish())
    }
}

fn from(lock: &str, trunk: &str) -> Result<Versions> {
    let trunk: Trunk = toml::from_str(trunk).context("in Trunk.toml")?;
    let wasm_bindgen = cargo_lock::packages(lock)?
        .into_iter()
        .find(|package| package.name == "wasm-bindgen")
        .context("Cargo.lock names no wasm-bindgen")?
        .version;
    let exact = trunk.trunk_version.strip_prefix('=');
    let binaryen = trunk.tools.wasm_opt.strip_prefix("version_");
    Ok(Versions {
        wasm_bindgen,
        trunk: exact.context("Trunk.toml: trunk-version must be exact, `=x.y.z`")?.to_owned(),
        wasm_opt: binaryen
            .context("Trunk.toml: [tools] wasm_opt must be `version_N`, as Binaryen names it")?
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\n";

    #[test]
    fn versions_are_those_of_the_files() {
        let trunk = "trunk-version = \"=0.21.14\"\n[tools]\nwasm_opt = \"version_132\"\n";
        assert_eq!(
            from(LOCK, trunk).expect("three versions"),
            Versions {
                wasm_bindgen: "0.2.129".into(),
                trunk: "0.21.14".into(),
                wasm_opt: "132".into()
            }
        );
    }

    #[test]
    fn an_open_trunk_version_is_refused() {
        let trunk = "trunk-version = \"0.21\"\n[tools]\nwasm_opt = \"version_132\"\n";
        let error = from(LOCK, trunk).expect_err("not exact").to_string();
        assert!(error.contains("trunk-version must be exact"), "{error}");
    }

    #[test]
    fn this_checkout_names_all_versions() {
        read().expect("Cargo.lock and Trunk.toml name the versions");
    }

    #[test]
    fn npm_installs_the_binaryen_that_trunk_asks_for() {
        let lock: serde_json::Value = serde_json::from_str(NPM.lock).expect("JSON");
        let binaryen = &lock["packages"]["node_modules/binaryen"]["version"];
        let asked = read().expect("the versions").wasm_opt;
        assert_eq!(binaryen.as_str(), Some(format!("{asked}.0.0").as_str()));
    }
}
