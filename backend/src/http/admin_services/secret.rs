//! Another secret of a client, beside which the one before is accepted for a while.

use axum::{
    Extension, Json,
    body::{Body, HttpBody},
    extract::{Path, State},
    http::HeaderMap,
};
use serde_json::Value;

use super::{
    super::{
        admin_api::Caller,
        body::{JSON, Size, Unread},
        error::{AdminError, RequestError, responses::ServiceSecretProblems},
    },
    change::{change, entry},
    messages::{RotatedSecret, SecretRotation},
};
use crate::{
    App,
    audit::ServiceAction,
    clock::{Seconds, rfc3339},
    crypto,
    managed::{NoObject, read_object},
    store::WhatChanges,
};

/// How many secrets of a client can be good at the same time.
const MOST_SECRETS: usize = 4;

/// The longest overlap of two secrets, in seconds: 30 days.
const LONGEST_OVERLAP: u32 = 30 * 24 * 60 * 60;

/// On the admin listener: makes another client secret. The one before is accepted for a while beside it.
#[utoipa::path(post, path = "/admin/v1/services/{client_id}/secret", tag = "admin",
    security(("admin_token" = [])),
    params(("client_id" = String, Path, description = "The client id of a service of the API")),
    request_body = SecretRotation,
    responses((status = 200, description = "The secret, this once", body = RotatedSecret),
        ServiceSecretProblems))]
pub async fn rotate_secret(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<RotatedSecret>, AdminError> {
    let overlap = sent(&headers, body).await?.overlap_seconds;
    let id = client_id.clone();
    let prepare = move |app: &App| -> Result<(WhatChanges, RotatedSecret), AdminError> {
        let entry = entry(app, &id)?;
        let now = app.now();
        let secrets = entry.stored.client_secrets.iter();
        let good = secrets.filter(|it| it.ends_at.is_none_or(|ends_at| ends_at > now)).count();
        match good {
            0 => return Err(AdminError::NoSecret),
            many if many >= MOST_SECRETS && overlap > 0 => return Err(AdminError::TooManySecrets),
            _ => {}
        }
        let ends_at = (overlap > 0).then(|| now.saturating_add(Seconds::from(overlap)));
        let (digest, client_secret) = new_secret();
        let previous_ends_at = ends_at.map(rfc3339);
        let rotated = RotatedSecret { client_secret, previous_ends_at };
        Ok((WhatChanges::Rotate { digest, ends_at }, rotated))
    };
    let action = (&*client_id, ServiceAction::RotateSecret);
    let (_, rotated) = change(&app, &caller, action, prepare).await?;
    Ok(Json(rotated))
}

/// What was sent; the default without a body.
async fn sent(headers: &HeaderMap, body: Body) -> Result<SecretRotation, RequestError> {
    if body.is_end_stream() {
        return Ok(SecretRotation::default());
    }
    let text = Unread::new(headers, body).text(JSON, Size::SMALL).await?;
    let object = read_object(&text).map_err(|error| {
        RequestError::Malformed(match error {
            NoObject::Malformed(reason) => reason,
            NoObject::Faulty(faults) => {
                faults.into_iter().map(|it| it.reason).next().unwrap_or_default()
            }
        })
    })?;
    let rotation = serde_json::from_value(Value::Object(object));
    let rotation: SecretRotation =
        rotation.map_err(|error| RequestError::Malformed(error.to_string()))?;
    if rotation.overlap_seconds > LONGEST_OVERLAP {
        let reason = format!("`overlap_seconds`: expected a number from 0 to {LONGEST_OVERLAP}");
        return Err(RequestError::Malformed(reason));
    }
    Ok(rotation)
}

/// A secret of a client, and its digest before it.
#[must_use]
pub fn new_secret() -> (Vec<u8>, String) {
    let secret = crypto::random_token();
    (crypto::fingerprint(&secret), secret)
}
