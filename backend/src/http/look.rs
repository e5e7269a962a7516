//! Looks of services: which page has which, and their style sheets and fonts.
//!
//! A page that is rendered here has the style sheet in it. The address is for a page that is not: a static
//! host does not know the service, and `GET /api/v1/consents/{challenge}` names the sheet.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use consent_contract::{API, account::ACCOUNT};

use super::{
    client_address::ClientAddress, error::RequestError, headers, session::RequestContext,
    terms::IMMUTABLE,
};
use crate::{App, config::Look};

pub fn router() -> Router<App> {
    Router::new().route("/look/{name}", get(file))
}

/// A style sheet, or its font. Both are named by their content.
async fn file(
    State(app): State<App>,
    Path(name): Path<String>,
    request_headers: HeaderMap,
) -> Result<Response, RequestError> {
    let mut looks = app.catalog().services.values().filter_map(|service| service.look.as_ref());
    let found = match name.rsplit_once('.') {
        Some((name, "css")) => {
            let look = looks.find(|look| look.name == name);
            look.map(|look| ("text/css; charset=utf-8", look.css.clone().into_bytes()))
        }
        Some((name, "woff2")) => {
            let mut fonts = looks.filter_map(|look| look.font.as_ref());
            fonts.find(|font| font.name == name).map(|font| ("font/woff2", font.bytes.clone()))
        }
        _ => None,
    };
    let (kind, bytes) = found.ok_or(RequestError::NotFound)?;
    let tag = format!("\"{name}\"");
    let known = headers::knows(&request_headers, &tag);
    let kept = [(header::CACHE_CONTROL, IMMUTABLE.to_owned()), (header::ETAG, tag)];
    Ok(if known {
        (StatusCode::NOT_MODIFIED, kept).into_response()
    } else {
        (kept, [(header::CONTENT_TYPE, kind)], bytes).into_response()
    })
}

impl Look {
    /// Where the style sheet is.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/look/{}.css", self.name)
    }

    /// The style sheet as a link (RFC 8288).
    #[must_use]
    pub fn link(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(format!("<{}>; rel=\"stylesheet\"", self.path())).ok()
    }
}

/// The look of the service that an address is about, for the page of an error there. None where the address
/// names no service, the database does not answer, or the challenge is another browser's: that learns
/// nothing of who asks.
pub async fn of_address(
    app: &App,
    address: &Uri,
    client: &HeaderMap,
    client_address: ClientAddress,
) -> Option<Arc<Look>> {
    let services = &app.catalog().services;
    if services.values().all(|service| service.look.is_none()) {
        return None;
    }
    let path = address.path();
    let below = |prefix: &str| path.strip_prefix(prefix)?.split('/').find(|it| !it.is_empty());
    let challenge = below("/consent/").or_else(|| below(&format!("{API}/consents/")));
    let client_id = match challenge {
        Some(name) => {
            let (challenge, _) = app.store().challenge(name).await.ok()??;
            let context = RequestContext::of(app, client, client_address).await.ok()?;
            let session = context.session.filter(|session| session.id == challenge.session)?;
            (session.account == challenge.account).then_some(challenge.service)?
        }
        None => match below(&format!("{ACCOUNT}/services/")) {
            Some(client_id) => client_id.to_owned(),
            None => super::parameter(address.query(), "client_id")?,
        },
    };
    services.get(&client_id)?.look.clone()
}
