//! Sign-in at an OpenID provider: `/sign-in` sends the browser there, and `/sign-in/callback` takes it
//! back. `/sign-in` stands where a login page would: see [`super::login`].

mod callback;
mod start;

use axum::{Router, routing::get};

use super::{
    auth_status,
    error::{NotSignedIn, PageError, WhyNot},
    pushed_request,
    redirect::with_return_to,
    session::RequestContext,
};
use crate::{
    App,
    oauth::request::AuthorizeRequest,
    provider::{ProviderError, Secrets},
};

/// Where a browser begins to sign in, with `return_to`.
pub const PATH: &str = "/sign-in";

/// The redirect URI that is registered at the provider.
pub const CALLBACK: &str = "/sign-in/callback";

/// The cookie that binds attempts to a browser. One for all of its tabs.
const COOKIE: &str = "sign-in";

pub fn router() -> Router<App> {
    Router::new().route(PATH, get(start::start)).route(CALLBACK, get(callback::callback))
}

/// What an attempt is bound by. Nonce and verifier can be made by this server only, from what the
/// browser brings back.
fn secrets(app: &App, state: String, browser: &str) -> Secrets {
    let derive =
        |purpose| app.derivation_key().derive(purpose, &[state.as_bytes(), browser.as_bytes()]);
    let (nonce, verifier) = (derive("sign_in_nonce"), derive("sign_in_verifier"));
    Secrets { state, nonce, verifier }
}

/// The authorize request that a browser goes back to, if it is one.
async fn request(
    app: &App,
    context: &RequestContext,
    return_to: &str,
) -> Result<Option<AuthorizeRequest>, PageError> {
    let Some(query) = return_to.strip_prefix("/oauth/authorize?") else { return Ok(None) };
    Ok(pushed_request::read(app, query, context.session.as_ref()).await?.ok())
}

/// A page that says why no one is signed in, with the ways on.
fn not_signed_in(
    app: &App,
    why: WhyNot,
    return_to: &str,
    request: Option<&AuthorizeRequest>,
) -> PageError {
    let back = request.map(|request| match why {
        WhyNot::Cancelled => auth_status::access_denied(app, request, "the user did not sign in"),
        WhyNot::UnknownAccount | WhyNot::AccountDisabled => {
            auth_status::access_denied(app, request, "the account cannot be used here")
        }
        _ => auth_status::login_required(app, request),
    });
    // A verifier of the way back may be too old by the time the person tries again.
    let again = match (request, why) {
        (Some(request), WhyNot::UnknownAccount | WhyNot::AccountDisabled) => {
            request.switch_account_url()
        }
        (Some(request), _) => request.restart_url(),
        (None, _) => with_return_to(PATH, return_to),
    };
    PageError::NotSignedIn(Box::new(NotSignedIn { why, back, again: Some(again) }))
}

/// Why the provider has signed no one in, for the person; the reason goes to the log.
fn why(app: &App, error: &ProviderError) -> WhyNot {
    let provider = app.provider().map(|it| it.issuer().to_owned()).unwrap_or_default();
    tracing::warn!(%error, provider, "no one was signed in");
    match error {
        ProviderError::Unreachable(_) => WhyNot::ProviderUnreachable,
        ProviderError::Invalid(_) => WhyNot::ProviderInvalid,
        ProviderError::NotFresh(_) => WhyNot::NotConfirmed,
    }
}
