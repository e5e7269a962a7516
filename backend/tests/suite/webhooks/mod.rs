//! What services hear, over HTTP: docs/WEBHOOKS.md.

mod configuration;
mod delivery;
mod erasure;
mod events;
mod expiry;
mod inspection;
mod kakao;
mod lifecycle;
mod notices;
mod process;
pub mod receiver;

use std::fs;

use consent_backend::{App, Services};
use consent_contract::{decision::Recorded, item::ItemKey};
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::{
    browser::{Browser, CHALLENGE, Server, agreement, settings},
    database,
    shop::{SHOP, SIGN_IN, account},
};
use receiver::Receiver;

pub const AUTHORIZATION: &str = "Bearer a-secret-of-the-receiver";

/// The shop with an optional term, an optional item and a channel, and a target for events.
pub fn shop(target: &str) -> String {
    let events = format!(
        "approved = true\n\n[service.events]\nurl = \"{target}\"\n\
         authorization_header = \"{AUTHORIZATION}\"\n"
    );
    let more = r#"
[[service.terms]]
tag = "news"
kind = "marketing"
required = false
version = "3"
effective_from = 2026-01-01
title = "소식 받기"
text = "소식을 보냅니다."

[service.personal_info]"#;
    let item = r#"
[[service.personal_info.items]]
id = "account_email"
label = "이메일"
required = false

[[service.channels]]
public_id = "_shop"
name = "가게 소식"
primary = true
"#;
    let shop =
        SHOP.replace("approved = true\n", &events).replace("\n[service.personal_info]", more);
    let accounts =
        ["hana", "duri"].map(|id| format!("{}email = \"{id}@example.com\"\n", account(id)));
    format!("{shop}{item}{SIGN_IN}{}", accounts.concat())
}

/// A server with this configuration that may send webhooks to this machine.
pub async fn server(toml: &str) -> Server {
    server_in(TempDir::new().unwrap(), toml).await
}

pub async fn server_in(folder: TempDir, toml: &str) -> Server {
    let file = folder.path().join("services.toml");
    fs::write(&file, toml).unwrap();
    let mut settings = settings(folder.path(), Services::File(file));
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    settings.webhook_networks = vec!["127.0.0.1".parse().unwrap()];
    database::prepare(&settings).await;
    let clock = settings.clock.clone();
    Server::of(App::open(settings).await.unwrap(), clock, folder)
}

/// A receiver, and the shop's server that sends to it.
pub async fn with_receiver() -> (Receiver, Server) {
    let receiver = Receiver::new();
    let server = server(&shop(&receiver.url("/events"))).await;
    (receiver, server)
}

pub async fn database(server: &Server) -> SqlitePool {
    let file = server.folder.path().join("data/consent.sqlite");
    SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await.unwrap()
}

pub const CALLBACK: &str = "https://shop.example/callback";

/// What an authorize request of the shop has.
pub fn request<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", CALLBACK),
        ("state", "s"),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    pairs.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
    pairs.extend(more);
    pairs
}

/// Answers the shop's screen.
pub async fn answer(
    browser: &mut Browser,
    more: &[(&str, &str)],
    ticked: impl Fn(&ItemKey, bool) -> bool,
) -> Recorded {
    let challenge = browser.authorize(&request(more)).await.challenge();
    let asked = browser.asked(&challenge).await;
    browser.decide(&challenge, &agreement(&asked, ticked)).await.json()
}

pub fn everything(_: &ItemKey, _: bool) -> bool {
    true
}

pub fn required(_: &ItemKey, required: bool) -> bool {
    required
}
