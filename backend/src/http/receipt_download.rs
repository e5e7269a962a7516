//! `/account/receipts/{receipt_id}/receipt.json`: a receipt as a file, for the user whose it is; and
//! the head of the log of receipts, for everyone.

use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use serde_json::Value;

use super::{
    body,
    error::{ApiError, RequestError},
    session::RequestContext,
};
use crate::{
    App,
    receipt::{self, Bundle, ReceiptClaims},
    store::Selection,
};

/// Where the head of the log is.
pub const CHECKPOINT: &str = "/.well-known/consent-receipts/checkpoint";

pub fn router() -> Router<App> {
    Router::new()
        .route("/account/receipts/{receipt_id}/receipt.json", get(download))
        .route(CHECKPOINT, get(checkpoint))
}

/// The form of a downloaded receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// With the proof, the texts and the keys.
    Bundle,
    Iso27560,
    Kantara,
}

impl Format {
    /// Reads `format` of a query.
    fn of(query: Option<&str>) -> Result<Self, RequestError> {
        let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let mut formats = pairs.filter(|(name, _)| name == "format").map(|(_, value)| value);
        let format = match formats.next().as_deref() {
            None => Self::Bundle,
            Some("iso27560") => Self::Iso27560,
            Some("kantara") => Self::Kantara,
            Some(_) => {
                let reason =
                    "`format`: expected iso27560 or kantara, or none for the signed receipt";
                return Err(RequestError::Malformed(reason.to_owned()));
            }
        };
        match formats.next() {
            None => Ok(format),
            Some(_) => Err(RequestError::Malformed("`format` is there twice".to_owned())),
        }
    }
}

/// A receipt of the signed-in user as a file: signed, with its proof, its texts and the keys; or in the
/// form of ISO/IEC TS 27560 or Kantara.
#[utoipa::path(get, path = "/account/receipts/{receipt_id}/receipt.json", tag = "receipts",
    params(
        ("receipt_id" = String, Path, description = "The id of the receipt"),
        ("format" = Option<String>, Query, description = "`iso27560` or `kantara`; the signed receipt without it"),
    ),
    responses(
        (status = 200, description = "The receipt, as an attachment; see docs/RECEIPTS.md", body = Object),
        (status = 400, description = "An unknown format"),
        (status = 401, description = "No user is signed in"),
        (status = 404, description = "There is no such receipt of this user, or it has no such form"),
    ))]
pub async fn download(
    State(app): State<App>,
    context: RequestContext,
    Path(receipt_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let format = Format::of(query.as_deref())?;
    let account = context.account().ok_or(RequestError::Status(StatusCode::UNAUTHORIZED))?;
    // Of another user's receipt one learns nothing, not even that it is there.
    if !app.store().is_receipt_of(&receipt_id, account).await? {
        return Err(RequestError::NotFound.into());
    }
    let selection = Selection { receipt_id: Some(receipt_id), ..Selection::default() };
    let bundle = app.store().bundle(&selection).await?;
    let claims = claims(&bundle).ok_or(RequestError::NotFound)?;
    match format {
        Format::Bundle => Ok(attachment(&claims.jti, "", &bundle)),
        Format::Iso27560 => form(&claims, "-iso27560", receipt::iso27560(&claims)),
        Format::Kantara => form(&claims, "-kantara", receipt::kantara(&claims)),
    }
}

/// The claims of the one receipt of a bundle.
fn claims(bundle: &Bundle) -> Option<ReceiptClaims> {
    receipt::verify(&bundle.receipts.first()?.jws, &bundle.keys).ok()
}

fn form(claims: &ReceiptClaims, name: &str, form: Option<Value>) -> Result<Response, ApiError> {
    let form = form.ok_or(RequestError::NotFound)?;
    Ok(attachment(&claims.jti, name, &form))
}

fn attachment(receipt_id: &str, name: &str, content: &impl Serialize) -> Response {
    // base64url, as it was found in the database.
    let disposition = format!("attachment; filename=\"consent-receipt-{receipt_id}{name}.json\"");
    let disposition = HeaderValue::try_from(disposition)
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let json = serde_json::to_vec_pretty(content).expect("a receipt becomes JSON");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(body::JSON)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, json).into_response()
}

/// The last signed head of the log of receipts: a checkpoint (c2sp.org/tlog-checkpoint) in a signed note
/// with Ed25519. A copy of it proves later that no receipt before it was changed or removed.
#[utoipa::path(get, path = "/.well-known/consent-receipts/checkpoint", tag = "receipts",
    responses(
        (status = 200, description = "The checkpoint", body = String, content_type = "text/plain"),
        (status = 404, description = "There is no receipt yet"),
    ))]
pub async fn checkpoint(State(app): State<App>) -> Result<Response, ApiError> {
    let note = app.store().latest_checkpoint().await?.ok_or(RequestError::NotFound)?;
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, note).into_response())
}
