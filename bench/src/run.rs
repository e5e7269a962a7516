//! The parts of a run: who is visited when, and what is kept of it.

use crate::Options;
use crate::backend::{Backend, UNLIMITED};
use crate::browser::Browser;
use crate::client::Client;
use crate::configuration::{SHOP, service_of};
use crate::contender::{Contender, SERVER_RENDERED};
use crate::data_growth::Plan;
use crate::growth::{self, SIZES};
use crate::profile::{self, FAST_4G, SLOW_4G};
use crate::results::{GrowthResult, MountingResult, PageResult, Results};
use crate::statistics::Summary;
use crate::{attacks, data_growth, load, mounting, sealing_load, visit, webhook_load};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::time::timeout;

/// How long one visit may take before it counts as failed.
const VISIT: Duration = Duration::from_secs(240);

/// People who may be asked, for each backend: more than any number of rounds needs.
const PEOPLE: usize = 2000;

/// How many people are quicker than the app, and how many requests are sent of each kind.
const MOUNT_RUNS: usize = 100;
const REQUESTS: usize = 2000;

/// Decisions in the smallest database, and how often each request is measured in each.
const SMALLEST_DATA: u64 = 10_000;
const TIMES: usize = 500;

/// How many events are delivered.
const EVENTS: usize = 1000;

/// How many honest decisions are measured beside each attacker.
const HONEST_DECISIONS: usize = 1000;

/// Runs one part and puts what it finds in the place of what was found last.
///
/// # Errors
/// When a program does not start, or a contender was never visited to the end.
pub async fn part(
    part: &str,
    options: &Options,
    contenders: &[Contender],
    results: &mut Results,
) -> Result<()> {
    match part {
        "page" => pages(options, contenders, results).await,
        "growth" => grow(options, contenders, results).await,
        "mounting" => mount(options, contenders, results).await,
        "load" => put_under_load(options, contenders, results).await,
        "growing-data" => grow_data(options, contenders, results).await,
        _ => bail!("there is no part {part}"),
    }
}

async fn put_under_load(
    options: &Options,
    contenders: &[Contender],
    results: &mut Results,
) -> Result<()> {
    let Some(dist) = server_rendered(contenders) else { return Ok(()) };
    let program = &options.backend;
    let measured = load::measure(program, dist, options.share(REQUESTS)).await?;
    (results.load, results.stored) = (measured.load, measured.stored);
    results.note_postgres(measured.postgres);
    results.left_out.insert("load".to_owned(), measured.left_out);
    let each = options.share(EVENTS);
    results.webhooks = Some(webhook_load::measure(program, dist, each).await?);
    results.sealing = Some(sealing_load::measure(program, dist, each).await?);
    let each = options.share(HONEST_DECISIONS);
    results.attacks = attacks::measure(program, dist, each).await?;
    Ok(())
}

async fn grow_data(
    options: &Options,
    contenders: &[Contender],
    results: &mut Results,
) -> Result<()> {
    let Some(dist) = server_rendered(contenders) else { return Ok(()) };
    // Quickly: from a tenth of the smallest size to the smallest.
    let (from, to) = match options.quick {
        true => (SMALLEST_DATA / 10, SMALLEST_DATA),
        false => (SMALLEST_DATA, options.decisions.max(SMALLEST_DATA)),
    };
    let sizes: Vec<u64> = std::iter::successors(Some(from), |it| it.checked_mul(10))
        .take_while(|it| *it <= to)
        .collect();
    let (program, each) = (&options.backend, options.share(TIMES));
    let plan = Plan { program, dist, sizes: &sizes, each };
    let measured = data_growth::measure(&plan).await?;
    (results.growing_data, results.data_sizes) = (measured.latencies, measured.sizes);
    results.note_postgres(measured.postgres);
    results.left_out.insert("growing-data".to_owned(), measured.left_out);
    Ok(())
}

fn server_rendered(contenders: &[Contender]) -> Option<&Path> {
    contenders.iter().find(|it| it.name == SERVER_RENDERED).map(|it| &*it.dist)
}

/// A contender with its backend and a connection to it.
struct Running<'a> {
    contender: &'a Contender,
    backend: Backend,
    client: Client,
}

async fn start<'a>(
    options: &Options,
    contenders: &'a [Contender],
    terms: &[usize],
) -> Result<Vec<Running<'a>>> {
    let mut running = Vec::new();
    for contender in contenders {
        let backend =
            Backend::start(&options.backend, &contender.dist, terms, PEOPLE, &UNLIMITED).await?;
        let client = Client::connect(&backend.address).await?;
        running.push(Running { contender, backend, client });
    }
    Ok(running)
}

async fn pages(options: &Options, contenders: &[Contender], results: &mut Results) -> Result<()> {
    let mut running = start(options, contenders, &[]).await?;
    let mut samples: BTreeMap<(usize, usize), BTreeMap<String, Vec<f64>>> = BTreeMap::new();
    let rounds = options.rounds();
    for round in 0..rounds {
        // A new profile for each round; a new context with an empty cache for each visit.
        let browser = Browser::start(&options.chromium).await?;
        if round == 0 {
            results.machine = machine(&browser, rounds).await?;
        }
        for (line, (name, profile)) in profile::ALL.into_iter().enumerate() {
            for turn in 0..running.len() {
                // The first in one round is last in another.
                let who = (turn + round) % running.len();
                let Running { contender, backend, client } = &mut running[who];
                let label = format!("{} {name}, round {} of {rounds}", contender.name, round + 1);
                eprintln!("page: {label}");
                let question = backend.ask(client, SHOP, true).await?;
                let visit = visit::measure(&browser, contender, profile, &question);
                match timeout(VISIT, visit).await.context("it takes too long").and_then(|it| it) {
                    Ok(measured) => {
                        let all = samples.entry((line, who)).or_default();
                        for (what, value) in measured {
                            all.entry(what).or_default().push(value);
                        }
                    }
                    Err(error) => failed(results, &label, &error),
                }
            }
        }
    }
    let summarised = samples.into_iter().map(|((line, who), all)| PageResult {
        contender: contenders[who].name.to_owned(),
        profile: profile::ALL[line].0.to_owned(),
        measured: all
            .into_iter()
            .filter_map(|(what, values)| Some((what, Summary::of(&values)?)))
            .collect(),
    });
    results.pages = summarised.collect();
    Ok(())
}

async fn grow(options: &Options, contenders: &[Contender], results: &mut Results) -> Result<()> {
    let mut running = start(options, contenders, &SIZES).await?;
    let mut usable: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    let mut ticks: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    // The largest take a long time each, and differ little.
    let rounds = options.rounds().min(5);
    for round in 0..rounds {
        let browser = Browser::start(&options.chromium).await?;
        for items in SIZES {
            for turn in 0..running.len() {
                let who = (turn + round) % running.len();
                let Running { contender, backend, client } = &mut running[who];
                let label =
                    format!("{} {items} items, round {} of {rounds}", contender.name, round + 1);
                eprintln!("growth: {label}");
                let question = backend.ask(client, &service_of(items), true).await?;
                let visit = growth::measure(&browser, contender, items, &question);
                match timeout(VISIT, visit).await.context("it takes too long").and_then(|it| it) {
                    Ok(grown) => {
                        usable.entry((who, items)).or_default().push(grown.usable);
                        ticks.entry((who, items)).or_default().extend(grown.ticks);
                    }
                    Err(error) => failed(results, &label, &error),
                }
            }
        }
    }
    let grown = usable.into_iter().filter_map(|((who, items), values)| {
        Some(GrowthResult {
            contender: contenders[who].name.to_owned(),
            items,
            usable: Summary::of(&values)?,
            tick: Summary::of(ticks.get(&(who, items))?)?,
        })
    });
    results.growth = grown.collect();
    Ok(())
}

async fn mount(options: &Options, contenders: &[Contender], results: &mut Results) -> Result<()> {
    let server_rendered: Vec<_> =
        contenders.iter().filter(|it| it.name == SERVER_RENDERED).cloned().collect();
    let mut running = start(options, &server_rendered, &[]).await?;
    let Some(Running { backend, client, .. }) = running.first_mut() else { return Ok(()) };
    let runs = options.share(MOUNT_RUNS) / 2;
    results.mounting.clear();
    for (name, profile) in [("slow-4g", SLOW_4G), ("fast-4g", FAST_4G)] {
        let browser = Browser::start(&options.chromium).await?;
        let mut result = MountingResult {
            profile: name.to_owned(),
            runs: 0,
            kept: 0,
            early: 0,
            shift: 0.0,
            moved: 0.0,
            faults: Vec::new(),
        };
        for seed in 0..runs {
            eprintln!("mounting: {name}, run {} of {runs}", seed + 1);
            let question = backend.ask(client, SHOP, false).await?;
            result.runs += 1;
            let run = mounting::run(&browser, profile, &question, seed as u64);
            match timeout(VISIT, run).await.context("it takes too long").and_then(|it| it) {
                Ok(run) => {
                    result.kept += usize::from(run.faults.is_empty());
                    result.early += usize::from(run.early);
                    result.shift = result.shift.max(run.shift);
                    result.moved = result.moved.max(run.moved);
                    let named = run.faults.iter().map(|it| format!("{name}, seed {seed}: {it}"));
                    result.faults.extend(named);
                }
                Err(error) => failed(results, &format!("mounting {name}, seed {seed}"), &error),
            }
        }
        results.mounting.push(result);
    }
    Ok(())
}

fn failed(results: &mut Results, what: &str, error: &anyhow::Error) {
    eprintln!("failed: {what}: {error:#}");
    results.failures.push(format!("{what}: {error:#}"));
}

/// The machine that runs the measurement, as far as it can be read.
async fn machine(browser: &Browser, rounds: usize) -> Result<Vec<(String, String)>> {
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let pair = |what: &str, it: String| (what.to_owned(), it);
    Ok(vec![
        pair("Browser", browser.version().await?),
        pair("Processor", model.map_or("unknown", |(_, name)| name).to_owned()),
        pair("Cores", cores.to_string()),
        pair("System", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        pair("Rounds", rounds.to_string()),
    ])
}
