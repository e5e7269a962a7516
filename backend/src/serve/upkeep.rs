//! The background work of this server, and that of the database, which one server at a time does for all.

use std::{pin::pin, time::Duration};

use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use crate::{App, store::Job};

/// How often what has run out is ended and deleted.
const MAINTAIN_EVERY: Duration = Duration::from_secs(5 * 60);

/// How often new receipts are added to their log, and leases are renewed.
const SEAL_EVERY: Duration = Duration::from_secs(10);

/// How often the managed services are compared with those of the database: how long a change that another
/// server made is not known here.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);

/// Works until it is dropped.
pub async fn run(app: &App) {
    tokio::join!(seal(app), maintain(app), forget_clients(app), follow_services(app));
}

fn every(period: Duration) -> Interval {
    let mut every = interval(period);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    every
}

async fn seal(app: &App) {
    let mut every = every(SEAL_EVERY);
    loop {
        every.tick().await;
        if app.keep_lease(Job::Sealing).await {
            app.seal_receipts().await;
        }
    }
}

/// A server that takes the lease over begins at once.
async fn maintain(app: &App) {
    let mut every = every(SEAL_EVERY);
    let mut last: Option<Instant> = None;
    loop {
        every.tick().await;
        let has_lease = app.keep_lease(Job::Maintenance).await;
        if !has_lease || last.is_some_and(|last| last.elapsed() < MAINTAIN_EVERY) {
            continue;
        }
        last = Some(Instant::now());
        let mut working = pin!(app.run_maintenance());
        loop {
            tokio::select! {
                () = &mut working => break,
                // It can take longer than a lease lasts.
                _ = every.tick() => {
                    app.keep_lease(Job::Maintenance).await;
                }
            }
        }
    }
}

/// Each server has rate limits of its own.
async fn forget_clients(app: &App) {
    let mut every = every(MAINTAIN_EVERY);
    loop {
        every.tick().await;
        app.forget_clients();
    }
}

/// Follows what other servers change in the managed services.
async fn follow_services(app: &App) {
    let mut every = every(FOLLOW_EVERY);
    let mut has_failed = false;
    loop {
        every.tick().await;
        let refreshed = app.refresh_services().await;
        // One line for each outage.
        if let (Err(error), false) = (&refreshed, has_failed) {
            tracing::error!(%error, "changes of the services of the admin API cannot be read");
        }
        has_failed = refreshed.is_err();
    }
}
