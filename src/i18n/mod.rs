//! The screen's own texts: one file per language, `public/texts/*.json`. The app loads the language of
//! its page; servers, previews and tests have those that ship compiled in, and a server loads others
//! ([`check`]). No legal text is in here: terms, names and labels come from the backend.

#[cfg(any(feature = "ssr", feature = "preview"))]
pub mod check;
mod date;
#[cfg(any(not(target_arch = "wasm32"), feature = "preview"))]
mod files;
mod plural;
mod problems;
#[cfg(feature = "preview")]
pub mod pseudo;
/// Why the screen appears. A server gives it to the app in a sentence.
#[cfg(any(feature = "ssr", feature = "preview"))]
pub mod reasons;
/// The texts of pages that only a server makes.
#[cfg(any(feature = "ssr", feature = "preview"))]
pub mod server;
mod texts;

pub use consent_contract::locale::Locale;
pub use date::date;
pub use problems::{ProblemText, Recovery};
pub use texts::Texts;

use std::sync::{PoisonError, RwLock};

use consent_contract::{
    json::{self, Entries, Unreadable},
    locale::MOST,
    request::Collect,
    value::{self, ValueFault},
};

/// Texts by the index of the language.
static TEXTS: RwLock<[Option<&'static Texts>; MOST]> = RwLock::new([None; MOST]);

fn known(locale: Locale) -> Option<&'static Texts> {
    TEXTS.read().unwrap_or_else(PoisonError::into_inner)[locale.index()]
}

/// For the rest of the process: there is one list per language and file.
fn leak(texts: Texts) -> &'static Texts {
    Box::leak(Box::new(texts))
}

/// The screen's own texts in a language.
///
/// # Panics
/// In the app, before any language is loaded: it is mounted only then.
#[must_use]
pub fn texts(locale: Locale) -> &'static Texts {
    #[cfg(feature = "preview")]
    offer_shipped();
    #[cfg(feature = "preview")]
    if pseudo::is_on() {
        return pseudo::texts();
    }
    let texts = known(loaded(locale));
    #[cfg(any(not(target_arch = "wasm32"), feature = "preview"))]
    return texts.unwrap_or_else(|| keep_built_in(locale));
    #[cfg(all(target_arch = "wasm32", not(feature = "preview")))]
    texts.expect("a language is loaded")
}

/// The language itself if its texts are there; otherwise one whose texts are.
#[must_use]
pub fn loaded(locale: Locale) -> Locale {
    if is_loaded(locale) {
        return locale;
    }
    Locale::all().find(|it| is_loaded(*it)).unwrap_or(locale)
}

/// Whether a page can be shown in a language.
#[must_use]
pub fn is_loaded(locale: Locale) -> bool {
    cfg!(any(not(target_arch = "wasm32"), feature = "preview")) || known(locale).is_some()
}

/// Makes the texts of a language file available, in place of those before, and returns its language.
///
/// # Errors
/// The text is not a file with every text of a language on offer.
pub fn load(json: &str) -> Result<Locale, Unreadable> {
    let (locale, texts) = read(json)?;
    TEXTS.write().unwrap_or_else(PoisonError::into_inner)[locale.index()] = Some(leak(texts));
    Ok(locale)
}

/// The texts live as long as the page.
fn read(json: &str) -> Result<(Locale, Texts), Unreadable> {
    let Entries(entries) = json::read(json)?;
    let texts: Vec<(String, &'static str)> =
        entries.into_iter().map(|(name, text)| (name, &*text.leak())).collect();
    let text = |name: &str| texts.iter().find(|(it, _)| it == name).map(|(_, text)| *text);
    let locale = text("locale").and_then(Locale::of).ok_or(Unreadable)?;
    let texts = Texts::try_from_names(&text).ok_or(Unreadable)?;
    Ok((locale, texts))
}

/// Unless a file was loaded meanwhile.
#[cfg(any(not(target_arch = "wasm32"), feature = "preview"))]
fn keep_built_in(locale: Locale) -> &'static Texts {
    let built_in = built_in(locale);
    let mut texts = TEXTS.write().unwrap_or_else(PoisonError::into_inner);
    texts[locale.index()].get_or_insert_with(|| leak(built_in))
}

/// In English for a language without a file.
#[cfg(any(not(target_arch = "wasm32"), feature = "preview"))]
fn built_in(locale: Locale) -> Texts {
    let json = files::screen(locale.tag()).or_else(|| files::screen("en")).unwrap_or_default();
    let (_, texts) = read(json).expect("a test reads every language");
    texts
}

/// Offers the languages that ship: a preview has no page that brings a list.
#[cfg(feature = "preview")]
pub fn offer_shipped() {
    use consent_contract::locale::{SHIPPED, offer, offered};
    if offered().is_empty() {
        offer(SHIPPED);
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

/// What stands between a sentence and the next one: a full-width stop has its space in itself. Not an empty
/// text, of which a server-rendered page would have a space.
#[must_use]
pub fn after_sentence(sentence: &str) -> Option<&'static str> {
    (!sentence.ends_with('。')).then_some(" ")
}

/// Sentences one after the other.
#[must_use]
pub fn sentences(all: &[&str]) -> String {
    let mut text = String::new();
    for sentence in all {
        if !text.is_empty() {
            text.push_str(after_sentence(&text).unwrap_or_default());
        }
        text.push_str(sentence);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_width_stop_has_no_space_after_it() {
        assert_eq!(
            sentences(&["混み合っています。", "選択はそのままです。"]),
            "混み合っています。選択はそのままです。"
        );
        assert_eq!(sentences(&["Busy.", "Nothing is lost."]), "Busy. Nothing is lost.");
        assert_eq!(after_sentence("広告を受け取ります。"), None);
        assert_eq!(after_sentence("광고를 받습니다."), Some(" "));
        assert_eq!(after_sentence("จะส่งโฆษณาถึงคุณ"), Some(" "));
    }

    const KO: &str = include_str!("../../public/texts/ko.json");

    #[test]
    fn a_language_file_is_complete_and_names_its_language() {
        assert_eq!(load(KO), Ok(Locale::KO));
        let Entries(entries) = json::read(KO).expect("a language file");
        let not_shown = ["locale", "name"].len();
        assert_eq!(entries.len(), texts(Locale::KO).all().len() + not_shown, "a text too many");
        for broken in [
            KO.replace("\"agree\":", "\"agrees\":"),
            KO.replace("\"locale\": \"ko\"", "\"locale\": \"xx\""),
            KO.replace("\"locale\":", "\"language_tag\":"),
            "<!DOCTYPE html>".to_owned(),
        ] {
            assert_eq!(load(&broken), Err(Unreadable), "{broken}");
        }
    }

    #[test]
    fn a_character_that_cannot_be_used_is_named() {
        let said = |kind, typed| {
            let fault = value::normalise(kind, typed).expect_err("it is refused");
            texts(Locale::EN).value_error(Some(kind), fault, typed)
        };
        assert!(said(Collect::Phone, "010-1234-567x").starts_with("“x” can't be used"));
        assert!(said(Collect::Email, "하나@example.com").starts_with("“하” can't be used"));
        assert!(said(Collect::Name, "a\u{e000}").starts_with("“U+E000” can't be used"));
        assert!(said(Collect::Phone, "0\u{20e3}").starts_with("“U+20E3” can't be used"));
        assert_eq!(said(Collect::Email, "ha na@example.com"), "Please remove the spaces.");
        assert_eq!(said(Collect::Email, "hana"), texts(Locale::EN).error_email);
        // Refused by the backend alone: nothing here can be named.
        let fault = ValueFault::UnexpectedCharacter;
        let said = texts(Locale::EN).value_error(Some(Collect::Email), fault, "hana@example.com");
        assert_eq!(said, texts(Locale::EN).error_not_text);
    }

    #[test]
    fn a_slot_is_filled_once() {
        assert_eq!(fill("{}에 가입하기", "한옥마켓"), "한옥마켓에 가입하기");
        assert_eq!(fill("{}!", "{}"), "{}!");
    }
}
