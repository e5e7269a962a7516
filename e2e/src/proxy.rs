//! What stands between browser and backend: passes everything on, remembers it, and breaks what
//! a test asks it to break.

use anyhow::{Context, Result};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// What happens to an answer.
pub enum Fault {
    /// The backend is not asked; this is the answer.
    Replace { status: u16, content_type: &'static str, body: String },
    /// The connection ends after so many bytes of the body, though more were announced.
    Truncate(usize),
    /// The request waits before it is passed on.
    Delay(Duration),
    /// The connection ends without an answer; the backend is not asked.
    Drop,
    /// The backend is asked and acts, but its answer is lost.
    Lose,
    /// The answer is changed on its way.
    Rewrite(Box<Rewriting>),
}

/// Changes the answer of the backend. Its body comes without content encoding.
pub type Rewriting = dyn Fn(&mut Response<Bytes>) + Send + Sync;

impl Fault {
    /// Changes the JSON of the answer.
    ///
    /// An answer that is no JSON is a panic in the proxy, and the browser gets none.
    pub fn json(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::Rewrite(Box::new(move |answer| {
            let mut json = serde_json::from_slice(answer.body()).expect("the backend sends JSON");
            change(&mut json);
            *answer.body_mut() = json.to_string().into();
        }))
    }
}

/// One request that came by.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: Method,
    /// With its query.
    pub path: String,
    /// What the browser was told; `None` while, or because, there was no answer.
    pub status: Option<u16>,
}

struct Rule {
    method: Method,
    /// How the path begins, or with `*` before it, what it holds.
    path: &'static str,
    fault: Arc<Fault>,
    /// How many more requests it is for; `None` is all of them.
    left: Option<usize>,
}

#[derive(Default)]
struct State {
    target: String,
    rules: Vec<Rule>,
    seen: Vec<Seen>,
}

/// A running proxy on a port of its own. It ends when this is dropped.
pub struct Proxy {
    origin: String,
    state: Arc<Mutex<State>>,
    task: AbortHandle,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// Listens on a free port. It passes nothing on before [`Proxy::lead_to`].
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port")?;
        let origin = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let client = Client::builder(TokioExecutor::new()).build_http();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, client) = (Arc::clone(&shared), client.clone());
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        pass(request, Arc::clone(&state), client.clone())
                    });
                    // Its error is the fault that was asked for.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Ok(Self { origin, state, task: task.abort_handle() })
    }

    /// `http://127.0.0.1:41234`: what the browser takes for the backend.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Passes requests on to a backend from now on.
    pub fn lead_to(&self, address: &str) {
        address.clone_into(&mut locked(&self.state).target);
    }

    /// Breaks the next `times` answers to a method and path; `None` breaks all of them.
    ///
    /// The path is compared with the beginning, or, written `*/decision`, with the end. The
    /// latest fault for a request wins.
    pub fn fault(&self, method: Method, path: &'static str, times: Option<usize>, fault: Fault) {
        let rule = Rule { method, path, fault: Arc::new(fault), left: times };
        locked(&self.state).rules.push(rule);
    }

    /// Breaks nothing any more.
    pub fn heal(&self) {
        locked(&self.state).rules.clear();
    }

    /// Every request so far, oldest first.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        locked(&self.state).seen.clone()
    }

    /// How many requests of a method had a path like this (see [`Proxy::fault`]).
    #[must_use]
    pub fn count(&self, method: &Method, path: &str) -> usize {
        self.seen().iter().filter(|seen| seen.method == method && fits(path, &seen.path)).count()
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fits(pattern: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    match pattern.strip_prefix('*') {
        Some(end) => path.ends_with(end),
        None => path.starts_with(pattern),
    }
}

/// The latest fault for a request, used up by one.
fn fault_for(state: &mut State, method: &Method, path: &str) -> Option<Arc<Fault>> {
    let rule = state
        .rules
        .iter_mut()
        .rev()
        .find(|rule| rule.left != Some(0) && rule.method == method && fits(rule.path, path))?;
    rule.left = rule.left.map(|left| left - 1);
    Some(Arc::clone(&rule.fault))
}

/// An error ends the connection without an answer.
async fn pass(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
    client: Client<HttpConnector, Incoming>,
) -> Result<Response<Body>> {
    let method = request.method().clone();
    let path = request.uri().path_and_query().context("a request without a path")?.to_string();
    let (number, target, fault) = {
        let mut state = locked(&state);
        state.seen.push(Seen { method: method.clone(), path: path.clone(), status: None });
        let fault = fault_for(&mut state, &method, &path);
        (state.seen.len() - 1, state.target.clone(), fault)
    };
    let answer = answer(request, &target, &path, &client, fault.as_deref()).await?;
    locked(&state).seen[number].status = Some(answer.status().as_u16());
    Ok(answer)
}

async fn answer(
    mut request: Request<Incoming>,
    target: &str,
    path: &str,
    client: &Client<HttpConnector, Incoming>,
    fault: Option<&Fault>,
) -> Result<Response<Body>> {
    match fault {
        Some(Fault::Replace { status, content_type, body }) => {
            let mut answer = Response::new(whole(Bytes::from(body.clone())));
            *answer.status_mut() = StatusCode::from_u16(*status)?;
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            return Ok(answer);
        }
        Some(Fault::Drop) => anyhow::bail!("dropped"),
        Some(Fault::Delay(time)) => tokio::time::sleep(*time).await,
        Some(Fault::Rewrite(_)) => drop(request.headers_mut().remove(ACCEPT_ENCODING)),
        _ => {}
    }
    *request.uri_mut() = format!("http://{target}{path}").parse::<Uri>()?;
    let answer = client.request(request).await.context("the backend does not answer")?;
    let (mut head, body) = answer.into_parts();
    head.headers.remove(CONNECTION);
    let body = body.collect().await?.to_bytes();
    match fault {
        Some(Fault::Lose) => anyhow::bail!("lost"),
        Some(Fault::Truncate(length)) => {
            head.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
            let part = body.slice(..body.len().min(*length));
            Ok(Response::from_parts(head, broken_after(part)))
        }
        Some(Fault::Rewrite(change)) => {
            let mut answer = Response::from_parts(head, body);
            change(&mut answer);
            let (mut head, body) = answer.into_parts();
            head.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
            Ok(Response::from_parts(head, whole(body)))
        }
        _ => Ok(Response::from_parts(head, whole(body))),
    }
}

fn whole(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}

fn broken_after(part: Bytes) -> Body {
    // The pause lets the part be sent: an error at once would take it back.
    let end = stream::once(async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(io::Error::other("truncated"))
    });
    let part = stream::once(async move { Ok(Frame::data(part)) });
    StreamBody::new(part.chain(end)).boxed_unsync()
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
