//! Answering on a socket until told to stop.

use std::{net::SocketAddr, time::Duration};

use tokio::{net::TcpListener, signal};

use crate::App;

/// How often what has run out is forgotten.
const TIDY_UP_EVERY: Duration = Duration::from_secs(5 * 60);

/// Being told to stop. From the moment this exists, SIGTERM and Ctrl-C end the process in order.
pub struct Stop {
    #[cfg(unix)]
    signals: [signal::unix::Signal; 2],
}

impl Stop {
    /// Starts to listen for the signals.
    ///
    /// # Errors
    /// When the operating system does not let us.
    pub fn when_told() -> std::io::Result<Self> {
        #[cfg(unix)]
        {
            use signal::unix::{SignalKind, signal};
            let signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
            Ok(Self { signals })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    async fn told(self) {
        #[cfg(unix)]
        {
            let [mut terminate, mut interrupt] = self.signals;
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        #[cfg(not(unix))]
        if signal::ctrl_c().await.is_err() {
            // Without a handler Ctrl-C ends the process the ordinary way.
            std::future::pending::<()>().await;
        }
        tracing::info!("stopping");
    }
}

/// Answers until told to stop; requests that have begun are finished.
///
/// # Errors
/// When the socket fails.
pub async fn serve(app: &App, listener: TcpListener, stop: Stop) -> std::io::Result<()> {
    let tidy = app.clone();
    let tidying = tokio::spawn(async move {
        let mut every = tokio::time::interval(TIDY_UP_EVERY);
        loop {
            every.tick().await;
            tidy.tidy_up().await;
        }
    });
    let service = app.router().into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop.told()).await?;
    tidying.abort();
    app.close().await;
    Ok(())
}
