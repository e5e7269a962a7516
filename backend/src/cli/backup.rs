//! `consent-backend backup` and `restore`.

use std::path::PathBuf;

use clap::Args;
use consent_backend::{
    Backup, Location, Store,
    audit::{Actor, Event, Reason, Record},
};

use super::{audit_option::AuditOption, failed, location, open};

#[derive(Args)]
pub struct BackUp {
    /// The file that is made.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where the database is; by default where a server has it.
    #[arg(long, visible_alias = "database-url", value_name = "DIR|URL")]
    data_dir: Option<Location>,
    /// The demo's database.
    #[arg(long)]
    demo: bool,
}

#[derive(Args)]
pub struct Restore {
    /// A file that `backup` made.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where the database is to be.
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// Move a database that is there aside. No server may be using it.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    audit: AuditOption,
}

/// Makes and checks a backup. The exit status is 1 when it has faults.
///
/// # Errors
/// When it cannot be made.
pub async fn back_up(arguments: BackUp) -> Result<(String, u8), String> {
    let store = open(&location(arguments.data_dir, arguments.demo)?).await?;
    let made = store.back_up(&arguments.file).await;
    store.close().await;
    let backup = made.map_err(|error| format!("the backup: {error}"))?;
    let text = format!("{}: {}", arguments.file.display(), described(&backup));
    Ok((text, u8::from(backup.faults().next().is_some())))
}

/// Checks a backup and puts it in place. The exit status is 1 when it has faults; then it is not.
///
/// # Errors
/// When the backup cannot be read, there is a database already, or a process uses it.
pub async fn restore(arguments: Restore) -> Result<(String, u8), String> {
    let Restore { file, data_dir, replace, audit } = arguments;
    let trail = audit.open()?;
    let restored = Store::restore(&file, &data_dir, replace).await;
    let (backup, aside) = restored.map_err(failed)?;
    let failure = backup.faults().next().is_some().then_some(Reason::Faulty);
    let record = Record { failure, ..Record::done(Event::Restore, Actor::Operator) };
    trail.record_without_account(&record);
    let mut text = format!("{}: {}", file.display(), described(&backup));
    if failure.is_some() {
        text.push_str("it was not put in place\n");
        return Ok((text, 1));
    }
    text.push_str(&format!("restored to {}\n", data_dir.display()));
    if let Some(aside) = aside {
        text.push_str(&format!(
            "the database that was there is {}; it holds keys and personal data\n",
            aside.display()
        ));
    }
    Ok((text, 0))
}

fn described(backup: &Backup) -> String {
    let mut text = format!(
        "{} bytes, {} signed receipts, {} leaves in the log\n",
        backup.bytes, backup.report.receipts, backup.report.sealed
    );
    for fault in backup.faults() {
        text.push_str(&format!("FAULT {fault}\n"));
    }
    if backup.faults().next().is_none() {
        text.push_str("no faults\n");
    }
    text
}
