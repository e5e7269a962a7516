//! The demo's partner shop: a process of its own, with a proxy between it and browsers and webhooks.
//!
//! The shop asks the backend through the proxy of the test: what is broken there is broken for both.

use crate::engine::cleanup;
use crate::product;
use crate::proxy::Proxy;
use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, FromRow};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::process::Child;
use tokio::sync::Mutex;

/// How long a change that a webhook makes may take.
const CHANGES: Duration = Duration::from_secs(30);

const FORM: &str = "application/x-www-form-urlencoded";

/// The settings of the shop in the demo, with `{shop}` and `{issuer}` in the place of the two origins.
pub const DEMO: &str = include_str!("../../shop/settings/demo.toml");

/// The same of its test app.
pub const DEMO_TEST_APP: &str = include_str!("../../shop/settings/demo-test.toml");

/// One row of the table of members.
#[derive(Clone, Debug, FromRow, PartialEq, Eq)]
pub struct Member {
    pub id: i64,
    /// The user id at the provider; none for members of before.
    pub sub: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// Tags, as a JSON list: see [`Member::tags`].
    pub terms: String,
    /// `sign_up`, `login` or `before`.
    pub joined_by: String,
}

impl Member {
    /// The tags of the terms that were agreed to, in alphabetical order.
    ///
    /// # Errors
    /// When the column holds no list.
    pub fn tags(&self) -> Result<Vec<String>> {
        let mut tags: Vec<String> = serde_json::from_str(&self.terms)?;
        tags.sort();
        Ok(tags)
    }
}

/// A running shop. It ends, hard, when this is dropped.
pub struct Shop {
    pub proxy: Proxy,
    process: Mutex<Child>,
    data: TempDir,
    admin_key: String,
}

impl Shop {
    /// Starts a shop behind a proxy, whose origin is the shop's.
    ///
    /// # Errors
    /// When the environment does not say what to start, or it does not start.
    pub async fn start(proxy: Proxy, settings: &str, issuer: &str) -> Result<Self> {
        let data = tempfile::tempdir_in(cleanup::folder()?)?;
        let settings = settings.replace("{shop}", proxy.origin()).replace("{issuer}", issuer);
        std::fs::write(settings_file(data.path()), &settings)?;
        let (process, address) = launch(data.path()).await?;
        proxy.lead_to(&address);
        let key = settings.lines().find_map(|line| line.strip_prefix("admin_key = \""));
        let admin_key = key.context("settings without an admin key")?.trim_end_matches('"');
        Ok(Self { proxy, process: Mutex::new(process), data, admin_key: admin_key.to_owned() })
    }

    /// Where browsers find it.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.proxy.origin()
    }

    /// What it wrote to its log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.data.path().join(LOG)
    }

    /// Ends it as a power failure would, and starts it again on the same database.
    ///
    /// # Errors
    /// When it does not start again.
    pub async fn fail_power(&self) -> Result<()> {
        let mut process = self.process.lock().await;
        process.kill().await.context("cannot kill the shop")?;
        let address;
        (*process, address) = launch(self.data.path()).await?;
        self.proxy.lead_to(&address);
        Ok(())
    }

    /// Every member, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn members(&self) -> Result<Vec<Member>> {
        // Nothing is written here: a test that repairs the database tests nothing.
        let mut database = self.database(true).await?;
        let query = "SELECT id, sub, name, email, phone, terms, joined_by FROM members ORDER BY id";
        Ok(sqlx::query_as(query).fetch_all(&mut database).await?)
    }

    /// Those members who are linked to a user of the provider.
    ///
    /// # Errors
    /// As [`Shop::members`].
    pub async fn linked(&self) -> Result<Vec<Member>> {
        Ok(self.members().await?.into_iter().filter(|member| member.sub.is_some()).collect())
    }

    /// The one linked member.
    ///
    /// # Errors
    /// When there is none, or several.
    pub async fn member(&self) -> Result<Member> {
        let mut linked = self.linked().await?;
        anyhow::ensure!(linked.len() == 1, "not one linked member: {linked:#?}");
        Ok(linked.remove(0))
    }

    /// Waits until so many members are linked.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn wait_for_linked(&self, count: usize) -> Result<()> {
        let deadline = Instant::now() + CHANGES;
        loop {
            let linked = self.linked().await?;
            if linked.len() == count {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < deadline, "{count} expected, but linked: {linked:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A number that the database gives: `SELECT count(*) FROM orders`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count(&self, query: &'static str) -> Result<i64> {
        Ok(sqlx::query_scalar(query).fetch_one(&mut self.database(true).await?).await?)
    }

    /// Keeps every writer out of the shop's database until the connection is dropped.
    ///
    /// # Errors
    /// When the database cannot be locked.
    pub async fn lock_database(&self) -> Result<SqliteConnection> {
        let mut database = self.database(false).await?;
        sqlx::query("BEGIN EXCLUSIVE").execute(&mut database).await?;
        Ok(database)
    }

    async fn database(&self, read_only: bool) -> Result<SqliteConnection> {
        let file = self.data.path().join("shop.sqlite");
        let options = SqliteConnectOptions::new().filename(&file).read_only(read_only);
        let database = options.connect().await;
        database.with_context(|| format!("cannot open {}", file.display()))
    }

    /// An unlink webhook of the platform about a user, with the shop's admin key.
    ///
    /// # Errors
    /// When the shop does not answer.
    pub async fn unlink_webhook(&self, user_id: &str) -> Result<StatusCode> {
        self.unlink_webhook_with(user_id, &format!("KakaoAK {}", self.admin_key)).await
    }

    /// The same with any `Authorization`.
    ///
    /// # Errors
    /// When the shop does not answer.
    pub async fn unlink_webhook_with(&self, user_id: &str, key: &str) -> Result<StatusCode> {
        let form = format!("app_id=817001&user_id={user_id}&referrer_type=UNLINK_FROM_APPS");
        let headers = [("content-type", FORM), ("authorization", key)];
        self.post("/webhooks/unlink", &headers, &form).await
    }

    /// A Security Event Token, as it is.
    ///
    /// # Errors
    /// When the shop does not answer.
    pub async fn event(&self, token: &str) -> Result<StatusCode> {
        let headers = [("content-type", "application/secevent+jwt")];
        self.post("/webhooks/events", &headers, token).await
    }

    /// A form as a browser with these cookies sends it; returns the status of the answer, which a
    /// browser would follow.
    ///
    /// # Errors
    /// When the shop does not answer.
    pub async fn submit(&self, path: &str, cookies: &str, form: &str) -> Result<u16> {
        let headers = [("content-type", FORM), ("cookie", cookies), ("origin", self.origin())];
        Ok(self.post(path, &headers, form).await?.as_u16())
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Result<StatusCode> {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let address = format!("{}{path}", self.origin());
        let mut request = Request::builder().method(Method::POST).uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned())))?;
        let answer = client.request(request).await.context("the shop does not answer")?;
        let status = answer.status();
        answer.into_body().collect().await?;
        Ok(status)
    }
}

/// The shop's log in its data directory.
const LOG: &str = "shop.log";

fn settings_file(data: &Path) -> PathBuf {
    data.join("settings.toml")
}

async fn launch(data: &Path) -> Result<(Child, String)> {
    let mut arguments: Vec<OsString> = vec!["--settings".into(), settings_file(data).into()];
    arguments.extend(["--listen", "127.0.0.1:0", "--data-dir"].map(OsString::from));
    arguments.push(data.into());
    product::launch("CONSENT_SHOP", &arguments, &data.join(LOG)).await
}
