//! The reference backend, started for one contender, and people to answer its questions.

use crate::client::Client;
use crate::page::Visitor;
use anyhow::{Context, Result, bail, ensure};
use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long a backend may take to say where it listens.
const START: Duration = Duration::from_secs(60);

/// The demo's services: what is measured is what people can look at.
const DEMO: &str = include_str!("../../backend/demo/services.toml");

/// The header in which the accounts are named. See the backend's `sign_in.account_header`.
const ACCOUNT_HEADER: &str = "x-bench-account";

/// The header in which a reverse proxy names the client's address.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The rate limits are off: the bench is one client.
pub const UNLIMITED: [&str; 2] = ["--rate-limit", "0"];

/// The service whose screen is measured.
pub const SHOP: &str = "demo-shop";

/// A service in Kakao's dialect.
pub const KAKAO: &str = "bench-kakao";

/// Where it takes its codes, as in a query. The dialect compares ports, too.
pub const KAKAO_CALLBACK: &str = "https%3A%2F%2Fshop.example%2Fcallback";

/// How many terms the service has that receives events.
pub const HEARING: usize = 3;

/// A service with this many terms and nothing else.
#[must_use]
pub fn service_of(items: usize) -> String {
    format!("bench-{items}")
}

/// A running backend with a database of its own. It ends, hard, when this is dropped.
pub struct Backend {
    /// Where it listens: `127.0.0.1:41234`.
    pub address: String,
    /// Where its database is.
    pub data: TempDir,
    accounts: usize,
    used: AtomicUsize,
    process: Child,
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
        let data = tempfile::tempdir()?;
        std::fs::write(data.path().join("services.toml"), toml)?;
        Self::start_on("127.0.0.1:0", data, program, dist, accounts, options).await
    }

    /// Ends the program and starts it again on the same data and at the same address.
    ///
    /// # Errors
    /// As for [`Backend::start`].
    pub async fn restart(self, program: &Path, dist: &Path, options: &[&str]) -> Result<Self> {
        let Self { address, data, accounts, used, mut process } = self;
        process.kill().await.context("cannot end the backend")?;
        let again = Self::start_on(&address, data, program, dist, accounts, options).await?;
        again.used.store(used.into_inner(), Ordering::Relaxed);
        Ok(again)
    }

    async fn start_on(
        listen: &str,
        data: TempDir,
        program: &Path,
        dist: &Path,
        accounts: usize,
        options: &[&str],
    ) -> Result<Self> {
        let log = data.path().join(LOG);
        let mut process = Command::new(program)
            .args(["--listen", listen, "--challenge-ttl", "12h"])
            // The bench stands in the proxy's place: it names accounts and client addresses.
            .args(["--trusted-proxy", "127.0.0.1"])
            .args(options)
            .arg("--dist")
            .arg(dist)
            .arg("--services")
            .arg(data.path().join("services.toml"))
            .arg("--data-dir")
            .arg(data.path())
            // What else it would log is the same for all, and is no part of any answer.
            .env("RUST_LOG", "warn,consent_backend::store::receipt_log=debug")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let stdout = process.stdout.take().context("the output was not asked for")?;
        let address = listening(stdout).await.with_context(|| {
            format!("the backend wrote:\n{}", std::fs::read_to_string(log).unwrap_or_default())
        })?;
        Ok(Self { address, data, accounts, used: AtomicUsize::new(0), process })
    }

    /// What it has logged.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn log(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.data.path().join(LOG))?)
    }

    /// The file of its database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.path().join("consent.sqlite")
    }

    /// Lets a service ask a person who was not asked before.
    ///
    /// # Errors
    /// When all accounts were asked, or the backend asks nothing.
    pub async fn ask(&self, client: &mut Client, service: &str, email: bool) -> Result<Question> {
        let number = self.used.fetch_add(1, Ordering::Relaxed);
        ensure!(number < self.accounts, "all {} people were asked", self.accounts);
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

fn account(number: usize, email: bool) -> String {
    format!("{}{number}", if email { "p" } else { "q" })
}

/// One address for each person, from the block for benchmarks (RFC 2544).
fn client_address(number: usize) -> String {
    format!("198.18.{}.{}", number / 250 % 250, number % 250 + 1)
}

fn configuration(terms: &[usize], accounts: usize) -> String {
    // Any port of a loopback address is the same to the backend (RFC 8252, 7.3).
    let mut toml = DEMO.replace("{origin}", "http://127.0.0.1");
    for &items in terms {
        let id = service_of(items);
        let _ = write!(
            toml,
            "\n[[service]]\nclient_id = \"{id}\"\nname = \"약관 {items}개\"\n\
             company = \"한옥마켓 주식회사\"\n\
             redirect_uris = [\"http://127.0.0.1/demo/callback\"]\n\
             client_secret = \"{id}-is-no-secret\"\nverified = true\napproved = true\n\
             [service.personal_info]\nrecipient = \"한옥마켓 주식회사\"\npurpose = \"회원 가입\"\n\
             retention = \"회원 탈퇴 또는 동의 철회 시까지\"\nrefusal_effect = \"가입할 수 없습니다\"\n"
        );
        for item in 1..=items {
            let required = item % 2 == 1;
            let _ = write!(
                toml,
                "[[service.terms]]\ntag = \"t{item}\"\nkind = \"service\"\nrequired = {required}\n\
                 version = \"2026-11-01\"\neffective_from = 2026-11-01\n\
                 title = \"{item}번 약관\"\ntext = \"제{item}조의 내용입니다.\"\n"
            );
        }
    }
    let _ = write!(
        toml,
        "\n[[service]]\nclient_id = \"{KAKAO}\"\ndialect = \"kakao\"\nname = \"카카오 앱\"\n\
         company = \"한옥마켓 주식회사\"\nredirect_uris = [\"https://shop.example/callback\"]\n\
         client_secret = \"{KAKAO}-is-no-secret\"\nverified = true\napproved = true\n\
         [service.personal_info]\nrecipient = \"한옥마켓 주식회사\"\npurpose = \"회원 가입\"\n\
         retention = \"회원 탈퇴 또는 동의 철회 시까지\"\nrefusal_effect = \"가입할 수 없습니다\"\n"
    );
    for id in ["profile_nickname", "account_email", "phone_number"] {
        let _ = write!(
            toml,
            "[[service.personal_info.items]]\nid = \"{id}\"\nlabel = \"{id}\"\nrequired = true\n"
        );
    }
    for number in 0..accounts {
        for email in [true, false] {
            let id = account(number, email);
            let _ = write!(toml, "\n[[account]]\nid = \"{id}\"\nnickname = \"하나\"\n");
            let _ = writeln!(toml, "phone = \"01012341234\"");
            if email {
                let _ = writeln!(toml, "email = \"hana@example.com\"");
            }
        }
    }
    let _ = write!(
        toml,
        "\n[sign_in]\naccount_header = \"{ACCOUNT_HEADER}\"\n\
         \n[guardian]\nmail_hook = \"https://mail.example/guardian\"\n\
         mail_secret = \"no-mail-is-sent-here\"\n"
    );
    toml
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_backend::config::Source;

    #[test]
    fn the_configuration_has_every_service_and_both_kinds_of_people() {
        let toml = configuration(&[3, 30], 2);
        assert_eq!(toml.matches("번 약관\"").count(), 33);
        assert!(toml.contains("client_id = \"bench-30\""));
        assert!(toml.contains("id = \"p1\"") && toml.contains("id = \"q1\""));
        assert!(!toml.contains("{origin}"));
    }

    #[test]
    fn the_backend_accepts_the_configuration() {
        let source = Source::built_in("bench", configuration(&[3], 1));
        let faults: Vec<String> = match source.catalog() {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(faults, [""; 0]);
    }

    #[test]
    fn people_have_addresses_of_their_own() {
        assert_eq!(client_address(0), "198.18.0.1");
        assert_eq!(client_address(251), "198.18.1.2");
    }
}
