//! Leads each request to the server as it is configured at that moment.

use std::sync::{Arc, PoisonError, RwLock};

use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
};
use tower::ServiceExt;

use crate::App;

/// The addresses of a server whose configuration can be reloaded. A request that has begun goes on with
/// the configuration that it began with, and a connection that stays open gets the new one.
pub fn router(app: &App) -> Router {
    let (app, first) = (app.clone(), app.current());
    let routed = Arc::new(RwLock::new((super::router(&first), first)));
    Router::new().fallback(move |request: Request| {
        let router = routed_now(&app, &routed);
        async move { answer(router, request).await }
    })
}

async fn answer(router: Router, request: Request) -> Response {
    router.oneshot(request).await.into_response()
}

/// The router of the current configuration, made once for each.
fn routed_now(app: &App, routed: &RwLock<(Router, App)>) -> Router {
    let current = app.current();
    {
        let routed = routed.read().unwrap_or_else(PoisonError::into_inner);
        if routed.1.is_same(&current) {
            return routed.0.clone();
        }
    }
    let router = super::router(&current);
    let mut routed = routed.write().unwrap_or_else(PoisonError::into_inner);
    *routed = (router.clone(), current);
    router
}
