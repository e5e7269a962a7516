//! What is both done and recorded: one place for each, so that no caller forgets the line. Each line is
//! written after the transaction was committed.

use consent_contract::item::ItemKey;

use super::{Actor, Choice, Credential, Event, Reason, Record, TokenKind};
use crate::{
    App,
    consent::Refusal,
    store::{Error, GrantChange, NewDecision, Outcome, RefreshFault, Revoked, TokenFault, Written},
};

impl App {
    /// Writes a line of the audit log.
    pub(crate) fn record(&self, record: Record<'_>) {
        self.audit_log().write(&record, self.clock(), Some(self.derivation_key()));
    }

    /// See [`crate::Store::decide`].
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) async fn decide(&self, new: &NewDecision<'_>) -> Result<Written, Error> {
        let written = self.store().decide(new).await?;
        if written == Written::Now {
            self.metrics().decided(new.outcome);
            self.record(decision(new));
        }
        Ok(written)
    }

    /// See [`crate::Store::withdraw`].
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) async fn withdraw(
        &self,
        change: GrantChange<'_>,
        keys: &[ItemKey],
    ) -> Result<Vec<ItemKey>, Error> {
        let withdrawn = self.store().withdraw(change, keys).await?;
        if !withdrawn.is_empty() {
            self.record(changed(Event::Withdrawal { agreements: withdrawn.len() }, change));
        }
        Ok(withdrawn)
    }

    /// See [`crate::Store::unlink`].
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) async fn unlink(&self, change: GrantChange<'_>) -> Result<bool, Error> {
        let was_linked = self.store().unlink(change).await?;
        if was_linked {
            self.record(changed(Event::Unlink, change));
        }
        Ok(was_linked)
    }

    /// See [`crate::Store::agree_by_api`].
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) async fn agree_by_api(
        &self,
        change: GrantChange<'_>,
        terms: &[(String, String)],
    ) -> Result<Vec<String>, Error> {
        let agreed = self.store().agree_by_api(change, terms).await?;
        if !agreed.is_empty() {
            self.record(changed(Event::AgreementReport { agreements: agreed.len() }, change));
        }
        Ok(agreed)
    }

    /// See [`crate::Store::revoke`].
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) async fn revoke(&self, token: &str, service: &str) -> Result<Revoked, Error> {
        let account = match self.audit_log().is_on() {
            true => self.account_of_token(token, service).await?,
            false => None,
        };
        let revoked = self.store().revoke(token, service).await?;
        let (event, actor) = (Event::TokenRevocation, Actor::Service);
        let record = match revoked {
            Revoked::Done => Record::done(event, actor).of(account.as_deref()),
            Revoked::OtherService => Record::failed(event, actor, Reason::OtherService),
        };
        self.record(record.at(service));
        Ok(revoked)
    }

    /// Whose a live token of a service is.
    async fn account_of_token(&self, token: &str, service: &str) -> Result<Option<String>, Error> {
        if let Some(found) = self.store().access_token(token, self.now()).await? {
            return Ok(Some(found.account).filter(|_| found.service == service));
        }
        let found = self.store().refresh_token(token, service, self.now()).await?;
        Ok(found.map(|found| found.account))
    }

    /// A code is not redeemed.
    pub(crate) fn code_refused(&self, service: &str, fault: &TokenFault) {
        self.metrics().code_refused(fault);
        let account = match fault {
            TokenFault::UsedBefore { account } => Some(&**account),
            _ => None,
        };
        self.token_refused(TokenKind::Code, service, account, fault.into());
    }

    /// A refresh token is not exchanged.
    pub(crate) fn refresh_refused(&self, service: &str, fault: &RefreshFault) {
        self.metrics().refresh_refused(fault);
        let account = match fault {
            RefreshFault::UsedBefore { account } => Some(&**account),
            _ => None,
        };
        self.token_refused(TokenKind::RefreshToken, service, account, fault.into());
    }

    fn token_refused(&self, token: TokenKind, service: &str, account: Option<&str>, why: Reason) {
        let event = match why {
            Reason::UsedBefore => Event::TokenReuse { token },
            _ => Event::TokenRequest { token },
        };
        self.record(Record::failed(event, Actor::Service, why).at(service).of(account));
    }

    /// A client did not authenticate. `named` is what it names as its client id.
    pub(crate) fn client_not_authenticated(&self, credential: Credential, named: Option<&str>) {
        let event = Event::ClientAuthentication { credential };
        let record = Record::failed(event, Actor::Service, Reason::BadCredentials);
        self.record(record.at(named.and_then(|id| self.configured_service(id))));
    }

    /// The client id of a configured service, in the place of what a client sends as one.
    pub(crate) fn configured_service(&self, named: &str) -> Option<&str> {
        self.catalog().services.get_key_value(named).map(|(id, _)| &**id)
    }
}

fn decision<'a>(new: &NewDecision<'a>) -> Record<'a> {
    let choice = match new.outcome {
        Outcome::Agreed | Outcome::UnderAge => Choice::Agree,
        Outcome::Cancelled => Choice::Cancel,
    };
    let event = Event::Decision { decision: choice, purpose: new.purpose };
    let actor = if new.guardian.is_some() { Actor::Guardian } else { Actor::User };
    let record = match new.outcome {
        // The age that the service accepts is in the configuration.
        Outcome::UnderAge => Record::failed(event, actor, Refusal::UnderAge { min_age: 0 }),
        Outcome::Agreed | Outcome::Cancelled => Record::done(event, actor),
    };
    record.at(&*new.challenge.service).of(&*new.challenge.account)
}

fn changed(event: Event, change: GrantChange<'_>) -> Record<'_> {
    Record::done(event, change.caused_by.into()).at(change.service).of(change.account)
}
