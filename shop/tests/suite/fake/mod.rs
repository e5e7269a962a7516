//! A provider for tests: OpenID Connect and the parts of the API that the shop uses, with users that
//! tests make, and with faults.

mod key;
mod routes;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, LazyLock, Mutex, MutexGuard},
};

use serde_json::{Value, json};
use tokio::net::TcpListener;

pub use key::Key;

/// The terms of the app: tag, and whether it is required.
pub const TERMS: [(&str, bool); 4] =
    [("tos", true), ("privacy", true), ("marketing", false), ("coupons", true)];

/// The provider's key, and another key under the same id. Making keys takes a moment.
static KEYS: LazyLock<(Arc<Key>, Arc<Key>)> = LazyLock::new(|| {
    let key = || Arc::new(Key::new("the provider's key"));
    (key(), key())
});

/// An account at the provider, and its link to the shop.
#[derive(Clone, Default)]
pub struct User {
    pub nickname: &'static str,
    pub email: Option<&'static str>,
    pub email_verified: bool,
    /// The user does not agree to provide the address.
    pub refuses_email: bool,
    pub phone: Option<&'static str>,
    pub address: Option<&'static str>,
    /// `ADDED`, `BLOCKED`, `NONE`, or nothing for who is not on the messenger.
    pub channel: Option<&'static str>,
    /// When the user was linked; none for who is not.
    pub connected_at: Option<i64>,
    pub terms: BTreeSet<String>,
}

/// How an address fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 503.
    Down,
    /// No answer.
    Silent,
    /// A page in the place of JSON.
    Nonsense,
    /// Every other answer arrives a moment after it was given, and may be out of date by then.
    Late,
}

#[derive(Default)]
pub struct State {
    pub issuer: String,
    pub users: BTreeMap<String, User>,
    /// Who is signed in at the provider, in the one browser that there is.
    pub who: Option<String>,
    /// The user presses cancel on the consent screen.
    pub cancels: bool,
    /// By path.
    pub faults: HashMap<String, Fault>,
    /// Put into ID tokens in the place of the nonce.
    pub wrong_nonce: bool,
    /// ID tokens are signed with a key that is not published.
    pub wrong_key: bool,
    codes: HashMap<String, Code>,
    tokens: HashMap<String, String>,
    /// Seconds since 1970. Each link takes one.
    pub clock: i64,
    serial: u64,
    /// The requests that came: method, path and query.
    pub requests: Vec<String>,
}

#[derive(Clone)]
struct Code {
    sub: String,
    nonce: Option<String>,
    challenge: String,
}

/// The provider. Clones share it.
#[derive(Clone)]
pub struct Fake {
    state: Arc<Mutex<State>>,
    key: Arc<Key>,
    forger: Arc<Key>,
}

impl Fake {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let state = State { issuer, clock: 1_700_000_000, ..State::default() };
        let fake = Self {
            state: Arc::new(Mutex::new(state)),
            key: Arc::clone(&KEYS.0),
            forger: Arc::clone(&KEYS.1),
        };
        let router = routes::router(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn issuer(&self) -> String {
        self.state().issuer.clone()
    }

    /// Adds an account and signs it in at the provider.
    pub fn add(&self, sub: &str, user: User) {
        let mut state = self.state();
        state.users.insert(sub.to_owned(), user);
        state.who = Some(sub.to_owned());
    }

    pub fn sign_in(&self, sub: &str) {
        self.state().who = Some(sub.to_owned());
    }

    pub fn fail(&self, path: &str, fault: Fault) {
        self.state().faults.insert(path.to_owned(), fault);
    }

    pub fn heal(&self) {
        let mut state = self.state();
        state.faults.clear();
        state.wrong_nonce = false;
        state.wrong_key = false;
    }

    pub fn is_linked(&self, sub: &str) -> bool {
        self.state().users[sub].connected_at.is_some()
    }

    /// The user leaves on the account page. Returns when.
    pub fn unlink(&self, sub: &str) -> i64 {
        self.state().unlink(sub)
    }

    /// A Security Event Token.
    pub fn event(&self, id: &str, sub: &str, kind: &str, at: i64) -> String {
        self.event_with(id, sub, kind, at, |_| {})
    }

    /// One with changed claims.
    pub fn event_with(
        &self,
        id: &str,
        sub: &str,
        kind: &str,
        at: i64,
        change: impl FnOnce(&mut Value),
    ) -> String {
        let issuer = self.issuer();
        let mut claims = json!({
            "iss": issuer, "aud": super::shop::CLIENT_ID, "iat": at, "jti": id,
            "sub_id": { "format": "iss_sub", "iss": issuer, "sub": sub },
            "events": { format!("{issuer}/secevent/consent/event-type/{kind}"): { "event_timestamp": at } },
        });
        change(&mut claims);
        self.key.sign("secevent+jwt", &claims)
    }

    /// A Security Event Token with a forged signature.
    pub fn forged_event(&self, id: &str, sub: &str, at: i64) -> String {
        let issuer = self.issuer();
        let claims = json!({
            "iss": issuer, "aud": super::shop::CLIENT_ID, "iat": at, "jti": id,
            "sub_id": { "format": "iss_sub", "iss": issuer, "sub": sub },
            "events": { format!("{issuer}/x/account-unlinked"): { "event_timestamp": at } },
        });
        self.forger.sign("secevent+jwt", &claims)
    }
}

impl State {
    pub fn tick(&mut self) -> i64 {
        self.clock += 1;
        self.clock
    }

    /// Links a user who agreed on the screen. False for who is linked already.
    pub fn link(&mut self, sub: &str, terms: &[&str]) -> bool {
        let now = self.tick();
        let user = self.users.get_mut(sub).unwrap();
        if user.connected_at.is_some() {
            return false;
        }
        user.connected_at = Some(now);
        user.terms = terms.iter().map(|tag| (*tag).to_owned()).collect();
        true
    }

    pub fn unlink(&mut self, sub: &str) -> i64 {
        let now = self.tick();
        let user = self.users.get_mut(sub).unwrap();
        user.connected_at = None;
        user.terms.clear();
        self.tokens.retain(|_, owner| owner != sub);
        self.codes.retain(|_, code| code.sub != sub);
        now
    }

    fn new_secret(&mut self, kind: &str) -> String {
        self.serial += 1;
        format!("{kind}-of-the-fake-provider-{}", self.serial)
    }
}
