//! `consent-backend accounts`: accounts that were made at a sign-in.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use consent_backend::{
    Identity, Store,
    clock::{Clock, Seconds, rfc3339},
};

use super::{failed, open};

#[derive(Subcommand)]
pub enum Accounts {
    /// What is stored of an account.
    Show(Account),
    /// Locks an account out: it cannot sign in, and its sessions and tokens are refused.
    Disable(Account),
    /// Lets a disabled account in again.
    Enable(Account),
    /// Gives an account to another identity, for example after a change of the provider. Its sessions,
    /// codes and tokens end.
    Bind {
        #[command(flatten)]
        account: Account,
        /// The issuer of the OpenID provider; without it the reverse proxy that names the account.
        #[arg(long, value_name = "URL", default_value = "")]
        issuer: String,
        /// The `sub` that the provider has for the user, or what the header of the proxy names.
        #[arg(long, value_name = "SUB")]
        subject: String,
    },
}

#[derive(Args)]
pub struct Account {
    /// The id of the account.
    #[arg(value_name = "ACCOUNT")]
    id: String,
    /// Where the database is.
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
}

/// Does it, and returns what to print. False when there is no such account.
///
/// # Errors
/// When the database cannot be used.
pub async fn run(command: Accounts) -> Result<(String, bool), String> {
    let now = Clock::default().now();
    match command {
        Accounts::Show(account) => show(&account).await,
        Accounts::Disable(account) => set_disabled(&account, Some(now), "disabled").await,
        Accounts::Enable(account) => set_disabled(&account, None, "enabled").await,
        Accounts::Bind { account, issuer, subject } => {
            let store = open(&account.data_dir).await?;
            let identity = Identity { issuer: &issuer, subject: &subject };
            let bound = store.bind_account(&account.id, identity, now).await.map_err(failed)?;
            store.close().await;
            Ok(match bound {
                Ok(true) => (format!("`{}` belongs to `{subject}` now.\n", account.id), true),
                Ok(false) => (unknown(&account.id), false),
                Err(other) => (format!("`{subject}` has the account `{other}` already.\n"), false),
            })
        }
    }
}

async fn show(account: &Account) -> Result<(String, bool), String> {
    let store: Store = open(&account.data_dir).await?;
    let found = store.account(&account.id).await.map_err(failed)?;
    store.close().await;
    let Some(found) = found else { return Ok((unknown(&account.id), false)) };
    let shown = serde_json::json!({
        "id": found.id,
        "issuer": found.issuer,
        "subject": found.subject,
        "created_at": rfc3339(found.created_at),
        "updated_at": rfc3339(found.updated_at),
        "disabled_at": found.disabled_at.map(rfc3339),
        "attributes": found.attributes,
    });
    let text = serde_json::to_string_pretty(&shown).map_err(failed)?;
    Ok((format!("{text}\n"), true))
}

async fn set_disabled(
    account: &Account,
    at: Option<Seconds>,
    what: &str,
) -> Result<(String, bool), String> {
    let store = open(&account.data_dir).await?;
    let is_known = store.set_disabled(&account.id, at).await.map_err(failed)?;
    store.close().await;
    match is_known {
        true => Ok((format!("`{}` is {what}.\n", account.id), true)),
        false => Ok((unknown(&account.id), false)),
    }
}

fn unknown(id: &str) -> String {
    format!("There is no account `{id}` in this database.\n")
}
