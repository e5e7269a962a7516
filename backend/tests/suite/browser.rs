//! A server with its own database and clock, and browsers that visit it.

use std::{
    collections::BTreeMap, fs, net::SocketAddr, num::NonZeroU32, path::Path, time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode, header},
};
use consent_backend::{App, Location, Services, Settings, StartError, clock::Clock};
use consent_contract::{
    answers::Answers,
    consent_path,
    decision::{Agreement, Decision, Recorded},
    decision_path,
    item::ItemKey,
    problem::Problem,
    request::{ConsentRequest, ConsentState},
};
use scraper::{Html, Selector};
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tower::ServiceExt;
use url::Url;

use crate::{
    audit::{self, AuditWatch},
    database::{self, Opened},
};

pub const ORIGIN: &str = "http://127.0.0.1:8080";

/// From where a browser connects, unless a request says otherwise. [`Server::configured`] takes it
/// for the trusted proxy that names accounts.
pub const PEER: &str = "127.0.0.1:50000";

/// A server with its own database and clock.
pub struct Server {
    pub app: App,
    pub clock: Clock,
    /// Before the folder, so that it is dropped before.
    _audited: AuditWatch,
    /// Holds the database, and the built screen if there is one.
    pub folder: TempDir,
}

/// Settings for a server in this folder.
pub fn settings(folder: &Path, services: Services) -> Settings {
    settings_on(database::location(folder), folder, services)
}

/// The same, with this database.
pub fn settings_on(database: Location, folder: &Path, services: Services) -> Settings {
    Settings {
        services,
        public_origin: ORIGIN.to_owned(),
        dist: folder.join("dist").into(),
        studio: None,
        admin_studio: None,
        database,
        challenge_ttl: Duration::from_secs(15 * 60),
        rate_limit: None,
        hsts_include_subdomains: false,
        trusted_proxies: Vec::new(),
        webhook_networks: Vec::new(),
        demo_shops: Default::default(),
        test_hooks: false,
        other_hosts: Vec::new(),
        serves_https: false,
        audit_log: audit::log_in(folder),
        traces: Default::default(),
        slow_request: Duration::from_millis(500),
        clock: Clock::stopped(),
    }
}

impl Server {
    /// An app that was opened with [`settings`] of this folder.
    pub fn of(app: App, clock: Clock, folder: TempDir) -> Self {
        let audited = AuditWatch::new(&app, folder.path());
        Self { app, clock, _audited: audited, folder }
    }

    pub async fn demo() -> Self {
        Self::with(|_| {}).await
    }

    /// The demo, with other settings.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut settings = settings(folder.path(), Services::Demo);
        change(&mut settings);
        database::prepare(&settings).await;
        let clock = settings.clock.clone();
        Self::of(App::open(settings).await.unwrap(), clock, folder)
    }

    /// A server with services of its own, without the demo.
    pub async fn configured(toml: &str) -> Result<Self, StartError> {
        Self::configured_in(TempDir::new().unwrap(), toml, ORIGIN).await
    }

    /// The same, with other settings.
    pub async fn configured_with(
        toml: &str,
        change: impl FnOnce(&mut Settings),
    ) -> Result<Self, StartError> {
        Self::configured_so(TempDir::new().unwrap(), toml, change).await
    }

    /// The same, in a folder that may hold a database already.
    pub async fn configured_in(
        folder: TempDir,
        toml: &str,
        origin: &str,
    ) -> Result<Self, StartError> {
        let change = |settings: &mut Settings| settings.public_origin = origin.to_owned();
        Self::configured_so(folder, toml, change).await
    }

    async fn configured_so(
        folder: TempDir,
        toml: &str,
        change: impl FnOnce(&mut Settings),
    ) -> Result<Self, StartError> {
        let file = folder.path().join("services.toml");
        fs::write(&file, toml).unwrap();
        let mut settings = settings(folder.path(), Services::File(file));
        change(&mut settings);
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        database::prepare(&settings).await;
        let clock = settings.clock.clone();
        Ok(Self::of(App::open(settings).await?, clock, folder))
    }

    /// Sets the clock, which is stopped, to the system's time: commands beside the server have that.
    pub fn catch_up(&self) {
        self.clock.advance(Clock::default().now() - self.clock.now());
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.app)
    }

    /// A browser behind a trusted proxy that names this account in `x-account`.
    pub fn proxied(&self, account: &'static str) -> Browser {
        Browser { account: Some(account), ..self.browser() }
    }

    /// A browser that is signed in.
    pub async fn browser_of(&self, account: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.get(&format!("/demo/login?account={account}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        browser
    }

    /// What the database on disk says.
    pub async fn count(&self, sql: &'static str) -> i64 {
        database::count(self.folder.path(), sql).await
    }

    /// The values of one column of text, on disk.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        match database::open(self.folder.path()).await {
            Opened::Sqlite(pool) => sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap(),
            Opened::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap(),
        }
    }

    /// Where its database is, for a command beside it.
    pub fn location(&self) -> Location {
        database::location(self.folder.path())
    }

    /// Changes the database beside the server.
    pub async fn execute(&self, sql: &'static str) -> Result<(), sqlx::Error> {
        database::execute(self.folder.path(), sql).await
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The problem it is, whose status must be the answer's own.
    #[track_caller]
    pub fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = Problem::from_json(self.text()).unwrap();
        assert_eq!(problem.status, self.status.as_u16());
        problem
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}"));
        value.to_str().unwrap()
    }

    /// Where it leads.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        self.header("location")
    }

    /// The challenge it leads to.
    #[track_caller]
    pub fn challenge(&self) -> String {
        let location = self.location();
        let challenge = location.strip_prefix("/consent/");
        challenge.unwrap_or_else(|| panic!("no challenge: {location}")).to_owned()
    }

    /// Where a form's answer goes on to: a page that the browser leaves by itself, and that has a link.
    #[track_caller]
    pub fn onward(&self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        assert!(!self.headers.contains_key("location"), "{self:?}");
        let page = Html::parse_document(self.text());
        let one = |css: &str, name: &str| {
            let found: Vec<_> = page.select(&Selector::parse(css).unwrap()).collect();
            assert_eq!(found.len(), 1, "{css}: {}", self.text());
            found[0].attr(name).unwrap().to_owned()
        };
        let to = one("main a", "href");
        assert_eq!(self.header("refresh"), format!("0; url={to}"));
        assert_eq!(one("meta[http-equiv=refresh]", "content"), self.header("refresh"));
        to
    }

    /// A parameter of the address that a form's answer goes on to.
    #[track_caller]
    pub fn onward_with(&self, name: &str) -> Option<String> {
        parameter(&self.onward(), name)
    }

    /// A parameter of the address it leads to.
    #[track_caller]
    pub fn location_parameter(&self, name: &str) -> Option<String> {
        parameter(self.location(), name)
    }
}

/// A parameter of an address.
pub fn parameter(address: &str, name: &str) -> Option<String> {
    let url = Url::parse(address).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A browser: it keeps cookies, and says that what it sends comes from our own page.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    host: String,
    pub cookies: BTreeMap<String, String>,
    pub language: Option<&'static str>,
    pub user_agent: Option<&'static str>,
    /// Whom a trusted proxy names in `x-account`.
    pub account: Option<&'static str>,
    /// When they authenticated, in `x-auth-time`.
    pub auth_time: Option<i64>,
}

impl Browser {
    pub fn new(app: &App) -> Self {
        Self {
            router: app.router(),
            host: app.origin().split_once("://").unwrap().1.to_owned(),
            cookies: BTreeMap::new(),
            language: None,
            user_agent: None,
            account: None,
            auth_time: None,
        }
    }

    /// The name of our cookie for a purpose (`session`, `page`), if it is set.
    pub fn cookie_name(&self, purpose: &str) -> Option<&str> {
        let ours = |name: &&String| {
            let name = name.trim_start_matches("__Host-");
            name.starts_with("consent-") && name.ends_with(&format!("-{purpose}"))
        };
        self.cookies.keys().find(ours).map(String::as_str)
    }

    /// The value of our cookie for a purpose.
    #[track_caller]
    pub fn cookie(&self, purpose: &str) -> &str {
        let name = self.cookie_name(purpose).unwrap_or_else(|| panic!("no cookie for {purpose}"));
        &self.cookies[name]
    }

    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let pairs: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        if !pairs.is_empty() {
            request.headers_mut().insert(header::COOKIE, pairs.join("; ").parse().unwrap());
        }
        if let Some(language) = self.language {
            request.headers_mut().insert(header::ACCEPT_LANGUAGE, language.parse().unwrap());
        }
        if let Some(user_agent) = self.user_agent {
            request.headers_mut().insert(header::USER_AGENT, user_agent.parse().unwrap());
        }
        if let Some(account) = self.account {
            request.headers_mut().insert("x-account", account.parse().unwrap());
        }
        if let Some(auth_time) = self.auth_time {
            request.headers_mut().insert("x-auth-time", auth_time.into());
        }
        if !request.headers().contains_key(header::HOST) {
            request.headers_mut().insert(header::HOST, self.host.parse().unwrap());
        }
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            request.extensions_mut().insert(ConnectInfo::<SocketAddr>(PEER.parse().unwrap()));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&mut self, path: &str, media_type: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, media_type)
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(body.into()).unwrap()).await
    }

    pub async fn authorize(&mut self, parameters: &[(&str, &str)]) -> Answer {
        self.get(&authorize(parameters)).await
    }

    /// Goes to a service of the demo, and is put before the screen.
    pub async fn challenged(&mut self, client_id: &str, more: &[(&str, &str)]) -> String {
        let parameters = [&service(client_id)[..], more].concat();
        self.authorize(&parameters).await.challenge()
    }

    pub async fn read(&mut self, challenge: &str) -> Answer {
        self.get(&consent_path(challenge)).await
    }

    /// What is asked.
    pub async fn asked(&mut self, challenge: &str) -> ConsentRequest {
        let answer = self.read(challenge).await;
        match ConsentState::from_json(answer.text()) {
            Ok(ConsentState::Ask(request)) => *request,
            other => panic!("{other:?}: {answer:?}"),
        }
    }

    pub async fn decide(&mut self, challenge: &str, decision: &Decision) -> Answer {
        let body = serde_json::to_string(decision).unwrap();
        self.post(&decision_path(challenge), "application/json", body).await
    }

    /// Agrees to the required items and nothing else.
    pub async fn agrees(&mut self, challenge: &str) -> Recorded {
        let request = self.asked(challenge).await;
        let answer = self.decide(challenge, &required_only(&request)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }
}

/// The authorize address for these parameters.
pub fn authorize(parameters: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    format!("/oauth/authorize?{}", query.finish())
}

/// PKCE of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What every request of a demo service says.
pub fn service(client_id: &str) -> Vec<(&str, &str)> {
    vec![
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", "http://127.0.0.1:8080/demo/callback"),
        ("state", "state of the service"),
        ("nonce", "n-0S6"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// The required items agreed to, nothing else.
pub fn required_only(request: &ConsentRequest) -> Decision {
    agreement(request, |_, required| required)
}

/// An agreement to what `ticked` says. Addresses are typed where one is collected.
pub fn agreement(request: &ConsentRequest, ticked: impl Fn(&ItemKey, bool) -> bool) -> Decision {
    let mut answers = Answers::untouched(request);
    for (key, required) in answers.keys() {
        answers.tick(&key, ticked(&key, required));
        answers.write(&key, "typed@example.com".to_owned());
    }
    Decision::Agree(answers.agreement(request))
}

/// The agreement inside of a decision, to change something in it.
pub fn changed(mut decision: Decision, change: impl FnOnce(&mut Agreement)) -> Decision {
    let Decision::Agree(agreement) = &mut decision else { panic!("an agreement") };
    change(agreement);
    decision
}

/// A cancel.
pub fn cancel() -> Decision {
    Decision::Cancel(Default::default())
}

/// A limit, for settings.
pub fn a_minute(requests: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(requests)
}
