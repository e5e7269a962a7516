//! Calls with an admin key about several users: `/v2/app/users` and `/v1/user/ids`.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    call::{Call, bad},
    caller::target_of_id,
    me::{self, KakaoUser},
};
use crate::{
    App,
    http::error::{KakaoError, kakao::KakaoErrors},
};

/// Users that one call may name.
const MOST_USERS: usize = 100;

/// Users that one call may name when it also names properties.
const MOST_WITH_PROPERTIES: usize = 20;

/// Ids of one page, unless the call names another number.
const PAGE: i64 = 100;

/// The longest page of ids.
const LONGEST_PAGE: i64 = 500;

/// Several users.
#[derive(Serialize, ToSchema)]
pub struct KakaoUsers {
    /// In the order of the call; users who are not connected are left out.
    pub elements: Vec<KakaoUser>,
}

/// Ids of connected users.
#[derive(Serialize, ToSchema)]
pub struct KakaoUserIds {
    pub elements: Vec<i64>,
    /// Of every connected user.
    pub total_count: usize,
    /// Where the next page is, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_url: Option<String>,
}

/// Several users of the app whose admin key is sent.
#[utoipa::path(get, path = "/v2/app/users", tag = "kakao",
    security(("admin_key" = [])),
    params(
        ("target_id_type" = String, Query, pattern = "^user_id$", description = "`user_id`"),
        ("target_ids" = String, Query, description = "A JSON array of at most 100 ids, or 20 with `property_keys`"),
        ("property_keys" = Option<String>, Query, description = "As for `/v2/user/me`"),
        ("secure_resource" = Option<bool>, Query, description = "As for `/v2/user/me`"),
    ),
    responses((status = 200, description = "The users", body = KakaoUsers), KakaoErrors))]
pub async fn users(State(app): State<App>, call: Call) -> Result<Json<KakaoUsers>, KakaoError> {
    let caller = call.admin(&app)?;
    if call.get("target_id_type") != Some("user_id") {
        return Err(bad("target_id_type must be user_id"));
    }
    let keys = call.list("property_keys")?;
    let secure_resource = call.boolean("secure_resource")?.unwrap_or(false);
    let ids = call.need_list("target_ids")?;
    let most = if keys.is_some() { MOST_WITH_PROPERTIES } else { MOST_USERS };
    if ids.len() > most {
        return Err(bad(format!("target_ids holds more than {most} ids")));
    }
    let mut elements = Vec::new();
    for id in ids {
        let id = id.parse().map_err(|_| bad("target_ids holds something else than numbers"))?;
        match target_of_id(&app, caller, id).await {
            Ok(target) => {
                elements.push(me::user(&app, &target, keys.as_deref(), secure_resource).await?)
            }
            Err(KakaoError::NoSuchAccount | KakaoError::NotConnected | KakaoError::UnderAge) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Json(KakaoUsers { elements }))
}

/// The ids of the connected users of the app whose admin key is sent.
#[utoipa::path(get, path = "/v1/user/ids", tag = "kakao",
    security(("admin_key" = [])),
    params(
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "1 to 500; by default 100"),
        ("from_id" = Option<i64>, Query, description = "The first id of the page"),
        ("order" = Option<String>, Query, pattern = "^(asc|desc|null)?$", description = "`asc`, the default, or `desc`"),
    ),
    responses((status = 200, description = "The ids", body = KakaoUserIds), KakaoErrors))]
pub async fn ids(State(app): State<App>, call: Call) -> Result<Json<KakaoUserIds>, KakaoError> {
    let service = call.admin(&app)?.service;
    let limit = call.number("limit")?.unwrap_or(PAGE);
    if !(1..=LONGEST_PAGE).contains(&limit) {
        return Err(bad("limit must be 1 to 500"));
    }
    let order = call.get("order").unwrap_or("asc");
    if !["asc", "desc"].contains(&order) {
        return Err(bad("order must be asc or desc"));
    }
    let from = call.number("from_id")?;
    super::connection::unlink_incomplete(&app, &service.client_id).await?;
    let mut ids = Vec::new();
    for account in app.store().connected_accounts(&service.client_id).await? {
        ids.push(app.store().kakao_user_id(&account, &service.client_id).await?);
    }
    ids.sort_unstable();
    if order == "desc" {
        ids.reverse();
    }
    let total_count = ids.len();
    let is_before =
        |id: i64| from.is_some_and(|from| if order == "asc" { id < from } else { id > from });
    let mut left = ids.into_iter().filter(|id| !is_before(*id));
    let elements = left.by_ref().take(usize::try_from(limit).unwrap_or(0)).collect();
    let after_url = left.next().map(|next| {
        format!("{}/v1/user/ids?limit={limit}&from_id={next}&order={order}", app.origin())
    });
    Ok(Json(KakaoUserIds { elements, total_count, after_url }))
}
