//! What a person types or pastes: values of each kind.

use consent_contract::{
    name,
    request::Collect,
    value::{self, ValueFault},
};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::name::is_presentable;

const KINDS: [Collect; 5] =
    [Collect::Email, Collect::Phone, Collect::Name, Collect::Birthday, Collect::Address];

/// Any text, read as a value of each kind.
///
/// # Panics
/// When what comes out is not of its kind, or depends on what is not seen.
pub fn check(bytes: &[u8]) {
    let typed = String::from_utf8_lossy(bytes);
    for kind in KINDS {
        let read = value::normalise(kind, &typed);
        let unexpected = value::unexpected_character(kind, &typed);
        assert_eq!(read == Err(ValueFault::UnexpectedCharacter), unexpected.is_some());
        if let Some(c) = unexpected {
            assert!(!value::character_in_words(c).trim().is_empty() || c == ' ', "{c:?}");
        }
        if let Ok(value) = &read {
            accepted(kind, value);
        }
        // A longer text is refused for its length.
        if typed.len() < value::longest_typed(kind) {
            for other in [marked(&typed), wide(&typed)] {
                assert_eq!(value::normalise(kind, &other), read, "{kind:?}: {other:?}");
            }
        }
    }
}

fn accepted(kind: Collect, value: &str) {
    assert_eq!(value::normalise(kind, value).as_deref(), Ok(value));
    let seen = value.nfc().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).count();
    assert!(seen <= value::longest(kind), "{value:?}");
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match kind {
        Collect::Email => is_address_of_mail(value),
        Collect::Phone => {
            let number = value.strip_prefix('+').unwrap_or(value);
            assert!(digits(number) && (8..=15).contains(&number.len()), "{value:?}");
        }
        Collect::Birthday => {
            let parts: Vec<&str> = value.split('-').collect();
            assert_eq!(parts.iter().map(|it| it.len()).collect::<Vec<_>>(), [4, 2, 2], "{value:?}");
            assert!(parts.iter().all(|part| digits(part)), "{value:?}");
        }
        Collect::Name | Collect::Address => {
            is_presentable(value);
            assert_eq!(name::clean(value), value);
            assert!(is_nfc(value), "{value:?} is not composed");
            let narrow = |c: char| !('\u{ff01}'..='\u{ff5e}').contains(&c);
            assert!(!value.is_empty() && value.chars().all(narrow), "{value:?}");
        }
    }
}

/// RFC 5321, 4.1.2, without quotes and address literals; the domain as the DNS has it.
fn is_address_of_mail(value: &str) {
    let (local, domain) = value.split_once('@').expect("there is an @");
    let graphic = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() && b != b'@');
    assert!((1..=64).contains(&local.len()) && graphic(local), "{value:?}");
    assert!(domain.len() <= 253 && domain.contains('.'), "{value:?}");
    for label in domain.split('.') {
        let ldh = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        assert!((1..=63).contains(&label.len()) && label.bytes().all(ldh), "{value:?}");
        assert!(!label.starts_with('-') && !label.ends_with('-'), "{value:?}");
    }
}

/// With something that is not seen before, in the middle of, and behind each other character.
fn marked(typed: &str) -> String {
    const UNSEEN: [char; 5] = ['\u{200b}', '\u{202e}', '\u{feff}', '\u{ad}', '\u{2066}'];
    typed.chars().enumerate().flat_map(|(at, c)| [UNSEEN[at % UNSEEN.len()], c]).collect()
}

/// With full-width signs and spaces.
fn wide(typed: &str) -> String {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        ' ' => '\u{3000}',
        c => c,
    };
    typed.chars().map(wide).collect()
}
