//! `cargo xtask`: the only automation of this repository.

mod bench;
mod boot;
mod browser;
mod bundle;
mod cargo_lock;
mod conformance;
mod css;
mod deny;
mod e2e;
mod fuzz;
mod hosting;
mod invariants;
mod lighthouse;
mod lint;
mod package;
mod pictures;
mod precompress;
mod process;
mod remap;
mod run;
mod screenshots;
mod size;
mod test;
mod tools;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and start the demo
    Run(run::Options),
    /// Run every check
    Test(test::Options),
    /// Measure what an end user downloads, against budget.toml
    Size,
    /// Measure the screen beside others, and the backend under load; writes docs/BENCH.md
    Bench(bench::Options),
    /// Measure how fast the studio's gallery is on a phone, with Lighthouse
    Lighthouse(lighthouse::Options),
    /// Drive the built product through one real browser
    E2e(e2e::Options),
    /// Build one static program with the screen and the studio inside, into target/package
    Package(package::Options),
    /// Run the tests of docs/COMPATIBILITY.md, and print what of the protocols is supported
    Conformance,
    /// Fuzz the parsers and rules, from the seeds in fuzz/
    Fuzz(fuzz::Options),
    /// Check licences, sources, bans and advisories of all dependencies, against deny.toml
    Deny,
    /// Check a screen's data against the rules of consent
    Lint(lint::Options),
    /// Compare how every fixture looks with the accepted pictures, or accept them
    Pictures(pictures::Options),
    /// Take screenshots of the screen's main states, or of one case
    Screenshots(screenshots::Options),
    /// Call Trunk with the right tools: `cargo xtask trunk serve` while working on the screen
    Trunk {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Join the style sheets into the one file that index.html links (Trunk's pre_build hook)
    Css,
    /// Inline the style sheet and compress the bundle (Trunk's post_build hook)
    Finish,
    /// Compress the preview studio's bundle (its post_build hook)
    FinishStudio,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Returned from main, it would drown in a backtrace when RUST_BACKTRACE is set.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Run(options) => run::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Size => bundle::screen().and_then(|()| size::check()),
        Command::Bench(options) => bench::run(&options),
        Command::Lighthouse(options) => lighthouse::run(&options),
        Command::E2e(options) => e2e::run(&options),
        Command::Package(options) => package::run(&options),
        Command::Conformance => conformance::run(),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Deny => deny::check(),
        Command::Lint(options) => lint::run(&options),
        Command::Pictures(options) => pictures::run(&options),
        Command::Screenshots(options) => screenshots::run(&options),
        Command::Trunk { arguments } => bundle::trunk(&arguments),
        Command::Css => css::write(),
        Command::Finish => bundle::finish(),
        Command::FinishStudio => bundle::finish_studio(),
    }
}
