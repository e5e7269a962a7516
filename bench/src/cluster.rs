//! A cluster of PostgreSQL with the settings that PostgreSQL has by itself: a commit waits for the disk.
//! It listens on a socket in a temporary directory, and ends with the bench, however that ends.

use anyhow::{Context, Result, ensure};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// How long it may take to start.
const START: Duration = Duration::from_secs(60);

/// Runs the server until the standard input ends, as it does when the bench has ended, and deletes its
/// files.
const UNTIL_THE_END: &str = r#"
program=$1 folder=$2
"$program" -D "$folder/data" -c unix_socket_directories="$folder" -c listen_addresses= \
    >"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT $server
wait $server
cd / && rm -rf "$folder"
"#;

/// A running server.
pub struct Cluster {
    folder: PathBuf,
    /// Its standard input keeps the server running.
    _server: Child,
}

impl Cluster {
    /// A new one. None where `initdb` and `postgres` are not installed.
    ///
    /// # Errors
    /// When it does not start, or would lose a commit with the power.
    pub async fn start() -> Result<Option<Self>> {
        let Some(programs) = programs() else { return Ok(None) };
        let folder = tempfile::Builder::new().prefix("consent-bench-pg-").tempdir()?.keep();
        as_owner::give(&folder)?;
        let mut initdb = Command::new(programs.join("initdb"));
        initdb.args(["-U", "app", "-A", "trust", "--no-locale", "-E", "UTF8", "-D"]);
        initdb.arg(folder.join("data")).current_dir("/");
        let made = as_owner::run(&mut initdb).output().await.context("cannot start initdb")?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut server = Command::new("sh");
        server.args(["-c", UNTIL_THE_END, "sh"]).arg(programs.join("postgres")).arg(&folder);
        server.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
        let server = as_owner::run(&mut server).spawn().context("cannot start postgres")?;
        let cluster = Self { folder, _server: server };
        cluster.wait().await?;
        Ok(Some(cluster))
    }

    async fn wait(&self) -> Result<()> {
        let began = Instant::now();
        let mut connection = loop {
            match PgConnection::connect(&self.url("postgres")).await {
                Ok(connection) => break connection,
                Err(error) => {
                    ensure!(began.elapsed() < START, "PostgreSQL does not start: {error}")
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let show = AssertSqlSafe(format!("SHOW {setting}"));
            let value: String = sqlx::query_scalar(show).fetch_one(&mut connection).await?;
            ensure!(value == "on", "{setting} is {value}: what is measured would not be durable");
        }
        Ok(connection.close().await?)
    }

    /// Makes a database, and gives its URL.
    ///
    /// # Errors
    /// When there is one of this name already.
    pub async fn database(&self, name: &str) -> Result<String> {
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut connection).await?;
        connection.close().await?;
        Ok(self.url(name))
    }

    /// The version of the server: `15.14`.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn version(&self) -> Result<String> {
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        let version: String =
            sqlx::query_scalar("SHOW server_version").fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(version.split_whitespace().next().unwrap_or_default().to_owned())
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://app@localhost/{database}?host={}", self.folder.display())
    }
}

/// The directory of PostgreSQL's programs: Debian has those of the server in none of the path.
fn programs() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut installed: Vec<_> = installed.flatten().map(|it| it.path().join("bin")).collect();
    installed.sort();
    let mut folders = env::split_paths(&path).chain(installed.into_iter().rev());
    let folder = folders.find(|it| it.join("initdb").is_file() && it.join("postgres").is_file())?;
    // The path may have links to some of them.
    folder.join("initdb").canonicalize().ok()?.parent().map(Path::to_owned)
}

/// PostgreSQL refuses to run as root: then it runs as nobody, and owns its files.
#[cfg(unix)]
mod as_owner {
    use anyhow::{Context, Result};
    use std::path::Path;
    use tokio::process::Command;

    const NOBODY: u32 = 65534;

    pub fn give(folder: &Path) -> Result<()> {
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(folder, Some(NOBODY), Some(NOBODY))
                .with_context(|| folder.display().to_string())?;
        }
        Ok(())
    }

    pub fn run(command: &mut Command) -> &mut Command {
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        // A Ctrl-C in the terminal is for the bench alone.
        command.process_group(0)
    }
}

/// Elsewhere nothing has to change.
#[cfg(not(unix))]
mod as_owner {
    use anyhow::Result;
    use std::path::Path;
    use tokio::process::Command;

    pub fn give(_: &Path) -> Result<()> {
        Ok(())
    }

    pub fn run(command: &mut Command) -> &mut Command {
        command
    }
}
