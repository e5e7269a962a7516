//! `cargo xtask test`: the checks, in stages and three tiers.

use crate::browser::{self, Engine};
use crate::{boot, bundle, deny, e2e, invariants, pictures, process, size};
use anyhow::{Result, bail};
use clap::Args;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The browser's target.
const WASM: &str = "wasm32-unknown-unknown";

/// Which checks to run.
#[derive(Args)]
pub struct Options {
    /// Run only what needs no bundle: a few minutes
    #[arg(long, conflicts_with = "full")]
    quick: bool,
    /// Run everything, in every engine and language: before a release
    #[arg(long)]
    full: bool,
    /// Run this stage only (may be given several times)
    #[arg(long, value_name = "STAGE")]
    only: Vec<String>,
    /// Name the stages and what each checks
    #[arg(long)]
    list: bool,
}

impl Options {
    fn tier(&self) -> Tier {
        match self {
            Self { quick: true, .. } => Tier::Quick,
            Self { full: true, .. } => Tier::Full,
            _ => Tier::Default,
        }
    }
}

/// How much is run. What a tier runs, the next ones run too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// On each save or commit.
    Quick,
    /// On each change, in CI.
    Default,
    /// Before a release. Which browser tests are left to it is listed in [`e2e`].
    Full,
}

struct Stage {
    name: &'static str,
    checks: &'static str,
    /// The first tier that runs it.
    tier: Tier,
    /// A stage that must have succeeded, when it runs too, for this one to mean anything.
    after: Option<&'static str>,
    run: fn(Tier) -> Result<()>,
}

/// What is quick comes first. A new check is one more line here, or belongs into a stage.
const STAGES: [Stage; 12] = [
    Stage { name: "fmt", checks: "formatting", tier: Tier::Quick, after: None, run: |_| fmt() },
    Stage {
        name: "invariants",
        checks: "what must stay true of the tree (xtask/src/invariants)",
        tier: Tier::Quick,
        after: None,
        run: |_| invariants::check(),
    },
    Stage {
        name: "clippy",
        checks: "all of it compiles, for the host and for WebAssembly, with lints and warnings as errors",
        tier: Tier::Quick,
        after: None,
        run: clippy,
    },
    Stage {
        name: "types",
        checks: "types of the boot scripts (src/boot)",
        tier: Tier::Quick,
        after: None,
        run: |_| boot::check(),
    },
    Stage {
        name: "unit",
        checks: "unit and property tests on the host",
        tier: Tier::Quick,
        after: None,
        run: unit,
    },
    Stage {
        name: "postgres",
        checks: "part of the backend's suite on PostgreSQL, where that is installed",
        tier: Tier::Default,
        after: None,
        run: |_| postgres(),
    },
    Stage {
        name: "component",
        checks: "components and pages mounted in headless Chromium",
        tier: Tier::Quick,
        after: None,
        run: |_| component(),
    },
    Stage {
        name: "build",
        checks: "the bundles build; with --full also the servers in release",
        tier: Tier::Default,
        after: None,
        run: build,
    },
    Stage {
        name: "size",
        checks: "downloads within budget.toml",
        tier: Tier::Default,
        after: Some("build"),
        run: |_| size::check(),
    },
    Stage {
        name: "e2e",
        checks: "the built product driven in Chromium, and its main ways in Firefox and WebKit; \
                 with --full all of it in every engine",
        tier: Tier::Default,
        after: Some("build"),
        run: e2e::every_engine,
    },
    Stage {
        name: "pictures",
        checks: "every fixture looks as its accepted picture",
        tier: Tier::Full,
        after: Some("build"),
        run: |_| pictures::compare(false),
    },
    Stage {
        name: "deny",
        checks: "licences, sources and advisories of all dependencies (deny.toml)",
        tier: Tier::Full,
        after: None,
        run: |_| deny::check(),
    },
];

enum Outcome {
    Passed,
    Failed(String),
    Skipped(&'static str),
}

/// Runs the stages and prints a line for each.
///
/// # Errors
/// When a stage fails, or one was asked for that does not exist.
pub fn run(options: &Options) -> Result<()> {
    if options.list {
        for Stage { name, checks, tier, .. } in &STAGES {
            let option = match tier {
                Tier::Quick => "--quick",
                Tier::Default => "",
                Tier::Full => "--full",
            };
            println!("{name:<11} {option:<8} {checks}");
        }
        return Ok(());
    }
    let tier = options.tier();
    let chosen = choose(&options.only, tier)?;
    let started = Instant::now();
    let mut results: Vec<(&Stage, Outcome, Duration)> = Vec::new();
    for stage in chosen {
        let failed = |name: &&str| {
            results.iter().any(|(stage, outcome, _)| {
                stage.name == *name && !matches!(outcome, Outcome::Passed)
            })
        };
        let began = Instant::now();
        let outcome = match stage.after.filter(|name| failed(name)) {
            Some(needed) => Outcome::Skipped(needed),
            None => {
                println!("\n== {}: {}", stage.name, stage.checks);
                match (stage.run)(tier) {
                    Ok(()) => Outcome::Passed,
                    Err(error) => Outcome::Failed(format!("{error:#}")),
                }
            }
        };
        if let Outcome::Failed(why) = &outcome {
            println!("{}: {why}", stage.name);
        }
        results.push((stage, outcome, began.elapsed()));
    }
    report(&results, started.elapsed())
}

/// The stages of a tier, or those that were asked for by name.
fn choose(only: &[String], tier: Tier) -> Result<Vec<&'static Stage>> {
    for name in only {
        if !STAGES.iter().any(|stage| stage.name == name) {
            let names: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
            bail!("there is no stage {name}; there are {}", names.join(", "));
        }
    }
    let wanted = |stage: &&Stage| match only {
        [] => stage.tier <= tier,
        names => names.iter().any(|name| stage.name == name),
    };
    Ok(STAGES.iter().filter(wanted).collect())
}

fn report(results: &[(&Stage, Outcome, Duration)], total: Duration) -> Result<()> {
    println!();
    let mut failed = 0;
    for (stage, outcome, time) in results {
        let said = match outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Failed(why) => format!("FAILED   {why}"),
            Outcome::Skipped(needed) => format!("not run, because {needed} failed"),
        };
        failed += usize::from(!matches!(outcome, Outcome::Passed));
        println!("{:<11} {:>8}  {said}", stage.name, clock(*time));
    }
    println!("{:<11} {:>8}", "total", clock(total));
    println!("{} passed, {failed} failed", results.len() - failed);
    if failed > 0 {
        // The lines above say everything; an error would repeat them.
        std::process::exit(1);
    }
    Ok(())
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}m {:02}.{}s", seconds / 60, seconds % 60, time.subsec_millis() / 100)
}

/// Runs all of them even when one fails, to report every fault at once.
fn all(commands: impl IntoIterator<Item = Result<Command>>) -> Result<()> {
    let mut faults = Vec::new();
    for command in commands {
        if let Err(fault) = process::run(command?) {
            faults.push(fault.to_string());
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("; "));
    }
    Ok(())
}

fn fmt() -> Result<()> {
    process::run(process::cargo(["fmt", "--all", "--check"])?)
}

/// Compiles what the stages run, and what an end user gets, with lints.
fn clippy(tier: Tier) -> Result<()> {
    crate::tools::ensure()?;
    let cargo =
        |arguments: &[&'static str]| process::cargo(arguments.iter().copied()).map(process::linted);
    let in_browser = |what: &[&'static str]| {
        let arguments =
            [&["build", "--locked", "--features", "csr", "--target", WASM], what].concat();
        cargo(&arguments).map(process::with_own_flags)
    };
    let commands = [
        cargo(&[&WORKSPACE[..], &["--no-run"]].concat()),
        cargo(&[&e2e::HARNESS[..], &["--lib", "--bins"], &e2e::SUITE, &["--no-run"]].concat()),
        // As the end user gets it; with what its tests show of it; the studio.
        in_browser(&["-p", "consent-screen", "--lib", "--bins"]),
        cargo(&[&COMPONENTS[..], &["--no-run"]].concat()).map(process::with_own_flags),
        in_browser(&["-p", "consent-studio", "--lib", "--bins"]),
    ];
    // As a server is released: the workspace has the screen with the preview, too.
    let server = (tier == Tier::Full).then(|| {
        cargo(&["build", "--locked", "-p", "consent-screen", "--features", "ssr", "--all-targets"])
    });
    all(commands.into_iter().chain(server))
}

/// The whole workspace in one go, where the screen has the features of a server and of the preview.
/// What it does without them is tested in a browser ([`component`]). Not with the scenes: their dependencies
/// give serde_json the feature `preserve_order`, which what is deployed does not have.
const WORKSPACE: [&str; 6] =
    ["test", "--locked", "--no-fail-fast", "--workspace", "--exclude", "consent-e2e"];

/// The component tests, as cargo takes them.
const COMPONENTS: [&str; 10] = [
    "test",
    "--locked",
    "-p",
    "consent-screen",
    "--features",
    "csr,preview",
    "--target",
    WASM,
    "--test",
    "*",
];

/// The modules of the backend's suite that run on PostgreSQL, too: what writes or reads the database, and does
/// not do so in files of SQLite.
const ON_POSTGRES: [&str; 49] = [
    "account::leave::",
    "account::page::",
    "account::receipt::",
    "account::sessions::",
    "account::withdraw::",
    "admin_api::",
    "agreements::",
    "asking_again::",
    "auto_login::",
    "channels::",
    "client::",
    "codes::",
    "confirm::",
    "decisions::",
    "explain::",
    "guardian::",
    "instances::",
    "items::",
    "kakao::admin::",
    "kakao::channels::",
    "kakao::connection::",
    "kakao::token::",
    "keys::",
    "leases::",
    "linking::",
    "managed_services::",
    "messenger_events::",
    "oidc_logout::",
    "provider_sign_in::accounts::",
    "provider_sign_in::freshness::",
    "pushed_requests::",
    "refresh::",
    "refused::",
    "revocation::",
    "sign_up::",
    "standard_scopes::",
    "tokens::",
    "traces::",
    "typed::",
    "userinfo::",
    "webhooks::delivery::",
    "webhooks::erasure::",
    "webhooks::events::",
    "webhooks::expiry::",
    "webhooks::inspection::",
    "webhooks::kakao::",
    "webhooks::lifecycle::",
    "webhooks::process::",
    "when_missing::",
];

/// How many tests run at once. They wait more than they compute: for processes, deadlines and disks, for a
/// user to have seen the page.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| 2 * cores.get())
}

fn unit(tier: Tier) -> Result<()> {
    let mut test = process::linted(process::cargo(WORKSPACE)?);
    test.env("RUST_TEST_THREADS", threads().to_string());
    if tier == Tier::Full {
        // Every edit of a configuration instead of a sample of them.
        test.env("CONSENT_TEST_FULL", "1");
    }
    process::run(test)
}

/// With the packages and features of the stage `unit`, which has compiled the suite then.
fn postgres() -> Result<()> {
    if process::find("initdb").is_none() && !Path::new("/usr/lib/postgresql").is_dir() {
        println!("not run: PostgreSQL (initdb, postgres) is not installed");
        return Ok(());
    }
    let suite = ["--test", "suite", "--"];
    let mut test =
        process::linted(process::cargo([&WORKSPACE[..], &suite, &ON_POSTGRES].concat())?);
    test.env("CONSENT_TEST_DATABASE", "postgres");
    test.env("RUST_TEST_THREADS", threads().to_string());
    process::run(test)
}

fn build(tier: Tier) -> Result<()> {
    if tier == Tier::Full { bundle::product() } else { bundle::bundles() }
}

fn component() -> Result<()> {
    crate::tools::ensure()?;
    browser::ensure(Engine::Chromium)?;
    let mut test = process::with_own_flags(process::linted(process::cargo(COMPONENTS)?));
    // The runner reads webdriver.json beside Cargo.toml; chromedriver makes a new profile.
    browser::set_driver(&mut test, Engine::Chromium)?;
    // Chromium leaves its folders there, and this removes them.
    let temporary = tempfile::tempdir()?;
    test.env("TMPDIR", temporary.path());
    process::run(test)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_run_after_the_stages_they_need() {
        for (position, stage) in STAGES.iter().enumerate() {
            if let Some(needed) = stage.after {
                let before = STAGES[..position].iter().any(|earlier| earlier.name == needed);
                assert!(before, "{} needs {needed}, which runs later", stage.name);
            }
        }
    }

    #[test]
    fn an_unknown_stage_is_refused_with_the_names_there_are() {
        let Err(error) = choose(&["e3e".into()], Tier::Default) else {
            panic!("there is no stage e3e")
        };
        assert!(error.to_string().contains("there are fmt, invariants"), "{error}");
        let chosen = choose(&["size".into(), "fmt".into()], Tier::Quick).expect("both exist");
        let names: Vec<&str> = chosen.iter().map(|stage| stage.name).collect();
        assert_eq!(names, ["fmt", "size"]);
    }

    #[test]
    fn a_quick_run_needs_no_bundle() {
        let chosen = choose(&[], Tier::Quick).expect("nothing unknown was asked for");
        let names: Vec<&str> = chosen.iter().map(|stage| stage.name).collect();
        assert_eq!(names, ["fmt", "invariants", "clippy", "types", "unit", "component"]);
        let everything = choose(&[], Tier::Full).expect("the same");
        assert_eq!(everything.len(), STAGES.len());
    }
}
