//! `/v2/user/me` and `/v1/user/update_profile` (Kakao Login REST, "Retrieve user information").

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    call::{Call, bad},
    caller::Target,
    connection::KakaoUserId,
};
use crate::{
    App,
    clock::rfc3339,
    config::{How, KakaoApp},
    consent,
    http::error::{KakaoError, kakao::KakaoErrors},
    kakao::account::{self, Request, kakao_account},
    store,
};

/// The longest value of a user property, in characters.
const LONGEST_PROPERTY: usize = 1000;

/// What stays of `kakao_account` until the service has completed the sign-up: the profile and the
/// e-mail address.
const PREREGISTERED: [&str; 2] = ["kakao_account.profile", "kakao_account.email"];

/// A user, as far as they have agreed.
#[derive(Serialize, ToSchema)]
pub struct KakaoUser {
    /// The user's id at this app. It stays when the user unlinks and links again.
    pub id: i64,
    /// Only with manual connection: whether the sign-up is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_signed_up: Option<bool>,
    /// When the user was connected to the app: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected_at: Option<String>,
    /// When the user last signed up on the consent screen: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synched_at: Option<String>,
    /// User properties.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub properties: Map<String, Value>,
    /// The configured items: values that the user agreed to provide, and `…_needs_agreement`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub kakao_account: Map<String, Value>,
}

/// The user of an access token, or the one that an app names beside its admin key.
#[utoipa::path(method(get, post), path = "/v2/user/me", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    params(
        ("property_keys" = Option<String>, Query, description = "A JSON array of what to answer with, such as `kakao_account.email`"),
        ("secure_resource" = Option<bool>, Query, description = "Whether addresses of images are https"),
        ("access_token" = Option<String>, Query, description = "The access token, where the client sends no Authorization header"),
        ("target_id_type" = Option<String>, Query, pattern = "^(user_id|null)?$", description = "With an admin key: `user_id`"),
        ("target_id" = Option<i64>, Query, description = "With an admin key: the user's id"),
    ),
    responses((status = 200, description = "The user", body = KakaoUser), KakaoErrors))]
pub async fn me(State(app): State<App>, call: Call) -> Result<Json<KakaoUser>, KakaoError> {
    let keys = call.list("property_keys")?;
    let secure_resource = call.boolean("secure_resource")?.unwrap_or(false);
    let target = call.user_or_admin(&app).await?;
    Ok(Json(user(&app, &target, keys.as_deref(), secure_resource).await?))
}

/// A user, as one app sees them.
///
/// # Errors
/// When the database cannot be read.
pub async fn user(
    app: &App,
    target: &Target<'_>,
    property_keys: Option<&[String]>,
    secure_resource: bool,
) -> Result<KakaoUser, store::Error> {
    let Target { service, account, grant, connection, .. } = target;
    let is_preregistered = target.is_preregistered();
    let today = consent::today(&service.time_zone, app.now());
    let request = Request { today, secure_resource, property_keys };
    let mut fields = kakao_account(service, account, grant, &request);
    if is_preregistered {
        let reduced = PREREGISTERED.map(str::to_owned);
        let reduced = Request { property_keys: Some(&reduced), ..request };
        let reduced = kakao_account(service, account, grant, &reduced);
        fields.retain(|name, _| reduced.contains_key(name));
    }
    let mut properties = Map::new();
    if !is_preregistered {
        properties = account::properties(service, account, grant, &request);
        let stored = app.store().properties(&account.id, &service.client_id).await?;
        let stored = stored.into_iter().filter(|(name, _)| request.wants("properties", name));
        properties.extend(stored.map(|(name, value)| (name, value.into())));
    }
    let synched_at = connection.asked_at.unwrap_or(connection.connected_at);
    let is_synched = connection.how == How::Combined && !is_preregistered;
    Ok(KakaoUser {
        id: target.user_id,
        has_signed_up: target.kakao.manual_connection.then_some(!is_preregistered),
        connected_at: Some(rfc3339(connection.connected_at)),
        synched_at: is_synched.then(|| rfc3339(synched_at)),
        properties,
        kakao_account: fields,
    })
}

/// Stores user properties. Those that are not named stay.
#[utoipa::path(post, path = "/v1/user/update_profile", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    params(("properties" = String, Query, description = "A JSON object of user properties; also in the body")),
    responses(
        (status = 200, description = "Stored", body = KakaoUserId),
        KakaoErrors,
    ))]
pub async fn update_profile(
    State(app): State<App>,
    call: Call,
) -> Result<Json<KakaoUserId>, KakaoError> {
    let target = call.user_or_admin(&app).await?;
    let properties = properties(&call, target.kakao)?;
    let properties = properties.ok_or_else(|| bad("properties is missing"))?;
    let (account, service) = (&target.account.id, &target.service.client_id);
    app.store().set_properties(account, service, &properties).await?;
    Ok(Json(KakaoUserId { id: target.user_id }))
}

/// The user properties of a call.
///
/// # Errors
/// -2 when they are no JSON object of strings, -201 for one that the app has not registered.
pub fn properties(
    call: &Call,
    kakao: &KakaoApp,
) -> Result<Option<BTreeMap<String, String>>, KakaoError> {
    let Some(text) = call.get("properties") else { return Ok(None) };
    let properties: BTreeMap<String, String> = serde_json::from_str(text)
        .map_err(|_| bad("properties is not a JSON object of strings"))?;
    let every_app = ["nickname", "profile_image", "thumbnail_image"];
    let is_known = |name: &String| every_app.contains(&&**name) || kakao.properties.contains(name);
    if let Some(unknown) = properties.keys().find(|name| !is_known(name)) {
        return Err(KakaoError::UnknownProperty(unknown.clone()));
    }
    if properties.values().any(|value| value.chars().count() > LONGEST_PROPERTY) {
        return Err(bad(format!("a property has at most {LONGEST_PROPERTY} characters")));
    }
    Ok(Some(properties))
}
