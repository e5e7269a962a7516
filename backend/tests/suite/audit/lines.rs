//! What a line of the audit log may hold.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use consent_backend::{
    App,
    audit::{AuditLog, Target},
};
use serde_json::Value;

/// Every event there is.
pub const EVENTS: [&str; 25] = [
    "server_start",
    "server_stop",
    "configuration_reload",
    "sign_in",
    "sign_out",
    "request",
    "decision",
    "withdrawal",
    "unlink",
    "agreement_report",
    "guardian_link",
    "client_authentication",
    "token_request",
    "token_reuse",
    "token_revocation",
    "account_show",
    "account_disable",
    "account_enable",
    "account_bind",
    "account_erase",
    "key_rotate",
    "key_retire",
    "channel_relation",
    "messenger_membership",
    "service_change",
];

/// Ids of accounts in the suite, and of the demo.
const ACCOUNTS: [&str; 8] =
    ["hana", "duri", "nari", "auth0|hana", "new", "returning", "no-email", "child"];

fn path(folder: &Path) -> PathBuf {
    folder.join("audit.log")
}

/// The audit log of a server in this folder.
pub fn log_in(folder: &Path) -> AuditLog {
    AuditLog::open(&Target::File(path(folder))).unwrap()
}

/// Every line of a server so far.
pub fn read(app: &App, folder: &Path) -> Vec<Value> {
    assert!(app.audit_log().flush(Duration::from_secs(20)));
    parsed(&fs::read_to_string(path(folder)).unwrap())
}

pub fn parsed(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// Checks every line of a server at the end of its test.
pub struct AuditWatch {
    log: AuditLog,
    /// None where the server is in another folder.
    file: Option<File>,
}

impl AuditWatch {
    pub fn new(app: &App, folder: &Path) -> Self {
        Self { log: app.audit_log().clone(), file: File::open(path(folder)).ok() }
    }
}

impl Drop for AuditWatch {
    fn drop(&mut self) {
        let Some(file) = self.file.as_mut().filter(|_| !std::thread::panicking()) else { return };
        assert!(self.log.flush(Duration::from_secs(20)));
        assert_eq!(self.log.lost(), 0);
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        for line in parsed(&text) {
            check(&line);
        }
    }
}

/// Checks that each value is a word of the program, a client id, or something without a meaning.
#[track_caller]
pub fn check(line: &Value) {
    for (name, value) in line.as_object().unwrap() {
        let text = value.as_str().unwrap_or_default();
        let is_good = match &**name {
            "time" => {
                let at = time::OffsetDateTime::parse(
                    text,
                    &time::format_description::well_known::Rfc3339,
                );
                at.is_ok() && text.len() == 24 && text.ends_with('Z')
            }
            "id" | "request_id" => text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit()),
            "event" => EVENTS.contains(&text) || text == "restore",
            "outcome" => ["success", "failure"].contains(&text),
            "actor" => {
                ["user", "guardian", "service", "messenger", "operator", "system"].contains(&text)
            }
            "reason" | "method" | "sessions" | "decision" | "purpose" | "credential" | "token"
            | "change" => {
                let is_word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
                let is_code = text.strip_prefix("KOE").is_some_and(|it| it.parse::<u16>().is_ok());
                (2..=40).contains(&text.len()) && (text.bytes().all(is_word) || is_code)
            }
            "registered" => value.is_boolean(),
            "relation" => ["added", "blocked", "none"].contains(&text),
            "channel" => text.starts_with('_') && text.is_ascii(),
            "agreements" => value.as_u64().is_some_and(|many| many < 10_000),
            "service" | "admin_key" => {
                let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
                text.len() <= 64 && text.bytes().all(is_name) && !ACCOUNTS.contains(&text)
            }
            "account" => text.len() == 22 && !ACCOUNTS.contains(&text),
            "kid" => text.len() == 43,
            _ => false,
        };
        assert!(is_good, "{name}: {line}");
    }
    for name in ["time", "id", "event", "outcome", "actor"] {
        assert!(line.get(name).is_some(), "{name}: {line}");
    }
    assert_eq!(line["outcome"] == "failure", line.get("reason").is_some(), "{line}");
}
