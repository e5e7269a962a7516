//! `cargo xtask e2e`: the built product driven through real browsers.

use crate::browser::{self, Engine};
use crate::test::{self, Tier};
use crate::workspace::{self, Profile};
use crate::{bundle, process, tools};
use anyhow::{Context, Result, bail, ensure};
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
const FULL_ONLY: [&str; 38] = [
    "matrix::",
    "five_thousand_items",
    "studio::gallery::it_is_there_soon",
    // States of which the default tier has another with the same page. axe-core looks at a fixture of each of
    // them in `studio::accessible::axe_finds_nothing_in_any_case`.
    "every_state::account_leave_to_withdraw",
    "every_state::account_overview_empty",
    "every_state::account_signed_out",
    "every_state::already_decided",
    "every_state::asking_for_a_test",
    "every_state::asking_with_all_required_ticked",
    "every_state::asking_with_some_ticked",
    "every_state::asking_without_a_channel",
    "every_state::auto_login_failed",
    "every_state::auto_login_log_in",
    "every_state::leaving_without_asking",
    "every_state::not_found",
    "every_state::not_invited_to_a_test",
    "every_state::service_not_approved",
    "every_state::still_leaving",
    "every_state::target_refused",
    "every_state::text_loading",
    "every_state::too_busy_to_load",
    "every_state::unreadable",
    "every_state::wrong_session",
    // The same fault where the server has rendered the page (`no_wasm`), or where it has not (`blocked`), runs.
    "blocked::texts_that_are_a_page",
    "blocked::webassembly_forbidden_by_a_policy",
    "blocked::webassembly_that_breaks_off",
    "no_wasm::scripts_that_are_not_there",
    "no_wasm::texts_that_are_not_there",
    // Tested on the host: what the contract reads, and how the state machine takes a response.
    "faults::answer::busy_and_left",
    "faults::answer::too_many_requests_for_seconds",
    "faults::answer::truncated_json",
    "faults::request::too_many_requests_for_seconds",
    "faults::text::error_500",
    "unreadable::a_term_of_an_unknown_kind",
    "unreadable::truncated_json",
    // Tested at the server's interface, in the backend's or the shop's suite.
    "problems::a_service_without_approval",
    "shop::provider::it_refuses_the_code",
    "shop::test_app::the_same_account_has_another_user_id",
];

/// What the default tier runs in Firefox and WebKit: parts of test names. Withdrawing and leaving, receipts, signing
/// up, by keyboard, full texts, without the app or scripts, mounting over a half-filled form, clickjacking, links in
/// the messenger, popups, what extensions do to the page, the main ways through the demo's shop, and the way from
/// a services.toml over the studio to the screen.
const EVERY_ENGINE: [&str; 26] = [
    "account::a_user_withdraws_leaves_and_comes_back",
    "account::withdrawing_and_leaving_work_with_scripts_switched_off",
    "account::receipt::",
    "start::",
    "sign_up::the_service_gets_what_was_agreed_to_and_nothing_else",
    "keyboard::",
    "texts::reading_a_text_agrees_to_nothing_and_comes_back_to_its_button",
    "no_wasm::every_way_of_the_main_job_works_with_scripts_switched_off",
    "no_wasm::webassembly_that_is_not_there",
    "no_wasm::callbacks::agreeing_before_the_app_is_there",
    "mounting::a_press_that_began_before_ends_where_it_began",
    "mounting::agree_all_works_before_the_app_and_shows_mixed",
    "mounting::every_place_that_had_the_focus_has_it_again",
    "mounting::nothing_moves",
    "mounting::ticks_words_caret_focus_and_what_is_unfolded_stay",
    "clickjacking::a_click_in_the_first_moments_after_another_window_closed",
    "clickjacking::no_page_can_frame_the_screen",
    "in_app::a_member_is_welcomed_and_lands_at_the_service",
    "in_app::a_new_user_signs_up_with_one_tap_and_one_agree",
    "popup::agreeing_in_a_popup",
    "foreign::what_extensions_do_changes_nothing_that_is_agreed_to",
    "shop::ways_in::one_step_gives_the_shop_all_that_it_needs",
    "shop::messenger::a_member_is_signed_in_and_others_browse",
    "shop::leaving::leaving_at_the_account_page_reaches_the_shop",
    "shop::visitor::a_session_lost_on_the_way_starts_afresh",
    "studio::journey::",
];

/// The tests of the harness itself, as cargo takes them.
pub const HARNESS: [&str; 5] = ["test", "--locked", "--no-fail-fast", "-p", "consent-e2e"];

/// The suite, as cargo takes it. It is no test of `cargo test`, because it needs browsers.
pub const SUITE: [&str; 2] = ["--test", "browsers"];

/// What takes pictures, as cargo takes it.
pub const CAMERA: [&str; 7] = ["run", "--locked", "-p", "consent-e2e", "--bin", "pictures", "--"];

/// So many failed scenes are run again. More than that is no accident.
const RUN_AGAIN: usize = 3;

/// Runs the suite in one engine.
///
/// # Errors
/// When something is missing or does not build, or a test fails.
pub fn run(options: &Options) -> Result<()> {
    let filters: Vec<&str> = options.filters.iter().map(String::as_str).collect();
    let tier = if options.full { Tier::Full } else { Tier::Default };
    build(tier)?;
    suite(options.engine, tier, &filters)
}

/// The suite in Chromium, and the main ways in every engine; with [`Tier::Full`] everything in each.
///
/// # Errors
/// As [`run`], after all engines had their turn.
pub fn every_engine(tier: Tier) -> Result<()> {
    process::run(process::linted(process::cargo(HARNESS)?))?;
    build(tier)?;
    lists_name_scenes()?;
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

/// A scene that was renamed would leave its tier without a word.
fn lists_name_scenes() -> Result<()> {
    let mut list = process::linted(process::cargo(HARNESS)?);
    list.args(SUITE).args(["--", "--list", "--format", "terse"]);
    let scenes = process::output(list).context("the suite does not list its scenes")?;
    let unknown = unknown(&scenes);
    ensure!(unknown.is_empty(), "no scene has the name {} (xtask/src/e2e.rs)", unknown.join(", "));
    Ok(())
}

/// What the lists name and no line of libtest's list has.
fn unknown(scenes: &str) -> Vec<&'static str> {
    let is_unknown = |name: &&str| !scenes.lines().any(|scene| scene.contains(*name));
    FULL_ONLY.into_iter().chain(EVERY_ENGINE).filter(is_unknown).collect()
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

fn build(tier: Tier) -> Result<()> {
    match profile(tier) {
        Profile::Debug => bundle::tested(),
        Profile::Release => bundle::product(),
    }
}

/// Servers as they are deployed take minutes to compile, which is left to the full tier.
fn profile(tier: Tier) -> Profile {
    if tier == Tier::Full { Profile::Release } else { Profile::Debug }
}

/// Runs the scenes that `filters` choose. What fails is run once more, alone: a browser on a busy
/// machine may miss a deadline. A scene that passes only then is named as unstable.
fn suite(engine: Engine, tier: Tier, filters: &[&str]) -> Result<()> {
    let (failed, result) = scenes(engine, tier, test::threads(), filters)?;
    if result.is_ok() || failed.is_empty() || failed.len() > RUN_AGAIN {
        return result;
    }
    println!("Running again, alone: {}", failed.join(", "));
    let again: Vec<&str> = failed.iter().map(String::as_str).chain(["--exact"]).collect();
    scenes(engine, tier, 1, &again)?.1?;
    println!("unstable in {}: failed, then passed alone: {}", engine.name(), failed.join(", "));
    Ok(())
}

/// Runs the suite once; returns the scenes that failed, and whether all is well.
fn scenes(
    engine: Engine,
    tier: Tier,
    threads: usize,
    filters: &[&str],
) -> Result<(Vec<String>, Result<()>)> {
    let mut test = process::linted(process::cargo(HARNESS)?);
    test.args(SUITE).arg("--").arg(format!("--test-threads={threads}")).args(filters);
    let mut test = with_product(test, engine, profile(tier))?;
    if tier == Tier::Full {
        test.env("CONSENT_FULL", "1");
    } else if engine == Engine::Chromium {
        browser::set_shell(&mut test);
    }
    browser::ensure_nginx(&mut test)?;
    let mut failed = Vec::new();
    let result = process::run_and_read(test, |line| failed.extend(failed_scene(line)));
    Ok((failed, result))
}

/// The scene that a line of the test runner says has failed.
fn failed_scene(line: &str) -> Option<String> {
    let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
    Some(name.to_owned())
}

/// Passes the paths of the product, the browser and axe-core to a command of the harness.
///
/// # Errors
/// When something of them is missing and cannot be installed.
pub fn with_product(mut command: Command, engine: Engine, profile: Profile) -> Result<Command> {
    browser::ensure(engine)?;
    browser::set_driver(&mut command, engine)?;
    command
        .env("CONSENT_BACKEND", workspace::backend(profile)?)
        .env("CONSENT_SHOP", workspace::shop(profile)?)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_scene_is_read_from_the_line_of_the_runner() {
        let failed = failed_scene("test texts::a_text_is_read ... FAILED");
        assert_eq!(failed.as_deref(), Some("texts::a_text_is_read"));
        assert_eq!(failed_scene("test texts::a_text_is_read ... ok"), None);
        assert_eq!(failed_scene("test result: FAILED. 1 passed; 1 failed"), None);
    }

    #[test]
    fn a_name_without_a_scene_is_found() {
        let all = [&FULL_ONLY[..], &EVERY_ENGINE].concat().join("x: test\n");
        assert_eq!(unknown(&all), [""; 0]);
        let renamed = all.replace("problems::a_service_without_approval", "problems::no_approval");
        assert_eq!(unknown(&renamed), ["problems::a_service_without_approval"]);
    }
}
