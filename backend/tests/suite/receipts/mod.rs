//! Signed receipts: what they cover, their log, copies for users and auditors, erasure and retention.

mod command_line;
mod coverage;
mod download;
mod erasure;
mod log;
mod retention;
mod tampering;

use std::path::PathBuf;

use consent_backend::{Store, receipt::Bundle};
use jsonwebtoken::jwk::JwkSet;
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};

use crate::browser::{Browser, Server, agreement, cancel};

/// The directory of the server's database.
fn data(server: &Server) -> PathBuf {
    server.folder.path().join("data")
}

/// Another process's access to the server's database.
async fn store(server: &Server) -> Store {
    Store::open_existing(server.location()).await.unwrap()
}

/// Another process's connection to the server's database.
async fn database(server: &Server) -> SqlitePool {
    let file = data(server).join("consent.sqlite");
    let options = SqliteConnectOptions::new().filename(file).foreign_keys(true);
    SqlitePool::connect_with(options).await.unwrap()
}

/// A user who signed up to the shop with everything that is asked, and cancelled at the book club.
async fn user_of(server: &Server) -> (Browser, String) {
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    let answer = browser.decide(&challenge, &agreement(&request, |_, _| true)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let receipt_id = answer.json::<consent_contract::decision::Recorded>().receipt_id;
    let challenge = browser.challenged("demo-bookclub", &[]).await;
    assert_eq!(browser.decide(&challenge, &cancel()).await.status, 200);
    (browser, receipt_id)
}

/// The keys that the server publishes.
async fn published_keys(server: &Server) -> JwkSet {
    server.browser().get("/.well-known/jwks.json").await.json()
}

/// A receipt as its user downloads it.
async fn downloaded(browser: &mut Browser, receipt_id: &str) -> Bundle {
    let answer = browser.get(&format!("/account/receipts/{receipt_id}/receipt.json")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    Bundle::read(answer.text()).unwrap()
}

/// What is wrong in the server's database.
pub async fn faults(server: &Server) -> Vec<String> {
    let keys = published_keys(server).await;
    store(server).await.check_receipts(Some(&keys), &[]).await.unwrap().faults
}
