//! Which of several servers does the background work of their database.
//!
//! Clocks of servers differ, and one can be wrong by years, so no time of day decides. A server that does not
//! have a lease watches it: when the holder has not renewed it for [`LEASE`], by the monotonic clock of the
//! watcher, the holder is gone. A holder that was only paused finds that another has its lease, and stops. What
//! it still does then harms nothing: each job works in transactions that lock, and does nothing twice.

use std::sync::{Mutex, PoisonError};

use super::App;
use crate::{
    clock::Seconds,
    crypto,
    store::{self, Job, Lease},
};

/// How long a lease lasts that is not renewed, in seconds: three times as long as the pause between renewals.
const LEASE: Seconds = 30;

/// The leases of this server.
#[derive(Debug)]
pub struct Leases {
    /// The name of this server in the database.
    holder: String,
    /// What others hold, by job.
    watched: [Mutex<Option<Watched>>; Job::ALL.len()],
}

/// The lease of another server, as it was seen first.
#[derive(Debug)]
struct Watched {
    lease: Lease,
    /// When, by the monotonic clock.
    since: Seconds,
}

/// What to do about a lease.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Renew,
    /// In the place of one that has ended.
    Take(Option<Lease>),
    Wait,
}

impl Default for Leases {
    fn default() -> Self {
        let name = crypto::random_bytes::<8>();
        let holder = name.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { holder, watched: Default::default() }
    }
}

/// What a server does about a lease that it finds, and has watched until now.
fn next(own: &str, found: Option<Lease>, watched: &mut Option<Watched>, now: Seconds) -> Step {
    let Some(lease) = found else { return Step::Take(None) };
    if lease.holder == own {
        return Step::Renew;
    }
    match watched {
        Some(it) if it.lease == lease && now - it.since >= LEASE => Step::Take(Some(lease)),
        Some(it) if it.lease == lease => Step::Wait,
        _ => {
            *watched = Some(Watched { lease, since: now });
            Step::Wait
        }
    }
}

impl App {
    /// Takes or renews the lease of a job, and returns whether this server has it. To be called every ten
    /// seconds.
    pub async fn keep_lease(&self, job: Job) -> bool {
        // Another server may have a clock by which things can be deleted.
        if job == Job::Maintenance && !self.trusts_clock() {
            self.release_lease(job).await;
            return false;
        }
        let kept = self.try_keep_lease(job).await;
        kept.unwrap_or_else(|error| {
            tracing::warn!(?job, %error, "it is not known which server does the background work");
            false
        })
    }

    async fn try_keep_lease(&self, job: Job) -> Result<bool, store::Error> {
        let Leases { holder, watched } = &self.0.leases;
        let current = self.current();
        let store = current.store();
        let found = store.job_lease(job).await?;
        let step = {
            let watched = &watched[job as usize];
            let mut watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
            next(holder, found, &mut watched, self.clock().elapsed())
        };
        match step {
            Step::Renew => store.renew_job(job, holder).await,
            Step::Take(ended) => {
                let is_taken = store.take_job(job, holder, ended.as_ref()).await?;
                if is_taken && ended.is_some() {
                    tracing::info!(?job, "taken over from a server that is gone");
                }
                Ok(is_taken)
            }
            Step::Wait => Ok(false),
        }
    }

    /// Seals what is left, if that is this server's work, and lets other servers go on at once. To be called
    /// before the process stops.
    pub async fn hand_over(&self) {
        if self.keep_lease(Job::Sealing).await {
            self.seal_receipts().await;
        }
        for job in Job::ALL {
            self.release_lease(job).await;
        }
    }

    async fn release_lease(&self, job: Job) {
        let holder = &self.0.leases.holder;
        if let Err(error) = self.current().store().release_job(job, holder).await {
            tracing::warn!(?job, %error, "other servers wait for the background work of this one");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(holder: &str, renewals: i64) -> Option<Lease> {
        Some(Lease { holder: holder.to_owned(), renewals })
    }

    #[test]
    fn a_lease_ends_when_it_stands_still_by_the_clock_of_who_watches() {
        let mut watched = None;
        let mut at = |now, found| next("me", found, &mut watched, now);
        assert_eq!(at(0, lease("other", 7)), Step::Wait);
        assert_eq!(at(LEASE - 1, lease("other", 7)), Step::Wait);
        // It was renewed.
        assert_eq!(at(LEASE, lease("other", 8)), Step::Wait);
        assert_eq!(at(2 * LEASE - 1, lease("other", 8)), Step::Wait);
        assert_eq!(at(2 * LEASE, lease("other", 8)), Step::Take(lease("other", 8)));
        // Another was first.
        assert_eq!(at(2 * LEASE, lease("third", 9)), Step::Wait);
        assert_eq!(at(3 * LEASE - 1, lease("third", 9)), Step::Wait);
    }

    #[test]
    fn one_s_own_is_renewed_and_one_without_a_holder_is_taken() {
        let mut watched = None;
        assert_eq!(next("me", lease("me", 1), &mut watched, 0), Step::Renew);
        assert_eq!(next("me", None, &mut watched, 0), Step::Take(None));
    }
}
