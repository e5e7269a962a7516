//! `consent-backend receipts`: exports receipts, verifies copies and whole databases.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand, ValueEnum};
use consent_backend::{
    Location, Selection,
    clock::{Seconds, rfc3339},
    receipt::{Bundle, ReceiptClaims, iso27560, kantara, verify},
};
use jsonwebtoken::jwk::JwkSet;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{failed, open};

#[derive(Subcommand)]
pub enum Receipts {
    /// Prints receipts with everything that is needed to verify them offline.
    Export(Export),
    /// Verifies a file that was exported or downloaded, or every receipt of a database. The exit status is
    /// 0 without faults, 1 with faults, 2 when something cannot be read, and 3 when a receipt of a file is
    /// signed, not yet sealed.
    Verify(Verify),
}

#[derive(Args)]
pub struct Export {
    /// Where the database is.
    #[arg(long, visible_alias = "database-url", value_name = "DIR|URL")]
    data_dir: Location,
    /// Only receipts of this account.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Only receipts of this service.
    #[arg(long, value_name = "CLIENT_ID")]
    service: Option<String>,
    /// Only receipts from this time on: 2026-01-31T09:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Seconds>,
    /// The form. Of the last two, receipts that are no consent have none.
    #[arg(long, value_enum, default_value = "signed")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Signed, with proofs, texts and keys.
    Signed,
    /// A list of receipts of ISO/IEC TS 27560, as JSON-LD. Not signed.
    Iso27560,
    /// A list of Kantara consent receipts. Not signed.
    Kantara,
}

#[derive(Args)]
pub struct Verify {
    /// A file that was exported or downloaded.
    #[arg(value_name = "FILE", required_unless_present = "data_dir", conflicts_with = "data_dir")]
    file: Option<PathBuf>,
    /// The keys of the server, from /.well-known/jwks.json. Without them the keys in the file or the
    /// database are used, which anyone can have made who made the rest.
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Where a whole database is.
    #[arg(long, visible_alias = "database-url", value_name = "DIR|URL")]
    data_dir: Option<Location>,
    /// A checkpoint that was kept elsewhere, once for each: the log must still have its root.
    #[arg(long = "checkpoint", value_name = "FILE", conflicts_with = "file")]
    checkpoints: Vec<PathBuf>,
}

fn time(text: &str) -> Result<Seconds, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map(OffsetDateTime::unix_timestamp)
        .map_err(|_| "expected a time, written as 2026-01-31T09:00:00Z".to_owned())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The exit status of a verification that found faults.
const FAULTS: u8 = 1;

/// The exit status for a file without faults with a receipt that is not in the log yet.
const NOT_SEALED: u8 = 3;

/// Runs the command and returns what to print, and the exit status.
///
/// # Errors
/// When a file or the database cannot be used.
pub async fn run(command: Receipts) -> Result<(String, u8), String> {
    match command {
        Receipts::Export(arguments) => Ok((export(arguments).await?, 0)),
        Receipts::Verify(arguments) => run_verify(arguments).await,
    }
}

async fn export(arguments: Export) -> Result<String, String> {
    let store = open(&arguments.data_dir).await?;
    let Export { account, service, since, .. } = arguments;
    let selection = Selection { receipt_id: None, account, service, since };
    let bundle = store.bundle(&selection).await;
    store.close().await;
    let bundle = bundle.map_err(failed)?;
    let content = match arguments.format {
        Format::Signed => serde_json::to_value(&bundle).map_err(failed)?,
        Format::Iso27560 => Value::Array(forms(&bundle, iso27560)?),
        Format::Kantara => Value::Array(forms(&bundle, kantara)?),
    };
    Ok(format!("{content:#}\n"))
}

/// The receipts of a bundle in another form.
fn forms(
    bundle: &Bundle,
    form: impl Fn(&ReceiptClaims) -> Option<Value>,
) -> Result<Vec<Value>, String> {
    let mut found = Vec::new();
    for receipt in &bundle.receipts {
        found.extend(form(&verify(&receipt.jws, &bundle.keys)?));
    }
    Ok(found)
}

async fn run_verify(arguments: Verify) -> Result<(String, u8), String> {
    let trusted = match &arguments.jwks {
        None => None,
        Some(path) => Some(
            serde_json::from_str::<JwkSet>(&read(path)?)
                .map_err(|error| format!("{}: no JWKS: {error}", path.display()))?,
        ),
    };
    let mut is_sealed = true;
    let (mut lines, faults) = match (&arguments.file, &arguments.data_dir) {
        (Some(file), _) => {
            let bundle = Bundle::read(&read(file)?)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            let report = bundle.verify(trusted.as_ref());
            let mut lines: Vec<String> = report.receipts.iter().map(line).collect();
            is_sealed = report.unsealed.is_empty();
            let unsealed = report.unsealed.iter();
            lines.extend(
                unsealed.map(|id| format!("{id} is signed, not yet sealed: export it again")),
            );
            lines.push(format!("{} receipts verified", report.receipts.len()));
            (lines, report.faults)
        }
        (None, Some(data_dir)) => {
            let store = open(data_dir).await?;
            let published: Result<Vec<String>, String> =
                arguments.checkpoints.iter().map(|path| read(path)).collect();
            let report = store.check_receipts(trusted.as_ref(), &published?).await;
            store.close().await;
            let report = report.map_err(failed)?;
            let mut lines = vec![format!(
                "{} signed receipts, {} leaves in the log, {} of them deleted at the end of their \
                 retention period",
                report.receipts, report.sealed, report.deleted
            )];
            if report.unsigned > 0 {
                lines.push(format!(
                    "{} receipts are from before receipts were signed: nothing proves them",
                    report.unsigned
                ));
            }
            if !report.unproven.is_empty() {
                lines.push(format!(
                    "{} links and agreements are from the configuration or from before receipts were \
                     signed: nothing proves them",
                    report.unproven.len()
                ));
                lines.extend(report.unproven.iter().map(|it| format!("without a receipt: {it}")));
            }
            (lines, report.faults)
        }
        (None, None) => return Err("name a FILE or a --data-dir".to_owned()),
    };
    if trusted.is_none() {
        lines.push(
            "without --jwks this proves only that the parts fit together: an attacker who can write \
             all of them can write the keys, too"
                .to_owned(),
        );
    }
    let status = match (faults.is_empty(), is_sealed) {
        (false, _) => FAULTS,
        (true, false) => NOT_SEALED,
        (true, true) => 0,
    };
    lines.extend(faults.iter().map(|fault| format!("FAULT {fault}")));
    lines.push(match faults.len() {
        0 => "no faults".to_owned(),
        1 => "1 fault".to_owned(),
        many => format!("{many} faults"),
    });
    Ok((lines.join("\n") + "\n", status))
}

/// One line for a receipt.
fn line(claims: &ReceiptClaims) -> String {
    let service = claims.service().unwrap_or("-");
    format!("{} {} {service} {}", claims.jti, rfc3339(claims.iat), claims.event.name())
}
