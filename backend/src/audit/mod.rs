//! The audit log: who signed in and out, decided, withdrew, was refused, and what operators did. One JSON
//! object a line, in a stream of its own (`--audit-log`).
//!
//! A line holds no personal value: words of this program, a client id of the configuration, the name of a
//! key, a request id, and the account as a keyed digest ([`account_name`]). Nothing that a client sent is
//! in it, so no client can put a line or a value of their own into the stream.
//!
//! A line about a change is written after its transaction was committed: [`changes`] is the one place for
//! each. Receipts are the proof of what was decided; the audit log is for those who watch a server.

mod changes;
mod event;
mod line;
mod log;
mod reason;
pub(crate) mod request_id;
mod sink;

pub use event::{
    Actor, Choice, Credential, EndedSessions, Event, KeyPurpose, Record, ServiceAction, TokenKind,
};
pub use log::{AuditLog, Target};
pub use reason::Reason;

use crate::crypto::DerivationKey;

/// How many characters of a digest name an account: 132 bits.
const NAME: usize = 22;

/// The name of an account in the audit log: a digest with a key of the database. It is the same in every
/// line and for every service, so what one account did can be followed, and without the key it cannot
/// be made from an id or compared with the `sub` of a service.
#[must_use]
pub fn account_name(key: &DerivationKey, account: &str) -> String {
    let mut name = key.derive("audit_account", &[account.as_bytes()]);
    name.truncate(NAME);
    name
}
