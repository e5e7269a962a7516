//! The versions of the tools, read from where the tools themselves read them.

use crate::workspace;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::fs;

/// Checked against nothing but their own command lines, so they stand here.
pub const GECKODRIVER: &str = "0.37.1";
pub const AXE: &str = "4.14.1";
pub const CARGO_FUZZ: &str = "0.13.2";

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
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
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

fn from(lock: &str, trunk: &str) -> Result<Versions> {
    let lock: Lock = toml::from_str(lock).context("in Cargo.lock")?;
    let trunk: Trunk = toml::from_str(trunk).context("in Trunk.toml")?;
    let wasm_bindgen = lock
        .package
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
        let trunk = "trunk-version = \"=0.22.1\"\n[tools]\nwasm_opt = \"version_132\"\n";
        assert_eq!(
            from(LOCK, trunk).expect("three versions"),
            Versions {
                wasm_bindgen: "0.2.129".into(),
                trunk: "0.22.1".into(),
                wasm_opt: "132".into()
            }
        );
    }

    #[test]
    fn an_open_trunk_version_is_refused() {
        let trunk = "trunk-version = \"0.22\"\n[tools]\nwasm_opt = \"version_132\"\n";
        let error = from(LOCK, trunk).expect_err("not exact").to_string();
        assert!(error.contains("trunk-version must be exact"), "{error}");
    }

    #[test]
    fn this_checkout_names_all_versions() {
        read().expect("Cargo.lock and Trunk.toml name the versions");
    }
}
