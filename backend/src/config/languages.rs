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

/// The languages of two letters (ISO 639-1).
const TWO_LETTERS: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu \
    cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he \
    hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko \
    kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd \
    ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se \
    sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty \
    ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Checks a language tag (BCP 47): its shape, its language, and that it is spelt with the case that
/// tags are written in, so that no two differ in that alone.
///
/// # Errors
/// The reason.
pub fn check_tag(tag: &str) -> Result<(), String> {
    let is_subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let language = tag.split('-').next().unwrap_or_default();
    let is_language =
        (2..=8).contains(&language.len()) && language.bytes().all(|it| it.is_ascii_alphabetic());
    if tag.len() > 35 || !is_language || !tag.split('-').all(is_subtag) {
        return Err(format!("`{tag}` is not a language tag"));
    }
    let usual = usual_case(tag);
    if usual != tag {
        return Err(format!("`{tag}`: write it as `{usual}`"));
    }
    if language.len() == 2 && !TWO_LETTERS.split(' ').any(|known| known == language) {
        return Err(format!("`{tag}` is not a language tag: there is no language `{language}`"));
    }
    Ok(())
}

/// A tag as it is usually written (RFC 5646, 2.1.1): `zh-Hant-TW`.
fn usual_case(tag: &str) -> String {
    let mut after_singleton = false;
    let parts = tag.split('-').enumerate().map(|(index, part)| {
        let lower = part.to_ascii_lowercase();
        let usual = match part.len() {
            2 if index > 0 && !after_singleton => part.to_ascii_uppercase(),
            4 if index > 0 && !after_singleton => {
                let (first, rest) = lower.split_at(1);
                format!("{}{rest}", first.to_ascii_uppercase())
            }
            _ => lower,
        };
        after_singleton = part.len() == 1;
        usual
    });
    parts.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_tag_names_a_language_in_the_usual_case() {
        for good in
            ["ko", "en", "zh-Hant-TW", "en-GB", "es-419", "fil", "sl-rozaj", "de-u-co-phonebk"]
        {
            assert_eq!(check_tag(good), Ok(()), "{good}");
        }
        for (bad, usual) in [("KO", "ko"), ("en-gb", "en-GB"), ("zh-hant", "zh-Hant")] {
            assert_eq!(check_tag(bad), Err(format!("`{bad}`: write it as `{usual}`")));
        }
        for bad in ["jp", "kr-KR-x", "xx", "e", "", "e n", "한국", "ko-", "1a"] {
            let checked = check_tag(bad);
            // `kr` is Kanuri.
            assert_eq!(checked.is_err(), !bad.starts_with("kr"), "{bad}");
        }
    }
}
