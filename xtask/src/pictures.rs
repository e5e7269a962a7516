//! `cargo xtask pictures`: how every fixture looks, compared with the pictures that were accepted.

use crate::browser::Engine;
use crate::workspace::Profile;
use crate::{bundle, e2e, process};
use anyhow::Result;
use clap::Args;

/// What to do with fixtures that look different.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Options {
    /// Compare every fixture with its pictures in fixtures/pictures and fixtures/thumbnails; differences
    /// fail, and are shown on target/pictures/index.html
    #[arg(long)]
    check: bool,
    /// Take the pictures of those that differ
    #[arg(long)]
    accept: bool,
}

/// Builds the studio, and compares with the end-to-end harness.
///
/// # Errors
/// When something does not build, or a fixture looks different and is not accepted.
pub fn run(options: &Options) -> Result<()> {
    compare(options.accept)
}

/// The same, also as a stage of the tests.
///
/// # Errors
/// As [`run`].
pub fn compare(accept: bool) -> Result<()> {
    bundle::tested()?;
    println!("Comparing pictures (usually two minutes)");
    let mut camera = process::linted(process::cargo(e2e::CAMERA)?);
    camera.arg(if accept { "--accept" } else { "--check" });
    process::run(e2e::with_product(camera, Engine::Chromium, Profile::Debug)?)
}
