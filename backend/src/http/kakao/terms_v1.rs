//! `/v1/user/service/terms`, which `/v2/user/service_terms` replaces.

use axum::{Json, extract::State};
use serde::Serialize;
use time::{Date, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

use super::{
    call::{Call, bad},
    terms::current_terms,
};
use crate::{
    App,
    clock::rfc3339,
    config::Service,
    http::error::{KakaoError, kakao::KakaoErrors},
};

/// What a user has agreed to and, when asked for, the terms of the app.
#[derive(Serialize, ToSchema)]
pub struct KakaoTermsV1 {
    /// The user's id at this app.
    pub user_id: i64,
    pub allowed_service_terms: Vec<AllowedKakaoTerm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_service_terms: Option<Vec<ConfiguredKakaoTerm>>,
}

/// A term that a user has agreed to.
#[derive(Serialize, ToSchema)]
pub struct AllowedKakaoTerm {
    pub tag: String,
    /// RFC 3339, UTC.
    pub agreed_at: String,
}

/// A term of an app.
#[derive(Serialize, ToSchema)]
pub struct ConfiguredKakaoTerm {
    pub tag: String,
    /// When the first version began: RFC 3339.
    pub created_at: String,
    /// When the current version began: RFC 3339.
    pub updated_at: String,
}

/// The terms that the user has agreed to.
#[utoipa::path(get, path = "/v1/user/service/terms", tag = "kakao",
    security(("access_token" = []), ("admin_key" = [])),
    params(
        ("extra" = Option<String>, Query, pattern = "^(app_service_terms|null)?$", description = "`app_service_terms` for the terms of the app as well"),
        ("target_id_type" = Option<String>, Query, pattern = "^(user_id|null)?$", description = "With an admin key: `user_id`"),
        ("target_id" = Option<i64>, Query, description = "With an admin key: the user's id"),
    ),
    responses((status = 200, description = "The terms", body = KakaoTermsV1), KakaoErrors))]
pub async fn list(State(app): State<App>, call: Call) -> Result<Json<KakaoTermsV1>, KakaoError> {
    let with_configured = match call.get("extra") {
        None => false,
        Some("app_service_terms") => true,
        Some(_) => return Err(bad("extra must be app_service_terms")),
    };
    let target = call.user_or_admin(&app).await?;
    let terms = current_terms(&app, target.service)?;
    let allowed = terms.iter().filter_map(|term| {
        let (_, at) = target.grant.terms.get(&term.tag)?;
        Some(AllowedKakaoTerm { tag: term.tag.clone(), agreed_at: rfc3339(*at) })
    });
    let configured = terms.iter().map(|term| {
        let versions = target.service.terms.iter().filter(|it| it.tag == term.tag);
        let first = versions.map(|it| it.effective_from).min().unwrap_or(term.effective_from);
        ConfiguredKakaoTerm {
            tag: term.tag.clone(),
            created_at: beginning(target.service, first),
            updated_at: beginning(target.service, term.effective_from),
        }
    });
    Ok(Json(KakaoTermsV1 {
        user_id: target.user_id,
        app_service_terms: with_configured.then(|| configured.collect()),
        allowed_service_terms: allowed.collect(),
    }))
}

/// When a day begins in the service's time zone.
fn beginning(service: &Service, day: Date) -> String {
    let instant = || {
        let (month, day_of_month) = (i8::try_from(u8::from(day.month())).ok()?, day.day());
        let date = jiff::civil::Date::new(
            i16::try_from(day.year()).ok()?,
            month,
            i8::try_from(day_of_month).ok()?,
        );
        let zoned = date.ok()?.to_zoned(service.time_zone.clone()).ok()?;
        Some(rfc3339(zoned.timestamp().as_second()))
    };
    // A day that the time zone cannot place begins with UTC.
    instant().unwrap_or_else(|| day.midnight().assume_utc().format(&Rfc3339).unwrap_or_default())
}
