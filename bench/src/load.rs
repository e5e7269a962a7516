//! How many answers a second, and after how long, from a release backend: on SQLite, and on PostgreSQL as
//! one process and as two.

use crate::backend::{Backend, Question, UNLIMITED, listening};
use crate::client::{Client, Servers};
use crate::cluster::Cluster;
use crate::configuration::SHOP;
use crate::database::Database;
use crate::results::{self, BARE, LoadResult, Recorded, SQLITE, StoredResult};
use crate::token_load;
use anyhow::{Context, Result, ensure};
use consent_contract::answers::Answers;
use consent_contract::decision::Decision;
use consent_contract::request::ConsentState;
use futures_util::future::try_join_all;
use hdrhistogram::Histogram;
use hyper::StatusCode;
use hyper::body::Bytes;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// How many at once.
pub const CONNECTIONS: [usize; 3] = [1, 16, 128];

/// So many times as often as anything is written, what is only read is read: an empty handler has answered two
/// thousand requests after 30 ms.
pub const READS: usize = 10;

/// How many users of Kakao's dialect are read about, again and again.
const KAKAO_USERS: usize = 100;

/// One request that is ready to be sent.
pub struct Ready {
    path: String,
    headers: Vec<(&'static str, String)>,
    media_type: &'static str,
    /// None for a GET.
    body: Option<Bytes>,
}

/// Reading a consent, and deciding.
pub const READ: &str = "GET consent";
pub const DECIDE: &str = "POST decision";
const READ_USER: &str = "GET /v2/user/me";

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

impl Ready {
    /// A GET with an access token.
    #[must_use]
    pub fn with_token(path: &str, token: &str) -> Self {
        let headers = vec![("authorization", format!("Bearer {token}"))];
        Self { path: path.to_owned(), headers, media_type: JSON, body: None }
    }

    /// A POST of a form.
    #[must_use]
    pub fn form(path: &str, form: String) -> Self {
        let body = Some(Bytes::from(form));
        Self { path: path.to_owned(), headers: Vec::new(), media_type: FORM, body }
    }

    /// A GET from a person's browser.
    #[must_use]
    pub fn page(path: &str, question: &Question) -> Self {
        let headers = question.headers().into();
        Self { path: path.to_owned(), headers, media_type: JSON, body: None }
    }

    /// Sends it once; the body of a response that is 200.
    ///
    /// # Errors
    /// When the connection breaks, or the response is another one.
    pub async fn send(&self, client: &mut Client) -> Result<Bytes> {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, it)| (*name, &**it)).collect();
        let answer = match &self.body {
            None => client.get(&self.path, &headers).await?,
            Some(body) => {
                client.post_as(self.media_type, &self.path, &headers, body.clone()).await?
            }
        };
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == StatusCode::OK, "{}: {} {text}", self.path, answer.status);
        Ok(answer.body)
    }

    /// What is sent.
    #[cfg(test)]
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.body.as_deref().unwrap_or_default()).unwrap_or_default()
    }
}

/// What was measured, and what became of the decisions and tokens.
#[derive(Default)]
pub struct Measured {
    pub load: Vec<LoadResult>,
    pub stored: Vec<StoredResult>,
    /// What was not measured, and why.
    pub left_out: Vec<String>,
    /// The version of PostgreSQL.
    pub postgres: Option<String>,
}

/// Measures everything. `each` is how many requests are sent of each kind at each number of
/// connections.
///
/// # Errors
/// When a server does not start, or a connection breaks.
pub async fn measure(program: &Path, dist: &Path, each: usize) -> Result<Measured> {
    let people = each * (CONNECTIONS.len() + 1);
    let mut measured = Measured::default();
    let backend = Backend::start(program, dist, &[], people, &UNLIMITED).await?;
    let kakao = Backend::start(program, dist, &[], KAKAO_USERS, &UNLIMITED).await?;
    // The lower bound is measured beside the first of them: an answer has the same size on each.
    measure_on(SQLITE, &backend, &kakao, each, true, &mut measured).await?;
    drop((backend, kakao));
    let Some(cluster) = Cluster::start().await? else {
        measured.left_out.push("PostgreSQL: initdb and postgres are not installed".to_owned());
        return Ok(measured);
    };
    measured.postgres = Some(cluster.version().await?);
    for processes in [1, 2] {
        let start = async |name: &str, people| {
            let url = cluster.database(&format!("{name}_{processes}")).await?;
            let unlimited = &UNLIMITED;
            Backend::start_on_postgres(url, processes, program, dist, &[], people, unlimited).await
        };
        let (backend, kakao) = (start("load", people).await?, start("kakao", KAKAO_USERS).await?);
        let database = results::postgres(processes);
        measure_on(&database, &backend, &kakao, each, false, &mut measured).await?;
    }
    Ok(measured)
}

/// Measures one backend, and what answers without a database beside it. Tokens are counted in the
/// database, so users of Kakao's dialect have a backend of their own.
async fn measure_on(
    database: &str,
    backend: &Backend,
    kakao: &Backend,
    each: usize,
    with_bare: bool,
    measured: &mut Measured,
) -> Result<()> {
    let (servers, kakao_servers) = (backend.servers(), kakao.servers());
    let (mut answered, mut redeemed, mut refreshed) = (0, 0, 0);
    let mut note = |database: &str, result: LoadResult| {
        measured.load.push(LoadResult { database: database.to_owned(), ..result });
    };
    eprintln!("load: {database}: preparing {} questions", each * CONNECTIONS.len());
    let (read, size) = ready(backend, 100.min(each), false).await?;
    let reads = Arc::new(read);
    let users = Arc::new(token_load::kakao_users(kakao, KAKAO_USERS).await?);
    let bare = if with_bare { Some(Bare::start(size).await?) } else { None };
    for connections in CONNECTIONS {
        eprintln!("load: {database}: {connections} connections");
        let (posts, _) = ready(backend, each, true).await?;
        let posted = posts.first().and_then(|post| post.body.clone());
        for (what, servers, requests) in
            [(READ, &servers, &reads), (READ_USER, &kakao_servers, &users)]
        {
            let count = READS * each;
            let result = send(what, servers, requests, connections, count, Duration::ZERO).await?;
            note(database, result);
        }
        if let Some(bare) = &bare {
            let servers = Servers::one(&bare.address);
            for (what, body) in [(READ, None), (DECIDE, posted)] {
                let headers = Vec::new();
                let request = Ready { path: "/".into(), headers, media_type: JSON, body };
                let requests = Arc::new(vec![request]);
                let count = READS * each;
                let result =
                    send(what, &servers, &requests, connections, count, Duration::ZERO).await?;
                note(BARE, result);
            }
        }
        let exchange = async |what, requests: Vec<Ready>| {
            let count = requests.len();
            exchange(what, &servers, &Arc::new(requests), connections, count, Duration::ZERO).await
        };
        let (decisions, responses) = exchange(DECIDE, posts).await?;
        answered += decisions.requests - decisions.refused;
        let redemptions = token_load::redemptions(&backend.address, &responses)?;
        let (codes, responses) = exchange("POST token, code", redemptions).await?;
        redeemed += codes.requests - codes.refused;
        let refreshes = token_load::refreshes(&responses)?;
        let (refreshes, _) = exchange("POST token, refresh", refreshes).await?;
        refreshed += refreshes.requests - refreshes.refused;
        for result in [decisions, codes, refreshes] {
            note(database, result);
        }
    }
    let recorded = recorded(&backend.database(), answered).await?;
    let tokens = token_load::issued(&backend.database(), redeemed, refreshed).await?;
    measured.stored.push(StoredResult { database: database.to_owned(), recorded, tokens });
    Ok(())
}

/// Requests for questions that were put to people just now, and the size of the question. Each question is
/// put by the next of the backend's processes.
///
/// # Errors
/// When the backend asks nothing.
pub async fn ready(backend: &Backend, count: usize, decide: bool) -> Result<(Vec<Ready>, usize)> {
    let servers = backend.servers();
    let mut clients = Vec::new();
    for number in 0..servers.addresses.len() {
        clients.push(servers.connect(number).await?);
    }
    let mut all = Vec::with_capacity(count);
    let mut size = 0;
    for number in 0..count {
        let at = number.checked_rem(clients.len()).context("no server")?;
        let client = &mut clients[at];
        let question = backend.ask(client, SHOP, true).await?;
        if decide {
            let (ready, bytes) = agreement(client, &question).await?;
            size = bytes;
            all.push(ready);
        } else {
            let path = consent_contract::consent_path(&question.challenge);
            if size == 0 {
                size = decision(client, &path, &question).await?.1;
            }
            all.push(Ready::page(&path, &question));
        }
    }
    Ok((all, size))
}

/// A person's agreement to the least that they must agree to, and the size of the question.
///
/// # Errors
/// When the backend does not ask.
pub async fn agreement(client: &mut Client, question: &Question) -> Result<(Ready, usize)> {
    let path = consent_contract::consent_path(&question.challenge);
    let (decision, size) = decision(client, &path, question).await?;
    let path = consent_contract::decision_path(&question.challenge);
    let body = Some(Bytes::from(serde_json::to_vec(&decision)?));
    let headers = question.headers().into();
    Ok((Ready { path, headers, media_type: JSON, body }, size))
}

/// The least that a person must agree to, and the size of the question.
async fn decision(
    client: &mut Client,
    path: &str,
    question: &Question,
) -> Result<(Decision, usize)> {
    let headers = question.headers();
    let answer = client.get(path, &headers.each_ref().map(|(name, it)| (*name, &**it))).await?;
    let text = std::str::from_utf8(&answer.body)?;
    ensure!(answer.status == StatusCode::OK, "{path}: {} {text}", answer.status);
    let Ok(ConsentState::Ask(request)) = ConsentState::from_json(text) else {
        anyhow::bail!("{path} does not ask: {text}");
    };
    let mut answers = Answers::untouched(&request);
    for key in answers.required_keys() {
        answers.tick(&key, true);
    }
    Ok((Decision::Agree(answers.agreement(&request)), text.len()))
}

/// Sends so many requests over so many connections, each with a pause after every answer.
///
/// # Errors
/// When a connection breaks.
pub async fn send(
    what: &str,
    servers: &Servers,
    requests: &Arc<Vec<Ready>>,
    connections: usize,
    count: usize,
    pause: Duration,
) -> Result<LoadResult> {
    Ok(exchange(what, servers, requests, connections, count, pause).await?.0)
}

/// The same, with the bodies of the responses that were 200, in any order.
async fn exchange(
    what: &str,
    servers: &Servers,
    requests: &Arc<Vec<Ready>>,
    connections: usize,
    count: usize,
    pause: Duration,
) -> Result<(LoadResult, Vec<Bytes>)> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = Vec::new();
    for number in 0..connections {
        clients.push(servers.connect(number).await?);
    }
    let began = Instant::now();
    let workers = clients.into_iter().map(|client| {
        let (requests, next) = (Arc::clone(requests), Arc::clone(&next));
        tokio::spawn(work(client, requests, next, count, pause))
    });
    let mut times = Histogram::<u64>::new(3)?;
    let mut bodies = Vec::new();
    for done in try_join_all(workers).await? {
        let (own, taken) = done?;
        times.add(own)?;
        bodies.extend(taken);
    }
    let took = began.elapsed().as_secs_f64();
    let at = |quantile| times.value_at_quantile(quantile) as f64 / 1000.0;
    let result = LoadResult {
        database: String::new(),
        what: what.to_owned(),
        connections,
        requests: times.len(),
        per_second: times.len() as f64 / took,
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        refused: times.len() - bodies.len() as u64,
    };
    Ok((result, bodies))
}

/// Sends requests one after the other until all are sent. Times are in microseconds.
async fn work(
    mut client: Client,
    requests: Arc<Vec<Ready>>,
    next: Arc<AtomicUsize>,
    count: usize,
    pause: Duration,
) -> Result<(Histogram<u64>, Vec<Bytes>)> {
    let mut times = Histogram::<u64>::new(3)?;
    let mut bodies = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return Ok((times, bodies));
        }
        // A decision is sent once: there are as many as are counted.
        let Ready { path, headers, media_type, body } = &requests[number % requests.len()];
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, it)| (*name, &**it)).collect();
        let began = Instant::now();
        let answer = match body {
            None => client.get(path, &headers).await?,
            Some(body) => client.post_as(media_type, path, &headers, body.clone()).await?,
        };
        times.record(u64::try_from(began.elapsed().as_micros())?)?;
        if answer.status == StatusCode::OK {
            bodies.push(answer.body);
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

async fn recorded(database: &Database, answered: u64) -> Result<Recorded> {
    let query = "SELECT count(*), count(DISTINCT challenge) FROM decisions";
    let [recorded, questions] = database.numbers(query).await?;
    let (recorded, questions) = (u64::try_from(recorded)?, u64::try_from(questions)?);
    Ok(Recorded { answered, recorded, questions })
}

/// The bare server, in a process of its own.
struct Bare {
    address: String,
    _process: Child,
}

impl Bare {
    async fn start(bytes: usize) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["bare", &bytes.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the bare server")?;
        let stdout = process.stdout.take().context("the output was not asked for")?;
        Ok(Self { address: listening(stdout).await?, _process: process })
    }
}
