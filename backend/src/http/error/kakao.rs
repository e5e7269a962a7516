//! Errors of Kakao's API: `{"msg": "…", "code": -401}` (Kakao Login > Troubleshooting).

use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder},
};

use super::{RequestError, unrendered};
use crate::{http::body::JSON, store};

/// An error of Kakao's API.
#[derive(Debug, Clone)]
pub enum KakaoError {
    /// A parameter is missing, wrong, or there twice.
    BadArguments(String),
    /// The app cannot do this: a feature is off, or the console forbids it.
    NotPermitted(String),
    /// The user is not connected to the app.
    NotConnected,
    AlreadyRegistered,
    NoSuchAccount,
    /// A user property that the app has not registered.
    UnknownProperty(String),
    /// The access token or admin key is missing or wrong.
    Unauthorized(&'static str),
    /// The user has not agreed to these items.
    ConsentMissing {
        required: Vec<String>,
        /// What the user has agreed to.
        allowed: Vec<String>,
    },
    UnderAge,
    NotATalkUser,
    Request(RequestError),
}

impl KakaoError {
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadArguments(_)
            | Self::NotConnected
            | Self::AlreadyRegistered
            | Self::NoSuchAccount
            | Self::UnknownProperty(_)
            | Self::NotATalkUser => StatusCode::BAD_REQUEST,
            Self::NotPermitted(_) | Self::ConsentMissing { .. } => StatusCode::FORBIDDEN,
            Self::Unauthorized(_) | Self::UnderAge => StatusCode::UNAUTHORIZED,
            Self::Request(error) => error.status(),
        }
    }

    /// The code of the body.
    #[must_use]
    pub fn code(&self) -> i32 {
        match self {
            Self::BadArguments(_) => -2,
            Self::NotPermitted(_) => -3,
            Self::NotConnected => -101,
            Self::AlreadyRegistered => -102,
            Self::NoSuchAccount => -103,
            Self::UnknownProperty(_) => -201,
            Self::Unauthorized(_) => -401,
            Self::ConsentMissing { .. } => -402,
            Self::UnderAge => -406,
            Self::NotATalkUser => -501,
            Self::Request(error) => match error.status() {
                StatusCode::TOO_MANY_REQUESTS => -10,
                StatusCode::UNAUTHORIZED => -401,
                StatusCode::FORBIDDEN => -3,
                status if status.is_server_error() => -1,
                _ => -2,
            },
        }
    }

    fn message(&self) -> String {
        match self {
            Self::BadArguments(why) | Self::NotPermitted(why) => why.clone(),
            Self::NotConnected => "NotRegisteredUserException".to_owned(),
            Self::AlreadyRegistered => "already registered".to_owned(),
            Self::NoSuchAccount => "there is no account with this id".to_owned(),
            Self::UnknownProperty(name) => format!("[{name}] is not a registered property"),
            Self::Unauthorized(why) => (*why).to_owned(),
            Self::ConsentMissing { .. } => "insufficient scopes.".to_owned(),
            Self::UnderAge => "the user is under the age that the app accepts".to_owned(),
            Self::NotATalkUser => "the user is not registered with the messenger".to_owned(),
            Self::Request(error) => match error.status() {
                StatusCode::TOO_MANY_REQUESTS => "API limit has been exceeded.".to_owned(),
                StatusCode::UNAUTHORIZED => "this access token does not exist".to_owned(),
                StatusCode::FORBIDDEN => "the app is not permitted to do this".to_owned(),
                StatusCode::METHOD_NOT_ALLOWED => "the method is not supported".to_owned(),
                StatusCode::PAYLOAD_TOO_LARGE => "the request is too large".to_owned(),
                StatusCode::NOT_FOUND => "there is no such API".to_owned(),
                StatusCode::MISDIRECTED_REQUEST => {
                    "the request names the host of another server".to_owned()
                }
                StatusCode::SERVICE_UNAVAILABLE => {
                    "the server cannot answer now, see Retry-After".to_owned()
                }
                status if status.is_server_error() => "the server has failed".to_owned(),
                _ => "the request cannot be read".to_owned(),
            },
        }
    }

    pub(super) fn render(&self) -> Response {
        let mut body = json!({ "msg": self.message(), "code": self.code() });
        if let Self::ConsentMissing { required, allowed } = self {
            body["api_type"] = json!("");
            body["required_scopes"] = json!(required);
            body["allowed_scopes"] = json!(allowed);
        }
        let mut response = Json(body).into_response();
        if self.status() == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer error=invalid_token");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<RequestError> for KakaoError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<store::Error> for KakaoError {
    fn from(error: store::Error) -> Self {
        Self::Request(error.into())
    }
}

impl IntoResponse for KakaoError {
    fn into_response(self) -> Response {
        let cause = match &self {
            Self::Request(error) => Some(error),
            _ => None,
        };
        unrendered(self.status(), cause, self.clone())
    }
}

/// The body of an error.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what `render` writes")]
pub struct KakaoErrorBody {
    /// What is wrong, in English.
    msg: String,
    /// The platform's code, a negative number.
    code: i32,
    /// With code -402: the items that the user has to agree to.
    required_scopes: Option<Vec<String>>,
    /// With code -402: the items that the user has agreed to.
    allowed_scopes: Option<Vec<String>>,
}

/// The errors that every call can have, for its OpenAPI description.
pub struct KakaoErrors;

impl IntoResponses for KakaoErrors {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let errors = [
            ("400", "-2 parameters, -101 not connected, -103 no such account"),
            ("401", "-401 access token or admin key, -406 under age"),
            ("403", "-3 not permitted, -402 consent missing"),
            ("405", "-2 the method is not supported"),
            ("413", "-2 the request is too large"),
            ("429", "-10 too many requests"),
            ("503", "-1 the server cannot answer now"),
        ];
        let response = |description: &str| {
            let schema = Ref::from_schema_name(KakaoErrorBody::name());
            let content = ContentBuilder::new().schema(Some(schema)).build();
            ResponseBuilder::new().description(description).content(JSON, content).build()
        };
        let described = |(status, why): (&str, &str)| (status.to_owned(), response(why).into());
        errors.into_iter().map(described).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn missing_consent_names_the_items() {
        let error = KakaoError::ConsentMissing {
            required: vec!["plusfriends".to_owned()],
            allowed: vec!["profile_nickname".to_owned()],
        };
        assert_eq!((error.status().as_u16(), error.code()), (403, -402));
        let body = axum::body::to_bytes(error.render().into_body(), usize::MAX).await.unwrap();
        let expected = json!({
            "msg": "insufficient scopes.",
            "code": -402,
            "api_type": "",
            "required_scopes": ["plusfriends"],
            "allowed_scopes": ["profile_nickname"],
        });
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&body).unwrap(), expected);
    }
}
