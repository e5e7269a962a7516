//! Leaves nothing behind: temporary files and shared browsers go when the process of the tests ends,
//! however it ends.

use anyhow::{Context, Result, anyhow};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

/// Waits for the end of its input, which comes when our process ends. Kills the process groups whose
/// numbers it has read, and removes the folder. What is being killed may still write into it.
const SCRIPT: &str = r#"
    groups=
    while read -r group; do groups="$groups -$group"; done
    [ -n "$groups" ] && kill -s KILL -- $groups
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
        rm -rf "$1" && break
        sleep 0.2
    done
"#;

struct Cleanup {
    folder: PathBuf,
    script: Mutex<ChildStdin>,
}

static CLEANUP: LazyLock<Result<Cleanup>> = LazyLock::new(Cleanup::start);

impl Cleanup {
    fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("consent-e2e.").tempdir()?.keep();
        let mut script = Command::new("sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C is for the tests; this must survive them.
            .process_group(0)
            .spawn()
            .context("cannot start sh")?;
        let script = script.stdin.take().context("sh has no input")?;
        Ok(Self { folder, script: Mutex::new(script) })
    }

    fn get() -> Result<&'static Self> {
        CLEANUP.as_ref().map_err(|error| anyhow!("nothing could be cleaned up: {error:#}"))
    }
}

/// The folder for the temporary files of this process.
///
/// # Errors
/// When it cannot be made.
pub fn folder() -> Result<&'static Path> {
    Ok(&Cleanup::get()?.folder)
}

/// Kills a process and all that it started, at the end of ours. It must lead a group of its own.
///
/// # Errors
/// When the script that does it is gone.
pub fn kill_at_exit(process: &Child) -> Result<()> {
    let mut script = Cleanup::get()?.script.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(script, "{}", process.id()).context("cannot clean up later")
}
