//! The servers of the demo: they start one after the other and end together.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How often it is looked whether all of them still run.
const GLANCE: Duration = Duration::from_millis(200);

/// The process ids of what was started, for the signal handler.
type Ids = Arc<Mutex<Vec<u32>>>;

/// What was started. It ends when this is dropped.
pub struct Servers {
    running: Vec<(&'static str, Child)>,
    ids: Ids,
    asked_to_stop: Arc<AtomicBool>,
}

impl Servers {
    /// Forwards signals from now on, so that servers shut down in order. A terminal signals every
    /// process, a service manager only this one.
    ///
    /// # Errors
    /// When there is a handler already.
    pub fn new() -> Result<Self> {
        let servers = Self {
            running: Vec::new(),
            ids: Ids::default(),
            asked_to_stop: Arc::new(AtomicBool::new(false)),
        };
        let (ids, asked) = (Arc::clone(&servers.ids), Arc::clone(&servers.asked_to_stop));
        ctrlc::set_handler(move || {
            asked.store(true, Ordering::SeqCst);
            terminate(&ids);
        })
        .context("cannot listen for Ctrl-C")?;
        Ok(servers)
    }

    /// Starts a server and waits until it prints where it listens; returns that origin.
    ///
    /// # Errors
    /// When it cannot be started, or ends before.
    pub fn start(&mut self, name: &'static str, mut command: Command) -> Result<String> {
        command.stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let stdout = child.stdout.take();
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).push(child.id());
        self.running.push((name, child));
        let stdout = stdout.with_context(|| format!("the output of {name} was not asked for"))?;
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next() {
            let line = line.with_context(|| format!("cannot read what {name} writes"))?;
            let Some(origin) = line.strip_prefix("listening on ") else {
                println!("{line}");
                continue;
            };
            // A full pipe would stop it.
            thread::spawn(move || lines.map_while(Result::ok).for_each(|line| println!("{line}")));
            return Ok(origin.trim_end_matches('/').to_owned());
        }
        if self.asked_to_stop.load(Ordering::SeqCst) {
            bail!("stopped while {name} was starting");
        }
        bail!("{name} ended before it listened; its last lines above give the reason")
    }

    /// Waits until one of them ends, and ends the others.
    ///
    /// # Errors
    /// When one ended that no one had asked to.
    pub fn wait(mut self) -> Result<()> {
        let (name, status) = loop {
            let mut ended = None;
            for (name, child) in &mut self.running {
                let status = child.try_wait().with_context(|| format!("cannot wait for {name}"))?;
                ended = ended.or(status.map(|status| (*name, status)));
            }
            match ended {
                Some(ended) => break ended,
                None => thread::sleep(GLANCE),
            }
        };
        if !status.success() && !self.asked_to_stop.load(Ordering::SeqCst) {
            bail!("{name} ended with {status}; its last lines above give the reason");
        }
        Ok(())
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        terminate(&self.ids);
        for (_, child) in &mut self.running {
            // Where there are no signals it would run on. It may have ended already.
            #[cfg(not(unix))]
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Asks every server to end.
fn terminate(ids: &Ids) {
    for id in ids.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        #[cfg(unix)]
        if let Some(process) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
            // It may have ended already.
            let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
        }
        #[cfg(not(unix))]
        let _ = id;
    }
}
