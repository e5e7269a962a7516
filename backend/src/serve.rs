//! Answering on a socket until told to stop.

use std::{net::SocketAddr, time::Duration};

use tokio::{net::TcpListener, signal};

use crate::App;

/// How often what has run out is forgotten.
const TIDY_UP_EVERY: Duration = Duration::from_secs(5 * 60);

/// Answers until SIGTERM or Ctrl-C; requests that have begun are finished.
///
/// # Errors
/// When the socket fails.
pub async fn serve(app: &App, listener: TcpListener) -> std::io::Result<()> {
    let tidy = app.clone();
    let tidying = tokio::spawn(async move {
        let mut every = tokio::time::interval(TIDY_UP_EVERY);
        loop {
            every.tick().await;
            tidy.tidy_up().await;
        }
    });
    let service = app.router().into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(asked_to_stop()).await?;
    tidying.abort();
    app.close().await;
    Ok(())
}

async fn asked_to_stop() {
    let interrupted = async {
        // Without a handler Ctrl-C ends the process the ordinary way: nothing to do here then.
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
    tracing::info!("stopping");
}
