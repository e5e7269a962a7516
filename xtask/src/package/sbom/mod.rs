//! The software bill of materials of the package: what the program is made of, in CycloneDX 1.5.
//!
//! It lists the crates that are linked into the program, and into the WebAssembly of the screen and the studio
//! inside it, as cargo resolves them for these features and targets; without crates that only build others:
//! build scripts, procedural macros and their dependencies. Libraries in C that crates bring are listed beside
//! them, and Rust's standard library. Nothing of npm is inside: its tools rewrite files of ours.

mod crates;
mod tree;

use crate::process;
use anyhow::{Context, Result, ensure};
use crates::Crates;
use cyclonedx_bom::{
    models::{
        component::Classification,
        dependency::{Dependencies, Dependency},
        metadata::Metadata,
        tool::{Tool, Tools},
    },
    prelude::{
        Bom, Component, Components, DateTime, NormalizedString, SpecVersion, UrnUuid, Validate,
    },
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tree::Tree;
use uuid::Uuid;

/// What ends in the name of a CycloneDX file (<https://cyclonedx.org/specification/overview/#recognized-file-patterns>).
const SUFFIX: &str = "cdx.json";

/// What the browser runs.
const WASM: &str = "wasm32-unknown-unknown";

/// A program, with the features and for the target that it is built with.
struct Built<'a> {
    package: &'a str,
    features: &'a str,
    target: &'a str,
}

/// Writes the file beside the program of the package.
///
/// # Errors
/// When cargo cannot name the crates, or one has no licence.
pub fn write(package: &Path, program: &str, target: &str) -> Result<PathBuf> {
    let server = Built { package: program, features: "embedded-pages", target };
    let inside = ["consent-screen", "consent-studio"].map(|package| Built {
        package,
        features: "csr",
        target: WASM,
    });
    let mut parts = vec![tree(&server)?];
    for built in &inside {
        parts.push(tree(built)?);
    }
    let file = package.join(format!("{program}.{SUFFIX}"));
    let time = time_of_the_sources()?.map(rfc3339).transpose()?;
    let bom = bom(&parts, &Crates::of_this_checkout()?, time.as_deref())?;
    fs::write(&file, json(bom)?).with_context(|| format!("writing {}", file.display()))?;
    Ok(file)
}

fn tree(built: &Built<'_>) -> Result<Tree> {
    let mut cargo = process::cargo(["tree", "--locked", "--edges", "normal,no-proc-macro"])?;
    cargo.args(["--prefix", "depth", "--format", "{p}", "--charset", "ascii"]);
    cargo.args(["--package", built.package, "--features", built.features]);
    cargo.args(["--target", built.target]);
    let text = process::output(process::with_own_flags(cargo));
    tree::read(&text.with_context(|| format!("cargo tree of {}", built.package))?)
}

/// The time of what is built, in seconds since 1970: `SOURCE_DATE_EPOCH`
/// (<https://reproducible-builds.org/specs/source-date-epoch/>), or that of the commit; none outside of git.
///
/// # Errors
/// When `SOURCE_DATE_EPOCH` is no number.
pub fn time_of_the_sources() -> Result<Option<i64>> {
    let named = std::env::var("SOURCE_DATE_EPOCH").ok().filter(|value| !value.is_empty());
    let seconds = match named {
        Some(seconds) => Some(seconds),
        None => {
            let mut git = process::program("git")?;
            git.args(["log", "--max-count=1", "--format=%ct"]);
            process::output(git)
        }
    };
    let seconds = seconds.map(|seconds| seconds.parse()).transpose();
    seconds.context("SOURCE_DATE_EPOCH: expected seconds since 1970")
}

fn rfc3339(seconds: i64) -> Result<String> {
    Ok(OffsetDateTime::from_unix_timestamp(seconds)?.format(&Rfc3339)?)
}

/// The document of a program, the first part, with other parts inside it.
fn bom(parts: &[Tree], crates: &Crates, time: Option<&str>) -> Result<Bom> {
    let program = &parts.first().context("no program")?.root;
    // The edges of one crate for several targets are put together.
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut components = BTreeMap::new();
    for part in parts {
        for (named, children) in &part.edges {
            let below = edges.entry(named.reference()).or_default();
            below.extend(children.iter().map(tree::Crate::reference));
            let component = crates.component(named)?;
            for native in crates.native(named)? {
                let reference = native.bom_ref.clone().unwrap_or_default();
                edges.entry(named.reference()).or_default().insert(reference.clone());
                edges.entry(reference.clone()).or_default();
                components.insert(reference, native);
            }
            components.insert(named.reference(), component);
        }
    }
    let standard = crates.standard_library();
    let reference = standard.bom_ref.clone().unwrap_or_default();
    for part in parts {
        edges.entry(part.root.reference()).or_default().insert(reference.clone());
    }
    edges.entry(reference.clone()).or_default();
    components.insert(reference, standard);
    // What the browser gets is inside the program.
    let inside = parts.iter().skip(1).map(|part| part.root.reference());
    let below = edges.entry(program.reference()).or_default();
    below.extend(inside.filter(|it| *it != program.reference()));
    let mut main = components.remove(&program.reference()).context("the program is no crate")?;
    main.component_type = Classification::Application;
    let timestamp = time.map(|time| DateTime::try_from(time.to_owned())).transpose()?;
    let dependencies = edges.into_iter().map(|(dependency_ref, below)| Dependency {
        dependency_ref,
        dependencies: below.into_iter().collect(),
    });
    let tool = Tool { name: Some(NormalizedString::new("cargo xtask package")), ..Tool::default() };
    let metadata = Metadata {
        timestamp,
        tools: Some(Tools::List(vec![tool])),
        component: Some(main),
        ..Metadata::default()
    };
    let bom = Bom {
        serial_number: None,
        metadata: Some(metadata),
        components: Some(Components(components.into_values().collect())),
        dependencies: Some(Dependencies(dependencies.collect())),
        spec_version: SpecVersion::V1_5,
        ..Bom::default()
    };
    let checked = bom.validate();
    ensure!(checked.passed(), "the bill of materials is not valid: {checked:?}");
    Ok(bom)
}

/// The document as JSON. Its serial number follows from its content: the same sources have the same.
fn json(mut bom: Bom) -> Result<String> {
    let mut unnumbered = Vec::new();
    bom.clone().output_as_json_v1_5(&mut unnumbered)?;
    let number = Uuid::new_v5(&Uuid::NAMESPACE_OID, &unnumbered);
    bom.serial_number = Some(UrnUuid::from(number));
    let mut text = Vec::new();
    bom.output_as_json_v1_5(&mut text)?;
    text.push(b'\n');
    Ok(String::from_utf8(text)?)
}

/// A component of a library.
fn library(name: &str, version: &str, reference: String) -> Component {
    Component::new(Classification::Library, name, version, Some(reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "0consent-backend v0.1.0 (/somewhere/backend)
1serde v1.0.228
2serde_core v1.0.228
1serde_json v1.0.150
2serde_core v1.0.228 (*)
1consent-screen v0.1.0 (/somewhere)
";

    fn this() -> Crates {
        Crates::of_this_checkout().expect("cargo names the crates")
    }

    fn made(time: Option<&str>) -> String {
        // The versions are those of Cargo.lock.
        let crates = this();
        let versioned =
            ["serde", "serde_core", "serde_json"].iter().fold(TREE.to_owned(), |tree, name| {
                let version = crates.version_of(name).expect("in Cargo.lock");
                let lines = tree.lines().map(|line| match line.split_once(" v") {
                    Some((start, rest)) if &start[1..] == *name => {
                        let marker = if rest.ends_with("(*)") { " (*)" } else { "" };
                        format!("{start} v{version}{marker}\n")
                    }
                    _ => format!("{line}\n"),
                });
                lines.collect()
            });
        let server = tree::read(&versioned).expect("a tree");
        let screen = tree::read("0consent-screen v0.1.0 (/somewhere)\n").expect("a tree");
        json(bom(&[server, screen], &crates, time).expect("valid")).expect("JSON")
    }

    #[test]
    fn the_document_is_valid_and_names_licences_purls_and_hashes() {
        let text = made(Some("2026-11-28T00:00:00Z"));
        let bom = Bom::parse_from_json_v1_5(text.as_bytes()).expect("CycloneDX 1.5");
        let checked = bom.validate_version(SpecVersion::V1_5);
        assert!(checked.passed(), "{checked:?}");
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(json["specVersion"], "1.5");
        assert_eq!(json["metadata"]["component"]["name"], "consent-backend");
        assert_eq!(json["metadata"]["component"]["type"], "application");
        let components = json["components"].as_array().expect("components");
        let find = |name: &str| {
            let found = components.iter().find(|component| component["name"] == name);
            found.unwrap_or_else(|| panic!("no {name}: {text}"))
        };
        let serde = find("serde");
        let version = this().version_of("serde").expect("in Cargo.lock");
        assert_eq!(serde["purl"], format!("pkg:cargo/serde@{version}"));
        assert_eq!(serde["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(serde["hashes"][0]["alg"], "SHA-256");
        assert_eq!(serde["hashes"][0]["content"].as_str().expect("a digest").len(), 64);
        let ours = find("consent-screen");
        assert!(ours["purl"].is_null(), "crates of this workspace are in no registry: {ours}");
        assert!(!text.contains("/somewhere"), "{text}");
        let of_the_program = json["dependencies"].as_array().expect("dependencies").iter();
        let below = of_the_program
            .filter(|it| it["ref"].as_str().is_some_and(|it| it.starts_with("consent-backend@")))
            .flat_map(|it| it["dependsOn"].as_array().expect("references").clone());
        let below: Vec<_> = below.collect();
        for name in ["serde@", "serde_json@", "consent-screen@", "rust-std@"] {
            let is_it = |it: &serde_json::Value| it.as_str().is_some_and(|it| it.starts_with(name));
            assert!(below.iter().any(is_it), "{name}: {below:?}");
        }
    }

    #[test]
    fn the_same_sources_have_the_same_document() {
        let time = Some("2026-11-28T00:00:00Z");
        assert_eq!(made(time), made(time));
        let serial = |text: &str| {
            let json: serde_json::Value = serde_json::from_str(text).expect("JSON");
            json["serialNumber"].as_str().expect("a serial number").to_owned()
        };
        assert!(serial(&made(time)).starts_with("urn:uuid:"));
        assert_ne!(serial(&made(time)), serial(&made(None)));
    }

    #[test]
    fn the_program_has_what_it_links_and_what_the_browser_gets_and_no_macros() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let file = write(folder.path(), "consent-backend", &super::super::target());
        let text = fs::read_to_string(file.expect("written")).expect("readable");
        let bom = Bom::parse_from_json_v1_5(text.as_bytes()).expect("CycloneDX 1.5");
        let checked = bom.validate_version(SpecVersion::V1_5);
        assert!(checked.passed(), "{checked:?}");
        let components = bom.components.expect("components").0;
        let has = |name: &str| components.iter().any(|component| &*component.name == name);
        for name in ["axum", "sqlx-sqlite", "sqlite", "aws-lc", "rust-std", "consent-screen"] {
            assert!(has(name), "no {name}");
        }
        // Of the browser alone.
        assert!(has("consent-studio") && has("wasm-bindgen") && has("gloo-net"));
        // They build others.
        for name in ["serde_derive", "prost-derive", "cc", "consent-shop", "windows-sys"] {
            assert!(!has(name), "{name}");
        }
        let without =
            components.iter().filter(|it| it.purl.is_none() && !it.name.starts_with("consent-"));
        assert_eq!(without.count(), 0, "a package URL for each crate of a registry");
    }

    #[test]
    fn libraries_in_c_are_named_with_their_versions() {
        let crates = this();
        for (name, library) in [("libsqlite3-sys", "sqlite"), ("aws-lc-sys", "aws-lc")] {
            let version = crates.version_of(name).expect("in Cargo.lock");
            let named = tree::Crate { name: name.to_owned(), version };
            let native = crates.native(&named).expect("its header");
            let [native] = &native[..] else { panic!("one library: {native:?}") };
            assert_eq!(&*native.name, library);
            let version = native.version.as_deref().expect("a version");
            assert!(version.starts_with(|it: char| it.is_ascii_digit()), "{version}");
        }
    }
}
