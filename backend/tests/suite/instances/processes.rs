//! Two processes on one database, which race.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serde_json::Value;
use tempfile::TempDir;

use super::program::{Reply, Running};
use crate::{
    browser::{Server, VERIFIER, cancel, required_only},
    client::{self, code, tokens},
    webhooks::{self, answer, everything, receiver::Receiver},
};

/// How many requests race, half of them at each process.
const AT_ONCE: usize = 8;

/// A server to prepare with and to look at the database with, and two processes.
async fn two() -> (Server, [Arc<Running>; 2]) {
    let server = client::server().await;
    let folder = server.folder.path();
    let both = [Arc::new(Running::start(folder)), Arc::new(Running::start(folder))];
    (server, both)
}

/// Sends requests at once, in turn to each of both.
async fn race<F>(both: &[Arc<Running>; 2], request: impl Fn(Arc<Running>, usize) -> F) -> Vec<Reply>
where
    F: Future<Output = Reply> + Send + 'static,
{
    let tasks = (0..AT_ONCE).map(|at| tokio::spawn(request(Arc::clone(&both[at % 2]), at)));
    let mut replies = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        replies.push(task.await.unwrap());
    }
    replies
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_has_one_decision() {
    let (server, both) = two().await;
    for account in ["hana", "duri"] {
        let mut browser = server.proxied(account);
        let request = client::request("shop", "https://shop.example/callback", "openid");
        let challenge = browser.authorize(&request).await.challenge();
        let agree = required_only(&browser.asked(&challenge).await);
        let replies = race(&both, |running, at| {
            let decision = if at / 2 % 2 == 0 { agree.clone() } else { cancel() };
            let (browser, challenge) = (browser.clone(), challenge.clone());
            async move { running.decide(&browser, &challenge, &decision).await }
        })
        .await;
        // The same decision again gets the same answer, another one is refused.
        let receipts: BTreeSet<_> = replies.iter().filter_map(Reply::receipt).collect();
        assert_eq!(receipts.len(), 1, "{replies:?}");
        let recorded = replies.iter().filter(|it| it.status == 200).count();
        let refused = replies.iter().filter(|it| [409, 410].contains(&it.status)).count();
        assert_eq!((recorded, refused), (AT_ONCE / 2, AT_ONCE / 2), "{replies:?}");
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 2);
    assert_eq!(server.count("SELECT count(*) FROM signed_receipts").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_used_once() {
    let (server, both) = two().await;
    for account in ["hana", "duri"] {
        let code = code(&mut server.proxied(account), "shop", "openid", &[]).await;
        let replies = race(&both, |running, _| {
            let code = code.clone();
            async move {
                let parameters = [
                    ("grant_type", "authorization_code"),
                    ("code", &*code),
                    ("redirect_uri", "https://shop.example/callback"),
                    ("code_verifier", VERIFIER),
                ];
                running.token("shop", &parameters).await
            }
        })
        .await;
        let statuses = replies.iter().map(|it| it.status);
        let (good, bad) =
            (statuses.clone().filter(|it| *it == 200), statuses.filter(|it| *it == 400));
        assert_eq!((good.count(), bad.count()), (1, AT_ONCE - 1), "{replies:?}");
    }
}

/// A client that asks several times at once gets several successors, of which one is good.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_makes_one_family() {
    let (server, both) = two().await;
    let scope = "openid offline_access";
    let first = tokens(&server, &mut server.proxied("hana"), "shop", scope, &[]).await;
    let token = client::text(&first, "refresh_token").to_owned();
    let replies = race(&both, |running, _| {
        let token = token.clone();
        async move { refresh(&running, &token).await }
    })
    .await;
    let successors = replies.iter().map(|it| {
        assert_eq!(it.status, 200, "{it:?}");
        let body: Value = serde_json::from_str(&it.body).unwrap();
        client::text(&body, "refresh_token").to_owned()
    });
    let successors: BTreeSet<_> = successors.collect();
    assert_eq!(successors.len(), AT_ONCE);
    let active = "SELECT count(*) FROM refresh_tokens WHERE state = 'active'";
    assert_eq!(server.count(active).await, 1);
    // Who goes on with one of those that were replaced ends the family.
    let mut good = 0;
    for token in &successors {
        good += usize::from(refresh(&both[good % 2], token).await.status == 200);
    }
    assert!(good <= 1, "{good}");
    assert_eq!(server.count(active).await, 0);
}

async fn refresh(running: &Running, token: &str) -> Reply {
    running.token("shop", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

/// Both look at the outbox all the time: each event is sent by one of them, once, and those of one
/// subject one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_delivered_by_one() {
    let receiver = Receiver::new();
    receiver.is_slow(Duration::from_millis(200));
    let toml = webhooks::shop(&receiver.url("/events"));
    let server = webhooks::server_in(TempDir::new().unwrap(), &toml).await;
    let folder = server.folder.path();
    let _both = [Running::start(folder), Running::start(folder)];
    for account in ["hana", "duri"] {
        answer(&mut server.proxied(account), &[], everything).await;
    }
    receiver.wait(|heard| heard.len() >= 4);
    let waiting = "SELECT count(*) FROM outbox WHERE delivered_at IS NULL";
    for _ in 0..50 {
        if server.count(waiting).await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(server.count(waiting).await, 0);
    assert_eq!(server.count("SELECT max(attempts) FROM outbox").await, 1);
    let heard = receiver.heard();
    let jtis: BTreeSet<_> = heard.iter().map(|it| it.jti()).collect();
    assert_eq!((heard.len(), jtis.len()), (4, 4));
    for subject in heard.iter().map(|it| it.claims()["sub_id"]["sub"].clone()) {
        let of_one = heard.iter().filter(|it| it.claims()["sub_id"]["sub"] == subject);
        let names: Vec<_> = of_one.map(|it| it.event().0).collect();
        assert_eq!(names, ["consent-given", "channel-added"]);
    }
}
