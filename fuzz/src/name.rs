//! What other people wrote: names, titles, texts, keys.

use consent_contract::{
    item::{ItemKey, is_name},
    name::{self, NameFault},
};
use unicode_normalization::UnicodeNormalization;

/// Any text, cleaned to be shown, checked as a name, a title and a text, and read as a key.
///
/// # Panics
/// When what comes out may not be shown, or is not read again as it is.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let shown = name::clean(&text);
    is_presentable(&shown);
    assert_eq!(name::clean(&shown), shown, "clean text comes back unchanged");
    if name::check(&text).is_ok() {
        accepted_name(&text, &shown);
    }
    if name::check_title(&text).is_ok() {
        accepted_text(&text, &shown);
        assert_eq!(name::check_title(&shown), Ok(()));
    }
    if name::check_text(&text).is_ok() {
        accepted_text(&text, &shown);
    }
    assert!(matches!(name::check_text(&shown), Ok(()) | Err(NameFault::Blank)), "{shown:?}");
    let skeleton = name::skeleton(&text);
    assert_eq!(name::skeleton(&shown), skeleton, "what is not seen distinguishes no names");
    match text.parse::<ItemKey>() {
        Ok(key) => {
            assert_eq!(key.to_string(), text);
            assert!(is_name(key.name()));
        }
        Err(_) => assert!(!text.split_once(':').is_some_and(|(kind, name)| {
            ["term", "item", "channel"].contains(&kind) && is_name(name)
        })),
    }
}

fn accepted_name(text: &str, shown: &str) {
    assert_eq!(name::check(shown), Ok(()), "what is shown of a good name is a good name");
    assert_eq!(name::check_title(text), Ok(()), "a name is a title");
    assert_eq!(name::check_line(text), Ok(()), "a name is a line");
    accepted_text(text, shown);
    let latin = |c: char| c.is_ascii_alphabetic();
    let cyrillic = |c: char| c.is_alphabetic() && ('\u{400}'..='\u{52f}').contains(&c);
    let greek = |c: char| c.is_alphabetic() && ('\u{391}'..='\u{3c9}').contains(&c);
    let has = |of: fn(char) -> bool| text.chars().any(of);
    assert!(!has(latin) || !has(cyrillic) && !has(greek), "{text:?} mixes look-alikes");
    let mathematical = |c: char| ('\u{1d400}'..='\u{1d7ff}').contains(&c);
    assert!(!has(mathematical), "{text:?} is in disguise");
}

fn accepted_text(text: &str, shown: &str) {
    assert!(shown.chars().any(|c| !c.is_whitespace() && !is_ignorable(c)), "it is seen");
    let same = |text: &str| text.split_whitespace().collect::<String>().nfc().collect::<String>();
    assert_eq!(same(text), same(shown), "nothing is left out of a text that was accepted");
}

/// Nothing that hides, reorders or blanks out text, and Hangul in syllables.
pub(crate) fn is_presentable(shown: &str) {
    let mut before = ' ';
    for c in shown.chars() {
        let in_an_emoji = matches!(c, '\u{200d}' | '\u{fe0f}') && may_be_joined(before);
        assert!(!is_ignorable(c) || in_an_emoji, "{shown:?} hides {c:?}");
        assert!(!c.is_control() && !is_bidi_control(c), "{shown:?} holds {c:?}");
        assert!(!c.is_whitespace() || (c == ' ' && before != ' '), "{shown:?}: {c:?}");
        before = c;
    }
    assert!(!shown.ends_with(' '), "{shown:?}");
    for run in shown.split(|c| !is_hangul(c)) {
        assert!(run.nfc().eq(run.chars()), "{run:?} is not composed");
    }
}

/// Letters and digits are not, nor is what joins; the emoji block has letters in boxes.
fn may_be_joined(c: char) -> bool {
    let plain = c.is_alphabetic() || c.is_ascii_digit() || c == ' ' || c == '\u{200d}';
    !plain || ('\u{1f000}'..='\u{1faff}').contains(&c)
}

/// Unicode's `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt): drawn as nothing. And the
/// braille pattern without a dot, which is drawn as a blank.
fn is_ignorable(c: char) -> bool {
    matches!(
        u32::from(c),
        0xad | 0x34f
            | 0x61c
            | 0x115f..=0x1160
            | 0x17b4..=0x17b5
            | 0x180b..=0x180f
            | 0x200b..=0x200f
            | 0x202a..=0x202e
            | 0x2060..=0x206f
            | 0x2800
            | 0x3164
            | 0xfe00..=0xfe0f
            | 0xfeff
            | 0xffa0
            | 0xfff0..=0xfff8
            | 0x1bca0..=0x1bca3
            | 0x1d173..=0x1d17a
            | 0xe0000..=0xe0fff
    )
}

/// Unicode's `Bidi_Control` (PropList.txt).
fn is_bidi_control(c: char) -> bool {
    matches!(u32::from(c), 0x61c | 0x200e..=0x200f | 0x202a..=0x202e | 0x2066..=0x2069)
}

fn is_hangul(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x11ff | 0xac00..=0xd7a3)
}
