//! `consent-backend inspect`: what an operator can look up in the database.

use std::{error::Error, fmt::Write};

use serde_json::{Map, Value, json};

use crate::{
    clock::{Clock, Seconds, rfc3339},
    store::{
        AgreedBy, DueNotice, ExpiringAgreement, HeldAgreement, Location, OutboxEntry, ReceiptHead,
        Store,
    },
};

const DAY: Seconds = 24 * 60 * 60;

/// The most rows that are shown of each kind.
const MOST_ROWS: i64 = 1000;

/// What is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Agreements that end, and notices that are due, in so many days.
    Due { days: u16 },
    /// Events that were not delivered.
    Outbox,
    /// Sends a dead letter once more.
    Retry { id: i64 },
    /// The agreements of an account, at a service, or both.
    Agreements { account: Option<String>, service: Option<String> },
}

/// Rows by what they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer(Vec<(&'static str, Vec<Map<String, Value>>)>);

impl Answer {
    /// One JSON object: an array of objects for each kind of row.
    #[must_use]
    pub fn json(&self) -> String {
        let rows = self.0.iter().map(|(name, rows)| ((*name).to_owned(), json!(rows)));
        let object: Map<_, _> = rows.collect();
        serde_json::to_string_pretty(&object).expect("strings and numbers become JSON")
    }

    /// A heading for each kind of row, and a line for each row.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, rows) in &self.0 {
            let _ = writeln!(text, "{} ({})", name.replace('_', " "), rows.len());
            for row in rows {
                let values = row.iter().filter(|(_, value)| !value.is_null());
                let values: Vec<_> = values.map(|(name, value)| shown(name, value)).collect();
                let _ = writeln!(text, "  {}", values.join("  "));
            }
        }
        text
    }
}

fn shown(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    }
}

/// Answers a question from a database.
///
/// # Errors
/// When there is no database, or it cannot be used; for a retry, also when there is no such dead letter.
pub async fn answer(
    database: &Location,
    question: &Question,
    clock: &Clock,
) -> Result<Answer, String> {
    let failed = |error: &dyn std::fmt::Display| format!("the database in {database}: {error}");
    let store = Store::open_existing(database).await.map_err(|error| failed(&error))?;
    let answered = look_up(&store, question, clock.now()).await;
    store.close().await;
    answered.map_err(|error| failed(&error))
}

async fn look_up(
    store: &Store,
    question: &Question,
    now: Seconds,
) -> Result<Answer, Box<dyn Error + Send + Sync>> {
    let answer = match question {
        Question::Due { days } => {
            let until = now + Seconds::from(*days) * DAY;
            let ending = store.expiring_agreements(until, MOST_ROWS).await?;
            let notices = store.due_notices(now - 30 * DAY, until, MOST_ROWS).await?;
            vec![
                ("agreements_that_end", ending.iter().map(expiring).collect()),
                ("notices", notices.iter().map(notice).collect()),
            ]
        }
        Question::Outbox => {
            let entries = store.undelivered_events(MOST_ROWS).await?;
            let (dead, pending): (Vec<_>, Vec<_>) =
                entries.iter().partition(|entry| entry.dead_at.is_some());
            vec![
                ("dead_letters", dead.into_iter().map(outbox).collect()),
                ("pending", pending.into_iter().map(outbox).collect()),
            ]
        }
        Question::Retry { id } => {
            if !store.retry_event(*id, now).await? {
                return Err(format!("there is no dead letter {id}").into());
            }
            vec![("sent_once_more", vec![row([("id", json!(id))])])]
        }
        Question::Agreements { account, service } => {
            let (account, service) = (account.as_deref(), service.as_deref());
            let held = store.held_agreements(account, service, now, MOST_ROWS).await?;
            let receipts = match account {
                Some(account) => store.receipt_heads(account, service, MOST_ROWS).await?,
                None => Vec::new(),
            };
            vec![
                ("agreements", held.iter().map(agreement).collect()),
                ("receipts", receipts.iter().map(receipt).collect()),
            ]
        }
    };
    Ok(Answer(answer))
}

fn row<const N: usize>(values: [(&str, Value); N]) -> Map<String, Value> {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn time(at: Option<Seconds>) -> Value {
    at.map_or(Value::Null, |at| json!(rfc3339(at)))
}

fn expiring(it: &ExpiringAgreement) -> Map<String, Value> {
    row([
        ("account", json!(it.account)),
        ("service", json!(it.service)),
        ("key", json!(it.key)),
        ("version", json!(it.version)),
        ("expires_at", time(Some(it.expires_at))),
    ])
}

fn notice(it: &DueNotice) -> Map<String, Value> {
    row([
        ("account", json!(it.account)),
        ("service", json!(it.service)),
        ("key", json!(it.key)),
        ("rule", json!(if it.cycle == 0 { "KR-N05" } else { "KR-N06" })),
        ("outcome", json!(it.outcome)),
        ("due_at", time(Some(it.due_at))),
        ("announced_at", time(it.announced_at)),
        ("receipt_id", json!(it.receipt_id)),
    ])
}

fn outbox(it: &OutboxEntry) -> Map<String, Value> {
    let event: Value = serde_json::from_str(&it.event).unwrap_or_default();
    row([
        ("id", json!(it.id)),
        ("jti", json!(it.jti)),
        ("service", json!(it.service)),
        ("form", json!(it.form)),
        ("event", event["event"].clone()),
        ("created_at", time(Some(it.created_at))),
        ("attempts", json!(it.attempts)),
        ("next_at", time(it.next_at)),
        ("dead_at", time(it.dead_at)),
        ("last_error", json!(it.last_error)),
    ])
}

fn agreement(it: &HeldAgreement) -> Map<String, Value> {
    row([
        ("account", json!(it.account)),
        ("service", json!(it.service)),
        ("key", json!(it.key)),
        ("version", json!(it.version)),
        ("agreed_at", time(Some(it.agreed_at))),
        (
            "agreed_by",
            json!(match it.agreed_by {
                AgreedBy::Screen => "screen",
                AgreedBy::Api => "api",
            }),
        ),
        ("expires_at", time(it.expires_at)),
    ])
}

fn receipt(it: &ReceiptHead) -> Map<String, Value> {
    row([
        ("at", time(Some(it.at))),
        ("account", json!(it.account)),
        ("service", json!(it.service)),
        ("change", json!(it.change)),
        ("caused_by", json!(it.caused_by)),
        ("receipt_id", json!(it.receipt_id)),
    ])
}
