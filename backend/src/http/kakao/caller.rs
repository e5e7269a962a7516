//! Who calls Kakao's API, and for which user.

use std::sync::Arc;

use super::call::{Call, Credential, bad};
use crate::{
    App, audit,
    clock::Seconds,
    config::{Account, KakaoApp, Service},
    consent::{self, Refusal},
    crypto,
    http::error::KakaoError,
    store::{CausedBy, Grant, GrantChange, KakaoConnection},
};

const NO_CREDENTIAL: KakaoError =
    KakaoError::Unauthorized("the call needs an access token or an admin key");
const NEEDS_ADMIN_KEY: KakaoError = KakaoError::Unauthorized("the call needs an admin key");
const NEEDS_TOKEN: KakaoError = KakaoError::Unauthorized("the call needs an access token");
const BAD_TOKEN: KakaoError = KakaoError::Unauthorized("this access token does not exist");
const BAD_ADMIN_KEY: KakaoError = KakaoError::Unauthorized("this admin key does not exist");

/// The app that calls.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    pub service: &'a Service,
    pub kakao: &'a KakaoApp,
}

/// The user that a call is about, connected to the app that calls.
pub struct Target<'a> {
    pub service: &'a Service,
    pub kakao: &'a KakaoApp,
    pub account: Arc<Account>,
    pub user_id: i64,
    pub connection: KakaoConnection,
    pub grant: Grant,
    pub caused_by: CausedBy,
}

impl Target<'_> {
    /// A change to this connection, for its receipt.
    #[must_use]
    pub fn change(&self, at: Seconds) -> GrantChange<'_> {
        let (account, service) = (&*self.account.id, &*self.service.client_id);
        GrantChange { account, service, caused_by: self.caused_by, at }
    }

    /// Whether the service has still to complete the sign-up.
    #[must_use]
    pub fn is_preregistered(&self) -> bool {
        self.kakao.manual_connection && self.connection.awaits_sign_up
    }
}

impl Call {
    /// The access token that was sent.
    ///
    /// # Errors
    /// -401.
    pub fn access_token(&self) -> Result<&str, KakaoError> {
        match &self.credential {
            Credential::AccessToken(token) => Ok(token),
            Credential::AdminKey(_) => Err(NEEDS_TOKEN),
            Credential::None => Err(NO_CREDENTIAL),
        }
    }

    /// The app whose admin key was sent.
    ///
    /// # Errors
    /// -401.
    pub fn admin<'a>(&self, app: &'a App) -> Result<Caller<'a>, KakaoError> {
        let key = match &self.credential {
            Credential::AdminKey(key) => key,
            Credential::AccessToken(_) => return Err(NEEDS_ADMIN_KEY),
            Credential::None => return Err(NO_CREDENTIAL),
        };
        let mut callers = app.catalog().services.values().filter_map(|service| {
            let kakao = service.kakao.as_ref()?;
            Some(Caller { service, kakao })
        });
        let has_key =
            |it: &Caller<'_>| it.kakao.admin_key.as_ref().is_some_and(|it| crypto::same(it, key));
        callers.find(has_key).ok_or_else(|| {
            app.client_not_authenticated(audit::Credential::AdminKey, None);
            BAD_ADMIN_KEY
        })
    }

    /// The user whose access token was sent.
    ///
    /// # Errors
    /// -401, or -406 for a user under the age that the app accepts.
    pub async fn user<'a>(&self, app: &'a App) -> Result<Target<'a>, KakaoError> {
        let token = self.access_token()?;
        let token = app.store().access_token(token, app.now()).await?.ok_or(BAD_TOKEN)?;
        let service = app.catalog().services.get(&token.service).ok_or(BAD_TOKEN)?;
        let account = app.account(&token.account).await?.ok_or(BAD_TOKEN)?;
        target_of_token(app, service, account).await
    }

    /// The user id that the call names, if it names one.
    fn named_target(&self) -> Result<Option<i64>, KakaoError> {
        match self.get("target_id_type") {
            None | Some("user_id") => self.number("target_id"),
            Some(_) => Err(bad("target_id_type must be user_id")),
        }
    }

    /// The user whose access token was sent, or whom an app names beside its admin key.
    ///
    /// # Errors
    /// Those of [`Self::user`]; with an admin key also -2, -101 and -103.
    pub async fn user_or_admin<'a>(&self, app: &'a App) -> Result<Target<'a>, KakaoError> {
        if !matches!(self.credential, Credential::AdminKey(_)) {
            self.named_target()?;
            return self.user(app).await;
        }
        let caller = self.admin(app)?;
        let id = self.named_target()?.ok_or_else(|| bad("target_id is missing"))?;
        if self.get("target_id_type").is_none() {
            return Err(bad("target_id_type is missing"));
        }
        target_of_id(app, caller, id).await
    }
}

/// The connected user of an access token that was issued to this service.
///
/// # Errors
/// -401, or -406 for a user under the age that the app accepts.
pub async fn target_of_token<'a>(
    app: &'a App,
    service: &'a Service,
    account: Arc<Account>,
) -> Result<Target<'a>, KakaoError> {
    let kakao = service.kakao.as_ref().ok_or(BAD_TOKEN)?;
    super::connection::unlink_incomplete(app, &service.client_id).await?;
    let target = target(app, Caller { service, kakao }, account, CausedBy::UserToken).await?;
    // Unlinking ends tokens, so a token without a connection is none.
    target.ok_or(BAD_TOKEN)
}

/// A connected user of an app, by id.
///
/// # Errors
/// -101, -103, -406.
pub async fn target_of_id<'a>(
    app: &'a App,
    caller: Caller<'a>,
    user_id: i64,
) -> Result<Target<'a>, KakaoError> {
    let service = caller.service;
    super::connection::unlink_incomplete(app, &service.client_id).await?;
    let account = app.store().account_of_kakao_user_id(&service.client_id, user_id).await?;
    let account = account.ok_or(KakaoError::NoSuchAccount)?;
    let account = app.account(&account).await?.ok_or(KakaoError::NoSuchAccount)?;
    let target = target(app, caller, account, CausedBy::AdminKey).await?;
    target.ok_or(KakaoError::NotConnected)
}

async fn target<'a>(
    app: &'a App,
    Caller { service, kakao }: Caller<'a>,
    account: Arc<Account>,
    caused_by: CausedBy,
) -> Result<Option<Target<'a>>, KakaoError> {
    let (id, client_id) = (&account.id, &service.client_id);
    let Some(connection) = app.store().connection(id, client_id).await? else { return Ok(None) };
    let grant = app.store().grant(id, client_id).await?;
    match consent::refusal(service, &account, &grant, None, app.now()) {
        // A value can only be missing of what is asked.
        None | Some(Refusal::ValueMissing) => {}
        Some(Refusal::UnderAge { .. } | Refusal::GuardianNeeded) => {
            return Err(KakaoError::UnderAge);
        }
        Some(Refusal::NotATestMember | Refusal::SimpleSignUpInactive) => return Ok(None),
    }
    let user_id = app.store().kakao_user_id(id, client_id).await?;
    Ok(Some(Target { service, kakao, account, user_id, connection, grant, caused_by }))
}
