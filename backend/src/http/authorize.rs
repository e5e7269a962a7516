//! `/oauth/authorize`, by GET and by POST.

use axum::{
    Router,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, header},
    response::Response,
    routing::get,
};
use url::form_urlencoded;
use utoipa::ToSchema;

use super::{
    auth_status::AuthContext,
    body::{Size, Unread},
    challenge::LoadedChallenge,
    confirm,
    error::PageError,
    expected_user::{BadHint, ExpectedUser},
    form_post, guardian, kakao,
    login::{self, Arrival},
    pushed_request,
    redirect::see_other,
    refusals, response_mode,
    session::{Named, RequestContext},
    value_missing,
};
use crate::{
    App,
    consent::Refusal,
    oauth::{
        answer,
        error::AuthorizeError,
        request::{AuthorizeRequest, Prompt, RequestFault, ResponseMode},
    },
    store::NewChallenge,
    test_hooks,
};

pub fn router() -> Router<App> {
    Router::new().route("/oauth/authorize", get(authorize).post(authorize_by_form))
}

/// The parameters of an authorize request (RFC 6749, 4.1.1; OpenID Connect Core, 3.1.2.1). Others are
/// ignored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form, which is read parameter by parameter")]
pub struct AuthorizeParameters {
    /// As configured.
    client_id: String,
    /// As registered.
    redirect_uri: String,
    #[schema(example = "code")]
    response_type: String,
    /// `query` or `form_post`.
    response_mode: Option<String>,
    /// Separated by spaces.
    scope: Option<String>,
    state: Option<String>,
    nonce: Option<String>,
    /// PKCE (RFC 7636); required for public clients.
    code_challenge: Option<String>,
    #[schema(example = "S256")]
    code_challenge_method: Option<String>,
    /// `none`, `login`, `consent`, `select_account` or `create`.
    prompt: Option<String>,
    /// Seconds, in digits.
    max_age: Option<String>,
    login_hint: Option<String>,
    id_token_hint: Option<String>,
    /// A JSON object (OpenID Connect Core, 5.5).
    claims: Option<String>,
    acr_values: Option<String>,
    /// Tags, separated by commas.
    service_terms: Option<String>,
    /// Public ids, separated by commas.
    channel_public_id: Option<String>,
    /// In order of preference, separated by spaces.
    ui_locales: Option<String>,
}

/// A request in a form (OpenID Connect Core, 3.1.2.1). A good one goes on as a GET: browsers send our
/// session's cookie with that, and not with a POST from another site.
#[utoipa::path(post, path = "/oauth/authorize", tag = "oauth",
    request_body(description = "The parameters of an authorize request",
        content = AuthorizeParameters, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "To the same request by `GET`, or to the redirect URI with an error"),
        (status = 200, description = "An error for `response_mode=form_post`: a page that posts it"),
        (status = 400, description = "A page: the body is no form, or `client_id` and `redirect_uri` do not belong together"),
        (status = 413, description = "A page: the form is too large"),
        (status = 429, description = "A page: too many requests, see `Retry-After`"),
        (status = 503, description = "A page: the server cannot answer now, see `Retry-After`"),
    ))]
pub async fn authorize_by_form(
    State(app): State<App>,
    context: RequestContext,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageError> {
    let form = Unread::new(&headers, body).form(Size::AUTHORIZE).await?;
    // A parameter that is in the address and in the form is there twice.
    let query = query.unwrap_or_default();
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned().chain(form);
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    match pushed_request::read(&app, &query, context.session.as_ref()).await? {
        Ok(request) => Ok(see_other(&request.restart_url())),
        Err(fault) => refused(&app, &context, &query, fault),
    }
}

/// Asks a person to agree to what a service wants, or sends them on when there is nothing to ask. A
/// fault on our side has a page of the service's dialect.
#[utoipa::path(get, path = "/oauth/authorize", tag = "oauth",
    params(
        ("client_id" = String, Query, description = "As configured"),
        ("redirect_uri" = Option<String>, Query, description = "As registered; required unless the request was pushed"),
        ("response_type" = Option<String>, Query, description = "`code`; required unless the request was pushed"),
        ("request_uri" = Option<String>, Query, description = "Of a pushed request"),
    ),
    responses(
        (status = 303, description = "To the login page, to the screen, or to the redirect URI with a code or an error"),
        (status = 200, description = "A page on which the user confirms an app, or that posts the response (`response_mode=form_post`)"),
        (status = 400, description = "A page: `client_id` and `redirect_uri` do not belong together, or the `request_uri` is unknown, expired or used"),
        (status = 403, description = "A page: the user came back from the login page without having signed in"),
        (status = 429, description = "A page: too many requests, see `Retry-After`"),
        (status = 503, description = "A page: the server cannot answer now, see `Retry-After`"),
    ))]
pub async fn authorize(
    State(app): State<App>,
    context: RequestContext,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let query = query.as_deref().unwrap_or_default();
    let response = respond(&app, context, &headers, query).await;
    response.map_err(|error| kakao::page::in_dialect(&app, query, error))
}

async fn respond(
    app: &App,
    mut context: RequestContext,
    headers: &HeaderMap,
    query: &str,
) -> Result<Response, PageError> {
    let request = match pushed_request::read(app, query, context.session.as_ref()).await? {
        Ok(request) => request,
        Err(fault) => return refused(app, &context, query, fault),
    };
    let sealed = super::parameter(Some(query), response_mode::PARAMETER);
    if let Some(parameters) = response_mode::sealed(app, &request, sealed.as_deref()) {
        let languages = languages(&request, &context);
        return Ok(form_post::page(&request.redirect_uri, &parameters, languages));
    }
    let Ok(expected) = ExpectedUser::of(app, &request).await? else {
        let BadHint = BadHint;
        let why = "id_token_hint is not an ID token of this server";
        let error = AuthorizeError::InvalidRequest;
        refusals::record_request(app, Some(query), error);
        return Ok(see_other(&response_mode::with_error(app, &request, error, why)));
    };
    let is_expected = |context: &RequestContext| {
        context.account().is_some_and(|account| expected.is(app, account))
    };

    let verifier = super::parameter(Some(query), login::VERIFIER);
    let arrival = Arrival::of(app, headers, &request, verifier.as_deref());
    let is_satisfied = is_expected(&context) && arrival.satisfies(app, &request, &context);
    let hinted =
        test_hooks::login_hint::sign_in(app, &mut context, &request, &expected, is_satisfied)
            .await?;
    match &context.named_by_proxy {
        _ if hinted.is_some() => {}
        Some(Named::Unknown(account)) if request.prompt != Some(Prompt::None) => {
            return Err(login::unknown_account(app, &request, account));
        }
        Some(Named::Disabled(account)) if request.prompt != Some(Prompt::None) => {
            return Err(login::disabled_account(app, &request, account));
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
    auth.record_refusal();
    let to = match (auth.code().await?, &auth.who) {
        (Some(to), _) => to,
        (None, Some((session, _))) if request.prompt.is_none() => {
            let locale = auth.service.locale(languages(&request, &context));
            let now = app.now();
            let new = NewChallenge {
                session,
                service: &request.client_id,
                query: &request.stored(),
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
            if let Some(refusal) = auth.refusal.filter(|refusal| refusal.has_a_page()) {
                let loaded = LoadedChallenge::find(app, &context, &challenge).await?;
                let mut page = match refusal {
                    Refusal::ValueMissing => value_missing::page(app, &context, &loaded).await,
                    _ => guardian::child::page(app, &context, &loaded, &challenge).await,
                };
                page.headers_mut().extend(signed_in_now.map(|cookie| (header::SET_COOKIE, cookie)));
                return Ok(page);
            }
            if auth.needs_confirmation() {
                let loaded = LoadedChallenge::find(app, &context, &challenge).await?;
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

/// The languages of the request and of the browser, by preference.
fn languages<'a>(
    request: &'a AuthorizeRequest,
    context: &'a RequestContext,
) -> impl Iterator<Item = &'a str> {
    request.ui_locales.iter().chain(&context.languages).map(String::as_str)
}

/// The answer to a request that cannot be read: to the service where that is known, else a page.
fn refused(
    app: &App,
    context: &RequestContext,
    query: &str,
    fault: RequestFault,
) -> Result<Response, PageError> {
    match fault {
        RequestFault::InvalidRedirect(reason) => Err(PageError::InvalidRedirect(reason.into())),
        RequestFault::Kakao(error) => Err(error.into()),
        RequestFault::Redirect { redirect_uri, state, response_mode, error, description } => {
            // The other faults are pages: see [`super::refusals`].
            refusals::record_request(app, Some(query), error);
            let issuer = Some(app.origin());
            let parameters = answer::error(state.as_deref(), issuer, error, &description);
            Ok(match response_mode {
                ResponseMode::Query => see_other(&answer::in_query(&redirect_uri, &parameters)),
                ResponseMode::FormPost => {
                    let languages = context.languages.iter().map(String::as_str);
                    form_post::page(&redirect_uri, &parameters, languages)
                }
            })
        }
    }
}
