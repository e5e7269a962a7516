//! `/sign-in`: the way to the provider.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, header},
    response::Response,
};
use consent_contract::{account::ACCOUNT, redirect};

use super::{COOKIE, PATH};
use crate::{
    App, crypto,
    http::{
        error::{PageError, RequestError},
        parameter,
        redirect::see_other,
        session::{self, RequestContext},
    },
    oauth::request::{AuthorizeRequest, Prompt},
    provider::Asked,
    store::SignInAttempt,
};

/// How long the browser keeps the cookie, in seconds.
const COOKIE_LIFETIME: u32 = 30 * 60;

/// Sends a browser to the provider. What the login must be like is read from the authorize request that
/// the browser comes from, and nowhere else: leaving a parameter out here changes nothing.
pub async fn start(
    State(app): State<App>,
    context: RequestContext,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let provider = app.provider().ok_or(RequestError::NotFound)?;
    let return_to = parameter(query.as_deref(), "return_to")
        .filter(|path| redirect::is_own_path(path) && !path.starts_with(PATH))
        .unwrap_or_else(|| ACCOUNT.to_owned());
    let request = super::request(&app, &context, &return_to).await?;
    let mut asked = request.as_ref().map(asked).unwrap_or_default();
    let asks_login = asked.login;
    // Who has signed out here is still signed in at the provider, which may know no `auth_time`.
    asked.login |= session::has_signed_out_here(&app, &headers);
    let known = match provider.discovered(app.clock()).await {
        Ok(known) => known,
        Err(error) => {
            let why = super::why(&app, &error);
            return Err(super::not_signed_in(&app, why, &return_to, request.as_ref()));
        }
    };
    let cookie = app.cookies().name(COOKIE);
    let browser = session::cookie(&headers, &cookie).filter(|it| it.len() == 43);
    let browser = browser.map_or_else(crypto::random_token, str::to_owned);
    let secrets = super::secrets(&app, crypto::random_token(), &browser);
    let (max_age, started_at) = (asked.max_age, app.now());
    let attempt = SignInAttempt { return_to, asks_login, max_age, started_at };
    app.store().start_sign_in(&secrets.state, &browser, &attempt).await?;
    let to = provider.authorize_url(&known, &secrets, &asked);
    let mut response = see_other(to.as_str());
    let cookie = session::set_cookie(&app, &cookie, &browser, "/", Some(COOKIE_LIFETIME));
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// What an authorize request asks of the login. `prompt=consent` is for our own screen.
fn asked(request: &AuthorizeRequest) -> Asked {
    let pairs = || url::form_urlencoded::parse(request.query.as_bytes());
    let value = |name: &str| {
        let found = pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        found.filter(|value| !value.is_empty())
    };
    let words = |name: &str| {
        let words = value(name).unwrap_or_default();
        words.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let prompts = words("prompt");
    let has = |prompt: &str| prompts.iter().any(|it| it == prompt);
    Asked {
        login: request.prompt == Some(Prompt::Login) || has("login") || request.max_age == Some(0),
        select_account: request.prompt == Some(Prompt::SelectAccount) || has("select_account"),
        create: request.prompt == Some(Prompt::Create),
        max_age: request.max_age,
        login_hint: value("login_hint"),
        ui_locales: words("ui_locales"),
        acr_values: words("acr_values"),
    }
}
