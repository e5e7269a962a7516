//! A challenge with everything that belongs to it, and whether it may be answered.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderMap, Method},
};
use consent_contract::{
    acceptance::{self, Objection},
    decision::{self, Agreement, Recorded},
    request::{ConsentRequest, Purpose},
};
use consent_screen::i18n::reasons;

use super::{
    auth_status::new_code,
    body::Unread,
    error::ApiError,
    guardian, pushed_request, response_mode,
    session::{self, Protection, RequestContext},
};
use crate::{
    App,
    audit::{Actor, Event, Record},
    config::{Account, Service},
    consent::{self, Asked, Frame, GuardianConsent, InWords, Refusal, Standing},
    crypto,
    locale::Locale,
    oauth::{
        answer::USER_DENIED,
        error::AuthorizeError,
        request::{self, AuthorizeRequest},
    },
    store::{CODE_LIFETIME, Challenge, Decision, GuardianLink, NewCode, Outcome},
};

/// The session of a decision that no session made: ids begin at 1.
const NO_SESSION: i64 = 0;

/// A challenge with everything that belongs to it.
#[derive(Clone)]
pub struct LoadedChallenge<'a> {
    app: &'a App,
    pub challenge: Challenge,
    pub authorize: AuthorizeRequest,
    pub service: &'a Service,
    pub account: Arc<Account>,
    /// The decision on it, when the challenge was found.
    decision: Option<Decision>,
    /// What held a moment later.
    pub standing: Standing,
    /// Whether a guardian answers it, behind a link.
    is_of_guardian: bool,
}

impl<'a> LoadedChallenge<'a> {
    /// Finds the challenge of this name, for the browser that asks.
    ///
    /// # Errors
    /// `challenge_not_found`, also when its service, its account or its redirect URI is not
    /// configured any more: there is no address left that was verified.
    pub async fn find(
        app: &'a App,
        context: &RequestContext,
        name: &str,
    ) -> Result<Self, ApiError> {
        let found = app.store().challenge(name).await?;
        let (challenge, decision) = found.ok_or(ApiError::ChallengeNotFound)?;
        let authorize = request::read_stored(&challenge.query, app.catalog())
            .map_err(|_| ApiError::ChallengeNotFound)?;
        let service = &app.catalog().services[&authorize.client_id];
        let account = context.account_of(app, &challenge.account).await?;
        let account = account.ok_or(ApiError::ChallengeNotFound)?;
        let standing = app.store().standing(&account.id, &service.client_id).await?;
        let is_of_guardian = false;
        Ok(Self { app, challenge, authorize, service, account, decision, standing, is_of_guardian })
    }

    /// What a guardian answers behind a link: no session's challenge, and no code follows from it.
    ///
    /// # Errors
    /// As for [`Self::find`].
    pub async fn of_guardian(app: &'a App, link: &GuardianLink) -> Result<Self, ApiError> {
        let catalog = app.catalog();
        let authorize =
            request::read_stored(&link.query, catalog).map_err(|_| ApiError::ChallengeNotFound)?;
        let service = &catalog.services[&authorize.client_id];
        let account = app.account(&link.account).await?.ok_or(ApiError::ChallengeNotFound)?;
        let standing = app.store().standing(&account.id, &service.client_id).await?;
        let challenge = Challenge {
            id: link.token.clone(),
            session: NO_SESSION,
            account: link.account.clone(),
            service: link.service.clone(),
            query: link.query.clone(),
            locale: service.locale([]).to_owned(),
            purpose: None,
            signed_in: 0,
            expires_at: link.expires_at,
        };
        let decision = app.store().decision(&challenge).await?;
        let is_of_guardian = true;
        Ok(Self { app, challenge, authorize, service, account, decision, standing, is_of_guardian })
    }

    /// The challenge of this name and the body, for a request that our own page sent from the browser
    /// that was asked. Nothing of the body is looked at before that is known.
    ///
    /// # Errors
    /// `csrf_rejected`, `challenge_not_found`; for another browser session those of
    /// [`Self::known_to`].
    pub async fn answerable<'b>(
        app: &'a App,
        context: &RequestContext,
        challenge: &str,
        method: &Method,
        headers: &'b HeaderMap,
        body: Body,
    ) -> Result<(Self, Unread<'b>), ApiError> {
        let unread = Unread::new(headers, body);
        match Self::of_our_page(app, context, challenge, method, headers).await {
            Ok(loaded) => Ok((loaded, unread)),
            Err(error) => Err(unread.refused(error).await),
        }
    }

    async fn of_our_page(
        app: &'a App,
        context: &RequestContext,
        challenge: &str,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Self, ApiError> {
        session::from_our_page(app, method, headers, Protection::ChallengeAndSession)?;
        let loaded = Self::find(app, context, challenge).await?;
        loaded.known_to(context)?;
        Ok(loaded)
    }

    /// Reads again what holds between the account and the service.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read_standing_again(&mut self) -> Result<(), ApiError> {
        self.standing =
            self.app.store().standing(&self.account.id, &self.service.client_id).await?;
        Ok(())
    }

    /// Whether this browser is the one that was asked, and still signed in as the same account.
    #[must_use]
    pub fn is_of(&self, context: &RequestContext) -> bool {
        context.session.as_ref().is_some_and(|session| {
            session.id == self.challenge.session && session.account == self.challenge.account
        })
    }

    /// The way on for a browser that comes back after its decision, which may have been made since the
    /// challenge was found.
    ///
    /// # Errors
    /// `already_decided`, or `under_age`, when there is a decision.
    pub async fn not_decided(&self, context: &RequestContext) -> Result<(), ApiError> {
        match self.app.store().decision(&self.challenge).await? {
            Some(decision) => Err(self.already_decided(&decision, context)),
            None => Ok(()),
        }
    }

    /// The decision on it, when the challenge was found.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        self.decision.as_ref()
    }

    /// The same, as it was when the challenge was found.
    fn was_not_decided(&self, context: &RequestContext) -> Result<(), ApiError> {
        match &self.decision {
            Some(decision) => Err(self.already_decided(decision, context)),
            None => Ok(()),
        }
    }

    /// Turns every other browser away than the one that was asked, signed in as the same account.
    ///
    /// # Errors
    /// For others: `already_decided` without a way on, `challenge_expired` or `wrong_session`.
    pub fn known_to(&self, context: &RequestContext) -> Result<(), ApiError> {
        if self.is_of(context) {
            return Ok(());
        }
        self.was_not_decided(context)?;
        self.open_to(context)
    }

    /// Refuses a challenge that has run out, or is another browser's.
    ///
    /// # Errors
    /// `challenge_expired`, `wrong_session`.
    pub fn open_to(&self, context: &RequestContext) -> Result<(), ApiError> {
        let restart_url = self.authorize.restart_url();
        if self.challenge.expires_at <= self.app.now() {
            Err(ApiError::ChallengeExpired { restart_url })
        } else if !self.is_of(context) {
            Err(ApiError::WrongSession { restart_url })
        } else {
            Ok(())
        }
    }

    /// Uses the request up, if the client pushed it.
    ///
    /// # Errors
    /// `already_decided` when another browser was faster.
    pub async fn consume_pushed(&self) -> Result<(), ApiError> {
        match pushed_request::consume(self.app, &self.authorize, self.challenge.session).await? {
            true => Ok(()),
            false => Err(ApiError::AlreadyDecided { redirect_to: None }),
        }
    }

    fn today(&self) -> time::Date {
        consent::today(&self.service.time_zone, self.app.now())
    }

    /// What has to be asked now: what was asked a moment ago may have been answered elsewhere.
    #[must_use]
    pub fn asked(&self) -> Option<Asked<'a>> {
        let today = self.today();
        consent::asked(self.service, &self.account, &self.standing, &self.authorize.wanted, today)
    }

    /// What a guardian has to be asked: everything, unless a guardian has agreed before.
    #[must_use]
    pub fn asked_of_guardian(&self) -> Option<Asked<'a>> {
        let mut standing = self.standing.clone();
        let has_agreed = |it: &GuardianConsent| it.agreed_at.is_some();
        if !standing.grant.guardian.as_ref().is_some_and(has_agreed) {
            standing.grant.link = None;
        }
        let (wanted, today) = (&self.authorize.wanted, self.today());
        consent::asked(self.service, &self.account, &standing, wanted, today)
    }

    /// Whether the account may be asked at all.
    #[must_use]
    pub fn refusal(&self, asked: Option<&Asked<'_>>) -> Option<Refusal> {
        let grant = &self.standing.grant;
        consent::refusal(self.service, &self.account, grant, asked, self.app.now())
    }

    /// The message that an agreement answers: what is asked now, or what this challenge asked before
    /// some of it was answered elsewhere.
    ///
    /// # Errors
    /// What is wrong with the agreement as an answer to what is asked now. Never empty.
    pub fn answered(
        &self,
        asked: Option<&Asked<'_>>,
        agreement: &Agreement,
    ) -> Result<ConsentRequest, Vec<Objection>> {
        let now = self.message(asked, Some(&agreement.locale));
        let Err(objections) = acceptance::check(&now, agreement) else { return Ok(now) };
        let before = self.challenge.purpose.and_then(|purpose| {
            let (service, account) = (self.service, &*self.account);
            let (wanted, today) = (&self.authorize.wanted, self.today());
            let standing = &self.standing;
            consent::asked_before(service, account, standing, wanted, purpose, agreement, today)
        });
        let before = self.message(before.as_ref(), Some(&agreement.locale));
        match acceptance::check(&before, agreement) {
            Ok(()) => Ok(before),
            Err(_) => Err(objections),
        }
    }

    /// What this browser is to be asked now; none when everything was answered in the meantime, or the
    /// restarted request leads to another page.
    ///
    /// # Errors
    /// `already_decided`, `challenge_expired`, `wrong_session`, or why the account is refused.
    pub fn to_ask(&self, context: &RequestContext) -> Result<Option<Asked<'a>>, ApiError> {
        self.was_not_decided(context)?;
        self.open_to(context)?;
        let asked = self.asked();
        match self.refusal(asked.as_ref()) {
            // The restarted request leads to its page.
            Some(refusal) if refusal.has_a_page() => Ok(None),
            Some(refusal) => Err(self.refused(refusal)),
            None => Ok(asked),
        }
    }

    /// Writes a refusal of this account to the audit log.
    pub fn record_refusal(&self, refusal: Refusal) {
        let record = Record::failed(Event::Request, Actor::User, refusal);
        self.app.record(record.at(&*self.service.client_id).of(&*self.account.id));
    }

    /// The refusal, for the screen.
    #[must_use]
    pub fn refused(&self, refusal: Refusal) -> ApiError {
        let description = match refusal {
            Refusal::UnderAge { .. } => refusal.description(),
            Refusal::SimpleSignUpInactive | Refusal::NotATestMember => USER_DENIED.to_owned(),
            Refusal::GuardianNeeded | Refusal::ValueMissing => {
                return ApiError::ContinueElsewhere { restart_url: self.authorize.restart_url() };
            }
        };
        ApiError::Refused { refusal, redirect_to: self.denied(&description) }
    }

    /// The refusal of a user under the age of the service.
    #[must_use]
    pub fn under_age(&self) -> ApiError {
        self.refused(Refusal::UnderAge { min_age: self.service.lowest_age() })
    }

    /// The message for the screen. Where nothing has to be asked any more it asks nothing.
    #[must_use]
    pub fn message(&self, asked: Option<&Asked<'_>>, locale: Option<&str>) -> ConsentRequest {
        let nothing =
            Asked { purpose: Purpose::AdditionalConsent, terms: Vec::new(), items: Vec::new() };
        let preferred = locale.into_iter().chain([self.challenge.locale.as_str()]);
        let left = self.challenge.expires_at - self.app.now();
        let frame = Frame {
            locale: self.service.locale(preferred),
            expires_in: u32::try_from(left).unwrap_or(0),
            csrf_token: self.csrf_token(),
            // An own path, as the contract wants it, that leads on to the login page.
            switch_url: match self.is_of_guardian {
                true => None,
                false => self.app.login_url().map(|_| self.authorize.switch_account_url()),
            },
            icon_url: super::icon::url(self.service),
            is_adult: consent::is_adult(&self.account, self.today()),
            in_words: |request| {
                let Some(locale) = Locale::of(&request.locale) else { return InWords::default() };
                InWords {
                    heading: reasons::heading(request, locale),
                    reason: reasons::sentences(request, locale),
                }
            },
        };
        let asked = asked.unwrap_or(&nothing);
        let (account, standing) = (&*self.account, &self.standing);
        let mut message =
            consent::request(self.service, account, standing, asked, &self.authorize, frame);
        if let (true, Some(locale)) = (self.is_of_guardian, Locale::of(&message.locale)) {
            let (heading, reason) = guardian::words::screen(locale);
            message.heading = Some(heading.to_owned());
            message.reason = Some(reason.to_owned());
        }
        message
    }

    /// The same for every reading of this challenge in this session: a page that was loaded twice
    /// stays good (SEC-29). It cannot be made without the key.
    #[must_use]
    pub fn csrf_token(&self) -> String {
        let session = self.challenge.session.to_be_bytes();
        self.app.derivation_key().derive("csrf", &[&session, &self.challenge.id])
    }

    /// # Errors
    /// `csrf_rejected`.
    pub fn check_csrf(&self, token: &str) -> Result<(), ApiError> {
        if crypto::same(token, &self.csrf_token()) {
            Ok(())
        } else {
            Err(ApiError::CsrfRejected("the token is not the one of this challenge and session"))
        }
    }

    /// Where a decision leads that was written just now.
    #[must_use]
    pub fn redirect_to(&self, code: Option<&NewCode>) -> String {
        match code {
            Some(code) => response_mode::with_code(self.app, &self.authorize, &code.code),
            None => self.denied(USER_DENIED),
        }
    }

    /// A code that an agreement gives out. Each answer has one of its own: a service that got the
    /// same one in two tabs would lose its tokens (RFC 6749, 4.1.2).
    #[must_use]
    pub fn new_code(&self, receipt_id: &str) -> NewCode {
        let code = crypto::random_token();
        let receipt_id = Some(receipt_id.to_owned());
        let signed_in = self.challenge.signed_in;
        NewCode {
            receipt_id,
            ..new_code(
                self.app,
                &self.authorize,
                (self.challenge.session, &self.account.id),
                &code,
                signed_in,
            )
        }
    }

    /// Where the user goes who does not go on: back to the service, with the refusal.
    #[must_use]
    pub fn back(&self, refusal: Refusal) -> String {
        self.denied(&refusal.description())
    }

    fn denied(&self, description: &str) -> String {
        let error = AuthorizeError::AccessDenied;
        response_mode::with_error(self.app, &self.authorize, error, description)
    }

    /// Whether this browser made that decision.
    fn was_decided_by(&self, decision: &Decision, context: &RequestContext) -> bool {
        self.is_of(context) && decision.session == self.challenge.session
    }

    /// Where a decision leads that was made before: for an agreement to the start of the same
    /// request, where a member gets a code at once, and whatever has changed since is looked at.
    ///
    /// # Errors
    /// `under_age`.
    fn way_on(&self, decision: &Decision) -> Result<String, ApiError> {
        match decision.outcome {
            Outcome::Agreed => Ok(self.authorize.after_consent().restart_url()),
            Outcome::Cancelled => Ok(self.denied(USER_DENIED)),
            Outcome::UnderAge => Err(self.under_age()),
        }
    }

    /// `already_decided`, with the way on for the browser that decided; or `under_age`. No code.
    #[must_use]
    pub fn already_decided(&self, decision: &Decision, context: &RequestContext) -> ApiError {
        if !self.was_decided_by(decision, context) {
            return ApiError::AlreadyDecided { redirect_to: None };
        }
        match self.way_on(decision) {
            Ok(redirect_to) => ApiError::AlreadyDecided { redirect_to: Some(redirect_to) },
            Err(refused) => refused,
        }
    }

    /// The answer to a decision on a challenge that has one already. The same one again has the same
    /// receipt and, while the code of the first answer could still be redeemed, a code.
    ///
    /// # Errors
    /// `already_decided` for another decision or another browser; `under_age`.
    pub async fn repeated(
        &self,
        before: &Decision,
        context: &RequestContext,
        again: &decision::Decision,
    ) -> Result<Recorded, ApiError> {
        let store = self.app.store();
        // What was typed the first time may have been written since this challenge was found.
        let grant = store.grant(&self.account.id, &self.service.client_id).await?;
        let is_same =
            self.was_decided_by(before, context) && consent::is_same(again, &before.body, &grant);
        if !is_same {
            return Err(self.already_decided(before, context));
        }
        let (receipt_id, now) = (before.receipt_id.clone(), self.app.now());
        let is_answer_lost = before.outcome == Outcome::Agreed
            && now < before.decided_at + CODE_LIFETIME
            && store.has_unused_code(&receipt_id, now).await?;
        let redirect_to = if is_answer_lost {
            let code = self.new_code(&receipt_id);
            store.new_code(&code).await?;
            self.redirect_to(Some(&code))
        } else {
            self.way_on(before)?
        };
        Ok(Recorded { redirect_to, receipt_id })
    }
}
