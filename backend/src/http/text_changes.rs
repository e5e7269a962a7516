//! What changed in the text of a term since the person agreed to an earlier version of it.

use axum::{
    Json, Router,
    extract::{Path, RawQuery, State},
    routing::get,
};
use consent_contract::{changes::TextChanges, document::Document};
use consent_screen::consent::text_changes::document_with_changes;

use super::{
    challenge::LoadedChallenge,
    error::{ApiError, responses::ChangedTermProblems},
    session::RequestContext,
};
use crate::{App, consent::text_changes::difference, locale::Locale, store};

pub fn router() -> Router<App> {
    Router::new().route("/api/v1/consents/{challenge}/terms/{tag}/{version}", get(read))
}

/// The text of a term that is asked, after a list of what changed in it since the version that the person
/// agreed to. Without the list when there is no such version in its language.
#[utoipa::path(get, path = "/api/v1/consents/{challenge}/terms/{tag}/{version}", tag = "terms",
    params(
        ("challenge" = String, Path, description = "The name of the challenge"),
        ("tag" = String, Path, description = "The service's name for the term"),
        ("version" = String, Path, description = "Its version"),
        ("digest" = String, Query, description = "The digest of the text, as the consent request gives it"),
    ),
    responses(
        (status = 200, description = "The text after the list. `digest` covers the text alone", body = Document),
        ChangedTermProblems,
    ))]
pub async fn read(
    State(app): State<App>,
    context: RequestContext,
    Path((challenge, tag, version)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Json<Document>, ApiError> {
    let loaded = LoadedChallenge::find(&app, &context, &challenge).await?;
    loaded.known_to(&context)?;
    let digest = super::parameter(query.as_deref(), "digest").ok_or(ApiError::DocumentNotFound)?;
    let is_asked = loaded.service.terms.iter().any(|it| it.tag == tag && it.version == version);
    let document = match is_asked {
        true => app.store().document(&tag, &version, &digest).await?,
        false => None,
    };
    let document = document.ok_or(ApiError::DocumentNotFound)?;
    let changes = since_agreed(&app, &loaded, &document).await?;
    let with_changes = changes.zip(Locale::of(&document.locale));
    Ok(Json(match with_changes {
        Some((changes, locale)) => document_with_changes(&document, &changes, locale),
        None => document,
    }))
}

/// What changed in a text since the version that the person agreed to, in its language. None when the
/// person agreed to no other version, or that version had no text in this language.
///
/// # Errors
/// When the database cannot be read.
pub async fn since_agreed(
    app: &App,
    loaded: &LoadedChallenge<'_>,
    document: &Document,
) -> Result<Option<TextChanges>, store::Error> {
    let Some((agreed, _)) = loaded.standing.grant.terms.get(&document.tag) else { return Ok(None) };
    if *agreed == document.version {
        return Ok(None);
    }
    let service = &loaded.service.client_id;
    let (tag, locale) = (&document.tag, &document.locale);
    let old = app.store().document_of_version(service, tag, agreed, locale).await?;
    Ok(old.map(|old| TextChanges {
        difference: difference(&old, document),
        agreed_version: old.version,
        agreed_effective_from: old.effective_from,
    }))
}
