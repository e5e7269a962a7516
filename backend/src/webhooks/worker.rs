//! Delivers what is in the outbox.

use std::{collections::HashMap, time::Duration};

use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use super::{Event, backoff, client::Outcome, request::request};
use crate::{
    App,
    clock::Seconds,
    oauth::key_ring::Purpose,
    store::{Attempt, Delivery},
};

/// How often the outbox is looked at.
const POLL: Duration = Duration::from_secs(1);

/// Events that are sent to one service at the same time.
const AT_ONCE: i64 = 16;

/// Delivers the events of every service until it is stopped. Each service has a task of its own, so that
/// a slow one keeps no other waiting. Several processes can do so on one database.
pub async fn deliver(app: App, stop: CancellationToken) {
    let mut services: HashMap<Id, String> = HashMap::new();
    let mut tasks = JoinSet::new();
    loop {
        while let Some(ended) = tasks.try_join_next_with_id() {
            services.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
        }
        for service in due_services(&app).await {
            if !services.values().any(|busy| *busy == service) {
                let (app, stop, name) = (app.clone(), stop.clone(), service.clone());
                let task = tasks.spawn(async move { deliver_to(&app, &name, &stop).await });
                services.insert(task.id(), service);
            }
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(POLL) => {}
        }
    }
    // Attempts that have begun end within seconds.
    while tasks.join_next().await.is_some() {}
}

/// Delivers what is due now, and returns.
pub async fn deliver_due(app: &App) {
    for service in due_services(app).await {
        deliver_to(app, &service, &CancellationToken::new()).await;
    }
}

async fn due_services(app: &App) -> Vec<String> {
    let due = app.current().store().services_with_due_events(app.now()).await;
    due.unwrap_or_else(|error| {
        tracing::warn!(%error, "the outbox cannot be read");
        Vec::new()
    })
}

/// Delivers the events of a service, one round after the other, while some arrive.
async fn deliver_to(app: &App, service: &str, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match round(app, service).await {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, service, "events could not be taken from the outbox");
                return;
            }
        }
    }
}

/// Sends the events that are next. Returns how many need no further attempt, so that others are next.
async fn round(app: &App, service: &str) -> Result<usize, crate::store::Error> {
    let app = app.current();
    let claimed = app.store().claim_events(service, app.now(), AT_ONCE).await?;
    let mut attempts = JoinSet::new();
    for delivery in claimed {
        let (app, service) = (app.clone(), service.to_owned());
        attempts.spawn(async move {
            let outcome = send(&app, &service, &delivery).await;
            (delivery, outcome)
        });
    }
    let mut done = Vec::new();
    // The lease of an attempt that panics runs out.
    while let Some(ended) = attempts.join_next().await {
        if let Ok((delivery, outcome)) = ended {
            let attempt = judged(service, &delivery, outcome, app.now());
            app.metrics().event_sent(match attempt {
                Attempt::Delivered => "delivered",
                Attempt::Failed { .. } => "failed",
                Attempt::Dead { .. } => "dead",
            });
            done.push((delivery, attempt));
        }
    }
    if !done.is_empty() {
        app.store().finish_events(&done, app.now()).await?;
    }
    let has_ended = |attempt: &Attempt| !matches!(attempt, Attempt::Failed { .. });
    Ok(done.iter().filter(|(_, attempt)| has_ended(attempt)).count())
}

/// One attempt, in a span of its own: what has caused the event was answered long before.
async fn send(app: &App, service: &str, delivery: &Delivery) -> Outcome {
    let span = app.traces().delivering(service, delivery.attempts);
    let outcome = span.around(send_now(app, service, delivery)).await;
    match outcome {
        Outcome::Delivered => {}
        Outcome::Failed { .. } => span.failed("failed"),
        Outcome::Rejected(_) => span.failed("rejected"),
    }
    outcome
}

async fn send_now(app: &App, service: &str, delivery: &Delivery) -> Outcome {
    let Ok(event) = serde_json::from_str::<Event>(&delivery.event) else {
        return Outcome::Rejected("the stored event cannot be read".to_owned());
    };
    let (Some(service), Some(client)) = (app.catalog().services.get(service), app.webhook_client())
    else {
        return Outcome::failed("the service has no target for it");
    };
    let key = match app.signing_key(Purpose::Events).await {
        Ok(key) => key,
        Err(error) => return Outcome::failed(error.to_string()),
    };
    match request(delivery, &event, service, app.origin(), &key) {
        Ok(request) => client.send(request).await,
        Err(reason) => Outcome::failed(reason),
    }
}

fn judged(service: &str, delivery: &Delivery, outcome: Outcome, now: Seconds) -> Attempt {
    let dead = |error: String| {
        let Delivery { id, attempts, .. } = delivery;
        tracing::warn!(service, id, attempts, error, "an event could not be delivered");
        Attempt::Dead { error }
    };
    match outcome {
        Outcome::Delivered => Attempt::Delivered,
        Outcome::Rejected(error) => dead(error),
        Outcome::Failed { error, retry_after } => {
            match backoff::delay(delivery.attempts, retry_after) {
                Some(delay) => Attempt::Failed { error, next_at: now + delay },
                None => dead(error),
            }
        }
    }
}
