//! Display hygiene for text that somebody else wrote: names of services, people and channels,
//! titles and labels (rules SEC-51 and SEC-52).
//!
//! [`clean`] makes any text safe to show. [`check`] is for those who may still say no: the backend
//! refuses a configured name that would have to be changed.

/// The longest name, in visible characters.
pub const LONGEST: usize = 40;

/// Why a name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameFault {
    /// Nothing visible.
    Blank,
    /// More than [`LONGEST`] characters.
    TooLong,
    /// Characters that reorder, hide or blank out text, or are not text: bidirectional controls,
    /// zero-width characters, Hangul fillers, tags, private use, control characters.
    Invisible(char),
    /// More than two marks on one letter.
    StackedMarks,
    /// Latin letters together with look-alikes from Cyrillic or Greek.
    MixedScripts,
}

impl std::fmt::Display for NameFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Blank => f.write_str("nothing visible"),
            Self::TooLong => write!(f, "longer than {LONGEST} characters"),
            Self::Invisible(c) => write!(f, "the invisible character U+{:04X}", *c as u32),
            Self::StackedMarks => f.write_str("more than two marks on one letter"),
            Self::MixedScripts => {
                f.write_str("Latin letters mixed with Cyrillic or Greek ones, which look alike")
            }
        }
    }
}

/// Checks a name.
///
/// # Errors
/// The first fault found.
pub fn check(text: &str) -> Result<(), NameFault> {
    let mut before = None;
    let mut marks = 0;
    let (mut latin, mut look_alike) = (false, false);
    for c in text.chars() {
        if is_hidden(c, before) || c == '\n' || c == '\t' {
            return Err(NameFault::Invisible(c));
        }
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if marks > MOST_MARKS {
            return Err(NameFault::StackedMarks);
        }
        latin |= c.is_ascii_alphabetic() || ('\u{c0}'..='\u{24f}').contains(&c);
        look_alike |= ('\u{370}'..='\u{52f}').contains(&c);
        before = Some(c);
    }
    let visible = clean(text);
    if visible.is_empty() {
        Err(NameFault::Blank)
    } else if visible.chars().filter(|c| !is_mark(*c)).count() > LONGEST {
        Err(NameFault::TooLong)
    } else if latin && look_alike {
        Err(NameFault::MixedScripts)
    } else {
        Ok(())
    }
}

/// What may be shown of a text: hidden characters left out, at most two marks on a letter, white
/// space folded into single spaces, decomposed Hangul composed. Clean text comes back unchanged.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut before = None;
    let mut marks = 0;
    let mut space = false;
    for c in text.chars() {
        if c.is_whitespace() {
            space = true;
            continue;
        }
        if is_hidden(c, before) {
            continue;
        }
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if marks > MOST_MARKS {
            continue;
        }
        if space && !shown.is_empty() {
            shown.push(' ');
        }
        space = false;
        before = Some(c);
        match shown.chars().next_back().and_then(|last| compose(last, c)) {
            Some(syllable) => {
                shown.pop();
                shown.push(syllable);
            }
            None => shown.push(c),
        }
    }
    shown
}

const MOST_MARKS: usize = 2;

fn is_hidden(c: char, before: Option<char>) -> bool {
    match c {
        // The zero-width joiner builds emoji, and nothing else here.
        '\u{200d}' => !before.is_some_and(|b| {
            b == '\u{fe0f}'
                || ('\u{1f000}'..='\u{1faff}').contains(&b)
                || ('\u{2600}'..='\u{27bf}').contains(&b)
        }),
        // Zero width, bidirectional controls, invisible operators, byte order mark.
        '\u{200b}'
        | '\u{200c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{ad}' => true,
        // Hangul fillers are drawn as nothing.
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => true,
        // Interlinear annotation, replacement, tags, variation selectors supplement, private use.
        '\u{fff9}'..='\u{fffd}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{f0000}'..='\u{10ffff}' => true,
        '\n' | '\t' => false,
        _ => c.is_control(),
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Hangul syllables are composed by arithmetic (Unicode 3.12), so this needs no tables, which
/// full normalisation would bring into the bundle.
fn compose(last: char, c: char) -> Option<char> {
    const S: u32 = 0xac00;
    const L: u32 = 0x1100;
    const V: u32 = 0x1161;
    const T: u32 = 0x11a7;
    let (last, c) = (last as u32, c as u32);
    if (L..L + 19).contains(&last) && (V..V + 21).contains(&c) {
        char::from_u32(S + ((last - L) * 21 + (c - V)) * 28)
    } else if (S..S + 11172).contains(&last)
        && (last - S).is_multiple_of(28)
        && (T + 1..T + 28).contains(&c)
    {
        char::from_u32(last + (c - T))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_names_are_left_alone() {
        for name in
            ["한옥마켓", "Café Ünal", "株式会社 花", "Zoë & Søn", "👩‍👩‍👧 가족마트", "O'Neill–Park"]
        {
            assert_eq!(check(name), Ok(()), "{name}");
            assert_eq!(clean(name), name);
        }
    }

    #[test]
    fn hidden_characters_are_refused_and_left_out() {
        for (text, hidden, shown) in [
            ("shop\u{202e}moc.live", '\u{202e}', "shopmoc.live"),
            ("Ka\u{200b}kao", '\u{200b}', "Kakao"),
            ("a\u{200d}b", '\u{200d}', "ab"),
            ("\u{2066}x\u{2069}", '\u{2066}', "x"),
            ("한\u{3164}옥", '\u{3164}', "한옥"),
            ("x\u{e0041}", '\u{e0041}', "x"),
            ("x\u{0}y", '\u{0}', "xy"),
        ] {
            assert_eq!(check(text), Err(NameFault::Invisible(hidden)), "{text:?}");
            assert_eq!(clean(text), shown);
        }
        assert_eq!(check("two\nlines"), Err(NameFault::Invisible('\n')));
        assert_eq!(clean("two\nlines"), "two lines");
    }

    #[test]
    fn other_tricks_are_refused() {
        assert_eq!(check("   "), Err(NameFault::Blank));
        assert_eq!(check(&"가".repeat(41)), Err(NameFault::TooLong));
        assert_eq!(check("K\u{430}kao"), Err(NameFault::MixedScripts));
        assert_eq!(check("Z\u{300}\u{301}\u{302}algo"), Err(NameFault::StackedMarks));
        assert_eq!(clean("Z\u{300}\u{301}\u{302}algo"), "Z\u{300}\u{301}algo");
    }

    #[test]
    fn decomposed_hangul_is_composed() {
        assert_eq!(clean("\u{1112}\u{1161}\u{11ab}\u{110b}\u{1169}\u{11a8}"), "한옥");
    }

    proptest! {
        #[test]
        fn clean_text_is_clean(text in any::<String>()) {
            let shown = clean(&text);
            prop_assert_eq!(clean(&shown), shown.clone());
            prop_assert!(!matches!(check(&shown), Err(NameFault::Invisible(_) | NameFault::StackedMarks)));
        }
    }
}
