//! The consent API: what is asked, and more time to answer. The decision is in [`super::decision`].

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    response::AppendHeaders,
    routing::{get, post},
};
use consent_contract::{
    decision::{Extended, ExtensionRequest},
    request::ConsentState,
};

use super::{
    body::Size,
    challenge::LoadedChallenge,
    error::{
        ApiError,
        responses::{ExtensionProblems, ReadProblems},
    },
    session::RequestContext,
};
use crate::{App, config::Look};

/// The header `Link`, or none.
type Linked = AppendHeaders<Option<(HeaderName, HeaderValue)>>;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/consents/{challenge}", get(read))
        .route("/api/v1/consents/{challenge}/extension", post(extend))
}

/// What a service asks of the person.
///
/// The header `Link` names the style sheet of its look, for a page that was not rendered with it.
#[utoipa::path(get, path = "/api/v1/consents/{challenge}", tag = "consent",
    params(
        ("challenge" = String, Path, description = "The name of the challenge, from the address of the screen"),
        ("locale" = Option<String>, Query, description = "The language of the texts, a BCP 47 tag; by default the one negotiated at the authorize request"),
    ),
    responses(
        (status = 200, description = "What is asked, or where to go when nothing is", body = ConsentState),
        ReadProblems,
    ))]
pub async fn read(
    State(app): State<App>,
    context: RequestContext,
    Path(challenge): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<(Linked, Json<ConsentState>), ApiError> {
    let loaded = LoadedChallenge::find(&app, &context, &challenge).await?;
    let asked = loaded.to_ask(&context)?;
    let locale = super::parameter(query.as_deref(), "locale");
    let look = loaded.service.look.as_deref().filter(|_| asked.is_some());
    let link = look.and_then(Look::link).map(|link| (header::LINK, link));
    let state = match asked {
        Some(asked) => ConsentState::Ask(Box::new(loaded.message(Some(&asked), locale.as_deref()))),
        // Reading gives no code out: with nothing left to answer, the restarted request does.
        None => ConsentState::Done { redirect_to: loaded.authorize.restart_url() },
    };
    Ok((AppendHeaders(link), Json(state)))
}

/// More time to answer, ten times at most.
#[utoipa::path(post, path = "/api/v1/consents/{challenge}/extension", tag = "consent",
    params(("challenge" = String, Path, description = "The name of the challenge")),
    request_body = ExtensionRequest,
    responses(
        (status = 200, description = "Extended", body = Extended),
        ExtensionProblems,
    ))]
pub async fn extend(
    State(app): State<App>,
    context: RequestContext,
    Path(challenge): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Extended>, ApiError> {
    let (loaded, unread) =
        LoadedChallenge::answerable(&app, &context, &challenge, &method, &headers, body).await?;
    let request: ExtensionRequest = unread.json(Size::SMALL).await?;
    loaded.not_decided(&context).await?;
    loaded.open_to(&context)?;
    loaded.check_csrf(&request.csrf_token)?;
    let expires_at = app.now() + app.challenge_ttl();
    if !app.store().extend(&loaded.challenge, expires_at).await? {
        return Err(ApiError::ExtensionRefused);
    }
    let left = expires_at.max(loaded.challenge.expires_at) - app.now();
    Ok(Json(Extended { expires_in: u32::try_from(left).unwrap_or(0) }))
}
