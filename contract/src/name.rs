//! Display hygiene for text of other parties: names of services, people and channels,
//! titles and labels (rules SEC-51 and SEC-52).
//!
//! [`clean`] makes any text safe to show. The checks are for those who may still say no: the
//! backend refuses a configured text that would have to be changed.

#[cfg(feature = "unicode-tables")]
mod lookalike;
mod marks;

#[cfg(feature = "unicode-tables")]
pub use lookalike::{check, check_title, skeleton};
pub(crate) use marks::is_mark;

/// The longest name, in visible characters.
pub const LONGEST: usize = 40;

/// Why a name or another text is refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NameFault {
    /// Nothing visible.
    Blank,
    /// More than [`LONGEST`] characters.
    TooLong,
    /// A character that reorders, hides or blanks out text, or is no text: bidirectional controls,
    /// zero-width characters, Hangul fillers, tags, private use, control characters.
    Invisible(char),
    /// More marks on one letter than it is written with, or one of them twice.
    StackedMarks,
    /// A letter of a script that is not written together with those before it: not "Highly
    /// Restrictive" in a word, or not "Moderately Restrictive" in a name (UTS 39, 5.2).
    MixedScripts(char),
    /// A letter that is drawn like an ordinary one, and is another.
    LookAlike(char),
    /// Written in letters of another script alone, it looks like this Latin name ("whole-script
    /// confusable", UTS 39, 4.1).
    LooksLatin(String),
}

impl std::fmt::Display for NameFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Blank => f.write_str("nothing visible"),
            Self::TooLong => write!(f, "longer than {LONGEST} characters"),
            Self::Invisible(c) => write!(f, "the invisible character U+{:04X}", *c as u32),
            Self::StackedMarks => f.write_str("too many marks on one letter"),
            Self::MixedScripts(c) => write!(
                f,
                "`{c}` (U+{:04X}) is of a script that is not written together with the letters \
                 before it",
                *c as u32
            ),
            Self::LookAlike(c) => write!(
                f,
                "`{c}` (U+{:04X}) looks like an ordinary letter or digit and is another",
                *c as u32
            ),
            Self::LooksLatin(like) => {
                write!(f, "it looks like `{like}`, and is written in letters of another script")
            }
        }
    }
}

/// Checks that what is shown of a text is all of it: nothing invisible, no stacked marks. It may
/// have several lines and any length.
///
/// # Errors
/// The first fault found: [`NameFault::Invisible`], [`NameFault::StackedMarks`] or
/// [`NameFault::Blank`].
pub fn check_text(text: &str) -> Result<(), NameFault> {
    let mut reader = Reader::default();
    let mut letters = false;
    for c in text.chars() {
        match reader.read(c) {
            Seen::Hidden => return Err(NameFault::Invisible(c)),
            Seen::Stacked => return Err(NameFault::StackedMarks),
            Seen::Space => {}
            Seen::Shown => letters |= !is_mark(c),
        }
    }
    if letters { Ok(()) } else { Err(NameFault::Blank) }
}

/// Checks a text of one line and at most [`LONGEST`] characters, such as the name of a person,
/// which may look like another's.
///
/// # Errors
/// The first fault found, also [`NameFault::TooLong`], and [`NameFault::Invisible`] for the end of
/// a line.
pub fn check_line(text: &str) -> Result<(), NameFault> {
    one_line(text)?;
    check_text(text)?;
    if visible(&clean(text)) > LONGEST { Err(NameFault::TooLong) } else { Ok(()) }
}

fn one_line(text: &str) -> Result<(), NameFault> {
    let ends_a_line = |c: &char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().find(ends_a_line).map_or(Ok(()), |c| Err(NameFault::Invisible(c)))
}

/// How many characters are seen: marks stand on others.
pub(crate) fn visible(text: &str) -> usize {
    text.chars().filter(|c| !is_mark(*c)).count()
}

/// What may be shown of a text: hidden characters left out, as many marks on a letter as letters
/// have, white space folded into single spaces, decomposed Hangul composed. Clean text comes back
/// unchanged.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut reader = Reader::default();
    let mut space = false;
    for c in text.chars() {
        match reader.read(c) {
            Seen::Hidden | Seen::Stacked => {}
            Seen::Space => space = true,
            Seen::Shown => {
                if space && !shown.is_empty() {
                    shown.push(' ');
                }
                space = false;
                match shown.chars().next_back().and_then(|last| compose(last, c)) {
                    Some(syllable) => {
                        shown.pop();
                        shown.push(syllable);
                    }
                    None => shown.push(c),
                }
            }
        }
    }
    shown
}

/// Reads a text character by character, as it is shown.
#[derive(Default)]
struct Reader {
    /// The last one shown; none behind a space: what joins an emoji to the next one joins nothing
    /// over a space, nor is a mark behind it on the letter before.
    before: Option<char>,
    marks: usize,
}

enum Seen {
    Space,
    Hidden,
    /// A mark too many.
    Stacked,
    Shown,
}

impl Reader {
    fn read(&mut self, c: char) -> Seen {
        if c.is_whitespace() {
            *self = Self::default();
            return Seen::Space;
        }
        if is_hidden(c, self.before) {
            return Seen::Hidden;
        }
        if is_mark(c) {
            if self.marks >= marks::most(c) || self.before == Some(c) {
                return Seen::Stacked;
            }
            self.marks += 1;
        } else {
            self.marks = 0;
        }
        self.before = Some(c);
        Seen::Shown
    }
}

fn is_hidden(c: char, before: Option<char>) -> bool {
    match c {
        // The zero-width joiner and the emoji style build emoji, and nothing else here.
        '\u{200d}' => !before.is_some_and(|b| b == '\u{fe0f}' || is_emoji(b)),
        '\u{fe0f}' => !before.is_some_and(is_emoji),
        _ => is_invisible(c) || is_no_text(c),
    }
}

/// Unicode's default ignorable code points (DerivedCoreProperties.txt), all of which are drawn as
/// nothing, bidirectional controls among them, and what is drawn as nothing besides. One left out
/// here is a name that looks like another's.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        // Soft hyphen, grapheme joiner, Arabic letter mark.
        '\u{ad}' | '\u{34f}' | '\u{61c}'
        // Hangul fillers, Khmer inherent vowels, the braille pattern without a dot.
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}'
        // Mongolian selectors, zero width, bidirectional controls, invisible operators, the byte
        // order mark.
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        // Variation selectors, interlinear annotation.
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fff0}'..='\u{fffb}'
        // Shorthand and musical format controls, tags.
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
    )
}

/// What is no text: control characters, private use, and what stands for a character that was lost.
pub(crate) fn is_no_text(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
        || matches!(c, '\u{fffc}' | '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Whether emoji are built of this: symbols, and no letters or digits, behind which a joiner would
/// hide.
fn is_emoji(c: char) -> bool {
    matches!(c, '©' | '®' | '™' | '\u{2190}'..='\u{23ff}' | '\u{25a0}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
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
            assert_eq!(check_line(name), Ok(()), "{name}");
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
            assert_eq!(check_line(text), Err(NameFault::Invisible(hidden)), "{text:?}");
            assert_eq!(check_text(text), Err(NameFault::Invisible(hidden)), "{text:?}");
            assert_eq!(clean(text), shown);
        }
        assert_eq!(check_line("two\nlines"), Err(NameFault::Invisible('\n')));
        assert_eq!(check_line("two\u{2028}lines"), Err(NameFault::Invisible('\u{2028}')));
        assert_eq!(check_text("two\nlines\r\n"), Ok(()));
        assert_eq!(clean("two\nlines"), "two lines");
    }

    #[test]
    fn other_tricks_are_refused() {
        assert_eq!(check_line("   "), Err(NameFault::Blank));
        assert_eq!(check_line("\u{301}"), Err(NameFault::Blank), "a mark on no letter");
        assert_eq!(check_line("\u{301} \u{301}"), Err(NameFault::Blank), "marks on no letter");
        assert_eq!(check_text("\n"), Err(NameFault::Blank));
        assert_eq!(check_line(&"가".repeat(41)), Err(NameFault::TooLong));
        assert_eq!(check_text(&"가".repeat(41)), Ok(()));
    }

    #[test]
    fn marks_stand_on_a_letter_as_they_do_in_its_language() {
        for ordinary in [
            "Va\u{302}\u{301}n",
            "か\u{3099}",
            "ที่นี่มีน้ำแข็ง",
            "เก็บ",
            "ຮ້ານ",
            "مُحَمَّدٌ",
            "שָׁלוֹם",
            "ज़ीरो हिन्दी",
            "བོད་སྒྲུབ",
            "လျှို့ဝှက်",
            "ខ្មែរ",
        ] {
            assert_eq!(check_text(ordinary), Ok(()), "{ordinary}");
            assert_eq!(clean(ordinary), ordinary);
        }
        for (stacked, shown) in [
            ("Z\u{300}\u{301}\u{302}algo", "Z\u{300}\u{301}algo"),
            ("a\u{301}\u{301}", "a\u{301}"),
            ("a\u{301}\u{200b}\u{301}", "a\u{301}"),
            ("ก\u{e47}\u{e47}\u{e47}", "ก\u{e47}"),
            ("ก\u{e47}\u{e48}\u{e49}\u{e47}", "ก\u{e47}\u{e48}"),
            ("ກ\u{ec8}\u{ec9}\u{eca}", "ກ\u{ec8}\u{ec9}"),
            ("か\u{3099}\u{309a}\u{3099}", "か\u{3099}\u{309a}"),
            ("ཀ\u{f90}\u{f91}\u{f92}\u{f93}\u{f94}", "ཀ\u{f90}\u{f91}\u{f92}\u{f93}"),
            ("ب\u{64b}\u{64c}\u{64d}\u{64e}\u{64f}", "ب\u{64b}\u{64c}\u{64d}\u{64e}"),
            ("א\u{5b0}\u{5b1}\u{5b2}\u{5b3}\u{5b4}", "א\u{5b0}\u{5b1}\u{5b2}\u{5b3}"),
            ("क\u{93c}\u{93c}", "क\u{93c}"),
            ("a\u{20dd}\u{20de}\u{20df}", "a\u{20dd}\u{20de}"),
            ("o\u{483}\u{484}\u{485}", "o\u{483}\u{484}"),
        ] {
            let fault = check_text(stacked).unwrap_err();
            assert!(
                matches!(fault, NameFault::StackedMarks | NameFault::Invisible(_)),
                "{stacked}"
            );
            assert_eq!(clean(stacked), shown, "{stacked}");
        }
        assert_eq!(clean("Z\u{300}\u{301} \u{302}"), "Z\u{300}\u{301} \u{302}");
    }

    #[test]
    fn what_is_drawn_as_nothing_is_what_unicode_says() {
        use icu_properties::{
            CodePointSetData,
            props::{BidiControl, DefaultIgnorableCodePoint},
        };
        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        let bidi = CodePointSetData::new::<BidiControl>();
        // Drawn as a blank, and marks of interlinear annotation.
        let more = |c| c == '\u{2800}' || ('\u{fff9}'..='\u{fffb}').contains(&c);
        for c in '\0'..=char::MAX {
            let expected = ignorable.contains(c) || bidi.contains(c) || more(c);
            assert_eq!(is_invisible(c), expected, "U+{:04X}", c as u32);
        }
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
            prop_assert!(matches!(check_text(&shown), Ok(()) | Err(NameFault::Blank)), "{:?}", shown);
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
            if check_line(&text).is_ok() {
                let shown = clean(&text);
                prop_assert_eq!(check_line(&shown), Ok(()));
                let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !('\u{1100}'..='\u{11ff}').contains(c) && !('가'..='힣').contains(c)).collect::<String>();
                prop_assert_eq!(visible(&text), visible(&shown));
                prop_assert!(shown.chars().any(|c| !is_mark(c) && !HOSTILE.contains(&c)), "{:?} is blank", text);
            }
        }
    }
}
