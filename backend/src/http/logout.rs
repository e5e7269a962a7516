//! `/oauth/logout`: a service ends the person's session here (OpenID Connect RP-Initiated Logout).
//!
//! A service that proves with an ID token that the person of this session signed in there is believed.
//! Otherwise the person is asked, because any page can lead a browser here.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use url::form_urlencoded;
use utoipa::ToSchema;

use super::{
    body::{Size, Unread},
    continue_page,
    error::PageError,
    kakao, page,
    redirect::see_other,
    session::{self, Protection, RequestContext},
    words::{self, Words},
};
use crate::{
    App,
    audit::{Actor, EndedSessions, Event, Record},
    config::Account,
    crypto,
    locale::Locale,
    oauth::{
        claims,
        logout::{self, LogoutRequest},
    },
    store,
};

/// The address of the endpoint.
pub const PATH: &str = "/oauth/logout";

/// Where the form of the question is sent.
const CONFIRM: &str = "/oauth/logout/confirm";

pub fn router() -> Router<App> {
    Router::new().route(PATH, get(ask).post(form)).route(CONFIRM, post(confirm))
}

/// Signs the person out when the request proves who they are, and asks them otherwise.
#[utoipa::path(get, path = "/oauth/logout", operation_id = "logout", tag = "oauth",
    params(
        ("id_token_hint" = Option<String>, Query, description = "An ID token of the person, perhaps an expired one"),
        ("client_id" = Option<String>, Query, description = "The client, where there is no ID token; else the one it was issued to"),
        ("post_logout_redirect_uri" = Option<String>, Query, description = "Where the browser goes afterwards: one of the service's `post_logout_redirect_uris`"),
        ("state" = Option<String>, Query, description = "Passed on to that address"),
        ("ui_locales" = Option<String>, Query, description = "Languages in order of preference"),
    ),
    responses(
        (status = 200, description = "A page: the question, or that the person is signed out"),
        (status = 303, description = "To `post_logout_redirect_uri`"),
        (status = 400, description = "A page: the ID token, the client or the address is not known, or a parameter occurs twice"),
    ))]
pub async fn ask(
    State(app): State<App>,
    context: RequestContext,
    method: Method,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let query = query.unwrap_or_default();
    let request = read(&app, &query).await?;
    let Some(account) = signed_in(&app, &context).await? else {
        return Ok(finished(&app, &context, &request).await);
    };
    // HEAD is safe (RFC 9110, 9.2.1): it ends no session.
    if method == Method::HEAD || !is_about(&app, &request, &account) {
        return Ok(question(&app, &context, &request, &account, &query).await);
    }
    let mut response = finished(&app, &context, &request).await;
    sign_out(&app, &context, &request, &account, &mut response).await?;
    Ok(response)
}

/// The parameters of a logout request as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form, which is read parameter by parameter")]
pub struct LogoutForm {
    /// As in the query of `GET /oauth/logout`.
    id_token_hint: Option<String>,
    /// As in the query of `GET /oauth/logout`.
    client_id: Option<String>,
    /// As in the query of `GET /oauth/logout`.
    post_logout_redirect_uri: Option<String>,
    /// As in the query of `GET /oauth/logout`.
    state: Option<String>,
    /// As in the query of `GET /oauth/logout`.
    ui_locales: Option<String>,
}

/// The same request as a form. A browser sends no `SameSite=Lax` cookie with a form of another site:
/// it comes again with GET, and with the session.
#[utoipa::path(post, path = "/oauth/logout", operation_id = "logout_form", tag = "oauth",
    request_body(content = LogoutForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "The same request with GET"),
        (status = 400, description = "A page: not a form"),
        (status = 413, description = "A page: the form is larger than 16 KiB"),
    ))]
pub async fn form(headers: HeaderMap, body: Body) -> Result<Response, PageError> {
    let fields = Unread::new(&headers, body).form(Size::AUTHORIZE).await?;
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Ok(see_other(&format!("{PATH}?{query}")))
}

/// The answer of the person.
async fn confirm(
    State(app): State<App>,
    context: RequestContext,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageError> {
    let unread = Unread::new(&headers, body);
    if let Err(error) = session::from_our_page(&app, &method, &headers, Protection::OriginAlone) {
        return Err(unread.refused(error).await.into());
    }
    let fields = unread.form(Size::AUTHORIZE).await?;
    let field = |name: &str| {
        let found = fields.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let query = field("request");
    let request = read(&app, query).await?;
    let Some(account) = signed_in(&app, &context).await? else {
        // In another tab, for example.
        return Ok(left(&app, &context, &request).await);
    };
    if !crypto::same(field("csrf_token"), &csrf_token(&app, &context, &account, query)) {
        // The form of another session: this one's person is asked.
        return Ok(see_other(&format!("{PATH}?{query}")));
    }
    if field("decision") != "sign_out" {
        let locale = locale(&context, &request);
        return Ok(note(&app, locale, words::still_signed_in(locale)).await);
    }
    let mut response = left(&app, &context, &request).await;
    sign_out(&app, &context, &request, &account, &mut response).await?;
    Ok(response)
}

async fn read<'a>(app: &'a App, query: &str) -> Result<LogoutRequest<'a>, PageError> {
    if let Some(request) = kakao::logout::read(app, query)? {
        return Ok(request);
    }
    let keys = app.store().id_token_keys().await?;
    let request = logout::read(query, app.catalog(), &keys, app.origin());
    request.map_err(|reason| PageError::InvalidRedirect(reason.into()))
}

/// Who is signed in, by a session or by the proxy.
async fn signed_in(
    app: &App,
    context: &RequestContext,
) -> Result<Option<Arc<Account>>, store::Error> {
    match context.account() {
        Some(id) => app.account(id).await,
        None => Ok(None),
    }
}

/// Whether the request proves that it is about this person.
fn is_about(app: &App, request: &LogoutRequest<'_>, account: &Account) -> bool {
    request.hint.as_ref().is_some_and(|hint| {
        let subject = claims::subject(app.derivation_key(), &hint.client_id, &account.id);
        crypto::same(&hint.subject, &subject)
    })
}

/// Binds the form to the session, the person and the request.
fn csrf_token(app: &App, context: &RequestContext, account: &Account, query: &str) -> String {
    let session = context.session.as_ref().map(|session| &*session.cookie).unwrap_or_default();
    app.derivation_key().derive("logout", &[session, account.id.as_bytes(), query.as_bytes()])
}

/// Ends the session, with the tokens that do not outlive it, and takes its cookie away. A Kakao app
/// also loses its tokens of the account.
///
/// # Errors
/// When the database cannot be written.
async fn sign_out(
    app: &App,
    context: &RequestContext,
    request: &LogoutRequest<'_>,
    account: &Account,
    response: &mut Response,
) -> Result<(), PageError> {
    if let Some(service) = request.service.filter(|service| service.kakao.is_some()) {
        app.store().delete_tokens(&account.id, &service.client_id).await?;
    }
    if let Some(session) = &context.session {
        app.store().sign_out(session).await?;
    }
    let record = Record::done(Event::SignOut { sessions: EndedSessions::This }, Actor::User);
    let service = request.service.map(|service| &*service.client_id);
    app.record(record.at(service).of(&*account.id));
    for cookie in context.signed_out_cookies(app) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(())
}

/// After a request without a form: to the service's address, or the page that says so.
async fn finished(app: &App, context: &RequestContext, request: &LogoutRequest<'_>) -> Response {
    match &request.redirect_to {
        Some(to) => see_other(to),
        None => {
            let locale = locale(context, request);
            note(app, locale, words::signed_out(locale)).await
        }
    }
}

/// The same after a form, which no redirect may answer: see [`continue_page`].
async fn left(app: &App, context: &RequestContext, request: &LogoutRequest<'_>) -> Response {
    let locale = locale(context, request);
    match (&request.redirect_to, request.service) {
        (Some(to), Some(service)) => continue_page::leave(app, locale, service, to).await,
        _ => note(app, locale, words::signed_out(locale)).await,
    }
}

fn locale(context: &RequestContext, request: &LogoutRequest<'_>) -> Locale {
    Locale::best(request.ui_locales.iter().chain(&context.languages).map(String::as_str))
}

async fn note(app: &App, locale: Locale, words: Words) -> Response {
    let main = html! { h1 { (words.title) } p { (words.text) } };
    page::layout(app, locale, words.title, &[], main).await.into_response()
}

async fn question(
    app: &App,
    context: &RequestContext,
    request: &LogoutRequest<'_>,
    account: &Account,
    query: &str,
) -> Response {
    let locale = locale(context, request);
    let words = words::sign_out(locale);
    let (sign_out, stay) = words::sign_out_buttons(locale);
    let main: Markup = html! {
        h1 { (words.title) }
        p { bdi { (account.nickname) } }
        p { (words.text) }
        form method="post" action=(CONFIRM) {
            input type="hidden" name="request" value=(query);
            input type="hidden" name="csrf_token" value=(csrf_token(app, context, account, query));
            p {
                button type="submit" class="way way--primary" name="decision" value="sign_out" {
                    (sign_out)
                }
            }
            p { button type="submit" class="way" name="decision" value="stay" { (stay) } }
        }
    };
    page::layout(app, locale, words.title, &[], main).await
}
