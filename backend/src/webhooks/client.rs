//! Sends webhooks: within three seconds, without redirects and proxies, and to allowed addresses only.

use std::{
    error::Error,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use axum::http::{StatusCode, header};
use reqwest::{
    Response,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use serde::Deserialize;
use url::Host;

use super::{
    address::{Allowed, Forbidden},
    request::{Accepts, Request},
};
use crate::{
    clock::Seconds,
    network::Network,
    telemetry::{
        self,
        profile::{Work, timed},
    },
};

/// How long a whole delivery may take, from looking up the name to the end of the response.
const TIMEOUT: Duration = Duration::from_secs(3);

/// How long a connection is kept for the next event.
const IDLE: Duration = Duration::from_secs(20);

/// The most that is read of an error response, in bytes.
const LARGEST_ERROR: usize = 8 * 1024;

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    /// To be tried again; after so many seconds at the earliest, if the service asked for that.
    Failed {
        error: String,
        retry_after: Option<Seconds>,
    },
    /// The service does not want it, now or later.
    Rejected(String),
}

impl Outcome {
    pub fn failed(error: impl Into<String>) -> Self {
        Self::Failed { error: error.into(), retry_after: None }
    }
}

/// Looks up the addresses of a host name.
type Lookup = Arc<
    dyn Fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>
        + Send
        + Sync,
>;

/// Sends webhooks. Cheap to copy.
#[derive(Clone)]
pub struct Client {
    https: Guarded,
    /// Only to private networks that the operator has named: nothing else is sent unencrypted.
    http: Guarded,
}

#[derive(Clone)]
struct Guarded {
    client: reqwest::Client,
    allowed: Arc<Allowed>,
}

impl Client {
    /// A client for the public internet and these private networks.
    ///
    /// # Errors
    /// When the machine's certificate authorities cannot be read.
    pub fn new(networks: &[Network]) -> Result<Self, reqwest::Error> {
        let lookup: Lookup = Arc::new(|host| {
            Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.collect()) })
        });
        Self::with(networks, &lookup)
    }

    fn with(networks: &[Network], lookup: &Lookup) -> Result<Self, reqwest::Error> {
        let guarded = |public| {
            let allowed = Arc::new(Allowed { networks: networks.to_owned(), public });
            let resolver = Resolver { allowed: Arc::clone(&allowed), lookup: Arc::clone(lookup) };
            let client = reqwest::Client::builder()
                .https_only(public)
                .redirect(redirect::Policy::none())
                .referer(false)
                .no_proxy()
                .timeout(TIMEOUT)
                .pool_idle_timeout(IDLE)
                .dns_resolver(Arc::new(resolver))
                .build()?;
            Ok::<_, reqwest::Error>(Guarded { client, allowed })
        };
        Ok(Self { https: guarded(true)?, http: guarded(false)? })
    }

    /// Sends a request.
    pub async fn send(&self, mut request: Request) -> Outcome {
        let guarded = if request.url.scheme() == "https" { &self.https } else { &self.http };
        // The resolver does not see addresses that are written in the URL.
        let literal = match request.url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) | None => None,
        };
        if literal.is_some_and(|address| !guarded.allowed.contains(address)) {
            return Outcome::failed(Forbidden.to_string());
        }
        let accepts = request.accepts;
        let span = telemetry::calling(&request.method, &request.url, &mut request.headers);
        let sending = guarded
            .client
            .request(request.method, request.url)
            .headers(request.headers)
            .body(request.body);
        match timed(Work::Outgoing, "webhook", sending.send()).await {
            Ok(response) => {
                span.got(response.status().as_u16());
                judged(response, accepts).await
            }
            Err(error) => {
                span.got_none(&error);
                Outcome::failed(described(&error))
            }
        }
    }
}

/// Connects to the addresses that were checked, and no others: a name that has another address a moment
/// later leads nowhere else.
struct Resolver {
    allowed: Arc<Allowed>,
    lookup: Lookup,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = (self.lookup)(name.as_str().to_owned());
        let allowed = Arc::clone(&self.allowed);
        Box::pin(async move {
            let addresses: Addrs = Box::new(allowed.check(found.await?)?.into_iter());
            Ok(addresses)
        })
    }
}

async fn judged(response: Response, accepts: Accepts) -> Outcome {
    let status = response.status();
    if accepts.takes(status) {
        return Outcome::Delivered;
    }
    let error = format!("the answer has status {}", status.as_u16());
    if status == StatusCode::GONE {
        return Outcome::Rejected(error);
    }
    if status.is_redirection() {
        return Outcome::failed(format!("{error}: redirects are not followed"));
    }
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|it| it.to_str().ok()?.parse().ok());
    if status == StatusCode::BAD_REQUEST
        && accepts == Accepts::SecurityEvent
        && let Some(code) = error_code(response).await
    {
        let error = format!("{error}: {code}");
        // The same token would be refused again (RFC 8935, 2.4).
        return match code {
            "invalid_request" => Outcome::Rejected(error),
            _ => Outcome::Failed { error, retry_after },
        };
    }
    Outcome::Failed { error, retry_after }
}

/// The error codes of RFC 8935, 2.4, and of SSF.
const ERROR_CODES: [&str; 7] = [
    "invalid_request",
    "invalid_key",
    "invalid_issuer",
    "invalid_audience",
    "authentication_failed",
    "access_denied",
    "invalid_state",
];

/// The error code of an error response; none for what is no such code.
async fn error_code(mut response: Response) -> Option<&'static str> {
    #[derive(Deserialize)]
    struct PushError {
        err: String,
    }
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ERROR {
            return None;
        }
    }
    let PushError { err } = serde_json::from_slice(&body).ok()?;
    ERROR_CODES.into_iter().find(|code| *code == err)
}

/// What is kept of an error: neither addresses nor words of the other side.
fn described(error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(it) = cause {
        if it.is::<Forbidden>() {
            return Forbidden.to_string();
        }
        cause = it.source();
    }
    let what = if error.is_timeout() {
        "no answer within 3 seconds"
    } else if error.is_dns() {
        "the host name cannot be looked up"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    what.to_owned()
}

#[cfg(test)]
mod tests;
