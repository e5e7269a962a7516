//! Notices about agreements to advertising (KR-N05, KR-N06).

use std::collections::BTreeSet;

use super::{answer, everything, receiver::Receiver, required, server, shop};
use crate::browser::Server;

const DAY: i64 = 24 * 60 * 60;

async fn advertising(keys: &str) -> (Receiver, Server) {
    let receiver = Receiver::new();
    let table = format!(
        "\n[service.advertising]\nkeys = {keys}\nnotices_by = \"operator\"\n\n[[service.terms]]"
    );
    let toml = shop(&receiver.url("/events")).replacen("\n[[service.terms]]", &table, 1);
    (receiver, server(&toml).await)
}

/// Maintenance, and delivery of what it wrote: the notices that the service heard of.
async fn announced(receiver: &Receiver, server: &Server) -> Vec<serde_json::Value> {
    server.app.run_maintenance().await;
    server.app.deliver_events().await;
    let events = receiver.take().into_iter().map(|heard| heard.event());
    events.filter(|(name, _)| name == "notice-due").map(|(_, event)| event).collect()
}

#[tokio::test]
async fn the_result_of_an_agreement_is_due_within_14_days() {
    let (receiver, server) = advertising("[\"term:news\", \"channel:_shop\"]").await;
    let recorded = answer(&mut server.proxied("hana"), &[], everything).await;
    let events = announced(&receiver, &server).await;
    let keys: BTreeSet<_> = events.iter().map(|it| it["key"].as_str().unwrap()).collect();
    assert_eq!(keys, BTreeSet::from(["term:news", "channel:_shop"]));
    for event in &events {
        assert_eq!(event["rule"], "KR-N05");
        assert_eq!(event["notice"], "result");
        assert_eq!(event["outcome"], "agreed");
        assert_eq!(event["receipt_id"], recorded.receipt_id);
        assert_eq!(event["sender"], "operator");
    }
    let due = "SELECT count(*) FROM notices WHERE cycle = 0 AND due_at - decided_at = 14 * 86400";
    assert_eq!(server.count(due).await, 2);
    assert_eq!(announced(&receiver, &server).await.len(), 0, "once");
}

#[tokio::test]
async fn a_no_that_was_never_a_yes_needs_no_notice() {
    let (receiver, server) = advertising("[\"term:news\"]").await;
    answer(&mut server.proxied("hana"), &[], required).await;
    assert_eq!(announced(&receiver, &server).await.len(), 0);
}

#[tokio::test]
async fn a_withdrawal_needs_a_notice_and_ends_the_reconfirmations() {
    let (receiver, server) = advertising("[\"term:news\"]").await;
    let mut browser = server.proxied("hana");
    answer(&mut browser, &[], everything).await;
    answer(&mut browser, &[("prompt", "consent")], required).await;
    let events = announced(&receiver, &server).await;
    let outcomes: Vec<_> = events.iter().map(|it| it["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["agreed", "withdrawn"]);
    server.clock.advance(800 * DAY);
    assert_eq!(announced(&receiver, &server).await.len(), 0);
}

/// Every two years, a month before the day.
#[tokio::test]
async fn an_agreement_is_reconfirmed_every_two_years() {
    let (receiver, server) = advertising("[\"term:news\"]").await;
    let recorded = answer(&mut server.proxied("hana"), &[], everything).await;
    assert_eq!(announced(&receiver, &server).await.len(), 1);
    server.clock.advance(690 * DAY);
    assert_eq!(announced(&receiver, &server).await.len(), 0);
    for cycle in 1..=3 {
        server.clock.advance(if cycle == 1 { 20 * DAY } else { 731 * DAY });
        let events = announced(&receiver, &server).await;
        assert_eq!(events.len(), 1, "{cycle}: {events:?}");
        assert_eq!(events[0]["rule"], "KR-N06");
        assert_eq!(events[0]["notice"], "reconfirmation");
        assert_eq!(events[0]["receipt_id"], recorded.receipt_id);
        // The day begins in Seoul.
        let due = events[0]["due_at"].as_str().unwrap();
        assert!(due.ends_with("T15:00:00Z"), "{due}");
        assert_eq!(announced(&receiver, &server).await.len(), 0, "once");
    }
}

/// An agreement to a newer version is another consent.
#[tokio::test]
async fn agreeing_again_starts_the_two_years_again() {
    let (receiver, server) = advertising("[\"term:news\"]").await;
    let mut browser = server.proxied("hana");
    answer(&mut browser, &[], everything).await;
    server.clock.advance(500 * DAY);
    answer(&mut browser, &[("prompt", "consent")], everything).await;
    announced(&receiver, &server).await;
    server.clock.advance(300 * DAY);
    assert_eq!(announced(&receiver, &server).await.len(), 0);
    server.clock.advance(410 * DAY);
    assert_eq!(announced(&receiver, &server).await.len(), 1);
}
