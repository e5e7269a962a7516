//! Which pages of other origins may read responses (Fetch, 3.3): those of browser apps that redeem
//! their code themselves, and no others. Never with credentials.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use consent_contract::redirect;

use super::headers;
use crate::App;

/// Who may read the responses of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// Our own pages. Of the authorization endpoint this is a must (RFC 9700, 2.6).
    SameOrigin,
    /// Pages of any origin: what is there is public.
    Anyone,
    /// Pages of the origins among the redirect URIs of public clients.
    PublicClients,
}

impl Readers {
    fn of(path: &str) -> (Self, &'static str) {
        match path {
            "/.well-known/openid-configuration"
            | "/.well-known/oauth-authorization-server"
            | "/.well-known/jwks.json" => (Self::Anyone, "GET, HEAD"),
            "/oauth/token" | "/oauth/revoke" | "/oauth/par" => (Self::PublicClients, "POST"),
            "/oauth/agreements" => (Self::PublicClients, "GET, HEAD"),
            "/oauth/userinfo" => (Self::PublicClients, "GET, HEAD, POST"),
            _ => (Self::SameOrigin, ""),
        }
    }
}

/// How long a browser may remember the answer to its preflight request, in seconds.
const REMEMBERED: &str = "600";

/// Answers preflight requests, and names the origin that may read a response.
pub async fn cross_origin(State(app): State<App>, request: Request, next: Next) -> Response {
    let (readers, methods) = Readers::of(request.uri().path());
    let allowed = match readers {
        Readers::SameOrigin => return next.run(request).await,
        Readers::Anyone => Some(HeaderValue::from_static("*")),
        Readers::PublicClients => {
            origin(request.headers()).filter(|origin| is_of_public_client(&app, origin))
        }
    };
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ORIGIN)
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (is_preflight, &allowed) {
        (true, Some(_)) => preflight(methods).into_response(),
        _ => next.run(request).await,
    };
    if readers == Readers::PublicClients {
        // A cache must not answer one origin with what another may read.
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(origin) = allowed {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static("Retry-After, WWW-Authenticate");
        response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}

fn preflight(methods: &'static str) -> impl IntoResponse {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type"),
        (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED),
    ];
    (StatusCode::NO_CONTENT, headers)
}

/// The origin of the page that asks, where the request names exactly one.
fn origin(headers: &HeaderMap) -> Option<HeaderValue> {
    headers::get(headers, header::ORIGIN).and_then(|origin| HeaderValue::from_str(origin).ok())
}

/// Whether a public client gets its codes at this web origin; on a loopback host at any port, as the
/// redirect URI (RFC 8252, 7.3). `null` is no origin of a redirect URI.
fn is_of_public_client(app: &App, origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    let is_origin = redirect::origin(origin).is_ok_and(|serialized| serialized == origin);
    let is_web = origin.starts_with("https://") || origin.starts_with("http://");
    let public = app.catalog().services.values().filter(|it| it.client_secret.is_none());
    let is_registered = |uri: &String| {
        redirect::origin(uri)
            .is_ok_and(|registered| without_free_port(&registered) == without_free_port(origin))
    };
    is_origin && is_web && public.flat_map(|service| &service.redirect_uris).any(is_registered)
}

/// An origin without its port where that is free: that of an http origin, which is on a loopback host.
fn without_free_port(origin: &str) -> &str {
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match origin.rsplit_once(':') {
        Some((host, port)) if host.starts_with("http://") && is_port(port) => host,
        _ => origin,
    }
}
