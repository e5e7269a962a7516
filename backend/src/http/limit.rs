//! The rate limit: how many requests a minute a client may send, by kind of request.
//!
//! Each kind has budgets of its own, so that one kind never uses up another's. A browser session has
//! its share; and since a session cookie costs nothing to make up, each client address has a share
//! too, larger because many people may stand behind one. The token endpoint counts by the client
//! that authenticates, and by address only when none does: naming a client uses up nothing of its
//! share.
//!
//! Each server counts by itself. Servers on one database of PostgreSQL then also count together what is
//! not cheap, so that a client has no more for there being several of them.

use std::{
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use consent_contract::{account::ACCOUNT, auto_login::PATH as AUTO_LOGIN};

use super::{
    auto_login,
    bounded_state::{BoundedState, WhenFull},
    client_address::{ClientAddress, counted_as},
    error::RequestError,
    session, sign_in,
};
use crate::{App, crypto, store::Store};

/// How many times the share of a session an address has.
const ADDRESS: u32 = 10;

/// How many times the share of a session an address has of what is cheap: files, texts, metadata.
const READS: u32 = 100;

/// How many times the share of a session an authenticated client has at the token endpoint.
const CLIENT: u32 = 100;

/// How many sessions, and how many addresses, each budget remembers at most.
const REMEMBERED: usize = 100_000;

/// How often a full memory is searched for what can be forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(1);

/// A kind of request, with budgets of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Authorize requests and the pages and messages of a consent.
    Page,
    /// What changes something: a decision, an automatic login.
    Decision,
    /// Everything else.
    Read,
}

impl Kind {
    /// The kind of a request; none for what is not counted here: health checks, which must answer
    /// whatever clients do, and the endpoints at which clients authenticate, which count for
    /// themselves.
    fn of(method: &Method, path: &str) -> Option<Self> {
        const PAGES: [&str; 8] = [
            ACCOUNT,
            "/api/v1/consents/",
            AUTO_LOGIN,
            auto_login::PAGE,
            "/consent/",
            "/demo",
            "/oauth/authorize",
            // With its callback: each writes, and sends requests to the provider.
            sign_in::PATH,
        ];
        match path {
            "/healthz" | "/readyz" => None,
            // Only there with --test-hooks: a suite resets before each test.
            _ if path.starts_with("/__test/") => None,
            "/oauth/token" | "/oauth/par" | "/oauth/revoke" | "/oauth/introspect"
                if method == Method::POST =>
            {
                None
            }
            // A service asks them for many people from one address.
            "/oauth/userinfo" | "/oauth/agreements" => Some(Self::Read),
            _ if ["/v1/", "/v2/"].iter().any(|api| path.starts_with(api)) => Some(Self::Read),
            // With either method it is the same request.
            "/oauth/logout" => Some(Self::Page),
            // OpenID Connect Core, 3.1.2.1: with either method it is the same request.
            "/oauth/authorize" => Some(Self::Page),
            _ if !method.is_safe() => Some(Self::Decision),
            _ if PAGES.iter().any(|it| path.starts_with(it)) => Some(Self::Page),
            _ => Some(Self::Read),
        }
    }
}

/// Shares of one size, by key.
struct Budget<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, BoundedState<K>, DefaultClock>,
    clock: DefaultClock,
    forgotten: Mutex<Instant>,
}

impl<K: Hash + Eq + Clone> Budget<K> {
    fn new(per_minute: NonZeroU32, times: u32, when_full: WhenFull) -> Self {
        let share = share(per_minute, times);
        let clock = DefaultClock::default();
        let state = BoundedState::new(REMEMBERED, when_full);
        Self {
            limiter: RateLimiter::new(Quota::per_minute(share), state, clock.clone()),
            clock,
            forgotten: Mutex::new(Instant::now()),
        }
    }

    /// # Errors
    /// The seconds after which the next request of this key is let through.
    fn check(&self, key: &K) -> Result<(), u64> {
        self.make_room();
        self.limiter.check_key(key).map_err(|held| {
            // Rounded up: a client that comes back at that time is let through.
            held.wait_time_from(self.clock.now()).as_secs().saturating_add(1)
        })
    }

    fn make_room(&self) {
        if self.limiter.len() < REMEMBERED {
            return;
        }
        let mut forgotten = self.forgotten.lock().unwrap_or_else(PoisonError::into_inner);
        if forgotten.elapsed() >= FORGET_EVERY {
            *forgotten = Instant::now();
            self.limiter.retain_recent();
        }
    }
}

/// The budgets of a kind of request that browsers send.
struct Browsers {
    sessions: Budget<Vec<u8>>,
    addresses: Budget<IpAddr>,
}

impl Browsers {
    fn new(per_minute: NonZeroU32) -> Self {
        Self {
            // A client that makes up sessions to fill this memory is held by its address.
            sessions: Budget::new(per_minute, 1, WhenFull::Allow),
            addresses: Budget::new(per_minute, ADDRESS, WhenFull::Share),
        }
    }

    fn check(&self, session: Option<&str>, address: IpAddr) -> Result<(), Held> {
        // The session first: a browser that goes on after its share is used up must not use up the
        // share of all sessions at its address.
        if let Some(session) = session {
            let key = crypto::fingerprint(session);
            self.sessions.check(&key).map_err(|seconds| Held { by: "session", seconds })?;
        }
        self.addresses.check(&address).map_err(|seconds| Held { by: "address", seconds })
    }
}

/// A request that has to wait.
struct Held {
    /// Whose share is used up.
    by: &'static str,
    seconds: u64,
}

impl Held {
    fn error(self, kind: &'static str, client: ClientAddress) -> RequestError {
        let Self { by, seconds } = self;
        tracing::warn!(kind, by, address = client.class(), seconds, "rate limited");
        RequestError::RateLimited { retry_after: seconds }
    }
}

/// Counts requests, each kind for itself.
pub struct Limiter {
    per_minute: NonZeroU32,
    pages: Browsers,
    decisions: Browsers,
    reads: Budget<IpAddr>,
    /// Token requests without a client that authenticates.
    tokens: Budget<IpAddr>,
    clients: Budget<String>,
}

impl Limiter {
    /// A limiter that lets each browser session send this many requests of each kind a minute.
    #[must_use]
    pub fn new(per_minute: NonZeroU32) -> Self {
        Self {
            per_minute,
            pages: Browsers::new(per_minute),
            decisions: Browsers::new(per_minute),
            reads: Budget::new(per_minute, READS, WhenFull::Share),
            tokens: Budget::new(per_minute, ADDRESS, WhenFull::Share),
            clients: Budget::new(per_minute, CLIENT, WhenFull::Share),
        }
    }

    /// Forgets clients that have sent nothing for a while.
    pub fn forget(&self) {
        for browsers in [&self.pages, &self.decisions] {
            browsers.sessions.limiter.retain_recent();
            browsers.addresses.limiter.retain_recent();
        }
        for addresses in [&self.reads, &self.tokens] {
            addresses.limiter.retain_recent();
        }
        self.clients.limiter.retain_recent();
    }

    fn check(
        &self,
        kind: Kind,
        session: Option<&str>,
        client: ClientAddress,
    ) -> Result<(), RequestError> {
        let address = counted_as(client.address);
        let (name, checked) = match kind {
            Kind::Page => ("page", self.pages.check(session, address)),
            Kind::Decision => ("decision", self.decisions.check(session, address)),
            Kind::Read => {
                let checked = self.reads.check(&address);
                ("read", checked.map_err(|seconds| Held { by: "address", seconds }))
            }
        };
        checked.map_err(|held| held.error(name, client))
    }

    /// The same for all servers on one database of PostgreSQL together. What is cheap is counted by each
    /// for itself.
    async fn check_together(
        &self,
        store: &Store,
        kind: Kind,
        session: Option<&str>,
        client: ClientAddress,
    ) -> Result<(), RequestError> {
        let name = match kind {
            Kind::Page => "page",
            Kind::Decision => "decision",
            Kind::Read => return Ok(()),
        };
        let address = counted_as(client.address).to_string();
        let checked = async {
            if let Some(session) = session {
                self.together(store, name, ("session", 1), session).await?;
            }
            self.together(store, name, ("address", ADDRESS), &address).await
        };
        checked.await.map_err(|held| held.error(name, client))
    }

    /// While the database cannot be written, each server counts by itself.
    async fn together(
        &self,
        store: &Store,
        kind: &str,
        (by, times): (&'static str, u32),
        whose: &str,
    ) -> Result<(), Held> {
        let share = share(self.per_minute, times);
        let key = crypto::fingerprint(&format!("{kind} {by} {whose}"));
        match store.count_together(&key, share).await {
            Ok(None) => Ok(()),
            Ok(Some(seconds)) => Err(Held { by, seconds }),
            Err(error) => {
                tracing::debug!(%error, "the rate limit of all servers cannot be counted");
                Ok(())
            }
        }
    }
}

fn share(per_minute: NonZeroU32, times: u32) -> NonZeroU32 {
    per_minute.saturating_mul(NonZeroU32::new(times).unwrap_or(NonZeroU32::MIN))
}

/// Counts a request to an endpoint at which clients authenticate: for the client that has authenticated, if one has, and
/// otherwise for the address that sent it.
///
/// # Errors
/// [`RequestError::RateLimited`].
pub async fn count_token_request(
    app: &App,
    client: ClientAddress,
    authenticated: Option<&str>,
) -> Result<(), RequestError> {
    let Some(limiter) = app.limiter() else { return Ok(()) };
    let address = counted_as(client.address);
    let (checked, by, whose) = match authenticated {
        Some(id) => (limiter.clients.check(&id.to_owned()), ("client", CLIENT), id.to_owned()),
        None => (limiter.tokens.check(&address), ("address", ADDRESS), address.to_string()),
    };
    let held = match checked {
        Ok(()) => limiter.together(app.current().store(), "token", by, &whose).await,
        Err(seconds) => Err(Held { by: by.0, seconds }),
    };
    held.map_err(|held| held.error("token", client))
}

/// Lets a request through, or answers with the time after which to come again.
pub async fn rate_limit(State(app): State<App>, request: Request, next: Next) -> Response {
    let kind = Kind::of(request.method(), request.uri().path());
    if let Some((limiter, kind)) = app.limiter().zip(kind) {
        let session = session::cookie(request.headers(), app.session_cookie()).map(str::to_owned);
        let client = ClientAddress::of(request.extensions());
        let mut checked = limiter.check(kind, session.as_deref(), client);
        if checked.is_ok() {
            let (app, session) = (app.current(), session.as_deref());
            checked = limiter.check_together(app.store(), kind, session, client).await;
        }
        if let Err(error) = checked {
            return error.into_response();
        }
    }
    next.run(request).await
}
