//! A challenge with everything that belongs to it, and whether it may be answered.

use consent_contract::request::{ConsentRequest, Purpose};

use super::{authorize::with_return_to, error::Error, session::Visitor, standing::new_code};
use crate::{
    App,
    config::{Account, Service},
    consent::{self, Asked, Frame, Refusal},
    crypto,
    oauth::{
        answer::{self, AuthorizeError, USER_DENIED},
        request::{self, AuthorizeRequest},
    },
    store::{Challenge, Decision, Grant, NewCode},
};

/// A challenge with everything that belongs to it.
pub struct Case<'a> {
    app: &'a App,
    pub challenge: Challenge,
    pub authorize: AuthorizeRequest,
    pub service: &'a Service,
    pub account: &'a Account,
    grant: Grant,
}

impl<'a> Case<'a> {
    /// Finds the challenge of this name.
    ///
    /// # Errors
    /// `challenge_not_found`, also when its service, its account or its redirect URI is not
    /// configured any more: there is no address left that was verified.
    pub async fn find(app: &'a App, name: &str) -> Result<Self, Error> {
        let challenge = app.store().challenge(name).await?.ok_or(Error::ChallengeNotFound)?;
        let authorize =
            request::read(&challenge.query, app.catalog()).map_err(|_| Error::ChallengeNotFound)?;
        let service = &app.catalog().services[&authorize.client_id];
        let account =
            app.catalog().accounts.get(&challenge.account).ok_or(Error::ChallengeNotFound)?;
        let grant = app.store().grant(&account.id, &service.client_id).await?;
        Ok(Self { app, challenge, authorize, service, account, grant })
    }

    /// Whether this browser is the one that was asked, and still signed in as the same account.
    #[must_use]
    pub fn is_of(&self, visitor: &Visitor) -> bool {
        visitor.session.as_ref().is_some_and(|session| {
            session.id == self.challenge.session && session.account == self.challenge.account
        })
    }

    /// The way on for a browser that comes back after its decision.
    ///
    /// # Errors
    /// `already_decided` when there is a decision.
    pub async fn not_decided(&self, visitor: &Visitor) -> Result<(), Error> {
        match self.app.store().decision(&self.challenge).await? {
            Some(decision) => Err(self.already_decided(&decision, visitor).await?),
            None => Ok(()),
        }
    }

    /// Turns every other browser away than the one that was asked, signed in as the same account.
    ///
    /// # Errors
    /// For others: `already_decided` without a way on, `challenge_expired` or `wrong_session`.
    pub async fn known_to(&self, visitor: &Visitor) -> Result<(), Error> {
        if self.is_of(visitor) {
            return Ok(());
        }
        self.not_decided(visitor).await?;
        self.open_to(visitor)
    }

    /// Refuses a challenge that has run out, or is another browser's.
    ///
    /// # Errors
    /// `challenge_expired`, `wrong_session`.
    pub fn open_to(&self, visitor: &Visitor) -> Result<(), Error> {
        let restart_url = self.authorize.restart_url();
        if self.challenge.expires_at <= self.app.now() {
            Err(Error::ChallengeExpired { restart_url })
        } else if !self.is_of(visitor) {
            Err(Error::WrongSession { restart_url })
        } else {
            Ok(())
        }
    }

    /// What has to be asked now: what was asked a moment ago may have been answered elsewhere.
    #[must_use]
    pub fn asked(&self) -> Option<Asked<'a>> {
        consent::asked(self.service, self.account, &self.grant, &self.authorize.wanted)
    }

    /// Whether the account may be asked at all.
    #[must_use]
    pub fn refusal(&self, asked: Option<&Asked<'_>>) -> Option<Refusal> {
        consent::refusal(self.service, self.account, asked, self.app.now())
    }

    /// What this browser is to be asked now; none when everything was answered in the meantime.
    ///
    /// # Errors
    /// `already_decided`, `challenge_expired`, `wrong_session`, or why the account is refused.
    pub async fn to_ask(&self, visitor: &Visitor) -> Result<Option<Asked<'a>>, Error> {
        self.not_decided(visitor).await?;
        self.open_to(visitor)?;
        let asked = self.asked();
        match self.refusal(asked.as_ref()) {
            Some(refusal) => Err(self.refused(refusal)),
            None => Ok(asked),
        }
    }

    /// The refusal as the screen is told it.
    #[must_use]
    pub fn refused(&self, refusal: Refusal) -> Error {
        let description = match refusal {
            Refusal::UnderAge => format!("Not allowed under age {}", self.service.min_age),
            Refusal::SimpleSignUpInactive | Refusal::NotATestMember => USER_DENIED.to_owned(),
        };
        Error::Refused { refusal, redirect_to: self.denied(&description) }
    }

    /// The message for the screen. Where nothing has to be asked any more it asks nothing.
    #[must_use]
    pub fn message(&self, asked: Option<&Asked<'_>>, locale: Option<&str>) -> ConsentRequest {
        let nothing =
            Asked { purpose: Purpose::AdditionalConsent, terms: Vec::new(), items: Vec::new() };
        let wishes = locale.into_iter().chain([self.challenge.locale.as_str()]);
        let left = self.challenge.expires_at - self.app.now();
        // Only an own path fits the contract; a login page elsewhere is reached by cancelling.
        let login_url = self.app.login_url().filter(|url| url.starts_with('/'));
        let frame = Frame {
            locale: self.service.locale(wishes),
            expires_in: u32::try_from(left).unwrap_or(0),
            csrf_token: self.csrf_token(),
            switch_url: login_url.map(|url| with_return_to(url, &self.authorize.restart_url())),
            icon_url: super::icon::url(self.service),
        };
        let asked = asked.unwrap_or(&nothing);
        consent::request(self.service, self.account, &self.grant, asked, &self.authorize, frame)
    }

    /// The same for every reading of this challenge in this session: a page that was loaded twice
    /// stays good (SEC-29). Nobody without the key can make it.
    fn csrf_token(&self) -> String {
        let session = self.challenge.session.to_be_bytes();
        self.app.names().name("csrf", &[&session, &self.challenge.id])
    }

    /// # Errors
    /// `csrf_rejected`.
    pub fn check_csrf(&self, token: &str) -> Result<(), Error> {
        if crypto::same(token, &self.csrf_token()) {
            Ok(())
        } else {
            Err(Error::CsrfRejected("the token is not the one of this challenge and session"))
        }
    }

    /// Where a decision leads. The code is derived, not stored: the same decision leads to the
    /// same address however often it is told, and the database cannot be read for codes.
    #[must_use]
    pub fn redirect_to(&self, receipt_id: &str, agreed: bool) -> String {
        if agreed {
            answer::with_code(&self.authorize, self.app.origin(), &self.code(receipt_id))
        } else {
            self.denied(USER_DENIED)
        }
    }

    /// The code that an agreement gives out.
    #[must_use]
    pub fn new_code(&self, receipt_id: &str) -> NewCode {
        let code = self.code(receipt_id);
        let receipt_id = Some(receipt_id.to_owned());
        let signed_in = self.challenge.signed_in;
        NewCode {
            receipt_id,
            ..new_code(self.app, &self.authorize, &self.account.id, &code, signed_in)
        }
    }

    fn code(&self, receipt_id: &str) -> String {
        self.app.names().name("code", &[&self.challenge.id, receipt_id.as_bytes()])
    }

    fn denied(&self, description: &str) -> String {
        let state = self.authorize.state.as_deref();
        let (uri, error) = (&self.authorize.redirect_uri, AuthorizeError::AccessDenied);
        answer::with_error(uri, state, self.app.origin(), error, description)
    }

    /// `already_decided`, with the way on for the browser that decided.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn already_decided(
        &self,
        decision: &Decision,
        visitor: &Visitor,
    ) -> Result<Error, Error> {
        let decided_here = self.is_of(visitor) && decision.session == self.challenge.session;
        if !decided_here {
            return Ok(Error::AlreadyDecided { redirect_to: None });
        }
        let mut redirect_to = self.redirect_to(&decision.receipt_id, decision.agreed);
        if decision.agreed {
            let code = self.code(&decision.receipt_id);
            // Going on with a code that was used would take the service's tokens back (RFC 6749,
            // 4.1.2), and an expired one is a dead end: whoever agreed gets a fresh one.
            if !self.app.store().code_is_good(&code, self.app.now()).await? {
                let fresh = crypto::random_token();
                let code = NewCode { code: fresh, ..self.new_code(&decision.receipt_id) };
                self.app.store().new_code(&code).await?;
                redirect_to = answer::with_code(&self.authorize, self.app.origin(), &code.code);
            }
        }
        Ok(Error::AlreadyDecided { redirect_to: Some(redirect_to) })
    }
}
