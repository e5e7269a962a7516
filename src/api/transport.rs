//! Fetch, with a deadline, and nothing else.

#![expect(clippy::disallowed_types, reason = "the only code that fetches")]

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};

use gloo_net::http::{Request, RequestBuilder, Response};
use web_sys::{AbortController, RequestCache};

use super::{ApiError, retry_after};
use crate::browser::clock;

/// What a call ends in: the body of a good answer, as text.
type Answer = Result<String, ApiError>;

/// Calls are boxed on purpose: one copy of the code for each call there is would double it.
type Pending = Pin<Box<dyn Future<Output = Answer>>>;

pub async fn get(path: &str, reload: bool, deadline_ms: u32) -> Answer {
    let abort = AbortController::new().ok();
    let cache = if reload { RequestCache::Reload } else { RequestCache::Default };
    let request = prepared(Request::get(path).cache(cache), abort.as_ref()).build();
    send(request, abort, deadline_ms).await
}

pub async fn post(path: &str, json: String, deadline_ms: u32) -> Answer {
    let abort = AbortController::new().ok();
    let request = prepared(Request::post(path), abort.as_ref())
        .header("Content-Type", "application/json")
        .body(json);
    send(request, abort, deadline_ms).await
}

fn prepared(request: RequestBuilder, abort: Option<&AbortController>) -> RequestBuilder {
    let signal = abort.map(AbortController::signal);
    request.header("Accept", "application/json").abort_signal(signal.as_ref())
}

async fn send(
    request: Result<Request, gloo_net::Error>,
    abort: Option<AbortController>,
    deadline_ms: u32,
) -> Answer {
    let request = request.map_err(|_| ApiError::Offline)?;
    let answer = async {
        let response = request.send().await.map_err(|_| ApiError::Offline)?;
        body(response).await
    };
    within(deadline_ms, abort, Box::pin(answer)).await
}

async fn body(response: Response) -> Answer {
    let status = response.status();
    let wait = response.headers().get("Retry-After");
    let text = response.text().await.map_err(|_| ApiError::Offline)?;
    if response.ok() {
        Ok(text)
    } else {
        Err(ApiError::from_answer(status, retry_after::seconds(wait.as_deref()), &text))
    }
}

/// Gives up after the deadline, and takes the request back.
async fn within(deadline_ms: u32, abort: Option<AbortController>, mut answer: Pending) -> Answer {
    let mut deadline = pin!(clock::sleep(deadline_ms));
    poll_fn(|cx| {
        if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
            return Poll::Ready(answer);
        }
        deadline.as_mut().poll(cx).map(|()| {
            if let Some(abort) = &abort {
                abort.abort();
            }
            Err(ApiError::Timeout)
        })
    })
    .await
}
