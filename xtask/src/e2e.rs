//! `cargo xtask e2e`: the built product driven through real browsers.

use crate::browser::{self, Engine};
use crate::test::Tier;
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
    /// Look at every state in every language
    #[arg(long)]
    full: bool,
    /// Only tests whose name holds one of these: `sign_up::`
    filters: Vec<String>,
}

/// What the default tier leaves to `--full`: parts of test names. A module called `matrix` holds the
/// further rows of a matrix: one row of each class runs always, beside it, and the rules behind all
/// rows are tested on the host.
const FULL_ONLY: [&str; 3] =
    ["matrix::", "studio::gallery::it_is_there_soon", "five_thousand_items"];

/// What the default tier runs in Firefox and WebKit: parts of test names. The account pages, signing
/// up, by keyboard, full texts, without the app or scripts, mounting over a half-filled form, clickjacking, links in
/// the messenger, popups, what extensions do to the page, and the main ways through the demo's shop.
const EVERY_ENGINE: [&str; 23] = [
    "account::",
    "start::",
    "sign_up::the_service_gets_what_was_agreed_to_and_nothing_else",
    "sign_up::an_optional_item_that_was_ticked_arrives",
    "keyboard::",
    "texts::reading_a_text_agrees_to_nothing_and_comes_back_to_its_button",
    "no_wasm::every_way_of_the_main_job_works_with_scripts_switched_off",
    "no_wasm::webassembly_that_is_not_there",
    "no_wasm::what_is_missing_comes_back",
    "no_wasm::callbacks::agreeing_before_the_app_is_there",
    "mounting::",
    "clickjacking::",
    "in_app::a_member_is_welcomed_and_lands_at_the_service",
    "in_app::a_new_user_signs_up_with_one_tap_and_one_agree",
    "in_app::a_service_that_sends_the_person_straight_back_does_not_loop",
    "popup::agreeing_in_a_popup",
    "foreign::what_extensions_do_changes_nothing_that_is_agreed_to",
    "shop::ways_in::one_step_gives_the_shop_all_that_it_needs",
    "shop::ways_in::a_member_by_plain_login_is_asked_once_more",
    "shop::member_of_before::found_by_the_address",
    "shop::messenger::a_member_is_greeted_and_others_browse",
    "shop::leaving::leaving_at_the_account_page_reaches_the_shop",
    "shop::visitor::a_session_lost_on_the_way_starts_afresh",
];

/// Runs the suite in one engine.
///
/// # Errors
/// When something is missing or does not build, or a test fails.
pub fn run(options: &Options) -> Result<()> {
    build()?;
    let filters: Vec<&str> = options.filters.iter().map(String::as_str).collect();
    let tier = if options.full { Tier::Full } else { Tier::Default };
    suite(options.engine, tier, &filters)
}

/// The suite in Chromium, and the main ways in every engine; with [`Tier::Full`] everything in each.
///
/// # Errors
/// As [`run`], after all engines had their turn.
pub fn every_engine(tier: Tier) -> Result<()> {
    build()?;
    let mut faults = Vec::new();
    for engine in Engine::ALL {
        // WebKitGTK is for Linux; Safari takes one session at a time, and none without a desktop.
        if engine == Engine::WebKit && !cfg!(target_os = "linux") {
            println!("webkit: not run, because WebKitGTK is for Linux only");
            continue;
        }
        if let Err(fault) = suite(engine, tier, &filters(tier, engine)) {
            faults.push(format!("in {}: {fault:#}", engine.name()));
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("; "));
    }
    Ok(())
}

/// Which tests a tier runs in an engine, as libtest takes it.
fn filters(tier: Tier, engine: Engine) -> Vec<&'static str> {
    match (tier, engine) {
        (Tier::Full, _) => Vec::new(),
        (_, Engine::Chromium) => FULL_ONLY.iter().flat_map(|name| ["--skip", name]).collect(),
        // `no_wasm::` is in `faults::no_wasm::`, too.
        (_, Engine::Firefox | Engine::WebKit) => {
            [&["--skip", "faults::"], &EVERY_ENGINE[..]].concat()
        }
    }
}

fn build() -> Result<()> {
    bundle::product()
}

fn suite(engine: Engine, tier: Tier, filters: &[&str]) -> Result<()> {
    let mut test = process::cargo(["test", "--locked", "--no-fail-fast", "-p", "consent-e2e"])?;
    if !filters.is_empty() {
        // With names, so that what is asked for is looked for in the suite alone.
        test.args(["--test", "suite"]);
    }
    // Tests wait more than they compute: for retries, for deadlines, for the user to have seen the
    // page.
    let threads = std::thread::available_parallelism().map_or(2, |cores| 2 * cores.get());
    test.arg("--").arg(format!("--test-threads={threads}")).args(filters);
    let mut test = with_product(test, engine)?;
    if tier == Tier::Full {
        test.env("CONSENT_FULL", "1");
    }
    browser::ensure_nginx(&mut test)?;
    process::run(test)
}

/// Passes the paths of the product, the browser and axe-core to a command of the harness.
///
/// # Errors
/// When something of them is missing and cannot be installed.
pub fn with_product(mut command: Command, engine: Engine) -> Result<Command> {
    browser::ensure(engine)?;
    browser::set_driver(&mut command, engine)?;
    command
        .env("CONSENT_BACKEND", workspace::backend()?)
        .env("CONSENT_SHOP", workspace::shop()?)
        .env("CONSENT_DIST", workspace::dist())
        .env("CONSENT_STUDIO", workspace::studio())
        .env("CONSENT_AXE", tools::Extra::Axe.ensure()?)
        .env("CONSENT_PACKAGES", workspace::tools()?.join("packages"))
        // For what is exported in a browser and looked at by a developer.
        .env("CONSENT_XTASK", std::env::current_exe()?)
        // A snapshot that differs is said and not written beside the old one, unless one asks.
        .env("INSTA_UPDATE", std::env::var("INSTA_UPDATE").unwrap_or_else(|_| "no".into()))
        // A failed test says what the page showed; forty lines of runtime would bury it.
        .env("RUST_LIB_BACKTRACE", "0");
    Ok(command)
}
