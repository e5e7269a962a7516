//! `/v2/api/talk/channels` and its first version (Kakao Talk Channel REST).

use axum::{Json, extract::State};
use consent_contract::request::Relation;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Call, bad};
use crate::{
    App,
    clock::rfc3339,
    http::error::{KakaoError, kakao::KakaoErrors},
    kakao::channel_uuid,
};

/// The item that permits to ask for relations to channels.
const ITEM: &str = "plusfriends";

/// How a user stands with the channels of an app.
#[derive(Serialize, ToSchema)]
pub struct KakaoChannels {
    /// The user's id at this app.
    pub user_id: i64,
    pub channels: Vec<KakaoChannel>,
}

/// How a user stands with a channel.
#[derive(Serialize, ToSchema)]
pub struct KakaoChannel {
    pub channel_uuid: String,
    pub channel_public_id: String,
    /// `ADDED`, `BLOCKED` or `NONE`.
    pub relation: &'static str,
    /// The last change, where it is known: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// How the user stands with the channels of the app.
#[utoipa::path(get, path = "/v2/api/talk/channels", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    params(
        ("channel_ids" = Option<String>, Query, description = "Public ids with commas between them: only these"),
        ("channel_id_type" = Option<String>, Query, pattern = "^(channel_public_id|null)?$", description = "`channel_public_id`"),
        ("target_id_type" = Option<String>, Query, pattern = "^(user_id|null)?$", description = "With an admin key: `user_id`"),
        ("target_id" = Option<i64>, Query, description = "With an admin key: the user's id"),
    ),
    responses((status = 200, description = "The channels; -501 (400) for a user who is not on the messenger", body = KakaoChannels), KakaoErrors))]
pub async fn v2(State(app): State<App>, call: Call) -> Result<Json<KakaoChannels>, KakaoError> {
    if !matches!(call.get("channel_id_type"), None | Some("channel_public_id")) {
        return Err(bad("channel_id_type must be channel_public_id"));
    }
    list(&app, &call, "channel_ids").await
}

/// The first version of `/v2/api/talk/channels`.
#[utoipa::path(get, path = "/v1/api/talk/channels", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    params(
        ("channel_public_ids" = Option<String>, Query, description = "A JSON array of public ids: only these"),
        ("target_id_type" = Option<String>, Query, pattern = "^(user_id|null)?$", description = "With an admin key: `user_id`"),
        ("target_id" = Option<i64>, Query, description = "With an admin key: the user's id"),
    ),
    responses((status = 200, description = "The channels; -501 (400) for a user who is not on the messenger", body = KakaoChannels), KakaoErrors))]
pub async fn v1(State(app): State<App>, call: Call) -> Result<Json<KakaoChannels>, KakaoError> {
    list(&app, &call, "channel_public_ids").await
}

async fn list(app: &App, call: &Call, parameter: &str) -> Result<Json<KakaoChannels>, KakaoError> {
    let ids = call.list(parameter)?;
    let target = call.user_or_admin(app).await?;
    if target.service.item(ITEM).is_some() && !target.grant.items.contains_key(ITEM) {
        return Err(KakaoError::ConsentMissing {
            required: vec![ITEM.to_owned()],
            allowed: target.grant.items.keys().cloned().collect(),
        });
    }
    if !target.account.messenger_registered {
        return Err(KakaoError::NotATalkUser);
    }
    let changed = app.store().channel_changes(&target.account.id).await?;
    let channels = target.service.channels.iter().map(|channel| &channel.public_id);
    let channels = channels.filter(|id| ids.as_ref().is_none_or(|ids| ids.contains(id)));
    let channels = channels.map(|id| KakaoChannel {
        channel_uuid: channel_uuid(id),
        channel_public_id: id.clone(),
        relation: match target.grant.channels.get(id) {
            Some(Relation::Added) => "ADDED",
            Some(Relation::Blocked) => "BLOCKED",
            Some(Relation::None) | None => "NONE",
        },
        updated_at: changed.get(id).map(|at| rfc3339(*at)),
    });
    Ok(Json(KakaoChannels { user_id: target.user_id, channels: channels.collect() }))
}
