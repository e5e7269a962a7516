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
    let shown = clean(text);
    let letters = || shown.chars().filter(|c| !is_mark(*c));
    if letters().all(|c| c == ' ') {
        Err(NameFault::Blank)
    } else if letters().count() > LONGEST {
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
            // What joins an emoji to the next one joins nothing over a space, nor is a mark behind
            // it on the letter before: [`check`] sees it so, too.
            before = None;
            marks = 0;
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

/// Unicode's default ignorable code points (DerivedCoreProperties.txt), all of which are drawn as
/// nothing, bidirectional controls, and what is not text. One left out here is a name that looks
/// like another's.
fn is_hidden(c: char, before: Option<char>) -> bool {
    match c {
        // The zero-width joiner and the emoji style build emoji, and nothing else here.
        '\u{200d}' => !before.is_some_and(|b| b == '\u{fe0f}' || is_emoji(b)),
        '\u{fe0f}' => !before.is_some_and(is_emoji),
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
        | '\u{180b}'..='\u{180f}'
        | '\u{34f}'
        | '\u{ad}' => true,
        // Hangul fillers, Khmer inherent vowels and the braille pattern without a dot are drawn as
        // nothing.
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{17b4}' | '\u{17b5}'
        | '\u{2800}' => true,
        // Interlinear annotation, replacement, tags, variation selectors, shorthand and musical
        // format controls, private use.
        '\u{fff0}'..='\u{fffd}'
        | '\u{fe00}'..='\u{fe0e}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{f0000}'..='\u{10ffff}' => true,
        '\n' | '\t' => false,
        _ => c.is_control(),
    }
}

/// Whether emoji are built of this: symbols, and no letters or digits, behind which a joiner would
/// hide.
fn is_emoji(c: char) -> bool {
    matches!(c, '©' | '®' | '™' | '\u{2190}'..='\u{23ff}' | '\u{25a0}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
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
        for name in [
            "한옥마켓",
            "Café Ünal",
            "株式会社 花",
            "Zoë & Søn",
            "👩‍👩‍👧 가족마트",
            "O'Neill–Park",
            "❤️‍🔥 ☎️",
        ] {
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
            ("a\u{34f}b", '\u{34f}', "ab"),
            ("\u{17b4}a\u{180b}", '\u{17b4}', "a"),
            ("a\u{fe0f}b\u{fe00}", '\u{fe0f}', "ab"),
            ("\u{2800}a\u{fff0}\u{1bca0}\u{1d173}", '\u{2800}', "a"),
            ("⑩\u{200d}あ\u{fe0f}", '\u{200d}', "⑩あ"),
            ("👩\u{200d}\u{fe0f}", '\u{fe0f}', "👩\u{200d}"),
            ("👩 \u{200d}a", '\u{200d}', "👩 a"),
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
        assert_eq!(check("\u{301}"), Err(NameFault::Blank), "a mark on no letter");
        assert_eq!(check("\u{301} \u{301}"), Err(NameFault::Blank), "marks on no letter");
        assert_eq!(check(&"가".repeat(41)), Err(NameFault::TooLong));
        assert_eq!(check("K\u{430}kao"), Err(NameFault::MixedScripts));
        assert_eq!(check("Z\u{300}\u{301}\u{302}algo"), Err(NameFault::StackedMarks));
        assert_eq!(clean("Z\u{300}\u{301}\u{302}algo"), "Z\u{300}\u{301}algo");
        assert_eq!(clean("Z\u{300}\u{301} \u{302}"), "Z\u{300}\u{301} \u{302}");
    }

    #[test]
    fn decomposed_hangul_is_composed() {
        assert_eq!(clean("\u{1112}\u{1161}\u{11ab}\u{110b}\u{1169}\u{11a8}"), "한옥");
    }

    /// Unicode's default ignorable code points, bidirectional controls and a blank that is no white
    /// space: one of each kind.
    const HOSTILE: [char; 27] = [
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{1160}',
        '\u{17b4}',
        '\u{180b}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2800}',
        '\u{3164}',
        '\u{fe00}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{fff0}',
        '\u{1bca0}',
        '\u{1d173}',
        '\u{e0041}',
        '\0',
        '\u{85}',
    ];

    /// Hostile characters among letters, marks, parts of syllables, emoji and spaces.
    fn hostile() -> impl Strategy<Value = String> {
        let ordinary =
            "aKé한옥ᄒ\u{1161}\u{11ab}\u{300}\u{301}а👩❤ \u{3000}".chars().collect::<Vec<_>>();
        let one = prop_oneof![
            2 => proptest::sample::select(ordinary),
            1 => proptest::sample::select(HOSTILE.to_vec()),
            1 => any::<char>(),
        ];
        proptest::collection::vec(one, 0..16).prop_map(|all| all.into_iter().collect())
    }

    proptest! {
        #[test]
        fn clean_text_is_clean(text in any::<String>()) {
            let shown = clean(&text);
            prop_assert_eq!(clean(&shown), shown.clone());
            prop_assert!(!matches!(check(&shown), Err(NameFault::Invisible(_) | NameFault::StackedMarks)));
        }

        /// The characters that matter, thick as no ordinary text has them.
        #[test]
        fn nothing_hidden_is_shown_whatever_it_stands_among(text in hostile()) {
            let shown = clean(&text);
            prop_assert_eq!(clean(&shown), shown.clone());
            let mut before = ' ';
            for c in shown.chars() {
                let in_an_emoji = matches!(c, '\u{200d}' | '\u{fe0f}') && (is_emoji(before) || (before, c) == ('\u{fe0f}', '\u{200d}'));
                prop_assert!(!HOSTILE.contains(&c) || in_an_emoji, "{:?} shows {:?}", text, c);
                prop_assert!(compose(before, c).is_none(), "{:?} is not composed", shown);
                before = c;
            }
        }

        #[test]
        fn an_accepted_name_is_shown_whole(text in hostile()) {
            if check(&text).is_ok() {
                let shown = clean(&text);
                prop_assert_eq!(check(&shown), Ok(()));
                let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !('\u{1100}'..='\u{11ff}').contains(c) && !('가'..='힣').contains(c)).collect::<String>();
                prop_assert_eq!(visible(&text), visible(&shown));
                prop_assert!(shown.chars().any(|c| !is_mark(c) && !HOSTILE.contains(&c)), "{:?} is blank", text);
            }
        }
    }
}
