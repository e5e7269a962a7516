//! One backend process with a database of its own.

use crate::engine::cleanup;
use anyhow::{Context, Result, bail, ensure};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;
use tokio::time::timeout;

/// How long a server may take to say where it listens.
const START: Duration = Duration::from_secs(60);

/// The variable with the backend's path.
const BACKEND: &str = "CONSENT_BACKEND";

/// The backend's log in a data directory.
const LOG: &str = "backend.log";

/// The files of the database in a data directory.
const DATABASE: &str = "consent.sqlite";
const WRITE_AHEAD_LOG: &str = "consent.sqlite-wal";

/// Data directories as a first start leaves them: tables, and a signing key, which takes longer to
/// make than all else of a start. A demo and a production never share one, and accounts are linked to
/// the shop when they are first seen.
static NEW_DEMO: OnceCell<PathBuf> = OnceCell::const_new();
static NEW_DEMO_WITH_SHOP: OnceCell<PathBuf> = OnceCell::const_new();
static NEW_PRODUCTION: OnceCell<PathBuf> = OnceCell::const_new();

/// A running backend. It ends, hard, when this is dropped.
pub struct Product {
    process: Child,
    address: String,
    /// How it was started, to start it again.
    arguments: Vec<OsString>,
    data: PathBuf,
}

impl Product {
    /// Starts the backend that `cargo xtask` has built; `more` says with which services.
    ///
    /// `public_origin` is where browsers find it: the address of the proxy in front of it.
    /// `data` is the directory of its database and of its log, `backend.log`. Unless
    /// `is_server_rendered`, the page has no SSR outlet, as on a static host.
    ///
    /// # Errors
    /// When the environment does not say what to start, or it does not start.
    pub async fn start(
        public_origin: &str,
        data: &Path,
        is_server_rendered: bool,
        more: &[String],
    ) -> Result<Self> {
        let mut arguments: Vec<OsString> =
            ["--listen", "127.0.0.1:0", "--public-origin", public_origin, "--data-dir"]
                .map(OsString::from)
                .into();
        arguments.push(data.into());
        arguments.push("--dist".into());
        let dist = path_from("CONSENT_DIST")?;
        arguments
            .push(if is_server_rendered { dist } else { without_ssr_outlet(&dist, data)? }.into());
        // `cargo xtask` always says where the studio is.
        if env::var_os("CONSENT_STUDIO").is_some() {
            arguments.extend(["--studio".into(), path_from("CONSENT_STUDIO")?.into()]);
        }
        arguments.extend(more.iter().map(OsString::from));
        copy_database(more, data).await?;
        let (process, address) = launch(BACKEND, &arguments, &data.join(LOG)).await?;
        Ok(Self { process, address, arguments, data: data.to_owned() })
    }

    /// Where it listens: `127.0.0.1:41234`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Ends it as a power failure would: no handler runs, nothing is flushed.
    ///
    /// # Errors
    /// When the process cannot be ended.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.kill().await.context("cannot kill the backend")
    }

    /// Asks it to read its configuration and its language files again, and waits until it has.
    ///
    /// # Errors
    /// When it does not say so in its log, or the configuration is refused.
    pub async fn reload(&self) -> Result<()> {
        const RELOADED: &str = "the configuration was reloaded";
        let log = self.data.join(LOG);
        let count =
            || -> Result<usize> { Ok(std::fs::read_to_string(&log)?.matches(RELOADED).count()) };
        let before = count()?;
        let id = self.process.id().context("the backend has ended")?.to_string();
        let sent = Command::new("kill").args(["-s", "HUP", &id]).status().await?;
        ensure!(sent.success(), "the signal cannot be sent");
        let reloaded = async {
            while count()? == before {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        };
        timeout(START, reloaded).await.context("the configuration was not reloaded")?
    }

    /// Starts it again on the same database, at another address.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_again(&mut self) -> Result<()> {
        let log = self.data.join(LOG);
        (self.process, self.address) = launch(BACKEND, &self.arguments, &log).await?;
        Ok(())
    }
}

/// Gives an empty data directory the database of a backend that has started once.
async fn copy_database(options: &[String], data: &Path) -> Result<()> {
    let has = |name: &str| options.iter().any(|option| option == name);
    let kind = match (has("--demo"), has("--demo-shop")) {
        (true, false) => Kind::Demo,
        (true, true) => Kind::DemoWithShop,
        (false, _) => Kind::Production,
    };
    let started_once = match kind {
        Kind::Demo => &NEW_DEMO,
        Kind::DemoWithShop => &NEW_DEMO_WITH_SHOP,
        Kind::Production => &NEW_PRODUCTION,
    };
    let started_once = started_once.get_or_try_init(|| start_once(kind)).await?;
    for file in [DATABASE, WRITE_AHEAD_LOG] {
        let (from, to) = (started_once.join(file), data.join(file));
        if from.exists() && !to.exists() {
            std::fs::copy(from, to)?;
        }
    }
    Ok(())
}

/// How a backend is started.
#[derive(Clone, Copy)]
enum Kind {
    Demo,
    DemoWithShop,
    Production,
}

async fn start_once(kind: Kind) -> Result<PathBuf> {
    let data = tempfile::tempdir_in(cleanup::folder()?)?.keep();
    let mut arguments: Vec<OsString> =
        ["--listen", "127.0.0.1:0", "--public-origin", "http://127.0.0.1:1", "--data-dir"]
            .map(OsString::from)
            .into();
    arguments.push(data.clone().into());
    match kind {
        Kind::Demo => arguments.push("--demo".into()),
        Kind::DemoWithShop => {
            let shop = ["--demo", "--demo-shop", "http://127.0.0.1:2"];
            arguments.extend(shop.map(OsString::from));
        }
        Kind::Production => {
            let services = data.join("services.toml");
            std::fs::write(&services, "[sign_in]\naccount_header = \"x-account\"\n")?;
            arguments.extend(["--services".into(), services.into()]);
            arguments.extend(["--trusted-proxy", "127.0.0.1"].map(OsString::from));
        }
    }
    let (mut process, _) = launch(BACKEND, &arguments, &data.join(LOG)).await?;
    process.kill().await.context("cannot kill the backend")?;
    Ok(data)
}

/// A copy of the built screen whose page has no SSR outlet.
fn without_ssr_outlet(dist: &Path, data: &Path) -> Result<PathBuf> {
    let copy = data.join("dist");
    copy_directory(dist, &copy)?;
    let page = copy.join("index.html");
    let html = std::fs::read_to_string(&page)?;
    ensure!(html.contains(" data-ssr-outlet"), "the page has no SSR outlet");
    std::fs::write(page, html.replace(" data-ssr-outlet", ""))?;
    Ok(copy)
}

fn copy_directory(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_directory(&entry.path(), &copy)?,
            false => drop(std::fs::copy(entry.path(), copy)?),
        }
    }
    Ok(())
}

/// Starts a server whose path a variable names, and waits until it says where it listens; returns that
/// address.
///
/// # Errors
/// When the variable is not set, or the server ends; with what it wrote to its log.
pub(crate) async fn launch(
    program: &str,
    arguments: &[OsString],
    log: &Path,
) -> Result<(Child, String)> {
    let file = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
    let mut process = Command::new(path_from(program)?)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(file)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    let stdout = process.stdout.take().context("its output was not asked for")?;
    let mut lines = BufReader::new(stdout).lines();
    let listening = async {
        while let Some(line) = lines.next_line().await? {
            if let Some(address) = line.strip_prefix("listening on http://") {
                return Ok(address.trim_end_matches('/').to_owned());
            }
        }
        bail!("it ended without listening");
    };
    let said = timeout(START, listening).await.context("it does not say where it listens");
    let address = said.and_then(|said| said).with_context(|| {
        let log = std::fs::read_to_string(log).unwrap_or_default();
        format!("`${program} {}` wrote:\n{log}", arguments.join(" ".as_ref()).display())
    })?;
    // Drains the output: a full pipe would stop the backend in the middle of a test.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((process, address))
}

fn path_from(name: &str) -> Result<PathBuf> {
    let Some(path) = env::var_os(name).map(PathBuf::from) else {
        bail!("{name} is not set: start these tests with `cargo xtask test --only e2e`");
    };
    ensure!(path.exists(), "{name} names {}, which does not exist", path.display());
    Ok(path)
}
