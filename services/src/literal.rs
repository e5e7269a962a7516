//! Strings as TOML.

/// A string as TOML, in the style of the one that was there, where that can hold it: on one line, or on
/// several, which are between `"""` where they cannot be between `'''`. `newline` ends its lines.
pub fn string(text: &str, written_before: Option<&str>, newline: &str) -> String {
    let before = written_before.unwrap_or_default();
    let is_long = before.starts_with("'''") || before.starts_with("\"\"\"");
    let is_raw = before.starts_with('\'');
    let is_plain = |c: char| !c.is_control() || c == '\t' || c == '\n';
    if is_long || before.is_empty() && text.contains('\n') {
        if !text.contains("'''") && !text.ends_with('\'') && text.chars().all(is_plain) {
            return format!("'''\n{text}'''").replace('\n', newline);
        }
        let lines: Vec<String> = text.split('\n').map(escaped).collect();
        return format!("\"\"\"{newline}{}\"\"\"", lines.join(newline));
    } else if is_raw && !text.contains(['\'', '\n']) && text.chars().all(is_plain) {
        return format!("'{text}'");
    }
    format!("\"{}\"", escaped(text))
}

/// What stands between quotes. A string of JSON is one of TOML, but for a character that JSON does not escape.
fn escaped(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json[1..json.len() - 1].replace('\u{7f}', "\\u007f")
}

/// A key as TOML: bare where it can be.
pub fn key(name: &str) -> String {
    let is_bare =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    if is_bare { name.to_owned() } else { string(name, Some("\""), "\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_is_read_as_it_was_written() {
        let before = [None, Some("\"a\""), Some("'a'"), Some("'''\na'''"), Some("\"\"\"a\"\"\"")];
        let texts = [
            "",
            "약관",
            "a \"b\"",
            "it's",
            "a\nb\n",
            "\"\"\"a'''\r\n",
            "tab\t",
            "\u{7f}\u{1}",
            "\\d",
        ];
        for (before, text) in before.iter().flat_map(|it| texts.map(|text| (it, text))) {
            let written = string(text, *before, "\n");
            let read: toml::Table = format!("a = {written}").parse().unwrap();
            assert_eq!(read["a"].as_str(), Some(text), "{written}");
        }
        assert_eq!(string("b", Some("'a'"), "\n"), "'b'");
        assert_eq!(string("b", Some("'''\na\n'''"), "\r\n"), "'''\r\nb'''");
        // As many lines as before, so that a difference shows what has changed.
        assert_eq!(string("'''\na\n", Some("'''\na\n'''"), "\n"), "\"\"\"\n'''\na\n\"\"\"");
    }
}
