//! What is known of each crate: its licence, its archive, and the library in C that it brings.

use super::{library, tree::Crate};
use crate::{cargo_lock, process, workspace};
use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::prelude::{Component, NormalizedString, Purl, SpdxExpression};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// A library in C that is compiled into a crate.
struct Native {
    /// The crate.
    of: &'static str,
    name: &'static str,
    /// Where it is not the crate's.
    license: Option<&'static str>,
    /// The header in the crate that has the version, and the macro in it.
    header: &'static str,
    version: &'static str,
}

const NATIVE: [Native; 2] = [
    Native {
        of: "libsqlite3-sys",
        name: "sqlite",
        license: Some("blessing"),
        header: "sqlite3/sqlite3.h",
        version: "SQLITE_VERSION",
    },
    Native {
        of: "aws-lc-sys",
        name: "aws-lc",
        license: None,
        header: "aws-lc/include/openssl/base.h",
        version: "AWSLC_VERSION_NUMBER_STRING",
    },
];

/// The crates of Cargo.lock.
pub struct Crates {
    known: BTreeMap<Crate, Known>,
    /// SHA-256, in hexadecimal digits.
    digests: BTreeMap<Crate, String>,
    compiler: String,
}

struct Known {
    license: Option<String>,
    description: Option<String>,
    folder: PathBuf,
    is_ours: bool,
}

impl Crates {
    /// Reads Cargo.lock and the manifests of its crates.
    ///
    /// # Errors
    /// When cargo cannot read them.
    pub fn of_this_checkout() -> Result<Self> {
        let root = workspace::root();
        let target = super::super::target();
        let options = ["--locked", "--filter-platform", &target, "--filter-platform", super::WASM];
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .other_options(options.map(str::to_owned))
            .exec()
            .context("cargo cannot name the crates")?;
        let known = metadata.packages.into_iter().map(|package| {
            let folder = package.manifest_path.parent().map(|it| it.as_std_path().to_owned());
            let known = Known {
                license: package.license,
                description: package.description,
                folder: folder.unwrap_or_default(),
                is_ours: package.source.is_none(),
            };
            let (name, version) = (package.name.to_string(), package.version.to_string());
            (Crate { name, version }, known)
        });
        let lock = fs::read_to_string(root.join("Cargo.lock")).context("reading Cargo.lock")?;
        let digests = cargo_lock::packages(&lock)?.into_iter().filter_map(|package| {
            let cargo_lock::Package { name, version, checksum } = package;
            Some((Crate { name, version }, checksum?))
        });
        let mut rustc = process::program("rustc")?;
        rustc.arg("--version");
        let compiler = process::output(rustc).context("rustc names no version")?;
        let compiler = compiler.split(' ').nth(1).context("rustc names no version")?.to_owned();
        Ok(Self { known: known.collect(), digests: digests.collect(), compiler })
    }

    /// A version of this crate.
    #[cfg(test)]
    pub fn version_of(&self, name: &str) -> Option<String> {
        self.known.keys().find(|it| it.name == name).map(|it| it.version.clone())
    }

    /// A crate as a component. Those of this workspace are in no registry, and have no package URL.
    ///
    /// # Errors
    /// When it is not in Cargo.lock, or its licence is no expression of SPDX.
    pub fn component(&self, named: &Crate) -> Result<Component> {
        let Crate { name, version } = named;
        let known = self.known.get(named).with_context(|| format!("no crate {name} {version}"))?;
        let license = known.license.as_deref();
        let license = license.with_context(|| format!("{name} {version} has no licence"))?;
        let mut component = library(name, version, named.reference());
        component.description = known.description.as_deref().map(NormalizedString::new);
        component.licenses = Some(licenses(license).with_context(|| name.clone())?);
        if !known.is_ours {
            component.purl = Some(Purl::new("cargo", name, version)?);
        }
        component.hashes = self.digests.get(named).map(|digest| {
            let content = HashValue(digest.clone());
            Hashes(vec![Hash { alg: HashAlgorithm::SHA_256, content }])
        });
        Ok(component)
    }

    /// The library in C that a crate brings.
    ///
    /// # Errors
    /// When its version is not where it was.
    pub fn native(&self, named: &Crate) -> Result<Vec<Component>> {
        let of_it = NATIVE.iter().filter(|native| native.of == named.name);
        let components = of_it.map(|native| {
            let known = self.known.get(named).with_context(|| format!("no {}", native.of))?;
            let header = known.folder.join(native.header);
            let text = fs::read_to_string(&header)
                .with_context(|| format!("reading {}", header.display()))?;
            let version = defined(&text, native.version)
                .with_context(|| format!("{} has no {}", header.display(), native.version))?;
            let reference = format!("{}@{version}", native.name);
            let mut component = library(native.name, version, reference);
            let license = native.license.or(known.license.as_deref()).context("no licence")?;
            component.licenses = Some(licenses(license)?);
            component.purl = Some(Purl::new("generic", native.name, version)?);
            Ok(component)
        });
        components.collect()
    }

    /// Rust's own libraries, which come with the compiler.
    pub fn standard_library(&self) -> Component {
        let reference = format!("rust-std@{}", self.compiler);
        let mut component = library("rust-std", &self.compiler, reference);
        component.licenses = licenses("MIT OR Apache-2.0").ok();
        component.purl = Purl::new("generic", "rust-std", &self.compiler).ok();
        component
    }
}

/// A licence, also in the form of before SPDX had expressions: `MIT/Apache-2.0`.
fn licenses(expression: &str) -> Result<Licenses> {
    let expression = SpdxExpression::parse_lax(expression.to_owned())?;
    Ok(Licenses(vec![LicenseChoice::Expression(expression)]))
}

/// The text that a header defines a macro as.
fn defined<'t>(header: &'t str, name: &str) -> Option<&'t str> {
    let mut values = header.lines().filter_map(|line| {
        let rest = line.strip_prefix("#define ")?.strip_prefix(name)?;
        rest.starts_with([' ', '\t']).then(|| rest.trim().trim_matches('"'))
    });
    values.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_its_own_line() {
        let header = "#define A_VERSION_NUMBER 3\n# define A_VERSION \"0\"\n#define A_VERSION   \"3.51.3\"\n";
        assert_eq!(defined(header, "A_VERSION"), Some("3.51.3"));
        assert_eq!(defined(header, "A_VER"), None);
    }

    #[test]
    fn a_licence_is_an_expression_of_spdx() {
        assert!(licenses("MIT/Apache-2.0").is_ok());
        assert!(licenses("MPL-2.0").is_ok());
        assert!(licenses("the licence of my company").is_err());
        assert!(licenses("blessing").is_ok());
    }
}
