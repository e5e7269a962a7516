//! Client authentication (RFC 6749, 2.3), the same at every endpoint that clients call directly.

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use url::form_urlencoded;

use super::{
    body::{self, Size, Unread},
    error::TokenError,
    headers,
};
use crate::{App, config::Service};

/// The service that asks. Basic and form are both good (RFC 6749, 2.3.1), but not at once.
///
/// # Errors
/// `invalid_client`; `invalid_request` without a `client_id`, or with two ways to authenticate.
pub fn authenticate<'a>(
    app: &'a App,
    headers: &HeaderMap,
    form: &Form,
) -> Result<&'a Service, TokenError> {
    let refused = |why| TokenError::InvalidClient(why);
    let basic = match headers::get(headers, header::AUTHORIZATION) {
        Some(value) => Some(basic(value).ok_or(refused("Authorization cannot be read"))?),
        None => None,
    };
    let (id, secret) = match (&basic, form.get("client_secret")) {
        (Some(_), Some(_)) => {
            let why = "the client authenticates in two ways";
            return Err(TokenError::InvalidRequest(why));
        }
        (Some((id, secret)), None) => (id.as_str(), Some(secret.as_str())),
        (None, secret) => (form.need("client_id")?, secret),
    };
    if form.get("client_id").is_some_and(|named| named != id) {
        return Err(refused("client_id is not the one that authenticates"));
    }
    let service = app.catalog().services.get(id).ok_or(refused("there is no such client"))?;
    match (&service.client_secret, secret) {
        (Some(known), Some(sent)) if known.accept(sent, app.now()) => Ok(service),
        (Some(_), _) => Err(refused("the client secret is missing or wrong")),
        // A public client has nothing to prove itself with: PKCE stands in for it.
        (None, None) => Ok(service),
        (None, Some(_)) => Err(refused("this client has no secret")),
    }
}

/// The client that a request names, whether it is one or not.
pub fn named_client(headers: &HeaderMap, form: &Form) -> Option<String> {
    let basic = headers::get(headers, header::AUTHORIZATION).and_then(basic);
    basic.map(|(id, _)| id).or_else(|| form.get("client_id").map(str::to_owned))
}

/// Name and secret, both encoded as in forms (RFC 6749, 2.3.1).
pub fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    // A form of one nameless field: the parser of forms then does the decoding.
    let plain = |text: &str| {
        form_urlencoded::parse(format!("x={text}").as_bytes()).next().map(|(_, it)| it.into_owned())
    };
    Some((plain(id)?, plain(secret)?))
}

/// The parameters of a request that a client sends by itself, each at most once.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// # Errors
    /// `invalid_request` for another media type, a body that is too large, and a parameter that is
    /// there twice.
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Self, TokenError> {
        let invalid = |why| TokenError::InvalidRequest(why);
        let unread = Unread::new(headers, body);
        if body::media_type(headers) != body::FORM {
            let why = "expected application/x-www-form-urlencoded";
            return Err(unread.refused(invalid(why)).await);
        }
        let pairs = unread.form(Size::TOKEN).await?;
        let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(invalid("a parameter is there more than once"));
        }
        Ok(Self(pairs))
    }

    /// All parameters, as they were sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A parameter. An empty one counts as absent (RFC 6749, 3.2).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// # Errors
    /// `invalid_request` without the parameter.
    pub fn need(&self, name: &'static str) -> Result<&str, TokenError> {
        self.get(name).ok_or(TokenError::InvalidRequest("a parameter is missing"))
    }
}
