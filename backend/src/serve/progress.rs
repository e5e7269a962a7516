//! What a connection is doing, since when, and until when it may go on with that.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How long a connection may take for what its client has to do.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// To send the head of a request, from its first byte; at a new connection from the beginning.
    pub head: Duration,
    /// Between two requests. Longer than the 60 seconds after which nginx and the balancers of the
    /// clouds close theirs: who closes first must not be the one that is about to be asked.
    pub idle: Duration,
    /// To take what is waiting to be written; a second more for each KiB that it takes.
    pub write: Duration,
    /// To read the last answer and close, after we have closed our side.
    pub linger: Duration,
    /// To finish the head of a request once the process is stopping.
    pub last_head: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(30),
            linger: Duration::from_secs(1),
            last_head: Duration::from_secs(1),
        }
    }
}

/// The slowest reader that is waited for reads one KiB in this time.
const TIME_FOR_A_KIB: Duration = Duration::from_secs(1);

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Reading the head of a request.
    Head,
    /// Handling a request: from its head to the end of its answer.
    Request,
    /// The answer is complete, and not written yet.
    Flush,
    /// Waiting for the next request.
    Idle,
    /// Our side is closed.
    Linger,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    /// Since when the client sends nothing of a body that is waited for.
    unsent: Option<Instant>,
    /// Since when the client reads nothing of what is to be written.
    unread: Option<Instant>,
    stopping: Option<Instant>,
}

/// What a connection is doing, shared by its parts and by those that look for room.
#[derive(Debug, Clone)]
pub struct Progress(Arc<Mutex<State>>);

/// How readily a connection is given up for a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expendable {
    /// Nothing is being asked or answered: nothing is lost.
    Waiting(Instant),
    /// The client has stopped sending or reading.
    Stalled(Instant),
}

impl Progress {
    /// A connection that was just accepted.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            phase: Phase::Head,
            since: Instant::now(),
            unsent: None,
            unread: None,
            stopping: None,
        })))
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes have arrived.
    pub fn received(&self) {
        let mut state = self.locked();
        if state.phase == Phase::Idle {
            state.enter(Phase::Head);
        }
    }

    /// The head of a request is complete.
    pub fn request_begins(&self) {
        self.locked().enter(Phase::Request);
    }

    /// More of a request's body is waited for, or is not any more.
    pub fn waits_for_body(&self, waits: bool) {
        self.locked().unsent.set(waits);
    }

    /// The answer to a request is complete.
    pub fn answer_ends(&self) {
        let mut state = self.locked();
        if state.phase == Phase::Request {
            state.enter(Phase::Flush);
        }
    }

    /// The client does not read what is to be written.
    pub fn waits_to_write(&self) {
        self.locked().unread.set(true);
    }

    /// Bytes were written. A client that reads slowly gains time for what it reads; one that reads a
    /// byte now and then gains nearly none.
    pub fn wrote(&self, bytes: usize) {
        let mut state = self.locked();
        if let Some(since) = &mut state.unread {
            let kibibytes = u32::try_from(bytes / 1024).unwrap_or(u32::MAX);
            *since = (*since + TIME_FOR_A_KIB * kibibytes).min(Instant::now());
        }
    }

    /// Everything is written.
    pub fn flushed(&self) {
        let mut state = self.locked();
        state.unread = None;
        if state.phase == Phase::Flush {
            state.enter(Phase::Idle);
        }
    }

    /// Our side is closed.
    pub fn lingers(&self) {
        self.locked().enter(Phase::Linger);
    }

    /// Whether the head of a request is being read, or is still to come on a new connection.
    pub fn is_reading_head(&self) -> bool {
        self.locked().phase == Phase::Head
    }

    /// The process is stopping.
    pub fn stops(&self) {
        self.locked().stopping = Some(Instant::now());
    }

    /// When the client has had its time, as things stand; none while it is our turn.
    pub fn due(&self, deadlines: &Deadlines) -> Option<Instant> {
        let state = self.locked();
        let last_head = state.stopping.map(|since| since + deadlines.last_head);
        let phase = match state.phase {
            Phase::Head => Some(state.since + deadlines.head),
            Phase::Idle => Some(state.since + deadlines.idle),
            Phase::Linger => return Some(state.since + deadlines.linger),
            Phase::Request | Phase::Flush => None,
        };
        let phase = phase.map(|due| last_head.map_or(due, |last| last.min(due)));
        let write = state.unread.map(|since| since + deadlines.write);
        [phase, write].into_iter().flatten().min()
    }

    /// Whether it can be given up for a new connection.
    pub fn expendable(&self) -> Option<Expendable> {
        let state = self.locked();
        match state.phase {
            Phase::Head | Phase::Idle | Phase::Linger => Some(Expendable::Waiting(state.since)),
            Phase::Request | Phase::Flush => {
                let stalled = [state.unsent, state.unread].into_iter().flatten().min();
                stalled.map(Expendable::Stalled)
            }
        }
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
        self.unsent = None;
    }
}

trait Since {
    /// Begins now unless it has begun, or ends.
    fn set(&mut self, holds: bool);
}

impl Since for Option<Instant> {
    fn set(&mut self, holds: bool) {
        *self = if holds { self.or_else(|| Some(Instant::now())) } else { None };
    }
}
