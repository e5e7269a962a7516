//! The same thing has the same word everywhere: the texts that users read against `glossary.toml`,
//! and Japanese texts against one set of punctuation.

use super::{Finding, Tree, rust};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const GLOSSARY: &str = "xtask/src/invariants/glossary.toml";

/// Rust sources whose literals are texts for users.
const TABLES: [&str; 1] = ["backend/src/demo/words.rs"];

/// The language files: the screen's own texts, and in `server/` those of a server's pages.
const LANGUAGE_FILES: &str = "public/texts/";

/// Those of the demo's shop.
const SHOP_FILES: &str = "shop/texts/";

/// Those of the preview studio, by their English.
const STUDIO_FILES: &str = "studio/texts/";

/// The section of a server's pages for children, which use the words of children.
const OF_CHILDREN: &str = "child";

/// Services with their texts in tables of languages.
const CONFIGURATIONS: [&str; 5] = [
    "backend/demo/services.toml",
    "backend/demo/shop.toml",
    "backend/demo/shop-test.toml",
    "backend/demo/shop-terms.toml",
    "docs/services.example.toml",
];

/// English and Japanese by the Korean text.
const TRANSLATIONS: &str = "fixtures/translations.json";

const SAMPLE: &str = "contract/samples/ask.json";

/// Fixtures whose texts are wrong on purpose, or in several languages at once.
const UNUSUAL: [&str; 4] =
    ["breaks-the-rules", "fifteen-faults", "hostile-names", "mixed-languages"];

const PAGES: [&str; 2] = ["index.html", "studio/preview/index.html"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Glossary {
    term: Vec<Term>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Term {
    concept: String,
    ko: String,
    en: String,
    ja: String,
    /// In any language.
    forbidden: Vec<String>,
    /// Phrases in which a forbidden word is right.
    #[serde(default)]
    except: Vec<String>,
    /// The word in each further language that has a file. None where the word differs by the text.
    also: Option<BTreeMap<String, String>>,
    /// Forbidden in further languages.
    #[serde(default)]
    not: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Language {
    Ko,
    En,
    Ja,
    /// A language of a file, by its tag.
    Other(String),
}

impl Language {
    /// By its tag.
    fn named(tag: &str) -> Self {
        match tag {
            "ko" => Self::Ko,
            "en" => Self::En,
            "ja" => Self::Ja,
            other => Self::Other(other.to_owned()),
        }
    }

    /// By script: Hangul, then kana and ideographs, then anything else.
    fn of(text: &str) -> Self {
        if text.contains(|c| matches!(c, 'ㄱ'..='ㆎ' | '가'..='힣')) {
            Self::Ko
        } else if text.contains(is_japanese) {
            Self::Ja
        } else {
            Self::En
        }
    }
}

fn is_japanese(c: char) -> bool {
    matches!(c, 'ぁ'..='ヿ' | '一'..='鿿')
}

impl Term {
    fn word(&self, language: &Language) -> Option<&str> {
        match language {
            Language::Ko => Some(&self.ko),
            Language::En => Some(&self.en),
            Language::Ja => Some(&self.ja),
            Language::Other(tag) => self.also.as_ref()?.get(tag).map(String::as_str),
        }
    }

    /// The words that a text of this language must not have.
    fn forbidden<'a>(&'a self, language: &Language) -> Vec<&'a str> {
        match language {
            Language::Other(tag) => {
                self.not.get(tag).into_iter().flatten().map(String::as_str).collect()
            }
            language => {
                let of_language = |word: &&String| Language::of(word) == *language;
                self.forbidden.iter().filter(of_language).map(String::as_str).collect()
            }
        }
    }

    /// The forbidden words in a text.
    fn found_in<'a>(&'a self, text: &Text) -> impl Iterator<Item = &'a str> {
        let without = |text: String, phrase: &String| text.replace(phrase.as_str(), "");
        let words = self.except.iter().fold(text.words.clone(), without).to_lowercase();
        let is_english = text.language == Language::En;
        self.forbidden(&text.language).into_iter().filter(move |word| match is_english {
            true => has_word(&words, word),
            false => words.contains(&word.to_lowercase()),
        })
    }
}

/// Whether a text has an English word or phrase that is no part of a longer word.
fn has_word(text: &str, word: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric();
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(|c: char| is_letter(c) || c == '-') && !after.starts_with(is_letter)
    })
}

/// One text for users.
struct Text {
    path: String,
    line: Option<usize>,
    language: Language,
    words: String,
}

#[derive(Default)]
struct Texts {
    texts: Vec<Text>,
    findings: Vec<Finding>,
}

impl Texts {
    fn of(tree: &Tree) -> Self {
        let mut all = Self::default();
        for path in TABLES {
            all.read(tree, path, |all, text| all.table(path, text));
        }
        let folders = [LANGUAGE_FILES, SHOP_FILES, STUDIO_FILES].into_iter();
        let files = folders.flat_map(|folder| tree.under(folder, ".json"));
        for path in files.map(|(path, _)| path).collect::<Vec<&str>>() {
            all.read(tree, path, |all, text| all.language_file(path, text));
        }
        for path in CONFIGURATIONS {
            all.read(tree, path, |all, text| {
                let table = text.parse::<toml::Table>().map_err(|error| error.to_string())?;
                all.by_language(path, &toml::Value::Table(table));
                Ok(())
            });
        }
        all.read(tree, TRANSLATIONS, |all, text| {
            for (korean, others) in parse(text)?.as_object().into_iter().flatten() {
                all.push(TRANSLATIONS, None, Language::Ko, korean);
                all.push(TRANSLATIONS, None, Language::En, others["en"].as_str().unwrap_or(""));
                all.push(TRANSLATIONS, None, Language::Ja, others["ja"].as_str().unwrap_or(""));
            }
            Ok(())
        });
        let states = tree.under("fixtures/states/", ".json").map(|(path, _)| path);
        let usual = states.filter(|path| !UNUSUAL.iter().any(|name| path.contains(name)));
        for path in usual.chain([SAMPLE]) {
            all.read(tree, path, |all, text| {
                all.by_script(path, &parse(text)?);
                Ok(())
            });
        }
        for path in PAGES {
            all.read(tree, path, |all, text| {
                all.page(path, text);
                Ok(())
            });
        }
        all
    }

    fn read(
        &mut self,
        tree: &Tree,
        path: &str,
        texts: impl FnOnce(&mut Self, &str) -> Result<(), String>,
    ) {
        let read = tree.get(path).map(|text| texts(self, text));
        match read {
            Some(Ok(())) => {}
            Some(Err(error)) => self.findings.push(Finding::of(path, error)),
            None => self.findings.push(Finding::of(path, "is missing: its texts are checked")),
        }
    }

    /// One text a line: its position is worth more than a parsed value.
    fn language_file(&mut self, path: &str, text: &str) -> Result<(), String> {
        let language = Language::named(tag((path, text)).unwrap_or_default());
        let mut section = "";
        for (number, line) in text.lines().enumerate() {
            let Some((name, words)) = key_and_words(line.trim()) else { continue };
            match words.strip_prefix('"') {
                None => section = name.trim_start_matches('"'),
                Some(_) if section == OF_CHILDREN => {}
                Some(words) => {
                    let words = words.trim_end_matches(['"', ',']);
                    self.push(path, Some(number + 1), language.clone(), words);
                }
            }
        }
        parse(text).map(drop)
    }

    fn push(&mut self, path: &str, line: Option<usize>, language: Language, words: &str) {
        self.texts.push(Text { path: path.to_owned(), line, language, words: words.to_owned() });
    }

    fn table(&mut self, path: &str, source: &str) -> Result<(), String> {
        let tokens = rust::product(source)?;
        for (at, token) in tokens.iter().enumerate() {
            // `/// …` is `#[doc = "…"]`.
            let is_comment = at >= 2 && tokens[at - 2].text == "doc" && tokens[at - 1].text == "=";
            let literal = token.text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            let Some(words) = literal.filter(|_| !is_comment) else { continue };
            // A literal goes on after a backslash at the end of a line.
            let mut parts = words.split("\\\n");
            let first = parts.next().unwrap_or_default().to_owned();
            let words = parts.fold(first, |text, part| text + part.trim_start());
            self.push(path, Some(token.line), Language::of(&words), &words);
        }
        Ok(())
    }

    fn by_language(&mut self, path: &str, value: &toml::Value) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    match (key.as_str(), value) {
                        ("ko", toml::Value::String(it)) => self.push(path, None, Language::Ko, it),
                        ("en", toml::Value::String(it)) => self.push(path, None, Language::En, it),
                        ("ja", toml::Value::String(it)) => self.push(path, None, Language::Ja, it),
                        (_, value) => self.by_language(path, value),
                    }
                }
            }
            toml::Value::Array(values) => values.iter().for_each(|it| self.by_language(path, it)),
            _ => {}
        }
    }

    /// Korean and Japanese texts; what is English may be a name of the format.
    fn by_script(&mut self, path: &str, value: &Value) {
        match value {
            Value::String(text) => match Language::of(text) {
                Language::En => {}
                language => self.push(path, None, language, text),
            },
            Value::Array(values) => values.iter().for_each(|it| self.by_script(path, it)),
            Value::Object(fields) => fields.values().for_each(|it| self.by_script(path, it)),
            _ => {}
        }
    }

    /// What is between the tags, outside of comments.
    fn page(&mut self, path: &str, html: &str) {
        let (mut text, mut rest) = (String::new(), html);
        while let Some((before, from)) = rest.split_once('<') {
            text += before;
            text.push('\n');
            let end = if from.starts_with("!--") { "-->" } else { ">" };
            rest = from.split_once(end).map_or("", |(_, after)| after);
        }
        for words in text.lines().map(str::trim).filter(|words| !words.is_empty()) {
            self.push(path, None, Language::of(words), words);
        }
    }
}

/// A key of JSON, and what follows it. The key may have escaped quotation marks.
fn key_and_words(line: &str) -> Option<(&str, &str)> {
    let mut ends = line.match_indices("\": ").map(|(at, _)| at);
    let end = ends.find(|at| !line[..*at].ends_with('\\'))?;
    Some((&line[..end], &line[end + 3..]))
}

fn parse(json: &str) -> Result<Value, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

/// Punctuation of half width after or before a Japanese letter.
fn half_width(text: &str) -> Option<char> {
    let letters: Vec<char> = text.chars().collect();
    let pairs = letters.windows(2).find_map(|pair| match pair {
        [before, sign @ ('(' | ')' | '?' | '!' | ':' | ',')] if is_japanese(*before) => Some(*sign),
        [sign @ (')' | '?' | '!' | ':' | ','), after] if is_japanese(*after) => Some(*sign),
        _ => None,
    });
    let spaced = text.split_once(" (").filter(|(before, _)| before.ends_with(is_japanese));
    pairs.or_else(|| spaced.map(|_| '('))
}

pub fn check(tree: &Tree) -> Vec<Finding> {
    let glossary = match tree.get(GLOSSARY).map(toml::from_str::<Glossary>) {
        Some(Ok(glossary)) => glossary,
        Some(Err(error)) => return vec![Finding::of(GLOSSARY, error.to_string())],
        None => return vec![Finding::of(GLOSSARY, "is missing")],
    };
    let Texts { texts, mut findings } = Texts::of(tree);
    for text in &texts {
        let mut push = |what| {
            findings.push(Finding { path: text.path.clone(), line: text.line, what });
        };
        for term in &glossary.term {
            for found in term.found_in(text) {
                let right = term.word(&text.language).unwrap_or_default();
                push(format!(
                    "`{found}` in \"{}\": write `{right}` for {}",
                    text.words, term.concept
                ));
            }
        }
        if let (Language::Ja, Some(sign)) = (&text.language, half_width(&text.words)) {
            push(format!("`{sign}` in \"{}\" is of half width", text.words));
        }
    }
    let languages: BTreeSet<&str> = tree.under(LANGUAGE_FILES, ".json").filter_map(tag).collect();
    let known = ["ko", "en", "ja"];
    for term in &glossary.term {
        let further = languages.iter().filter(|it| term.also.is_some() && !known.contains(it));
        for tag in known.iter().chain(further) {
            let language = Language::named(tag);
            let Some(word) = term.word(&language).map(str::to_lowercase) else {
                let what = format!("no word for {} in {tag}", term.concept);
                findings.push(Finding::of(GLOSSARY, what));
                continue;
            };
            let mut of_language = texts.iter().filter(|text| text.language == language);
            if !of_language.any(|text| text.words.to_lowercase().contains(&word)) {
                let what = format!("no text has `{word}` ({})", term.concept);
                findings.push(Finding::of(GLOSSARY, what));
            }
        }
    }
    findings
}

/// The language of a file.
fn tag<'a>((path, _): (&'a str, &str)) -> Option<&'a str> {
    path.rsplit('/').next()?.strip_suffix(".json")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITHDRAWAL: &str = "[[term]]\nconcept = \"withdrawal\"\nko = \"철회\"\nen = \"withdraw\"\n\
        ja = \"撤回\"\nforbidden = [\"거두\", \"mail\", \"取り下げ\"]\nexcept = [\"mail order\"]\n";

    /// The findings in one file, without those about the files and words that a tree lacks.
    fn found(path: &str, text: &str) -> Vec<String> {
        let findings = check(&Tree::made_up([(GLOSSARY, WITHDRAWAL), (path, text)]));
        let of_file = findings.iter().filter(|it| it.path == path);
        of_file.map(|it| it.what.split(" in ").next().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_forbidden_word_is_found_in_its_language() {
        let table = |words: &str| found(TABLES[0], &format!("const A: &str = \"{words}\";"));
        assert_eq!(table("동의를 거두면"), ["`거두`"]);
        assert_eq!(table("同意を取り下げる"), ["`取り下げ`"]);
        assert_eq!(table("Send a Mail."), ["`mail`"]);
        assert_eq!(table("Send an email by mail order, e-mail or mailbox"), [""; 0]);
        assert_eq!(table("동의를 철회하면"), [""; 0]);
        let test = "#[cfg(test)]\nmod tests { const A: &str = \"거두\"; }";
        assert_eq!(found(TABLES[0], test), [""; 0]);
        assert_eq!(table("동의를 거\\\n    두면"), ["`거두`"]);
        let comment = "/// 거두\nconst A: &str = \"철회\";";
        assert_eq!(found(TABLES[0], comment), [""; 0]);
    }

    #[test]
    fn every_kind_of_file_is_read() {
        let service = "[[service]]\nname = { ko = \"가게\", en = \"Mail\" }\ntag = \"mail\"";
        assert_eq!(found("backend/demo/services.toml", service), ["`mail`"]);
        let language = "{\n  \"agree\": \"거두면\",\n  \"close\": \"닫기\"\n}";
        assert_eq!(found("public/texts/ko.json", language), ["`거두`"]);
        let studio = "{\n  \"a \\\"b\\\": c\": \"거두면\"\n}";
        assert_eq!(found("studio/texts/ko.json", studio), ["`거두`"]);
        let pages = "{\n  \"pages\": {\n    \"a\": \"거두면\"\n  },\n  \"child\": {\n    \"a\": \"거두면\"\n  }\n}";
        assert_eq!(found("public/texts/server/ko.json", pages), ["`거두`"], "a child's words");
        let pair = r#"{ "거두면": { "en": "mail", "ja": "撤回" } }"#;
        assert_eq!(found(TRANSLATIONS, pair), ["`거두`", "`mail`"]);
        let state = r#"{ "title": "mail", "terms": [{ "text": "거두면" }] }"#;
        assert_eq!(found("fixtures/states/a.json", state), ["`거두`"]);
        assert_eq!(found("fixtures/states/mixed-languages.json", state), [""; 0]);
        let page = "<!-- mail --><p lang=\"mail\">mail</p><p>거두면</p>";
        assert_eq!(found("index.html", page), ["`mail`", "`거두`"]);
    }

    #[test]
    fn a_further_language_has_its_words() {
        let further = "also = { th = \"ถอน\" }\nnot = { th = [\"เพิกถอน\"] }\n";
        let glossary = [WITHDRAWAL, further].concat();
        let found = |thai: &str| {
            let files = [(GLOSSARY, &*glossary), ("public/texts/th.json", thai)];
            let findings = check(&Tree::made_up(files));
            let whats = findings.into_iter().map(|it| it.what);
            whats.filter(|it| it.contains(" th") || it.contains('ถ')).collect::<Vec<_>>()
        };
        assert_eq!(found("{\n  \"a\": \"ถอนความยินยอม\"\n}"), [""; 0]);
        assert_eq!(
            found("{\n  \"a\": \"เพิกถอน\"\n}"),
            ["`เพิกถอน` in \"เพิกถอน\": write `ถอน` for withdrawal"]
        );
        assert_eq!(found("{}"), ["no text has `ถอน` (withdrawal)"]);
        let finding =
            check(&Tree::made_up([(GLOSSARY, &*glossary), ("public/texts/vi.json", "{}")]));
        assert!(finding.iter().any(|it| it.what == "no word for withdrawal in vi"));
    }

    #[test]
    fn japanese_has_punctuation_of_full_width() {
        for (text, sign) in [
            ("誰ですか?", '?'),
            ("同意(任意)", '('),
            ("同意 (optional)", '('),
            ("保管期間: 1年", ':'),
            ("1:同意", ':'),
        ] {
            assert_eq!(half_width(text), Some(sign), "{text}");
        }
        for text in ["誰ですか？", "同意（任意）", "Example Inc. (US)", "010-1234: 5"] {
            assert_eq!(half_width(text), None, "{text}");
        }
    }

    #[test]
    fn a_missing_file_and_an_unused_word_are_found() {
        let whats: Vec<String> =
            check(&Tree::made_up([(GLOSSARY, WITHDRAWAL)])).into_iter().map(|it| it.what).collect();
        assert!(whats.contains(&"is missing: its texts are checked".to_owned()));
        assert!(whats.contains(&"no text has `철회` (withdrawal)".to_owned()));
        assert_eq!(check(&Tree::default()).len(), 1);
    }
}
