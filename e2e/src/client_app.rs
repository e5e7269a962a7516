//! Web applications around clients that others wrote: the scripts in `e2e/clients`. Each signs its
//! visitors in through the product, with a client configured as the client's own documentation
//! shows.

use crate::engine::process::{Process, free_port};
use crate::packages;
use anyhow::{Context, Result, bail};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpStream;

/// How long an application may take until it listens, on a machine that is busy with other tests.
const START: Duration = Duration::from_secs(60);

/// What an application runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    Node,
    Python,
}

/// Where an application will listen, and how the product knows it.
#[derive(Clone, Debug)]
pub struct Registration {
    pub client_id: &'static str,
    pub client_secret: &'static str,
    port: u16,
}

impl Registration {
    /// On a free port.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(client_id: &'static str, client_secret: &'static str) -> Result<Self> {
        Ok(Self { client_id, client_secret, port: free_port()? })
    }

    /// The application's origin.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// A running application. It ends when this is dropped.
pub struct ClientApp {
    _process: Process,
    _directory: TempDir,
}

/// The directory of the scripts.
#[must_use]
pub fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

impl ClientApp {
    /// Starts a script, registered at the product with this issuer.
    ///
    /// # Errors
    /// When its packages cannot be installed, or it does not listen; with what it wrote.
    pub async fn start(
        script: &str,
        runtime: Runtime,
        issuer: &str,
        registration: &Registration,
    ) -> Result<Self> {
        let directory = TempDir::new()?;
        let log = directory.path().join("log");
        let mut command = match runtime {
            Runtime::Node => {
                // Modules are looked for beside the script.
                for entry in std::fs::read_dir(scripts())? {
                    let file = entry?.path();
                    if file.extension().is_some_and(|it| it == "mjs") {
                        let name = file.file_name().context("a file has a name")?;
                        std::fs::copy(&file, directory.path().join(name))?;
                    }
                }
                let modules = packages::from_npm(&scripts())?.join("node_modules");
                std::os::unix::fs::symlink(modules, directory.path().join("node_modules"))?;
                let mut command = Command::new("node");
                command.arg(directory.path().join(script));
                command
            }
            Runtime::Python => {
                let packages = packages::from_pypi(&scripts().join("requirements.txt"))?;
                let mut command = Command::new("python3");
                command.arg(scripts().join(script)).env("PYTHONPATH", packages);
                command.env("PYTHONDONTWRITEBYTECODE", "1");
                command
            }
        };
        command
            .env("ISSUER", issuer)
            .env("CLIENT_ID", registration.client_id)
            .env("CLIENT_SECRET", registration.client_secret)
            .env("PORT", registration.port.to_string())
            .current_dir(directory.path());
        let mut process = Process::start_with_log(command, &log)?;
        let deadline = Instant::now() + START;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, registration.port)).await.is_err() {
            let has_ended = process.0.try_wait()?.is_some();
            if has_ended || Instant::now() > deadline {
                bail!("{script} does not listen: {}", std::fs::read_to_string(&log)?);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { _process: process, _directory: directory })
    }
}
