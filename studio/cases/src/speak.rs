//! A case in another language: the texts of services, as far as they were translated, and a
//! pseudo-locale that shows what a longer language would do to the layout.

use std::{collections::BTreeMap, sync::LazyLock};

use consent_contract::{document::Block, locale::Locale};
use serde::Deserialize;

use crate::{Case, Consent, Screen};

/// What a case is shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    In(Locale),
    /// English, 40 % longer and accented, in brackets: what is cut off or was never translated is
    /// seen at once.
    Pseudo,
}

impl Speech {
    /// The language of the screen's own words.
    #[must_use]
    pub fn locale(self) -> Locale {
        match self {
            Self::In(locale) => locale,
            Self::Pseudo => Locale::En,
        }
    }
}

/// By the text in Korean.
static MEMORY: LazyLock<BTreeMap<String, Translation>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../translations/services.json")).expect("translations")
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Translation {
    en: String,
    ja: String,
}

fn spoken(text: &str, speech: Speech) -> String {
    let known = MEMORY.get(text);
    let said = match speech.locale() {
        Locale::Ko => None,
        Locale::En => known.map(|it| it.en.as_str()),
        Locale::Ja => known.map(|it| it.ja.as_str()),
    };
    let said = said.unwrap_or(text);
    if speech == Speech::Pseudo { pseudo(said) } else { said.to_owned() }
}

/// A text, accented and 40 % longer, in brackets. Slots (`{}`) and what is not written in Latin
/// letters stay.
#[must_use]
pub fn pseudo(text: &str) -> String {
    if text.trim().is_empty() {
        return text.to_owned();
    }
    let accented: String = text.chars().map(accent).collect();
    let length = text.chars().count();
    let more = (length * 2).div_ceil(5).saturating_sub(2);
    // Words, so that lines can break as they would in a language.
    let padding: String = "~~~~~ ".chars().cycle().take(more).collect();
    format!("[{accented}{}]", padding.trim_end())
}

fn accent(letter: char) -> char {
    match letter {
        'a' => 'á',
        'e' => 'ë',
        'i' => 'ï',
        'o' => 'ö',
        'u' => 'ü',
        'y' => 'ÿ',
        'c' => 'ç',
        'n' => 'ñ',
        'A' => 'Å',
        'E' => 'É',
        'I' => 'Î',
        'O' => 'Ø',
        'U' => 'Û',
        other => other,
    }
}

impl Case {
    /// The case with the texts of services in another language. What nobody has translated stays
    /// as it is.
    #[must_use]
    pub fn spoken(&self, speech: Speech) -> Self {
        let mut case = self.clone();
        let say = |text: &mut String| *text = spoken(text, speech);
        match &mut case.screen {
            Screen::Consent(consent) => consent.each_text(&say, speech),
            Screen::AutoLogin(it) => {
                say(&mut it.service.name);
                say(&mut it.service.company);
                if let Some(account) = &mut it.account {
                    say(&mut account.nickname);
                }
            }
            Screen::Loading { .. } | Screen::Problem(_) | Screen::Stopped(_) => {}
        }
        case
    }
}

impl Consent {
    fn each_text(&mut self, say: &impl Fn(&mut String), speech: Speech) {
        let request = &mut self.request;
        speech.locale().tag().clone_into(&mut request.locale);
        say(&mut request.service.name);
        say(&mut request.service.company);
        say(&mut request.account.nickname);
        for term in &mut request.terms {
            say(&mut term.title);
            term.highlights.iter_mut().for_each(|it| say(&mut it.text));
        }
        let info = &mut request.personal_info;
        for text in
            [&mut info.recipient, &mut info.purpose, &mut info.retention, &mut info.refusal_effect]
        {
            say(text);
        }
        for item in &mut info.items {
            say(&mut item.label);
            // A masked value is a value and no text; a nickname may be written otherwise.
            if let (Some(value), Speech::In(_)) = (&mut item.value, speech) {
                say(value);
            }
        }
        request.channels.iter_mut().for_each(|it| say(&mut it.name));
        request.already_agreed.terms.iter_mut().for_each(|it| say(&mut it.title));
        request.already_agreed.personal_info.iter_mut().for_each(|it| say(&mut it.label));
        for block in self.documents.values_mut().flatten() {
            match block {
                Block::Heading { text, .. } | Block::Paragraph { text } => say(text),
                Block::List { items } => items.iter_mut().for_each(say),
                Block::Table { header, rows } => {
                    header.iter_mut().chain(rows.iter_mut().flatten()).for_each(say);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pseudo_locale_is_forty_percent_longer_and_keeps_slots() {
        for text in ["Agree and continue", "Sign up for {}", "Terms of service of the market"] {
            let long = pseudo(text);
            let (was, is) = (text.chars().count() as f64, long.chars().count() as f64);
            assert!((1.3..=1.55).contains(&(is / was)), "{long}: {}", is / was);
            assert_eq!(text.contains("{}"), long.contains("{}"));
            assert!(long.starts_with('[') && long.ends_with(']'));
        }
        assert_eq!(pseudo(""), "");
    }

    #[test]
    fn the_first_case_is_spoken_in_every_language() {
        let korean = &crate::named("sign-up").unwrap().case;
        let hangul = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
        assert_eq!(korean.spoken(Speech::In(Locale::Ko)), *korean);
        for locale in [Locale::En, Locale::Ja] {
            let case = korean.spoken(Speech::In(locale));
            assert!(!hangul(&case.to_json()), "{}", case.to_json());
            assert_eq!(case.request().unwrap().locale, locale.tag());
        }
        let pseudo = korean.spoken(Speech::Pseudo);
        assert!(pseudo.request().unwrap().terms[0].title.starts_with('['));
    }

    /// A translation of a text that no case has any more helps nobody.
    #[test]
    fn every_translation_is_used() {
        let all: Vec<String> = crate::all().map(|it| it.case.to_json()).collect();
        for text in MEMORY.keys() {
            let quoted = serde_json::to_string(text).unwrap();
            assert!(all.iter().any(|case| case.contains(&quoted)), "{text}");
        }
    }
}
