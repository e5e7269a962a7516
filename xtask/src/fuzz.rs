//! `cargo xtask fuzz`: runs the targets of `fuzz/` with libFuzzer.

use crate::{process, tools, workspace};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// What to try and for how long.
#[derive(Args)]
pub struct Options {
    /// This target only; every target when none is named
    target: Option<String>,
    /// How long each target is tried
    #[arg(long, default_value_t = 30)]
    seconds: u64,
}

/// Runs each target on its seeds and what it makes of them. What finds new ways through the code is
/// kept in `fuzz/corpus`, so the next run goes on from there; what breaks an invariant, in
/// `fuzz/artifacts`. Git ignores both.
///
/// # Errors
/// When a target was broken or cannot be built.
pub fn run(options: &Options) -> Result<()> {
    let targets = chosen(&targets(&workspace::root())?, options.target.as_deref())?;
    tools::Extra::CargoFuzz.ensure()?;
    // cargo-fuzz would change the lock file without a word.
    let manifest = workspace::root().join("fuzz/Cargo.toml");
    let mut fetch = process::cargo(["fetch", "--locked", "--manifest-path"])?;
    fetch.arg(manifest);
    process::run(fetch)?;
    let mut said = Vec::new();
    let mut broken = Vec::new();
    for target in &targets {
        println!("\n== {target}, {} s", options.seconds);
        let found = fuzz(target, options.seconds)?;
        said.push(format!("{target:<15} {}", found.said()));
        if found.broken {
            broken.push(target.as_str());
        }
    }
    println!("\n{}", said.join("\n"));
    if !broken.is_empty() {
        bail!(
            "{}: the inputs are in fuzz/artifacts; keep them in fuzz/seeds once they are fixed",
            broken.join(", ")
        );
    }
    Ok(())
}

/// The targets are the folders of seeds.
fn targets(root: &Path) -> Result<Vec<String>> {
    let seeds = root.join("fuzz/seeds");
    let folders = fs::read_dir(&seeds).with_context(|| format!("reading {}", seeds.display()))?;
    let mut targets = Vec::new();
    for folder in folders {
        targets.push(folder?.file_name().to_string_lossy().into_owned());
    }
    targets.sort();
    Ok(targets)
}

fn chosen(targets: &[String], wanted: Option<&str>) -> Result<Vec<String>> {
    match wanted {
        None => Ok(targets.to_vec()),
        Some(wanted) if targets.iter().any(|target| target == wanted) => Ok(vec![wanted.into()]),
        Some(wanted) => bail!("there is no target {wanted}; there are {}", targets.join(", ")),
    }
}

/// The backend takes ten minutes to build, and two targets need it.
fn features(target: &str) -> &'static str {
    match target {
        "authorize" | "cookies" => "targets,backend",
        _ => "targets",
    }
}

fn fuzz(target: &str, seconds: u64) -> Result<Found> {
    let corpus = format!("fuzz/corpus/{target}");
    fs::create_dir_all(workspace::root().join(&corpus))?;
    let mut fuzz = process::cargo(["fuzz", "run"])?;
    // Without a sanitizer the stable compiler does: the checks are about rules, and our code has
    // no unsafe code for a sanitizer to find.
    fuzz.args(["--sanitizer", "none", "--no-default-features", "--features"]);
    fuzz.args([features(target), target, &corpus]);
    fuzz.arg(format!("fuzz/seeds/{target}")).arg("--");
    fuzz.arg(format!("-max_total_time={seconds}"));
    // The longest seeds and no more: what is long is slow, and says nothing new.
    fuzz.args(["-max_len=8192", "-timeout=10", "-print_funcs=0", "-print_final_stats=1"]);
    let mut child = process::with_own_flags(fuzz)
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start cargo fuzz")?;
    let mut found = Found::default();
    let lines = BufReader::new(child.stderr.take().expect("it was piped"));
    let mut started = Instant::now();
    for line in lines.split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        if line.starts_with("INFO: Seed") {
            // What was built until now is not counted.
            started = Instant::now();
        }
        // One for each new way: hundreds, which say nothing to a reader.
        if !found.read(&line) {
            eprintln!("{line}");
        }
    }
    found.broken = !child.wait()?.success();
    found.took = started.elapsed();
    Ok(found)
}

/// What libFuzzer said of a run.
#[derive(Debug, Default, PartialEq)]
struct Found {
    executions: u64,
    /// Edges of the code that were reached: by the seeds and what earlier runs left, and in the end.
    covered: Option<(u64, u64)>,
    /// Inputs that found a new way.
    inputs: u64,
    broken: bool,
    took: Duration,
}

impl Found {
    /// Takes in a line such as `#4096 NEW cov: 812 ft: 2210 corp: 90/9Kb …`. Whether that is all
    /// there is to it.
    fn read(&mut self, line: &str) -> bool {
        let number = |text: &str| text.trim().parse::<u64>().ok();
        if let Some((name, value)) = line.strip_prefix("stat::").and_then(|it| it.split_once(':')) {
            match name {
                "number_of_executed_units" => self.executions = number(value).unwrap_or(0),
                "new_units_added" => self.inputs = number(value).unwrap_or(0),
                _ => {}
            }
            return true;
        }
        if !line.starts_with('#') {
            return false;
        }
        let mut words = line.split_whitespace();
        if words.find(|word| *word == "cov:").is_some()
            && let Some(edges) = words.next().and_then(number)
        {
            // What is read before INITED are the seeds.
            self.covered = match self.covered {
                Some((before, _)) if !line.contains("INITED") => Some((before, edges)),
                _ => Some((edges, edges)),
            };
        }
        true
    }

    fn said(&self) -> String {
        let (before, after) = self.covered.unwrap_or_default();
        format!(
            "{} executions in {} s, {} new inputs, {after} edges covered, {} of them new{}",
            self.executions,
            self.took.as_secs(),
            self.inputs,
            after - before,
            if self.broken { ", BROKEN" } else { "" }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_reported_in_numbers() {
        let mut found = Found::default();
        assert!(!found.read("INFO: Seed: 1"));
        assert!(found.read("#2\tpulse  cov: 700 ft: 1 corp: 1/1b exec/s: 0 rss: 41Mb"));
        assert!(found.read("#30\tINITED cov: 800 ft: 2000 corp: 28/9Kb exec/s: 0 rss: 42Mb"));
        assert!(found.read("#4096\tNEW    cov: 812 ft: 2210 corp: 90/9Kb lim: 4 exec/s: 9"));
        assert!(found.read("stat::number_of_executed_units: 5000"));
        assert!(found.read("stat::new_units_added:          62"));
        assert!(!found.read("thread panicked at fuzz/src/name.rs:1"));
        assert_eq!(
            found.said(),
            "5000 executions in 0 s, 62 new inputs, 812 edges covered, 12 of them new"
        );
        found.broken = true;
        assert!(found.said().ends_with(", BROKEN"));
    }

    #[test]
    fn a_target_that_there_is_not_is_refused_with_those_there_are() {
        let targets = targets(&workspace::root()).expect("fuzz/seeds is there");
        let error = chosen(&targets, Some("nmae")).expect_err("misspelt").to_string();
        assert!(
            error
                .contains("there are authorize, consent_state, cookies, decision, form_cost, name"),
            "{error}"
        );
        assert_eq!(chosen(&targets, Some("name")).expect("there is"), ["name"]);
        assert_eq!(chosen(&targets, None).expect("all"), targets);
    }

    #[test]
    fn every_folder_of_seeds_is_of_a_program() {
        let root = workspace::root();
        for target in targets(&root).expect("fuzz/seeds is there") {
            assert!(root.join(format!("fuzz/targets/{target}.rs")).is_file(), "{target}");
        }
    }
}
