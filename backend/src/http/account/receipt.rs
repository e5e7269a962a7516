//! One of the user's own receipts.

use axum::{
    extract::{Path, State},
    response::Response,
};
use consent_contract::{
    account::{AccountPage, AgreementState, ReceiptLine, ReceiptPage, Statement},
    item::ItemKey,
};

use super::{labels::Labels, service::receipt_event, text::read_statement, user::User};
use crate::{
    App, consent,
    http::error::{PageError, RequestError},
    receipt::{self, Event},
    store::{ChangeKind, OwnReceipt, ReceiptContent, ReceiptItem, RecordedEvent, Selection},
};

pub async fn page(
    State(app): State<App>,
    user: User,
    Path(receipt_id): Path<String>,
) -> Result<Response, PageError> {
    let found = app.store().own_receipt(&user.account.id, &receipt_id).await?;
    let receipt = found.ok_or(RequestError::NotFound)?;
    let labels = Labels::of(&app, &user, &receipt.service);
    let statement = statement(&app, &user, &receipt).await?;
    let locale = match &receipt.content {
        ReceiptContent::Shown { locale, .. } => Some(locale.clone()),
        ReceiptContent::Changed(_) => None,
    };
    let guardian = guardian(&app, &receipt_id, &receipt).await?;
    let page = ReceiptPage {
        guardian,
        receipt_id,
        client_id: receipt.service.clone(),
        service: labels.service(),
        account: consent::account(&user.account, None),
        event: receipt_event(receipt.event),
        at: labels.time(receipt.at),
        locale,
        lines: lines(&receipt, &labels),
        statement,
        can_download: receipt.is_signed,
    };
    user.shown(&app, &AccountPage::Receipt(Box::new(page))).await
}

/// The guardian who decided, from the signed receipt.
async fn guardian(
    app: &App,
    receipt_id: &str,
    receipt: &OwnReceipt,
) -> Result<Option<String>, PageError> {
    if !receipt.is_signed || !matches!(receipt.event, RecordedEvent::Decision(..)) {
        return Ok(None);
    }
    let selection = Selection { receipt_id: Some(receipt_id.to_owned()), ..Selection::default() };
    let bundle = app.store().bundle(&selection).await?;
    let signed = bundle.receipts.first();
    let claims = signed.and_then(|it| receipt::verify(&it.jws, &bundle.keys).ok());
    Ok(claims
        .and_then(|claims| match claims.event {
            Event::Decision(decision) => decision.guardian,
            Event::Change(_) | Event::Deletion(_) => None,
        })
        .map(|guardian| format!("{} ({})", guardian.name, guardian.contact)))
}

/// What was stated about the provision of personal information, where that was part of the screen.
async fn statement(
    app: &App,
    user: &User,
    receipt: &OwnReceipt,
) -> Result<Option<Statement>, PageError> {
    let ReceiptContent::Shown { items, .. } = &receipt.content else { return Ok(None) };
    let mut items = items.iter().filter(|item| matches!(item.key, ItemKey::Item(_)));
    let Some(digest) = items.find_map(|item| item.digest.as_deref()) else { return Ok(None) };
    let found = app.store().statement_shown(&user.account.id, &receipt.service, digest).await?;
    Ok(found.map(|(_, text)| read_statement(&text)).transpose()?)
}

fn lines(receipt: &OwnReceipt, labels: &Labels<'_>) -> Vec<ReceiptLine> {
    match &receipt.content {
        ReceiptContent::Shown { items, .. } => items.iter().map(answered).collect(),
        ReceiptContent::Changed(changed) => {
            let state = match receipt.event {
                RecordedEvent::Change(ChangeKind::Agree, _) | RecordedEvent::Decision(..) => {
                    AgreementState::Agreed
                }
                RecordedEvent::Change(ChangeKind::Expire, _) => AgreementState::Expired,
                RecordedEvent::Change(
                    ChangeKind::Withdraw | ChangeKind::Unlink | ChangeKind::Erase,
                    _,
                ) => AgreementState::Withdrawn,
            };
            let lines = changed.iter().map(|(key, version)| ReceiptLine {
                title: labels.title(key, version.as_deref()),
                required: None,
                state,
                version: version.clone(),
                digest: None,
            });
            lines.collect()
        }
    }
}

fn answered(item: &ReceiptItem) -> ReceiptLine {
    ReceiptLine {
        title: item.title.clone(),
        required: Some(item.required),
        state: if item.agreed { AgreementState::Agreed } else { AgreementState::Refused },
        version: item.version.clone(),
        // Items share the statements, which the receipt shows in full.
        digest: item.digest.clone().filter(|_| matches!(item.key, ItemKey::Term(_))),
    }
}
