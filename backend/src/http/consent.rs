//! The consent API: what is asked, the decision on it, and more time for it.

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Method, header},
    response::{AppendHeaders, IntoResponse, IntoResponseParts, Response},
    routing::{get, post},
};
use consent_contract::{
    decision::{Agreement, Decision, Extended, ExtensionRequest, Recorded},
    form,
    problem::Problem,
    request::{ConsentRequest, ConsentState},
};

use super::{
    body::{self, Size, Unread},
    case::Case,
    continue_page,
    error::{ApiError, RequestError},
    session::{self, Protection, RequestContext},
};
use crate::{
    App,
    consent::{self, Refusal, TypedBirthday},
    crypto,
    store::{Granted, NewDecision, Outcome, ReceiptItem, Written},
};

/// How often a decision is checked again because another one on the same service was faster.
const MOST_CHECKS: usize = 20;

pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/consents/{challenge}", get(read))
        .route("/api/v1/consents/{challenge}/extension", post(extend))
}

/// Apart from the rest, because it also takes the form that a browser sends by itself.
pub fn decision_router() -> Router<App> {
    Router::new().route("/api/v1/consents/{challenge}/decision", post(decide))
}

/// What a service asks of the person.
#[utoipa::path(get, path = "/api/v1/consents/{challenge}", tag = "consent",
    params(
        ("challenge" = String, Path, description = "The name of the challenge, from the address of the screen"),
        ("locale" = Option<String>, Query, description = "The language of the texts, a BCP 47 tag; by default the one negotiated at the authorize request"),
    ),
    responses(
        (status = 200, description = "What is asked, or where to go when nothing is", body = ConsentState),
        (status = 403, description = "`wrong_session`, `simple_sign_up_inactive`, `not_a_test_member`, `under_age`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`challenge_not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "`challenge_expired`, `already_decided`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn read(
    State(app): State<App>,
    context: RequestContext,
    Path(challenge): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<ConsentState>, ApiError> {
    let case = Case::find(&app, &challenge).await?;
    let asked = case.to_ask(&context).await?;
    let locale = super::parameter(query.as_deref(), "locale");
    Ok(Json(match asked {
        Some(asked) => ConsentState::Ask(Box::new(case.message(Some(&asked), locale.as_deref()))),
        // Reading gives no code out. Whoever has nothing left to answer asks again and is sent on.
        None => ConsentState::Done { redirect_to: case.authorize.restart_url() },
    }))
}

/// The person's decision. The same one again gives the same answer; another one is refused.
#[utoipa::path(post, path = "/api/v1/consents/{challenge}/decision", tag = "consent",
    params(("challenge" = String, Path, description = "The name of the challenge")),
    request_body(description = "As JSON, or as a form of the same content; a form is answered with a page that goes on to the service by itself, and has a link there", content(
        (Decision = "application/json"),
        (String = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "Recorded, for good; the answer to a form is a page", body = Recorded),
        (status = 400, description = "`malformed_request`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`csrf_rejected`, `wrong_session`, `simple_sign_up_inactive`, `not_a_test_member`, `under_age`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`challenge_not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`terms_changed`", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "`challenge_expired`, `already_decided`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`required_items_missing`, `invalid_value`, `unknown_item`, `item_unanswered`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn decide(
    State(app): State<App>,
    context: RequestContext,
    Path(challenge): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let unread = Unread::new(&headers, body);
    let case = match answerable(&app, &context, &challenge, &method, &headers).await {
        Ok(case) => case,
        Err(error) => return Err(unread.refused(error).await),
    };
    let size = Size::of_decision(case.service);
    match &*body::media_type(&headers) {
        body::JSON => {
            let decision: Decision = unread.json(size).await?;
            let recorded = decided(&app, case, &context, &decision).await?;
            Ok((bfcache_buster(&app), Json(recorded)).into_response())
        }
        body::FORM => {
            let form = unread.form(size).await?;
            decide_by_form(&app, &context, &case, &form).await
        }
        _ => {
            let expected = format!("expected {} or {}", body::JSON, body::FORM);
            Err(unread.refused(RequestError::Malformed(expected).into()).await)
        }
    }
}

/// The challenge of this name, for a request that our own page sent from the browser that was asked.
/// Nothing of a request's body is looked at before that is known.
///
/// # Errors
/// `csrf_rejected`, `challenge_not_found`; for another browser session those of
/// [`Case::known_to`].
pub async fn answerable<'a>(
    app: &'a App,
    context: &RequestContext,
    challenge: &str,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Case<'a>, ApiError> {
    session::from_our_page(app, method, headers, Protection::ChallengeAndSession)?;
    let case = Case::find(app, challenge).await?;
    case.known_to(context).await?;
    Ok(case)
}

/// The decision that a form holds; the answer is a page that leads to where the person goes now.
///
/// # Errors
/// As for [`decide`].
pub async fn decide_by_form(
    app: &App,
    context: &RequestContext,
    case: &Case<'_>,
    form: &[(String, String)],
) -> Result<Response, ApiError> {
    let decision =
        form::decision(form).map_err(|fault| RequestError::Malformed(fault.to_string()))?;
    let recorded = decided(app, case.clone(), context, &decision).await?;
    let onward = continue_page::to(app, case, context, form, &recorded.redirect_to).await;
    Ok((bfcache_buster(app), onward).into_response())
}

/// Checks and writes a decision, and does so again when another one changed the grant in between.
async fn decided(
    app: &App,
    mut case: Case<'_>,
    context: &RequestContext,
    decision: &Decision,
) -> Result<Recorded, ApiError> {
    for _ in 0..MOST_CHECKS {
        if let Some(recorded) = record(app, &case, context, decision).await? {
            return Ok(recorded);
        }
        case.read_grant_again().await?;
    }
    Err(RequestError::Unavailable("other decisions kept changing the same grant".to_owned()).into())
}

fn bfcache_buster(app: &App) -> impl IntoResponseParts + use<> {
    AppendHeaders([(header::SET_COOKIE, session::bfcache_buster(app))])
}

/// More time to answer.
#[utoipa::path(post, path = "/api/v1/consents/{challenge}/extension", tag = "consent",
    params(("challenge" = String, Path, description = "The name of the challenge")),
    request_body = ExtensionRequest,
    responses(
        (status = 200, description = "Extended", body = Extended),
        (status = 400, description = "`malformed_request`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`csrf_rejected`, `wrong_session`, `extension_refused`: ten times is the most", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`challenge_not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "`challenge_expired`, `already_decided`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn extend(
    State(app): State<App>,
    context: RequestContext,
    Path(challenge): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Extended>, ApiError> {
    let unread = Unread::new(&headers, body);
    let case = match answerable(&app, &context, &challenge, &method, &headers).await {
        Ok(case) => case,
        Err(error) => return Err(unread.refused(error).await),
    };
    let request: ExtensionRequest = unread.json(Size::SMALL).await?;
    case.not_decided(&context).await?;
    case.open_to(&context)?;
    case.check_csrf(&request.csrf_token)?;
    let expires_at = app.now() + app.challenge_ttl();
    if !app.store().extend(&case.challenge, expires_at).await? {
        return Err(ApiError::ExtensionRefused);
    }
    let left = expires_at.max(case.challenge.expires_at) - app.now();
    Ok(Json(Extended { expires_in: u32::try_from(left).unwrap_or(0) }))
}

/// Checks a decision and writes it. None when another decision changed the grant in between: then
/// nothing was written, and everything must be checked again.
async fn record(
    app: &App,
    case: &Case<'_>,
    context: &RequestContext,
    decision: &Decision,
) -> Result<Option<Recorded>, ApiError> {
    // A decision that was made comes before everything else: whoever lost the answer gets it.
    if let Some(before) = app.store().decision(&case.challenge).await? {
        return case.repeated(&before, context, decision).await.map(Some);
    }
    case.open_to(context)?;
    let asked = case.asked();
    let refusal = case.refusal(asked.as_ref());
    let deciding = Deciding { app, case, context, decision };
    let agreement = match decision {
        Decision::Agree(agreement) => agreement,
        Decision::Cancel(_) => {
            let message = case.message(asked.as_ref(), None);
            // Nothing was shown to somebody who was turned away, so nothing of it was refused.
            let items = match refusal {
                None => consent::receipt_items(&message, None),
                Some(_) => Vec::new(),
            };
            return deciding.write(Outcome::Cancelled, &message, &items, None).await;
        }
    };
    if let Some(refusal) = refusal {
        return Err(case.refused(refusal));
    }
    case.check_csrf(&agreement.csrf_token)?;
    let typed = consent::typed_birthday(case.service, case.account, agreement, app.now());
    if typed == TypedBirthday::UnderAge {
        // The challenge ends here, whatever else is wrong: another birthday is not asked for.
        let message = case.message(asked.as_ref(), Some(&agreement.locale));
        return deciding.write(Outcome::UnderAge, &message, &[], None).await;
    }
    let answered = case.answered(asked.as_ref(), agreement);
    let message = match (answered, typed) {
        (Ok(message), TypedBirthday::Acceptable | TypedBirthday::UnderAge) => message,
        (Ok(_), TypedBirthday::InTheFuture) => {
            return Err(ApiError::Objections(vec![consent::not_born_yet()]));
        }
        (Err(mut objections), typed) => {
            objections.extend((typed == TypedBirthday::InTheFuture).then(consent::not_born_yet));
            return Err(ApiError::Objections(objections));
        }
    };
    let items = consent::receipt_items(&message, Some(agreement));
    deciding.write(Outcome::Agreed, &message, &items, Some(agreement)).await
}

/// A decision that is being made.
struct Deciding<'a> {
    app: &'a App,
    case: &'a Case<'a>,
    context: &'a RequestContext,
    decision: &'a Decision,
}

impl Deciding<'_> {
    async fn write(
        &self,
        outcome: Outcome,
        message: &ConsentRequest,
        items: &[ReceiptItem],
        agreement: Option<&Agreement>,
    ) -> Result<Option<Recorded>, ApiError> {
        let Self { app, case, context, decision } = self;
        let receipt_id = crypto::random_token();
        let granted = agreement
            .map(|agreement| (consent::granted(message, agreement), case.new_code(&receipt_id)));
        let statements = String::from_utf8(message.personal_info.digest_input())
            .expect("the statements are JSON, which is UTF-8");
        let has_statements = !message.personal_info.items.is_empty();
        let body = match outcome {
            Outcome::Agreed | Outcome::Cancelled => consent::fingerprint(decision),
            // Whatever is sent after it is refused the same way.
            Outcome::UnderAge => Vec::new(),
        };
        let new = NewDecision {
            receipt_id: &receipt_id,
            challenge: &case.challenge,
            outcome,
            purpose: message.purpose,
            locale: &message.locale,
            body: &body,
            at: app.now(),
            items,
            statements: (has_statements && outcome != Outcome::UnderAge)
                .then_some((&*message.personal_info.digest, &*statements)),
            granted: granted.as_ref().map(|(change, code)| Granted {
                before: &case.grant,
                change,
                code,
            }),
        };
        match app.store().decide(&new).await? {
            Written::Now if outcome == Outcome::UnderAge => Err(case.refused(Refusal::UnderAge)),
            Written::Now => {
                let redirect_to = case.redirect_to(granted.as_ref().map(|(_, code)| code));
                Ok(Some(Recorded { redirect_to, receipt_id }))
            }
            // Another request was faster: the same click sent twice, or another tab.
            Written::Before(before) => case.repeated(&before, context, decision).await.map(Some),
            Written::GrantChanged => Ok(None),
        }
    }
}
