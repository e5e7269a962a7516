//! `consent-backend erase`: erases an account (GDPR 17; PIPA 21, 36).

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, Write as _},
    path::{Path, PathBuf},
};

use clap::Args;
use consent_backend::{
    Location,
    audit::{Actor, Event, Reason, Record},
    clock::Clock,
};

use super::{audit_option::AuditOption, catalog, failed, open};

#[derive(Args)]
pub struct Erase {
    /// The id of the account, as the proxy names it.
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// Where the database is.
    #[arg(long, visible_alias = "database-url", value_name = "DIR|URL")]
    data_dir: Location,
    /// The server's services file: it names where services hear of the erasure.
    #[arg(long, value_name = "FILE", required_unless_present = "demo")]
    services: Option<PathBuf>,
    /// The database is the demo's, whose services hear of nothing.
    #[arg(long, conflicts_with = "services")]
    demo: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    audit: AuditOption,
}

/// Erases the account and returns what to print. False when it was not confirmed, or not known.
///
/// # Errors
/// When the database cannot be used.
pub async fn run(arguments: Erase) -> Result<(String, bool), String> {
    let Erase { account, data_dir, services, demo: _, yes, audit } = arguments;
    let trail = audit.open()?;
    let clock = Clock::default();
    let catalog = services.as_deref().map(catalog).transpose()?;
    let mut store = open(&data_dir).await?;
    if let Some(catalog) = &catalog {
        store = store.with_configuration(catalog, &clock).await.map_err(failed)?;
    }
    if !yes && !confirmed(&account).map_err(failed)? {
        return Ok(("Nothing was erased.\n".to_owned(), false));
    }
    let erased = store.erase(&account, clock.now()).await;
    let erased = erased.map_err(failed)?;
    let is_known = !erased.services.is_empty() || !erased.deleted.is_empty();
    let failure = (!is_known).then_some(Reason::Unknown);
    let record = Record { failure, ..Record::done(Event::AccountErase, Actor::Operator) };
    let recorded = trail.record(&store, record.of(&*account)).await;
    store.close().await;
    recorded?;
    if !is_known {
        return Ok((format!("Nothing is known of `{account}`.\n"), false));
    }
    let mut text = format!("`{account}` was erased.\n\nDeleted:\n");
    for (what, rows) in &erased.deleted {
        let _ = writeln!(text, "- {what}: {rows}");
    }
    let _ = writeln!(
        text,
        "\nKept, as proof of consent (GDPR 17(3)(e), 7(1)), without a name: {} receipts. They are \
         deleted at the end of `ended_agreements_days` in [retention].",
        erased.receipts
    );
    let _ = writeln!(
        text,
        "Services with a receipt of the erasure: {}. Those that the account was linked to, and that \
         have a webhook, hear of it as soon as the server runs.",
        erased.services.join(", ")
    );
    text.push_str(
        "Kept, so that no other user gets the names that services have for this account: a keyed digest \
         of its id and of its user at the provider or proxy.\n",
    );
    if !erased.pending_events.is_empty() {
        text.push_str(
            "Kept until services have heard of them, under the names that those have for the account; \
             what was delivered is deleted with `account_purged`, a dead letter after 60 days:\n",
        );
    }
    for event in &erased.pending_events {
        let _ = writeln!(text, "- event {} to {}: {}", event.id, event.service, event.event);
    }
    text.push_str(
        "\nNot in this database, and yours to do:\n\
         - the account in the services file: remove it before the next start, or its links are \
         written again\n\
         - the account at your login page and proxy, and their logs\n\
         - backups\n",
    );
    for copy in data_dir.directory().map(copies).unwrap_or_default() {
        let _ = writeln!(text, "- a copy from before a migration or a restore: {}", copy.display());
    }
    if !erased.is_log_empty {
        text.push_str(
            "\nThe write-ahead log could not be emptied while something was reading: it holds the \
             deleted rows until the server's next cleanup, within minutes.\n",
        );
    }
    Ok((text, true))
}

/// Asks on the terminal. The account has to be written again.
fn confirmed(account: &str) -> std::io::Result<bool> {
    eprint!("Erasing cannot be undone. Write the account again to erase `{account}`: ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim() == account)
}

/// Copies of the database that migrations and restores have left.
fn copies(data_dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(data_dir) else { return Vec::new() };
    let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let is_copy = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        let endings = ["version-", "before-restore."];
        let ending = name.and_then(|name| name.strip_prefix("consent.sqlite."));
        ending.is_some_and(|it| endings.iter().any(|ending| it.starts_with(ending)))
    };
    let mut copies: Vec<PathBuf> = files.filter(is_copy).collect();
    copies.sort();
    copies
}
