//! In which form an error is answered. The route decides, and nothing that a client says that it
//! accepts: a program that is throttled at the token endpoint must be able to read the answer, and a
//! person in a browser window must be shown a page.
//!
//! Rate limits, timeouts and panics come from layers around the routes, so each group of routes has
//! those layers around itself (see [`super::router`]), and this one around them.

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use consent_contract::problem::MEDIA_TYPE;
use serde_json::{Value, json};

use super::{
    body,
    error::{BearerError, Error},
    headers, page,
};
use crate::App;

/// What a group of routes speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Pages for a browser window: the authorization endpoint, the screen, auto-login, the demo.
    Page,
    /// Problem details (RFC 9457).
    Api,
    /// The decision endpoint: problem details; a page for the form that a browser sends by itself.
    Decision,
    /// The token endpoint (RFC 6749, 5.2).
    Token,
    /// A resource that an access token opens (RFC 6750, 3.1).
    Bearer,
    /// Files: a page when a browser window asked, one line of text otherwise.
    File,
    /// Health checks: one line of text that says what is wrong.
    Health,
}

impl Protocol {
    /// Whether browsers open answers of this group in windows that another origin may have opened,
    /// and which must stay connected to it: a service may open the login in a popup, and its
    /// callback page looks for `window.opener`.
    #[must_use]
    pub fn may_stand_in_a_popup(self) -> bool {
        matches!(self, Self::Page | Self::Decision)
    }

    /// Whether caches of HTTP/1.0 must be told, too, not to keep an answer (RFC 6749, 5.1).
    #[must_use]
    pub fn needs_pragma(self) -> bool {
        matches!(self, Self::Token | Self::Bearer)
    }

    fn wants_page(self, client: &HeaderMap) -> bool {
        match self {
            Self::Page => true,
            Self::Decision => body::media_type(client) == body::FORM,
            Self::File => headers::accepts_a_page(client),
            Self::Api | Self::Token | Self::Bearer | Self::Health => false,
        }
    }

    fn without_page(self, error: &Error) -> Response {
        match self {
            Self::Token => token_error(error),
            Self::Bearer => bearer_error(error),
            Self::File | Self::Health => text(error),
            Self::Page | Self::Api | Self::Decision => problem(error),
        }
    }
}

/// Says every error of a group of routes in the form of its protocol.
pub async fn speak(
    State((app, protocol)): State<(App, Protocol)>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let client = request.headers().clone();
    let response = next.run(request).await;
    let Some(error) = failure(protocol, &response) else { return response };
    let mut said = if protocol.wants_page(&client) {
        page::of_error(&app, &client, &path, &error).await
    } else {
        protocol.without_page(&error)
    };
    // Retry-After, Allow, Set-Cookie: what the error itself had to say in headers.
    let (parts, _) = response.into_parts();
    for (name, value) in &parts.headers {
        let about_the_body = *name == header::CONTENT_TYPE || *name == header::CONTENT_LENGTH;
        if !about_the_body {
            said.headers_mut().append(name, value.clone());
        }
    }
    *said.status_mut() = parts.status;
    said
}

/// The error behind an answer; none when the answer is no error, or says by itself what is wrong,
/// as a form does that is shown again.
fn failure(protocol: Protocol, response: &Response) -> Option<Error> {
    if let Some(error) = response.extensions().get::<Error>() {
        return Some(error.clone());
    }
    let status = response.status();
    let kind = headers::get(response.headers(), header::CONTENT_TYPE);
    let says_it = kind.is_some_and(|kind| protocol == Protocol::Health || !kind.starts_with("text/plain"))
        // About a file: the header says how long it is.
        || status == StatusCode::RANGE_NOT_SATISFIABLE;
    let is_error = status.is_client_error() || status.is_server_error();
    (is_error && !says_it).then_some(Error::Status(status))
}

fn problem(error: &Error) -> Response {
    let body = match error.problem() {
        Some(problem) => serde_json::to_vec(&problem).ok(),
        None => {
            let status = error.status();
            let mut body = json!({
                // No kind of ours: the title is the status's own (RFC 9457, 4.2.1).
                "type": "about:blank",
                "title": reason(status),
                "status": status.as_u16(),
            });
            if let Error::InvalidRedirect(why) = error {
                body["detail"] = Value::String(why.clone().into_owned());
            }
            Some(body.to_string().into_bytes())
        }
    };
    let media_type = [(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))];
    (media_type, Body::from(body.unwrap_or_default())).into_response()
}

/// RFC 6749, 5.2. `temporarily_unavailable` is the authorization endpoint's code (4.1.2.1): the
/// token endpoint has none for being busy.
fn token_error(error: &Error) -> Response {
    let (code, description) = match error {
        Error::Token(code, description) => (code.name(), *description),
        other => busy_or_wrong(other),
    };
    let mut response = oauth_error(code, description);
    if error.status() == StatusCode::UNAUTHORIZED {
        let basic = HeaderValue::from_static("Basic realm=\"token\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
    }
    response
}

/// RFC 6750, 3.1: a request that brought no access token is told that it needs one, and nothing of
/// an error.
fn bearer_error(error: &Error) -> Response {
    let (code, description) = match error {
        Error::Bearer(BearerError::Missing) => {
            let challenge = HeaderValue::from_static("Bearer realm=\"userinfo\"");
            return [(header::WWW_AUTHENTICATE, challenge)].into_response();
        }
        Error::Bearer(BearerError::InvalidRequest) => {
            ("invalid_request", "the request must carry one access token")
        }
        Error::Bearer(BearerError::InvalidToken) => {
            ("invalid_token", "the access token is unknown, expired or revoked")
        }
        other => busy_or_wrong(other),
    };
    let mut response = oauth_error(code, description);
    if let Error::Bearer(_) = error {
        let challenge = format!(
            "Bearer realm=\"userinfo\", error=\"{code}\", error_description=\"{description}\""
        );
        if let Ok(challenge) = HeaderValue::try_from(challenge) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
    }
    response
}

/// A code of OAuth for what went wrong around an endpoint of OAuth.
fn busy_or_wrong(error: &Error) -> (&'static str, &'static str) {
    let status = error.status();
    if status.is_server_error() {
        ("temporarily_unavailable", "the server cannot answer now, see Retry-After")
    } else {
        match status {
            StatusCode::TOO_MANY_REQUESTS => {
                ("temporarily_unavailable", "too many requests, see Retry-After")
            }
            StatusCode::METHOD_NOT_ALLOWED => ("invalid_request", "the method is not supported"),
            StatusCode::PAYLOAD_TOO_LARGE => ("invalid_request", "the request is too large"),
            _ => ("invalid_request", "the request cannot be read"),
        }
    }
}

fn oauth_error(error: &str, description: &str) -> Response {
    Json(json!({ "error": error, "error_description": description })).into_response()
}

fn text(error: &Error) -> Response {
    format!("{}\n", reason(error.status()).to_lowercase()).into_response()
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}
