//! A call of Kakao's API, as it was sent: its credential and its parameters.

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, Method, header},
};
use url::form_urlencoded;

use crate::{
    App,
    config::Service,
    http::{
        body::{self, Size, Unread},
        error::KakaoError,
        session,
    },
    kakao::parameters::{array, is_absent},
};

/// A call, as it was sent.
pub struct Call {
    pub(super) credential: Credential,
    /// The decoded parameters of query and body.
    pairs: Vec<(String, String)>,
    /// The languages that the client accepts, by preference.
    languages: Vec<String>,
}

/// What a call authenticates with.
pub(super) enum Credential {
    AccessToken(String),
    AdminKey(String),
    None,
}

impl FromRequest<App> for Call {
    type Rejection = KakaoError;

    async fn from_request(request: Request, _: &App) -> Result<Self, KakaoError> {
        let (parts, body) = request.into_parts();
        let mut pairs: Vec<(String, String)> =
            form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        repeated(&pairs)?;
        if parts.method == Method::POST {
            let unread = Unread::new(&parts.headers, body);
            match &*body::media_type(&parts.headers) {
                "" | body::JSON => unread.empty().await?,
                _ => {
                    let form = unread.form(Size::TOKEN).await?;
                    repeated(&form)?;
                    pairs.extend(form);
                }
            }
            conflicting(&pairs)?;
        }
        pairs.retain(|(_, value)| !is_absent(value));
        Ok(Self {
            credential: credential(&parts.headers, &pairs)?,
            languages: session::languages(&parts.headers),
            pairs,
        })
    }
}

/// Refuses a parameter that is there twice.
fn repeated(pairs: &[(String, String)]) -> Result<(), KakaoError> {
    let mut names: Vec<&str> = pairs.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(twice(pair[0])),
        None => Ok(()),
    }
}

/// Refuses a parameter that has one value in the query and another one in the body.
fn conflicting(pairs: &[(String, String)]) -> Result<(), KakaoError> {
    let differs = |(name, value): &&(String, String)| {
        pairs.iter().any(|(other, another)| name == other && value != another)
    };
    match pairs.iter().find(differs) {
        Some((name, _)) => Err(twice(name)),
        None => Ok(()),
    }
}

fn twice(name: &str) -> KakaoError {
    KakaoError::BadArguments(format!("{name} is there more than once"))
}

/// The header decides; passport-kakao sends the token in the query only.
fn credential(headers: &HeaderMap, pairs: &[(String, String)]) -> Result<Credential, KakaoError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        let token = pairs.iter().find(|(name, _)| name == "access_token");
        return Ok(token.map_or(Credential::None, |(_, it)| Credential::AccessToken(it.clone())));
    };
    if values.next().is_some() {
        return Err(twice("Authorization"));
    }
    let value = value.to_str().map_err(|_| BAD_HEADER)?;
    let (scheme, credential) = value.split_once(' ').ok_or(BAD_HEADER)?;
    let credential = credential.trim().to_owned();
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Credential::AccessToken(credential))
    } else if scheme.eq_ignore_ascii_case("kakaoak") {
        Ok(Credential::AdminKey(credential))
    } else {
        Err(BAD_HEADER)
    }
}

const BAD_HEADER: KakaoError =
    KakaoError::Unauthorized("Authorization must be Bearer or KakaoAK and a credential");

impl Call {
    /// A parameter. Empty ones and `null` are absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// A list, as a JSON array or as words.
    ///
    /// # Errors
    /// -2 for a broken array.
    pub fn list(&self, name: &str) -> Result<Option<Vec<String>>, KakaoError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let list = array(value);
        list.map(Some).ok_or_else(|| bad(format!("{name} is neither a JSON array nor a list")))
    }

    /// A list that must be there and hold something.
    ///
    /// # Errors
    /// -2.
    pub fn need_list(&self, name: &str) -> Result<Vec<String>, KakaoError> {
        let list = self.list(name)?.filter(|list| !list.is_empty());
        list.ok_or_else(|| bad(format!("{name} is missing")))
    }

    /// A whole number.
    ///
    /// # Errors
    /// -2 for something else.
    pub fn number(&self, name: &str) -> Result<Option<i64>, KakaoError> {
        let number =
            |value: &str| value.parse().map_err(|_| bad(format!("{name} is not a number")));
        self.get(name).map(number).transpose()
    }

    /// A Boolean.
    ///
    /// # Errors
    /// -2 for something else.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, KakaoError> {
        let boolean =
            |value: &str| value.parse().map_err(|_| bad(format!("{name} is not true or false")));
        self.get(name).map(boolean).transpose()
    }

    /// The language for names of this service.
    #[must_use]
    pub fn locale<'a>(&self, service: &'a Service) -> &'a str {
        service.locale(self.languages.iter().map(String::as_str))
    }
}

/// -2, with the reason.
pub fn bad(why: impl Into<String>) -> KakaoError {
    KakaoError::BadArguments(why.into())
}
