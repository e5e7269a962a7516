//! `GET /__test/receipt`.

use axum::{
    Json,
    extract::{RawQuery, State},
};

use super::{
    messages::{Receipt, ReceiptItem},
    of,
};
use crate::{
    App,
    clock::rfc3339,
    http::{
        self,
        error::{ApiError, RequestError, responses::TestHookProblems},
    },
    store,
};

/// The last receipt between an account and a service.
#[utoipa::path(get, path = "/__test/receipt", tag = "test hooks",
    params(
        ("account" = String, Query, description = "The id of an account"),
        ("service" = String, Query, description = "The client id of a service"),
    ),
    responses(
        (status = 200, description = "The receipt", body = Receipt),
        TestHookProblems,
    ))]
pub async fn read_receipt(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<Receipt>, ApiError> {
    of(&app)?;
    let need = |name: &str| {
        http::parameter(query.as_deref(), name)
            .ok_or_else(|| RequestError::Malformed(format!("`{name}` must be there once")))
    };
    let (account, service) = (need("account")?, need("service")?);
    let receipt = app.store().last_receipt(&account, &service).await?;
    Ok(Json(receipt.ok_or(RequestError::NotFound)?.into()))
}

impl From<store::Receipt> for Receipt {
    fn from(receipt: store::Receipt) -> Self {
        let item = |item: store::ReceiptItem| ReceiptItem {
            key: item.key,
            title: item.title,
            required: item.required,
            version: item.version,
            agreed: item.agreed,
        };
        Self {
            receipt_id: receipt.receipt_id,
            agreed: receipt.agreed,
            decided_at: rfc3339(receipt.decided_at),
            locale: receipt.locale,
            items: receipt.items.into_iter().map(item).collect(),
        }
    }
}
