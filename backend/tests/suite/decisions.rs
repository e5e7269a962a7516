//! One decision for each challenge, however many requests there are.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use consent_backend::{App, Services, Settings};
use consent_contract::{decision::Recorded, problem::Code};

use crate::browser::{Server, agreement, cancel, changed, parameter, required_only, settings};

#[tokio::test]
async fn the_same_decision_again_gives_the_same_receipt() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    let decision = required_only(&request);
    let first: Recorded = browser.decide(&challenge, &decision).await.json();
    // The answer was lost; much later the browser sends the same again.
    server.clock.advance(2 * 60 * 60);
    let second: Recorded = browser.decide(&challenge, &decision).await.json();
    assert_eq!(first.receipt_id, second.receipt_id);
    // The code has expired: the request begins again, and the member gets a good one at once.
    assert!(second.redirect_to.starts_with("/oauth/authorize?"), "{second:?}");
    let fresh = browser.get(&second.redirect_to).await.location_parameter("code").unwrap();
    assert_eq!(crate::tokens::redeem(&server, &fresh).await.status, 200);

    for other in [agreement(&request, |_, _| true), cancel()] {
        let problem = browser.decide(&challenge, &other).await.problem();
        assert_eq!(problem.code, Code::AlreadyDecided);
        assert_eq!(problem.redirect_to.as_ref(), Some(&second.redirect_to));
        let mut other_browser = server.browser_of("new").await;
        let problem = other_browser.decide(&challenge, &other).await.problem();
        assert_eq!((problem.code, problem.redirect_to), (Code::AlreadyDecided, None));
    }
    // Not even the very same one, from another browser.
    let mut other_browser = server.browser_of("new").await;
    let problem = other_browser.decide(&challenge, &decision).await.problem();
    assert_eq!((problem.code, problem.redirect_to), (Code::AlreadyDecided, None));
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
}

#[tokio::test]
async fn sixteen_at_once_make_one_decision() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let decision = required_only(&browser.asked(&challenge).await);
    let clicks: Vec<_> = (0..16)
        .map(|_| {
            let (mut browser, challenge, decision) =
                (browser.clone(), challenge.clone(), decision.clone());
            tokio::spawn(async move { browser.decide(&challenge, &decision).await })
        })
        .collect();
    let mut answers = Vec::new();
    for click in clicks {
        let answer = click.await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answers.push(answer.json::<Recorded>());
    }
    assert!(answers.iter().all(|answer| answer.receipt_id == answers[0].receipt_id));
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
    assert_eq!(server.count("SELECT count(*) FROM receipt_items").await, 7);
    // Each answer has a code of its own: whichever of them reaches the service, none is used twice.
    let codes: BTreeSet<String> =
        answers.iter().map(|it| parameter(&it.redirect_to, "code").unwrap()).collect();
    assert_eq!(codes.len(), 16);
    for code in codes {
        assert_eq!(crate::tokens::redeem(&server, &code).await.status, 200);
    }
    assert_eq!(server.count("SELECT count(*) FROM tokens").await, 16, "none was revoked");
}

#[tokio::test]
async fn two_servers_on_one_database_make_one_decision() {
    let server = Server::demo().await;
    let same_clock = server.clock.clone();
    let settings = Settings { clock: same_clock, ..settings(server.folder.path(), Services::Demo) };
    let second = App::open(settings).await.unwrap();
    let mut here = server.browser_of("new").await;
    let challenge = here.challenged("demo-shop", &[]).await;
    let request = here.asked(&challenge).await;
    let folder = tempfile::TempDir::new().unwrap();
    let mut there = Server::of(second, server.clock.clone(), folder).browser();
    there.cookies = here.cookies.clone();
    // Agreeing here and cancelling there at the same time: one of the two is what was decided.
    let (agree, cancel) = (required_only(&request), cancel());
    let (one, other) =
        tokio::join!(here.decide(&challenge, &agree), there.decide(&challenge, &cancel));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410], "{one:?} {other:?}");
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
    let code = i64::from(one.status == StatusCode::OK);
    assert_eq!(server.count("SELECT count(*) FROM codes").await, code);
}

#[tokio::test]
async fn receipts_cannot_be_rewritten() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
    for sql in [
        "UPDATE decisions SET decision = 'cancel'",
        "DELETE FROM decisions",
        "UPDATE receipt_items SET agreed = TRUE",
        "DELETE FROM receipt_items",
        "UPDATE documents SET blocks = '[]'",
        "DELETE FROM documents",
        "UPDATE statements SET text = ''",
        "DELETE FROM statements",
    ] {
        let refused = server.execute(sql).await.unwrap_err().to_string();
        assert!(refused.contains("never"), "{sql}: {refused}");
    }
}

#[tokio::test]
async fn the_page_s_own_cookie_turns_with_the_decision() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    let bad = changed(required_only(&request), |a| a.terms[0].agreed = false);
    browser.decide(&challenge, &bad).await;
    assert!(browser.cookie_name("page").is_none());
    let session = browser.cookie("session").to_owned();
    let answer = browser.decide(&challenge, &required_only(&request)).await;
    assert!(answer.header("set-cookie").contains("HttpOnly"));
    assert!(browser.cookie_name("page").is_some());
    assert_eq!(browser.cookie("session"), session, "a lost answer can still be asked for again");
}

#[tokio::test]
async fn what_has_run_out_is_forgotten_and_what_proves_is_not() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
    server.clock.advance(3 * 24 * 60 * 60);
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM challenges").await, 0);
    assert_eq!(server.count("SELECT count(*) FROM codes").await, 0);
    assert_eq!(server.count("SELECT count(*) FROM sessions").await, 0);
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
    assert_eq!(browser.read(&challenge).await.problem().code, Code::ChallengeNotFound);
}
