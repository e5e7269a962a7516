//! `/__test/clock`.

use axum::{Json, body::Body, extract::State, http::HeaderMap};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::datetime};

use super::{
    messages::{NewTime, Time},
    of,
};
use crate::{
    App,
    clock::{Seconds, rfc3339},
    http::{
        body::{Size, Unread},
        error::{
            ApiError, RequestError,
            responses::{TestHookProblems, TestHookReadProblems},
        },
    },
};

/// What the clock can be set to. Later times leave no room for lifetimes in what can be written.
const EARLIEST: OffsetDateTime = datetime!(2000-01-01 0:00 UTC);
const LATEST: OffsetDateTime = datetime!(2200-01-01 0:00 UTC);

/// The time as the server sees it.
#[utoipa::path(get, path = "/__test/clock", tag = "test hooks",
    responses((status = 200, description = "The time", body = Time), TestHookReadProblems))]
pub async fn read_clock(State(app): State<App>) -> Result<Json<Time>, ApiError> {
    of(&app)?;
    Ok(Json(time(&app)))
}

/// Moves the time by which everything expires, between 2000 and 2200. Rate limits and the deadlines of
/// connections stay with the system's time.
#[utoipa::path(post, path = "/__test/clock", tag = "test hooks",
    request_body = NewTime,
    responses((status = 200, description = "The time from now on", body = Time), TestHookProblems))]
pub async fn move_clock(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Time>, ApiError> {
    of(&app)?;
    let new: NewTime = Unread::new(&headers, body).json_with_reason(Size::SMALL).await?;
    let malformed = |reason: &str| RequestError::Malformed(reason.to_owned());
    let clock = app.clock();
    match new {
        NewTime { advance: Some(seconds), set: None, real: None } if seconds >= 0 => {
            let to = app.now().checked_add(seconds).filter(|to| is_possible(*to));
            to.ok_or_else(|| malformed("`advance` leads beyond 2200"))?;
            clock.advance(seconds);
        }
        NewTime { advance: None, set: Some(text), real: None } => {
            let to = OffsetDateTime::parse(&text, &Rfc3339)
                .map_err(|_| malformed("`set` is no time, written as 2026-01-31T09:00:00Z"))?
                .unix_timestamp();
            if !is_possible(to) {
                return Err(malformed("`set` must be between 2000 and 2200").into());
            }
            // Time passes forwards only; back goes the wall clock alone.
            match to - app.now() {
                ahead @ 0.. => clock.advance(ahead),
                back => clock.set_later(back),
            }
        }
        NewTime { advance: None, set: None, real: Some(true) } => clock.put_back(),
        _ => {
            let expected = "expected one of `advance` (seconds, not negative), `set` (a time), \
                            `real` (true)";
            return Err(malformed(expected).into());
        }
    }
    app.trust_clock();
    Ok(Json(time(&app)))
}

fn is_possible(at: Seconds) -> bool {
    (EARLIEST.unix_timestamp()..LATEST.unix_timestamp()).contains(&at)
}

fn time(app: &App) -> Time {
    Time { now: rfc3339(app.now()), ahead: app.clock().moved() }
}
