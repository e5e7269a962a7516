//! Signs that input methods and other programs write in the place of those on a keyboard.

/// The zero of every decimal digit in Unicode (general category Nd): nine more follow each.
#[rustfmt::skip]
const ZEROS: &[u32] = &[
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0,
    0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0,
    0x11de0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8,
    0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/// `'7'` from any `7` of Unicode: `'７'`, `'٧'`, `'७'`.
pub fn digit(c: char) -> Option<char> {
    let c = u32::from(c);
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= c)].last()?;
    char::from_digit(c - zero, 10)
}

/// A full-width sign of ASCII as ASCII; any other as it is.
pub fn narrow(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// Unicode's dashes (PropList.txt, `Dash`), and what is typed for one: the bullet and the box line
/// of symbol lists, the swung dash, the prolonged sound of kana, the Korean vowel ㅡ.
pub fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '~' | '\u{2d7}' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2053}'
                | '\u{207b}'
                | '\u{208b}'
                | '\u{2212}'
                | '\u{223c}'
                | '\u{2500}'
                | '\u{2501}'
                | '\u{2e17}'
                | '\u{2e1a}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{2e40}'
                | '\u{2e5d}'
                | '\u{301c}'
                | '\u{3030}'
                | '\u{30a0}'
                | '\u{30fc}'
                | '\u{3161}'
                | '\u{fe31}'
                | '\u{fe32}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff70}'
                | '\u{10d6e}'
                | '\u{10ead}'
    )
}

/// A full stop, also of Chinese and Japanese, or a dot in the middle.
pub fn is_dot(c: char) -> bool {
    is_full_stop(c)
        || matches!(
            c,
            '·' | '•' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{30fb}' | '\u{318d}' | '\u{ff65}'
        )
}

/// What stands between the parts of a domain (UTS 46), and one dot of a leader.
pub fn is_full_stop(c: char) -> bool {
    matches!(c, '.' | '\u{2024}' | '。' | '\u{fe52}' | '｡')
}

#[cfg(test)]
mod tests {
    use super::*;
    use icu_properties::{
        CodePointMapData, CodePointSetData,
        props::{Dash, GeneralCategory},
    };

    #[test]
    fn the_digits_are_those_of_unicode() {
        let categories = CodePointMapData::<GeneralCategory>::new();
        for c in '\0'..=char::MAX {
            let is_digit = categories.get(c) == GeneralCategory::DecimalNumber;
            assert_eq!(digit(c).is_some(), is_digit, "U+{:04X}", c as u32);
        }
        for (seven, zero) in
            [('7', '0'), ('７', '０'), ('٧', '٠'), ('۷', '۰'), ('७', '०'), ('𝟟', '𝟘')]
        {
            assert_eq!((digit(seven), digit(zero)), (Some('7'), Some('0')));
        }
    }

    #[test]
    fn every_dash_of_unicode_is_one() {
        let dashes = CodePointSetData::new::<Dash>();
        for c in ('\0'..=char::MAX).filter(|c| dashes.contains(*c)) {
            assert!(is_dash(narrow(c)), "U+{:04X}", c as u32);
        }
    }

    #[test]
    fn full_width_ascii_is_ascii() {
        for ascii in '!'..='~' {
            let wide = char::from_u32(ascii as u32 + 0xfee0).unwrap();
            assert_eq!((narrow(wide), narrow(ascii)), (ascii, ascii));
        }
        assert_eq!(narrow('한'), '한');
    }
}
