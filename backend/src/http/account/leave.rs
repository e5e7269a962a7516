//! Disconnecting a service: one page that states what follows, and one button.

use std::iter;

use axum::{
    body::Body,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Method},
    response::Response,
};
use consent_contract::{
    account::{AccountPage, LeavePage, Provision, field, service_path},
    item::ItemKey,
    request::Relation,
};

use super::{
    form::AccountForm,
    labels::Labels,
    provision::provisions,
    service::{self, LEFT, NOTICE},
    user::User,
};
use crate::{
    App,
    http::{self, error::PageError},
    store::{CausedBy, GrantChange},
};

/// What follows. `key` is the required agreement that the user came to withdraw.
pub async fn page(
    State(app): State<App>,
    user: User,
    Path(client_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let history = service::history(&app, &user, &client_id).await?;
    if history.linked_at.is_none() {
        return Ok(user.led_to(&service_path(&client_id)));
    }
    let labels = Labels::of(&app, &user, &client_id);
    let key: Option<ItemKey> =
        http::parameter(query.as_deref(), field::KEY).and_then(|key| key.parse().ok());
    let entries = service::entries(&labels, &history);
    let (provision, _) = provisions(&app, &user, &client_id, &labels, &entries).await?;
    let required = key.and_then(|key| {
        let entry = entries.into_iter().find(|it| it.key == key)?;
        entry.required.then_some(entry.title)
    });
    let is_added = |id: &str| matches!(history.channels.get(id), Some((Relation::Added, _)));
    let channels = labels.channels().filter(|(id, _)| is_added(id));
    let page = LeavePage {
        client_id: client_id.clone(),
        service: labels.service(),
        required,
        retention: retention(&provision),
        channels: channels.map(|(_, name)| name.to_owned()).collect(),
        is_service_notified: labels.hears_of_leaving(),
        csrf_token: user.csrf_token(&app),
    };
    user.shown(&app, &AccountPage::Leave(Box::new(page))).await
}

/// How long personal information is kept, with what differs for some items.
fn retention(provision: &Provision) -> String {
    let own = provision.groups.iter().filter_map(|group| {
        Some(format!("{} ({})", group.retention.as_ref()?, group.items.join(", ")))
    });
    iter::once(provision.retention.clone()).chain(own).collect::<Vec<_>>().join(" · ")
}

/// Ends the connection with everything that hangs on it. What has ended already stays so.
pub async fn leave(
    State(app): State<App>,
    user: User,
    Path(client_id): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageError> {
    AccountForm::read(&app, &user, &method, &headers, body).await?;
    service::history(&app, &user, &client_id).await?;
    let change = GrantChange {
        account: &user.account.id,
        service: &client_id,
        caused_by: CausedBy::User,
        at: app.now(),
    };
    app.unlink(change).await?;
    Ok(user.led_to(&format!("{}?{LEFT}=1#{NOTICE}", service_path(&client_id))))
}
