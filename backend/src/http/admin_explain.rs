//! `consent-backend explain` by the admin API: why an account meets a screen at a service, or none.

use std::collections::BTreeSet;

use axum::{
    Json, Router,
    extract::{RawQuery, State},
    routing::get,
};
use url::form_urlencoded;

use super::error::{AdminError, RequestError, responses::ExplainProblems};
use crate::{
    App,
    explain::{Explanation, Question, Unexplained, explain},
};

pub fn router() -> Router<App> {
    Router::new().route("/admin/v1/explain", get(read))
}

/// On the admin listener: what a request of a service would lead to now for an account that is signed in, and
/// why: as `consent-backend explain --json`. Nothing is written.
#[utoipa::path(get, path = "/admin/v1/explain", tag = "admin", security(("admin_token" = [])),
    params(
        ("account" = String, Query, description = "The id of the account"),
        ("service" = String, Query, description = "The client id of the service"),
        ("scope" = Option<String>, Query, description = "`scope` of the request"),
        ("service_terms" = Option<String>, Query, description = "`service_terms` of the request"),
        ("channel_public_id" = Option<String>, Query,
            description = "`channel_public_id` of the request"),
    ),
    responses((status = 200, description = "Also where the account cannot go on", body = Explanation),
        ExplainProblems))]
pub async fn read(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<Explanation>, AdminError> {
    let app = app.refresh_services().await?;
    if let Some(name) = repeated(query.as_deref().unwrap_or_default()) {
        return Err(RequestError::Malformed(format!("`{name}` is there twice")).into());
    }
    let given = |name: &str| super::parameter(query.as_deref(), name);
    let needed = |name: &str| {
        given(name).ok_or_else(|| RequestError::Malformed(format!("`{name}` is missing")))
    };
    let question = Question {
        account: needed("account")?,
        service: needed("service")?,
        scope: given("scope").unwrap_or_default(),
        service_terms: given("service_terms").unwrap_or_default(),
        channel_public_id: given("channel_public_id").unwrap_or_default(),
    };
    Ok(Json(explain(app.store(), app.file(), &question, app.now()).await?))
}

/// A parameter that is there more than once: which of them counts, is not known.
fn repeated(query: &str) -> Option<String> {
    let mut known = BTreeSet::new();
    let mut names = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned());
    names.find(|name| !known.insert(name.clone()))
}

impl From<Unexplained> for AdminError {
    fn from(error: Unexplained) -> Self {
        match error {
            Unexplained::UnknownAccount(_) => Self::NoAccount,
            Unexplained::UnknownService(_) => Self::NoService,
            Unexplained::DisabledService(_) | Unexplained::UnusableService { .. } => {
                Self::NotUsable(error.to_string())
            }
            Unexplained::Database(error) => error.into(),
        }
    }
}
