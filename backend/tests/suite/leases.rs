//! Background work of a database is done by one of its servers at a time.

use std::time::{Duration, Instant};

use consent_backend::{App, Job, Services};
use tempfile::TempDir;

use crate::{
    browser::{Server, settings},
    client::{code, server},
};

const DAY: i64 = 24 * 60 * 60;

/// How long a lease lasts that is not renewed.
const LEASE: i64 = 30;

/// Another server of this database, with a clock of its own.
async fn another(server: &Server) -> Server {
    let folder = server.folder.path();
    let mut settings = settings(folder, Services::File(folder.join("services.toml")));
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let clock = settings.clock.clone();
    Server::of(App::open(settings).await.unwrap(), clock, TempDir::new().unwrap())
}

#[tokio::test]
async fn one_of_two_servers_has_the_lease_while_it_renews_it() {
    let one = server().await;
    let two = another(&one).await;
    for job in Job::ALL {
        assert!(one.app.keep_lease(job).await);
        for _ in 0..10 {
            assert!(!two.app.keep_lease(job).await, "{job:?}");
            two.clock.advance(LEASE - 1);
            one.clock.advance(10);
            assert!(one.app.keep_lease(job).await, "{job:?}");
        }
    }
    assert_eq!(one.count("SELECT count(*) FROM job_leases").await, 2);
}

#[tokio::test]
async fn two_servers_that_begin_at_once_share_no_lease() {
    let one = server().await;
    let two = another(&one).await;
    for job in Job::ALL {
        let (first, second) = tokio::join!(one.app.keep_lease(job), two.app.keep_lease(job));
        assert!(first != second, "{job:?}: {first} {second}");
    }
}

#[tokio::test]
async fn the_lease_of_a_server_that_is_gone_is_taken_over() {
    let one = server().await;
    let two = another(&one).await;
    let three = another(&one).await;
    assert!(one.app.keep_lease(Job::Maintenance).await);
    for other in [&two, &three] {
        assert!(!other.app.keep_lease(Job::Maintenance).await);
        other.clock.advance(LEASE);
    }
    assert!(two.app.keep_lease(Job::Maintenance).await, "it was not renewed");
    assert!(!three.app.keep_lease(Job::Maintenance).await, "another was first");
    // It was only paused.
    assert!(!one.app.keep_lease(Job::Maintenance).await, "it has lost the lease");
    assert!(two.app.keep_lease(Job::Maintenance).await);
}

#[tokio::test]
async fn a_server_that_stops_hands_its_work_over() {
    let one = server().await;
    let two = another(&one).await;
    for job in Job::ALL {
        assert!(one.app.keep_lease(job).await && !two.app.keep_lease(job).await);
    }
    code(&mut one.proxied("hana"), "shop", "openid", &[]).await;
    one.app.hand_over().await;
    assert_eq!(one.count("SELECT count(*) FROM checkpoints").await, 1, "it has sealed the last");
    for job in Job::ALL {
        assert!(two.app.keep_lease(job).await, "{job:?}");
    }
}

#[tokio::test]
async fn clocks_that_are_years_apart_change_nothing() {
    let one = server().await;
    let ahead = another(&one).await;
    ahead.clock.set_later(3_650 * DAY);
    ahead.app.keep_lease(Job::Sealing).await;
    let right = another(&one).await;
    assert!(!right.app.keep_lease(Job::Sealing).await);
    right.clock.advance(LEASE - 1);
    assert!(ahead.app.keep_lease(Job::Sealing).await, "its clock is wrong, and it is there");
    assert!(!right.app.keep_lease(Job::Sealing).await);
    // Now it is gone: what its clock showed keeps no one.
    right.clock.advance(LEASE);
    assert!(right.app.keep_lease(Job::Sealing).await);
    // And one that is ahead does not take the lease of one that is there.
    right.clock.advance(10);
    assert!(right.app.keep_lease(Job::Sealing).await && !ahead.app.keep_lease(Job::Sealing).await);
}

#[tokio::test]
async fn a_server_whose_clock_jumps_leaves_deleting_to_another() {
    let one = server().await;
    let two = another(&one).await;
    for job in Job::ALL {
        assert!(one.app.keep_lease(job).await && !two.app.keep_lease(job).await);
    }
    one.clock.set_later(2 * 60 * 60);
    assert!(!one.app.keep_lease(Job::Maintenance).await);
    assert!(two.app.keep_lease(Job::Maintenance).await);
    assert!(one.app.keep_lease(Job::Sealing).await, "receipts are sealed all the same");
}

#[cfg(unix)]
mod processes {
    use super::*;
    use crate::{database, instances::program::Running};

    const HOLDERS: &str = "SELECT holder FROM job_leases ORDER BY job";
    const CHECKPOINTS: &str = "SELECT count(*) FROM checkpoints";

    async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
        let start = Instant::now();
        while !is_so().await {
            assert!(start.elapsed() < Duration::from_secs(60), "not {what}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_two_processes_the_second_goes_on_when_the_first_stops() {
        let server = server().await;
        let folder = server.folder.path();
        let start = || Running::start_on(folder, database::argument(folder), &["--drain", "0s"]);
        let first = start();
        until("held", || async { server.texts(HOLDERS).await.len() == 2 }).await;
        let holders = server.texts(HOLDERS).await;
        assert_eq!(holders[0], holders[1], "one process has both");
        let _second = start();
        code(&mut server.proxied("hana"), "shop", "openid", &[]).await;
        until("sealed", || async { server.count(CHECKPOINTS).await == 1 }).await;
        assert_eq!(server.texts(HOLDERS).await, holders);
        first.signal("TERM");
        until("handed over", || async {
            let now = server.texts(HOLDERS).await;
            now.len() == 2 && now[0] != holders[0] && now[1] != holders[1]
        })
        .await;
        code(&mut server.proxied("duri"), "shop", "openid", &[]).await;
        until("sealed", || async { server.count(CHECKPOINTS).await == 2 }).await;
    }
}
