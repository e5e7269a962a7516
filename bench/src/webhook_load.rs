//! How fast events reach a service that was away while users agreed.

use crate::backend::Backend;
use crate::client::Client;
use crate::configuration::{HEARING, service_of};
use crate::load;
use crate::results::DeliveredEvents;
use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// How long the service may take to receive everything.
const MOST: Duration = Duration::from_secs(120);

/// The service's endpoint.
#[derive(Default)]
struct Endpoint {
    is_there: bool,
    /// When each event came first.
    times: Vec<Instant>,
    tokens: HashSet<String>,
    repeated: u64,
}

type Shared = Arc<Mutex<Endpoint>>;

/// Takes an event. One event has the same token each time.
async fn take(State(endpoint): State<Shared>, token: String) -> StatusCode {
    let mut endpoint = endpoint.lock().unwrap_or_else(PoisonError::into_inner);
    if !endpoint.is_there {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    if endpoint.tokens.insert(token) {
        endpoint.times.push(Instant::now());
    } else {
        endpoint.repeated += 1;
    }
    StatusCode::ACCEPTED
}

/// Lets so many users agree while the service is away, and measures how its events arrive then.
///
/// # Errors
/// When a server does not start, or the service does not receive everything.
pub async fn measure(program: &Path, dist: &Path, decisions: usize) -> Result<DeliveredEvents> {
    eprintln!("load: {decisions} events");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let target = format!("http://{}/", listener.local_addr()?);
    let endpoint = Shared::default();
    let router = Router::new().route("/", post(take)).with_state(Arc::clone(&endpoint));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let backend = Backend::start_hearing(&target, program, dist, decisions).await?;
    let mut client = Client::connect(&backend.address).await?;
    for _ in 0..decisions {
        let question = backend.ask(&mut client, &service_of(HEARING), true).await?;
        load::agreement(&mut client, &question).await?.0.send(&mut client).await?;
    }
    let endpoint = || endpoint.lock().unwrap_or_else(PoisonError::into_inner);
    endpoint().is_there = true;
    let began = Instant::now();
    while endpoint().times.len() < decisions {
        ensure!(began.elapsed() < MOST, "{} of {decisions} events came", endpoint().times.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    serving.abort();
    let endpoint = endpoint();
    let (first, last) = (decisions / 20, decisions - 1 - decisions / 20);
    let took = endpoint.times[last].duration_since(endpoint.times[first]);
    Ok(DeliveredEvents {
        decisions: u64::try_from(decisions)?,
        events: u64::try_from(endpoint.tokens.len())?,
        repeated: endpoint.repeated,
        per_second: f64::from(u32::try_from(last - first).context("few")?) / took.as_secs_f64(),
    })
}
