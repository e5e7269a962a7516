//! `/__test/answer`: consents that are answered by rule in the place of a person.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use consent_contract::{
    answers::Answers,
    decision::{Cancellation, Decision},
    item::ItemKey,
    problem::MEDIA_TYPE,
    request::ConsentRequest,
};

use super::{
    messages::{Choice, PendingRules, Rule},
    of,
};
use crate::{
    App,
    http::{
        body::{Size, Unread},
        challenge::LoadedChallenge,
        confirm, decision,
        error::{
            ApiError, RequestError,
            responses::{TestHookProblems, TestHookReadProblems},
        },
        redirect::see_other,
        session::RequestContext,
    },
};

/// Rules that can be pending.
const MOST: usize = 100;

/// Consents that one rule is for.
const MOST_TIMES: u32 = 1000;

const SIZE: Size = Size { bytes: 64 * 1024, fields: 0 };

/// Rules in the order in which they were added.
#[derive(Default)]
pub struct Rules(Mutex<Vec<Rule>>);

impl Rules {
    fn locked(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn forget(&self) {
        self.locked().clear();
    }

    /// The rule for a consent, which counts for it.
    fn take(&self, account: &str, service: &str) -> Option<Rule> {
        let is = |wanted: &Option<String>, it: &str| wanted.as_ref().is_none_or(|id| id == it);
        let mut pending = self.locked();
        let at = pending
            .iter()
            .position(|rule| is(&rule.account, account) && is(&rule.service, service))?;
        let rule = pending[at].clone();
        pending[at].times -= 1;
        if pending[at].times == 0 {
            pending.remove(at);
        }
        Some(rule)
    }
}

impl Rule {
    /// # Errors
    /// What is wrong with it.
    fn check(&self, app: &App) -> Result<(), String> {
        if !(1..=MOST_TIMES).contains(&self.times) {
            return Err(format!("`times` is from 1 to {MOST_TIMES}"));
        }
        if self.answer != Choice::Keys && !self.keys.is_empty() {
            return Err("`keys` needs `answer` to be `keys`".to_owned());
        }
        let catalog = app.catalog();
        if let Some(id) = self.account.as_ref().filter(|id| !catalog.accounts.contains_key(*id)) {
            return Err(format!("there is no account `{id}`"));
        }
        if let Some(id) = self.service.as_ref().filter(|id| !catalog.services.contains_key(*id)) {
            return Err(format!("there is no service `{id}`"));
        }
        Ok(())
    }

    /// The decision of a person who follows the rule.
    fn decision(&self, request: &ConsentRequest) -> Decision {
        if self.answer == Choice::Cancel {
            return Decision::Cancel(Cancellation::default());
        }
        let mut answers = Answers::untouched(request);
        for (key, required) in answers.keys() {
            let agrees = match self.answer {
                Choice::Required => required,
                Choice::Everything => true,
                Choice::Keys => self.keys.contains(&key),
                Choice::Cancel => false,
            };
            answers.tick(&key, agrees);
        }
        for (id, value) in &self.values {
            answers.write(&ItemKey::Item(id.clone()), value.clone());
        }
        Decision::Agree(answers.agreement(request))
    }
}

/// Answers the next consent. The decision passes the same check as a person's and has the same receipt;
/// the authorize request leads straight to the service. A decision that is refused is answered there
/// with the problem, as JSON. A confirmation that an app without a secret needs is given, too.
#[utoipa::path(post, path = "/__test/answer", tag = "test hooks",
    request_body = Rule,
    responses((status = 204, description = "Added"), TestHookProblems))]
pub async fn answer(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let hooks = of(&app)?;
    let new: Rule = Unread::new(&headers, body).json_with_reason(SIZE).await?;
    new.check(&app).map_err(RequestError::Malformed)?;
    let mut pending = hooks.0.rules.locked();
    if pending.len() >= MOST {
        return Err(RequestError::Malformed(format!("{MOST} answers are pending")).into());
    }
    pending.push(new);
    Ok(StatusCode::NO_CONTENT)
}

/// The answers that are left.
#[utoipa::path(get, path = "/__test/answer", tag = "test hooks", responses(
    (status = 200, description = "In the order in which they were added", body = PendingRules),
    TestHookReadProblems,
))]
pub async fn answers(State(app): State<App>) -> Result<Json<PendingRules>, ApiError> {
    Ok(Json(PendingRules { answers: of(&app)?.0.rules.locked().clone() }))
}

/// People answer again.
#[utoipa::path(delete, path = "/__test/answer", tag = "test hooks",
    responses((status = 204, description = "Forgotten"), TestHookReadProblems))]
pub async fn forget_answers(State(app): State<App>) -> Result<StatusCode, ApiError> {
    of(&app)?.0.rules.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// Answers a challenge that was just made, when there is a rule for it.
///
/// # Errors
/// When the challenge cannot be read.
pub async fn by_rule(
    app: &App,
    context: &RequestContext,
    challenge: &str,
) -> Result<Option<Response>, ApiError> {
    let Some(hooks) = app.test_hooks() else { return Ok(None) };
    let loaded = LoadedChallenge::find(app, context, challenge).await?;
    let rule = hooks.0.rules.take(&loaded.account.id, &loaded.service.client_id);
    let Some(rule) = rule else { return Ok(None) };
    let asked = loaded.asked();
    let result = match (&asked, rule.answer) {
        // Nothing is asked: the page that would be shown is a confirmation.
        (None, answer) if answer != Choice::Cancel => confirm::confirmed(app, &loaded).await,
        _ => {
            let decision = rule.decision(&loaded.message(asked.as_ref(), None));
            let recorded = decision::record(app, loaded, context, &decision).await;
            recorded.map(|recorded| recorded.redirect_to)
        }
    };
    Ok(Some(match result {
        Ok(to) => see_other(&to),
        Err(error) => refused(&error),
    }))
}

/// A decision that was refused, for the test that wanted it.
fn refused(error: &ApiError) -> Response {
    let Some(problem) = error.problem() else { return error.clone().into_response() };
    tracing::warn!(code = problem.code.name(), "the answer of a test hook is refused");
    let body = serde_json::to_vec(&problem).expect("strings and numbers always become JSON");
    (error.status(), [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response()
}
