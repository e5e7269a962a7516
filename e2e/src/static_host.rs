//! A host that only serves files below a path, as GitHub Pages and `python3 -m http.server` do.

use crate::proxy::Seen;
use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, LOCATION};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A running host. It ends when this is dropped.
pub struct StaticHost {
    origin: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    _tasks: JoinSet<()>,
}

impl StaticHost {
    /// Serves the files of a folder below `prefix`, which begins and ends with `/`, at a free port.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(folder: PathBuf, prefix: &'static str) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port")?;
        let origin = format!("http://{}", listener.local_addr()?);
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let (known, folder) = (Arc::clone(&seen), Arc::new(folder));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            // Connections end with the task that accepted them.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (known, folder) = (Arc::clone(&known), Arc::clone(&folder));
                connections.spawn(async move {
                    let service = service_fn(|request| {
                        let answer = answer(&request, &folder, prefix);
                        known.lock().unwrap_or_else(PoisonError::into_inner).push(Seen {
                            method: request.method().clone(),
                            path: request.uri().path().to_owned(),
                            status: Some(answer.status().as_u16()),
                        });
                        async move { Ok::<_, Infallible>(answer) }
                    });
                    // A browser may end a connection at any time.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { origin, seen, _tasks: tasks })
    }

    /// `http://127.0.0.1:41234`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The paths that were requested and are no file, in order.
    #[must_use]
    pub fn missed(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let missed = seen.iter().filter(|it| it.status.is_some_and(|status| status >= 400));
        missed.map(|it| it.path.clone()).collect()
    }
}

fn answer(request: &Request<Incoming>, folder: &Path, prefix: &str) -> Response<Full<Bytes>> {
    let path = request.uri().path();
    let Some(name) = path.strip_prefix(prefix).filter(|name| !name.contains("..")) else {
        return file(StatusCode::NOT_FOUND, &folder.join("404.html"));
    };
    let place = folder.join(name);
    match place.is_dir() {
        false if place.is_file() => file(StatusCode::OK, &place),
        false => file(StatusCode::NOT_FOUND, &folder.join("404.html")),
        true if path.ends_with('/') => file(StatusCode::OK, &place.join("index.html")),
        true => {
            let query = request.uri().query().map(|it| format!("?{it}")).unwrap_or_default();
            let mut moved = Response::new(Full::default());
            *moved.status_mut() = StatusCode::MOVED_PERMANENTLY;
            let to = format!("{path}/{query}").parse().expect("it was an address before");
            moved.headers_mut().insert(LOCATION, to);
            moved
        }
    }
}

fn file(status: StatusCode, file: &Path) -> Response<Full<Bytes>> {
    let Ok(content) = std::fs::read(file) else {
        let mut missing = Response::new(Full::default());
        *missing.status_mut() = StatusCode::NOT_FOUND;
        return missing;
    };
    let kind = match file.extension().and_then(|it| it.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    let mut found = Response::new(Full::new(content.into()));
    *found.status_mut() = status;
    found.headers_mut().insert(CONTENT_TYPE, kind.parse().expect("a kind is ASCII"));
    found
}
