//! `cargo xtask run`: from a fresh clone to a page in the browser.

use crate::{bundle, process, workspace};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How the demo is started.
#[derive(Args)]
pub struct Options {
    /// Port of 127.0.0.1 to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the backend keeps its database [default: the user's data directory]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
}

/// Installs missing tools, builds, starts the backend with its demo, and waits until it ends.
///
/// # Errors
/// When the port is taken, something does not build, or the backend fails.
pub fn run(options: &Options) -> Result<()> {
    // Checked before anything that takes minutes.
    if let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)) {
        bail!(
            "port {} of 127.0.0.1 cannot be used ({error}); choose another with --port, or take \
             any free one with --port 0",
            options.port
        );
    }
    bundle::demo()?;

    let mut backend = process::program(workspace::demo_backend()?)?;
    backend.args(["--demo", "--listen", &format!("127.0.0.1:{}", options.port), "--dist"]);
    backend.arg(workspace::dist()).arg("--studio").arg(workspace::studio());
    backend.stdout(Stdio::piped());
    if let Some(directory) = &options.data_dir {
        // The backend runs in the checkout's root, and the path was typed elsewhere.
        backend.arg("--data-dir").arg(std::path::absolute(directory)?);
    }
    let mut backend = backend.spawn().context("cannot start the backend")?;
    let asked_to_stop = forward_signals(&backend)?;
    announce(&mut backend, !options.no_open)?;

    let status = backend.wait().context("cannot wait for the backend")?;
    if !status.success() && !asked_to_stop.load(Ordering::SeqCst) {
        bail!("the backend ended with {status}; its last lines above give the reason");
    }
    Ok(())
}

/// Waits until the backend prints its address, and prints the addresses of the demo and the studio.
fn announce(backend: &mut Child, open: bool) -> Result<()> {
    let stdout = backend.stdout.take().context("the backend's output was not asked for")?;
    for line in BufReader::new(stdout).lines() {
        let line = line.context("cannot read what the backend writes")?;
        let Some(origin) = line.strip_prefix("listening on ") else {
            println!("{line}");
            continue;
        };
        let demo = format!("{origin}/demo");
        println!("\nThe demo is at {demo}\nThe preview studio is at {origin}/studio/");
        println!("The API is described at {origin}/api/v1/openapi.json");
        println!("Stop it with Ctrl-C.\n");
        if open && has_display() && open::that_detached(&demo).is_err() {
            println!("No browser could be opened: open {demo} yourself.");
        }
    }
    Ok(())
}

/// Forwards signals, so that the backend shuts down in order. A terminal signals both processes, a
/// service manager only this one.
fn forward_signals(backend: &Child) -> Result<Arc<AtomicBool>> {
    let asked = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&asked);
    let process = i32::try_from(backend.id()).ok();
    ctrlc::set_handler(move || {
        noted.store(true, Ordering::SeqCst);
        #[cfg(unix)]
        if let Some(process) = process.and_then(rustix::process::Pid::from_raw) {
            // It may have ended already.
            let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
        }
        #[cfg(not(unix))]
        let _ = process;
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(asked)
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
