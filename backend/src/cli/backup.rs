//! `consent-backend backup` and `restore`.

use std::path::PathBuf;

use clap::Args;
use consent_backend::{
    Backup, Location, Moved, Side, Step, Store,
    audit::{Actor, Event, Reason, Record},
};

use super::{audit_option::AuditOption, failed, location, migrate, open, progress::Progress};

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
    /// Where the database is to be: a directory, or an empty database of PostgreSQL.
    #[arg(long, visible_alias = "database-url", value_name = "DIR|URL")]
    data_dir: Location,
    /// Move a database that is in the directory aside. No server may be using it. One of PostgreSQL is
    /// never replaced.
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
    let progress = Progress::begin();
    let made = store.back_up(&arguments.file, &|step: Step<'_>| progress.print(step)).await;
    store.close().await;
    let backup = made.map_err(|error| format!("the backup: {error}\nno file was made"))?;
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
    let place = data_dir.to_string();
    let restored = match data_dir {
        Location::Directory(folder) => {
            let restored = Store::restore(&file, &folder, replace).await.map_err(failed)?;
            Restored { backup: restored.0, aside: restored.1, moved: None }
        }
        Location::Postgres(_) if replace => {
            return Err(format!(
                "--replace: a database of PostgreSQL is never replaced. Make an empty one, restore the \
                 backup there, and name it to the servers; {place} stays as it is"
            ));
        }
        Location::Postgres(options) => {
            let progress = Progress::begin();
            let report = |step: Step<'_>| progress.print(step);
            let restored = Store::restore_to_postgres(&file, *options, &report).await;
            let (backup, moved) = restored.map_err(|error| {
                let about = match error.side() {
                    Side::Source => format!("{}: ", file.display()),
                    Side::Target | Side::Both => format!("{place}: "),
                };
                let outcome = if error.wrote_nothing() { "\nnothing was restored" } else { "" };
                format!("{about}{error}{outcome}")
            })?;
            Restored { backup, aside: None, moved }
        }
    };
    let Restored { backup, aside, moved } = restored;
    let is_unproven = moved.as_ref().is_some_and(|it| !it.is_proven());
    let is_faulty = backup.faults().next().is_some();
    let failure = (is_faulty || is_unproven).then_some(Reason::Faulty);
    let record = Record { failure, ..Record::done(Event::Restore, Actor::Operator) };
    trail.record_without_account(&record);
    let mut text = format!("{}: {}", file.display(), described(&backup));
    if is_faulty {
        text.push_str("it was not put in place\n");
        return Ok((text, 1));
    }
    text.push_str(&format!("restored to {place}\n"));
    if let Some(moved) = moved {
        text.push_str(&migrate::described(&moved));
    }
    if let Some(aside) = aside {
        text.push_str(&format!(
            "the database that was there is {}; it holds keys and personal data\n",
            aside.display()
        ));
    }
    Ok((text, u8::from(is_unproven)))
}

/// A backup that was put in place, or that has faults.
struct Restored {
    backup: Backup,
    /// Where the database is that was there before.
    aside: Option<PathBuf>,
    /// What was written into PostgreSQL.
    moved: Option<Moved>,
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
