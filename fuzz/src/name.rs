//! What other people wrote, and what the person types: names, values, keys.

use consent_contract::{
    item::{ItemKey, is_name},
    name,
    request::Collect,
    value,
};
use unicode_normalization::UnicodeNormalization;

/// Any text, cleaned to be shown, checked as a name, and read as a typed value and as a key.
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
    for kind in [Collect::Email, Collect::Phone, Collect::Name, Collect::Birthday, Collect::Address]
    {
        if let Ok(value) = value::normalise(kind, &text) {
            accepted_value(kind, &value);
        }
    }
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
    assert!(shown.chars().any(|c| !c.is_whitespace() && !is_ignorable(c)), "it is seen");
    let same = |text: &str| text.split_whitespace().collect::<String>().nfc().collect::<String>();
    assert_eq!(same(text), same(shown), "nothing is left out of a name that was accepted");
}

fn accepted_value(kind: Collect, value: &str) {
    assert_eq!(value::normalise(kind, value).as_deref(), Ok(value));
    assert!(value.chars().count() <= value::longest(kind), "{value:?}");
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let right = match kind {
        Collect::Email => value.matches('@').count() == 1 && value.is_ascii(),
        Collect::Phone => digits(value.strip_prefix('+').unwrap_or(value)),
        Collect::Birthday => {
            value.len() == 10 && value.split('-').count() == 3 && value.split('-').all(digits)
        }
        Collect::Name | Collect::Address => {
            is_presentable(value);
            !value.is_empty()
        }
    };
    assert!(right, "{kind:?}: {value:?}");
}

/// Nothing that hides, reorders or blanks out text, and Hangul in syllables.
fn is_presentable(shown: &str) {
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
