//! What the audit log has of requests that were refused: errors that browsers get as pages or problem
//! details, and those that go to the service by redirect.
//!
//! Not recorded: mistakes that a user can correct, answers that are late or sent twice, `prompt=none`
//! without a signed-in member, rate limits, and failures of this server. They are in the metrics.

use axum::response::Response;

use super::{
    error::{ApiError, PageError},
    parameter,
};
use crate::{
    App,
    audit::{Actor, Event, Reason, Record},
    oauth::request::RequestFault,
};

/// Records the error of a response, if it is one that is recorded. `query` is the request's.
pub fn record(app: &App, query: Option<&str>, response: &Response) {
    let extensions = response.extensions();
    let of_page = || extensions.get::<PageError>().and_then(of_page);
    let of_api = || extensions.get::<ApiError>().and_then(of_api);
    let Some((event, why)) = of_page().or_else(of_api) else { return };
    record_as(app, query, event, why);
}

/// Records an authorization request whose error the service gets by redirect.
pub fn record_request(app: &App, query: Option<&str>, why: impl Into<Reason>) {
    record_as(app, query, Event::Request, why.into());
}

fn record_as(app: &App, query: Option<&str>, event: Event, why: Reason) {
    let named = parameter(query, "client_id");
    let service = named.as_deref().and_then(|id| app.configured_service(id));
    app.record(Record::failed(event, Actor::User, why).at(service));
}

/// The reason of a fault of an authorization request.
#[must_use]
pub fn of_fault(fault: &RequestFault) -> Reason {
    match fault {
        RequestFault::InvalidRedirect(_) => Reason::InvalidRedirect,
        RequestFault::Kakao(error) => error.koe.into(),
        RequestFault::Redirect { error, .. } => (*error).into(),
    }
}

fn of_page(error: &PageError) -> Option<(Event, Reason)> {
    match error {
        PageError::InvalidRedirect(_) => Some((Event::Request, Reason::InvalidRedirect)),
        PageError::NotSignedIn(error) => Some((Event::SignIn { method: None }, error.why.into())),
        PageError::Kakao { error, cause: None } => Some((Event::Request, error.koe.into())),
        PageError::Kakao { cause: Some(_), .. } | PageError::NoScreen => None,
        PageError::Api(error) => of_api(error),
    }
}

fn of_api(error: &ApiError) -> Option<(Event, Reason)> {
    let why = match error {
        ApiError::CsrfRejected(_) => Reason::CsrfRejected,
        ApiError::WrongSession { .. } => Reason::WrongSession,
        // Recorded with the account and the service, where they are known.
        ApiError::Refused { .. } | ApiError::ContinueElsewhere { .. } => return None,
        ApiError::ChallengeNotFound
        | ApiError::ChallengeExpired { .. }
        | ApiError::AlreadyDecided { .. }
        | ApiError::Objections(_)
        | ApiError::ExtensionRefused
        | ApiError::DocumentNotFound
        | ApiError::Request(_) => return None,
    };
    Some((Event::Request, why))
}
