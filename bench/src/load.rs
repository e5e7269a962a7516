//! How many answers a second, and after how long, from a release backend with SQLite.

use crate::backend::{Backend, Question, SHOP, UNLIMITED, listening};
use crate::client::Client;
use crate::results::{IssuedTokens, LoadResult, Recorded};
use crate::token_load;
use anyhow::{Context, Result, ensure};
use consent_contract::answers::Answers;
use consent_contract::decision::Decision;
use consent_contract::request::ConsentState;
use futures_util::future::try_join_all;
use hdrhistogram::Histogram;
use hyper::StatusCode;
use hyper::body::Bytes;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Row};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// How many at once.
pub const CONNECTIONS: [usize; 3] = [1, 16, 128];

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
pub struct Measured {
    pub load: Vec<LoadResult>,
    pub recorded: Recorded,
    pub tokens: IssuedTokens,
}

/// Measures everything. `each` is how many requests are sent of each kind at each number of
/// connections.
///
/// # Errors
/// When a server does not start, or a connection breaks.
pub async fn measure(program: &Path, dist: &Path, each: usize) -> Result<Measured> {
    let people = each * (CONNECTIONS.len() + 1);
    let backend = Backend::start(program, dist, &[], people, &UNLIMITED).await?;
    let mut client = Client::connect(&backend.address).await?;
    let mut results = Vec::new();
    let (mut answered, mut redeemed, mut refreshed) = (0, 0, 0);

    eprintln!("load: preparing {} questions", each * CONNECTIONS.len());
    let (read, size) = ready(&backend, &mut client, 100.min(each), false).await?;
    let reads = Arc::new(read);
    let kakao = Backend::start(program, dist, &[], KAKAO_USERS, &UNLIMITED).await?;
    let users = Arc::new(token_load::kakao_users(&kakao, KAKAO_USERS).await?);
    let bare = Bare::start(size).await?;
    let nothing = |body| Ready { path: "/".into(), headers: Vec::new(), media_type: JSON, body };
    for connections in CONNECTIONS {
        eprintln!("load: {connections} connections");
        let (posts, _) = ready(&backend, &mut client, each, true).await?;
        let posted = posts.first().and_then(|post| post.body.clone());
        for (what, address, requests) in [
            ("GET", &backend.address, Arc::clone(&reads)),
            ("GET /v2/user/me", &kakao.address, Arc::clone(&users)),
            ("GET, bare axum", &bare.address, Arc::new(vec![nothing(None)])),
            ("POST, bare axum", &bare.address, Arc::new(vec![nothing(posted)])),
        ] {
            results.push(send(what, address, &requests, connections, each, Duration::ZERO).await?);
        }
        let address = &backend.address;
        let exchange = async |what, requests: Vec<Ready>| {
            let count = requests.len();
            exchange(what, address, &Arc::new(requests), connections, count, Duration::ZERO).await
        };
        let (decisions, responses) = exchange("POST decision", posts).await?;
        answered += decisions.requests - decisions.refused;
        let redemptions = token_load::redemptions(address, &responses)?;
        let (codes, responses) = exchange("POST token, code", redemptions).await?;
        redeemed += codes.requests - codes.refused;
        let refreshes = token_load::refreshes(&responses)?;
        let (refreshes, _) = exchange("POST token, refresh", refreshes).await?;
        refreshed += refreshes.requests - refreshes.refused;
        results.extend([decisions, codes, refreshes]);
    }
    let recorded = recorded(&backend.database(), answered).await?;
    let tokens = token_load::issued(&backend.database(), redeemed, refreshed).await?;
    Ok(Measured { load: results, recorded, tokens })
}

/// Requests for questions that were put to people just now, and the size of the question.
///
/// # Errors
/// When the backend asks nothing.
pub async fn ready(
    backend: &Backend,
    client: &mut Client,
    count: usize,
    decide: bool,
) -> Result<(Vec<Ready>, usize)> {
    let mut all = Vec::with_capacity(count);
    let mut size = 0;
    for _ in 0..count {
        let question = backend.ask(client, SHOP, true).await?;
        let path = consent_contract::consent_path(&question.challenge);
        let headers = question.headers();
        if decide {
            let (ready, bytes) = agreement(client, &question).await?;
            size = bytes;
            all.push(ready);
        } else {
            if size == 0 {
                size = decision(client, &path, &question).await?.1;
            }
            all.push(Ready { path, headers: headers.into(), media_type: JSON, body: None });
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
    address: &str,
    requests: &Arc<Vec<Ready>>,
    connections: usize,
    count: usize,
    pause: Duration,
) -> Result<LoadResult> {
    Ok(exchange(what, address, requests, connections, count, pause).await?.0)
}

/// The same, with the bodies of the responses that were 200, in any order.
async fn exchange(
    what: &str,
    address: &str,
    requests: &Arc<Vec<Ready>>,
    connections: usize,
    count: usize,
    pause: Duration,
) -> Result<(LoadResult, Vec<Bytes>)> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(Client::connect(address).await?);
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

async fn recorded(database: &Path, answered: u64) -> Result<Recorded> {
    let mut database: SqliteConnection = SqliteConnectOptions::new()
        .filename(database)
        .read_only(true)
        .busy_timeout(Duration::from_secs(10))
        .connect()
        .await
        .context("the backend's database")?;
    let query = "SELECT count(*), count(DISTINCT challenge) FROM decisions";
    let row = sqlx::query(query).fetch_one(&mut database).await?;
    let number = |at: usize| Ok::<_, anyhow::Error>(u64::try_from(row.try_get::<i64, _>(at)?)?);
    Ok(Recorded { answered, recorded: number(0)?, questions: number(1)? })
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
