//! The shop's texts in Korean, English and Japanese, from `texts/*.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A language of the shop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    #[default]
    Ko,
    En,
    Ja,
}

impl Language {
    pub const ALL: [Language; 3] = [Language::Ko, Language::En, Language::Ja];

    /// The BCP 47 tag, for `lang` and for the cookie.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Language::Ko => "ko",
            Language::En => "en",
            Language::Ja => "ja",
        }
    }

    /// The language's name in that language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Language::Ko => "한국어",
            Language::En => "English",
            Language::Ja => "日本語",
        }
    }

    /// The language with this tag; a region is ignored: `en-GB` is `en`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Language> {
        let primary = tag.split('-').next().unwrap_or(tag).trim();
        Language::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The first language of `Accept-Language` (RFC 9110, 12.5.4) that the shop has, by quality;
    /// Korean where it has none.
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Language {
        let mut best: Option<(Language, f32)> = None;
        for range in accept_language.split(',') {
            let mut parts = range.split(';');
            let Some(language) = parts.next().and_then(Language::from_tag) else { continue };
            let quality = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1.0, |quality| quality.trim().parse().unwrap_or(0.0));
            if quality > 0.0 && best.is_none_or(|(_, highest)| quality > highest) {
                best = Some((language, quality));
            }
        }
        best.map_or(Language::Ko, |(language, _)| language)
    }

    /// This language's text of the three.
    #[must_use]
    pub fn pick(self, words: &Words) -> &'static str {
        words[self as usize]
    }
}

/// A text in Korean, English, Japanese.
pub type Words = [&'static str; 3];

type Table = BTreeMap<String, String>;

static TABLES: LazyLock<[Table; 3]> = LazyLock::new(|| {
    SOURCES.map(|json| {
        serde_json::from_str(json).unwrap_or_else(|error| {
            tracing::error!(%error, "a file of texts cannot be read");
            Table::new()
        })
    })
});

const SOURCES: [&str; 3] = [
    include_str!("../texts/ko.json"),
    include_str!("../texts/en.json"),
    include_str!("../texts/ja.json"),
];

/// The texts of one language.
#[derive(Clone, Copy, Debug)]
pub struct Texts(Language);

impl Texts {
    #[must_use]
    pub fn of(language: Language) -> Texts {
        Texts(language)
    }

    /// The text with this key. The tests check that every key that a page uses exists.
    #[must_use]
    pub fn get(self, key: &str) -> &str {
        TABLES[self.0 as usize].get(key).map_or(key, String::as_str)
    }

    /// The text with this key, with each `{name}` replaced by its value.
    #[must_use]
    pub fn fill(self, key: &str, values: &[(&str, &str)]) -> String {
        // One pass, so that a value with braces stays as it is.
        let mut rest = self.get(key);
        let mut filled = String::with_capacity(rest.len());
        while let Some(open) = rest.find('{') {
            let (before, after) = rest.split_at(open);
            filled.push_str(before);
            let Some(close) = after.find('}') else {
                rest = after;
                break;
            };
            let name = &after[1..close];
            match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => filled.push_str(value),
                None => filled.push_str(&after[..=close]),
            }
            rest = &after[close + 1..];
        }
        filled.push_str(rest);
        filled
    }
}

/// `2026-11-27`, with an optional time after a space, in the language's own form. Other text stays.
#[must_use]
pub fn date(language: Language, iso: &str) -> String {
    let (day, time) = iso.split_once(' ').unwrap_or((iso, ""));
    let parts: Vec<u32> = day.split('-').filter_map(|part| part.parse().ok()).collect();
    let [year, month, day] = parts[..] else { return iso.to_owned() };
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let date = match language {
        Language::Ko => format!("{year}년 {month}월 {day}일"),
        Language::Ja => format!("{year}年{month}月{day}日"),
        Language::En => {
            let Some(name) = month.checked_sub(1).and_then(|index| MONTHS.get(index as usize))
            else {
                return iso.to_owned();
            };
            format!("{day} {name} {year}")
        }
    };
    if time.is_empty() { date } else { format!("{date} {time}") }
}

#[cfg(test)]
mod tests;
