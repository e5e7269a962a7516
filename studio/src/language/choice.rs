//! Which language the studio is in: the one that was chosen, or else the first of the browser's.

use crate::browser::{self, Keep};

/// The languages: the tag, and the name in the language itself.
pub const LANGUAGES: [(&str, &str); 3] = [("ko", "한국어"), (ENGLISH, "English"), ("ja", "日本語")];

/// The language of the texts in the code.
pub const ENGLISH: &str = "en";

/// The key under which the choice is stored.
const KEY: &str = "consent-studio:language";

/// Stores a choice, and loads the page again in that language. False where storage is blocked or full.
pub fn choose(tag: &str) -> bool {
    let is_kept = browser::keep(Keep::OnDevice, KEY, tag);
    if is_kept {
        browser::reload();
    }
    is_kept
}

/// The tag of the language to load.
pub fn chosen() -> &'static str {
    let stored = browser::kept(Keep::OnDevice, KEY);
    pick(stored.as_deref(), &browser::languages())
}

/// `preferred`: BCP 47 tags, the most preferred first.
fn pick(stored: Option<&str>, preferred: &[String]) -> &'static str {
    let known = |tag: &str| {
        let primary = tag.split('-').next().unwrap_or_default();
        let mut tags = LANGUAGES.iter().map(|(tag, _)| *tag);
        tags.find(|it| it.eq_ignore_ascii_case(primary))
    };
    let preferred = || preferred.iter().find_map(|tag| known(tag));
    stored.and_then(known).or_else(preferred).unwrap_or(ENGLISH)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the page shows before the app is there has the same languages, and chooses as the app does.
    #[test]
    fn the_introduction_is_in_each_language() {
        let page = include_str!("../../index.html");
        assert!(page.contains(&format!("localStorage.getItem(\"{KEY}\")")));
        let tags = LANGUAGES.map(|(tag, _)| format!("\"{tag}\"")).join(", ");
        assert!(page.contains(&format!("[{tags}].find(")), "{tags}");
        for (tag, _) in LANGUAGES {
            assert!(page.contains(&format!("<p lang=\"{tag}\">")), "{tag}");
        }
    }

    #[test]
    fn the_choice_comes_first_and_then_the_browser() {
        let browser = |tags: &[&str]| tags.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        for (stored, preferred, expected) in [
            (Some("ja"), &["ko-KR", "en"][..], "ja"),
            (None, &["ko-KR", "en"], "ko"),
            (None, &["de", "JA", "ko"], "ja"),
            (None, &["de-AT"], "en"),
            (None, &[], "en"),
            (Some("de"), &["ko"], "ko"),
            (Some(""), &[], "en"),
        ] {
            assert_eq!(pick(stored, &browser(preferred)), expected, "{stored:?} {preferred:?}");
        }
    }
}
