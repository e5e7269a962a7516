//! The secrets in a file, so that what shows its lines can leave them out.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::layout;

/// The keys whose strings are secrets (docs/SERVICES.md, Secrets).
const KEYS: [&str; 8] = [
    "client_secret",
    "previous_client_secret",
    "previous_secret",
    "admin_key",
    "authorization_header",
    "mail_secret",
    "secret",
    "token",
];

/// What stands in the place of a secret that was left out. A server refuses it.
pub const LEFT_OUT: &str = "(secret)";

/// The secrets that are written into a file, and not named by a file, a credential or a variable. None of
/// what is no TOML.
#[must_use]
pub fn secrets(toml: &str) -> Vec<String> {
    found(toml).into_iter().map(|(_, secret)| secret).collect()
}

/// The file with [`LEFT_OUT`] in the place of each of its [`secrets`], and without the comments that can hold
/// one that was used before: those behind a secret, and those in which a key of a secret has a value. Nothing
/// of what is no TOML.
#[must_use]
pub fn without_secrets(toml: &str) -> String {
    if layout::parse(toml).is_err() {
        return String::new();
    }
    let mut places: Vec<Range<usize>> = found(toml).into_iter().map(|(place, _)| place).collect();
    places.sort_by_key(|place| place.start);
    let mut text = toml.to_owned();
    for place in places.into_iter().rev() {
        text = without_comment(text, place.end);
        text.replace_range(place, &format!("\"{LEFT_OUT}\""));
    }
    text.split_inclusive('\n').map(without_old_secret).collect()
}

/// Without the comment at the end of the line in which `from` is. A `#` in a string begins none: cut there, the
/// string has no end.
fn without_comment(text: String, from: usize) -> String {
    let line = text[from..].split('\n').next().unwrap_or_default();
    let end = from + line.len();
    let cut = |(at, _)| format!("{}{}", &text[..from + at], &text[end..]);
    let without = line.match_indices('#').map(cut).find(|text| layout::parse(text).is_ok());
    without.unwrap_or(text)
}

fn without_old_secret(line: &str) -> String {
    let is_value = |key: &&str| {
        let mut rest = line.split(*key).skip(1);
        rest.any(|rest| rest.trim_start_matches(['"', '\'', ' ', '\t']).starts_with('='))
    };
    match line.trim_start().starts_with('#') && KEYS.iter().any(is_value) {
        true => format!("# {LEFT_OUT}\n"),
        false => line.to_owned(),
    }
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
        let file = |[one, other, third, behind, old]: [&str; 5]| {
            format!(
                "# A comment on the token.\n{old}\nadmin_key = {one} {behind}\n[[service]]\n\
                 client_secret = {other}\nname = \"a\" # kept\n[service.unlink]\n\
                 admin_key = {{ file = \"a\" }} # kept\n\
                 [[admin.keys]]\nkeys = [{{ token = {third}, name = \"#1\" }}] {behind}\n"
            )
        };
        let behind = "# 'until May'";
        let old = "  # client_secret = \"e\"";
        let toml = file(["'한 비밀'", "\"\"\"\nb\nc\"\"\"", "\"d\"", behind, old]);
        assert_eq!(secrets(&toml).len(), 3);
        let out = "\"(secret)\"";
        assert_eq!(without_secrets(&toml), file([out, out, out, "", "# (secret)"]));
        assert_eq!(without_secrets("client_secret = \"open"), "");
    }
}
