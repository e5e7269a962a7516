//! `cargo xtask lighthouse`: how fast the studio's gallery is on a phone, as Lighthouse estimates it.

use crate::run::servers::Servers;
use crate::workspace::{self, Profile};
use crate::{browser, bundle, process, tools};
use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The least performance: 0 to 1.
const MIN_PERFORMANCE: f64 = 0.95;

/// The most time for which tasks may block the page, in milliseconds: below it Lighthouse calls a page good.
const MAX_BLOCKING: f64 = 200.0;

/// What is measured, and how often.
#[derive(Args)]
pub struct Options {
    /// How many times the page is loaded; the medians are judged
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
    /// The page, where it is served already [default: the gallery of a demo that is built and started]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// The figures of one run. Times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Figures {
    performance: f64,
    blocking: f64,
    first_paint: f64,
    largest_paint: f64,
}

/// Measures the gallery of the studio as a phone with a slow line and a slow processor.
///
/// # Errors
/// When it cannot be built or measured, or a median is worse than its gate.
pub fn run(options: &Options) -> Result<()> {
    browser::ensure(browser::Engine::Chromium)?;
    let lighthouse = tools::Extra::Lighthouse.ensure()?;
    let chromium = browser::program().context("no Chromium")?;
    let out = workspace::root().join("target/lighthouse");
    fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    // It ends when the measuring does.
    let (_server, url) = match &options.url {
        Some(url) => (None, url.clone()),
        None => {
            bundle::demo()?;
            let (server, origin) = demo(&out)?;
            (Some(server), format!("{origin}/studio/"))
        }
    };
    println!("Measuring {url} (half a minute for each run): leave the machine alone");
    let mut all = Vec::new();
    for number in 1..=options.runs {
        let report = out.join(format!("{number}.json"));
        // Chromium's trace can lack the beginning of a load (NO_NAVSTART). Nothing was measured then, slow or not.
        measure(&lighthouse, &chromium, &url, &report).or_else(|fault| {
            println!("run {number} again: {fault:#}");
            measure(&lighthouse, &chromium, &url, &report)
        })?;
        let figures = read(&fs::read_to_string(&report)?)
            .with_context(|| format!("in {}", report.display()))?;
        println!("run {number}: {}", described(figures));
        all.push(figures);
    }
    judge(&all)
}

/// Starts the demo on a free port, with a database of its own.
fn demo(out: &Path) -> Result<(Servers, String)> {
    let data = out.join("data");
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| data.display().to_string())?;
    }
    let mut servers = Servers::new()?;
    let mut backend = process::program(workspace::backend(Profile::Debug)?)?;
    backend.args(["--demo", "--listen", "127.0.0.1:0", "--dist"]).arg(workspace::dist());
    backend.arg("--studio").arg(workspace::studio()).arg("--data-dir").arg(data);
    // A line for each file that is loaded would hide the figures.
    backend.env("RUST_LOG", "warn");
    let origin = servers.start("the backend", backend)?;
    Ok((servers, origin))
}

fn measure(lighthouse: &PathBuf, chromium: &PathBuf, url: &str, report: &Path) -> Result<()> {
    let mut command = process::program("node")?;
    // As a phone: that is Lighthouse's own setting.
    command.arg(lighthouse).arg(url).args(["--only-categories=performance", "--output=json"]);
    command.arg(format!("--output-path={}", report.display())).arg("--quiet");
    // A container may have neither a sandbox nor much shared memory.
    command.arg("--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage");
    command.env("CHROME_PATH", chromium);
    // Nothing is sent to its authors.
    command.arg("--no-enable-error-reporting");
    process::run(command)
}

fn read(report: &str) -> Result<Figures> {
    let report: Value = serde_json::from_str(report)?;
    if let Some(message) = report.pointer("/runtimeError/message").and_then(Value::as_str) {
        anyhow::bail!("Lighthouse could not measure: {message}");
    }
    let number = |at: &str| {
        report.pointer(at).and_then(Value::as_f64).with_context(|| format!("no number at {at}"))
    };
    Ok(Figures {
        performance: number("/categories/performance/score")?,
        blocking: number("/audits/total-blocking-time/numericValue")?,
        first_paint: number("/audits/first-contentful-paint/numericValue")?,
        largest_paint: number("/audits/largest-contentful-paint/numericValue")?,
    })
}

fn described(figures: Figures) -> String {
    let Figures { performance, blocking, first_paint, largest_paint } = figures;
    format!(
        "performance {performance:.2}, total blocking time {blocking:.0} ms, \
         first paint {first_paint:.0} ms, largest paint {largest_paint:.0} ms"
    )
}

fn judge(all: &[Figures]) -> Result<()> {
    let performance = median(all.iter().map(|it| it.performance));
    let blocking = median(all.iter().map(|it| it.blocking));
    println!("median: performance {performance:.2}, total blocking time {blocking:.0} ms");
    ensure!(
        performance >= MIN_PERFORMANCE,
        "the performance is {performance:.2}, below {MIN_PERFORMANCE}"
    );
    ensure!(
        blocking < MAX_BLOCKING,
        "tasks block the page for {blocking:.0} ms, of less than {MAX_BLOCKING:.0} ms"
    );
    Ok(())
}

/// Of an even number the worse one of both in the middle is not known: their mean.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(performance: f64, blocking: f64) -> Figures {
        Figures { performance, blocking, first_paint: 900.0, largest_paint: 1500.0 }
    }

    #[test]
    fn the_medians_are_judged() {
        let good = [of(0.99, 60.0), of(0.60, 900.0), of(0.95, 199.0)];
        judge(&good).expect("one bad run of three is chance");
        let slow = judge(&[of(0.94, 60.0), of(0.94, 60.0), of(1.0, 0.0)]).expect_err("slow");
        assert_eq!(slow.to_string(), "the performance is 0.94, below 0.95");
        let blocked = judge(&[of(0.99, 100.0), of(0.99, 300.0)]).expect_err("blocked");
        assert_eq!(blocked.to_string(), "tasks block the page for 200 ms, of less than 200 ms");
    }

    #[test]
    fn a_report_is_read() {
        let report = serde_json::json!({
            "categories": { "performance": { "score": 0.98 } },
            "audits": {
                "total-blocking-time": { "numericValue": 81.5 },
                "first-contentful-paint": { "numericValue": 900 },
                "largest-contentful-paint": { "numericValue": 1500 },
            },
        });
        assert_eq!(read(&report.to_string()).expect("figures"), of(0.98, 81.5));
        let none = serde_json::json!({ "runtimeError": { "message": "no page" } });
        let error = read(&none.to_string()).expect_err("no figures").to_string();
        assert_eq!(error, "Lighthouse could not measure: no page");
    }
}
