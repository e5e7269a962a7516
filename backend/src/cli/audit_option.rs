//! `--audit-log` of a command that an operator runs.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use consent_backend::{
    Store,
    audit::{AuditLog, Record, Target},
    clock::Clock,
    crypto::DerivationKey,
};

use super::failed;

/// How long a line may take to be written.
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Args)]
pub struct AuditOption {
    /// Where the command is recorded: the audit log of the server, for example.
    #[arg(long, value_name = "FILE", global = true, value_parser = file)]
    audit_log: Option<PathBuf>,
}

/// The audit log of a command.
pub struct Trail(AuditLog);

impl AuditOption {
    /// Opens the file, before anything is done: what cannot be recorded is not done.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(&self) -> Result<Trail, String> {
        let Some(path) = &self.audit_log else { return Ok(Trail(AuditLog::default())) };
        let log = AuditLog::open(&Target::File(path.clone()));
        log.map(Trail).map_err(|error| format!("--audit-log {}: {error}", path.display()))
    }
}

impl Trail {
    /// Records what was done about an account of this database, or in it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn record(&self, store: &Store, record: Record<'_>) -> Result<(), String> {
        if !self.0.is_on() {
            return Ok(());
        }
        let key = DerivationKey::new(&store.derivation_key().await.map_err(failed)?);
        self.write(&record, Some(&key));
        Ok(())
    }

    /// Records what is about no account.
    pub fn record_without_account(&self, record: &Record<'_>) {
        self.write(record, None);
    }

    fn write(&self, record: &Record<'_>, key: Option<&DerivationKey>) {
        self.0.write(record, &Clock::default(), key);
        if !self.0.flush(LONGEST) || self.0.lost() > 0 {
            eprintln!("The audit log cannot be written: this command is not recorded there.");
        }
    }
}

/// Standard output has the result of a command.
fn file(text: &str) -> Result<PathBuf, String> {
    match Target::from(PathBuf::from(text)) {
        Target::File(path) => Ok(path),
        Target::StandardOutput => Err("expected a file".to_owned()),
    }
}
