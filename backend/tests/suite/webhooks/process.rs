//! The program, killed while it delivers.

use std::{collections::BTreeMap, path::Path, thread, time::Duration};

use super::{answer, everything, receiver::Receiver, server_in, shop};
use crate::{browser::Server, database, instances::program::Running};

/// No test waits for hours: the next attempt is due now, and the lease of a process has ended.
async fn soon(folder: &Path) {
    let due = "UPDATE outbox SET next_at = created_at, lease_until = created_at
               WHERE next_at IS NOT NULL";
    database::execute(folder, due).await.unwrap();
}

/// Events of two users, an endpoint that fails five times, and a process that is killed in the middle
/// of two deliveries: each event is heard, in order, and none twice under two ids.
#[tokio::test(flavor = "multi_thread")]
async fn no_event_is_lost_when_the_process_is_killed() {
    let receiver = Receiver::new();
    let folder = tempfile::TempDir::new().unwrap();
    let server = server_in(folder, &shop(&receiver.url("/events"))).await;
    for account in ["hana", "duri"] {
        answer(&mut server.proxied(account), &[], everything).await;
    }
    let written = server.count("SELECT count(*) FROM outbox").await;
    assert_eq!(written, 4);
    server.app.close().await;
    let Server { folder, .. } = server;
    let path = folder.path().to_owned();
    let soon = || soon(&path);

    receiver.answers(&[500, 503, 500, 503, 500]);
    for failed in [2, 4] {
        let mut running = Running::start(&path);
        receiver.wait(|heard| heard.len() >= failed);
        running.kill();
        soon().await;
    }
    // Killed before the answer is written down: the receiver has heard it, the outbox has not.
    receiver.is_slow(Duration::from_millis(1000));
    let mut running = Running::start(&path);
    receiver.wait(|heard| heard.len() >= 5);
    running.kill();
    receiver.is_slow(Duration::ZERO);
    soon().await;
    let _running = Running::start(&path);
    let delivered = |heard: &[super::receiver::Heard]| {
        let jtis = heard.iter().filter(|it| it.status == 202).map(|it| it.jti());
        jtis.collect::<std::collections::BTreeSet<_>>().len()
    };
    for _ in 0..100 {
        if delivered(&receiver.heard()) == 4 {
            break;
        }
        thread::sleep(Duration::from_millis(300));
        soon().await;
    }

    // What a receiver that recognises repetitions keeps.
    let mut kept: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for heard in receiver.take() {
        let sub = heard.claims()["sub_id"]["sub"].as_str().unwrap().to_owned();
        let event = (heard.jti(), heard.event().0);
        let of_one = kept.entry(sub).or_default();
        if !of_one.contains(&event) {
            of_one.push(event);
        }
    }
    assert_eq!(kept.len(), 2);
    for of_one in kept.values() {
        let names: Vec<_> = of_one.iter().map(|(_, name)| &**name).collect();
        assert_eq!(names, ["consent-given", "channel-added"]);
    }
}

/// Pauses a process, but not while it writes: no other could write to SQLite until it goes on.
#[cfg(unix)]
async fn pause(process: &Running, folder: &Path) {
    for _ in 0..40 {
        process.signal("STOP");
        if database::is_writable(folder).await {
            return;
        }
        process.signal("CONT");
        thread::sleep(Duration::from_millis(5));
    }
    panic!("the process writes all the time");
}

/// A process that is paused while it delivers has lost its lease when it goes on: what another one has
/// written of the event stays.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_was_paused_has_lost_its_lease() {
    let receiver = Receiver::new();
    let folder = tempfile::TempDir::new().unwrap();
    let server = server_in(folder, &shop(&receiver.url("/events"))).await;
    answer(&mut server.proxied("hana"), &[], everything).await;
    server.app.close().await;
    let Server { folder, .. } = server;
    let path = folder.path();
    receiver.is_slow(Duration::from_millis(2000));
    let paused = Running::start(path);
    receiver.wait(|heard| !heard.is_empty());
    pause(&paused, path).await;
    receiver.is_slow(Duration::ZERO);
    soon(path).await;
    let _other = Running::start(path);
    let waiting = "SELECT count(*) FROM outbox WHERE next_at IS NOT NULL";
    for _ in 0..100 {
        if database::count(path, waiting).await == 0 {
            break;
        }
        thread::sleep(Duration::from_millis(200));
    }
    let as_written = "SELECT CAST(sum(attempts * 100 + delivered_at) AS BIGINT) FROM outbox
                      WHERE next_at IS NULL AND dead_at IS NULL AND last_error IS NULL";
    let before = database::count(path, as_written).await;
    assert_eq!(database::count(path, waiting).await, 0);
    paused.signal("CONT");
    // Long enough for it to write how its attempt ended.
    thread::sleep(Duration::from_secs(4));
    assert_eq!(database::count(path, as_written).await, before);
    let jtis: std::collections::BTreeSet<_> = receiver.heard().iter().map(|it| it.jti()).collect();
    assert_eq!(jtis.len(), 2, "each event has one id, however often it was sent");
}
