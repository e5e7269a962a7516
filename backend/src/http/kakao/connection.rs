//! The connection between a user and an app: `/v1/user/unlink`, `/v1/user/logout`,
//! `/v1/user/signup` and `/v1/user/access_token_info` (Kakao Login REST).

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{call::Call, me};
use crate::{
    App,
    audit::{Event, Record},
    clock::Seconds,
    http::error::{KakaoError, kakao::KakaoErrors},
    store::{self, CausedBy, GrantChange},
};

/// How long a service with manual connection has to complete a sign-up.
const TIME_TO_SIGN_UP: Seconds = 24 * 60 * 60;

/// The user that a call was about.
#[derive(Serialize, ToSchema)]
pub struct KakaoUserId {
    /// The user's id at this app.
    pub id: i64,
}

/// What an access token stands for.
#[derive(Serialize, ToSchema)]
pub struct AccessTokenInfo {
    /// The user's id at this app.
    pub id: i64,
    /// Seconds until the token expires.
    pub expires_in: Seconds,
    /// The app that the token was issued to.
    pub app_id: i64,
}

/// Unlinks the accounts of every service whose sign-up was not completed in time.
///
/// # Errors
/// When the database cannot be used.
pub async fn unlink_incomplete_sign_ups(app: &App) -> Result<(), store::Error> {
    for (id, service) in &app.catalog().services {
        match &service.kakao {
            Some(kakao) if kakao.manual_connection => unlink_incomplete(app, id).await?,
            Some(_) => app.store().complete_sign_ups(id, app.now()).await?,
            None => {}
        }
    }
    Ok(())
}

/// Unlinks accounts whose sign-up the service did not complete in time, unless the wall clock has
/// jumped ahead: unlinking cannot be undone.
///
/// # Errors
/// When the database cannot be used.
pub async fn unlink_incomplete(app: &App, service: &str) -> Result<(), store::Error> {
    let kakao = app.catalog().services.get(service).and_then(|it| it.kakao.as_ref());
    if !kakao.is_some_and(|kakao| kakao.manual_connection) {
        return Ok(());
    }
    if !app.trusts_clock() {
        return Ok(());
    }
    let now = app.now();
    for account in app.store().incomplete_sign_ups(service, now - TIME_TO_SIGN_UP).await? {
        let caused_by = CausedBy::NoSignUp;
        app.unlink(GrantChange { account: &account, service, caused_by, at: now }).await?;
    }
    Ok(())
}

/// Unlinks the user: every consent ends, and every token is deleted.
#[utoipa::path(post, path = "/v1/user/unlink", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    responses((status = 200, description = "Unlinked", body = KakaoUserId), KakaoErrors))]
pub async fn unlink(State(app): State<App>, call: Call) -> Result<Json<KakaoUserId>, KakaoError> {
    let target = call.user_or_admin(&app).await?;
    if !app.unlink(target.change(app.now())).await? {
        return Err(KakaoError::NotConnected);
    }
    Ok(Json(KakaoUserId { id: target.user_id }))
}

/// Deletes the tokens of this login; with an admin key every token of the user. The connection stays.
#[utoipa::path(post, path = "/v1/user/logout", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    responses((status = 200, description = "Logged out", body = KakaoUserId), KakaoErrors))]
pub async fn log_out(State(app): State<App>, call: Call) -> Result<Json<KakaoUserId>, KakaoError> {
    let target = call.user_or_admin(&app).await?;
    if target.caused_by == CausedBy::UserToken {
        app.store().end_login(call.access_token()?).await?;
    } else {
        app.store().delete_tokens(&target.account.id, &target.service.client_id).await?;
    }
    let record = Record::done(Event::TokenRevocation, target.caused_by.into());
    app.record(record.at(&*target.service.client_id).of(&*target.account.id));
    Ok(Json(KakaoUserId { id: target.user_id }))
}

/// Completes the sign-up of a user, within 24 hours of their consent. For apps with manual
/// connection; at others every connected user is signed up.
#[utoipa::path(post, path = "/v1/user/signup", tag = "kakao",
    security(("access_token" = [])),
    params(("properties" = Option<String>, Query, description = "A JSON object of user properties; also in the body")),
    responses(
        (status = 200, description = "Signed up", body = KakaoUserId),
        KakaoErrors,
    ))]
pub async fn sign_up(State(app): State<App>, call: Call) -> Result<Json<KakaoUserId>, KakaoError> {
    let target = call.user(&app).await?;
    let properties = me::properties(&call, target.kakao)?.unwrap_or_default();
    if !target.is_preregistered() {
        return Err(KakaoError::AlreadyRegistered);
    }
    let (account, service) = (&target.account.id, &target.service.client_id);
    if !app.store().complete_sign_up(account, service, &properties, app.now()).await? {
        return Err(KakaoError::AlreadyRegistered);
    }
    Ok(Json(KakaoUserId { id: target.user_id }))
}

/// What the access token of the call stands for.
#[utoipa::path(get, path = "/v1/user/access_token_info", tag = "kakao",
    security(("access_token" = [])),
    responses((status = 200, description = "The token is valid", body = AccessTokenInfo), KakaoErrors))]
pub async fn access_token_info(
    State(app): State<App>,
    call: Call,
) -> Result<Json<AccessTokenInfo>, KakaoError> {
    let target = call.user(&app).await?;
    let token = app.store().access_token(call.access_token()?, app.now()).await?;
    let token = token.ok_or(KakaoError::Unauthorized("this access token does not exist"))?;
    Ok(Json(AccessTokenInfo {
        id: target.user_id,
        expires_in: token.expires_at - app.now(),
        app_id: target.kakao.app_id,
    }))
}
