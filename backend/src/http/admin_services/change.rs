//! How a service is changed: what is sent is checked beside all others at a revision, and written if that is
//! the revision still.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use serde_json::{Map, Value};

use super::super::{
    admin_api::Caller,
    body::{Size, Unread},
    error::{AdminError, RequestError},
    headers,
};
use crate::{
    App,
    audit::{Actor, Event, Reason, Record, ServiceAction},
    config::ServiceFault,
    managed::{Entry, Finding, NoObject, read_object},
    store::{Change, Changed, ChangedText, ServiceChange, StoredText, WhatChanges},
};

/// How often a change is checked again because others came before it.
const TRIES: usize = 5;

/// The object that was sent, of this media type.
///
/// # Errors
/// When it is none, or too large.
pub async fn sent(
    headers: &HeaderMap,
    body: Body,
    media_type: &str,
) -> Result<Map<String, Value>, AdminError> {
    let text = Unread::new(headers, body).text(media_type, Size::SERVICE).await?;
    read_object(&text).map_err(|error| match error {
        NoObject::Malformed(reason) => RequestError::Malformed(reason).into(),
        NoObject::Faulty(faults) => invalid(faults),
    })
}

/// The error for these faults.
#[must_use]
pub fn invalid(faults: Vec<ServiceFault>) -> AdminError {
    AdminError::Invalid(faults.into_iter().map(Finding::from).collect())
}

/// The error for one fault.
#[must_use]
pub fn fault(at: &str, reason: &str) -> AdminError {
    invalid(vec![ServiceFault { at: at.to_owned(), reason: reason.to_owned() }])
}

/// The managed service of this id.
///
/// # Errors
/// When there is none; when it is one of the file.
pub fn entry<'a>(app: &'a App, client_id: &str) -> Result<&'a Entry, AdminError> {
    match app.managed().services.get(client_id) {
        Some(entry) => Ok(entry),
        None if app.file().services.contains_key(client_id) => {
            Err(AdminError::OfTheFile { file: app.services_file() })
        }
        None => Err(AdminError::NoService),
    }
}

/// The `ETag` of a service in this version.
#[must_use]
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The precondition of a request.
#[derive(Debug, Clone)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        Self(headers::get(headers, header::IF_MATCH).map(str::to_owned))
    }

    /// Whether the service is the one that the caller has read (RFC 9110, 13.1.1).
    ///
    /// # Errors
    /// When it is another version; when the request does not name one.
    pub fn check(&self, entry: &Entry) -> Result<(), AdminError> {
        let sent = self.0.as_deref().ok_or(AdminError::PreconditionRequired)?;
        let etag = etag(entry.stored.version);
        match sent.trim() == "*" || sent.split(',').any(|it| it.trim() == etag) {
            true => Ok(()),
            false => Err(AdminError::PreconditionFailed),
        }
    }
}

/// Whether services wait for their approval.
#[must_use]
pub fn is_approval_required(app: &App) -> bool {
    app.catalog().admin.as_ref().is_some_and(|admin| admin.approval_required)
}

/// Whether the caller may do what only those may who approve.
///
/// # Errors
/// When it may not.
pub fn may_approve(app: &App, caller: &Caller) -> Result<(), AdminError> {
    let is_allowed = caller.approves || !is_approval_required(app);
    if is_allowed { Ok(()) } else { Err(AdminError::NotAllowed) }
}

/// Changes a service. `prepare` decides what becomes of it, from the services as they are; it is called
/// again when others were changed meanwhile, on a thread on which it keeps no request waiting. Returns the
/// server with the change, and what `prepare` has beside that.
///
/// # Errors
/// Those of `prepare`; texts that differ from what users were shown; a database that cannot be used.
pub async fn change<R, F>(
    app: &App,
    caller: &Caller,
    (client_id, action): (&str, ServiceAction),
    prepare: F,
) -> Result<(App, R), AdminError>
where
    R: Send + 'static,
    F: Fn(&App) -> Result<(WhatChanges, R), AdminError> + Send + Sync + 'static,
{
    let done = attempt(app, client_id, Arc::new(prepare)).await;
    let event = Event::ServiceChange { change: action };
    let record = match &done {
        Ok(_) => Record::done(event, Actor::Operator).at(client_id),
        Err(error) => {
            let why = match error {
                AdminError::NotAllowed => Reason::NotAllowed,
                AdminError::Invalid(_) => Reason::Faulty,
                _ => return done,
            };
            let current = app.current();
            let known = current.managed().services.get_key_value(client_id);
            let known = known.map(|(id, _)| id.clone());
            let record = Record::failed(event, Actor::Operator, why).by(&caller.name);
            app.record(record.at(known.as_deref()));
            return done;
        }
    };
    app.record(record.by(&caller.name));
    done
}

async fn attempt<R, F>(app: &App, client_id: &str, prepare: Arc<F>) -> Result<(App, R), AdminError>
where
    R: Send + 'static,
    F: Fn(&App) -> Result<(WhatChanges, R), AdminError> + Send + Sync + 'static,
{
    if !app.has_managed_services() {
        return Err(AdminError::NotHere);
    }
    for _ in 0..TRIES {
        let app = app.refresh_services().await?;
        let (prepare, prepared_for) = (Arc::clone(&prepare), app.clone());
        let prepared = tokio::task::spawn_blocking(move || (*prepare)(&prepared_for)).await;
        let (what, rest) =
            prepared.map_err(|error| RequestError::Unavailable(error.to_string()))??;
        let change = ServiceChange {
            client_id: client_id.to_owned(),
            checked_at: app.managed().revision,
            at: app.now(),
            what,
        };
        match app.store().change_managed_service(&change).await? {
            Changed::Done(_) => return Ok((app.refresh_services().await?, rest)),
            Changed::Outdated => {}
            Changed::Texts(changed) => return Err(changed_texts(&change.what, &changed)),
            Changed::InUse => return Err(AdminError::InUse),
        }
    }
    Err(RequestError::Unavailable("other changes of services came first".to_owned()).into())
}

/// The findings for texts that were shown as the same version before.
fn changed_texts(what: &WhatChanges, changed: &[ChangedText]) -> AdminError {
    let texts: &[StoredText] = match what {
        WhatChanges::Create { content, .. } | WhatChanges::Replace { content, .. } => {
            &content.texts
        }
        WhatChanges::Approve { texts } => texts,
        _ => &[],
    };
    // Texts are in the order of the terms, each in every language.
    let mut terms: Vec<(&str, &str)> =
        texts.iter().map(|it| (&*it.document.tag, &*it.document.version)).collect();
    terms.dedup();
    let faults = changed.iter().map(|changed| {
        let ChangedText { tag, version, what, .. } = changed;
        let index = terms.iter().position(|term| *term == (&**tag, &**version)).unwrap_or_default();
        match what {
            Change::Text { locale } => ServiceFault {
                at: format!("/terms/{index}/version"),
                reason: format!(
                    "the text of `{tag}` in `{locale}` differs from what was kept as version \
                     `{version}` before: a changed text needs a new version"
                ),
            },
            Change::EffectiveFrom { kept } => ServiceFault {
                at: format!("/terms/{index}/effective_from"),
                reason: format!(
                    "version `{version}` of `{tag}` was kept with `effective_from` = {kept}, which \
                     receipts refer to: another day needs a new version"
                ),
            },
        }
    });
    invalid(faults.collect())
}
