//! The language of the texts.

use consent_contract::{locale::Locale, request::ConsentRequest};
use unicode_script::{Script, UnicodeScript};

use super::{Role, texts};
use crate::Findings;

rules! {
    ONE_LANGUAGE = "KR-T01" Warning Medium
        "Every text is in the language of the screen."
        "Act on the Regulation of Terms and Conditions 3(1); EDPB 03/2022, \"language discontinuity\""
        "Translate it, or do not offer the language."
        settled_by "Whether the text is a name, or a word that the language has adopted.";
}

/// Letters by script.
#[derive(Debug, Default)]
struct Letters {
    hangul: usize,
    kana: usize,
    han: usize,
    latin: usize,
    thai: usize,
    arabic: usize,
    other: usize,
}

impl Letters {
    fn of(text: &str) -> Self {
        let mut letters = Self::default();
        // A word of a letter counts less than one of ten: Latin letters are counted by words.
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            let abbreviation = word.chars().all(|c| !c.is_lowercase());
            let mut latin = false;
            for c in word.chars().filter(|c| c.is_alphabetic()) {
                match c.script() {
                    Script::Hangul => letters.hangul += 1,
                    Script::Hiragana | Script::Katakana => letters.kana += 1,
                    Script::Han => letters.han += 1,
                    Script::Latin => latin = true,
                    Script::Thai => letters.thai += 1,
                    Script::Arabic => letters.arabic += 1,
                    // The long vowel of Katakana.
                    Script::Common | Script::Inherited => {}
                    _ => letters.other += 1,
                }
            }
            letters.latin += usize::from(latin && !abbreviation);
        }
        letters
    }

    /// Whether a text of these letters is in another language. A single Latin word may be adopted
    /// (Email, VIP), and abbreviations are no language (LINE ID).
    fn is_not(&self, locale: Locale) -> bool {
        let Self { hangul, kana, han, latin, thai, arabic, other } = *self;
        let not_latin = hangul + kana + han + thai + arabic + other;
        let lacks = |own: usize| own == 0 && (not_latin > 0 || latin > 1);
        match locale.tag() {
            "ko" => lacks(hangul) || kana > hangul,
            "ja" => lacks(kana + han) || hangul > kana,
            "zh-Hans" | "zh-Hant" => lacks(han) || hangul + kana > han,
            "th" => lacks(thai),
            "ar" => lacks(arabic),
            "en" | "vi" => not_latin > latin,
            // A language that an operator has added: its script is not known here.
            _ => false,
        }
    }
}

pub fn check(findings: &mut Findings, request: &ConsentRequest) {
    let Some(locale) = Locale::of(&request.locale) else { return };
    for (at, role, text) in texts(request) {
        let is_name = matches!(role, Role::Name | Role::Recipient);
        if !is_name && Letters::of(text).is_not(locale) {
            let what = format!("\"{text}\" is not in the language of the screen ({locale})");
            findings.add(ONE_LANGUAGE, at, what);
        }
    }
}
