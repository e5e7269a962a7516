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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxiedAccount {
    /// Its id, which an operator may have bound to another name of the proxy.
    Known(String),
    /// An operator has disabled it.
    Disabled,
    Unknown,
}

/// Looks up the account that belongs to what the header names. With `attribute_headers`, one that is not
/// in the services file is made in the database, and gets the values of this request when they have
/// changed.
///
/// # Errors
/// When the database cannot be used.
pub async fn of(
    app: &App,
    headers: &HeaderMap,
    named: &str,
) -> Result<ProxiedAccount, store::Error> {
    let catalog = app.catalog();
    if catalog.accounts.contains_key(named) {
        return Ok(ProxiedAccount::Known(named.to_owned()));
    }
    let identity = Identity { issuer: "", subject: named };
    let stored = app.store().account_of(identity).await?;
    match &stored {
        // The file has an account of this id by now, which has a name of its own.
        Some(stored) if catalog.accounts.contains_key(&stored.id) => {
            return Ok(ProxiedAccount::Unknown);
        }
        Some(stored) if stored.disabled_at.is_some() => return Ok(ProxiedAccount::Disabled),
        _ => {}
    }
    let Some(names) = &catalog.sign_in.attribute_headers else {
        return Ok(stored.map_or(ProxiedAccount::Unknown, |it| ProxiedAccount::Known(it.id)));
    };
    if stored.is_none() && !account::is_id(named) {
        return Ok(ProxiedAccount::Unknown);
    }
    let values = names.iter().filter_map(|(key, name)| {
        let text = std::str::from_utf8(headers::get_bytes(headers, name.as_str())?).ok()?;
        Some((*key, Value::String(text.to_owned())))
    });
    let (attributes, unusable) = Attributes::read(values, latest_today(app.now()));
    // Most requests change nothing, and need no write.
    if let Some(stored) = stored.filter(|it| it.attributes == attributes) {
        return Ok(ProxiedAccount::Known(stored.id));
    }
    for Unusable(key) in unusable {
        let attribute = key.name();
        tracing::warn!(attribute, "the proxy gives a value that cannot be used");
    }
    let kept = app.store().keep_account(Some(named), identity, &attributes, app.now()).await?;
    Ok(match kept {
        Ok(account) => ProxiedAccount::Known(account.id),
        Err(AccountFault::Disabled) => ProxiedAccount::Disabled,
        Err(AccountFault::Taken | AccountFault::Unnamed) => {
            let account_sha256 = crypto::digest_prefix(named.as_bytes());
            tracing::warn!(account_sha256, "another user has, or had, an account of this id");
            ProxiedAccount::Unknown
        }
    })
}
