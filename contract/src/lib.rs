//! What the consent screen and its backend must agree on.
//!
//! Messages (serde types, one file per noun) and the rules of consent (pure functions).
//! No I/O, no clock, no browser: the same code runs on the server, in the end user's
//! WebAssembly, and in tests. A rule that stands anywhere else is a bug.

pub mod acceptance;
pub mod account;
pub mod agree_all;
pub mod answers;
pub mod auto_login;
pub mod changes;
pub mod channel;
pub mod decision;
pub mod document;
pub mod draft;
pub mod form;
pub mod in_app;
pub mod item;
pub mod json;
pub mod linking;
pub mod locale;
pub mod name;
pub mod problem;
pub mod redirect;
pub mod request;
pub mod value;

#[cfg(test)]
mod cost_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod wire_tests;

/// The path of the versioned API, without a trailing slash.
pub const API: &str = "/api/v1";

/// The address of the screen itself.
#[must_use]
pub fn page_path(challenge: &str) -> String {
    format!("/consent/{challenge}")
}

/// `GET` this for the request behind a challenge; add `?locale=` to choose the language of its texts.
#[must_use]
pub fn consent_path(challenge: &str) -> String {
    format!("{API}/consents/{challenge}")
}

/// `POST` the decision on a challenge here.
#[must_use]
pub fn decision_path(challenge: &str) -> String {
    format!("{API}/consents/{challenge}/decision")
}

/// `POST` here to be given more time before a challenge expires (WCAG 2.2.1).
#[must_use]
pub fn extension_path(challenge: &str) -> String {
    format!("{API}/consents/{challenge}/extension")
}

/// `GET` the full text of a term here. Addressed by its digest, so that what is read is what is
/// agreed to, in every locale and for every service, and the answer can be cached forever.
#[must_use]
pub fn document_path(tag: &str, version: &str, digest: &str) -> String {
    document_path_below(API, tag, version, digest)
}

/// `GET` the full text of a term here, after a list of what changed since the version that the person
/// agreed to before. For the browser of the challenge only.
#[must_use]
pub fn changed_document_path(challenge: &str, tag: &str, version: &str, digest: &str) -> String {
    document_path_below(&consent_path(challenge), tag, version, digest)
}

fn document_path_below(parent: &str, tag: &str, version: &str, digest: &str) -> String {
    format!("{parent}/terms/{tag}/{version}?digest={}", digest_in_query(digest))
}

/// A digest is base64 and may hold `+`, which a query would read as a space.
fn digest_in_query(digest: &str) -> String {
    digest.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}
