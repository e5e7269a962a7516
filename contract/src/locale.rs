//! The languages of the screen and of the server's own pages. The list is data: a server reads it from
//! its language files, the app from its page. Texts of services may come in other languages, too.

use std::{
    fmt,
    sync::{PoisonError, RwLock},
};

/// The languages that ship, in the order of menus: BCP 47 tag, and the name in the language itself. The
/// first one is the reference. The app does not refer to it: it reads the list of its page.
pub const SHIPPED: &str = "ko=한국어;en=English;ja=日本語;zh-Hans=简体中文;zh-Hant=繁體中文;\
    vi=Tiếng Việt;th=ไทย;ar=العربية";

/// As many languages as a list may have.
pub const MOST: usize = 64;

/// Empty until there is a list.
static OFFERED: RwLock<&'static str> = RwLock::new("");

/// Replaces the list of languages, which has the form of [`SHIPPED`]. A language has the same place in each
/// list of a process; one that is not offered any more leaves it empty.
pub fn offer(languages: &'static str) {
    *OFFERED.write().unwrap_or_else(PoisonError::into_inner) = languages;
}

/// The list, in the form of [`SHIPPED`].
#[must_use]
pub fn offered() -> &'static str {
    let languages = *OFFERED.read().unwrap_or_else(PoisonError::into_inner);
    #[cfg(not(target_arch = "wasm32"))]
    if languages.is_empty() {
        return SHIPPED;
    }
    languages
}

/// The places of a list: tag and name of each language, nothing where there is none any more.
pub fn places(languages: &str) -> impl Iterator<Item = Option<(&str, &str)>> {
    languages.split(';').take(MOST).map(|language| language.split_once('='))
}

/// Tags and names of a list.
pub fn entries(languages: &str) -> impl Iterator<Item = (&str, &str)> {
    places(languages).flatten()
}

/// A language on offer: its place in the list.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Locale(u8);

impl Locale {
    /// The reference, and what a user gets whose languages are all unknown.
    pub const KO: Self = Self(0);
    pub const EN: Self = Self(1);
    pub const JA: Self = Self(2);

    /// Every language on offer.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..).map(Self).zip(places(offered())).filter_map(|(it, place)| place.map(|_| it))
    }

    /// The language on offer for a BCP 47 tag: this tag, else one of the same language and script,
    /// whatever its region.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        let exact = Self::all().find(|it| it.tag().eq_ignore_ascii_case(tag));
        exact.or_else(|| Self::all().find(|it| is_same_language(it.tag(), tag)))
    }

    /// The first of these languages that is on offer, else Korean.
    #[must_use]
    pub fn best<'a>(languages: impl IntoIterator<Item = &'a str>) -> Self {
        languages.into_iter().find_map(Self::of).unwrap_or(Self::KO)
    }

    /// Its place in the list.
    #[must_use]
    pub fn index(self) -> usize {
        self.0.into()
    }

    fn entry(self) -> (&'static str, &'static str) {
        places(offered()).nth(self.index()).flatten().unwrap_or_default()
    }

    /// The BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.entry().0
    }

    /// The language's name in itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().1
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// Whether readers of one language tag read the other: the language is the same, and the script is,
/// where a language has several. `zh` is Simplified, `zh-TW` Traditional Chinese (CLDR, likely
/// subtags).
#[must_use]
pub fn is_same_language(one: &str, other: &str) -> bool {
    let (language, script) = language_and_script(one);
    let (other_language, other_script) = language_and_script(other);
    language.eq_ignore_ascii_case(other_language)
        && (script.is_empty()
            || other_script.is_empty()
            || script.eq_ignore_ascii_case(other_script))
}

/// Of a tag; the script is empty where the tag names none and the language is written in one.
fn language_and_script(tag: &str) -> (&str, &str) {
    let mut parts = tag.trim().split(['-', '_']);
    let language = parts.next().unwrap_or_default();
    let is_chinese = language.eq_ignore_ascii_case("zh");
    let mut script = if is_chinese { "Hans" } else { "" };
    for part in parts {
        match part.len() {
            4 => return (language, part),
            2 if is_chinese && TRADITIONAL.iter().any(|it| it.eq_ignore_ascii_case(part)) => {
                script = "Hant";
            }
            // What follows a singleton is no script and no region.
            1 => break,
            _ => {}
        }
    }
    (language, script)
}

/// Regions whose Chinese is written in the traditional script.
const TRADITIONAL: [&str; 3] = ["TW", "HK", "MO"];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_language_is_found_by_its_tag() {
        assert_eq!(Locale::of("ko-KR"), Some(Locale::KO));
        assert_eq!(Locale::of("JA"), Some(Locale::JA));
        assert_eq!(Locale::of("en_US"), Some(Locale::EN));
        assert_eq!(Locale::of("kok"), None);
        assert_eq!(Locale::best(["fr-FR", "en-GB", "ko"]), Locale::EN);
        assert_eq!(Locale::best(["fr"]), Locale::KO);
        assert_eq!(Locale::best([]), Locale::KO);
        assert_eq!(Locale::JA.name(), "日本語");
        assert_eq!(
            Locale::all().map(Locale::index).collect::<Vec<_>>(),
            (0..8).collect::<Vec<_>>()
        );
        for (locale, tag) in [(Locale::KO, "ko"), (Locale::EN, "en"), (Locale::JA, "ja")] {
            assert_eq!((Locale::of(tag), locale.tag()), (Some(locale), tag));
        }
    }

    /// CLDR 46, supplemental/likelySubtags.xml.
    #[test]
    fn chinese_is_found_by_its_script_or_its_region() {
        for (tag, found) in [
            ("zh", "zh-Hans"),
            ("zh-CN", "zh-Hans"),
            ("zh-SG", "zh-Hans"),
            ("zh-TW", "zh-Hant"),
            ("zh_HK", "zh-Hant"),
            ("ZH-mo", "zh-Hant"),
            ("zh-Hant", "zh-Hant"),
            ("zh-hans-TW", "zh-Hans"),
            ("zh-Hant-CN", "zh-Hant"),
            ("zh-u-rg-twzzzz", "zh-Hans"),
            ("zh-x-TW", "zh-Hans"),
            ("vi-VN", "vi"),
            ("th-TH-u-ca-buddhist", "th"),
            ("ar-EG", "ar"),
            ("ar-Arab-SA", "ar"),
        ] {
            assert_eq!(Locale::of(tag).map(Locale::tag), Some(found), "{tag}");
        }
        assert_eq!(Locale::of("zho"), None);
        assert_eq!(Locale::of("zh-Latn"), None, "Pinyin is no ideographs");
        assert_eq!(Locale::best(["zh-TW", "zh-CN"]).tag(), "zh-Hant");
    }

    proptest! {
        #[test]
        fn a_language_is_found_whatever_its_region_and_no_other(at in 0usize..3, region in "([-_][A-Za-z0-9]{1,8}){0,2}", other in "\\PC{0,8}") {
            let locale = Locale::all().nth(at).unwrap();
            prop_assert_eq!(Locale::of(&format!("{locale}{region}")), Some(locale));
            if let Some(found) = Locale::of(&other) {
                let language = found.tag().split('-').next().unwrap();
                prop_assert!(other.trim().to_ascii_lowercase().starts_with(language));
            }
        }
    }
}
