//! Everything that the user answered at one service.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use consent_contract::{
    account::{
        AccountPage, AgreementState, ChannelEntry, ConnectionState, Entry, ReceiptEvent,
        ReceiptSummary, ServiceNotice, ServicePage,
    },
    item::ItemKey,
    request::{Purpose, Relation},
};

use super::{labels::Labels, provision::provisions, user::User};
use crate::{
    App,
    consent::agreement_status,
    http::{
        self,
        error::{PageError, RequestError},
    },
    store::{CausedBy, ChangeKind, History, Outcome, RecordedEvent},
};

/// In the address: the key of the agreement that was just withdrawn.
pub const WITHDRAWN: &str = "withdrawn";

/// In the address: the service was just disconnected.
pub const LEFT: &str = "left";

/// The element that states what was just done: where a browser begins to read.
pub const NOTICE: &str = "notice";

pub async fn page(
    State(app): State<App>,
    user: User,
    Path(client_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let history = history(&app, &user, &client_id).await?;
    let labels = Labels::of(&app, &user, &client_id);
    let (terms, items): (Vec<_>, Vec<_>) = entries(&labels, &history)
        .into_iter()
        .partition(|entry| matches!(entry.key, ItemKey::Term(_)));
    let (provision, newer_provision) = provisions(&app, &user, &client_id, &labels, &items).await?;
    let connection = match (history.linked_at, history.left_at) {
        (Some(at), _) => ConnectionState::Linked(labels.time(at)),
        (None, Some(at)) => ConnectionState::Left(labels.time(at)),
        (None, None) => ConnectionState::NotLinked,
    };
    let mut all = terms.iter().chain(&items);
    let withdrawn = http::parameter(query.as_deref(), WITHDRAWN).and_then(|key| {
        let key: ItemKey = key.parse().ok()?;
        let entry = all.find(|entry| entry.key == key)?;
        let holds = connection.is_linked() && entry.state == AgreementState::Withdrawn;
        holds.then_some(ServiceNotice::Withdrawn(key))
    });
    let left = http::parameter(query.as_deref(), LEFT)
        .filter(|_| matches!(connection, ConnectionState::Left(_)))
        .map(|_| ServiceNotice::Left);
    let page = ServicePage {
        service: labels.service(),
        connection,
        terms,
        items,
        channels: channels(&labels, &history),
        provision,
        newer_provision,
        receipts: receipts(&labels, &history),
        csrf_token: user.csrf_token(&app),
        notice: withdrawn.or(left),
        client_id: client_id.clone(),
    };
    user.shown(&app, &AccountPage::Service(Box::new(page))).await
}

/// What is known between the user and a service.
///
/// # Errors
/// `NotFound` when there never was anything.
pub async fn history(app: &App, user: &User, client_id: &str) -> Result<History, PageError> {
    let history = app.store().history(&user.account.id, client_id).await?;
    Ok(history.ok_or(RequestError::NotFound)?)
}

/// The terms and items that were ever answered: those of the service in its order, then others.
pub fn entries(labels: &Labels<'_>, history: &History) -> Vec<Entry> {
    let mut keys = labels.keys();
    let recorded = history.held.keys().chain(history.answers.keys()).chain(history.changes.keys());
    for key in recorded {
        if !keys.contains(key) && !matches!(key, ItemKey::Channel(_)) {
            keys.push(key.clone());
        }
    }
    keys.into_iter().filter_map(|key| entry(key, labels, history)).collect()
}

fn entry(key: ItemKey, labels: &Labels<'_>, history: &History) -> Option<Entry> {
    let status = agreement_status(&key, history, labels.now)?;
    let version = status.version.as_deref();
    // What was shown, unless that was another version than the one that counts now.
    let shown = history.answers.get(&key).filter(|it| it.version == status.version);
    let (title, locale) = match shown {
        Some(shown) => (shown.title.clone(), shown.locale.clone()),
        None => (labels.title(&key, version), labels.locale.to_owned()),
    };
    let digest = shown.and_then(|it| it.digest.clone()).or_else(|| labels.digest(&key, version));
    let newer = match (&key, version) {
        (ItemKey::Term(tag), Some(version)) => labels.newer(tag, version, labels.locale),
        _ => None,
    };
    Some(Entry {
        title,
        locale,
        required: labels.is_required(&key),
        state: status.state,
        at: status.at.map(|at| labels.time(at)),
        digest,
        newer,
        expires_at: status.expires_at.map(|at| labels.time(at)),
        receipt_id: status.receipt_id,
        reported_by_service: status.reported_by_service,
        version: status.version,
        key,
    })
}

fn channels(labels: &Labels<'_>, history: &History) -> Vec<ChannelEntry> {
    let channels = labels.channels().map(|(public_id, name)| {
        let (relation, at) =
            history.channels.get(public_id).copied().unwrap_or((Relation::None, None));
        ChannelEntry {
            public_id: public_id.to_owned(),
            name: name.to_owned(),
            relation,
            at: at.map(|at| labels.time(at)),
        }
    });
    channels.collect()
}

fn receipts(labels: &Labels<'_>, history: &History) -> Vec<ReceiptSummary> {
    let receipts = history.receipts.iter().map(|head| ReceiptSummary {
        receipt_id: head.receipt_id.clone(),
        event: receipt_event(head.event),
        at: labels.time(head.at),
    });
    receipts.collect()
}

/// What a receipt is of, for its reader.
pub fn receipt_event(event: RecordedEvent) -> ReceiptEvent {
    use CausedBy::{AdminKey, Expiry, NoSignUp, Operator, User, UserToken};
    match event {
        RecordedEvent::Decision(Outcome::Agreed, Purpose::SignUp) => ReceiptEvent::SignUp,
        RecordedEvent::Decision(Outcome::Agreed, Purpose::AdditionalConsent) => {
            ReceiptEvent::AdditionalConsent
        }
        RecordedEvent::Decision(Outcome::Cancelled, _) => ReceiptEvent::Cancelled,
        RecordedEvent::Decision(Outcome::UnderAge, _) => ReceiptEvent::UnderAge,
        RecordedEvent::Change(ChangeKind::Agree, _) => ReceiptEvent::ReportedByService,
        RecordedEvent::Change(ChangeKind::Withdraw, User) => ReceiptEvent::WithdrawnByUser,
        RecordedEvent::Change(ChangeKind::Withdraw, UserToken | AdminKey) => {
            ReceiptEvent::WithdrawnByService
        }
        RecordedEvent::Change(ChangeKind::Withdraw, NoSignUp | Expiry | Operator) => {
            ReceiptEvent::WithdrawnByOperator
        }
        RecordedEvent::Change(ChangeKind::Expire, _) => ReceiptEvent::Expired,
        RecordedEvent::Change(ChangeKind::Unlink, User) => ReceiptEvent::UnlinkedByUser,
        RecordedEvent::Change(ChangeKind::Unlink, UserToken | AdminKey) => {
            ReceiptEvent::UnlinkedByService
        }
        RecordedEvent::Change(ChangeKind::Unlink, NoSignUp) => ReceiptEvent::SignUpNotCompleted,
        RecordedEvent::Change(ChangeKind::Unlink, Expiry | Operator) => {
            ReceiptEvent::UnlinkedByOperator
        }
        RecordedEvent::Change(ChangeKind::Erase, _) => ReceiptEvent::Erased,
    }
}
