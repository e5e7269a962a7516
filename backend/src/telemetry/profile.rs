//! Where the time of a request goes, for the list of slow requests. Names are words and places of this
//! program: no value of a request is in them.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde::Serialize;
use utoipa::ToSchema;

/// Parts of one request that are listed one by one. What comes after is counted as one.
const MOST_PARTS: usize = 64;

/// Waits for a connection that are kept one by one.
const MOST_WAITS: usize = 64;

/// What a request spent time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Waiting for a connection to the database.
    PoolWait,
    /// Waiting for other transactions that write.
    LockWait,
    /// A statement of the database.
    Statement,
    /// A commit, until it is on the disk.
    Commit,
    /// Rendering a page.
    Rendering,
    /// A request to another server.
    Outgoing,
}

/// How often, and for how long together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    pub times: u32,
    pub total: Duration,
}

/// What a request has spent so far.
#[derive(Debug, Default)]
pub struct Profile {
    pub parts: BTreeMap<(Work, Cow<'static, str>), Spent>,
    /// How long each connection was waited for.
    pub waits: Vec<Duration>,
}

impl Profile {
    fn add(&mut self, work: Work, name: Cow<'static, str>, time: Duration) {
        if work == Work::PoolWait && self.waits.len() < MOST_WAITS {
            self.waits.push(time);
        }
        let key = (work, name);
        // Only statements have many names.
        let is_few = work != Work::Statement || self.parts.len() < MOST_PARTS;
        let key = match is_few || self.parts.contains_key(&key) {
            true => key,
            false => (work, Cow::Borrowed("others")),
        };
        let spent = self.parts.entry(key).or_default();
        spent.times = spent.times.saturating_add(1);
        spent.total += time;
    }
}

tokio::task_local! {
    static PROFILE: Arc<Mutex<Profile>>;
}

/// What a request has spent, while it runs and afterwards.
#[derive(Debug, Default)]
pub struct Recording(Arc<Mutex<Profile>>);

impl Recording {
    /// Runs the request, whose parts are recorded.
    pub fn of<F: Future>(&self, request: F) -> impl Future<Output = F::Output> + use<F> {
        PROFILE.scope(Arc::clone(&self.0), request)
    }

    /// What was recorded so far; the record is empty then.
    #[must_use]
    pub fn taken(&self) -> Profile {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Counts the time of a future for the request that the task belongs to, also when it is given up; for none
/// outside of one.
pub async fn timed<F: Future>(
    work: Work,
    name: impl Into<Cow<'static, str>>,
    future: F,
) -> F::Output {
    let _timing = Timing { work, name: name.into(), began: Instant::now() };
    future.await
}

/// The same for what does not wait.
pub fn timed_now<T>(work: Work, name: impl Into<Cow<'static, str>>, run: impl FnOnce() -> T) -> T {
    let _timing = Timing { work, name: name.into(), began: Instant::now() };
    run()
}

/// Counts its time when it is dropped.
struct Timing {
    work: Work,
    name: Cow<'static, str>,
    began: Instant,
}

impl Drop for Timing {
    fn drop(&mut self) {
        let (name, time) = (std::mem::take(&mut self.name), self.began.elapsed());
        // Fails outside of a request.
        let _ = PROFILE.try_with(|profile| {
            let mut profile = profile.lock().unwrap_or_else(PoisonError::into_inner);
            profile.add(self.work, name, time);
        });
    }
}
