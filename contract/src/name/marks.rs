//! Combining marks, as far as the screen must know them: without a table of all of Unicode.

/// Unicode's nonspacing and enclosing marks (general categories Mn and Me), as runs: so many code
/// points between the last mark and the next, so many more marks in a row, each number in groups of
/// seven bits, the lowest first (LEB128).
#[rustfmt::skip]
const RUNS: &[u8] = &[
    128, 6, 111, 147, 2, 6, 135, 2, 44, 1, 0, 1, 1, 1, 1, 1, 2, 70, 10, 48, 20, 16, 0, 101,
    6, 2, 5, 2, 1, 1, 3, 35, 0, 30, 26, 91, 10, 58, 8, 9, 0, 24, 3, 1, 8, 1, 2, 1,
    4, 43, 2, 59, 8, 42, 23, 1, 31, 55, 0, 1, 0, 4, 7, 4, 0, 3, 6, 10, 1, 29, 0, 58,
    0, 4, 3, 8, 0, 20, 1, 26, 0, 2, 1, 57, 0, 4, 1, 4, 1, 2, 2, 3, 0, 30, 1, 3,
    0, 11, 1, 57, 0, 4, 4, 1, 1, 4, 0, 20, 1, 22, 5, 1, 0, 58, 0, 2, 0, 1, 3, 8,
    0, 5, 3, 11, 1, 30, 0, 61, 0, 12, 0, 50, 0, 3, 0, 55, 0, 1, 2, 5, 2, 1, 3, 7,
    1, 11, 1, 29, 0, 58, 0, 2, 0, 6, 0, 5, 1, 20, 1, 28, 1, 57, 1, 4, 3, 8, 0, 20,
    1, 29, 0, 72, 0, 7, 2, 1, 0, 90, 0, 2, 6, 12, 7, 98, 0, 2, 8, 11, 6, 73, 1, 27,
    0, 1, 0, 1, 0, 55, 13, 1, 4, 1, 1, 5, 10, 1, 35, 9, 0, 102, 3, 1, 5, 1, 1, 2,
    1, 25, 1, 4, 2, 16, 3, 13, 0, 2, 1, 6, 0, 15, 0, 191, 5, 2, 178, 7, 2, 29, 1, 30,
    1, 30, 1, 64, 1, 1, 6, 8, 0, 2, 10, 9, 0, 45, 2, 1, 0, 117, 1, 34, 0, 118, 2, 4,
    1, 9, 0, 6, 2, 219, 1, 1, 2, 0, 58, 0, 1, 6, 1, 0, 1, 0, 2, 7, 6, 9, 2, 0,
    48, 64, 15, 3, 48, 0, 1, 4, 1, 0, 5, 0, 40, 8, 12, 1, 32, 3, 2, 1, 1, 2, 56, 0,
    1, 1, 3, 0, 1, 2, 58, 7, 2, 1, 152, 1, 2, 1, 12, 1, 6, 4, 0, 6, 0, 3, 1, 198,
    1, 63, 208, 5, 32, 254, 23, 2, 141, 1, 0, 96, 31, 170, 4, 3, 107, 1, 212, 235, 1, 3, 1, 9,
    32, 1, 80, 1, 144, 2, 0, 3, 0, 4, 0, 25, 1, 5, 0, 151, 1, 1, 26, 17, 13, 0, 38, 7,
    25, 10, 46, 2, 48, 0, 2, 3, 2, 1, 39, 0, 67, 5, 2, 1, 2, 1, 12, 0, 8, 0, 47, 0,
    51, 0, 1, 2, 2, 1, 5, 1, 1, 0, 42, 1, 8, 0, 238, 1, 0, 2, 0, 4, 0, 176, 158, 1,
    0, 225, 5, 15, 16, 15, 205, 7, 0, 226, 1, 0, 149, 1, 4, 134, 13, 2, 1, 1, 5, 3, 40, 2,
    4, 0, 165, 1, 1, 189, 4, 3, 65, 4, 189, 2, 1, 30, 4, 32, 15, 70, 10, 49, 3, 123, 0, 54,
    14, 41, 0, 2, 1, 10, 2, 49, 3, 2, 1, 7, 0, 61, 2, 36, 4, 1, 7, 62, 0, 12, 1, 52,
    8, 10, 3, 2, 0, 95, 2, 2, 0, 1, 1, 6, 0, 2, 0, 157, 1, 0, 3, 7, 21, 1, 57, 1,
    3, 0, 37, 6, 3, 4, 70, 5, 13, 0, 1, 0, 1, 0, 14, 1, 85, 7, 2, 2, 1, 0, 23, 0,
    84, 5, 1, 0, 4, 1, 1, 1, 238, 1, 3, 6, 1, 1, 1, 27, 1, 85, 7, 2, 0, 1, 1, 106,
    0, 1, 0, 2, 5, 1, 0, 101, 0, 1, 0, 2, 3, 1, 4, 131, 2, 8, 1, 1, 128, 2, 1, 1,
    0, 4, 0, 144, 1, 3, 2, 1, 4, 0, 32, 9, 40, 5, 2, 3, 8, 0, 9, 5, 2, 2, 46, 12,
    1, 1, 198, 1, 0, 1, 2, 1, 0, 201, 1, 6, 1, 5, 1, 0, 82, 21, 2, 6, 1, 1, 1, 1,
    122, 5, 3, 0, 1, 1, 1, 6, 1, 0, 72, 1, 3, 0, 1, 0, 88, 0, 130, 2, 1, 11, 1, 52,
    4, 5, 0, 1, 0, 23, 0, 229, 41, 0, 6, 14, 200, 89, 11, 3, 2, 192, 19, 4, 59, 6, 152, 8,
    0, 63, 3, 81, 0, 184, 153, 1, 1, 225, 36, 45, 2, 22, 224, 3, 1, 62, 2, 17, 7, 2, 6, 30,
    3, 148, 1, 2, 22, 1, 163, 15, 54, 4, 49, 8, 0, 14, 0, 22, 4, 1, 14, 208, 10, 6, 1, 16,
    2, 6, 1, 1, 1, 4, 100, 0, 160, 1, 6, 247, 2, 0, 61, 3, 252, 3, 3, 254, 1, 1, 243, 1,
    0, 2, 0, 7, 1, 5, 0, 218, 3, 6, 109, 6, 181, 175, 48, 239, 1,
];

/// Whether the character is drawn on the one before it, and takes no room of its own.
pub(crate) fn is_mark(c: char) -> bool {
    // Most of all text, in which there are none: Latin, Chinese, Japanese, Korean, emoji.
    if matches!(
        c,
        '\0'..='\u{2ff}'
            | '\u{309b}'..='\u{a66e}'
            | '\u{ac00}'..='\u{fb1d}'
            | '\u{1e94b}'..='\u{e00ff}'
    ) {
        return false;
    }
    let (c, mut next, mut number, mut shift) = (u32::from(c), 0, 0, 0);
    let mut is_between = true;
    for byte in RUNS {
        number |= u32::from(byte & 0x7f) << shift;
        shift += 7;
        if *byte >= 0x80 {
            continue;
        }
        // Past the last before a run, or past the run.
        let end = next + number + u32::from(!is_between);
        if c < end {
            return !is_between;
        }
        (next, number, shift, is_between) = (end, 0, 0, !is_between);
    }
    false
}

/// The most marks that stand on one letter: two of those that are drawn over and under each other
/// (Vietnamese has two, Thai has a vowel and a tone), four elsewhere, as Burmese has and UTS 39
/// (5.4) advises.
pub(super) fn most(mark: char) -> usize {
    match mark {
        '\0'..='\u{590}'
        | '\u{e00}'..='\u{eff}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{302a}'..='\u{309a}'
        | '\u{fe20}'..='\u{fe2f}' => 2,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use icu_properties::{CodePointMapData, props::GeneralCategory};

    /// What [`RUNS`] should be.
    fn runs(is_mark: impl Fn(char) -> bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut put = |mut number: u32| {
            while number >= 0x80 {
                bytes.push((number & 0x7f) as u8 | 0x80);
                number >>= 7;
            }
            bytes.push(number as u8);
        };
        let (mut end, mut at) = (0, 0);
        let is_mark = |at: u32| char::from_u32(at).is_some_and(&is_mark);
        while at <= u32::from(char::MAX) {
            let length = (at..).take_while(|at| is_mark(*at)).count() as u32;
            if length > 0 {
                put(at - end);
                put(length - 1);
                end = at + length;
            }
            at += length.max(1);
        }
        bytes
    }

    #[test]
    fn the_marks_are_those_of_unicode() {
        let categories = CodePointMapData::<GeneralCategory>::new();
        let expected = |c: char| {
            matches!(
                categories.get(c),
                GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
            )
        };
        assert_eq!(RUNS, runs(expected), "a newer Unicode: this is what RUNS should be");
        // Where they begin and end.
        let mut before = '\0';
        for c in '\0'..=char::MAX {
            if expected(before) != expected(c) {
                assert_eq!(is_mark(before), expected(before), "U+{:04X}", before as u32);
                assert_eq!(is_mark(c), expected(c), "U+{:04X}", c as u32);
            }
            before = c;
        }
        for c in ('\0'..'\u{3100}').chain(['한', '中', '\u{e0041}', '👩', char::MAX]) {
            assert_eq!(is_mark(c), expected(c), "U+{:04X}", c as u32);
        }
    }
}
