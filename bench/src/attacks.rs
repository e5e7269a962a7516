//! Honest decisions while an attacker is at work: how much longer they take.

use crate::attack::Attack;
use crate::backend::{Backend, Question};
use crate::client::{Client, Servers};
use crate::configuration::SHOP;
use crate::data_rows::{self, Dialect};
use crate::database::Database;
use crate::load::{self, Ready};
use crate::results::AttackResult;
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// How many people answer at once.
const CONNECTIONS: usize = 4;

/// How long each of them waits before the next decision: the machine is not full without attackers.
const PAUSE: Duration = Duration::from_millis(20);

/// How long an attacker is at work before honest decisions are measured.
const HEAD_START: Duration = Duration::from_secs(1);

/// How many decisions a backend answers after a restart before any are measured: the first ones read
/// its database and its screen from the disk.
const WARM_UP: usize = 20;

/// How many rows have expired in the database whose clean-up is measured.
const EXPIRED: u64 = 300_000;

/// Measures `each` honest decisions undisturbed, and as many beside each attacker.
///
/// # Errors
/// When a backend does not start, or an honest connection breaks.
pub async fn measure(program: &Path, dist: &Path, each: usize) -> Result<Vec<AttackResult>> {
    let attacks = Attack::value_variants();
    // The limits are those that an operator gets.
    let people = each * (attacks.len() + 2) + WARM_UP + attacks.len() + 1;
    let backend = Backend::start(program, dist, &[], people, &[]).await?;
    let mut client = Client::connect(&backend.address).await?;
    let mut results = Vec::new();
    eprintln!("load: {each} decisions undisturbed");
    let decisions = ready(&backend, each).await?;
    results.push(honest(&backend.servers(), None, &decisions, || 0).await?);
    for attack in attacks {
        eprintln!("load: {each} decisions beside: {}", attack.name());
        let decisions = ready(&backend, each).await?;
        let own = backend.ask(&mut client, SHOP, true).await?;
        let attacker = Attacker::start(*attack, &backend.address, &own).await?;
        sleep(HEAD_START).await;
        let name = Some(attack.name().to_owned());
        let attempts = || attacker.attempts.load(Ordering::Relaxed);
        results.push(honest(&backend.servers(), name, &decisions, attempts).await?);
        ensure!(attempts() > 0, "{} never attacked", attack.name());
    }
    let name = format!("clean-up of {EXPIRED} expired challenges");
    eprintln!("load: {each} decisions beside: {name}");
    let warm_up = ready(&backend, WARM_UP).await?;
    let decisions = ready(&backend, each).await?;
    expire(&backend.database()).await?;
    // The backend cleans up when it starts.
    let backend = backend.restart(program, dist, &[]).await?;
    honest(&backend.servers(), None, &warm_up, || 0).await?;
    results.push(honest(&backend.servers(), Some(name), &decisions, || EXPIRED).await?);
    Ok(results)
}

async fn ready(backend: &Backend, each: usize) -> Result<Arc<Vec<Ready>>> {
    Ok(Arc::new(load::ready(backend, each, true).await?.0))
}

async fn honest(
    servers: &Servers,
    attack: Option<String>,
    decisions: &Arc<Vec<Ready>>,
    attempts: impl Fn() -> u64,
) -> Result<AttackResult> {
    let each = decisions.len();
    let load = load::send("", servers, decisions, CONNECTIONS, each, PAUSE).await?;
    Ok(AttackResult {
        attack,
        decisions: load.requests,
        p50: load.p50,
        p99: load.p99,
        refused: load.refused,
        attempts: attempts(),
    })
}

/// An attacker's process. It ends when this is dropped.
struct Attacker {
    attempts: Arc<AtomicU64>,
    _process: Child,
}

impl Attacker {
    async fn start(attack: Attack, address: &str, own: &Question) -> Result<Self> {
        let kind = attack.to_possible_value().context("every attack has a name")?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["attack", "--kind", kind.get_name(), "--address", address]);
        if attack.is_signed_in() {
            // With `=`: the name of a challenge may begin with a dash.
            command.arg(format!("--challenge={}", own.challenge));
            for (name, value) in own.headers() {
                command.arg(format!("--header={name}={value}"));
            }
        }
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the attacker")?;
        let stdout = process.stdout.take().context("the output was not asked for")?;
        let mut lines = BufReader::new(stdout).lines();
        let attempts = Arc::new(AtomicU64::new(0));
        let first = timeout(Duration::from_secs(10), lines.next_line());
        first.await.context("the attacker does not begin")??;
        let counter = Arc::clone(&attempts);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                counter.store(line.parse().unwrap_or(0), Ordering::Relaxed);
            }
        });
        Ok(Self { attempts, _process: process })
    }
}

/// Puts challenges into the database that expired a long time ago.
async fn expire(database: &Database) -> Result<()> {
    let mut database = database.open().await?;
    let insert = data_rows::expired_challenges(Dialect::Sqlite, 1..=EXPIRED);
    database.run(&insert).await?;
    database.close().await
}
