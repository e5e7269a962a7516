//! `/v2/user/scopes` and its revoke (Kakao Login REST, "Consent details").

use axum::{Json, extract::State};
use consent_contract::item::ItemKey;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    call::{Call, bad},
    caller::Target,
    terms::not_revocable,
};
use crate::{
    App,
    config::{Attribute, ItemKind},
    http::error::{KakaoError, kakao::KakaoErrors},
};

/// The consent items of an app, and what a user has agreed to.
#[derive(Serialize, ToSchema)]
pub struct KakaoScopes {
    /// The user's id at this app.
    pub id: i64,
    pub scopes: Vec<KakaoScope>,
}

/// A consent item.
#[derive(Serialize, ToSchema)]
pub struct KakaoScope {
    pub id: String,
    /// The label on the consent screen.
    pub display_name: String,
    /// `PRIVACY` for personal information, `SERVICE` for a permission.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whether the app still has the item.
    pub using: bool,
    pub agreed: bool,
    /// Only when the user has agreed: whether they can withdraw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocable: Option<bool>,
}

/// The consent items of the app, and earlier ones that the user has agreed to.
#[utoipa::path(get, path = "/v2/user/scopes", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    params(
        ("scopes" = Option<String>, Query, description = "A JSON array of ids: only these"),
        ("target_id_type" = Option<String>, Query, pattern = "^(user_id|null)?$", description = "With an admin key: `user_id`"),
        ("target_id" = Option<i64>, Query, description = "With an admin key: the user's id"),
    ),
    responses((status = 200, description = "The items", body = KakaoScopes), KakaoErrors))]
pub async fn list(State(app): State<App>, call: Call) -> Result<Json<KakaoScopes>, KakaoError> {
    let ids = call.list("scopes")?;
    let target = call.user_or_admin(&app).await?;
    let scopes = scopes(&call, &target, ids.as_deref());
    Ok(Json(KakaoScopes { id: target.user_id, scopes }))
}

/// Withdraws the user's consent to optional items.
#[utoipa::path(post, path = "/v2/user/revoke/scopes", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    params(
        ("scopes" = String, Query, description = "A JSON array of ids; also in the body"),
        ("target_id_type" = Option<String>, Query, pattern = "^(user_id|null)?$", description = "With an admin key: `user_id`; also in the body"),
        ("target_id" = Option<i64>, Query, description = "With an admin key: the user's id; also in the body"),
    ),
    responses((status = 200, description = "Withdrawn", body = KakaoScopes), KakaoErrors))]
pub async fn revoke(State(app): State<App>, call: Call) -> Result<Json<KakaoScopes>, KakaoError> {
    let ids = call.need_list("scopes")?;
    let mut target = call.user_or_admin(&app).await?;
    let is_known =
        |id: &&String| target.service.item(id).is_some() || target.grant.items.contains_key(&**id);
    let known: Vec<&String> = ids.iter().filter(is_known).collect();
    if known.is_empty() {
        return Err(bad(format!(
            "There is no scopes to revoke. check out if given scope id([{}]) is correct again.",
            ids.join(",")
        )));
    }
    let is_required = |id: &&&String| target.service.item(id).is_some_and(|item| item.required);
    if let Some(required) = known.iter().find(is_required) {
        return Err(not_revocable(required));
    }
    let keys: Vec<ItemKey> = known.iter().map(|id| ItemKey::Item((*id).clone())).collect();
    app.withdraw(target.change(app.now()), &keys).await?;
    target.grant.items.retain(|id, _| !ids.contains(id));
    let scopes = scopes(&call, &target, Some(&ids));
    Ok(Json(KakaoScopes { id: target.user_id, scopes }))
}

fn scopes(call: &Call, target: &Target<'_>, ids: Option<&[String]>) -> Vec<KakaoScope> {
    let locale = call.locale(target.service);
    let configured = target.service.personal_info.items.iter().map(|item| {
        let agreed = target.grant.items.contains_key(item.attribute.id());
        KakaoScope {
            id: item.attribute.id().to_owned(),
            display_name: item.label.get(locale).clone(),
            kind: kind(item.attribute.id()),
            using: true,
            agreed,
            revocable: agreed.then_some(!item.required),
        }
    });
    let earlier = target.grant.items.keys().filter(|id| target.service.item(id).is_none());
    let earlier = earlier.map(|id| KakaoScope {
        id: id.clone(),
        display_name: id.clone(),
        kind: kind(id),
        using: false,
        agreed: true,
        revocable: Some(true),
    });
    let is_named = |scope: &KakaoScope| ids.is_none_or(|ids| ids.contains(&scope.id));
    configured.chain(earlier).filter(is_named).collect()
}

fn kind(id: &str) -> &'static str {
    let attribute = Attribute::ALL.into_iter().find(|attribute| attribute.id() == id);
    match attribute.map(Attribute::kind) {
        Some(ItemKind::Service) => "SERVICE",
        Some(ItemKind::Privacy) | None => "PRIVACY",
    }
}
