//! Whether the signed-in account gets a code, or why not: the same for a screen, for `prompt=none` and for
//! auto-login.

use std::sync::Arc;

use consent_contract::{auto_login::AuthStatus, request::Purpose};

use super::{confirm, error::RequestError, pushed_request, response_mode, session::RequestContext};
use crate::{
    App,
    audit::{Actor, Event, Reason, Record},
    config::{Account, Service},
    consent::{self, Judgement, Refusal},
    crypto,
    oauth::{error::AuthorizeError, request::AuthorizeRequest},
    store::{NewCode, Session},
};

/// A good request, and who is there for it.
pub struct AuthContext<'a> {
    app: &'a App,
    request: &'a AuthorizeRequest,
    pub service: &'a Service,
    /// Who is signed in.
    pub who: Option<(&'a Session, Arc<Account>)>,
    pub status: AuthStatus,
    /// What the person would be asked for; none when there is nothing to ask, or no one is signed in.
    pub purpose: Option<Purpose>,
    /// Why the account may not be used here.
    pub refusal: Option<Refusal>,
}

impl<'a> AuthContext<'a> {
    /// Finds out, and changes nothing.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of(
        app: &'a App,
        context: &'a RequestContext,
        request: &'a AuthorizeRequest,
    ) -> Result<Self, RequestError> {
        // A request is only good with a service of the catalog.
        let service = &app.catalog().services[&request.client_id];
        let who = match &context.session {
            Some(session) => app.account(&session.account).await?.map(|it| (session, it)),
            None => None,
        };
        let (status, purpose, refusal) = match &who {
            Some((_, account)) => {
                let standing = app.store().standing(&account.id, &service.client_id).await?;
                let wanted = &request.wanted;
                let judgement = consent::judge(service, account, &standing, wanted, app.now());
                let Judgement { status, asked, refusal } = judgement;
                (status, asked.map(|asked| asked.purpose), refusal)
            }
            None => (AuthStatus::SignedOut, None, None),
        };
        Ok(Self { app, request, service, who, status, purpose, refusal })
    }

    /// Writes to the audit log that the account may not be used here, if that is so.
    pub fn record_refusal(&self) {
        let Some(refusal) = self.refusal else { return };
        let account = self.who.as_ref().map(|(_, account)| &*account.id);
        let record = Record::failed(Event::Request, Actor::User, refusal);
        self.app.record(record.at(&*self.service.client_id).of(account));
    }

    /// Whether this is a member who has to confirm that a code is issued, see [`confirm`].
    #[must_use]
    pub fn needs_confirmation(&self) -> bool {
        self.status == AuthStatus::Member
            && confirm::is_needed(self.app.origin(), self.service, self.request)
    }

    /// A code for a member, with no decision behind it. Where it is delivered; nothing for others,
    /// nor for a member who has to confirm it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn code(&self) -> Result<Option<String>, RequestError> {
        let (AuthStatus::Member, Some((session, account))) = (self.status, &self.who) else {
            return Ok(None);
        };
        if self.needs_confirmation() {
            return Ok(None);
        }
        if !pushed_request::consume(self.app, self.request, session.id).await? {
            let record = Record::failed(Event::Request, Actor::User, Reason::UsedBefore);
            self.app.record(record.at(&*self.service.client_id).of(&*account.id));
            return Ok(Some(pushed_request::consumed(self.app, self.request)));
        }
        let code = crypto::random_token();
        let new =
            new_code(self.app, self.request, (session.id, &account.id), &code, session.signed_in);
        self.app.store().new_code(&new).await?;
        Ok(Some(response_mode::with_code(self.app, self.request, &code)))
    }

    /// Back to the service with `login_required`.
    #[must_use]
    pub fn not_signed_in(&self) -> String {
        login_required(self.app, self.request)
    }

    /// Back to the service with the error of `prompt=none`. A member who does
    /// not go on with a code was not signed in.
    #[must_use]
    pub fn error(&self) -> String {
        let (error, description) = match self.status {
            AuthStatus::Member if self.needs_confirmation() => {
                (AuthorizeError::InteractionRequired, "the user has to confirm the app.")
            }
            AuthStatus::Member | AuthStatus::SignedOut => return self.not_signed_in(),
            AuthStatus::NotAgreed | AuthStatus::MoreToAgree => {
                (AuthorizeError::ConsentRequired, "user consent required.")
            }
            AuthStatus::ValueMissing => (
                AuthorizeError::InteractionRequired,
                "need to collect additional personal information.",
            ),
            AuthStatus::Refused => {
                let why = self.refusal.map(Refusal::description);
                let why = why.unwrap_or_else(|| "the account cannot be used here".to_owned());
                return self.back(AuthorizeError::InteractionRequired, &why);
            }
        };
        self.back(error, description)
    }

    fn back(&self, error: AuthorizeError, description: &str) -> String {
        back(self.app, self.request, error, description)
    }
}

/// Back to the service: no one was signed in.
#[must_use]
pub fn login_required(app: &App, request: &AuthorizeRequest) -> String {
    back(app, request, AuthorizeError::LoginRequired, "user authentication required.")
}

/// Back to the service: the signed-in person cannot go there.
#[must_use]
pub fn access_denied(app: &App, request: &AuthorizeRequest, description: &str) -> String {
    back(app, request, AuthorizeError::AccessDenied, description)
}

fn back(app: &App, request: &AuthorizeRequest, error: AuthorizeError, description: &str) -> String {
    response_mode::with_error(app, request, error, description)
}

/// A code for a request, with no decision behind it.
#[must_use]
pub fn new_code(
    app: &App,
    request: &AuthorizeRequest,
    (session, account): (i64, &str),
    code: &str,
    signed_in: crate::clock::Seconds,
) -> NewCode {
    NewCode {
        code: code.to_owned(),
        account: account.to_owned(),
        service: request.client_id.clone(),
        redirect_uri: request.redirect_uri.clone(),
        code_challenge: request.code_challenge.clone(),
        nonce: request.nonce.clone(),
        scope: request.scope(),
        session,
        id_token_claims: request
            .id_token_claims
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" "),
        signed_in,
        issued_at: app.now(),
        receipt_id: None,
    }
}
