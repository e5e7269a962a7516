//! The secrets in a file, so that what shows its lines can leave them out.

use std::ops::Range;

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

/// What stands in the place of a secret. It is too short for one: a server refuses it.
const LEFT_OUT: &str = "\"(secret)\"";

/// The secrets that are written into a file, and not named by a file, a credential or a variable. None of
/// what is no TOML.
#[must_use]
pub fn secrets(toml: &str) -> Vec<String> {
    found(toml).into_iter().map(|(_, secret)| secret).collect()
}

/// The file with `"(secret)"` in the place of each of its [`secrets`]. Nothing of what is no TOML.
#[must_use]
pub fn without_secrets(toml: &str) -> String {
    if layout::parse(toml).is_err() {
        return String::new();
    }
    let mut places: Vec<Range<usize>> = found(toml).into_iter().map(|(place, _)| place).collect();
    places.sort_by_key(|place| place.start);
    let mut text = toml.to_owned();
    for place in places.into_iter().rev() {
        text.replace_range(place, LEFT_OUT);
    }
    text
}

/// Each with its place, quotes included.
fn found(toml: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    if let Ok(root) = layout::parse(toml) {
        collect(root.get_ref(), &mut found);
    }
    found
}

fn collect(table: &DeTable<'_>, found: &mut Vec<(Range<usize>, String)>) {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::String(text) if KEYS.contains(&&**key.get_ref()) && !text.is_empty() => {
                found.push((value.span(), text.to_string()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_its_secrets_has_everything_else() {
        let file = |one: &str, other: &str, third: &str| {
            format!(
                "admin_key = {one} # of us\n[[service]]\nclient_secret = {other}\nname = \"a\"\n\
                 [service.unlink]\nadmin_key = {{ file = \"a\" }}\n\
                 [[admin.keys]]\nkeys = [{{ token = {third} }}]\n"
            )
        };
        let toml = file("'한 비밀'", "\"\"\"\nb\nc\"\"\"", "\"d\"");
        assert_eq!(secrets(&toml).len(), 3);
        assert_eq!(without_secrets(&toml), file(LEFT_OUT, LEFT_OUT, LEFT_OUT));
        assert_eq!(without_secrets("client_secret = \"open"), "");
    }
}
