//! At least once, in order, until it works or a day has passed.

use std::{collections::BTreeSet, time::Duration};

use super::{
    answer, database, everything, receiver::Receiver, request, required, server_in, shop,
    with_receiver,
};
use crate::browser::required_only;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

const PENDING: &str = "SELECT count(*) FROM outbox WHERE next_at IS NOT NULL";
const DEAD: &str = "SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL";

/// Longer than any delay between two attempts.
const LONG: i64 = 12 * HOUR;

#[tokio::test]
async fn a_change_that_is_rolled_back_is_not_heard_of() {
    if !database::is_sqlite("webhooks::delivery::a_change_that_is_rolled_back_is_not_heard_of") {
        return;
    }
    let (receiver, server) = with_receiver().await;
    let pool = database(&server).await;
    // What is written last fails.
    let fail = "CREATE TRIGGER codes_fail BEFORE INSERT ON codes
                BEGIN SELECT RAISE(ABORT, 'a test'); END";
    sqlx::query(fail).execute(&pool).await.unwrap();
    let mut browser = server.proxied("hana");
    let challenge = browser.authorize(&request(&[])).await.challenge();
    let agreement = required_only(&browser.asked(&challenge).await);
    assert!(browser.decide(&challenge, &agreement).await.status.is_server_error());
    server.app.deliver_events().await;
    assert_eq!(server.count("SELECT count(*) FROM outbox").await, 0);
    assert_eq!(receiver.heard().len(), 0);
    sqlx::query("DROP TRIGGER codes_fail").execute(&pool).await.unwrap();
    assert!(browser.decide(&challenge, &agreement).await.status.is_success());
    server.app.deliver_events().await;
    assert_eq!(receiver.names(), ["consent-given"]);
}

#[tokio::test]
async fn a_failed_event_is_sent_again_and_those_after_it_wait() {
    let (receiver, server) = with_receiver().await;
    receiver.answers(&[500; 5]);
    answer(&mut server.proxied("hana"), &[], everything).await;
    for attempt in 1..=5 {
        server.app.deliver_events().await;
        // Not before its time.
        server.app.deliver_events().await;
        assert_eq!(receiver.heard().len(), attempt);
        server.clock.advance(LONG);
    }
    let jtis: BTreeSet<_> = receiver.heard().iter().map(|it| it.jti()).collect();
    assert_eq!(jtis.len(), 1, "the same event each time");
    let bodies: BTreeSet<_> = receiver.heard().into_iter().map(|it| it.body).collect();
    assert_eq!(bodies.len(), 1, "the same token each time");
    server.app.deliver_events().await;
    assert_eq!(receiver.names(), ["consent-given", "channel-added"]);
    assert_eq!(server.count(PENDING).await, 0);
}

#[tokio::test]
async fn another_user_does_not_wait() {
    let (receiver, server) = with_receiver().await;
    receiver.answers(&[503]);
    answer(&mut server.proxied("hana"), &[], required).await;
    server.app.deliver_events().await;
    answer(&mut server.proxied("duri"), &[], required).await;
    server.app.deliver_events().await;
    assert_eq!(receiver.names(), ["consent-given"]);
    assert_eq!(server.count(PENDING).await, 1);
}

#[tokio::test]
async fn after_a_day_it_is_a_dead_letter_that_can_be_sent_once_more() {
    let (receiver, server) = with_receiver().await;
    receiver.answers(&[500; 11]);
    answer(&mut server.proxied("hana"), &[], everything).await;
    for _ in 0..11 {
        assert_eq!(server.count(DEAD).await, 0);
        server.app.deliver_events().await;
        server.clock.advance(LONG);
    }
    assert_eq!(receiver.heard().len(), 12, "eleven attempts, and the event after it");
    let first = receiver.heard()[0].jti();
    assert_eq!(receiver.names(), ["channel-added"]);
    assert_eq!((server.count(DEAD).await, server.count(PENDING).await), (1, 0));
    let error = "SELECT count(*) FROM outbox WHERE last_error = 'the answer has status 500'";
    assert_eq!(server.count(error).await, 1);

    let retry = "UPDATE outbox SET next_at = 0, dead_at = NULL, attempts = 0
                 WHERE dead_at IS NOT NULL";
    server.execute(retry).await.unwrap();
    server.app.deliver_events().await;
    let heard = receiver.take();
    assert_eq!((heard.len(), heard[0].jti()), (1, first));
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_not_asked_again() {
    let (receiver, server) = with_receiver().await;
    receiver.answers(&[410]);
    answer(&mut server.proxied("hana"), &[], everything).await;
    server.app.deliver_events().await;
    assert_eq!(receiver.names(), ["channel-added"]);
    assert_eq!((server.count(DEAD).await, server.count(PENDING).await), (1, 0));
}

#[tokio::test]
async fn two_processes_deliver_each_event_once() {
    two_processes_deliver_each_event_once_with_clocks_apart(0).await;
}

/// The lease of a server whose clock is ahead looks longer than one can be, and to that server the
/// lease of the other one looks shorter.
#[tokio::test]
async fn clocks_that_are_a_little_apart_deliver_nothing_twice() {
    for seconds in [-10, -1, 1, 10] {
        two_processes_deliver_each_event_once_with_clocks_apart(seconds).await;
    }
}

async fn two_processes_deliver_each_event_once_with_clocks_apart(seconds: i64) {
    let (receiver, one) = with_receiver().await;
    let folder = one.folder.path().to_owned();
    let accounts = ["hana", "duri"];
    for account in accounts {
        answer(&mut one.proxied(account), &[], everything).await;
    }
    receiver.is_slow(Duration::from_millis(100));
    let mut settings = crate::browser::settings(
        &folder,
        consent_backend::Services::File(folder.join("services.toml")),
    );
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    settings.webhook_networks = vec!["127.0.0.1".parse().unwrap()];
    settings.clock = one.clock.apart(seconds);
    let other = consent_backend::App::open(settings).await.unwrap();
    let deliver = |app: consent_backend::App| async move {
        for _ in 0..4 {
            app.deliver_events().await;
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    };
    // Whichever comes first, the other one looks while the first one sends.
    tokio::join!(deliver(other.clone()), deliver(one.app.clone()), deliver(other));
    one.clock.advance(seconds.abs());
    one.app.deliver_events().await;
    let heard = receiver.take();
    let jtis: BTreeSet<_> = heard.iter().map(|it| it.jti()).collect();
    assert_eq!((heard.len(), jtis.len()), (4, 4), "{seconds} seconds apart");
    for sub in heard.iter().map(|it| it.claims()["sub_id"]["sub"].clone()) {
        let of_one = heard.iter().filter(|it| it.claims()["sub_id"]["sub"] == sub);
        let names: Vec<_> = of_one.map(|it| it.event().0).collect();
        assert_eq!(names, ["consent-given", "channel-added"]);
    }
}

/// A process that was killed while it delivered leaves its lease behind.
#[tokio::test]
async fn a_lease_runs_out() {
    let (receiver, server) = with_receiver().await;
    answer(&mut server.proxied("hana"), &[], required).await;
    let lease = "UPDATE outbox SET lease = CAST('1' AS BLOB), attempts = 1,
                     lease_until = created_at + 15";
    server.execute(lease).await.unwrap();
    server.app.deliver_events().await;
    assert_eq!(receiver.heard().len(), 0);
    server.clock.advance(20);
    server.app.deliver_events().await;
    assert_eq!(receiver.names(), ["consent-given"]);
}

#[tokio::test]
async fn events_survive_a_restart_and_a_clock_that_was_wrong() {
    let receiver = Receiver::new();
    let toml = shop(&receiver.url("/events"));
    let server = server_in(tempfile::TempDir::new().unwrap(), &toml).await;
    answer(&mut server.proxied("hana"), &[], required).await;
    let later = "UPDATE outbox SET next_at = next_at + 864000, lease = CAST('1' AS BLOB),
                 lease_until = next_at + 864000";
    server.execute(later).await.unwrap();
    server.app.close().await;
    let crate::browser::Server { folder, .. } = server;
    let again = server_in(folder, &toml).await;
    again.app.deliver_events().await;
    assert_eq!(receiver.heard().len(), 0);
    again.app.run_maintenance().await;
    again.app.deliver_events().await;
    assert_eq!(receiver.names(), ["consent-given"]);
}

#[tokio::test]
async fn what_was_delivered_is_deleted_after_a_week() {
    let (receiver, server) = with_receiver().await;
    answer(&mut server.proxied("hana"), &[], required).await;
    server.app.deliver_events().await;
    assert_eq!(receiver.names(), ["consent-given"]);
    let count = "SELECT count(*) FROM outbox";
    for (passed, left) in [(6 * DAY, 1), (2 * DAY, 0)] {
        server.clock.advance(passed);
        server.app.run_maintenance().await;
        assert_eq!(server.count(count).await, left);
    }
}

/// A service without a target hears nothing, also later.
#[tokio::test]
async fn without_a_target_nothing_is_written() {
    let (_, server) = with_receiver().await;
    let toml = shop("https://shop.example/events");
    let without = toml
        .lines()
        .filter(|line| !line.contains("/events") && !line.contains("authorization_header"))
        .filter(|line| *line != "[service.events]");
    let other = super::server(&without.collect::<Vec<_>>().join("\n")).await;
    for (server, events) in [(&server, 1), (&other, 0)] {
        answer(&mut server.proxied("hana"), &[], required).await;
        assert_eq!(server.count("SELECT count(*) FROM outbox").await, events);
    }
}
