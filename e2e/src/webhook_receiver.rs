//! A service's endpoint for events, on a port of this machine.

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// How long an event may take to arrive, on a machine that is busy with other tests.
const ARRIVES: Duration = Duration::from_secs(30);

/// A request that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The id of the event (`jti`), the same at every attempt.
    pub id: String,
    /// The last part of the event type's URI: `consent-given`.
    pub event: String,
    /// Whether the service took it.
    pub is_accepted: bool,
}

#[derive(Default)]
struct State {
    is_broken: bool,
    deliveries: Vec<Delivery>,
}

/// The endpoint. It ends with the test.
pub struct WebhookReceiver {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl WebhookReceiver {
    /// On a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port")?;
        let (address, state) = (listener.local_addr()?, Arc::default());
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                let answer = service_fn(move |request| receive(request, Arc::clone(&state)));
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), answer);
                // A backend that is killed breaks its connections off.
                tokio::spawn(async move { drop(connection.await) });
            }
        });
        Ok(Self { address, state })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/events", self.address)
    }

    /// Answers every request with 503, or takes every one.
    pub fn set_broken(&self, is_broken: bool) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).is_broken = is_broken;
    }

    /// Everything that arrived, in order.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).deliveries.clone()
    }

    /// Waits until so many requests have arrived.
    ///
    /// # Errors
    /// When they do not.
    pub async fn wait_for(&self, count: usize) -> Result<()> {
        let deadline = Instant::now() + ARRIVES;
        while self.deliveries().len() < count {
            let arrived = self.deliveries();
            anyhow::ensure!(Instant::now() < deadline, "only {arrived:#?} arrived");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

async fn receive(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
) -> Result<Response<Empty<Bytes>>> {
    let token = request.into_body().collect().await?.to_bytes();
    let claims = claims(&String::from_utf8(token.to_vec())?)?;
    let events = claims["events"].as_object().context("a token without events")?;
    let event = events.keys().next().and_then(|uri| uri.rsplit('/').next());
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let is_accepted = !state.is_broken;
    state.deliveries.push(Delivery {
        id: claims["jti"].as_str().context("a token without an id")?.to_owned(),
        event: event.context("a token without an event")?.to_owned(),
        is_accepted,
    });
    let status = if is_accepted { StatusCode::ACCEPTED } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(Response::builder().status(status).body(Empty::new())?)
}

/// The claims of a token, unverified.
fn claims(token: &str) -> Result<Value> {
    let payload = token.split('.').nth(1).context("no token")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?)
}
