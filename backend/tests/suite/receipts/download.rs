//! A receipt as a file, and the published head of the log.

use consent_backend::receipt::Checkpoint;
use serde_json::Value;

use super::{downloaded, published_keys, user_of};
use crate::browser::Server;

#[tokio::test]
async fn a_downloaded_receipt_verifies_offline() {
    let server = Server::demo().await;
    let (mut browser, receipt_id) = user_of(&server).await;
    let before = downloaded(&mut browser, &receipt_id).await;
    let keys = published_keys(&server).await;
    let report = before.verify(Some(&keys));
    assert_eq!(report.faults, Vec::<String>::new());
    assert_eq!(report.unsealed, [&*receipt_id], "not sealed yet");
    server.app.seal_receipts().await;
    let answer = browser.get(&format!("/account/receipts/{receipt_id}/receipt.json")).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let file = format!("attachment; filename=\"consent-receipt-{receipt_id}.json\"");
    assert_eq!(answer.header("content-disposition"), file);
    let bundle = downloaded(&mut browser, &receipt_id).await;
    let report = bundle.verify(Some(&keys));
    assert_eq!(report.faults, Vec::<String>::new());
    assert_eq!((report.unsealed.len(), report.receipts.len()), (0, 1));
    assert!(!bundle.texts.is_empty() && bundle.statements.len() == 1);
    assert_eq!((bundle.receipts[0].leaf, bundle.receipts[0].path.len()), (Some(0), 1));
}

#[tokio::test]
async fn a_receipt_is_downloaded_in_the_standard_forms() {
    let server = Server::demo().await;
    let (mut browser, receipt_id) = user_of(&server).await;
    let mut form = async |format: &str| -> Value {
        let path = format!("/account/receipts/{receipt_id}/receipt.json?format={format}");
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.header("content-disposition").contains(&format!("-{format}.json")));
        answer.json()
    };
    let iso = form("iso27560").await;
    assert_eq!(iso["@type"], "dpv:ConsentReceipt");
    assert!(iso["dpv:hasRecordOfActivity"].as_array().is_some_and(|it| it.len() > 2), "{iso}");
    assert_eq!(form("kantara").await["version"], "KI-CR-v1.1.0");
}

#[tokio::test]
async fn only_the_user_of_a_receipt_gets_it() {
    let server = Server::demo().await;
    let (mut browser, receipt_id) = user_of(&server).await;
    let path = format!("/account/receipts/{receipt_id}/receipt.json");
    let mut other = server.browser_of("returning").await;
    let status = |answer: crate::browser::Answer| answer.status.as_u16();
    assert_eq!(status(other.get(&path).await), 404);
    assert_eq!(status(server.browser().get(&path).await), 401);
    assert_eq!(status(browser.get(&path).await), 200);
    assert_eq!(status(browser.get("/account/receipts/nothing/receipt.json").await), 404);
    let problem = browser.get("/account/receipts/nothing/receipt.json").await;
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert_eq!(status(browser.post(&path, "application/json", "{}").await), 405);
}

#[tokio::test]
async fn an_unknown_form_is_refused() {
    let server = Server::demo().await;
    let (mut browser, receipt_id) = user_of(&server).await;
    for query in ["format=pdf", "format=", "format=kantara&format=kantara"] {
        let path = format!("/account/receipts/{receipt_id}/receipt.json?{query}");
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        assert!(answer.text().contains("`format`"), "{query}: {}", answer.text());
    }
    // A cancelled screen is no consent.
    let cancelled = server.count("SELECT count(*) FROM decisions WHERE decision = 'cancel'").await;
    assert_eq!(cancelled, 1);
    let pool = super::database(&server).await;
    let id: String =
        sqlx::query_scalar("SELECT receipt_id FROM decisions WHERE decision = 'cancel'")
            .fetch_one(&pool)
            .await
            .unwrap();
    let path = format!("/account/receipts/{id}/receipt.json");
    assert_eq!(browser.get(&path).await.status, 200);
    assert_eq!(browser.get(&format!("{path}?format=iso27560")).await.status, 200);
    assert_eq!(browser.get(&format!("{path}?format=kantara")).await.status, 404);
}

#[tokio::test]
async fn the_head_of_the_log_is_published() {
    let server = Server::demo().await;
    let path = "/.well-known/consent-receipts/checkpoint";
    assert_eq!(server.browser().get(path).await.status, 404, "no receipt yet");
    user_of(&server).await;
    server.app.run_maintenance().await;
    let answer = server.browser().get(path).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let keys = published_keys(&server).await;
    let checkpoint = Checkpoint::verify(answer.text(), &keys).unwrap();
    assert_eq!((&*checkpoint.origin, checkpoint.size), ("127.0.0.1:8080/consent-receipts", 2));
    let kinds: Vec<&str> = keys
        .keys
        .iter()
        .map(|key| if key.common.public_key_use.is_some() { "sig" } else { "?" })
        .collect();
    assert_eq!(kinds, ["sig"; 4], "two of ID tokens, receipts, checkpoints");
}
