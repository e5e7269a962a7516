//! Forms of the shop's own pages.

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::header,
};
use url::form_urlencoded;

use super::{failure::Failure, visit::Visit};
use crate::{App, pages::problem::Problem, random};

/// The largest form, in bytes.
const LARGEST: usize = 16 * 1024;

/// A form that was posted from a page of this browser session.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// A field, without white space around it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// A field as it was typed: passwords may end in a space.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }
}

impl FromRequest<App> for Form {
    type Rejection = Failure;

    /// Reads a form and checks its CSRF token. The cookie is `SameSite=Lax`, so browsers do not send it
    /// with forms of other sites; the token also stops those of other ports of the same host.
    async fn from_request(request: Request, _: &App) -> Result<Self, Failure> {
        let visit = request.extensions().get::<Visit>().cloned();
        let visit = visit.ok_or_else(|| Failure::new(Problem::Internal))?;
        let kind = request.headers().get(header::CONTENT_TYPE);
        let is_form = kind.and_then(|kind| kind.to_str().ok()).is_some_and(|kind| {
            kind.split(';').next().unwrap_or_default().trim() == "application/x-www-form-urlencoded"
        });
        if !is_form {
            return Err(Failure::new(Problem::BadForm));
        }
        let body = to_bytes(request.into_body(), LARGEST).await;
        let body: Bytes = body.map_err(|_| Failure::new(Problem::BadForm))?;
        let form = Self(form_urlencoded::parse(&body).into_owned().collect());
        let token = form.get("csrf").unwrap_or_default();
        if !random::same(token, &visit.session().csrf) {
            return Err(Failure::new(Problem::FormExpired));
        }
        Ok(form)
    }
}
