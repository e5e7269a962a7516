//! Where the browser goes with the response to an authorize request.
//!
//! With `response_mode=query` that is the redirect URI. With `form_post` it is an own address: the
//! authorize request with the response in the parameter [`PARAMETER`], encrypted and bound to the
//! client, the redirect URI and the state. [`sealed`] opens it, and [`super::form_post`] is the page that posts it.
//! So whatever leads to the service (a redirect, the screen, a link) leads there by an address in both
//! modes.

use serde::{Deserialize, Serialize};

use crate::{
    App,
    clock::Seconds,
    oauth::{
        answer::{self, Parameters},
        error::AuthorizeError,
        request::{AuthorizeRequest, ResponseMode},
    },
    store::CODE_LIFETIME,
};

/// The parameter with a sealed response.
pub const PARAMETER: &str = "sealed_response";

/// A response as it is sealed.
#[derive(Serialize, Deserialize)]
enum Sealed {
    Code { code: String, issued_at: Seconds },
    Error { error: AuthorizeError, description: String },
}

/// Where the browser goes with a code.
#[must_use]
pub fn with_code(app: &App, request: &AuthorizeRequest, code: &str) -> String {
    match request.response_mode {
        ResponseMode::Query => answer::with_code(request, app.origin(), code),
        ResponseMode::FormPost => {
            seal(app, request, &Sealed::Code { code: code.to_owned(), issued_at: app.now() })
        }
    }
}

/// Where the browser goes with an error.
#[must_use]
pub fn with_error(
    app: &App,
    request: &AuthorizeRequest,
    error: AuthorizeError,
    description: &str,
) -> String {
    match request.response_mode {
        ResponseMode::Query => {
            let (uri, state) = (&request.redirect_uri, request.state.as_deref());
            let issuer = answer::issuer_for(request.dialect, app.origin());
            answer::with_error(uri, state, issuer, error, description)
        }
        ResponseMode::FormPost => {
            seal(app, request, &Sealed::Error { error, description: description.to_owned() })
        }
    }
}

/// The response that the browser comes with; none when there is none for this request, or its code is
/// too old to be redeemed.
#[must_use]
pub fn sealed(app: &App, request: &AuthorizeRequest, sealed: Option<&str>) -> Option<Parameters> {
    if request.response_mode != ResponseMode::FormPost {
        return None;
    }
    let text = app.derivation_key().open(PARAMETER, &bound_to(request), sealed?)?;
    let (state, issuer) = (request.state.as_deref(), Some(app.origin()));
    match serde_json::from_str(&text).ok()? {
        Sealed::Code { code, issued_at } => {
            let is_fresh = app.now() < issued_at + CODE_LIFETIME;
            is_fresh.then(|| answer::code(state, issuer, &code))
        }
        Sealed::Error { error, description } => {
            Some(answer::error(state, issuer, error, &description))
        }
    }
}

fn seal(app: &App, request: &AuthorizeRequest, response: &Sealed) -> String {
    let text = serde_json::to_string(response).expect("texts and numbers become JSON");
    let sealed = app.derivation_key().seal(PARAMETER, &bound_to(request), &text);
    format!("{}&{PARAMETER}={sealed}", request.restart_url())
}

fn bound_to(request: &AuthorizeRequest) -> [&[u8]; 3] {
    let state = request.state.as_deref().unwrap_or_default();
    [&request.client_id, &request.redirect_uri, state].map(str::as_bytes)
}
