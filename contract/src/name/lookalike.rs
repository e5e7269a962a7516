//! Names that look like other names, by the data of Unicode Technical Standard 39 (confusables,
//! identifier status, scripts).
//!
//! A name is no identifier: it has spaces, signs and emoji, and people write two languages beside
//! each other. So the standard's rules are held to words, and only a little wider to whole names.

use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};
use unicode_security::{GeneralSecurityProfile, mixed_script::AugmentedScriptSet};

use super::{NameFault, check_line, check_text, clean, is_mark, one_line};

/// Checks a name that stands beside the operator's own words: of a service, a company, a channel.
///
/// Latin letters may stand beside those of one other script, each in words of their own, but not
/// beside Cyrillic, Greek or Armenian ones, which look like them; in one word, only beside Chinese,
/// Japanese or Korean ones. Full-width letters and Roman numerals are ordinary beside Chinese,
/// Japanese or Korean letters, as in `ＮＴＴ東日本`; alone they are Latin letters in disguise.
///
/// # Errors
/// The first fault found.
pub fn check(text: &str) -> Result<(), NameFault> {
    check_line(text)?;
    let shown = clean(text);
    check_words(&shown)?;
    let mut scripts = Scripts::default();
    let misplaced = shown.nfkc().find(|c| !scripts.add(*c) && !scripts.stand_beside_each_other());
    if let Some(c) = misplaced {
        return Err(NameFault::MixedScripts(c));
    }
    let like = skeleton(&shown);
    let plain: String = shown.nfkc().collect();
    if is_tested_for_looks(&plain) && letters(&like).all(|c| c.is_ascii()) {
        return Err(NameFault::LooksLatin(like));
    }
    Ok(())
}

/// Checks a title or a label. It is one line of any length in which languages may stand beside each
/// other, though not in one word.
///
/// # Errors
/// The first fault found.
pub fn check_title(text: &str) -> Result<(), NameFault> {
    one_line(text)?;
    check_text(text)?;
    check_words(&clean(text))
}

/// What names that look alike have in common (UTS 39, 4), compatibility forms such as full-width
/// letters read as what they stand for.
#[must_use]
pub fn skeleton(text: &str) -> String {
    unicode_security::skeleton(&clean(text).nfkc().collect::<String>()).collect()
}

fn check_words(shown: &str) -> Result<(), NameFault> {
    let beside_cjk = is_cjk(shown);
    match shown.nfc().find(|c| is_disguised(*c, beside_cjk)) {
        Some(c) => Err(NameFault::LookAlike(c)),
        None => words(shown).try_for_each(check_word),
    }
}

fn check_word(word: &str) -> Result<(), NameFault> {
    let mut scripts = Scripts::default();
    if let Some(c) = word.nfkc().find(|c| !scripts.add(*c)) {
        return Err(NameFault::MixedScripts(c));
    }
    // Scripts that are written together have letters that look alike, too: `Kakaㅇ`.
    let like_latin = |c: &char| {
        let like = skeleton(c.encode_utf8(&mut [0; 4]));
        c.is_alphabetic() && !is_latin(*c) && like.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let found = word.nfkc().any(is_latin).then(|| word.nfc().find(like_latin)).flatten();
    found.map_or(Ok(()), |c| Err(NameFault::LookAlike(c)))
}

/// The words of a text: letters, digits and their marks.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|word| !word.is_empty())
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphabetic() && !is_mark(*c))
}

fn is_latin(c: char) -> bool {
    c.is_alphabetic() && c.script() == Script::Latin
}

fn is_cjk(text: &str) -> bool {
    use Script::{Bopomofo, Han, Hangul, Hiragana, Katakana};
    text.chars().any(|c| matches!(c.script(), Han | Hiragana | Katakana | Hangul | Bopomofo))
}

/// Whether it is an ordinary letter or digit in another form: full-width, mathematical, in a circle,
/// small capitals, a letter of phonetics.
fn is_disguised(c: char, beside_cjk: bool) -> bool {
    match c {
        // Ordinals, and digraphs of Croatian and Dutch; the long s looks like an f.
        '\0'..='\u{24f}' => c == 'ſ',
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | 'Ⅰ'..='ⅿ' => !beside_cjk,
        // Mathematical letters and digits, and segmented digits.
        '\u{1d400}'..='\u{1d7ff}' | '\u{1fbf0}'..='\u{1fbf9}' => true,
        // Blood groups and parking, as emoji.
        '🅰' | '🅱' | '🅾' | '🅿' => false,
        // In brackets, circles and squares.
        '\u{249c}'..='\u{24e9}' | '\u{1f110}'..='\u{1f189}' => true,
        _ if c.is_alphabetic() => {
            let of_look_alikes = |c: char| is_latin(c) || is_like_latin(c.script());
            let is_form = c.nfkc().any(|plain| plain != c && of_look_alikes(plain));
            is_form && !is_like_latin(c.script()) || is_latin(c) && !c.identifier_allowed()
        }
        _ => false,
    }
}

/// The scripts of letters that stand together. What belongs to every script, such as digits and
/// marks, belongs to these.
#[derive(Default)]
struct Scripts {
    all: AugmentedScriptSet,
    /// Of the letters that are not Latin.
    others: AugmentedScriptSet,
    latin: bool,
}

impl Scripts {
    /// Adds a character. Whether all are still written together: "Highly Restrictive", UTS 39, 5.2.
    fn add(&mut self, c: char) -> bool {
        // Signs and emoji are used in every script, whatever their data says of where they are usual.
        if c.is_alphanumeric() || is_mark(c) {
            let of = AugmentedScriptSet::for_char(c);
            self.all.intersect_with(of);
            if of.base.contains_script(Script::Latin) && !of.is_all() {
                self.latin |= is_latin(c);
            } else {
                self.others.intersect_with(of);
            }
        }
        !self.all.is_empty() || self.others.kore || self.others.hanb || self.others.jpan
    }

    /// Latin words beside those of one other script: "Moderately Restrictive", UTS 39, 5.2, without
    /// one more script whose letters look like Latin ones.
    fn stand_beside_each_other(&self) -> bool {
        let mut others = self.others.base.iter().filter(|script| script.is_recommended());
        !self.others.is_empty() && others.any(|script| !is_like_latin(script))
    }
}

/// Recommended scripts (UAX 31, table 5) whose letters look like Latin ones.
fn is_like_latin(script: Script) -> bool {
    matches!(script, Script::Cyrillic | Script::Greek | Script::Armenian)
}

/// Whether a name is written in letters that can be taken for Latin ones in a line of text. The
/// confusables also list what looks alike letter by letter only, such as Hebrew סוס and `olo`.
fn is_tested_for_looks(text: &str) -> bool {
    let tested = |script: Script| !script.is_recommended() || is_like_latin(script);
    let mut scripts = letters(text).map(|c| c.script()).peekable();
    scripts.peek().is_some()
        && scripts
            .all(|script| matches!(script, Script::Common | Script::Inherited) || tested(script))
        && letters(text).any(|c| !matches!(c.script(), Script::Common | Script::Inherited))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_names_of_all_languages_are_taken() {
        for name in [
            "한옥마켓",
            "㈜카카오",
            "LG유플러스",
            "GS25 편의점 2호점",
            "ㅋㅋ마켓",
            "大韓民國 우체국",
            "한옥마켓 Ⅱ",
            "Café Ünal",
            "Zoë & Søn",
            "O'Neill–Park",
            "São João 2ª",
            "Đặng Thị Ánh",
            "Va\u{302}\u{301}n \u{110}a\u{323}\u{302}ng",
            "Kahoʻolawe",
            "Ŋɔŋlɔ",
            "株式会社 花",
            "株式会社ＮＴＴデータ",
            "ＮＴＴ東日本",
            "ﾊﾅ商店",
            "ﾗｰﾒﾝ ﾊﾞｰ",
            "ﷺ",
            "Tシャツ工房",
            "ノート〇番館",
            "東京ラーメン・一番",
            "か\u{3099}っこう",
            "Яндекс",
            "Магазин",
            "Её Ёлка",
            "Ελλάδα",
            "Հայաստան",
            "მაღაზია",
            "متجر الكتب 123 (abc)",
            "مُحَمَّد",
            "סוס",
            "חנות ספרים [1]",
            "שָׁלוֹם",
            "ที่นี่มีน้ำแข็ง",
            "LINE ประเทศไทย",
            "ຮ້ານ",
            "हिन्दी की दुकान",
            "ज़ीरो",
            "বাংলা",
            "தமிழ்",
            "བོད་སྒྲུབ",
            "လျှို့ဝှက်",
            "ខ្មែរ",
            "አዲስ",
            "ᏣᎳᎩ",
            "👩‍👩‍👧 가족마트",
            "❤️‍🔥 ☎️",
            "🅿 주차",
            "🇰🇷 Korea",
            "C++ ™ №5 m² H₂O ℃",
            "24",
        ] {
            assert_eq!(check(name), Ok(()), "{name}");
            assert_eq!(check_title(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn look_alikes_are_refused() {
        let latin = |like: &str| NameFault::LooksLatin(like.to_owned());
        for (name, fault) in [
            // A letter of another script in a Latin word.
            ("K\u{430}kao", NameFault::MixedScripts('\u{430}')),
            ("Pay\u{3a1}al", NameFault::MixedScripts('\u{3a1}')),
            ("s\u{570}op", NameFault::MixedScripts('\u{570}')),
            ("Ka\u{13a6}ao", NameFault::MixedScripts('\u{13a6}')),
            ("Kakao\u{e44}ทย", NameFault::MixedScripts('\u{e44}')),
            ("카카오\u{430}", NameFault::MixedScripts('\u{430}')),
            ("カフェ한옥", NameFault::MixedScripts('한')),
            // In words of their own.
            ("Kakao \u{422}\u{430}\u{43b}\u{43a}", NameFault::MixedScripts('\u{422}')),
            ("Kakao \u{391}\u{392}\u{393}", NameFault::MixedScripts('\u{391}')),
            ("Kakao \u{585}\u{578}\u{57d}", NameFault::MixedScripts('\u{585}')),
            ("카카오 \u{41a}\u{410}\u{41e}", NameFault::MixedScripts('\u{41a}')),
            ("ไทย हिन्दी", NameFault::MixedScripts('ह')),
            // Written together, and alike.
            ("Kaka\u{3147}", NameFault::LookAlike('\u{3147}')),
            ("Kaka\u{3007}", NameFault::LookAlike('\u{3007}')),
            // All of another script.
            ("\u{41a}\u{410}\u{41a}\u{410}\u{41e}", latin("KAKAO")),
            ("\u{440}\u{430}\u{443}\u{440}\u{430}\u{4cf}", latin("paypal")),
            ("\u{391}\u{392}\u{39f} 24", latin("ABO 24")),
            ("\u{570}\u{585}\u{57d}", latin("hou")),
            ("\u{13aa}\u{13aa}", latin("AA")),
            ("\u{a4d7}\u{a4ee}\u{a4d7}\u{a4ee}\u{a4f3}", latin("KAKAO")),
            // In other forms.
            ("Ｋａｋａｏ", NameFault::LookAlike('Ｋ')),
            ("ＮＴＴ", NameFault::LookAlike('Ｎ')),
            ("７ Eleven", NameFault::LookAlike('７')),
            ("\u{1d40a}akao", NameFault::LookAlike('\u{1d40a}')),
            ("\u{1d7d5}-Eleven", NameFault::LookAlike('\u{1d7d5}')),
            ("카카오 \u{1d40a}akao", NameFault::LookAlike('\u{1d40a}')),
            ("\u{1d0b}\u{1d00}kao", NameFault::LookAlike('\u{1d0b}')),
            ("K\u{251}kao", NameFault::LookAlike('\u{251}')),
            ("\u{24c0}akao", NameFault::LookAlike('\u{24c0}')),
            ("\u{24a6}akao", NameFault::LookAlike('\u{24a6}')),
            ("\u{1f17a}akao", NameFault::LookAlike('\u{1f17a}')),
            ("\u{1d6f1}\u{1d6e8}", NameFault::LookAlike('\u{1d6f1}')),
            ("\u{fb01}nance", NameFault::LookAlike('\u{fb01}')),
            ("\u{2160}bm", NameFault::LookAlike('\u{2160}')),
            ("\u{17f}hop", NameFault::LookAlike('\u{17f}')),
        ] {
            assert_eq!(check(name), Err(fault), "{name}");
        }
        // Canonically the same letter, so no disguise.
        assert_eq!(check("\u{212a}akao"), Ok(()));
        assert_eq!(skeleton("\u{212a}akao"), "Kakao");
    }

    #[test]
    fn titles_are_sentences_and_languages_stand_side_by_side_in_them() {
        for title in [
            "Условия использования Google",
            "ข้อกำหนด LINE และ हिन्दी",
            "개인정보 수집 및 이용 (EU)",
            &"가".repeat(100),
        ] {
            assert_eq!(check_title(title), Ok(()), "{title}");
        }
        assert_eq!(check_title("Terms of K\u{430}kao"), Err(NameFault::MixedScripts('\u{430}')));
        assert_eq!(check_title("Terms of Ｋakao"), Err(NameFault::LookAlike('Ｋ')));
        assert_eq!(check_title("a\nb"), Err(NameFault::Invisible('\n')));
    }

    #[test]
    fn what_looks_alike_has_one_skeleton() {
        for (one, other) in [
            ("PayPal", "PayPaI"),
            ("Kakao", "K\u{430}kao"),
            ("Kakao", "Ｋａｋａｏ"),
            ("ZOO", "Z0O"),
            ("modern", "modem"),
            ("Café", "Cafe\u{301}"),
            ("한옥", "\u{1112}\u{1161}\u{11ab}\u{110b}\u{1169}\u{11a8}"),
            ("工房", "エ房"),
        ] {
            assert_eq!(skeleton(one), skeleton(other), "{one} {other}");
        }
        assert_ne!(skeleton("한옥마켓"), skeleton("한옥마켓 2"));
    }

    fn letters_of(ranges: &'static [(u32, u32)]) -> impl Strategy<Value = char> {
        let all: Vec<char> = ranges
            .iter()
            .flat_map(|(from, to)| *from..=*to)
            .filter_map(char::from_u32)
            .filter(|c| c.is_alphabetic() && c.identifier_allowed())
            .collect();
        proptest::sample::select(all)
    }

    proptest! {
        /// Whichever letter of Cyrillic, Greek, Armenian or Cherokee stands in a Latin word.
        #[test]
        fn no_letter_of_a_look_alike_script_stands_in_a_latin_word(
            word in "[A-Za-z]{1,8}",
            foreign in letters_of(&[(0x370, 0x3ff), (0x400, 0x52f), (0x531, 0x586)]),
            at in any::<proptest::sample::Index>(),
            apart in any::<bool>(),
        ) {
            let mut name = word.clone();
            name.insert(at.index(word.len() + 1), foreign);
            prop_assert!(check(&name).is_err(), "{}", name);
            prop_assert!(check_title(&name).is_err(), "{}", name);
            if apart {
                let apart = format!("{word} {foreign}");
                prop_assert!(check(&apart).is_err(), "{}", apart);
            }
        }

        /// A Latin name whose letters are exchanged for ones that look the same is refused, or is
        /// known by its skeleton.
        #[test]
        fn a_name_in_disguise_is_refused_or_known(word in "[A-Za-z]{2,10}", forms in proptest::collection::vec(0usize..6, 10)) {
            let disguised: String = word.chars().zip(forms).map(|(c, form)| {
                let at = |upper: u32, lower: u32| {
                    let from = if c.is_ascii_uppercase() { upper + c as u32 - 'A' as u32 } else { lower + c as u32 - 'a' as u32 };
                    char::from_u32(from).unwrap_or(c)
                };
                match (form, c) {
                    (1, _) => at(0xff21, 0xff41),
                    (2, _) => at(0x1d400, 0x1d41a),
                    (3, _) => at(0x24b6, 0x24d0),
                    (4, 'a') => '\u{430}',
                    (4, 'o') => '\u{3bf}',
                    (4, 'e') => '\u{435}',
                    (4, 'K') => '\u{212a}',
                    (5, 'l') => 'I',
                    (5, 'O') => '0',
                    _ => c,
                }
            }).collect();
            prop_assert_eq!(check(&word), Ok(()));
            if check(&disguised).is_ok() {
                prop_assert_eq!(skeleton(&disguised), skeleton(&word), "{}", disguised);
            }
        }

        #[test]
        fn a_name_that_is_taken_is_a_title_that_is_taken(name in "\\PC{0,12}") {
            if check(&name).is_ok() {
                prop_assert_eq!(check_title(&name), Ok(()));
                prop_assert_eq!(check(&clean(&name)), Ok(()));
            }
        }
    }
}
