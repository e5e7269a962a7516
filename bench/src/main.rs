//! Measures the built product beside the same screen written with other frameworks, and the
//! backend under load. `cargo xtask bench` builds everything and starts this.

mod attack;
mod attacks;
mod backend;
mod bare;
mod browser;
mod client;
mod cluster;
mod configuration;
mod contender;
mod data_growth;
mod data_rows;
mod database;
mod figures;
mod growth;
mod load;
mod log;
mod mounting;
mod page;
mod plot;
mod profile;
mod report;
mod results;
mod run;
mod sealing_load;
mod statistics;
mod token_load;
mod visit;
mod webhook_load;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use contender::Contender;
use results::{PARTS, Results};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(about)]
enum Arguments {
    /// Measure
    Measure(Options),
    #[command(flatten)]
    Own(Own),
}

#[derive(Subcommand)]
enum Own {
    /// Serve so many bytes and nothing else: what the load is compared with
    #[command(hide = true)]
    Bare { bytes: usize },
    /// Attack a backend on this machine, for a minute at most
    #[command(hide = true)]
    Attack(attack::Options),
}

/// What is measured, with what.
#[derive(clap::Args)]
pub struct Options {
    /// A directory with a built screen for each contender
    #[arg(long, value_name = "DIR")]
    contenders: PathBuf,
    /// The backend's program
    #[arg(long, value_name = "FILE")]
    backend: PathBuf,
    /// Chromium's program
    #[arg(long, value_name = "FILE", default_value = "chromium")]
    chromium: PathBuf,
    /// What was measured last, and where the results go
    #[arg(long, value_name = "FILE")]
    results: PathBuf,
    /// The document that the tables go into
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Where the picture goes
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// How many times everything is visited
    #[arg(long, value_name = "N", default_value_t = 9)]
    rounds: usize,
    /// Two rounds and a tenth of everything else: shows that it works, not how fast
    #[arg(long)]
    quick: bool,
    /// Measure this part only: page, growth, mounting, load or growing-data (may be given several times)
    #[arg(long, value_name = "PART")]
    only: Vec<String>,
    /// How many decisions the largest database of growing-data has. The smallest has 10000, each further one
    /// ten times as many; what would need more than 10 GB is left out
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    decisions: u64,
    /// Visit this contender only (may be given several times)
    #[arg(long, value_name = "NAME")]
    contender: Vec<String>,
    /// Fail when a figure is missed
    #[arg(long)]
    gate: bool,
}

impl Options {
    fn rounds(&self) -> usize {
        if self.quick { self.rounds.min(2) } else { self.rounds }
    }

    /// A number, or a tenth of it when it must be quick.
    fn share(&self, of: usize) -> usize {
        if self.quick { of.div_ceil(10) } else { of }
    }

    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|it| it == part)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse() {
        Arguments::Own(Own::Bare { bytes }) => bare::serve(bytes).await.map(|()| true),
        Arguments::Own(Own::Attack(options)) => attack::run(&options).await.map(|()| true),
        Arguments::Measure(options) => measure(&options).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and writes everything; says whether that is a success.
async fn measure(options: &Options) -> Result<bool> {
    for part in &options.only {
        ensure!(PARTS.contains(&&**part), "there is no part {part}; there are {PARTS:?}");
    }
    let mut contenders = Contender::all(&options.contenders)?;
    if !options.contender.is_empty() {
        contenders.retain(|it| options.contender.iter().any(|name| name == it.name));
    }
    let mut results = Results::last(&options.results);
    results.failures.clear();
    for part in PARTS.into_iter().filter(|part| options.wants(part)) {
        run::part(part, options, &contenders, &mut results).await?;
        // After each: an hour's work is not lost with the next part.
        fs::write(&options.results, serde_json::to_string_pretty(&results)?)?;
    }
    if let Some(report) = &options.report {
        let text = fs::read_to_string(report).with_context(|| report.display().to_string())?;
        fs::write(report, report::splice(&text, &report::tables(&results))?)?;
    }
    if let (Some(plot), Some(svg)) = (&options.plot, plot::usable(&results)) {
        fs::write(plot, svg).with_context(|| plot.display().to_string())?;
    }
    let figures = figures::all(&results);
    println!();
    for figure in &figures {
        let met = if figure.met { "met   " } else { "MISSED" };
        println!("{met}  {}: {}", figure.what, figure.measured);
    }
    for failure in &results.failures {
        println!("failed  {failure}");
    }
    for part in PARTS.into_iter().filter(|part| options.wants(part)) {
        for what in results.left_out.get(part).into_iter().flatten() {
            println!("left out  {part}: {what}");
        }
        print!("{}", report::of_part(part, &results));
    }
    let good = figures.iter().all(|figure| figure.met) && results.failures.is_empty();
    Ok(good || !options.gate)
}
