//! Serves HTTP/1.1 on a socket until the process is asked to stop.
//!
//! Every connection has deadlines ([`progress`]) and counts against limits ([`admission`]), so that
//! clients that send or read nothing neither use the process up nor keep it from stopping.

mod admission;
mod connection;
mod open_files;
mod progress;
mod socket;
mod stop;
mod upkeep;

use std::{io, num::NonZeroUsize, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::TcpListener,
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    App,
    audit::{Actor, Event, Reason, Record},
    http::LONGEST_REQUEST,
    webhooks,
};
use admission::Admission;
use progress::Deadlines;
use stop::Asked;

pub use socket::passed_socket;
pub use stop::Stop;

/// How long requests in flight have to be answered after the last connection was accepted.
const LAST_REQUESTS: Duration = LONGEST_REQUEST;

/// How long deliveries that have begun may take to end.
const LAST_EVENTS: Duration = Duration::from_secs(4);

/// How long sealing the last receipts and giving leases back may take.
const HAND_OVER: Duration = Duration::from_secs(5);

/// How long lines of the audit log that wait may take to be written.
const LAST_LINES: Duration = Duration::from_secs(2);

/// How long spans that have ended may take to be exported.
const LAST_SPANS: Duration = Duration::from_secs(2);

/// How long the database has to close.
const CLOSE: Duration = Duration::from_secs(2);

/// Connections of the admin listener; a quarter of them of one address.
const ADMIN_CONNECTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(63);

/// How long to wait before accepting again when the operating system refuses, in want of files.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// How connections are served.
#[derive(Clone)]
pub struct Connections {
    /// How many there may be at a time. A quarter of them may be of one address.
    pub limit: NonZeroUsize,
    /// How long new ones are accepted after SIGTERM, with `/readyz` answering 503, so that a load
    /// balancer can send its clients elsewhere.
    pub drain: Duration,
    /// Serves https. Without it something in front of this server does, or nothing.
    pub tls: Option<TlsAcceptor>,
}

/// Serves until the process is asked to stop, and then answers the requests that have begun.
///
/// After SIGTERM, `/readyz` answers 503 and connections are accepted for `drain`; after Ctrl-C there
/// is no such time. Then requests in flight have 20 seconds. A second signal ends it at once.
pub async fn serve(app: &App, listener: TcpListener, connections: Connections, mut stop: Stop) {
    app.record(Record::done(Event::ServerStart, Actor::System));
    let stop_delivering = CancellationToken::new();
    let delivering = tokio::spawn(webhooks::deliver(app.clone(), stop_delivering.clone()));
    let upkept = app.clone();
    let upkeep = tokio::spawn(async move { upkeep::run(&upkept).await });
    let limit = open_files::limited(connections.limit);
    let admission = Admission::new(limit);
    let closing = CancellationToken::new();
    let tracker = TaskTracker::new();
    let accepting = tokio::spawn(accept(
        app.clone(),
        app.router(),
        listener,
        connections.tls,
        admission,
        closing.clone(),
        tracker.clone(),
    ));

    let reload = Arc::new(Notify::new());
    let reloading = tokio::spawn(reload_when_asked(app.clone(), Arc::clone(&reload)));
    let asked = stop.asked(|| reload.notify_one()).await;
    reloading.abort();
    app.start_draining();
    // Whatever is left is delivered after the next start.
    stop_delivering.cancel();
    let in_order = async {
        if asked == Asked::ByASupervisor && !connections.drain.is_zero() {
            tracing::info!(drain = ?connections.drain, "not ready any more; still accepting");
            sleep(connections.drain).await;
        }
        tracing::info!("stopping");
        closing.cancel();
        // It ends by itself now: it does not close the listener while it is aborted.
        let _ = accepting.await;
        tracker.close();
        if timeout(LAST_REQUESTS, tracker.wait()).await.is_err() {
            tracing::warn!(connections = tracker.len(), "ending with requests unanswered");
        }
    };
    tokio::select! {
        () = in_order => {}
        _ = stop.asked(|| {}) => tracing::warn!(connections = tracker.len(), "asked again: ending at once"),
    }
    if timeout(LAST_EVENTS, delivering).await.is_err() {
        tracing::warn!("ending while events are being delivered: they are delivered again");
    }
    upkeep.abort();
    if timeout(HAND_OVER, app.hand_over()).await.is_err() {
        tracing::warn!("ending with leases: other servers wait for them to run out");
    }
    app.record(Record::done(Event::ServerStop, Actor::System));
    let log = app.audit_log().clone();
    if !tokio::task::spawn_blocking(move || log.flush(LAST_LINES)).await.unwrap_or(false) {
        tracing::error!("ending with lines of the audit log unwritten");
    }
    if !app.traces().close(LAST_SPANS).await {
        tracing::warn!("ending with spans that were not exported");
    }
    if timeout(CLOSE, app.close()).await.is_err() {
        tracing::warn!("the database is still in use");
    }
}

/// Serves health and metrics, until it is dropped: also while the other listener drains.
pub async fn serve_admin(app: &App, listener: TcpListener) {
    let admission = Admission::new(ADMIN_CONNECTIONS);
    let (closing, tracker) = (CancellationToken::new(), TaskTracker::new());
    accept(app.clone(), app.admin_router(), listener, None, admission, closing, tracker).await;
}

/// Reads the configuration and the language files again at each SIGHUP, and opens the audit log again.
async fn reload_when_asked(app: App, asked: Arc<Notify>) {
    loop {
        asked.notified().await;
        app.audit_log().reopen();
        for fault in app.read_languages().await {
            tracing::warn!("{fault}");
        }
        let event = Event::ConfigurationReload;
        match app.reload().await {
            Ok(warnings) => {
                app.record(Record::done(event, Actor::Operator));
                app.metrics().configuration_read(Some(app.now()));
                for warning in warnings {
                    tracing::warn!("{warning}");
                }
                tracing::info!("the configuration was reloaded");
            }
            Err(error) => {
                app.record(Record::failed(event, Actor::Operator, Reason::Faulty));
                app.metrics().configuration_read(None);
                tracing::error!(
                    "SIGHUP: the configuration before goes on, this one is refused: {error}"
                );
            }
        }
    }
}

/// Accepts connections until the token is cancelled.
async fn accept(
    app: App,
    router: Router,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    admission: Arc<Admission>,
    closing: CancellationToken,
    tracker: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            () = closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            // The client has gone already.
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let is_trusted = app.trusted_proxies().contains(peer.ip());
        let Some(admitted) = admission.admit(peer.ip(), is_trusted) else {
            connection::refuse(&stream);
            continue;
        };
        let (router, closing) = (router.clone(), closing.clone());
        let deadlines = Deadlines::default();
        match tls.clone() {
            None => {
                tracker.spawn(connection::serve(stream, peer, router, admitted, closing, deadlines))
            }
            Some(tls) => tracker.spawn(connection::serve_tls(
                tls, stream, peer, router, admitted, closing, deadlines,
            )),
        };
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
