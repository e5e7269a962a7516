//! Each text of the studio has a translation in each file, and no file has another.

mod source;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use consent_fixtures::{Fixture, Screen, named, storyboard::storyboard};
use consent_lint::{Finding, Severity};

use super::{LANGUAGES, choice::ENGLISH, filled, message};
use crate::{
    explain,
    services::hand_over,
    share::DecodeError,
    state::Choice,
    theme::{PAIRS, Theme},
};
use source::Literal;

/// Files whose literals are texts that other code translates.
const TABLES: [&str; 10] = [
    "components/view_switch.rs",
    "place.rs",
    "state.rs",
    "state/board.rs",
    "state/comparison.rs",
    "state/matrix.rs",
    "words/mod.rs",
    "words/options.rs",
    "words/tokens.rs",
    "workbench/tabs.rs",
];

/// What of a table is no text, or the same in every language.
const NO_TEXTS: [&str; 7] =
    ["ArrowLeft", "ArrowRight", "End", "English", "Home", "Option::is_none", "Tiếng Việt"];

type Texts = BTreeMap<String, String>;

/// The language files, by tag.
fn files() -> Vec<(&'static str, Texts)> {
    let tags = LANGUAGES.iter().map(|(tag, _)| *tag).filter(|tag| *tag != ENGLISH);
    let read = |tag: &str| {
        let path = format!("{}/texts/{tag}.json", env!("CARGO_MANIFEST_DIR"));
        let json = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        // Of a key that is there twice, one would be lost.
        let keys = json.lines().filter(|line| line.trim_start().starts_with('"')).count();
        let texts: Texts =
            serde_json::from_str(&json).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(texts.len(), keys, "{tag}: a key for each line");
        texts
    };
    tags.map(|tag| (tag, read(tag))).collect()
}

/// The sources of the studio without its tests, and without the app in the frames: path and text.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = vec![root.clone()];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["preview", "language"].contains(&name.as_str()) && !name.ends_with("tests") {
                    left.push(path);
                }
            } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
                let text = fs::read_to_string(path).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                found.push((name, text.to_owned()));
            }
        }
    }
    found
}

fn is_capital(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase() || first == '“')
}

/// The key that a literal is, if it is one.
fn key(file: &str, literal: &Literal) -> Option<String> {
    let Literal { text, call, context, before, .. } = literal;
    match call.as_str() {
        "t" | "tf" | "tn" => return Some(text.clone()),
        "t_in" => return context.as_ref().map(|context| format!("{context}|{text}")),
        "expect" | "panic" | "format" => return None,
        _ => {}
    }
    let is_constant = before.ends_with(": &str =") && is_capital(text);
    let is_property = [" legend=", " add=", "<Section title=", "<Points title="]
        .iter()
        .any(|property| before.ends_with(property));
    let is_of_table =
        TABLES.contains(&file) && is_capital(text) && !NO_TEXTS.contains(&text.as_str());
    (is_constant || is_property || is_of_table).then(|| text.clone())
}

/// The keys of texts in the sources.
fn in_sources() -> BTreeSet<String> {
    let sources = sources();
    let keys = sources.iter().flat_map(|(file, text)| {
        source::literals(text).into_iter().filter_map(move |literal| key(file, &literal))
    });
    keys.collect()
}

/// The keys of texts in data: fixtures, rules, and what the panel Hear announces.
fn in_data() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut add = |text: &str| {
        keys.insert(text.to_owned());
    };
    for Fixture { title, about, .. } in consent_fixtures::all().map(|it| &it.fixture) {
        add(title);
        add(about);
    }
    for group in consent_fixtures::groups() {
        add(&group.title);
        add(&group.about);
    }
    for chapter in &storyboard().chapters {
        add(&chapter.title);
        add(&chapter.about);
    }
    for step in storyboard().steps() {
        step.to.iter().for_each(|edge| add(&edge.when));
    }
    storyboard().left_out.iter().for_each(|it| add(&it.reason));
    for rule in consent_lint::rules() {
        add(rule.requirement);
        add(rule.fix);
        rule.settled_by.into_iter().for_each(&mut add);
    }
    [Severity::Error, Severity::Warning, Severity::Info].iter().for_each(|it| add(it.name()));
    PAIRS.iter().for_each(|pair| add(pair.label));
    explain::linking().for_each(|text| add(&text));
    for error in [DecodeError::Version, DecodeError::Damaged, DecodeError::NotAState] {
        add(&crate::address::as_sentence(&error));
    }
    crate::state::Zoom::ALL.iter().for_each(|it| add(it.label()));
    // That is the same everywhere.
    keys.remove("100 %");
    keys
}

/// Whether a key is of a role, a state, or a message of another crate.
fn is_from_elsewhere(key: &str) -> bool {
    ["role|", "state|", message::CONTEXT].iter().any(|context| key.starts_with(context))
}

#[test]
fn every_text_has_a_translation_in_every_file() {
    let used: BTreeSet<String> = in_sources().union(&in_data()).cloned().collect();
    assert!(used.len() > 900, "{}", used.len());
    for (tag, texts) in files() {
        let missing: Vec<_> = used.iter().filter(|key| !texts.contains_key(*key)).collect();
        assert!(missing.is_empty(), "{tag} has no {missing:#?}");
        let unused: Vec<_> =
            texts.keys().filter(|key| !used.contains(*key) && !is_from_elsewhere(key)).collect();
        assert!(unused.is_empty(), "{tag} has unused keys: {unused:#?}");
        let empty: Vec<_> = texts.iter().filter(|(_, text)| text.trim().is_empty()).collect();
        assert!(empty.is_empty(), "{tag}: {empty:?}");
    }
}

#[test]
fn every_file_has_the_same_keys() {
    let files = files();
    let (first, texts) = &files[0];
    for (tag, others) in &files[1..] {
        let one: BTreeSet<_> = texts.keys().collect();
        let two: BTreeSet<_> = others.keys().collect();
        let differing: Vec<_> = one.symmetric_difference(&two).collect();
        assert!(differing.is_empty(), "{first} and {tag} differ in {differing:#?}");
    }
}

fn places(pattern: &str) -> BTreeSet<&str> {
    let parts = pattern.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn a_translation_has_the_places_of_its_text() {
    for (tag, texts) in files() {
        for (key, text) in &texts {
            assert_eq!(places(key), places(text), "{tag}: {key}");
        }
    }
}

/// What no fixture has.
fn of_pictures_from_elsewhere() -> Vec<Finding> {
    let mut request = named("sign-up").unwrap().fixture.request().unwrap().clone();
    request.service.icon_url = Some("data:image/png;base64,AAAA".into());
    request.account.avatar_url = Some("https://elsewhere.example/a.png".into());
    consent_lint::lint(&request)
}

/// What the lint finds is translated, too.
#[test]
fn every_finding_has_a_pattern() {
    let of_fixtures = consent_fixtures::all().flat_map(|it| it.fixture.lint());
    let corpus = consent_lint::corpus::cases().into_iter().flat_map(|(_, cases)| cases);
    let of_corpus = corpus.flat_map(|case| consent_lint::lint(&case.request().unwrap()));
    let found = of_fixtures.chain(of_corpus).chain(of_pictures_from_elsewhere());
    let found: BTreeSet<String> = found.map(|it| it.what).collect();
    assert!(found.len() > 200, "{}", found.len());
    for (tag, texts) in files() {
        let texts = texts.into_iter().collect();
        let unknown: Vec<_> =
            found.iter().filter(|what| message::translated(what, &texts).is_none()).collect();
        assert!(unknown.is_empty(), "{tag} has no pattern for {unknown:#?}");
    }
}

/// What a services.toml cannot have is translated, too.
#[test]
fn what_a_file_leaves_out_has_a_pattern() {
    let mut fixture = named("sign-up").unwrap().fixture.clone();
    let Screen::Consent(consent) = &mut fixture.screen else { panic!("it asks") };
    consent.request.channels[0].icon_url = Some("data:image/png;base64,AAAA".into());
    consent.request.service.icon_url = Some("data:image/png;base64,AAAA".into());
    let left_out = hand_over(&fixture, &Theme::default(), None).unwrap().left_out;
    assert_eq!(left_out.len(), 2, "{left_out:?}");
    for (tag, texts) in files() {
        let texts = texts.into_iter().collect();
        for it in &left_out {
            assert!(message::translated(&it.reason, &texts).is_some(), "{tag}: {}", it.reason);
        }
    }
}

/// Text in a view that does not go through the language.
#[test]
fn no_view_has_a_text_of_its_own() {
    let is_english = |text: &str| {
        let is_word = |word: &str| word.chars().filter(|it| it.is_ascii_alphabetic()).count() > 1;
        let without_places: String =
            text.split('{').map(|it| it.split_once('}').map_or(it, |it| it.1)).collect();
        let is_class = text.contains("__") || text.contains("--");
        let is_sentence = without_places.trim().contains(' ') || is_capital(&without_places);
        !is_class && is_sentence && without_places.split(' ').any(is_word)
    };
    let is_code = |literal: &Literal| {
        ["class=", "id=", "style:"].iter().any(|it| literal.before.ends_with(it))
            || ["expect", "panic", "json", "view_key"].contains(&literal.call.as_str())
    };
    let mut found = Vec::new();
    for (file, text) in sources() {
        let is_view = text.contains("view! {");
        for literal in source::literals(&text) {
            let allowed =
                ["ArrowDown", "ArrowLeft", "ArrowRight", "ArrowUp", "Home", "End", "Escape"];
            let is_text = is_view
                && is_english(&literal.text)
                && !is_code(&literal)
                && !allowed.contains(&literal.text.as_str())
                && key(&file, &literal).is_none();
            if is_text {
                found.push(format!("{file}: {:?}", literal.text));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn values_take_the_places_of_a_pattern() {
    let filled = |pattern: &str| filled(pattern, &[("a", &1), ("b", &"{a}")]);
    assert_eq!(filled("{b}, {a}, {c}, {"), "{a}, 1, {c}, {");
    assert_eq!(super::around("x {name} y", "name"), ["x ", " y"]);
    assert_eq!(super::around("x", "name"), ["x", ""]);
    assert_eq!(super::tn(1, "1 line", "{count} lines"), "1 line");
    assert_eq!(super::tn(2, "1 line", "{count} lines"), "2 lines");
}
