//! The user whom the service expects: `id_token_hint`, and a value of `sub` in `claims` (OpenID Connect
//! Core, 3.1.2.1 and 5.5.1).

use crate::{
    App,
    oauth::{claims, request::AuthorizeRequest},
    store,
};

/// The hint is not an ID token of this server.
pub struct BadHint;

/// The user whom a request expects.
pub struct ExpectedUser<'a> {
    request: &'a AuthorizeRequest,
    /// Audiences and subject of the hint. An audience may be another service: subjects are pairwise.
    hint: Option<(Vec<String>, String)>,
}

impl<'a> ExpectedUser<'a> {
    /// Reads the hint. An expired one is accepted.
    ///
    /// # Errors
    /// When the database cannot be read. `BadHint` when the hint was not signed with a key of ours, or
    /// not for our issuer.
    pub async fn of(
        app: &App,
        request: &'a AuthorizeRequest,
    ) -> Result<Result<Self, BadHint>, store::Error> {
        let hint = match &request.id_token_hint {
            None => None,
            Some(token) => match app.store().id_token_keys().await?.hint(token, app.origin()) {
                None => return Ok(Err(BadHint)),
                hint => hint,
            },
        };
        Ok(Ok(Self { request, hint }))
    }

    /// Whether this account is that user, or any user will do.
    #[must_use]
    pub fn is(&self, app: &App, account: &str) -> bool {
        let subject = |service: &str| claims::subject(app.derivation_key(), service, account);
        let is_hinted = self.hint.as_ref().is_none_or(|(audiences, hinted)| {
            audiences.iter().any(|service| subject(service) == *hinted)
        });
        let subjects = self.request.subjects.as_ref();
        is_hinted && subjects.is_none_or(|it| it.contains(&subject(&self.request.client_id)))
    }
}
