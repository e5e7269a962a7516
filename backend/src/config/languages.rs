//! The languages of a service.

use super::{fault::Faults, reader::Written};

/// The language that every text has.
const ALWAYS: &str = "ko";

/// The texts of a service that were written in languages, also those that cannot be read: a
/// translation with a mistake in it is there.
#[derive(Default)]
pub struct Texts(Vec<Text>);

struct Text {
    /// As it is named in faults.
    what: String,
    key: &'static str,
    at: usize,
    languages: Vec<(String, usize)>,
    has_malformed_language: bool,
}

impl Text {
    fn has(&self, language: &str) -> bool {
        self.languages.iter().any(|(tag, _)| tag == language)
    }
}

impl Texts {
    /// Adds a text. One that was given once stands for every language.
    pub fn add<T>(&mut self, what: impl Into<String>, text: Option<&Written<T>>) {
        let Some(text) = text else { return };
        if let Some(languages) = &text.languages {
            self.0.push(Text {
                what: what.into(),
                key: text.key,
                at: text.at,
                languages: languages.clone(),
                has_malformed_language: text.has_malformed_language,
            });
        }
    }

    /// The languages of the service, Korean first: those that at least half of the texts have. A text
    /// that lacks one was forgotten, and would be shown in Korean in the middle of another language;
    /// a language that only a few texts have was begun, or is another one misspelt.
    pub fn languages(&self, faults: &Faults) -> Vec<String> {
        let mut languages = vec![ALWAYS.to_owned()];
        for (tag, _) in self.0.iter().flat_map(|text| &text.languages) {
            let having = self.0.iter().filter(|text| text.has(tag)).count();
            if !languages.contains(tag) && having * 2 >= self.0.len() {
                languages.push(tag.clone());
            }
        }
        for text in &self.0 {
            let mut missing: Vec<&str> =
                languages.iter().map(String::as_str).filter(|tag| !text.has(tag)).collect();
            // A malformed tag is reported already, and stands for a language that is missing.
            if text.has_malformed_language && !missing.is_empty() {
                missing.remove(0);
            }
            let what = &text.what;
            for (tag, at) in text.languages.iter().filter(|(tag, _)| !languages.contains(tag)) {
                let reason = match missing.is_empty() {
                    true => format!("{what} has `{tag}`, which most other texts have not"),
                    false => {
                        let other = missing.remove(0);
                        format!("{what} has `{tag}`, where other texts have `{other}`")
                    }
                };
                faults.add(*at, reason);
            }
            for tag in missing {
                let others = if tag == ALWAYS { "" } else { ", which other texts have" };
                let reason = format!("{what} has no `{tag}`{others}");
                faults.add_unless_misspelt(text.key, text.at, reason);
            }
        }
        languages
    }
}
