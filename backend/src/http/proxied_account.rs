//! Accounts that a trusted reverse proxy names, with the personal values that it gives.

use axum::http::HeaderMap;
use serde_json::Value;

use super::headers;
use crate::{
    App,
    account::{self, Attributes, Unusable},
    configured::latest_today,
    crypto,
    store::{self, AccountFault, Identity},
};

/// What is known of an account that a proxy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxiedAccount {
    Known,
    /// An operator has disabled it.
    Disabled,
    Unknown,
}

/// Looks up the account. With `attribute_headers`, one that is not in the services file is made in the
/// database, and gets the values of this request when they have changed.
///
/// # Errors
/// When the database cannot be used.
pub async fn of(app: &App, headers: &HeaderMap, id: &str) -> Result<ProxiedAccount, store::Error> {
    let catalog = app.catalog();
    if catalog.accounts.contains_key(id) {
        return Ok(ProxiedAccount::Known);
    }
    let Some(names) = &catalog.sign_in.attribute_headers else {
        return Ok(match app.store().account(id).await? {
            Some(stored) if stored.disabled_at.is_some() => ProxiedAccount::Disabled,
            Some(_) => ProxiedAccount::Known,
            None => ProxiedAccount::Unknown,
        });
    };
    if !account::is_id(id) {
        return Ok(ProxiedAccount::Unknown);
    }
    let values = names.iter().filter_map(|(key, name)| {
        let text = std::str::from_utf8(headers::get_bytes(headers, name.as_str())?).ok()?;
        Some((*key, Value::String(text.to_owned())))
    });
    let (attributes, unusable) = Attributes::read(values, latest_today(app.now()));
    let identity = Identity { issuer: "", subject: id };
    // Most requests change nothing, and need no write.
    match app.store().account(id).await? {
        Some(stored) if stored.disabled_at.is_some() => return Ok(ProxiedAccount::Disabled),
        Some(stored) if stored.is_of(identity) && stored.attributes == attributes => {
            return Ok(ProxiedAccount::Known);
        }
        _ => {}
    }
    for Unusable(key) in unusable {
        let attribute = key.name();
        tracing::warn!(attribute, "the proxy gives a value that cannot be used");
    }
    let kept = app.store().keep_account(Some(id), identity, &attributes, app.now()).await?;
    Ok(match kept {
        Ok(_) => ProxiedAccount::Known,
        Err(AccountFault::Disabled) => ProxiedAccount::Disabled,
        Err(AccountFault::Taken | AccountFault::Unnamed) => {
            let account_sha256 = crypto::digest_prefix(id.as_bytes());
            tracing::warn!(account_sha256, "the account belongs to a user of an OpenID provider");
            ProxiedAccount::Unknown
        }
    })
}
