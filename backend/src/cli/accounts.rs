//! `consent-backend accounts`: accounts that were made at a sign-in.

use clap::{Args, Subcommand};
use consent_backend::{
    Identity, Location, Store,
    audit::{Actor, Event, Reason, Record, account_name},
    clock::{Clock, Seconds, rfc3339},
    crypto::DerivationKey,
};

use super::{audit_option::AuditOption, failed, open};

#[derive(Subcommand)]
pub enum Accounts {
    /// What is stored of an account.
    Show(Account),
    /// Prints the name that the audit log has for an account, also for one of the services file.
    AuditName(Named),
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

/// An account of a database.
#[derive(Args)]
pub struct Named {
    /// The id of the account.
    #[arg(value_name = "ACCOUNT")]
    id: String,
    /// Where the database is.
    #[arg(long, visible_alias = "database-url", value_name = "DIR|URL")]
    data_dir: Location,
}

#[derive(Args)]
pub struct Account {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    audit: AuditOption,
}

/// Does it, and returns what to print. False when there is no such account.
///
/// # Errors
/// When the database cannot be used.
pub async fn run(command: Accounts) -> Result<(String, bool), String> {
    let now = Clock::default().now();
    match command {
        Accounts::Show(account) => show(&account).await,
        Accounts::AuditName(named) => audit_name(&named).await,
        Accounts::Disable(account) => set_disabled(&account, Some(now)).await,
        Accounts::Enable(account) => set_disabled(&account, None).await,
        Accounts::Bind { account, issuer, subject } => {
            let (trail, id) = (account.audit.open()?, &account.named.id);
            let store = open(&account.named.data_dir).await?;
            let identity = Identity { issuer: &issuer, subject: &subject };
            let bound = store.bind_account(id, identity, now).await.map_err(failed)?;
            let failure = match &bound {
                Ok(true) => None,
                Ok(false) => Some(Reason::Unknown),
                Err(_) => Some(Reason::Taken),
            };
            let record = Record { failure, ..Record::done(Event::AccountBind, Actor::Operator) };
            trail.record(&store, record.of(&**id)).await?;
            store.close().await;
            Ok(match bound {
                Ok(true) => (format!("`{id}` belongs to `{subject}` now.\n"), true),
                Ok(false) => (unknown(id), false),
                Err(other) => (format!("`{subject}` has the account `{other}` already.\n"), false),
            })
        }
    }
}

async fn show(account: &Account) -> Result<(String, bool), String> {
    let (trail, id) = (account.audit.open()?, &account.named.id);
    let store: Store = open(&account.named.data_dir).await?;
    let found = store.account(id).await.map_err(failed)?;
    let record = done(Event::AccountShow, found.is_some());
    trail.record(&store, record.of(&**id)).await?;
    store.close().await;
    let Some(found) = found else { return Ok((unknown(id), false)) };
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

async fn audit_name(Named { id, data_dir }: &Named) -> Result<(String, bool), String> {
    let store = open(data_dir).await?;
    let key = store.derivation_key().await.map_err(failed)?;
    store.close().await;
    Ok((format!("{}\n", account_name(&DerivationKey::new(&key), id)), true))
}

async fn set_disabled(account: &Account, at: Option<Seconds>) -> Result<(String, bool), String> {
    let (trail, id) = (account.audit.open()?, &account.named.id);
    let (event, what) = match at {
        Some(_) => (Event::AccountDisable, "disabled"),
        None => (Event::AccountEnable, "enabled"),
    };
    let store = open(&account.named.data_dir).await?;
    let is_known = store.set_disabled(id, at).await.map_err(failed)?;
    trail.record(&store, done(event, is_known).of(&**id)).await?;
    store.close().await;
    match is_known {
        true => Ok((format!("`{id}` is {what}.\n"), true)),
        false => Ok((unknown(id), false)),
    }
}

fn done(event: Event, is_known: bool) -> Record<'static> {
    match is_known {
        true => Record::done(event, Actor::Operator),
        false => Record::failed(event, Actor::Operator, Reason::Unknown),
    }
}

fn unknown(id: &str) -> String {
    format!("There is no account `{id}` in this database.\n")
}
