//! Events of a messenger's server, signed as Standard Webhooks: who added, blocked or removed a channel,
//! and who joined or left the messenger. Without `[messenger_events]` there is no such endpoint.

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode},
    routing::post,
};
use consent_contract::request::Relation;
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

use super::{
    body::{JSON, Size, Unread},
    error::{ApiError, RequestError, responses::MessengerProblems},
    headers,
};
use crate::{
    App,
    audit::{Actor, Credential, Event, Record},
    clock::Seconds,
    store::{Identity, MessengerEvent, NewRelation, Reported, Taken},
    webhooks::standard::{self, Fault, TOLERANCE},
};

/// Where a messenger's server posts events.
const EVENTS: &str = "/api/v1/messenger/events";

pub fn router() -> Router<App> {
    Router::new().route(EVENTS, post(take))
}

/// An event of a messenger. Fields that are not listed are ignored.
#[derive(Deserialize, ToSchema)]
pub struct ReportedEvent {
    /// `channel.added`, `channel.blocked`, `channel.removed`, `messenger.joined` or `messenger.left`. Others
    /// are ignored.
    r#type: String,
    /// When it happened (RFC 3339). An event counts only if nothing newer is known.
    timestamp: String,
    data: ReportedData,
}

/// Whom and what an event is about: `account` or `subject`.
#[derive(Deserialize, ToSchema)]
pub struct ReportedData {
    /// The id of the account.
    account: Option<String>,
    /// The `sub` of the user at the OpenID provider of `[sign_in.oidc]`; without one, what
    /// `account_header` names.
    subject: Option<String>,
    /// The `public_id` of the channel, of events of channels.
    channel: Option<String>,
}

/// What became of an event.
#[derive(Serialize, ToSchema)]
pub struct TakenEvent {
    result: EventResult,
}

/// What became of an event. None of these needs another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventResult {
    /// It is so now.
    Applied,
    /// It was so before.
    Unchanged,
    /// An event with this `webhook-id` came before.
    Duplicate,
    /// Something newer is known.
    Outdated,
    /// There is no such account. One of the database is known from its first sign-in on.
    UnknownAccount,
    /// No service has this channel.
    UnknownChannel,
    /// The type is another one.
    Ignored,
}

impl From<Taken> for EventResult {
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::Applied => Self::Applied,
            Taken::Unchanged => Self::Unchanged,
            Taken::Duplicate => Self::Duplicate,
            Taken::Outdated => Self::Outdated,
            Taken::NoAccount => Self::UnknownAccount,
        }
    }
}

/// What a type stands for.
#[derive(Debug, Clone, Copy)]
enum Reports {
    Relation(Relation),
    Membership(bool),
}

impl Reports {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "channel.added" => Self::Relation(Relation::Added),
            "channel.blocked" => Self::Relation(Relation::Blocked),
            "channel.removed" => Self::Relation(Relation::None),
            "messenger.joined" => Self::Membership(true),
            "messenger.left" => Self::Membership(false),
            _ => return None,
        })
    }
}

/// Takes an event of a messenger's server, signed as Standard Webhooks with the secret of
/// `[messenger_events]`. The answer is 200 to every event that needs no other attempt.
#[utoipa::path(post, path = "/api/v1/messenger/events", tag = "messenger",
    params(
        ("webhook-id" = String, Header, description = "The id of the event, the same at every attempt"),
        ("webhook-timestamp" = i64, Header, description = "When the request was sent, in seconds since 1970"),
        ("webhook-signature" = String, Header,
            description = "`v1,` and the HMAC-SHA256 of id, timestamp and body in base64; several with spaces between them"),
    ),
    request_body = ReportedEvent,
    responses((status = 200, description = "What became of it", body = TakenEvent), MessengerProblems))]
pub async fn take(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<TakenEvent>, ApiError> {
    let app = app.current();
    let Some(configured) = &app.catalog().messenger_events else {
        return Err(RequestError::NotFound.into());
    };
    let body = Unread::new(&headers, body).text(JSON, Size::SMALL).await?;
    let header = |name: &'static str| headers::get(&headers, HeaderName::from_static(name));
    let sent = standard::Headers {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let id = standard::verify(&configured.secrets, &sent, &body, app.now())
        .map_err(|fault| refused(&app, fault))?;
    let result = match serde_json::from_slice(&body) {
        Ok(event) => applied(&app, id, &event).await?,
        // It can be of any form.
        Err(_) if is_of_another_type(&body) => EventResult::Ignored,
        Err(error) => {
            // Without what was sent: it may name a person.
            let (line, column) = (error.line(), error.column());
            let detail = format!("line {line}, column {column}: not an event of a messenger");
            return Err(malformed(detail));
        }
    };
    Ok(Json(TakenEvent { result }))
}

fn is_of_another_type(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct AnyEvent {
        r#type: String,
    }
    serde_json::from_slice::<AnyEvent>(body).is_ok_and(|it| Reports::of(&it.r#type).is_none())
}

fn malformed(detail: impl Into<String>) -> ApiError {
    RequestError::Malformed(detail.into()).into()
}

fn refused(app: &App, fault: Fault) -> ApiError {
    match fault {
        Fault::Header(name) => malformed(format!("the header {name} is missing or malformed")),
        Fault::Time => malformed(format!(
            "webhook-timestamp is more than {TOLERANCE} seconds from the time of this server"
        )),
        Fault::Signature => {
            app.client_not_authenticated(Credential::MessengerSignature, None);
            RequestError::Status(StatusCode::FORBIDDEN).into()
        }
    }
}

async fn applied(app: &App, id: &str, event: &ReportedEvent) -> Result<EventResult, ApiError> {
    let Some(reports) = Reports::of(&event.r#type) else { return Ok(EventResult::Ignored) };
    let now = app.now();
    let happened_at = milliseconds(&event.timestamp)
        .ok_or_else(|| malformed("`timestamp`: expected a time as in RFC 3339"))?;
    if happened_at.div_euclid(1000) > now + TOLERANCE {
        return Err(malformed("`timestamp` is in the future"));
    }
    let account = match (&event.data.account, &event.data.subject) {
        (Some(account), None) => app.has_account(account).await?.then(|| account.clone()),
        (None, Some(subject)) => of_subject(app, subject).await?,
        _ => return Err(malformed("`data`: expected `account` or `subject`")),
    };
    let Some(account) = account else { return Ok(EventResult::UnknownAccount) };
    let channel = event.data.channel.as_deref();
    let has_channel =
        |it: &&crate::config::Service| it.channels.iter().any(|it| Some(&*it.public_id) == channel);
    let services = app.catalog().services.values();
    let services: Vec<&str> = services.filter(has_channel).map(|it| &*it.client_id).collect();
    let (reported, event) = match reports {
        Reports::Relation(relation) => {
            let public_id =
                channel.ok_or_else(|| malformed("`data.channel` is missing: which channel"))?;
            if services.is_empty() {
                return Ok(EventResult::UnknownChannel);
            }
            let new = NewRelation {
                account: &account,
                public_id,
                relation,
                services: &services,
                at: now,
            };
            let channel = public_id.to_owned();
            (Reported::Relation(new), Event::ChannelRelation { channel, relation })
        }
        Reports::Membership(registered) => (
            Reported::Membership(registered),
            Event::MessengerMembership { registered: Some(registered) },
        ),
    };
    let is_stored = !app.catalog().accounts.contains_key(&account);
    let account = &*account;
    let reported = MessengerEvent { id, account, is_stored, reported, happened_at, now };
    let taken = app.store().take_messenger_event(&reported).await?;
    if taken == Taken::Applied {
        app.record(Record::done(event, Actor::Messenger).of(account));
    }
    Ok(taken.into())
}

/// The account of who signs in as this subject.
async fn of_subject(app: &App, subject: &str) -> Result<Option<String>, ApiError> {
    let issuer = app.provider().map_or("", |provider| provider.issuer());
    if issuer.is_empty() && app.catalog().accounts.contains_key(subject) {
        return Ok(Some(subject.to_owned()));
    }
    let stored = app.store().account_of(Identity { issuer, subject }).await?;
    Ok(stored.map(|stored| stored.id))
}

/// A time in milliseconds since 1970.
fn milliseconds(text: &str) -> Option<Seconds> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Seconds::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}
