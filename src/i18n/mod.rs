//! The screen's own texts, as constant tables: one per language, each complete (the compiler checks
//! that). No legal text is in here: terms, names and labels come from the backend.

mod date;
mod en;
mod ja;
mod ko;
mod problems;
#[cfg(feature = "preview")]
pub mod pseudo;
/// Why the screen appears. A server gives it to the app in a sentence.
#[cfg(any(feature = "ssr", feature = "preview"))]
pub mod reasons;
pub(crate) mod texts;

pub use consent_contract::locale::Locale;
pub use date::date;
pub use problems::{ProblemText, Recovery};
pub use texts::Texts;

use consent_contract::{
    request::Collect,
    value::{self, ValueFault},
};

/// The screen's own texts in a language.
#[must_use]
pub fn texts(locale: Locale) -> &'static Texts {
    #[cfg(feature = "preview")]
    if pseudo::is_on() {
        return pseudo::texts();
    }
    match locale {
        Locale::Ko => &ko::TEXTS,
        Locale::En => &en::TEXTS,
        Locale::Ja => &ja::TEXTS,
    }
}

impl Texts {
    /// Why a value was not accepted, and what to do.
    #[must_use]
    pub fn value_error(&self, kind: Option<Collect>, fault: ValueFault, typed: &str) -> String {
        let unexpected = kind.and_then(|kind| value::unexpected_character(kind, typed));
        let text = match (fault, unexpected) {
            (ValueFault::UnexpectedCharacter, Some(c)) if c != ' ' => {
                return fill(self.error_character, &value::character_in_words(c));
            }
            (ValueFault::UnexpectedCharacter, Some(_)) => self.error_space,
            (fault, _) => self.value_error_alone(kind, fault),
        };
        text.to_owned()
    }

    fn value_error_alone(&self, kind: Option<Collect>, fault: ValueFault) -> &'static str {
        match fault {
            ValueFault::Empty => self.error_empty,
            ValueFault::TooLong => self.error_too_long,
            ValueFault::TooShort => self.error_too_short,
            ValueFault::NotAnEmail => self.error_email,
            ValueFault::NotAPhoneNumber => self.error_phone,
            ValueFault::NotADate => self.error_date,
            ValueFault::NotText | ValueFault::UnexpectedCharacter => self.error_not_text,
            ValueFault::Other => match kind {
                Some(Collect::Email) => self.error_email,
                Some(Collect::Phone) => self.error_phone,
                Some(Collect::Birthday) => self.error_date,
                _ => self.error_other,
            },
        }
    }

    /// The hint for a value that the user has to enter.
    #[must_use]
    pub fn collect(&self, kind: Collect) -> &'static str {
        match kind {
            Collect::Email => self.collect_email,
            Collect::Phone => self.collect_phone,
            Collect::Name => self.collect_name,
            Collect::Birthday => self.collect_birthday,
            Collect::Address => self.collect_address,
        }
    }
}

/// Replaces `{}` with a value.
#[must_use]
pub fn fill(text: &str, value: &str) -> String {
    let (before, after) = around(text);
    [before, value, after].concat()
}

/// The text before and after `{}`: for views that put an isolated name between them.
#[must_use]
pub fn around(text: &str) -> (&str, &str) {
    text.split_once("{}").unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_locale_says_everything() {
        for locale in Locale::ALL {
            for (name, text) in texts(locale).all() {
                assert!(!text.trim().is_empty(), "{locale:?} has no {name}");
                let slots = |text: &str| text.matches("{}").count();
                let reference = texts(Locale::Ko).all();
                let (_, korean) = reference.iter().find(|(n, _)| n == &name).unwrap();
                assert_eq!(
                    slots(text),
                    slots(korean),
                    "{locale:?} {name}: a slot is missing or too many"
                );
            }
        }
    }

    #[test]
    fn no_text_was_left_untranslated() {
        let korean = texts(Locale::Ko).all();
        for locale in [Locale::En, Locale::Ja] {
            for ((name, text), (_, korean)) in texts(locale).all().iter().zip(&korean) {
                if *name == "colon" {
                    continue;
                }
                assert_ne!(text, korean, "{locale:?} {name}");
                assert!(
                    !text.chars().any(|c| ('가'..='힣').contains(&c)),
                    "{locale:?} {name} has Hangul in it"
                );
            }
        }
    }

    #[test]
    fn a_character_that_cannot_be_used_is_named() {
        let said = |kind, typed| {
            let fault = value::normalise(kind, typed).expect_err("it is refused");
            texts(Locale::En).value_error(Some(kind), fault, typed)
        };
        assert!(said(Collect::Phone, "010-1234-567x").starts_with("“x” can't be used"));
        assert!(said(Collect::Email, "하나@example.com").starts_with("“하” can't be used"));
        assert!(said(Collect::Name, "a\u{e000}").starts_with("“U+E000” can't be used"));
        assert!(said(Collect::Phone, "0\u{20e3}").starts_with("“U+20E3” can't be used"));
        assert_eq!(said(Collect::Email, "ha na@example.com"), "Please remove the spaces.");
        assert_eq!(said(Collect::Email, "hana"), texts(Locale::En).error_email);
        // Refused by the backend alone: nothing here can be named.
        let fault = ValueFault::UnexpectedCharacter;
        let said = texts(Locale::En).value_error(Some(Collect::Email), fault, "hana@example.com");
        assert_eq!(said, texts(Locale::En).error_not_text);
    }

    #[test]
    fn a_slot_is_filled_once() {
        assert_eq!(fill("{}에 가입하기", "한옥마켓"), "한옥마켓에 가입하기");
        assert_eq!(fill("{}!", "{}"), "{}!");
    }
}
