//! What a backend takes with ten thousand decisions in its database, and with ever more of them.

use crate::backend::{Backend, UNLIMITED};
use crate::client::Client;
use crate::cluster::Cluster;
use crate::configuration::{SHOP, service_of};
use crate::data_rows::{self, Copies, Dialect};
use crate::database::Database;
use crate::load::{self, Ready};
use crate::log;
use crate::results::{self, DataResult, DataSize, SQLITE};
use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::time::sleep;

/// Of the services that decisions are copied of: how many terms each has.
const TERMS: [usize; 4] = [2, 3, 5, 8];

/// The service whose account page is read.
const READ: usize = 3;

/// Rows of decisions in one transaction.
const BATCH: u64 = 20_000;

/// Rows that have expired in each database when its backend starts.
const EXPIRED_CHALLENGES: u64 = 10_000;
const OLD_CANCELS: u64 = 1_000;

/// Requests of each kind before any are measured: the first ones read the database from the disk.
const WARM_UP: usize = 50;

/// What a database may need on the disk.
const MOST_BYTES: u64 = 10_000_000_000;

/// How long sealing and cleaning up may take after a start.
const SETTLED: Duration = Duration::from_secs(3600);

/// What was measured.
#[derive(Default)]
pub struct Measured {
    pub latencies: Vec<DataResult>,
    pub sizes: Vec<DataSize>,
    /// What was not measured, and why.
    pub left_out: Vec<String>,
    /// The version of PostgreSQL.
    pub postgres: Option<String>,
}

/// What is measured, of which program.
pub struct Plan<'a> {
    pub program: &'a Path,
    pub dist: &'a Path,
    /// How many decisions there are, each more than before.
    pub sizes: &'a [u64],
    /// How often each request is measured at each size.
    pub each: usize,
}

/// Measures requests in databases of these sizes, on both engines.
///
/// # Errors
/// When a server does not start, or an answer is not 200.
pub async fn measure(plan: &Plan<'_>) -> Result<Measured> {
    let Plan { program, dist, sizes, each } = *plan;
    let mut measured = Measured::default();
    let people = sizes.len() * (each + WARM_UP) + 1;
    let backend = Backend::start(program, dist, &TERMS, people, &UNLIMITED).await?;
    grow(plan, SQLITE, Dialect::Sqlite, backend, &mut measured).await?;
    let Some(cluster) = Cluster::start().await? else {
        measured.left_out.push("PostgreSQL: initdb and postgres are not installed".to_owned());
        return Ok(measured);
    };
    measured.postgres = Some(cluster.version().await?);
    let url = cluster.database("growing").await?;
    let unlimited = &UNLIMITED;
    let backend =
        Backend::start_on_postgres(url, 1, program, dist, &TERMS, people, unlimited).await?;
    grow(plan, &results::postgres(1), Dialect::Postgres, backend, &mut measured).await?;
    Ok(measured)
}

async fn grow(
    plan: &Plan<'_>,
    name: &str,
    dialect: Dialect,
    mut backend: Backend,
    measured: &mut Measured,
) -> Result<()> {
    let mut client = backend.servers().connect(0).await?;
    for terms in TERMS {
        let question = backend.ask_again(&mut client, &service_of(terms), 0, true).await?;
        load::agreement(&mut client, &question).await?.0.send(&mut client).await?;
    }
    // The person of the templates is asked nothing more.
    backend.ask(&mut client, SHOP, true).await?;
    let mut filled = Filled { decisions: 0, cancels: 0, bytes: 0 };
    for &decisions in plan.sizes {
        let expected = filled.expected(decisions);
        if expected > MOST_BYTES {
            let gigabytes = expected / 1_000_000_000;
            measured.left_out.push(format!(
                "{name}, {decisions} decisions: they would need about {gigabytes} GB, and at most {} \
                 are used",
                MOST_BYTES / 1_000_000_000
            ));
            continue;
        }
        eprintln!("growing-data: {name}: {decisions} decisions");
        backend.stop().await?;
        let inserted_per_second = filled.fill(dialect, &backend.database(), decisions).await?;
        let began = Instant::now();
        backend = backend.restart(plan.program, plan.dist, &UNLIMITED).await?;
        let sealed_after = sealed(&backend.database(), began).await?;
        let deleted = cleaned_up(&backend).await?;
        filled.bytes = bytes(dialect, &backend.database()).await?;
        measured.sizes.push(DataSize {
            database: name.to_owned(),
            decisions,
            bytes: filled.bytes,
            inserted_per_second,
            sealed_after,
        });
        let times = Times { deleted: Some(deleted), ..answered(&backend, plan.each).await? };
        measured.latencies.extend(times.results(name, decisions)?);
    }
    Ok(())
}

/// What is in a database so far.
struct Filled {
    decisions: u64,
    /// Numbers of cancelled screens that were used: those of decisions stay below.
    cancels: u64,
    bytes: u64,
}

impl Filled {
    /// The bytes that so many decisions will probably need.
    fn expected(&self, decisions: u64) -> u64 {
        (self.bytes * decisions).checked_div(self.decisions).unwrap_or_default()
    }

    /// Fills a database up to so many decisions, and with rows that have expired. Returns how many
    /// decisions were put into it in a second.
    async fn fill(&mut self, dialect: Dialect, database: &Database, decisions: u64) -> Result<f64> {
        let mut connection = database.open().await?;
        connection.run(dialect.hurry()).await?;
        connection.run(&data_rows::templates()).await?;
        let [templates] = connection.numbers("SELECT count(*) FROM templates").await?;
        ensure!(u64::try_from(templates)? == data_rows::SERVICES, "{templates} templates");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context("before 1970")?.as_secs();
        let now = i64::try_from(now)?;
        let signed = "SELECT coalesce(max(number), 0) FROM signed_receipts";
        let began = Instant::now();
        for range in batches(self.decisions + 1..=decisions) {
            let [signed] = connection.numbers(signed).await?;
            let rows = data_rows::copies(dialect, Copies::SignUps, range, signed, now);
            connection.run(&rows).await?;
        }
        let rate = (decisions - self.decisions) as f64 / began.elapsed().as_secs_f64();
        let first = CANCELS_FROM + self.cancels;
        let [signed] = connection.numbers(signed).await?;
        let cancels = first + 1..=first + OLD_CANCELS;
        let rows = data_rows::copies(dialect, Copies::OldCancels, cancels, signed, now);
        connection.run(&rows).await?;
        let expired = data_rows::expired_challenges(dialect, 1..=EXPIRED_CHALLENGES);
        connection.run(&expired).await?;
        for sql in dialect.settle() {
            connection.run(sql).await?;
        }
        connection.close().await?;
        (self.decisions, self.cancels) = (decisions, self.cancels + OLD_CANCELS);
        Ok(rate)
    }
}

/// Numbers of cancelled screens begin here. Multiplied as keys are, they are still below 2^63.
const CANCELS_FROM: u64 = 3_000_000_000;

fn batches(all: RangeInclusive<u64>) -> Vec<RangeInclusive<u64>> {
    let (first, last) = all.into_inner();
    let starts = (first..=last).step_by(usize::try_from(BATCH).unwrap_or(usize::MAX));
    starts.map(|start| start..=last.min(start + BATCH - 1)).collect()
}

/// Waits until every receipt is in the log. Returns the seconds since the start.
async fn sealed(database: &Database, began: Instant) -> Result<f64> {
    let unsealed = "SELECT coalesce((SELECT max(number) FROM signed_receipts), 0)
                        - coalesce((SELECT max(tree_size) FROM checkpoints), 0)";
    loop {
        let [left] = database.numbers(unsealed).await?;
        if left <= 0 {
            return Ok(began.elapsed().as_secs_f64());
        }
        ensure!(began.elapsed() < SETTLED, "{left} receipts are not sealed");
        sleep(Duration::from_millis(500)).await;
    }
}

/// Waits until everything that has expired is deleted. Returns what each transaction took.
async fn cleaned_up(backend: &Backend) -> Result<Histogram<u64>> {
    let began = Instant::now();
    loop {
        let (rows, times) = deleted(&backend.log()?)?;
        if rows >= EXPIRED_CHALLENGES + OLD_CANCELS {
            return Ok(times);
        }
        ensure!(began.elapsed() < SETTLED, "{rows} rows were deleted");
        sleep(Duration::from_millis(500)).await;
    }
}

/// The rows that were deleted by a log, and what each transaction took, in microseconds.
fn deleted(text: &str) -> Result<(u64, Histogram<u64>)> {
    let (mut rows, mut times) = (0, Histogram::new(3)?);
    // The last line may not be whole yet.
    let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    for line in lines.filter(|line| line.contains("deleted expired rows")) {
        rows += log::number(line, "rows=")?;
        times.record(log::number(line, "microseconds=")?)?;
    }
    Ok((rows, times))
}

async fn bytes(dialect: Dialect, database: &Database) -> Result<u64> {
    let [bytes] = database.numbers(dialect.size()).await?;
    Ok(u64::try_from(bytes)?)
}

/// How long each thing took, in microseconds.
struct Times {
    authorize: Histogram<u64>,
    decision: Histogram<u64>,
    account: Histogram<u64>,
    service: Histogram<u64>,
    deleted: Option<Histogram<u64>>,
}

impl Times {
    fn results(&self, database: &str, decisions: u64) -> Result<Vec<DataResult>> {
        let all = [
            ("authorize", Some(&self.authorize)),
            ("decision", Some(&self.decision)),
            ("account page", Some(&self.account)),
            ("account page of a service", Some(&self.service)),
            ("clean-up, each transaction", self.deleted.as_ref()),
        ];
        let measured = all.into_iter().filter_map(|(what, times)| {
            let times = times?;
            let at = |quantile| times.value_at_quantile(quantile) as f64 / 1000.0;
            Some(DataResult {
                database: database.to_owned(),
                decisions,
                what: what.to_owned(),
                count: times.len(),
                p50: at(0.5),
                p99: at(0.99),
            })
        });
        Ok(measured.collect())
    }
}

/// Asks so many people, lets them agree, and shows them their account pages, one after the other. Each has
/// four sign-ups from before.
async fn answered(backend: &Backend, each: usize) -> Result<Times> {
    let mut client = backend.servers().connect(0).await?;
    let new = || Histogram::<u64>::new(3);
    let mut times = Times {
        authorize: new()?,
        decision: new()?,
        account: new()?,
        service: new()?,
        deleted: None,
    };
    let page = format!("/account/services/{}", service_of(READ));
    for number in 0..WARM_UP + each {
        let began = Instant::now();
        let question = backend.ask(&mut client, SHOP, true).await?;
        let authorize = began.elapsed();
        let (agreement, _) = load::agreement(&mut client, &question).await?;
        let decision = timed(&agreement, &mut client).await?;
        let account = timed(&Ready::page("/account", &question), &mut client).await?;
        let service = timed(&Ready::page(&page, &question), &mut client).await?;
        if number >= WARM_UP {
            for (histogram, took) in [
                (&mut times.authorize, authorize),
                (&mut times.decision, decision),
                (&mut times.account, account),
                (&mut times.service, service),
            ] {
                histogram.record(u64::try_from(took.as_micros())?)?;
            }
        }
    }
    Ok(times)
}

async fn timed(request: &Ready, client: &mut Client) -> Result<Duration> {
    let began = Instant::now();
    request.send(client).await?;
    Ok(began.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_have_every_number_once() {
        let all: Vec<u64> = batches(1..=45_000).into_iter().flatten().collect();
        assert_eq!(all, (1..=45_000).collect::<Vec<_>>());
        assert_eq!(batches(1..=45_000).len(), 3);
        assert_eq!(batches(10..=10), [10..=10]);
    }

    #[test]
    fn sizes_are_expected_from_the_size_before() {
        let filled = Filled { decisions: 1_000, cancels: 0, bytes: 4_000_000 };
        assert_eq!(filled.expected(10_000), 40_000_000);
        let nothing = Filled { decisions: 0, cancels: 0, bytes: 0 };
        assert_eq!(nothing.expected(10_000), 0);
    }

    #[test]
    fn deleted_rows_are_read_from_a_log() {
        let log = "2026-11-27T10:00:00Z DEBUG consent_backend::store::cleanup: deleted expired rows \
                   rows=100 microseconds=3000\n2026-11-27T10:00:00Z WARN something\n\
                   2026-11-27T10:00:10Z DEBUG consent_backend::store::cleanup: deleted expired rows \
                   rows=50 microseconds=4500\n2026-11-27 DEBUG deleted expired rows rows=1";
        let (rows, times) = deleted(log).expect("read");
        assert_eq!((rows, times.len()), (150, 2));
        assert!((4500..4510).contains(&times.max()), "three digits of {}", times.max());
        assert!(deleted("deleted expired rows rows=x microseconds=1\n").is_err());
    }
}
