//! A text exactly as it was shown.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use consent_contract::account::{
    AccountPage, AgreementState, LocalisedStatement, ShownText, Statement, TextPage,
};

use super::{labels::Labels, service, user::User};
use crate::{
    App,
    http::{
        self,
        error::{PageError, RequestError},
    },
    store,
};

/// The text of a term, or the statements that were shown to the user, with the digest in the query.
pub async fn page(
    State(app): State<App>,
    user: User,
    Path(client_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let digest = http::parameter(query.as_deref(), "digest").ok_or(RequestError::NotFound)?;
    let history = service::history(&app, &user, &client_id).await?;
    let labels = Labels::of(&app, &user, &client_id);
    let (text, newer) = match app.store().text_of_service(&client_id, &digest).await? {
        Some(document) => {
            let newer = labels.newer(&document.tag, &document.version, &document.locale);
            (ShownText::Term(document), newer)
        }
        None => {
            let account = &user.account.id;
            let found = app.store().statement_shown(account, &client_id, &digest).await?;
            let (locale, text) = found.ok_or(RequestError::NotFound)?;
            let statement = read_statement(&text)?;
            (ShownText::Statement(LocalisedStatement { locale, statement }), None)
        }
    };
    let agreed = service::entries(&labels, &history).into_iter().find(|entry| {
        entry.state == AgreementState::Agreed && entry.digest.as_ref() == Some(&digest)
    });
    let page = TextPage {
        client_id: client_id.clone(),
        service: labels.service().name,
        text,
        agreed_at: agreed.and_then(|entry| entry.at),
        newer,
    };
    user.shown(&app, &AccountPage::Text(Box::new(page))).await
}

/// Reads stored statements.
///
/// # Errors
/// When the database holds something else.
pub fn read_statement(text: &str) -> Result<Statement, store::Error> {
    serde_json::from_str(text).map_err(|error| store::Error::Decode(error.into()))
}
