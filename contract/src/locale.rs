//! The languages that the screen and the backend speak themselves. Texts of services may come in
//! others too.

use std::fmt;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Locale {
    Ko,
    En,
    Ja,
}

impl Locale {
    pub const ALL: [Self; 3] = [Self::Ko, Self::En, Self::Ja];

    /// The language of a BCP 47 tag, whatever its region.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        let language = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|locale| language.eq_ignore_ascii_case(locale.tag()))
    }

    /// The first of these languages that is supported, else Korean, the reference.
    #[must_use]
    pub fn best<'a>(languages: impl IntoIterator<Item = &'a str>) -> Self {
        languages.into_iter().find_map(Self::of).unwrap_or(Self::Ko)
    }

    /// The BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// The language's name in itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ko => "한국어",
            Self::En => "English",
            Self::Ja => "日本語",
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_language_is_found_by_its_tag() {
        assert_eq!(Locale::of("ko-KR"), Some(Locale::Ko));
        assert_eq!(Locale::of("JA"), Some(Locale::Ja));
        assert_eq!(Locale::of("en_US"), Some(Locale::En));
        assert_eq!(Locale::of("kok"), None);
        assert_eq!(Locale::best(["fr-FR", "en-GB", "ko"]), Locale::En);
        assert_eq!(Locale::best(["zh"]), Locale::Ko);
        assert_eq!(Locale::best([]), Locale::Ko);
    }

    proptest! {
        #[test]
        fn a_language_is_found_whatever_its_region_and_no_other(at in 0usize..3, region in "([-_][A-Za-z0-9]{1,8}){0,2}", other in "\\PC{0,8}") {
            let locale = Locale::ALL[at];
            prop_assert_eq!(Locale::of(&format!("{locale}{region}")), Some(locale));
            if let Some(found) = Locale::of(&other) {
                prop_assert!(other.trim().to_ascii_lowercase().starts_with(found.tag()));
            }
        }
    }
}
