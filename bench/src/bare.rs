//! The least that a server in this language costs: one handler that answers a body of a size.
//!
//! The bench starts itself with `bare`, so that it runs in a process of its own like the backend.

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::routing::get;
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

/// Serves GET and POST of `/` with so many bytes, until it is ended.
///
/// # Errors
/// When it cannot listen.
pub async fn serve(bytes: usize) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let body = Bytes::from(vec![b'x'; bytes]);
    let answer = move || {
        let body = body.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], body) }
    };
    let posted = answer.clone();
    let handlers = get(answer).post(move |_: Bytes| posted());
    axum::serve(listener, Router::new().route("/", handlers)).await?;
    Ok(())
}
