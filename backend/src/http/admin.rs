//! The admin listener: health and metrics, for this machine and its monitoring, the admin API, and a preview
//! studio that offers the server's own services. Never public.

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{admin_api, health, studio};
use crate::{
    App,
    metrics::Gauges,
    oauth::key_ring::{Purpose, State as KeyState},
    store,
};

/// The media type of OpenMetrics 1.0.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `/metrics`, `/healthz`, `/readyz`, the admin API, and the preview studio, if there is one.
pub fn router(app: &App) -> Router {
    let monitoring = Router::new().route("/metrics", get(metrics)).merge(health::router());
    let router = monitoring.with_state(app.clone()).merge(admin_api::router(app));
    if app.admin_studio().is_some() { router.merge(studio::admin_router(app)) } else { router }
}

async fn metrics(State(app): State<App>) -> Response {
    let app = app.current();
    match gauges(&app).await {
        Ok(gauges) => {
            let text = app.metrics().text(&gauges);
            ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "no metrics: the database cannot be read");
            (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be read\n").into_response()
        }
    }
}

async fn gauges(app: &App) -> Result<Gauges, store::Error> {
    let workload = app.store().workload().await?;
    let ring = app.store().key_ring(app.now()).await?;
    let active = |purpose| {
        ring.iter().find_map(move |key| match key.state {
            KeyState::Active { since } if key.purpose == purpose => Some((purpose, since)),
            _ => None,
        })
    };
    let keys = Purpose::ALL.into_iter().filter_map(active).collect();
    let readiness = app.readiness();
    let is_ready = !readiness.is_draining() && readiness.can_write(app.store()).await;
    Ok(Gauges { workload, is_ready, keys, connections: app.store().pool_use() })
}
