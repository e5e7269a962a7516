use std::collections::BTreeSet;
use std::path::Path;

use super::*;

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn every_language_has_the_same_keys_and_placeholders_and_no_empty_text() {
    let [korean, others @ ..] = SOURCES.map(|json| serde_json::from_str::<Table>(json).unwrap());
    assert!(!korean.is_empty());
    for table in &others {
        assert_eq!(korean.keys().collect::<Vec<_>>(), table.keys().collect::<Vec<_>>());
    }
    for (key, text) in &korean {
        for other in others.iter().map(|table| &table[key]) {
            assert_eq!(placeholders(text), placeholders(other), "{key}");
            assert!(!other.trim().is_empty(), "{key}");
        }
        assert!(!text.trim().is_empty(), "{key}");
    }
}

/// Keys are string literals with a dot, or a `format!` that starts with one.
#[test]
fn every_key_in_the_sources_exists_and_every_text_is_used() {
    let mut sources = String::new();
    read_all(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut sources);
    let table = &TABLES[0];
    let groups: BTreeSet<&str> = table.keys().filter_map(|key| key.split('.').next()).collect();
    let mut used = BTreeSet::new();
    let mut prefixes = BTreeSet::new();
    for literal in sources.split('"').skip(1) {
        let Some((group, rest)) = literal.split_once('.') else { continue };
        let is_key = groups.contains(group)
            && rest.chars().all(|c| c.is_ascii_lowercase() || "._{}".contains(c) || c.is_numeric());
        if !is_key {
            continue;
        }
        match literal.find('{') {
            Some(open) => prefixes.insert(&literal[..open]),
            None => used.insert(literal),
        };
    }
    let missing: Vec<_> = used.iter().filter(|key| !table.contains_key(**key)).collect();
    assert!(missing.is_empty(), "no text: {missing:?}");
    let unused: Vec<_> = table
        .keys()
        .filter(|key| {
            !used.contains(key.as_str()) && !prefixes.iter().any(|start| key.starts_with(start))
        })
        .collect();
    assert!(unused.is_empty(), "never shown: {unused:?}");
}

fn read_all(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn a_language_is_negotiated_by_quality() {
    assert_eq!(Language::negotiate("fr, en-GB;q=0.8, ja;q=0.9"), Language::Ja);
    assert_eq!(Language::negotiate("en;q=0, ko;q=0.1"), Language::Ko);
    assert_eq!(Language::negotiate("de"), Language::Ko);
    assert_eq!(Language::negotiate("EN"), Language::En);
}

#[test]
fn a_value_with_braces_is_not_filled_again() {
    let texts = Texts::of(Language::Ko);
    let filled = texts.fill("{a} {b} {", &[("a", "{b}"), ("b", "c")]);
    assert_eq!(filled, "{b} c {");
}

#[test]
fn dates_have_the_form_of_the_language() {
    assert_eq!(date(Language::Ko, "2026-11-27"), "2026년 11월 27일");
    assert_eq!(date(Language::En, "2026-11-27 18:20"), "27 November 2026 18:20");
    assert_eq!(date(Language::Ja, "2026-01-02"), "2026年1月2日");
    assert_eq!(date(Language::En, "soon"), "soon");
    assert_eq!(date(Language::En, "2026-13-02"), "2026-13-02");
}
