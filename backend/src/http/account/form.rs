//! The forms of the account pages.

use axum::{
    body::Body,
    http::{HeaderMap, Method},
};
use consent_contract::account::field;

use super::user::User;
use crate::{
    App,
    http::{
        body::{Size, Unread},
        error::{ApiError, RequestError},
        session::{self, Protection},
    },
};

/// The fields of a form that came from one of the user's own pages.
pub struct AccountForm(Vec<(String, String)>);

impl AccountForm {
    /// Reads a form.
    ///
    /// # Errors
    /// `csrf_rejected` when another page sent it, or a page of another session; `malformed_request` and
    /// `too_large` when it is no form of ours.
    pub async fn read(
        app: &App,
        user: &User,
        method: &Method,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Self, ApiError> {
        let unread = Unread::new(headers, body);
        // The token protects the form, too.
        let protection = Protection::ChallengeAndSession;
        if let Err(error) = session::from_our_page(app, method, headers, protection) {
            return Err(unread.refused(error).await);
        }
        let form = Self(unread.form(Size::SMALL).await?);
        if !user.has_csrf_token(app, form.one(field::CSRF_TOKEN)?) {
            return Err(ApiError::CsrfRejected("the form is of another session"));
        }
        Ok(form)
    }

    /// The value of a field.
    ///
    /// # Errors
    /// `malformed_request` when it is missing or there twice.
    pub fn one(&self, name: &str) -> Result<&str, RequestError> {
        let mut values = self.0.iter().filter(|(field, _)| field == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Ok(value),
            (None, _) => Err(RequestError::Malformed(format!("the form has no `{name}`"))),
            (Some(_), Some(_)) => Err(RequestError::Malformed(format!("`{name}` is there twice"))),
        }
    }
}
