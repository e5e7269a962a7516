//! What an attacker sends. The bench starts itself with `attack`, so that an attacker has a process
//! of its own; it sends to loopback only, and stops by itself.

use crate::client::Client;
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use hyper::body::Bytes;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// Where an attacker connects from: not the address of the trusted proxy.
const ATTACKER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// How long an attack may last, whatever becomes of the process that started it.
const LONGEST: Duration = Duration::from_secs(60);

/// How many connections send requests.
const CONNECTIONS: usize = 8;

/// How many requests all of them send in a second, if they are answered as fast.
const REQUESTS_PER_SECOND: u32 = 1000;

/// How many connections are held open without a whole request.
const HELD_CONNECTIONS: usize = 600;

/// One kind of attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Attack {
    /// Forms of a megabyte with one item shown again and again, for a challenge that is not there
    RepeatedItems,
    /// The same forms for the attacker's own open challenge
    RepeatedItemsOwnChallenge,
    /// Challenges without end: authorize, and never answer
    OpenChallenges,
    /// Sessions without end: authorize without keeping the cookie
    NewSessions,
    /// Decisions without end: authorize and cancel
    Cancels,
    /// Codes that are made up, in the name of an honest service
    TokenGuesses,
    /// Requests with hundreds of headers
    HeaderBombs,
    /// Pages that do not exist
    UnknownPages,
    /// Health checks
    Readiness,
    /// Connections that send half a request and wait
    HalfRequests,
    /// Forms that arrive a byte a second
    SlowBodies,
}

impl Attack {
    /// What the report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::RepeatedItems => "1 MB forms, one item again and again, no challenge",
            Self::RepeatedItemsOwnChallenge => {
                "1 MB forms, one item again and again, own challenge"
            }
            Self::OpenChallenges => "challenges that are never answered",
            Self::NewSessions => "authorize requests without a cookie jar",
            Self::Cancels => "authorize and cancel",
            Self::TokenGuesses => "made-up codes at the token endpoint",
            Self::HeaderBombs => "requests with 400 headers",
            Self::UnknownPages => "pages that do not exist",
            Self::Readiness => "/readyz",
            Self::HalfRequests => "600 connections with half a request",
            Self::SlowBodies => "600 bodies at a byte a second",
        }
    }

    /// Whether it takes a signed-in account: it comes through the proxy then.
    pub fn is_signed_in(self) -> bool {
        matches!(
            self,
            Self::RepeatedItemsOwnChallenge
                | Self::OpenChallenges
                | Self::NewSessions
                | Self::Cancels
        )
    }
}

/// Whom to attack, and how.
#[derive(clap::Args)]
pub struct Options {
    #[arg(long, value_enum)]
    pub kind: Attack,
    /// `127.0.0.1:41234`
    #[arg(long)]
    pub address: SocketAddr,
    /// The attacker's own challenge
    #[arg(long, default_value = "none")]
    pub challenge: String,
    /// `name=value`, for every request (may be given several times)
    #[arg(long = "header", value_name = "NAME=VALUE")]
    pub headers: Vec<String>,
}

/// Attacks until the time is over or the process is ended. Writes the number of attempts so far,
/// a line for each tenth of a second.
///
/// # Errors
/// When the address is not this machine's own.
pub async fn run(options: &Options) -> Result<()> {
    ensure!(options.address.ip().is_loopback(), "only a backend on this machine is attacked");
    let attempts = Arc::new(AtomicU64::new(0));
    let end = Instant::now() + LONGEST;
    let workers = match options.kind {
        Attack::HalfRequests | Attack::SlowBodies => HELD_CONNECTIONS,
        _ => CONNECTIONS,
    };
    for number in 0..workers {
        let work = Worker {
            kind: options.kind,
            address: options.address,
            challenge: options.challenge.clone(),
            headers: options.headers.iter().filter_map(|it| pair(it)).collect(),
            number,
            attempts: Arc::clone(&attempts),
        };
        tokio::spawn(work.run());
    }
    while Instant::now() < end {
        println!("{}", attempts.load(Ordering::Relaxed));
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

fn pair(header: &str) -> Option<(String, String)> {
    header.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
}

struct Worker {
    kind: Attack,
    address: SocketAddr,
    challenge: String,
    headers: Vec<(String, String)>,
    number: usize,
    attempts: Arc<AtomicU64>,
}

impl Worker {
    /// Connects again whenever the server ends the connection.
    async fn run(self) {
        loop {
            let _ended = match self.kind {
                Attack::HalfRequests | Attack::SlowBodies => self.hold().await,
                _ => self.flood().await,
            };
            // A refused connection must not make the attacker busy with itself.
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn connect(&self) -> Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        if !self.kind.is_signed_in() {
            socket.bind(SocketAddr::new(ATTACKER, 0))?;
        }
        let stream = socket.connect(self.address).await.context("refused")?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Sends request after request over one connection.
    async fn flood(&self) -> Result<()> {
        let address = self.address.to_string();
        let mut client = Client::over(self.connect().await?, &address).await?;
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let per_request =
            Duration::from_secs(1) * u32::try_from(CONNECTIONS).unwrap_or(1) / REQUESTS_PER_SECOND;
        loop {
            let next = Instant::now() + per_request;
            self.attempts.fetch_add(1, Ordering::Relaxed);
            self.request(&mut client, &headers).await?;
            sleep_until(next).await;
        }
    }

    async fn request(&self, client: &mut Client, headers: &[(&str, &str)]) -> Result<()> {
        const FORM: &str = "application/x-www-form-urlencoded";
        let authorize = format!(
            "/oauth/authorize?response_type=code&client_id=demo-shop&scope=openid&state={}\
             &redirect_uri=http%3A%2F%2F{}%2Fdemo%2Fcallback",
            self.attempts.load(Ordering::Relaxed),
            self.address
        );
        let no_cookie: Vec<_> =
            headers.iter().copied().filter(|(name, _)| *name != "cookie").collect();
        match self.kind {
            Attack::RepeatedItems | Attack::RepeatedItemsOwnChallenge => {
                let path = consent_contract::decision_path(&self.challenge);
                client.post_as(FORM, &path, headers, repeated_items()).await?;
            }
            Attack::OpenChallenges => {
                client.get(&authorize, headers).await?;
            }
            Attack::NewSessions => {
                client.get(&authorize, &no_cookie).await?;
            }
            Attack::Cancels => {
                let answer = client.get(&authorize, headers).await?;
                let to = answer.headers.get("location").and_then(|it| it.to_str().ok());
                if let Some(challenge) = to.and_then(|to| to.strip_prefix("/consent/")) {
                    let path = consent_contract::decision_path(challenge);
                    client.post(&path, headers, r#"{"decision":"cancel"}"#.into()).await?;
                }
            }
            Attack::TokenGuesses => {
                let body = format!(
                    "grant_type=authorization_code&client_id=demo-shop&client_secret=guess\
                     &redirect_uri=http%3A%2F%2F127.0.0.1%2Fdemo%2Fcallback&code=guess-{}",
                    self.attempts.load(Ordering::Relaxed)
                );
                client.post_as(FORM, "/oauth/token", headers, body.into()).await?;
            }
            Attack::HeaderBombs => {
                let names: Vec<String> = (0..400).map(|at| format!("x-bomb-{at}")).collect();
                let value = "b".repeat(400);
                let bomb: Vec<(&str, &str)> = names.iter().map(|name| (&**name, &*value)).collect();
                client.get("/healthz", &bomb).await?;
            }
            Attack::UnknownPages => {
                let page = [("accept", "text/html")];
                client.get("/consent/there-is-no-such-challenge", &page).await?;
            }
            Attack::Readiness => {
                client.get("/readyz", headers).await?;
            }
            Attack::HalfRequests | Attack::SlowBodies => {}
        }
        Ok(())
    }

    /// Holds one connection with a request that never becomes whole.
    async fn hold(&self) -> Result<()> {
        let mut stream = self.connect().await?;
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let head = match self.kind {
            Attack::SlowBodies => format!(
                "POST /oauth/token HTTP/1.1\r\nHost: {}\r\nContent-Length: 16000\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n\r\n",
                self.address
            ),
            _ => format!("GET /healthz HTTP/1.1\r\nHost: {}\r\nX-Slow: ", self.address),
        };
        // Not all in the same moment.
        sleep(Duration::from_millis(self.number as u64)).await;
        stream.write_all(head.as_bytes()).await?;
        let mut answer = [0; 512];
        loop {
            // An answer, or the end of the connection, ends this one.
            if timeout(Duration::from_secs(1), stream.read(&mut answer)).await.is_ok() {
                return Ok(());
            }
            stream.write_all(b"a").await?;
        }
    }
}

/// A form of about a megabyte: one item shown again and again, beside as many values for another.
fn repeated_items() -> Bytes {
    const EACH: usize = 46_000;
    let mut body = String::from("decision=agree&csrf_token=x&locale=ko&personal_info_digest=x");
    for _ in 0..EACH {
        body.push_str("&shown=item:a");
    }
    for _ in 0..EACH {
        body.push_str("&value:b=");
    }
    body.into()
}
