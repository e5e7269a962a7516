//! `cargo xtask pictures`: the screen's main states as PNG files.

use crate::browser::Engine;
use crate::{bundle, e2e, process};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// Where the pictures go.
#[derive(Args)]
pub struct Options {
    /// The directory to write into
    #[arg(long, value_name = "DIR", default_value = "docs/pictures")]
    out: PathBuf,
}

/// Builds the product and lets the end-to-end harness photograph it.
///
/// # Errors
/// When something does not build, or a state cannot be reached.
pub fn take(options: &Options) -> Result<()> {
    bundle::screen()?;
    bundle::backend()?;
    println!("Taking the pictures (usually 3 minutes)");
    let mut camera =
        process::cargo(["run", "--locked", "-p", "consent-e2e", "--bin", "pictures", "--"])?;
    // The harness runs in the checkout's root, and the path was typed elsewhere.
    camera.arg("--out").arg(std::path::absolute(&options.out)?);
    process::run(e2e::with_product(camera, Engine::Chromium)?)
}
