//! `cargo xtask screenshots`: the screen's main states, or one case, as PNG files.

use crate::browser::Engine;
use crate::workspace::{self, Profile};
use crate::{bundle, e2e, process};
use anyhow::{Context, Result, bail};
use clap::Args;
use consent_fixtures::Fixture;
use std::path::{Path, PathBuf};

/// What to take, and where to write it.
#[derive(Args)]
pub struct Options {
    /// The directory to write into [default: docs/pictures, or with --case the current one]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// One case of the preview studio, by name or file, instead of the main states
    #[arg(long, value_name = "NAME_OR_FILE")]
    case: Option<String>,
    /// The demo's shop alone
    #[arg(long, conflicts_with = "case")]
    shop: bool,
    /// The studio and the fixtures of the documents alone
    #[arg(long, conflicts_with_all = ["case", "shop"])]
    studio: bool,
}

/// Builds the product and takes screenshots with the end-to-end harness.
///
/// # Errors
/// When there is no such case, something does not build, or a state cannot be reached.
pub fn run(options: &Options) -> Result<()> {
    // Checked before anything that takes minutes.
    let case = options.case.as_deref().map(found).transpose()?;
    let out = match (&options.out, &case) {
        (Some(out), _) => std::path::absolute(out)?,
        (None, Some(_)) => std::env::current_dir()?,
        (None, None) => workspace::root().join("docs/pictures"),
    };
    bundle::tested()?;
    println!(
        "Taking screenshots (usually {})",
        if case.is_some() || options.shop { "a minute" } else { "2 to 5 minutes" }
    );
    let mut camera = process::linted(process::cargo(e2e::CAMERA)?);
    camera.arg("--out").arg(out);
    if let Some(case) = case {
        camera.arg("--case").arg(case);
    }
    if options.shop {
        camera.arg("--shop");
    }
    if options.studio {
        camera.arg("--studio");
    }
    process::run(e2e::with_product(camera, Engine::Chromium, Profile::Debug)?)
}

/// A case as the harness finds it: it runs in the checkout's root, and a path was typed elsewhere.
fn found(name_or_file: &str) -> Result<PathBuf> {
    let file = Path::new(name_or_file);
    if file.is_file() {
        let text = std::fs::read_to_string(file).with_context(|| name_or_file.to_owned())?;
        Fixture::from_json(&text).with_context(|| name_or_file.to_owned())?;
        return Ok(std::path::absolute(file)?);
    }
    if consent_fixtures::named(name_or_file).is_none() {
        let names: Vec<&str> = consent_fixtures::all().map(|it| it.name.as_str()).collect();
        bail!("{name_or_file} is neither a file nor one of the cases {}", names.join(", "));
    }
    Ok(file.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_known_by_its_name_or_its_file_before_anything_is_built() {
        assert_eq!(found("sign-up").expect("a case"), Path::new("sign-up"));
        let error = found("sing-up").expect_err("no case").to_string();
        assert!(error.contains("neither a file nor one of the cases sign-up, "), "{error}");

        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mine.json");
        let case = &consent_fixtures::named("sign-up").expect("a case").fixture;
        std::fs::write(&file, case.to_json()).expect("written");
        let path = file.to_str().expect("UTF-8");
        assert_eq!(found(path).expect("a case"), file);
        std::fs::write(&file, "{}").expect("written");
        let error = format!("{:#}", found(path).expect_err("no case"));
        assert!(error.contains("mine.json: line 1, column 2: "), "{error}");
    }
}
