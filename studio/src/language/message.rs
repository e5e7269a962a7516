//! Messages of other crates, which are written in English with values in them.

use std::{collections::HashMap, fmt::Display};

use super::filled;

/// What is before the pattern in its key.
pub const CONTEXT: &str = "message|";

/// The place of a pattern for a pair of colours, whose name is a text of its own.
const TEXT: &str = "pair";

/// The translation of a message. Of several patterns that match, the one with the most text of its own.
pub fn translated(english: &str, texts: &HashMap<String, String>) -> Option<String> {
    let found = texts.iter().filter_map(|(key, translation)| {
        let pattern = key.strip_prefix(CONTEXT)?;
        let values = values(pattern, english)?;
        let filled_in: usize = values.iter().map(|(_, value)| value.len()).sum();
        Some((filled_in, values, translation))
    });
    let (_, values, translation) = found.min_by_key(|(filled_in, ..)| *filled_in)?;
    let values = values.into_iter().map(|(name, value)| match texts.get(value) {
        Some(translation) if name == TEXT => (name, translation.as_str()),
        _ => (name, value),
    });
    let values: Vec<_> = values.collect();
    let values: Vec<_> =
        values.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    Some(filled(translation, &values))
}

/// The values in the places of a pattern, if a text is of its form. What is before a place ends where the
/// text after it begins first.
fn values<'a>(pattern: &'a str, text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let Some((before, rest)) = pattern.split_once('{') else {
        return (pattern == text).then(Vec::new);
    };
    let (name, after) = rest.split_once('}')?;
    let text = text.strip_prefix(before)?;
    let literal = after.split('{').next().unwrap_or_default();
    if literal.is_empty() {
        // The last place of a pattern takes the rest.
        return after.is_empty().then(|| vec![(name, text)]);
    }
    let ends = text.match_indices(literal).map(|(at, _)| at);
    ends.filter(|at| *at > 0).find_map(|at| {
        let mut all = vec![(name, &text[..at])];
        all.extend(values(after, &text[at..])?);
        Some(all)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(all: &[(&str, &str)]) -> HashMap<String, String> {
        let text = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        all.iter().map(text).collect()
    }

    #[test]
    fn a_message_is_found_by_its_pattern() {
        let texts = texts(&[
            ("message|\"{label}\" is ticked", "“{label}”: 선택됨"),
            ("message|{count} items are asked at once", "한 번에 {count}개"),
            ("message|\"{a}\" and \"{b}\" overlap", "{b}, {a}"),
            ("message|\"{a}\" {rest}", "{a}: {rest}"),
            ("message|nothing", "없음"),
            ("message|{pair} is pale", "{pair}: 흐림"),
            ("Ticks", "체크 표시"),
            ("{label} is ticked", "not a message"),
        ]);
        for (english, expected) in [
            ("\"a \" b\" is ticked", Some("“a \" b”: 선택됨")),
            ("14 items are asked at once", Some("한 번에 14개")),
            ("\"x {b}\" and \"y\" overlap", Some("y, x {b}")),
            ("\"Ticks\" is new", Some("Ticks: is new")),
            ("nothing", Some("없음")),
            ("nothing else", None),
            ("Ticks is pale", Some("체크 표시: 흐림")),
            ("a is ticked", None),
        ] {
            assert_eq!(translated(english, &texts).as_deref(), expected, "{english}");
        }
    }
}
