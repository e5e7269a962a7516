//! `cargo xtask`: the only automation of this repository.

mod bench;
mod boot;
mod browser;
mod bundle;
mod css;
mod e2e;
mod fuzz;
mod lint;
mod pictures;
mod precompress;
mod process;
mod run;
mod short_names;
mod size;
mod small;
mod test;
mod tidy;
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
    /// Drive the built product through one real browser
    E2e(e2e::Options),
    /// Try to break the parsers and rules with made up bytes, from the seeds in fuzz/
    Fuzz(fuzz::Options),
    /// Say what the rules of consent find in a screen's data
    Lint(lint::Options),
    /// Photograph the screen's main states
    Pictures(pictures::Options),
    /// Call Trunk with the right tools: `cargo xtask trunk serve` while working on the screen
    Trunk {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Join the style sheets into the one file that index.html links (Trunk's pre_build hook)
    Css,
    /// Shorten names and compress what was bundled (Trunk's post_build hook)
    Finish,
    /// Compress what was bundled of the preview studio (its post_build hook)
    FinishStudio,
}

fn main() -> ExitCode {
    match obey(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not by returning it: with RUST_BACKTRACE set, the words would drown.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey(command: Command) -> Result<()> {
    match command {
        Command::Run(options) => run::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Size => bundle::screen().and_then(|()| size::check()),
        Command::Bench(options) => bench::run(&options),
        Command::E2e(options) => e2e::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Lint(options) => lint::run(&options),
        Command::Pictures(options) => pictures::take(&options),
        Command::Trunk { arguments } => bundle::trunk(&arguments),
        Command::Css => css::write(),
        Command::Finish => bundle::finish(),
        Command::FinishStudio => bundle::finish_studio(),
    }
}
