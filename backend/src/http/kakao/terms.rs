//! `/v2/user/service_terms`, its revoke and its upgrade (Kakao Login REST, "Service terms").

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use consent_contract::item::ItemKey;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    call::{Call, bad},
    caller::Target,
};
use crate::{
    App,
    clock::rfc3339,
    config::{Service, Term},
    consent,
    http::error::{KakaoError, kakao::KakaoErrors},
    store::AgreedBy,
};

/// What a user has agreed to.
#[derive(Serialize, ToSchema)]
pub struct KakaoTerms {
    /// The user's id at this app.
    pub id: i64,
    pub service_terms: Vec<KakaoTerm>,
}

/// One of an app's terms, and whether a user has agreed to it.
#[derive(Serialize, ToSchema)]
pub struct KakaoTerm {
    pub tag: String,
    pub required: bool,
    pub agreed: bool,
    /// Whether the user has agreed and can withdraw.
    pub revocable: bool,
    /// The last agreement: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_at: Option<String>,
    /// `KAUTH`: on the consent screen; `KAPI`: the service reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub agreed_by: Option<AgreedBy>,
}

/// What was withdrawn.
#[derive(Serialize, ToSchema)]
pub struct RevokedKakaoTerms {
    /// The user's id at this app.
    pub id: i64,
    pub revoked_service_terms: Vec<RevokedKakaoTerm>,
}

/// A term that a user does not agree to any more.
#[derive(Serialize, ToSchema)]
pub struct RevokedKakaoTerm {
    pub tag: String,
    pub agreed: bool,
}

/// What was agreed to.
#[derive(Serialize, ToSchema)]
pub struct AgreedKakaoTerms {
    /// The user's id at this app.
    pub id: i64,
    pub agreed_service_terms: Vec<AgreedKakaoTerm>,
}

/// A term that a user agrees to from now on.
#[derive(Serialize, ToSchema)]
pub struct AgreedKakaoTerm {
    pub tag: String,
    pub agreed: bool,
    /// RFC 3339, UTC.
    pub agreed_at: String,
    #[schema(value_type = String)]
    pub agreed_by: AgreedBy,
}

/// The terms of an app as they hold today, and what the user has agreed to.
#[utoipa::path(get, path = "/v2/user/service_terms", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    params(
        ("result" = Option<String>, Query, pattern = "^((agreed|app)_service_terms|null)?$", description = "`agreed_service_terms`, the default, or `app_service_terms` for every term of the app"),
        ("tags" = Option<String>, Query, description = "Tags with commas between them: only these"),
        ("target_id_type" = Option<String>, Query, pattern = "^(user_id|null)?$", description = "With an admin key: `user_id`"),
        ("target_id" = Option<i64>, Query, description = "With an admin key: the user's id"),
    ),
    responses((status = 200, description = "The terms", body = KakaoTerms), KakaoErrors))]
pub async fn list(State(app): State<App>, call: Call) -> Result<Json<KakaoTerms>, KakaoError> {
    let every_term = match call.get("result") {
        None | Some("agreed_service_terms") => false,
        Some("app_service_terms") => true,
        Some(_) => return Err(bad("result must be agreed_service_terms or app_service_terms")),
    };
    let tags = call.list("tags")?;
    let target = call.user_or_admin(&app).await?;
    let terms = current_terms(&app, target.service)?;
    if let Some(tags) = &tags {
        known_tags(&terms, tags, target.service, "get service terms")?;
    }
    let agreed_by = app.store().agreed_by(&target.account.id, &target.service.client_id).await?;
    let listed = terms.iter().map(|term| described(term, &target, &agreed_by));
    let listed = listed.filter(|term| every_term || term.agreed);
    let is_named = |term: &KakaoTerm| tags.as_ref().is_none_or(|tags| tags.contains(&term.tag));
    let service_terms = listed.filter(is_named).collect();
    Ok(Json(KakaoTerms { id: target.user_id, service_terms }))
}

/// Withdraws the user's agreement to optional terms.
#[utoipa::path(post, path = "/v2/user/revoke/service_terms", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    params(
        ("tags" = String, Query, description = "Tags with commas between them; also in the body"),
        ("target_id_type" = Option<String>, Query, pattern = "^(user_id|null)?$", description = "With an admin key: `user_id`; also in the body"),
        ("target_id" = Option<i64>, Query, description = "With an admin key: the user's id; also in the body"),
    ),
    responses((status = 200, description = "Withdrawn", body = RevokedKakaoTerms), KakaoErrors))]
pub async fn revoke(
    State(app): State<App>,
    call: Call,
) -> Result<Json<RevokedKakaoTerms>, KakaoError> {
    let tags = call.need_list("tags")?;
    let target = call.user_or_admin(&app).await?;
    let terms = current_terms(&app, target.service)?;
    let mut tags = known_tags(&terms, &tags, target.service, "revoke")?;
    tags.retain(|tag| target.grant.terms.contains_key(tag));
    let is_required = |tag: &&String| terms.iter().any(|term| term.tag == **tag && term.required);
    if let Some(required) = tags.iter().find(is_required) {
        return Err(not_revocable(required));
    }
    let keys: Vec<ItemKey> = tags.into_iter().map(ItemKey::Term).collect();
    let withdrawn = app.withdraw(target.change(app.now()), &keys).await?;
    let revoked = withdrawn.into_iter().filter_map(|key| match key {
        ItemKey::Term(tag) => Some(RevokedKakaoTerm { tag, agreed: false }),
        ItemKey::Item(_) | ItemKey::Channel(_) => None,
    });
    Ok(Json(RevokedKakaoTerms { id: target.user_id, revoked_service_terms: revoked.collect() }))
}

/// Records agreements that the service collected itself. Terms that the user has agreed to already,
/// and unknown tags, are left out.
#[utoipa::path(post, path = "/v2/user/upgrade/service_terms", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    params(
        ("tags" = String, Query, description = "Tags with commas between them; also in the body"),
        ("target_id_type" = Option<String>, Query, pattern = "^(user_id|null)?$", description = "With an admin key: `user_id`; also in the body"),
        ("target_id" = Option<i64>, Query, description = "With an admin key: the user's id; also in the body"),
    ),
    responses((status = 200, description = "Recorded", body = AgreedKakaoTerms), KakaoErrors))]
pub async fn upgrade(
    State(app): State<App>,
    call: Call,
) -> Result<Json<AgreedKakaoTerms>, KakaoError> {
    let tags = call.need_list("tags")?;
    let target = call.user_or_admin(&app).await?;
    let terms = current_terms(&app, target.service)?;
    let named = terms.iter().filter(|term| tags.contains(&term.tag));
    let named: Vec<_> = named.map(|term| (term.tag.clone(), term.version.clone())).collect();
    let now = app.now();
    let agreed = app.agree_by_api(target.change(now), &named).await?;
    let agreed = agreed.into_iter().map(|tag| AgreedKakaoTerm {
        tag,
        agreed: true,
        agreed_at: rfc3339(now),
        agreed_by: AgreedBy::Api,
    });
    Ok(Json(AgreedKakaoTerms { id: target.user_id, agreed_service_terms: agreed.collect() }))
}

/// The terms of an app as they hold today.
///
/// # Errors
/// -3 for an app that may not sign users up: terms belong to Kakao Sync.
pub fn current_terms<'a>(app: &App, service: &'a Service) -> Result<Vec<&'a Term>, KakaoError> {
    if !service.approved {
        let why = "the app is not approved for Kakao Sync, which service terms belong to";
        return Err(KakaoError::NotPermitted(why.to_owned()));
    }
    Ok(service.terms_on(consent::today(&service.time_zone, app.now())))
}

fn described(
    term: &Term,
    target: &Target<'_>,
    agreed_by: &BTreeMap<String, AgreedBy>,
) -> KakaoTerm {
    let agreed = target.grant.terms.get(&term.tag);
    let key = ItemKey::Term(term.tag.clone()).to_string();
    KakaoTerm {
        tag: term.tag.clone(),
        required: term.required,
        agreed: agreed.is_some(),
        revocable: agreed.is_some() && !term.required,
        agreed_at: agreed.map(|(_, at)| rfc3339(*at)),
        agreed_by: agreed.and_then(|_| agreed_by.get(&key).copied()),
    }
}

/// Those of the tags that the app has.
///
/// # Errors
/// -2 when it has none of them.
fn known_tags(
    terms: &[&Term],
    tags: &[String],
    service: &Service,
    to: &str,
) -> Result<Vec<String>, KakaoError> {
    let is_known = |tag: &&String| terms.iter().any(|term| term.tag == **tag);
    let known: Vec<String> = tags.iter().filter(is_known).cloned().collect();
    if known.is_empty() {
        return Err(bad(format!(
            "There is no tags to {to}. check out to configured this tags([{}]) in app({}).",
            tags.join(","),
            service.name.get("ko"),
        )));
    }
    Ok(known)
}

/// -3 for a required term or item.
pub fn not_revocable(name: &str) -> KakaoError {
    KakaoError::NotPermitted(format!(
        "[{name}] is not revocable. check out if it's set as required on developers.kakao.com"
    ))
}
