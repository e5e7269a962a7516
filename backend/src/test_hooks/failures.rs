//! `/__test/failures`: calls that fail on purpose.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    PATH,
    messages::{Failure, PendingFailures},
    of,
};
use crate::{
    App,
    http::{
        body::{Size, Unread},
        error::{
            ApiError, RequestError,
            responses::{TestHookProblems, TestHookReadProblems},
        },
    },
};

/// Failures that can be pending.
const MOST: usize = 100;

/// Calls that one failure is for.
const MOST_TIMES: u32 = 1000;

const LONGEST_DELAY: Duration = Duration::from_secs(60);

const SIZE: Size = Size { bytes: 64 * 1024, fields: 0 };

/// Failures in the order in which they were added.
#[derive(Default)]
pub struct Failures(Mutex<Vec<Failure>>);

impl Failures {
    fn locked(&self) -> MutexGuard<'_, Vec<Failure>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn forget(&self) {
        self.locked().clear();
    }

    /// The failure of this call, which counts for it.
    fn take(&self, method: &Method, path: &str) -> Option<Failure> {
        let mut pending = self.locked();
        let at = pending.iter().position(|failure| is_for(failure, method, path))?;
        let failure = pending[at].clone();
        pending[at].times -= 1;
        if pending[at].times == 0 {
            pending.remove(at);
        }
        Some(failure)
    }
}

fn is_for(failure: &Failure, method: &Method, path: &str) -> bool {
    let is_method = failure.method.as_ref().is_none_or(|it| it == method.as_str());
    is_method
        && match failure.path.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => path == failure.path,
        }
}

/// Makes calls of an endpoint fail. Of several failures for a call, the first one counts.
#[utoipa::path(post, path = "/__test/failures", tag = "test hooks",
    request_body = Failure,
    responses((status = 204, description = "Added"), TestHookProblems))]
pub async fn add_failure(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let hooks = of(&app)?;
    let new: Failure = Unread::new(&headers, body).json_with_reason(SIZE).await?;
    check(&new).map_err(RequestError::Malformed)?;
    let mut pending = hooks.0.failures.locked();
    if pending.len() >= MOST {
        return Err(RequestError::Malformed(format!("{MOST} failures are pending")).into());
    }
    pending.push(new);
    Ok(StatusCode::NO_CONTENT)
}

fn check(failure: &Failure) -> Result<(), String> {
    let Failure { method, path, times, delay_ms, status, body, close } = failure;
    let is_method = |text: &String| text.bytes().all(|byte| byte.is_ascii_uppercase());
    let reason = if !method.as_ref().is_none_or(is_method) {
        "`method` is written in upper case"
    } else if !path.starts_with('/') {
        "`path` begins with a slash"
    } else if path.starts_with(PATH) {
        "the test hooks themselves do not fail"
    } else if path.trim_end_matches('*').contains('*') || path.ends_with("**") {
        "`path` can have one `*`, at its end"
    } else if !(1..=MOST_TIMES).contains(times) {
        "`times` is from 1 to 1000"
    } else if u128::from(*delay_ms) > LONGEST_DELAY.as_millis() {
        "`delay_ms` is at most 60000"
    } else if status.is_some_and(|status| !(400..=599).contains(&status)) {
        "`status` is from 400 to 599"
    } else if status.is_some() && *close {
        "a connection that is closed has no `status`"
    } else if body.is_some() && status.is_none() {
        "`body` needs a `status`"
    } else if status.is_none() && !close && *delay_ms == 0 {
        "one of `status`, `close` and `delay_ms` must be there"
    } else {
        return Ok(());
    };
    Err(reason.to_owned())
}

/// The failures that are left.
#[utoipa::path(get, path = "/__test/failures", tag = "test hooks", responses(
    (status = 200, description = "In the order in which they were added", body = PendingFailures),
    TestHookReadProblems,
))]
pub async fn failures(State(app): State<App>) -> Result<Json<PendingFailures>, ApiError> {
    Ok(Json(PendingFailures { failures: of(&app)?.0.failures.locked().clone() }))
}

/// No call fails on purpose any more.
#[utoipa::path(delete, path = "/__test/failures", tag = "test hooks",
    responses((status = 204, description = "Forgotten"), TestHookReadProblems))]
pub async fn forget_failures(State(app): State<App>) -> Result<StatusCode, ApiError> {
    of(&app)?.0.failures.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// That the connection is to be closed without the response that carries this.
#[derive(Debug, Clone)]
pub struct CloseConnection;

impl fmt::Display for CloseConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a test closes the connection")
    }
}

impl std::error::Error for CloseConnection {}

/// Lets a call fail that a test wants to fail.
pub async fn inject(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(hooks) = app.test_hooks() else { return next.run(request).await };
    let path = request.uri().path();
    if path.starts_with(PATH) {
        return next.run(request).await;
    }
    let Some(failure) = hooks.0.failures.take(request.method(), path) else {
        return next.run(request).await;
    };
    tokio::time::sleep(Duration::from_millis(failure.delay_ms)).await;
    if failure.close {
        let mut response = Response::default();
        response.extensions_mut().insert(CloseConnection);
        return response;
    }
    let status = failure.status.and_then(|status| StatusCode::from_u16(status).ok());
    match (status, failure.body) {
        (None, _) => next.run(request).await,
        (Some(status), Some(body)) => (status, Json(body)).into_response(),
        (Some(status), None) => error(status).into_response(),
    }
}

/// The error that the layers around an endpoint have for a status.
fn error(status: StatusCode) -> RequestError {
    match status {
        StatusCode::BAD_REQUEST => RequestError::Malformed("a test wants this to fail".to_owned()),
        StatusCode::NOT_FOUND => RequestError::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => RequestError::TooLarge,
        StatusCode::TOO_MANY_REQUESTS => RequestError::RateLimited { retry_after: 1 },
        StatusCode::SERVICE_UNAVAILABLE => {
            RequestError::Unavailable("a test wants this to fail".to_owned())
        }
        status => RequestError::Status(status),
    }
}
