//! Auto-login: a user who opens a service's link inside the messenger is signed in without a screen,
//! if there is nothing to ask; otherwise they get the sign-in options.

use std::{borrow::Cow, collections::BTreeMap};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, Method, header},
    response::{AppendHeaders, Html, IntoResponse, Response},
    routing::{get, post},
};
use consent_contract::{
    auto_login::{self, AuthStatus, AutoLogin, Page},
    in_app, request as message,
};
use consent_screen::{auto_login::Visit, ssr};
use url::form_urlencoded;

use super::{
    auth_status::AuthContext,
    body::{Size, Unread},
    consent_page::built,
    error::{ApiError, PageError, RequestError, responses::AutoLoginProblems},
    expected_user::ExpectedUser,
    headers::{self, Policy, Scripts},
    icon, login,
    redirect::see_other,
    session::{self, Protection, RequestContext},
};
use crate::{
    App, consent, crypto,
    locale::Locale,
    oauth::request::{self, AuthorizeRequest, Prompt, RequestFault},
    store,
    telemetry::profile::{Work, timed_now},
};

/// The page.
pub const PAGE: &str = "/auto-login";

/// That an attempt was made already: in the page's own address, where its script writes it.
const TRIED: &str = "tried";

/// For how long a browser that comes back counts as sent back, in seconds: as long as a code is
/// good. Long enough for a slow service, and short enough for a user who opens the same link again.
const SENT_BACK: u32 = 60;

pub fn pages() -> Router<App> {
    Router::new().route(PAGE, get(page)).route("/auto-login/outside/{client_id}", get(outside))
}

pub fn router() -> Router<App> {
    Router::new().route(auto_login::PATH, post(sign_in))
}

fn outside_path(request: &AuthorizeRequest) -> String {
    let id: String = form_urlencoded::byte_serialize(request.client_id.as_bytes()).collect();
    format!("{PAGE}/outside/{}", id.replace('+', "%20"))
}

/// Starts again at the service, in another browser: the request that was begun in the messenger could
/// not be ended here, because what the service remembers of it is over there (OpenID Connect Core, 4).
async fn outside(
    State(app): State<App>,
    Path(client_id): Path<String>,
) -> Result<Response, PageError> {
    let service = app.catalog().services.get(&client_id).ok_or(RequestError::NotFound)?;
    let begin = service.initiate_login_uri.as_deref().ok_or(RequestError::NotFound)?;
    let issuer: String = form_urlencoded::byte_serialize(app.origin().as_bytes()).collect();
    let joint = if begin.contains('?') { '&' } else { '?' };
    Ok(see_other(&format!("{begin}{joint}iss={issuer}")))
}

/// The page: a welcome, or the sign-in options. It changes nothing: a client that fetches a preview
/// of the link gets no code.
async fn page(
    State(app): State<App>,
    mut context: RequestContext,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let pairs = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    let request = read(pairs, &app).map_err(PageError::InvalidRedirect)?;
    let must_log_in = wants_a_login(&app, &request, &context).await?;
    let signed_in_now = context.sign_in_from_proxy(&app).await?;
    let auth = AuthContext::of(&app, &context, &request).await?;
    let tried = super::parameter(query.as_deref(), TRIED).is_some()
        || must_log_in
        || auth.needs_confirmation()
        || was_sent_away(&app, &headers, &auth).await?;
    let in_messenger = context.messenger.is_some();
    let page = Page::of(auth.status, in_messenger, tried);

    let built = built(&app).await?.for_service(Some(auth.service));
    let view = ServiceView::of(&context, &request, &auth);
    let begin = auth.service.initiate_login_uri.as_ref().map(|_| outside_path(&request));
    let outside = begin.filter(|_| in_messenger);
    let outside = outside.and_then(|path| in_app::open_outside(app.origin(), &path));
    let visit = Visit {
        page,
        client_id: &request.client_id,
        service: &view.service,
        account: view.account.as_ref(),
        log_in_url: &view.log_in_url,
        look_around_url: &auth.error(),
        redirect_uri: &request.redirect_uri,
        outside_url: outside.as_deref(),
        app_files: match auth.status {
            AuthStatus::NotAgreed | AuthStatus::MoreToAgree | AuthStatus::ValueMissing => {
                &built.app_files
            }
            AuthStatus::Member | AuthStatus::SignedOut | AuthStatus::Refused => &[],
        },
    };
    let rendered =
        timed_now(Work::Rendering, "auto_login", || ssr::auto_login(view.locale, &visit));
    let script_digests = [crypto::sri(rendered.script.as_bytes())];
    let style_digests = [&built.style_digests[..], &[crypto::sri(rendered.style.as_bytes())]];
    let policy = Policy {
        scripts: Scripts::Own(&script_digests),
        style_digests: &style_digests.concat(),
        has_fonts: built.has_fonts(),
        ..Policy::default()
    };
    let language = [(header::CONTENT_LANGUAGE, HeaderValue::from_static(rendered.language))];
    let cookies = AppendHeaders(signed_in_now.map(|cookie| (header::SET_COOKIE, cookie)));
    let html = built.with_rendered(&rendered, None);
    Ok((cookies, language, headers::of_page(&policy), Html(html)).into_response())
}

/// Signs a member in to a service, from the messenger's in-app browser, without showing or granting
/// anything.
#[utoipa::path(post, path = "/api/v1/auto-login", tag = "auto-login",
    request_body(description = "The parameters of an authorize request by their names, as strings; `response_type` may be left out", content((
        std::collections::HashMap<String, String> = "application/json"
    ))),
    responses(
        (status = 200, description = "What came of it", body = AutoLogin),
        AutoLoginProblems,
    ))]
pub async fn sign_in(
    State(app): State<App>,
    mut context: RequestContext,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let unread = Unread::new(&headers, body);
    let ours = session::from_our_page(&app, &method, &headers, Protection::OriginAlone);
    if let Err(error) = ours {
        return Err(unread.refused(error).await);
    }
    let parameters: BTreeMap<String, String> = unread.json(Size::AUTHORIZE).await?;
    let request =
        read(parameters, &app).map_err(|reason| RequestError::Malformed(reason.into_owned()))?;
    let must_log_in = wants_a_login(&app, &request, &context).await?;
    let mut cookies: Vec<_> = context.sign_in_from_proxy(&app).await?.into_iter().collect();
    let auth = AuthContext::of(&app, &context, &request).await?;
    auth.record_refusal();
    let ServiceView { service, account, log_in_url, .. } =
        ServiceView::of(&context, &request, &auth);
    let redirect_to = auth.error();
    let outcome = if context.messenger.is_none() {
        AutoLogin::NotInApp { log_in_url, service }
    } else if must_log_in {
        AutoLogin::LogIn { log_in_url, service, redirect_to: auth.not_signed_in() }
    } else if let (Some(account), Some(redirect_to)) = (account, auth.code().await?) {
        cookies.push(sent_away(&app, &request));
        AutoLogin::SignedIn { redirect_to, service, account }
    } else {
        match auth.status {
            AuthStatus::Member | AuthStatus::SignedOut => {
                AutoLogin::LogIn { log_in_url, service, redirect_to }
            }
            AuthStatus::NotAgreed | AuthStatus::MoreToAgree => {
                AutoLogin::SignUp { consent_url: log_in_url, service, redirect_to }
            }
            AuthStatus::ValueMissing | AuthStatus::Refused => {
                AutoLogin::MoreNeeded { log_in_url, service, redirect_to }
            }
        }
    };
    let cookies = AppendHeaders(cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie)));
    Ok((cookies, Json(outcome)).into_response())
}

/// Parses the parameters of an authorize request. Errors are not redirected to the service: a
/// service that does not expect one would send the browser here again.
fn read<N: AsRef<str>, V: AsRef<str>>(
    parameters: impl IntoIterator<Item = (N, V)>,
    app: &App,
) -> Result<AuthorizeRequest, Cow<'static, str>> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut has_type = false;
    for (name, value) in parameters {
        let (name, value) = (name.as_ref(), value.as_ref());
        has_type |= name == "response_type";
        // What `prompt=none` asks for is what this is.
        if name != TRIED && (name, value) != ("prompt", "none") {
            query.append_pair(name, value);
        }
    }
    if !has_type {
        query.append_pair("response_type", "code");
    }
    request::read(&query.finish(), app.catalog()).map_err(|fault| match fault {
        RequestFault::InvalidRedirect(reason) => reason.into(),
        RequestFault::Kakao(error) => error.description.into(),
        RequestFault::Redirect { description, .. } => description.into(),
    })
}

/// What the page and the API response have in common.
struct ServiceView {
    locale: Locale,
    service: message::Service,
    account: Option<message::Account>,
    /// The ordinary way, which asks what has to be asked.
    log_in_url: String,
}

impl ServiceView {
    fn of(context: &RequestContext, request: &AuthorizeRequest, auth: &AuthContext<'_>) -> Self {
        let preferred: Vec<&str> =
            request.ui_locales.iter().chain(&context.languages).map(String::as_str).collect();
        let locale = auth.service.locale(preferred.iter().copied());
        let icon_url = icon::url(auth.service);
        Self {
            locale: Locale::of(locale).unwrap_or_else(|| Locale::best(preferred)),
            service: consent::service(auth.service, &request.redirect_uri, icon_url, locale),
            account: auth.who.as_ref().map(|(_, account)| consent::account(account, None)),
            log_in_url: request.restart_url(),
        }
    }
}

/// Whether a person has to do something at the login page first, also when they are signed in.
async fn wants_a_login(
    app: &App,
    request: &AuthorizeRequest,
    context: &RequestContext,
) -> Result<bool, store::Error> {
    let asks = matches!(request.prompt, Some(Prompt::Create | Prompt::SelectAccount));
    let is_expected = ExpectedUser::of(app, request)
        .await?
        .is_ok_and(|expected| context.account().is_none_or(|account| expected.is(app, account)));
    let wants = asks
        || !is_expected
        // Who is signed out is sent to the login page anyway.
        || context.account().is_some()
            && login::needs_login(app, request, context.last_authenticated());
    Ok(wants)
}

/// Remembers that this browser was sent to a service with a code, for browsers without storage: the
/// page itself uses that.
fn sent_away(app: &App, request: &AuthorizeRequest) -> HeaderValue {
    session::set_cookie(app, &cookie_name(app, &request.client_id), "1", "/", Some(SENT_BACK))
}

/// Forgets it: what comes next is another visit.
#[must_use]
pub fn clear_sent_back(app: &App, client_id: &str) -> HeaderValue {
    session::set_cookie(app, &cookie_name(app, client_id), "", "/", Some(0))
}

/// Whether this browser was sent to the service with a code a moment ago.
async fn was_sent_away(
    app: &App,
    headers: &HeaderMap,
    auth: &AuthContext<'_>,
) -> Result<bool, RequestError> {
    let client_id = &auth.service.client_id;
    if session::cookie(headers, &cookie_name(app, client_id)).is_some() {
        return Ok(true);
    }
    // A browser that keeps no cookies can be signed in all the same, by a proxy.
    match &auth.who {
        Some((_, account)) if !headers.contains_key(header::COOKIE) => {
            Ok(app.store().has_code_without_decision(&account.id, client_id, app.now()).await?)
        }
        _ => Ok(false),
    }
}

/// One for each service: two that send people to each other do not take each other's place.
fn cookie_name(app: &App, client_id: &str) -> String {
    let mark = app.derivation_key().derive("auto-login", &[client_id.as_bytes()]);
    app.cookies().name(&format!("auto-login-{mark}"))
}
