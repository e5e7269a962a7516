//! `POST /api/v1/consents/{challenge}/decision`: checks a decision, records it once, and gives the
//! same answer to the same decision again.

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, Method, header},
    response::{AppendHeaders, IntoResponse, IntoResponseParts, Response},
    routing::post,
};
use consent_contract::{
    decision::{Agreement, Decision, Recorded},
    form,
    request::ConsentRequest,
};

use super::{
    body::{self, Size},
    challenge::LoadedChallenge,
    confirm, continue_page,
    error::{ApiError, RequestError, responses::DecisionProblems},
    session::{self, RequestContext},
};
use crate::{
    App,
    consent::{self, Refusal, TypedBirthday},
    crypto,
    store::{Granted, NewDecision, NewGrant, Outcome, ReceiptItem, Written},
};

/// How often a decision is checked again because another one on the same service was faster.
const MOST_CHECKS: usize = 20;

/// Apart from the other endpoints of a consent: a browser can send a form here, and gets pages.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/consents/{challenge}/decision", post(decide))
        .route("/api/v1/consents/{challenge}/continue", post(confirm::confirm))
}

/// The user's decision. The same one again gives the same answer; another one is refused.
#[utoipa::path(post, path = "/api/v1/consents/{challenge}/decision", tag = "consent",
    params(("challenge" = String, Path, description = "The name of the challenge")),
    request_body(description = "As JSON, or as a form of the same content; a form is answered with a page that goes on to the service by itself, and has a link there", content(
        (Decision = "application/json"),
        (String = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "Recorded, for good; the answer to a form is a page",
            content((Recorded = "application/json"), (String = "text/html"))),
        DecisionProblems,
    ))]
pub async fn decide(
    State(app): State<App>,
    context: RequestContext,
    Path(challenge): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (loaded, unread) =
        LoadedChallenge::answerable(&app, &context, &challenge, &method, &headers, body).await?;
    let size = Size::of_decision(loaded.service);
    match &*body::media_type(&headers) {
        body::JSON => {
            let decision: Decision = unread.json(size).await?;
            let recorded = record(&app, loaded, &context, &decision).await?;
            Ok((bfcache_buster(&app), Json(recorded)).into_response())
        }
        body::FORM => {
            let form = unread.form(size).await?;
            decide_by_form(&app, &context, &loaded, &form).await
        }
        _ => {
            let expected = format!("expected {} or {}", body::JSON, body::FORM);
            Err(unread.refused(RequestError::Malformed(expected).into()).await)
        }
    }
}

/// Records the decision in a form. The answer is a page that goes on to the service.
///
/// # Errors
/// As for [`decide`].
pub async fn decide_by_form(
    app: &App,
    context: &RequestContext,
    loaded: &LoadedChallenge<'_>,
    form: &[(String, String)],
) -> Result<Response, ApiError> {
    let decision =
        form::decision(form).map_err(|fault| RequestError::Malformed(fault.to_string()))?;
    let recorded = record(app, loaded.clone(), context, &decision).await?;
    let page = continue_page::to(app, loaded, context, form, &recorded.redirect_to).await;
    Ok((bfcache_buster(app), page).into_response())
}

fn bfcache_buster(app: &App) -> impl IntoResponseParts + use<> {
    AppendHeaders([(header::SET_COOKIE, session::bfcache_buster(app))])
}

/// Checks a decision and writes it; checks it again when another decision changed the grant in
/// between.
///
/// # Errors
/// As for [`decide`].
pub async fn record(
    app: &App,
    mut loaded: LoadedChallenge<'_>,
    context: &RequestContext,
    decision: &Decision,
) -> Result<Recorded, ApiError> {
    // An earlier decision comes first: a client that lost the answer gets it again.
    if let Some(before) = loaded.decision() {
        return loaded.repeated(before, context, decision).await;
    }
    for _ in 0..MOST_CHECKS {
        let checked = match loaded.open_to(context) {
            Ok(()) => check(app, &loaded, decision).await,
            Err(error) => Err(error),
        };
        let Checked { outcome, message, items, agreement } = match checked {
            Ok(checked) => checked,
            // The same decision may have been written since the challenge was read, and is what stands
            // in the way now.
            Err(error) => match app.store().decision(&loaded.challenge).await? {
                Some(before) => return loaded.repeated(&before, context, decision).await,
                None => return Err(error),
            },
        };
        loaded.consume_pushed().await?;
        let receipt_id = crypto::random_token();
        let kakao = loaded.service.kakao.as_ref();
        let awaits_sign_up = kakao.is_some_and(|kakao| kakao.manual_connection);
        let change = agreement
            .map(|agreement| NewGrant { awaits_sign_up, ..consent::granted(&message, agreement) });
        let change = change.map(|change| (change, loaded.new_code(&receipt_id)));
        let body = match outcome {
            Outcome::Agreed | Outcome::Cancelled => consent::fingerprint(decision),
            // Everything that is sent after it is refused the same way.
            Outcome::UnderAge => Vec::new(),
        };
        let statements = String::from_utf8(message.personal_info.digest_input())
            .expect("the statements are JSON, which is UTF-8");
        let has_statements =
            outcome != Outcome::UnderAge && !message.personal_info.items.is_empty();
        // Of a user under the minimum age nothing more is recorded.
        let shown = match outcome {
            Outcome::Agreed | Outcome::Cancelled if !items.is_empty() => {
                Some(consent::shown(&message, loaded.service, app.interface().await))
            }
            Outcome::Agreed | Outcome::Cancelled | Outcome::UnderAge => None,
        };
        let new = NewDecision {
            receipt_id: &receipt_id,
            challenge: &loaded.challenge,
            outcome,
            purpose: message.purpose,
            locale: &message.locale,
            body: &body,
            at: app.now(),
            items: &items,
            shown: shown.as_ref(),
            statements: has_statements.then_some((&*message.personal_info.digest, &*statements)),
            granted: change.as_ref().map(|(change, code)| Granted {
                before: &loaded.standing.grant,
                change,
                code: Some(code),
            }),
            guardian: None,
        };
        match app.decide(&new).await? {
            Written::Now if outcome == Outcome::UnderAge => return Err(loaded.under_age()),
            Written::Now => {
                let redirect_to = loaded.redirect_to(change.as_ref().map(|(_, code)| code));
                return Ok(Recorded { redirect_to, receipt_id });
            }
            // Another request was faster: the same click sent twice, or another tab.
            Written::Before(before) => return loaded.repeated(&before, context, decision).await,
            // Only a guardian answers a link.
            Written::GrantChanged | Written::LinkClosed => loaded.read_standing_again().await?,
        }
    }
    Err(RequestError::Unavailable("other decisions kept changing the same grant".to_owned()).into())
}

/// A decision that can be written.
struct Checked<'a> {
    outcome: Outcome,
    /// The request that it answers.
    message: ConsentRequest,
    items: Vec<ReceiptItem>,
    /// Only when something is granted.
    agreement: Option<&'a Agreement>,
}

/// Checks a decision against what has to be asked now.
async fn check<'a>(
    app: &App,
    loaded: &LoadedChallenge<'_>,
    decision: &'a Decision,
) -> Result<Checked<'a>, ApiError> {
    let asked = loaded.asked();
    let refusal = loaded.refusal(asked.as_ref());
    let agreement = match decision {
        Decision::Agree(agreement) => agreement,
        Decision::Cancel(_) => {
            let message = loaded.message(asked.as_ref(), None);
            // A refused account was shown nothing, so it refused nothing.
            let items = match refusal {
                None => consent::receipt_items(&message, None),
                Some(_) => Vec::new(),
            };
            return Ok(Checked { outcome: Outcome::Cancelled, message, items, agreement: None });
        }
    };
    if let Some(refusal) = refusal {
        loaded.record_refusal(refusal);
        return Err(loaded.refused(refusal));
    }
    loaded.check_csrf(&agreement.csrf_token)?;
    let typed = consent::typed_birthday(loaded.service, &loaded.account, agreement, app.now());
    if typed == TypedBirthday::OfAChild {
        let (account, service) = (&loaded.account.id, &loaded.service.client_id);
        app.store().guardian_needed(account, service, app.now()).await?;
        loaded.record_refusal(Refusal::GuardianNeeded);
        return Err(loaded.refused(Refusal::GuardianNeeded));
    }
    if typed == TypedBirthday::UnderAge {
        // The challenge ends here, whatever else is wrong: another birthday is not asked for.
        let message = loaded.message(asked.as_ref(), Some(&agreement.locale));
        let (outcome, items) = (Outcome::UnderAge, Vec::new());
        return Ok(Checked { outcome, message, items, agreement: None });
    }
    let not_born_yet = (typed == TypedBirthday::InTheFuture).then(consent::not_born_yet);
    let message = match (loaded.answered(asked.as_ref(), agreement), not_born_yet) {
        (Ok(message), None) => message,
        (Ok(_), Some(objection)) => return Err(ApiError::Objections(vec![objection])),
        (Err(mut objections), not_born_yet) => {
            objections.extend(not_born_yet);
            return Err(ApiError::Objections(objections));
        }
    };
    let items = consent::receipt_items(&message, Some(agreement));
    Ok(Checked { outcome: Outcome::Agreed, message, items, agreement: Some(agreement) })
}
