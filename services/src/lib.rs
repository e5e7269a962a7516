//! The format of services.toml, as far as the backend and the studio share it; and a service of such a
//! file as the screen shows it, there and back.
//!
//! A file is edited by replacing the places of the values that changed: everything else stays byte for
//! byte, also what nothing here knows. After an edit the file is read again: what it could not take is
//! listed. No I/O and no clock.

/// How old a person is.
pub mod age;
/// The consent items of the platform.
pub mod attribute;
/// Differences of two files.
pub mod difference;
/// Personal values as screens show them.
pub mod mask;
/// Texts of terms, as a small part of Markdown.
pub mod text;

mod account;
mod edits;
mod fault;
mod keys;
mod layout;
mod left_out;
mod lists;
mod literal;
mod look;
mod missing;
mod read;
mod reader;
mod secrets;
mod served;
mod service;
mod tables;
mod translations;
mod write;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use consent_contract::{document::Block, request::ConsentRequest};

pub use account::{Account, accounts};
pub use edits::counterparts;
pub use fault::Fault;
pub use left_out::LeftOut;
pub use look::{LookChange, LookEntry, Scheme, look, write_look};
pub use missing::{changed_under_their_version, missing};
pub use read::{Listed, services, show};
pub use reader::{ALWAYS, Sample};
pub use secrets::{LEFT_OUT, secrets, without_secrets};
pub use served::{Rules, Served, rules, served};
pub use translations::{Change, NewText, TextInFile, texts, write_texts};
pub use write::{Written, write};

/// The full texts of terms by tag.
pub type Documents = BTreeMap<String, Vec<Block>>;

/// What the screen shows of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub request: ConsentRequest,
    pub documents: Documents,
}
