//! The texts of pages and messages that only a server makes: `public/texts/server/*.json`, a file per
//! language with a section for each list. None of them is in the end user's bundle.

use std::{
    collections::BTreeMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU32, Ordering},
    },
};

use super::Locale;

/// Texts by section and name.
pub type Sections = BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>;

static LOADED: RwLock<Vec<(Locale, &'static Sections)>> = RwLock::new(Vec::new());

/// How often files were loaded. A list that was made before is made again.
static LOADS: AtomicU32 = AtomicU32::new(0);

/// Sections that a language may lack: their readers are developers. They are in English then.
pub const OPTIONAL: [&str; 1] = ["kakao_developers"];

/// Reads a file. The texts live as long as the process: there is one file per language.
///
/// # Errors
/// The text is not an object of objects of strings.
pub fn read(json: &str) -> Result<Sections, serde_json::Error> {
    let sections: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(json)?;
    let leak = |text: String| -> &'static str { text.leak() };
    Ok(sections
        .into_iter()
        .map(|(section, texts)| {
            let texts = texts.into_iter().map(|(name, text)| (leak(name), leak(text))).collect();
            (leak(section), texts)
        })
        .collect())
}

/// Makes the sections of a language available, instead of those that are built in or were loaded before.
pub fn load(locale: Locale, sections: Sections) {
    let mut loaded = LOADED.write().unwrap_or_else(PoisonError::into_inner);
    loaded.insert(0, (locale, Box::leak(Box::new(sections))));
    LOADS.fetch_add(1, Ordering::Release);
}

/// The sections of a language. Those in English for a language without a file.
fn sections(locale: Locale) -> &'static Sections {
    let find = |loaded: &[(Locale, &'static Sections)]| {
        loaded.iter().find(|(it, _)| *it == locale).map(|(_, sections)| *sections)
    };
    if let Some(sections) = find(&LOADED.read().unwrap_or_else(PoisonError::into_inner)) {
        return sections;
    }
    let Some(json) = super::files::server(locale.tag()) else { return sections(Locale::EN) };
    let read = read(json).expect("a test reads every language");
    let mut loaded = LOADED.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(sections) = find(&loaded) {
        return sections;
    }
    let sections: &'static Sections = Box::leak(Box::new(read));
    loaded.push((locale, sections));
    sections
}

/// Whether a language has a section of its own.
#[must_use]
pub fn has(locale: Locale, section: &str) -> bool {
    sections(locale).contains_key(section)
}

/// A text by its name.
pub type Text<'a> = &'a dyn Fn(&str) -> Option<&'static str>;

/// A list of texts in each language. Each is made once, until files are loaded.
pub struct Lists<T: 'static> {
    section: &'static str,
    /// With the number of [`LOADS`] before.
    made: RwLock<Vec<(Locale, u32, &'static T)>>,
    #[cfg(feature = "preview")]
    pseudo: std::sync::OnceLock<T>,
}

impl<T> Lists<T> {
    #[must_use]
    pub const fn new(section: &'static str) -> Self {
        Self {
            section,
            made: RwLock::new(Vec::new()),
            #[cfg(feature = "preview")]
            pseudo: std::sync::OnceLock::new(),
        }
    }

    /// The list in a language; `make` makes it from texts by name.
    ///
    /// # Panics
    /// If the file in English lacks a text: a test makes every list.
    pub fn of(&'static self, locale: Locale, make: fn(Text<'_>) -> Option<T>) -> &'static T {
        #[cfg(feature = "preview")]
        if super::pseudo::is_on() {
            let text = |name: &str| {
                let text = self.text(Locale::EN, name)?;
                Some(&*consent_fixtures::pseudo(text).leak())
            };
            return self.pseudo.get_or_init(|| make(&text).expect("every text in English"));
        }
        let loads = LOADS.load(Ordering::Acquire);
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., list)) = made.iter().find(|(it, at, _)| (*it, *at) == (locale, loads)) {
            return list;
        }
        drop(made);
        let list = make(&|name| self.text(locale, name)).expect("every text in English");
        let list: &'static T = Box::leak(Box::new(list));
        self.made.write().unwrap_or_else(PoisonError::into_inner).push((locale, loads, list));
        list
    }

    /// In English where the language lacks it.
    fn text(&self, locale: Locale, name: &str) -> Option<&'static str> {
        let text = |locale| sections(locale).get(self.section)?.get(name).copied();
        text(locale).or_else(|| text(Locale::EN))
    }
}
