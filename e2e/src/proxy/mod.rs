//! What stands between browser and backend: passes everything on, remembers it, and breaks what
//! a test asks it to break.

mod body;
mod fault;
mod inject;
#[cfg(test)]
mod tests;

pub use fault::{Fault, Rewriting};

use anyhow::{Context, Result};
use body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONNECTION, CONTENT_LENGTH, HOST};
use hyper::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use inject::Script;
use socket2::SockRef;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// Where injected scripts send their reports: a path that the backend never sees.
pub const REPORTS: &str = "/-/reports";

/// One request that came by.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: Method,
    /// With its query.
    pub path: String,
    /// The status that the browser received; `None` while, or because, there was no answer.
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
    scripts: Vec<Script>,
    reports: Vec<String>,
    says: HeaderMap,
}

/// A running proxy on a port of its own. It ends when this is dropped.
pub struct Proxy {
    origin: String,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    /// Who listens, and every connection; none of them while connections are refused.
    tasks: Mutex<JoinSet<()>>,
}

impl Proxy {
    /// Listens on a free port. It passes nothing on before [`Proxy::lead_to`].
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port")?;
        let address = listener.local_addr()?;
        let proxy = Self {
            origin: format!("http://{address}"),
            address,
            state: Arc::default(),
            tasks: Mutex::default(),
        };
        proxy.listen(listener);
        Ok(proxy)
    }

    fn listen(&self, listener: TcpListener) {
        let state = Arc::clone(&self.state);
        locked(&self.tasks).spawn(async move {
            let client = Client::builder(TokioExecutor::new()).build_http();
            // Connections end with the task that accepted them.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&state), client.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
    }

    /// Refuses connections from now on, and ends those that there are.
    pub async fn refuse(&self) {
        let mut tasks = std::mem::take(&mut *locked(&self.tasks));
        tasks.shutdown().await;
    }

    /// Accepts connections again, at the same address.
    ///
    /// # Errors
    /// When another process took it meanwhile.
    pub fn accept(&self) -> Result<()> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(self.address).context("the proxy's port is taken")?;
        self.listen(socket.listen(1024)?);
        Ok(())
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

    /// Says in every request that the browser prefers these languages: `ja,en`.
    ///
    /// # Errors
    /// When they cannot stand in a header.
    pub fn speak(&self, languages: &str) -> Result<()> {
        self.say(ACCEPT_LANGUAGE.as_str(), languages)
    }

    /// Sets a header of every request, as a proxy does that has signed a user in.
    ///
    /// # Errors
    /// When it cannot stand in a header.
    pub fn say(&self, header: &'static str, value: &str) -> Result<()> {
        let header = HeaderName::from_static(header);
        locked(&self.state).says.insert(header, HeaderValue::from_str(value)?);
        Ok(())
    }

    /// Runs a script in every page from now on, before the page's own.
    pub fn inject(&self, source: String) {
        locked(&self.state).scripts.push(Script::new(source));
    }

    /// What injected scripts sent to [`REPORTS`], oldest first.
    #[must_use]
    pub fn reports(&self) -> Vec<String> {
        locked(&self.state).reports.clone()
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
    pub fn clear_faults(&self) {
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

fn locked<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
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

type Backend = Client<HttpConnector, Incoming>;

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>, client: Backend) {
    let Ok((stream, socket)) = shared(stream) else { return };
    let service = service_fn(|request| pass(request, &state, &client, &socket));
    // Its error is the fault that was asked for.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// A connection, and its socket for what only a socket can do.
fn shared(stream: TcpStream) -> std::io::Result<(TcpStream, std::net::TcpStream)> {
    let stream = stream.into_std()?;
    let socket = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, socket))
}

/// An error ends the connection without an answer.
async fn pass(
    request: Request<Incoming>,
    state: &Mutex<State>,
    client: &Backend,
    socket: &std::net::TcpStream,
) -> Result<Response<Body>> {
    let method = request.method().clone();
    let path = request.uri().path_and_query().context("a request without a path")?.to_string();
    if path == REPORTS {
        let report = request.into_body().collect().await?.to_bytes();
        locked(state).reports.push(String::from_utf8_lossy(&report).into_owned());
        return Ok(status(StatusCode::NO_CONTENT));
    }
    let (number, fault) = {
        let mut state = locked(state);
        state.seen.push(Seen { method: method.clone(), path: path.clone(), status: None });
        (state.seen.len() - 1, fault_for(&mut state, &method, &path))
    };
    if let Some(Fault::Reset(_)) = fault.as_deref() {
        // What is sent is sent; then, in place of a goodbye, a reset.
        SockRef::from(socket).set_linger(Some(Duration::ZERO))?;
    }
    if let Some(fault) = fault.as_ref().filter(|fault| matches!(***fault, Fault::Hold)) {
        while locked(state).rules.iter().any(|rule| Arc::ptr_eq(&rule.fault, fault)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let answer = answer(request, state, &path, client, fault.as_deref()).await?;
    locked(state).seen[number].status = Some(answer.status().as_u16());
    Ok(answer)
}

fn status(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(body::whole(Bytes::new()));
    *answer.status_mut() = status;
    answer
}

async fn answer(
    mut request: Request<Incoming>,
    state: &Mutex<State>,
    path: &str,
    client: &Backend,
    fault: Option<&Fault>,
) -> Result<Response<Body>> {
    match fault {
        Some(Fault::Answer(answer)) => return Ok(answer.clone().map(body::whole)),
        Some(Fault::Drop) => anyhow::bail!("dropped"),
        Some(Fault::Delay(time)) => tokio::time::sleep(*time).await,
        _ => {}
    }
    let (target, scripts, says) = {
        let state = locked(state);
        (state.target.clone(), state.scripts.clone(), state.says.clone())
    };
    let scripts = if wants_page(request.headers()) { scripts } else { Vec::new() };
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let reports_url = format!("http://{host}{REPORTS}");
    if matches!(fault, Some(Fault::Rewrite(_))) || !scripts.is_empty() {
        request.headers_mut().remove(ACCEPT_ENCODING);
    }
    request.headers_mut().extend(says);
    *request.uri_mut() = format!("http://{target}{path}").parse::<Uri>()?;
    let answer = client.request(request).await.context("the backend does not answer")?;
    let (mut head, body) = answer.into_parts();
    // They are about the connection to the backend, not about the one to the browser.
    head.headers.remove(CONNECTION);
    head.headers.remove(TRANSFER_ENCODING);
    let mut answer = Response::from_parts(head, body.collect().await?.to_bytes());
    if let Some(Fault::Rewrite(change)) = fault {
        change(&mut answer);
    }
    if !scripts.is_empty() {
        inject::into_page(&mut answer, &scripts, &reports_url);
    }
    // An answer without a body may still name the length of another one's.
    if !answer.body().is_empty() {
        let length = HeaderValue::from(answer.body().len());
        answer.headers_mut().insert(CONTENT_LENGTH, length);
    }
    let first = |body: &Bytes, length: usize| body.slice(..body.len().min(length));
    Ok(match fault {
        Some(Fault::Lose) => anyhow::bail!("lost"),
        Some(Fault::Truncate(length) | Fault::Reset(length)) => {
            answer.map(|body| body::broken_after(first(&body, *length)))
        }
        Some(Fault::Delay(_) | Fault::Hold) => {
            // Late each time, and not the first time only.
            answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            answer.map(body::whole)
        }
        Some(Fault::Trickle(pause)) => answer.map(|body| body::slow(body, *pause)),
        _ => answer.map(body::whole),
    })
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).is_some_and(|kinds| kinds.as_bytes().starts_with(b"text/html"))
}
