//! The processes behind a browser.

use super::cleanup;
use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// How long a driver may take until it listens, on a machine that is busy with other tests.
const START: Duration = Duration::from_secs(30);

/// A process that is killed when this is dropped. It belongs to no async runtime: a shared browser
/// outlives the test that started it.
pub struct Process(pub Child);

impl Process {
    /// Starts a program without input and output.
    ///
    /// # Errors
    /// When there is no such program.
    pub fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self::spawn(command)
    }

    /// Starts a program that writes its output into a file.
    ///
    /// # Errors
    /// When there is no such program, or the file cannot be made.
    pub fn start_with_log(mut command: Command, log: &Path) -> Result<Self> {
        let log = File::create(log)?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Result<Self> {
        let program = command.get_program().display().to_string();
        Ok(Self(command.spawn().with_context(|| format!("cannot start {program}"))?))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program that an environment variable names, or the one of that name on the `PATH`.
pub fn program(variable: &str, name: &str) -> OsString {
    env::var_os(variable).unwrap_or_else(|| name.into())
}

/// A port that is free now.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// Starts a driver with `argument` and a port, and waits until it listens. Returns it with its
/// address. The driver and its browser keep their files in the folder that is cleaned up.
///
/// # Errors
/// When it does not start.
pub async fn driver(mut command: Command, argument: &str) -> Result<(Process, String)> {
    let port = free_port()?;
    command.arg(format!("{argument}{port}")).env("TMPDIR", cleanup::folder()?);
    let process = Process::start(command)?;
    let deadline = Instant::now() + START;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
        if Instant::now() > deadline {
            bail!("the browser's driver does not listen");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok((process, format!("http://127.0.0.1:{port}")))
}
