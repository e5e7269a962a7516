//! `cargo xtask e2e`: the built product driven through real browsers.

use crate::browser::{self, Engine};
use crate::{bundle, process, tools, workspace};
use anyhow::{Result, bail};
use clap::Args;
use std::process::Command;

/// What to run, and where.
#[derive(Args)]
pub struct Options {
    /// The engine
    #[arg(long, value_enum, default_value = "chromium")]
    engine: Engine,
    /// Only tests whose name holds one of these: `sign_up::`
    filters: Vec<String>,
}

/// What every engine shows in every run of the tests: signing up, cancelling, by keyboard, without
/// the app, without scripts, in a popup, the pages that end elsewhere, what extensions do to the
/// page, and the way through the studio. The rest runs in Chromium, and in another engine on request.
/// A name is looked for anywhere: `by_hand::` alone is in `faults::by_hand::`, too.
const MAIN_WAYS: [&str; 12] = [
    "--skip=faults::",
    "start::",
    "sign_up::",
    "keyboard::",
    "texts::",
    "by_hand::",
    "in_app::",
    "problems::",
    "popup::",
    "redress::",
    "foreign::",
    "studio::way::",
];

/// Runs the suite in one engine.
///
/// # Errors
/// When something is missing or does not build, or a test fails.
pub fn run(options: &Options) -> Result<()> {
    build()?;
    suite(options.engine, &options.filters)
}

/// The whole suite in Chromium, and the main ways in every engine.
///
/// # Errors
/// As [`run`], after all engines had their turn.
pub fn every_engine() -> Result<()> {
    build()?;
    let mut faults = Vec::new();
    for engine in Engine::ALL {
        // WebKitGTK is for Linux; Safari takes one session at a time, and none without a desktop.
        if engine == Engine::WebKit && !cfg!(target_os = "linux") {
            println!("webkit: not run, because WebKitGTK is for Linux only");
            continue;
        }
        let filters = match engine {
            Engine::Chromium => Vec::new(),
            Engine::Firefox | Engine::WebKit => MAIN_WAYS.map(str::to_owned).to_vec(),
        };
        if let Err(fault) = suite(engine, &filters) {
            faults.push(format!("in {}: {fault:#}", engine.name()));
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("; "));
    }
    Ok(())
}

fn build() -> Result<()> {
    bundle::product()
}

fn suite(engine: Engine, filters: &[String]) -> Result<()> {
    let mut test = process::cargo(["test", "--locked", "--no-fail-fast", "-p", "consent-e2e"])?;
    if !filters.is_empty() {
        // With names, so that what is asked for is looked for in the suite alone.
        test.args(["--test", "suite"]);
    }
    test.arg("--").args(filters);
    let mut test = with_product(test, engine)?;
    browser::ensure_nginx(&mut test)?;
    process::run(test)
}

/// Tells a command of the harness where the product, the browser and axe-core are.
///
/// # Errors
/// When something of them is missing and cannot be installed.
pub fn with_product(mut command: Command, engine: Engine) -> Result<Command> {
    browser::ensure(engine)?;
    browser::tell(&mut command, engine)?;
    command
        .env("CONSENT_BACKEND", workspace::backend()?)
        .env("CONSENT_DIST", workspace::dist())
        .env("CONSENT_STUDIO", workspace::studio())
        .env("CONSENT_AXE", tools::Extra::Axe.ensure()?)
        // For what is exported in a browser and looked at by a developer.
        .env("CONSENT_XTASK", std::env::current_exe()?)
        // A snapshot that differs is said and not written beside the old one, unless one asks.
        .env("INSTA_UPDATE", std::env::var("INSTA_UPDATE").unwrap_or_else(|_| "no".into()))
        // A failed test says what the page showed; forty lines of runtime would bury it.
        .env("RUST_LIB_BACKTRACE", "0");
    Ok(command)
}
