//! Holding back who asks too often.
//!
//! Each browser session has its share; and since a session cookie costs nothing to make up, each
//! address has a share too, ten times as large because many people may stand behind one. Behind a
//! reverse proxy that address is the proxy's: let the proxy limit, and turn this off with 0.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DefaultKeyedStateStore,
};

use consent_contract::auto_login::PATH as API;

use super::{auto_login, error::Error, session};
use crate::{App, crypto};

/// How much larger the share of an address is.
const SESSIONS_PER_ADDRESS: u32 = 10;

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

/// Counts requests by session and by address.
pub struct Limiter {
    sessions: Keyed<Vec<u8>>,
    addresses: Keyed<IpAddr>,
    clock: DefaultClock,
}

impl Limiter {
    /// A limiter that lets this many requests a minute through.
    #[must_use]
    pub fn new(per_minute: NonZeroU32) -> Self {
        let many = per_minute
            .saturating_mul(NonZeroU32::new(SESSIONS_PER_ADDRESS).unwrap_or(NonZeroU32::MIN));
        Self {
            sessions: RateLimiter::keyed(Quota::per_minute(per_minute)),
            addresses: RateLimiter::keyed(Quota::per_minute(many)),
            clock: DefaultClock::default(),
        }
    }

    /// Forgets who has not asked for a while.
    pub fn forget(&self) {
        self.sessions.retain_recent();
        self.addresses.retain_recent();
    }

    /// # Errors
    /// The seconds after which the next request is let through.
    fn check(&self, session: Option<&str>, address: IpAddr) -> Result<(), u64> {
        let seconds = |held: governor::NotUntil<_>| {
            held.wait_time_from(self.clock.now()).as_secs().saturating_add(1)
        };
        self.addresses.check_key(&address).map_err(seconds)?;
        if let Some(session) = session {
            self.sessions.check_key(&crypto::fingerprint(session)).map_err(seconds)?;
        }
        Ok(())
    }
}

/// Whether a request is counted: files, texts and health checks are cheap and are not.
fn counts(path: &str) -> bool {
    ["/api/v1/consents/", "/consent/", "/oauth/", "/demo", auto_login::PAGE, API]
        .iter()
        .any(|it| path.starts_with(it))
}

/// Lets a request through, or tells when to come again.
pub async fn hold_back(State(app): State<App>, request: Request, next: Next) -> Response {
    if let Some(limiter) = app.limiter().filter(|_| counts(request.uri().path())) {
        let address = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        let session = session::cookie(request.headers(), app.session_cookie());
        if let Err(retry_after) = limiter.check(session, address) {
            return Error::RateLimited { retry_after }.into_response();
        }
    }
    next.run(request).await
}
