//! The secrets in a file, so that what shows its lines can leave them out.

use toml::de::{DeTable, DeValue};

use crate::layout;

/// The keys whose strings are secrets (docs/SERVICES.md, Secrets).
const KEYS: [&str; 7] = [
    "client_secret",
    "previous_client_secret",
    "admin_key",
    "authorization_header",
    "mail_secret",
    "secret",
    "token",
];

/// The secrets that are written into a file, and not named by a file, a credential or a variable. None of
/// what is no TOML.
#[must_use]
pub fn secrets(toml: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(root) = layout::parse(toml) {
        collect(root.get_ref(), &mut found);
    }
    found
}

fn collect(table: &DeTable<'_>, found: &mut Vec<String>) {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::String(text) if KEYS.contains(&&**key.get_ref()) && !text.is_empty() => {
                found.push(text.to_string());
            }
            DeValue::Table(table) => collect(table, found),
            DeValue::Array(list) => {
                list.iter()
                    .filter_map(|it| it.get_ref().as_table())
                    .for_each(|it| collect(it, found));
            }
            _ => {}
        }
    }
}
