//! Access tokens of requests (RFC 6750, 2), and whom they are for.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderMap, Method, header},
};

use super::{
    body::{self, Size, Unread},
    error::BearerError,
};
use crate::{
    App,
    config::{Account, Service},
    store::{AccessToken, Grant},
};

/// A request with an access token that can be used.
pub struct BearerContext<'a> {
    pub account: Arc<Account>,
    pub service: &'a Service,
    pub token: AccessToken,
    /// What holds between the account and the service now.
    pub grant: Grant,
}

impl<'a> BearerContext<'a> {
    /// Reads the access token from the header or, with POST, from the form, and looks it up.
    ///
    /// # Errors
    /// When there is no token, more than one, or one that cannot be used.
    pub async fn of(
        app: &'a App,
        method: &Method,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Self, BearerError> {
        let token = token(method, headers, body).await?;
        let bad = BearerError::InvalidToken;
        let token = app.store().access_token(&token, app.now()).await?.ok_or(bad.clone())?;
        let account = app.account(&token.account).await?.ok_or(bad.clone())?;
        let service = app.catalog().services.get(&token.service).ok_or(bad)?;
        let grant = app.store().grant(&account.id, &service.client_id).await?;
        Ok(Self { account, service, token, grant })
    }
}

async fn token(method: &Method, headers: &HeaderMap, body: Body) -> Result<String, BearerError> {
    let in_header = in_header(headers);
    let is_form = *method == Method::POST && body::media_type(headers) == body::FORM;
    let unread = Unread::new(headers, body);
    let in_form = if is_form {
        let form = unread.form(Size::TOKEN).await?;
        let mut tokens = form.into_iter().filter(|(name, _)| name == "access_token");
        let token = tokens.next().map(|(_, token)| token);
        if tokens.next().is_some() {
            return Err(BearerError::InvalidRequest);
        }
        token
    } else {
        unread.refused(()).await;
        None
    };
    match (in_header, in_form) {
        (Err(BearerError::Missing), Some(token)) if token.is_empty() => {
            Err(BearerError::InvalidRequest)
        }
        (Err(BearerError::Missing), Some(token)) => Ok(token),
        (Ok(_), Some(_)) => Err(BearerError::InvalidRequest),
        (Ok(token), None) => Ok(token.to_owned()),
        (Err(error), _) => Err(error),
    }
}

/// The token of the header. A client that sends none, or another kind of credentials, has not tried
/// to send one.
fn in_header(headers: &HeaderMap) -> Result<&str, BearerError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(BearerError::Missing)?;
    if values.next().is_some() {
        return Err(BearerError::InvalidRequest);
    }
    let value = value.to_str().map_err(|_| BearerError::InvalidRequest)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    match token.trim() {
        _ if !scheme.eq_ignore_ascii_case("bearer") => Err(BearerError::Missing),
        "" => Err(BearerError::InvalidRequest),
        token => Ok(token),
    }
}
