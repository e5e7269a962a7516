//! Withdrawing one optional agreement: one button, and no question. It counts at once, because tokens
//! give what holds when they are used.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, Method},
    response::Response,
};
use consent_contract::{
    account::{field, leave_path, service_path},
    item::ItemKey,
};
use url::form_urlencoded;

use super::{
    form::AccountForm,
    labels::Labels,
    service::{self, NOTICE, WITHDRAWN},
    user::User,
};
use crate::{
    App,
    consent::agreement_status,
    http::error::{PageError, RequestError},
    store::{CausedBy, GrantChange},
};

/// Withdraws an agreement. A required one leads to the page that explains how. Withdrawing what does
/// not hold changes nothing, and leads to the same page.
pub async fn withdraw(
    State(app): State<App>,
    user: User,
    Path(client_id): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageError> {
    let form = AccountForm::read(&app, &user, &method, &headers, body).await?;
    let key = form.one(field::KEY)?.parse::<ItemKey>().ok();
    let key = key
        .filter(|key| !matches!(key, ItemKey::Channel(_)))
        .ok_or_else(|| RequestError::Malformed("`key` names no term or item".to_owned()))?;
    let history = service::history(&app, &user, &client_id).await?;
    if agreement_status(&key, &history, app.now()).is_none() {
        return Err(RequestError::NotFound.into());
    }
    let encoded: String = form_urlencoded::byte_serialize(key.to_string().as_bytes()).collect();
    let is_held = history.held.contains_key(&key);
    if is_held && Labels::of(&app, &user, &client_id).is_required(&key) {
        return Ok(user.led_to(&format!("{}?key={encoded}", leave_path(&client_id))));
    }
    let change = GrantChange {
        account: &user.account.id,
        service: &client_id,
        caused_by: CausedBy::User,
        at: app.now(),
    };
    app.withdraw(change, &[key]).await?;
    let page = service_path(&client_id);
    Ok(user.led_to(&format!("{page}?{WITHDRAWN}={encoded}#{NOTICE}")))
}
