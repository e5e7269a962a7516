//! A shop of its own for each test.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use consent_shop::{App, app::Timeouts, http, settings::Settings, store::Member};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{
    browser::Browser,
    fake::{Fake, User},
};

pub const CLIENT_ID: &str = "teahouse";
pub const CLIENT_SECRET: &str = "the secret of the teahouse";
pub const ADMIN_KEY: &str = "the admin key of the teahouse";
pub const ORIGIN: &str = "http://127.0.0.1:8090";

pub struct Shop {
    pub app: App,
    pub fake: Fake,
    pub router: Router,
    pub folder: TempDir,
}

impl Shop {
    pub async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    pub async fn open_with(change: impl FnOnce(&mut Settings)) -> Self {
        let fake = Fake::start().await;
        let folder = TempDir::new().unwrap();
        let mut settings = Settings {
            origin: ORIGIN.to_owned(),
            issuer: fake.issuer(),
            api_url: fake.issuer(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            admin_key: ADMIN_KEY.to_owned(),
            app_id: 817_001,
            channel_public_id: Some("_teahouse".to_owned()),
            coupons_term: Some("coupons".to_owned()),
            demo_mailbox: true,
            demo_members: true,
            ..Settings::default()
        };
        change(&mut settings);
        let timeouts =
            Timeouts { provider: Duration::from_millis(700), database: Duration::from_secs(2) };
        let app = App::open(settings, folder.path(), timeouts).await.unwrap();
        Self { router: http::router(app.clone()), app, fake, folder }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// An account that is signed in at the provider, with a verified address.
    pub fn hana(&self) {
        self.fake.add("101", hana());
    }

    /// A browser whose user has just signed up in one step.
    pub async fn member(&self) -> Browser {
        self.hana();
        let mut browser = self.browser();
        browser.sign_in("sign_up").await;
        assert!(self.row("101").await.is_some());
        browser
    }

    pub async fn row(&self, sub: &str) -> Option<Member> {
        self.app.store.member(sub).await.unwrap()
    }

    /// All rows, linked or not.
    pub async fn count(&self) -> i64 {
        self.number("SELECT count(*) FROM members").await
    }

    pub async fn number(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&mut self.database().await).await.unwrap()
    }

    pub async fn execute(&self, statement: &'static str) {
        sqlx::query(statement).execute(&mut self.database().await).await.unwrap();
    }

    /// A connection beside the shop's, as another process has it.
    pub async fn database(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.folder.path().join("shop.sqlite"));
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    /// Kakao's unlink webhook.
    pub async fn unlink_webhook(&self, sub: &str) -> StatusCode {
        self.unlink_webhook_with(ADMIN_KEY, &format!("app_id=817001&user_id={sub}")).await
    }

    pub async fn unlink_webhook_with(&self, key: &str, form: &str) -> StatusCode {
        let request = Request::post("/webhooks/unlink")
            .header("Authorization", format!("KakaoAK {key}"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(Body::from(format!("{form}&referrer_type=UNLINK_FROM_APPS")));
        self.router.clone().oneshot(request.unwrap()).await.unwrap().status()
    }

    /// A Security Event Token.
    pub async fn event(&self, token: &str) -> StatusCode {
        let request = Request::post("/webhooks/events")
            .header("Content-Type", "application/secevent+jwt")
            .body(Body::from(token.to_owned()));
        self.router.clone().oneshot(request.unwrap()).await.unwrap().status()
    }
}

pub fn hana() -> User {
    User {
        nickname: "하나",
        email: Some("hana@example.com"),
        email_verified: true,
        channel: Some("NONE"),
        ..User::default()
    }
}

/// The account whose address a member of before has.
pub fn nemo() -> User {
    User { nickname: "네모네모", email: Some("nemo@example.com"), ..hana() }
}
