//! The reference backend, started for one contender, and people to answer its questions.

use crate::client::{Client, Servers};
use crate::configuration::{ACCOUNT_HEADER, HEARING, KAKAO, KAKAO_CALLBACK};
use crate::configuration::{account, configuration, service_of};
use crate::database::Database;
use crate::page::Visitor;
use anyhow::{Context, Result, bail, ensure};
use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long a backend may take to say where it listens.
const START: Duration = Duration::from_secs(60);

/// The header in which a reverse proxy names the client's address.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The rate limits are off: the bench is one client.
pub const UNLIMITED: [&str; 2] = ["--rate-limit", "0"];

/// The host of processes that have one public origin.
const SHARED_HOST: &str = "127.0.0.1:4000";

/// A running backend with a database of its own. It ends, hard, when this is dropped.
pub struct Backend {
    /// Where it listens: `127.0.0.1:41234`. Of several processes, the first.
    pub address: String,
    /// Its files.
    pub data: TempDir,
    /// Of PostgreSQL; none for a database in `data`.
    url: Option<String>,
    accounts: usize,
    used: AtomicUsize,
    processes: Vec<Process>,
}

/// One process of the program.
struct Process {
    address: String,
    child: Child,
}

/// A question that was put to a person.
pub struct Question {
    pub challenge: String,
    pub visitor: Visitor,
    /// The address of this person's browser, as a reverse proxy passes it on.
    client_address: String,
}

impl Question {
    /// The headers of the person's requests, as a reverse proxy passes them on.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, String); 3] {
        let (name, value) = &self.visitor.cookie;
        [
            ("cookie", format!("{name}={value}")),
            (ACCOUNT_HEADER, self.visitor.header.1.clone()),
            (FORWARDED_FOR, self.client_address.clone()),
        ]
    }

    /// The page that asks it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/consent/{}", self.visitor.origin, self.challenge)
    }
}

/// What is logged: sealed receipts and deleted rows are measured by it.
const LOGGED: &str =
    "warn,consent_backend::store::receipt_log=debug,consent_backend::store::cleanup=debug";

/// The file of its log.
const LOG: &str = "backend.log";

impl Backend {
    /// Starts the program with a built screen, with services of so many terms each, and with this
    /// many people. A person is asked by one question only: who has answered is asked no more.
    /// `options` are more of the program's own.
    ///
    /// # Errors
    /// When it does not start; the error holds what it wrote.
    pub async fn start(
        program: &Path,
        dist: &Path,
        terms: &[usize],
        accounts: usize,
        options: &[&str],
    ) -> Result<Self> {
        Self::start_with(configuration(terms, accounts), program, dist, accounts, options).await
    }

    /// The same on a database of PostgreSQL, as one process or several. Several have one public origin, as
    /// behind a load balancer.
    ///
    /// # Errors
    /// As for [`Backend::start`].
    pub async fn start_on_postgres(
        url: String,
        processes: usize,
        program: &Path,
        dist: &Path,
        terms: &[usize],
        accounts: usize,
        options: &[&str],
    ) -> Result<Self> {
        let data = prepared(configuration(terms, accounts))?;
        let origin = format!("http://{SHARED_HOST}");
        let shared = (processes > 1).then_some(["--public-origin", origin.as_str()]);
        let options = [options, shared.as_ref().map_or(&[][..], |it| &it[..])].concat();
        let mut started = Vec::with_capacity(processes);
        for _ in 0..processes {
            let (files, database) = (data.path(), OsStr::new(&url));
            let listen = "127.0.0.1:0";
            started.push(Process::start(program, dist, files, database, listen, &options).await?);
        }
        Ok(Self::of(started, data, Some(url), accounts))
    }

    /// The same with one service, [`HEARING`], which receives its events at this URL.
    ///
    /// # Errors
    /// As for [`Backend::start`].
    pub async fn start_hearing(
        target: &str,
        program: &Path,
        dist: &Path,
        accounts: usize,
    ) -> Result<Self> {
        let personal_info = "[service.personal_info]";
        let events = format!("[service.events]\nurl = \"{target}\"\n{personal_info}");
        let toml = configuration(&[HEARING], accounts);
        let (others, own) = toml.split_once(&service_of(HEARING)).context("the service")?;
        let own = own.replacen(personal_info, &events, 1);
        let toml = format!("{others}{}{own}", service_of(HEARING));
        let options = [&UNLIMITED[..], &["--webhook-network", "127.0.0.1"]].concat();
        Self::start_with(toml, program, dist, accounts, &options).await
    }

    async fn start_with(
        toml: String,
        program: &Path,
        dist: &Path,
        accounts: usize,
        options: &[&str],
    ) -> Result<Self> {
        let data = prepared(toml)?;
        let (files, database) = (data.path(), data.path().as_os_str());
        let process =
            Process::start(program, dist, files, database, "127.0.0.1:0", options).await?;
        Ok(Self::of(vec![process], data, None, accounts))
    }

    fn of(processes: Vec<Process>, data: TempDir, url: Option<String>, accounts: usize) -> Self {
        let address = processes.first().map(|it| it.address.clone()).unwrap_or_default();
        Self { address, data, url, accounts, used: AtomicUsize::new(0), processes }
    }

    /// Ends the program and starts it again, as one process, on the same data and at the same address.
    ///
    /// # Errors
    /// As for [`Backend::start`].
    pub async fn restart(mut self, program: &Path, dist: &Path, options: &[&str]) -> Result<Self> {
        self.stop().await?;
        let (files, url) = (self.data.path(), self.url.as_deref());
        let database = url.map_or(files.as_os_str(), OsStr::new);
        let process =
            Process::start(program, dist, files, database, &self.address, options).await?;
        self.processes.push(process);
        Ok(self)
    }

    /// Ends the program, hard. Its data stay.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub async fn stop(&mut self) -> Result<()> {
        for mut process in self.processes.drain(..) {
            process.child.kill().await.context("cannot end the backend")?;
        }
        Ok(())
    }

    /// What it has logged; of several processes, the last that was started.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn log(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.data.path().join(LOG))?)
    }

    /// Its database.
    #[must_use]
    pub fn database(&self) -> Database {
        match &self.url {
            Some(url) => Database::Postgres(url.clone()),
            None => Database::Sqlite(self.data.path().join("consent.sqlite")),
        }
    }

    /// Where to connect.
    #[must_use]
    pub fn servers(&self) -> Servers {
        let addresses: Vec<_> = self.processes.iter().map(|it| it.address.clone()).collect();
        let is_shared = addresses.len() > 1;
        let host = if is_shared { SHARED_HOST.to_owned() } else { self.address.clone() };
        Servers { addresses, host }
    }

    /// Lets a service ask a person who was not asked before.
    ///
    /// # Errors
    /// When all accounts were asked, or the backend asks nothing.
    pub async fn ask(&self, client: &mut Client, service: &str, email: bool) -> Result<Question> {
        let number = self.used.fetch_add(1, Ordering::Relaxed);
        ensure!(number < self.accounts, "all {} people were asked", self.accounts);
        self.ask_again(client, service, number, email).await
    }

    /// Lets a service ask the person of this number, who has not answered this service before.
    ///
    /// # Errors
    /// When the backend asks nothing.
    pub async fn ask_again(
        &self,
        client: &mut Client,
        service: &str,
        number: usize,
        email: bool,
    ) -> Result<Question> {
        let account = account(number, email);
        let parameters = if service == KAKAO {
            format!("redirect_uri={KAKAO_CALLBACK}")
        } else {
            format!(
                "redirect_uri=http%3A%2F%2F{}%2Fdemo%2Fcallback&scope=openid%20offline_access\
                 &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
                 &code_challenge_method=S256",
                self.address
            )
        };
        let path = format!(
            "/oauth/authorize?response_type=code&client_id={service}&{parameters}&state=bench\
             &nonce=bench&ui_locales=ko"
        );
        let client_address = client_address(number);
        let proxied = [(ACCOUNT_HEADER, &*account), (FORWARDED_FOR, &*client_address)];
        let answer = client.get(&path, &proxied).await?;
        let location = answer.headers.get("location").and_then(|it| it.to_str().ok());
        let challenge = location.and_then(|to| to.strip_prefix("/consent/"));
        let cookie = answer.headers.get("set-cookie").and_then(|it| it.to_str().ok());
        let cookie = cookie.and_then(|it| it.split(';').next()?.split_once('='));
        let (Some(challenge), Some((name, value))) = (challenge, cookie) else {
            bail!(
                "{service} asks {account} nothing: {} {location:?} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
        };
        Ok(Question {
            challenge: challenge.to_owned(),
            visitor: Visitor {
                origin: format!("http://{}", self.address),
                cookie: (name.to_owned(), value.to_owned()),
                header: (ACCOUNT_HEADER.to_owned(), account),
            },
            client_address,
        })
    }
}

/// A directory with this configuration.
fn prepared(toml: String) -> Result<TempDir> {
    let data = tempfile::tempdir()?;
    std::fs::write(data.path().join("services.toml"), toml)?;
    Ok(data)
}

impl Process {
    /// `files` has the configuration, and gets the log; `database` is a directory or a URL.
    async fn start(
        program: &Path,
        dist: &Path,
        files: &Path,
        database: &OsStr,
        listen: &str,
        options: &[&str],
    ) -> Result<Self> {
        let log = files.join(LOG);
        let mut child = Command::new(program)
            .args(["--listen", listen, "--challenge-ttl", "12h"])
            // The bench stands in the proxy's place: it names accounts and client addresses.
            .args(["--trusted-proxy", "127.0.0.1"])
            .args(options)
            .arg("--dist")
            .arg(dist)
            .arg("--services")
            .arg(files.join("services.toml"))
            .arg("--data-dir")
            .arg(database)
            // What else it would log is the same for all, and is no part of any answer.
            .env("RUST_LOG", LOGGED)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let stdout = child.stdout.take().context("the output was not asked for")?;
        let address = listening(stdout).await.with_context(|| {
            format!("the backend wrote:\n{}", std::fs::read_to_string(log).unwrap_or_default())
        })?;
        Ok(Self { address, child })
    }
}

/// Reads where a server listens from what it writes, and goes on reading.
///
/// # Errors
/// When it does not say so within a minute.
pub async fn listening(stdout: tokio::process::ChildStdout) -> Result<String> {
    let mut lines = BufReader::new(stdout).lines();
    let address = timeout(START, async {
        while let Some(line) = lines.next_line().await? {
            if let Some(address) = line.strip_prefix("listening on http://") {
                return Ok(address.trim_end_matches('/').to_owned());
            }
        }
        bail!("it ended without listening");
    });
    let address = address.await.context("it does not say where it listens")??;
    // The pipe is not read any further: a full one would stop it.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok(address)
}

/// One address for each person, from the block for benchmarks (RFC 2544).
fn client_address(number: usize) -> String {
    format!("198.18.{}.{}", number / 250 % 250, number % 250 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_have_addresses_of_their_own() {
        assert_eq!(client_address(0), "198.18.0.1");
        assert_eq!(client_address(251), "198.18.1.2");
    }
}
