//! Request bodies: JSON and forms, each with the limit of its route.

use axum::{
    body::{Body, HttpBody, to_bytes},
    http::{HeaderMap, header},
};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::{error::RequestError, headers};
use crate::config::Service;

/// How much of a body that is refused is still taken from the connection, in bytes, and thrown away:
/// a browser that is still sending when the connection ends shows that, and not the answer.
const DRAINED: usize = 256 * 1024;

/// The media type of messages.
pub const JSON: &str = "application/json";

/// The media type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// How large the body of a route may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Of the body as it is sent.
    pub bytes: usize,
    /// Of a form.
    pub fields: usize,
}

impl Size {
    /// A message, or a form, of a few short fields.
    pub const SMALL: Self = Self { bytes: 4 * 1024, fields: 16 };

    /// The parameters of an authorize request.
    pub const AUTHORIZE: Self = Self { bytes: 16 * 1024, fields: 64 };

    /// A service: its texts in every language.
    pub const SERVICE: Self = Self { bytes: 1024 * 1024, fields: 0 };

    /// A token request.
    pub const TOKEN: Self = Self { bytes: 16 * 1024, fields: 64 };

    /// A decision on everything that a service can ask, as JSON or as a form with every box ticked
    /// and every field filled in: 64 KiB, and more for services with more to ask.
    #[must_use]
    pub fn of_decision(service: &Service) -> Self {
        let terms =
            service.terms.iter().map(|term| 1024 + 8 * (term.tag.len() + term.version.len()));
        let items = service.personal_info.items.iter().map(|_| 4096);
        let channels = service.channels.iter().map(|it| 512 + 8 * it.public_id.len());
        let most: usize = terms.chain(items).chain(channels).sum();
        let asked =
            service.terms.len() + service.personal_info.items.len() + service.channels.len();
        // Of each item: that it was shown, that it is ticked, what was typed, and what the page
        // said about it.
        Self { bytes: (4096 + most).max(64 * 1024), fields: 32 + 4 * asked }
    }
}

/// A body that was not read. To be read once the client is known.
pub struct Unread<'a> {
    headers: &'a HeaderMap,
    body: Body,
}

impl<'a> Unread<'a> {
    #[must_use]
    pub fn new(headers: &'a HeaderMap, body: Body) -> Self {
        Self { headers, body }
    }

    /// The decoded fields of a form, in their order.
    ///
    /// # Errors
    /// When it is something else, or too large.
    pub async fn form(self, size: Size) -> Result<Vec<(String, String)>, RequestError> {
        if media_type(self.headers) != FORM {
            return Err(self.refused(RequestError::Malformed(format!("expected {FORM}"))).await);
        }
        let body = self.read(size.bytes).await?;
        let mut fields = form_urlencoded::parse(&body).into_owned();
        let read: Vec<_> = fields.by_ref().take(size.fields).collect();
        match fields.next() {
            None => Ok(read),
            Some(_) => {
                Err(RequestError::Malformed("the form has more fields than it can have".into()))
            }
        }
    }

    /// No parameters: no body, or an empty JSON object, which axios sends where a call has none.
    ///
    /// # Errors
    /// When there is something else, or it is too large.
    pub async fn empty(self) -> Result<(), RequestError> {
        let is_json = media_type(self.headers) == JSON;
        let body = self.read(Size::TOKEN.bytes).await?;
        let is_empty = body.is_empty() || (is_json && body.trim_ascii() == b"{}");
        let expected = || RequestError::Malformed(format!("expected {FORM}"));
        if is_empty { Ok(()) } else { Err(expected()) }
    }

    /// The message in a JSON body.
    ///
    /// # Errors
    /// When it is something else, too large, or not a message of the contract.
    pub async fn json<T: DeserializeOwned>(self, size: Size) -> Result<T, RequestError> {
        // The message quotes what was sent, which may be personal: the error has its place only.
        self.json_or(size, |error| {
            let (line, column) = (error.line(), error.column());
            format!("line {line}, column {column}: not a message of the contract")
        })
        .await
    }

    /// The message in a JSON body that holds nothing personal: the error has the parser's reason.
    ///
    /// # Errors
    /// As for [`Self::json`].
    pub async fn json_with_reason<T: DeserializeOwned>(
        self,
        size: Size,
    ) -> Result<T, RequestError> {
        self.json_or(size, |error| error.to_string()).await
    }

    /// The text of a body of one media type, which is to be parsed elsewhere.
    ///
    /// # Errors
    /// When it is of another media type, or too large.
    pub async fn text(self, expected: &str, size: Size) -> Result<Vec<u8>, RequestError> {
        if media_type(self.headers) != expected {
            return Err(self
                .refused(RequestError::Malformed(format!("expected {expected}")))
                .await);
        }
        self.read(size.bytes).await
    }

    async fn json_or<T: DeserializeOwned>(
        self,
        size: Size,
        reason: impl Fn(&serde_json::Error) -> String,
    ) -> Result<T, RequestError> {
        if media_type(self.headers) != JSON {
            return Err(self.refused(RequestError::Malformed(format!("expected {JSON}"))).await);
        }
        let body = self.read(size.bytes).await?;
        serde_json::from_slice(&body).map_err(|error| RequestError::Malformed(reason(&error)))
    }

    /// The error, once enough of the body was thrown away for a browser to show it.
    pub async fn refused<E>(self, error: E) -> E {
        // A client that asks first whether to send has sent nothing.
        if self.headers.contains_key(header::EXPECT) {
            return error;
        }
        let mut body = self.body;
        let mut left = DRAINED;
        while left > 0 {
            let Some(Ok(frame)) = body.frame().await else { break };
            left = left.saturating_sub(frame.data_ref().map_or(0, axum::body::Bytes::len));
        }
        error
    }

    async fn read(self, most: usize) -> Result<Vec<u8>, RequestError> {
        // What a length announces is refused before it is read.
        if self.body.size_hint().lower() > most as u64 {
            return Err(self.refused(RequestError::TooLarge).await);
        }
        Ok(to_bytes(self.body, most).await.map_err(|_| RequestError::TooLarge)?.to_vec())
    }
}

/// The media type of a request's body.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> String {
    let value = headers::get(headers, header::CONTENT_TYPE).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
