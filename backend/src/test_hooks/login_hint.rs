//! `login_hint` as a sign-in without a page.

use std::sync::Arc;

use axum::http::HeaderValue;
use url::form_urlencoded;

use crate::{
    App,
    config::Account,
    http::{error::RequestError, expected_user::ExpectedUser, session::RequestContext},
    oauth::request::{AuthorizeRequest, Prompt},
};

/// Signs in the account that the request names in `login_hint` by its id or e-mail address, unless it
/// is signed in already and `is_satisfied`: whether the request asks for no new login. Returns the
/// cookie to set. `prompt=none` signs no one in (OpenID Connect Core, 3.1.2.1), and neither does the
/// hint of another account than the `expected` one.
///
/// # Errors
/// When the database cannot be written.
pub async fn sign_in(
    app: &App,
    context: &mut RequestContext,
    request: &AuthorizeRequest,
    expected: &ExpectedUser<'_>,
    is_satisfied: bool,
) -> Result<Option<HeaderValue>, RequestError> {
    if app.test_hooks().is_none() || request.prompt == Some(Prompt::None) {
        return Ok(None);
    }
    let hint = form_urlencoded::parse(request.query.as_bytes())
        .find(|(name, _)| name == "login_hint")
        .map(|(_, value)| value);
    let Some(account) = hint.and_then(|hint| named(app, &hint)) else { return Ok(None) };
    if !expected.is(app, &account.id) {
        return Ok(None);
    }
    let is_signed_in =
        context.session.as_ref().is_some_and(|session| session.account == account.id);
    if is_signed_in && is_satisfied {
        return Ok(None);
    }
    context.sign_in(app, &account.id).await.map(Some)
}

/// The account of this id, or the only one with this address.
fn named<'a>(app: &'a App, hint: &str) -> Option<&'a Arc<Account>> {
    let accounts = &app.catalog().accounts;
    accounts.get(hint).or_else(|| {
        let mut found = accounts.values().filter(|account| account.email.as_deref() == Some(hint));
        found.next().filter(|_| found.next().is_none())
    })
}
