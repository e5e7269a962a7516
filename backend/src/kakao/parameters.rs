//! The spellings in which clients send lists.

/// The words of a list: separated by commas (the documents) or spaces (the SDKs).
#[must_use]
pub fn words(value: &str) -> Vec<String> {
    let words = value.split([',', ' ']).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// A list as a JSON array of strings or numbers, or as words. None for a broken array.
#[must_use]
pub fn array(value: &str) -> Option<Vec<String>> {
    if !value.trim_start().starts_with('[') {
        return Some(words(value));
    }
    let values: Vec<serde_json::Value> = serde_json::from_str(value).ok()?;
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    values.into_iter().map(text).collect()
}

/// Whether a value stands for an absent one: the Flutter SDK writes `null`.
#[must_use]
pub fn is_absent(value: &str) -> bool {
    value.is_empty() || value == "null"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_list_is_read() {
        for spelling in ["a,b", "a b", "a, b ", " a ,b", r#"["a","b"]"#, r#" [ "a", "b" ]"#] {
            assert_eq!(array(spelling).unwrap(), ["a", "b"], "{spelling}");
        }
        assert_eq!(array("[1,23]").unwrap(), ["1", "23"]);
        assert_eq!(array("1,23").unwrap(), ["1", "23"]);
        for empty in ["", ",", " ", "[]"] {
            assert!(array(empty).unwrap().is_empty(), "{empty}");
        }
        for broken in ["[", "[a]", r#"["a""#, r#"[["a"]]"#, r#"[{"a":1}]"#, "[null]"] {
            assert_eq!(array(broken), None, "{broken}");
        }
    }
}
