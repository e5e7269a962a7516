//! The audit log of a process: a queue, and a thread that writes.
//!
//! A request hands its line over and goes on: a slow disk, a full one, or a pipe without a reader keeps
//! no request waiting and fails none. What could not be written is counted and logged.

use std::{
    fmt, io,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use super::{Record, line, sink::Sink};
use crate::{clock::Clock, crypto::DerivationKey, metrics::AuditLines};

/// Lines that may wait: some 2 MiB.
const QUEUE: usize = 8192;

/// How often the log names a queue that is full.
const LOG_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Where the audit log is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    File(PathBuf),
    /// `-`
    StandardOutput,
}

impl From<PathBuf> for Target {
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Self::StandardOutput } else { Self::File(path) }
    }
}

/// Writes records; by default nowhere. Cheap to copy.
#[derive(Clone, Default)]
pub struct AuditLog(Option<Arc<Inner>>);

struct Inner {
    queue: SyncSender<Message>,
    lines: AuditLines,
    /// When the log last named a full queue.
    logged_at: Mutex<Option<Instant>>,
}

enum Message {
    Line(String),
    Reopen,
    Flush(SyncSender<()>),
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_on() { "AuditLog(on)" } else { "AuditLog(off)" })
    }
}

impl AuditLog {
    /// Opens the file, and starts to write.
    ///
    /// # Errors
    /// When the file cannot be opened, or no thread can be started.
    pub fn open(target: &Target) -> io::Result<Self> {
        let sink = match target {
            Target::File(path) => Sink::file(path)?,
            Target::StandardOutput => Sink::standard_output()?,
        };
        let (queue, messages) = sync_channel(QUEUE);
        let lines = AuditLines::default();
        let counted = lines.clone();
        thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || write(sink, &messages, &counted))?;
        Ok(Self(Some(Arc::new(Inner { queue, lines, logged_at: Mutex::default() }))))
    }

    /// Whether anything is written.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Writes a record. Without a key an account is left out.
    pub fn write(&self, record: &Record<'_>, clock: &Clock, key: Option<&DerivationKey>) {
        let Some(inner) = &self.0 else { return };
        match inner.queue.try_send(Message::Line(line::of(record, clock, key))) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => inner.is_full(),
            Err(TrySendError::Disconnected(_)) => inner.lines.lost(),
        }
    }

    /// Opens the file again, as logrotate needs it.
    pub fn reopen(&self) {
        let Some(inner) = &self.0 else { return };
        if inner.queue.try_send(Message::Reopen).is_err() {
            tracing::error!("the audit log is not opened again: too many lines wait");
        }
    }

    /// Waits until every line so far is written or lost; false when that takes too long.
    pub fn flush(&self, longest: Duration) -> bool {
        let Some(inner) = &self.0 else { return true };
        let (done, waiting) = sync_channel(1);
        let begin = Instant::now();
        while inner.queue.try_send(Message::Flush(done.clone())).is_err() {
            if begin.elapsed() >= longest {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
        waiting.recv_timeout(longest.saturating_sub(begin.elapsed())).is_ok()
    }

    /// Lines that were lost since the start.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.0.as_ref().map_or(0, |inner| inner.lines.count_lost())
    }

    /// The counts of lines, for the metrics.
    pub(crate) fn lines(&self) -> AuditLines {
        self.0.as_ref().map(|inner| inner.lines.clone()).unwrap_or_default()
    }
}

impl Inner {
    fn is_full(&self) {
        self.lines.lost();
        let mut logged_at = self.logged_at.lock().unwrap_or_else(PoisonError::into_inner);
        if logged_at.is_none_or(|at| at.elapsed() >= LOG_AGAIN_AFTER) {
            *logged_at = Some(Instant::now());
            tracing::error!("lines of the audit log are lost: they are written too slowly");
        }
    }
}

/// Writes what comes, until no one can send any more.
fn write(mut sink: Sink, messages: &Receiver<Message>, lines: &AuditLines) {
    // Of the outage that goes on; none when the last line was written.
    let mut lost: Option<u64> = None;
    for message in messages {
        match message {
            Message::Line(line) => match sink.write(line.as_bytes()) {
                Ok(()) => {
                    lines.written();
                    if let Some(lost) = lost.take() {
                        tracing::warn!(lost, "the audit log is written again");
                    }
                }
                Err(error) => {
                    lines.lost();
                    if lost.is_none() {
                        tracing::error!(%error, "the audit log cannot be written: lines are lost");
                    }
                    *lost.get_or_insert(0) += 1;
                }
            },
            Message::Reopen => {
                if let Err(error) = sink.reopen() {
                    tracing::error!(%error, "the audit log cannot be opened again");
                }
            }
            Message::Flush(done) => {
                let _ = done.try_send(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::audit::{Actor, Event};

    fn start() -> Record<'static> {
        Record::done(Event::ServerStart, Actor::System)
    }

    #[test]
    fn lines_are_written_in_order_and_counted() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("audit.log");
        let log = AuditLog::open(&Target::File(path.clone())).unwrap();
        for _ in 0..100 {
            log.write(&start(), &Clock::default(), None);
        }
        assert!(log.flush(Duration::from_secs(10)));
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 100);
        assert_eq!(log.lost(), 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_loses_lines_and_nothing_else() {
        let log = AuditLog::open(&Target::File("/dev/full".into())).unwrap();
        log.write(&start(), &Clock::default(), None);
        log.write(&start(), &Clock::default(), None);
        assert!(log.flush(Duration::from_secs(10)));
        assert_eq!(log.lost(), 2);
    }

    /// Nothing reads the pipe: a write of the thread never ends.
    #[cfg(unix)]
    #[test]
    fn a_log_without_a_reader_keeps_no_one_waiting() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let held = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let log = AuditLog::open(&Target::File(path)).unwrap();
        let begin = Instant::now();
        for _ in 0..QUEUE + 2000 {
            log.write(&start(), &Clock::default(), None);
        }
        assert!(log.lost() > 0);
        assert!(!log.flush(Duration::from_millis(50)));
        assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
        drop(held);
    }

    #[test]
    fn a_minus_is_standard_output() {
        assert_eq!(Target::from(PathBuf::from("-")), Target::StandardOutput);
        assert_eq!(Target::from(PathBuf::from("./-")), Target::File("./-".into()));
    }

    #[test]
    fn a_file_in_no_directory_is_refused() {
        let folder = TempDir::new().unwrap();
        let missing = Target::File(folder.path().join("missing/audit.log"));
        assert!(AuditLog::open(&missing).is_err());
        assert!(!AuditLog::default().is_on() && AuditLog::default().flush(Duration::ZERO));
    }
}
