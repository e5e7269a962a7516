//! `GET /oauth/authorize`.

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderMap, header},
    response::Response,
    routing::get,
};

use super::{
    auth_status::AuthContext,
    challenge::LoadedChallenge,
    confirm,
    error::PageError,
    kakao,
    login::{self, Arrival},
    redirect::see_other,
    session::{Named, RequestContext},
};
use crate::{
    App,
    oauth::{
        answer,
        request::{self, Prompt, RequestFault},
    },
    store::NewChallenge,
    test_hooks,
};

pub fn router() -> Router<App> {
    Router::new().route("/oauth/authorize", get(authorize))
}

/// Answers an authorize request. A fault on our side has a page of the service's dialect.
async fn authorize(
    State(app): State<App>,
    context: RequestContext,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let query = query.as_deref().unwrap_or_default();
    let response = respond(&app, context, &headers, query).await;
    response.map_err(|error| kakao::page::in_dialect(&app, query, error))
}

/// Asks a person to agree to what a service wants, or sends them on when there is nothing to ask.
async fn respond(
    app: &App,
    mut context: RequestContext,
    headers: &HeaderMap,
    query: &str,
) -> Result<Response, PageError> {
    let request = match request::read(query, app.catalog()) {
        Ok(request) => request,
        Err(RequestFault::InvalidRedirect(reason)) => {
            return Err(PageError::InvalidRedirect(reason.into()));
        }
        Err(RequestFault::Kakao(error)) => return Err(error.into()),
        Err(RequestFault::Redirect { redirect_uri, state, error, description }) => {
            let (state, issuer) = (state.as_deref(), Some(app.origin()));
            let to = answer::with_error(&redirect_uri, state, issuer, error, &description);
            return Ok(see_other(&to));
        }
    };

    let verifier = super::parameter(Some(query), login::VERIFIER);
    let arrival = Arrival::of(app, headers, &request, verifier.as_deref());
    let is_satisfied = context.is_signed_in() && arrival.satisfies(app, &request, &context);
    let hinted = test_hooks::login_hint::sign_in(app, &mut context, &request, is_satisfied).await?;
    match &context.named_by_proxy {
        _ if hinted.is_some() => {}
        Some(Named::Unknown(account)) if request.prompt != Some(Prompt::None) => {
            return Err(login::unknown_account(app, &request, account));
        }
        _ if is_satisfied => {}
        _ => return login::sign_in(app, headers, &request, &context, &arrival),
    }
    let before = context.session.as_ref();
    let renewed = before.is_some_and(|session| arrival.renews(app, &request, session));
    let signed_in_now = match (hinted, renewed) {
        (Some(cookie), _) => Some(cookie),
        (None, true) => context.authenticated_again(app).await?,
        (None, false) => context.sign_in_from_proxy(app).await?,
    };
    let request = request.after_login();
    kakao::connection::unlink_incomplete(app, &request.client_id).await?;
    let auth = AuthContext::of(app, &context, &request).await?;
    if let Some(error) = kakao::page::outside_test_app(&auth, &request) {
        return Err(error.into());
    }
    let to = match (auth.code().await?, auth.who) {
        (Some(to), _) => to,
        (None, Some((session, _))) if request.prompt.is_none() => {
            let preferred = request.ui_locales.iter().chain(&context.languages).map(String::as_str);
            let locale = auth.service.locale(preferred);
            let now = app.now();
            let new = NewChallenge {
                session,
                service: &request.client_id,
                query: &request.query,
                locale,
                purpose: auth.purpose,
                now,
                expires_at: now + app.challenge_ttl(),
            };
            let challenge = app.store().put_challenge(&new, app.derivation_key()).await?;
            if let Some(mut answered) =
                test_hooks::answer::by_rule(app, &context, &challenge).await?
            {
                answered
                    .headers_mut()
                    .extend(signed_in_now.map(|cookie| (header::SET_COOKIE, cookie)));
                return Ok(answered);
            }
            if auth.needs_confirmation() {
                let loaded = LoadedChallenge::find(app, &challenge).await?;
                let mut page = confirm::page(app, &context, &loaded, &challenge).await;
                page.headers_mut().extend(signed_in_now.map(|cookie| (header::SET_COOKIE, cookie)));
                return Ok(page);
            }
            format!("/consent/{challenge}")
        }
        (None, _) => auth.error(),
    };
    let mut response = see_other(&to);
    if let Some(cookie) = signed_in_now {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
