//! The layer that writes the bodies of errors in the form of the route, whatever the client accepts:
//! a program that is throttled at the token endpoint must be able to parse the answer, and a browser
//! window must get a page.
//!
//! Rate limits, timeouts and panics come from layers around the routes, so each group of routes has
//! those layers around itself (see [`super::super::router`]), and this one around them.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{AdminError, ApiError, BearerError, KakaoError, PageError, RequestError, TokenError};
use crate::{
    App,
    http::{
        body::{FORM, media_type},
        client_address::ClientAddress,
        headers, kakao, look, page,
        protocol::Protocol,
        refusals,
    },
};

pub async fn errors(
    State((app, protocol)): State<(App, Protocol)>,
    request: Request,
    next: Next,
) -> Response {
    let address = request.uri().clone();
    let path = address.path();
    let client = request.headers().clone();
    let client_address = ClientAddress::of(request.extensions());
    let query = request.uri().query().map(str::to_owned).filter(|_| app.audit_log().is_on());
    let response = next.run(request).await;
    refusals::record(&app, query.as_deref(), &response);
    let mut rendered = match body(&app, protocol, path, &client, &response) {
        Some(Body::Page(error)) => {
            // A response to overload must not add to it: the look is asked from the database.
            let is_overload = matches!(
                response.status(),
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
            );
            let look = match is_overload {
                true => None,
                false => look::of_address(&app, &address, &client, client_address).await,
            };
            page::of_error(&app, &client, path, look.as_deref(), &error).await
        }
        Some(Body::Ready(rendered)) => rendered,
        None => return response,
    };
    // Retry-After, Allow, Set-Cookie.
    let (parts, _) = response.into_parts();
    for (name, value) in &parts.headers {
        let about_the_body = *name == header::CONTENT_TYPE || *name == header::CONTENT_LENGTH;
        if !about_the_body {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    *rendered.status_mut() = parts.status;
    rendered
}

/// The body of an error.
enum Body {
    /// To be rendered for the user of this browser.
    Page(PageError),
    Ready(Response),
}

/// The body of an error; none for a response that has its body.
fn body(
    app: &App,
    protocol: Protocol,
    path: &str,
    client: &HeaderMap,
    response: &Response,
) -> Option<Body> {
    match protocol {
        Protocol::Page => find::<PageError>(protocol, response).map(Body::Page),
        Protocol::Decision if media_type(client) == FORM => {
            find::<ApiError>(protocol, response).map(|error| Body::Page(error.into()))
        }
        Protocol::Api | Protocol::Decision => {
            find::<ApiError>(protocol, response).map(|error| Body::Ready(error.render()))
        }
        Protocol::Admin => {
            find::<AdminError>(protocol, response).map(|error| Body::Ready(error.render()))
        }
        Protocol::Token => find::<TokenError>(protocol, response)
            .map(|error| Body::Ready(kakao::token::around(app, path, error).render())),
        Protocol::Bearer => {
            find::<BearerError>(protocol, response).map(|error| Body::Ready(error.render()))
        }
        Protocol::Kakao => {
            find::<KakaoError>(protocol, response).map(|error| Body::Ready(error.render()))
        }
        Protocol::File if headers::accepts_a_page(client) => {
            find::<PageError>(protocol, response).map(Body::Page)
        }
        Protocol::File => find::<PageError>(protocol, response).map(|it| text(it.status())),
        Protocol::Health => find::<RequestError>(protocol, response).map(|it| text(it.status())),
    }
}

/// The error of a response as the protocol's own.
fn find<E>(protocol: Protocol, response: &Response) -> Option<E>
where
    E: From<RequestError> + Clone + Send + Sync + 'static,
{
    let extensions = response.extensions();
    let of_layer = || extensions.get::<RequestError>().cloned().map(E::from);
    let of_router = || router_status(protocol, response).map(|it| RequestError::Status(it).into());
    extensions.get::<E>().cloned().or_else(of_layer).or_else(of_router)
}

/// The status of an error whose body describes nothing. A form that is shown again, for example,
/// describes its errors itself.
fn router_status(protocol: Protocol, response: &Response) -> Option<StatusCode> {
    let status = response.status();
    let kind = headers::get(response.headers(), header::CONTENT_TYPE);
    let has_body = kind
        .is_some_and(|kind| protocol == Protocol::Health || !kind.starts_with("text/plain"))
        // About a file: the header has its length.
        || status == StatusCode::RANGE_NOT_SATISFIABLE;
    let is_error = status.is_client_error() || status.is_server_error();
    (is_error && !has_body).then_some(status)
}

fn text(status: StatusCode) -> Body {
    Body::Ready(format!("{}\n", reason(status).to_lowercase()).into_response())
}

pub(super) fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}
