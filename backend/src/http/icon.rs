//! Icons of services, from our own origin: the screen loads no picture from elsewhere (SEC-53).

use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

use super::{error::RequestError, terms::IMMUTABLE};
use crate::{App, config::Service};

pub fn router() -> Router<App> {
    Router::new().route("/icons/{client_id}/{name}", get(icon))
}

/// Where a service's icon is. The name changes with the picture.
#[must_use]
pub fn url(service: &Service) -> Option<String> {
    let icon = service.icon.as_ref()?;
    Some(format!("/icons/{}/{}", service.client_id, icon.name))
}

async fn icon(
    State(app): State<App>,
    Path((client_id, name)): Path<(String, String)>,
) -> Result<Response, RequestError> {
    let service = app.catalog().services.get(&client_id).ok_or(RequestError::NotFound)?;
    let icon =
        service.icon.as_ref().filter(|icon| icon.name == name).ok_or(RequestError::NotFound)?;
    let headers = [(header::CONTENT_TYPE, icon.media_type), (header::CACHE_CONTROL, IMMUTABLE)];
    Ok((headers, icon.bytes.clone()).into_response())
}
