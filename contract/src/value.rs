//! Values that a person types because the account has none.
//!
//! Accepts what people write, paste and type with an input method, and brings it into one form:
//! white space, hyphens, full-width signs, digits of any script. Characters that are not seen, such
//! as the marks that address books put around numbers, are left out wherever they stand. What it
//! refuses, it refuses for a reason that the screen can say in words.

mod email;
mod signs;

use serde::{Deserialize, Serialize};

use crate::{name, request::Collect};

/// Why a value is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueFault {
    Empty,
    TooLong,
    TooShort,
    /// Not `local@domain.tld`, or a domain that there cannot be.
    NotAnEmail,
    /// Not 8 to 15 digits.
    NotAPhoneNumber,
    /// Not a day that exists, written year, month, day.
    NotADate,
    /// Marks without a letter.
    NotText,
    /// A character that no such value has. [`unexpected_character`] says which.
    UnexpectedCharacter,
    /// A reason of a newer backend. Read, never written.
    #[serde(other)]
    Other,
}

impl ValueFault {
    /// The fault of this name; [`ValueFault::Other`] for a name that is not known here.
    #[must_use]
    pub fn of(name: &str) -> Self {
        match name {
            "empty" => Self::Empty,
            "too_long" => Self::TooLong,
            "too_short" => Self::TooShort,
            "not_an_email" => Self::NotAnEmail,
            "not_a_phone_number" => Self::NotAPhoneNumber,
            "not_a_date" => Self::NotADate,
            "not_text" => Self::NotText,
            "unexpected_character" => Self::UnexpectedCharacter,
            _ => Self::Other,
        }
    }
}

/// Why a value is not accepted, with the character that stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Value(ValueFault),
    Character(char),
}

impl From<ValueFault> for Fault {
    fn from(fault: ValueFault) -> Self {
        Self::Value(fault)
    }
}

/// The longest value of each kind, in characters that are seen.
#[must_use]
pub fn longest(kind: Collect) -> usize {
    match kind {
        // RFC 5321, 4.5.3.1.3: a path of 256 octets, less its brackets.
        Collect::Email => 254,
        Collect::Phone => 32,
        Collect::Name => 40,
        Collect::Birthday => 16,
        Collect::Address => 200,
    }
}

/// The most that an input may take for a value of each kind, in UTF-16 code units: with room for
/// characters that are not seen, and for those that are made of several.
#[must_use]
pub fn longest_typed(kind: Collect) -> usize {
    4 * longest(kind)
}

/// Brings a typed value into the form in which it is provided.
///
/// | kind | form |
/// |---|---|
/// | email | as typed; the domain in lower case and, with the feature `unicode-tables`, in ASCII (A-labels, RFC 5891) |
/// | phone | digits, with a leading `+` if one was typed |
/// | name | single spaces, full-width signs as ASCII, composed: with the feature `unicode-tables` all letters (NFC), else Hangul |
/// | birthday | `YYYY-MM-DD` |
/// | address | as a name |
///
/// With the feature, a few domains more are refused: those that cannot be written in ASCII.
///
/// # Errors
/// The first fault, see [`ValueFault`].
pub fn normalise(kind: Collect, typed: &str) -> Result<String, ValueFault> {
    read(kind, typed).map_err(|fault| match fault {
        Fault::Value(fault) => fault,
        Fault::Character(_) => ValueFault::UnexpectedCharacter,
    })
}

/// The character for which [`normalise`] refuses a value as [`ValueFault::UnexpectedCharacter`].
#[must_use]
pub fn unexpected_character(kind: Collect, typed: &str) -> Option<char> {
    match read(kind, typed) {
        Err(Fault::Character(c)) => Some(c),
        _ => None,
    }
}

/// A character as it can be shown in a sentence; by its number, when it is not seen by itself.
#[must_use]
pub fn character_in_words(c: char) -> String {
    if name::is_no_text(c) || name::is_mark(c) {
        format!("U+{:04X}", c as u32)
    } else {
        c.to_string()
    }
}

fn read(kind: Collect, typed: &str) -> Result<String, Fault> {
    // No input takes that much, whatever it is that is not seen in it.
    if typed.len() > 16 * longest_typed(kind) {
        return Err(ValueFault::TooLong.into());
    }
    if let Some(c) = typed.chars().find(|c| name::is_no_text(*c)) {
        return Err(Fault::Character(c));
    }
    let text = name::clean(&typed.chars().map(signs::narrow).collect::<String>());
    if text.is_empty() {
        return Err(ValueFault::Empty.into());
    }
    if name::visible(&text) > longest(kind) {
        return Err(ValueFault::TooLong.into());
    }
    match kind {
        Collect::Email => email::read(&text),
        Collect::Phone => phone(&text),
        Collect::Name => plain(text, 1),
        Collect::Birthday => birthday(&text),
        Collect::Address => plain(text, 5),
    }
}

/// ITU-T E.164: at most 15 digits.
fn phone(text: &str) -> Result<String, Fault> {
    let mut number = String::new();
    for c in text.chars() {
        match signs::digit(c) {
            Some(digit) => number.push(digit),
            None if number.is_empty() && matches!(c, '+' | '\u{fe62}') => number.push('+'),
            None if matches!(c, ' ' | '(' | ')' | '\u{fe59}' | '\u{fe5a}')
                || signs::is_dash(c)
                || signs::is_dot(c) => {}
            None => return Err(Fault::Character(c)),
        }
    }
    let digits = number.trim_start_matches('+').len();
    if (8..=15).contains(&digits) { Ok(number) } else { Err(ValueFault::NotAPhoneNumber.into()) }
}

/// Eight digits in a row, or three numbers with something between them.
fn birthday(text: &str) -> Result<String, Fault> {
    let mut groups = vec![String::new()];
    for c in text.chars() {
        match signs::digit(c) {
            Some(digit) => groups.last_mut().ok_or(ValueFault::NotADate)?.push(digit),
            None if "/⁄∕ ,、年\u{f98e}月日년월일".contains(c)
                || signs::is_dash(c)
                || signs::is_dot(c) =>
            {
                groups.push(String::new());
            }
            None => return Err(Fault::Character(c)),
        }
    }
    groups.retain(|group| !group.is_empty());
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let (year, month, day) = match groups[..] {
        [all] if all.len() == 8 => (&all[..4], &all[4..6], &all[6..]),
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            (year, month, day)
        }
        _ => return Err(ValueFault::NotADate.into()),
    };
    let number = |digits: &str| digits.parse::<u32>().map_err(|_| ValueFault::NotADate);
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    if (1900..2100).contains(&year) && day >= 1 && day <= days(year, month) {
        Ok(format!("{year:04}-{month:02}-{day:02}"))
    } else {
        Err(ValueFault::NotADate.into())
    }
}

/// Days of a month of the Gregorian calendar; 0 for a month that does not exist.
fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400) => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

fn plain(text: String, shortest: usize) -> Result<String, Fault> {
    match name::visible(&text) {
        0 => Err(ValueFault::NotText.into()),
        length if length < shortest => Err(ValueFault::TooShort.into()),
        _ => Ok(composed(text)),
    }
}

/// Normalization Form C of a clean text, which is clean.
#[cfg(feature = "unicode-tables")]
fn composed(text: String) -> String {
    use unicode_normalization::UnicodeNormalization;
    // A few letters come apart, and then have one mark more.
    name::clean(&text.nfc().collect::<String>()).nfc().collect()
}

/// In the end user's browser: the backend composes what it provides.
#[cfg(not(feature = "unicode-tables"))]
fn composed(text: String) -> String {
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ok(kind: Collect, typed: &str) -> String {
        normalise(kind, typed).unwrap_or_else(|fault| panic!("{typed:?}: {fault:?}"))
    }

    #[test]
    fn what_people_write_is_accepted() {
        assert_eq!(ok(Collect::Email, " hana+shop@Example.COM "), "hana+shop@example.com");
        assert_eq!(ok(Collect::Phone, "010-1234-5678"), "01012345678");
        assert_eq!(ok(Collect::Phone, "+82 10 1234 5678"), "+821012345678");
        assert_eq!(ok(Collect::Phone, "０１０－１２３４－５６７８"), "01012345678");
        assert_eq!(ok(Collect::Name, "  김  하나 "), "김 하나");
        assert_eq!(ok(Collect::Name, "\u{1112}\u{1161}나"), "하나");
        assert_eq!(ok(Collect::Birthday, "2000. 2. 29."), "2000-02-29");
        assert_eq!(ok(Collect::Birthday, "19991231"), "1999-12-31");
        assert_eq!(ok(Collect::Birthday, "1999년12월31일"), "1999-12-31");
        assert_eq!(ok(Collect::Address, "서울시 중구\n세종대로 110"), "서울시 중구 세종대로 110");
    }

    /// What address books, web pages and input methods put where a keyboard puts something else.
    #[test]
    fn what_people_paste_is_accepted() {
        for number in [
            "\u{202a}010-1234-5678\u{202c}",
            "\u{200e}01012345678",
            "\u{feff}010\u{ad}1234\u{2060}5678",
            "０１０　１２３４　５６７８",
            "010\u{2011}1234\u{2011}5678",
            "010\u{a0}1234\u{202f}5678\n",
            "（０１０）１２３４ー５６７８",
            "０１０－１２３４－５６７８",
            "０１０〜１２３４～５６７８",
            "010―1234—5678",
            "010\u{2212}1234\u{fe63}5678",
            "010ㅡ1234─5678",
            "010・1234·5678",
            "٠١٠ ١٢٣٤ ٥٦٧٨",
            "०१०-१२३४-५६७८",
        ] {
            assert_eq!(ok(Collect::Phone, number), "01012345678", "{number:?}");
        }
        for number in
            ["＋82 10 1234 5678", "(+82) 10-1234-5678", "\u{202d}+82 10‑1234‑5678\u{202c}"]
        {
            assert_eq!(ok(Collect::Phone, number), "+821012345678", "{number:?}");
        }
        for address in [
            "hana＠example.com",
            "ｈａｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ",
            "\u{200b}hana@example.com",
            "hana\u{200d}@exam\u{fe0f}ple.com\u{202c}",
            "hana@example。com",
            "　hana@EXAMPLE｡com\r\n",
        ] {
            assert_eq!(ok(Collect::Email, address), "hana@example.com", "{address:?}");
        }
        for address in [
            "hana@my‑shop.example",
            "hana@my－shop.example",
            "ｈａｎａ＠ｍｙーｓｈｏｐ．ｅｘａｍｐｌｅ",
        ] {
            assert_eq!(ok(Collect::Email, address), "hana@my-shop.example", "{address:?}");
        }
        for day in [
            "２０００．２．２９",
            "2000／2／29",
            "2000년 2월 29일",
            "２０００年２月２９日",
            "2000\u{1102}\u{1167}\u{11ab} 2\u{110b}\u{116f}\u{11af} 29\u{110b}\u{1175}\u{11af}",
            "2000‑02‑29",
            "2000−2−29",
            "2000ー2ー29",
            "2000・2・29",
            "2000。2。29",
            "2000, 2, 29",
            "\u{200e}2000\u{200e}/\u{200e}02\u{200e}/\u{200e}29",
            "٢٠٠٠/٢/٢٩",
            "２０００　０２　２９",
            "２００００２２９",
        ] {
            assert_eq!(ok(Collect::Birthday, day), "2000-02-29", "{day:?}");
        }
        assert_eq!(ok(Collect::Name, "\u{202b}김\u{200b}하나\u{202c}"), "김하나");
        assert_eq!(ok(Collect::Name, "Ｈａｎａ　Ｋｉｍ"), "Hana Kim");
        assert_eq!(ok(Collect::Name, "コーヒー"), "コーヒー");
        assert_eq!(ok(Collect::Address, "東京都　１－２－３\u{feff}"), "東京都 1-2-3");
        assert_eq!(ok(Collect::Address, "서울시 중구\r\n세종대로 110"), "서울시 중구 세종대로 110");
    }

    #[test]
    fn a_refusal_names_the_character() {
        use Collect::{Address, Birthday, Email, Name, Phone};
        for (kind, typed, c) in [
            (Phone, "010-ＡBCD-5678", 'A'),
            (Phone, "010-1234-5678 #9", '#'),
            (Phone, "010-1234-567①", '①'),
            (Phone, "0️⃣10-1234-5678", '\u{20e3}'),
            (Phone, "010/1234/5678", '/'),
            (Email, "<hana@example.com>", '<'),
            (Email, "hana kim@example.com", ' '),
            (Birthday, "2000.2.29(화)", '('),
            (Birthday, "平成12年2月29日", '平'),
            (Name, "김\u{e000}나", '\u{e000}'),
            (Address, "서울시 중구\u{1b}[31m", '\u{1b}'),
        ] {
            assert_eq!(unexpected_character(kind, typed), Some(c), "{typed:?}");
            assert_eq!(normalise(kind, typed), Err(ValueFault::UnexpectedCharacter), "{typed:?}");
        }
        assert_eq!(unexpected_character(Phone, "123"), None);
        assert_eq!(unexpected_character(Phone, "010-1234-5678"), None);
    }

    #[test]
    fn an_input_takes_what_is_left_out() {
        let marked = |value: &str| value.chars().flat_map(|c| [c, '\u{200b}']).collect::<String>();
        for (kind, typed) in [
            (Collect::Birthday, "２０００年　０２月　２９日"),
            (Collect::Phone, "（＋８２）　１０ー１２３４ー５６７８"),
        ] {
            assert!(marked(typed).encode_utf16().count() <= longest_typed(kind));
            assert_eq!(normalise(kind, &marked(typed)), normalise(kind, typed));
        }
        // Decomposed Hangul has three letters a syllable, and an emoji two units.
        assert!(
            "\u{1112}\u{1161}\u{11ab}".repeat(40).encode_utf16().count()
                <= longest_typed(Collect::Name)
        );
        assert!(normalise(Collect::Name, &"👩".repeat(40)).is_ok());
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_a_reason() {
        use Collect::{Address, Birthday, Email, Name, Phone};
        for (kind, typed, fault) in [
            (Email, "   ", ValueFault::Empty),
            (Email, "hana", ValueFault::NotAnEmail),
            (Email, "hana@", ValueFault::NotAnEmail),
            (Email, "hana@localhost", ValueFault::NotAnEmail),
            (Email, "ha na@example.com", ValueFault::UnexpectedCharacter),
            (Email, "hana@exa_mple.com", ValueFault::UnexpectedCharacter),
            (Email, ".hana@example.com", ValueFault::NotAnEmail),
            (Email, "하나@example.com", ValueFault::UnexpectedCharacter),
            (Email, "a@b@example.com", ValueFault::NotAnEmail),
            (Phone, "1234567", ValueFault::NotAPhoneNumber),
            (Phone, "0101234567890123", ValueFault::NotAPhoneNumber),
            (Phone, "010-ABCD-5678", ValueFault::UnexpectedCharacter),
            (Phone, "010+12345678", ValueFault::UnexpectedCharacter),
            (Birthday, "1999-02-29", ValueFault::NotADate),
            (Birthday, "1900-02-29", ValueFault::NotADate),
            (Birthday, "1999-13-01", ValueFault::NotADate),
            (Birthday, "990101", ValueFault::NotADate),
            (Birthday, "1899-12-31", ValueFault::NotADate),
            (Name, "\u{3164}\u{200b}", ValueFault::Empty),
            (Name, "\u{301}\u{302}", ValueFault::NotText),
            (Name, "김\0하나", ValueFault::UnexpectedCharacter),
            (Address, "서울시 중구 \u{fffd}\u{fffd}", ValueFault::UnexpectedCharacter),
            (Birthday, "29 Feb 2000", ValueFault::UnexpectedCharacter),
            (Birthday, "2000㎜2㎜29", ValueFault::UnexpectedCharacter),
            (Address, "집", ValueFault::TooShort),
        ] {
            assert_eq!(normalise(kind, typed), Err(fault), "{typed:?}");
        }
        assert_eq!(normalise(Name, &"가".repeat(41)), Err(ValueFault::TooLong));
        assert_eq!(normalise(Phone, &"\u{200b}".repeat(100_000)), Err(ValueFault::TooLong));
    }

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        use ValueFault::*;
        for fault in [
            Empty,
            TooLong,
            TooShort,
            NotAnEmail,
            NotAPhoneNumber,
            NotADate,
            NotText,
            UnexpectedCharacter,
        ] {
            let written = serde_json::to_string(&fault).unwrap();
            assert_eq!(ValueFault::of(written.trim_matches('"')), fault);
        }
        assert_eq!(ValueFault::of("of a newer backend"), Other);
    }

    fn invisible() -> impl Strategy<Value = char> {
        let all: Vec<char> = ('\0'..=char::MAX).filter(|c| name::is_invisible(*c)).collect();
        proptest::sample::select(all)
    }

    fn good_values() -> impl Strategy<Value = (Collect, String)> {
        prop_oneof![
            "[a-z!#$%&+=?^_~-]{1,12}@[a-z0-9]{1,8}([.-][a-z0-9]{1,8}){0,2}[.][A-Za-z]{2,6}"
                .prop_map(|value| (Collect::Email, value)),
            "[a-z]{1,8}@(한국|例え|bücher|почта)[.](kr|한국)"
                .prop_map(|value| (Collect::Email, value)),
            "[+]?[0-9]{2,3}[ ().-]{0,2}[0-9]{3,4}[ ().-]{0,2}[0-9]{4}"
                .prop_map(|value| (Collect::Phone, value)),
            "(19|20)[0-9]{2}(-|/|[.] ?)(0?[1-9]|1[0-2])(-|/|[.] ?)(0?[1-9]|1[0-9]|2[0-8])"
                .prop_map(|value| (Collect::Birthday, value)),
            "[a-zé가-힣ァ-ヶ一-龥]{1,8}( [a-z가-힣ー.'-]{1,8})?"
                .prop_map(|value| (Collect::Name, value)),
            "[a-z가-힣0-9]{5,8}( [a-z가-힣0-9,#()-]{1,8}){0,4}"
                .prop_map(|value| (Collect::Address, value)),
        ]
    }

    proptest! {
        #[test]
        fn a_normalised_value_is_accepted_as_it_is(typed in "\\PC{0,60}", kind in 0usize..5) {
            let kind = [Collect::Email, Collect::Phone, Collect::Name, Collect::Birthday, Collect::Address][kind];
            if let Ok(value) = normalise(kind, &typed) {
                prop_assert_eq!(normalise(kind, &value), Ok(value));
            }
        }

        /// Whatever stands unseen wherever, and however wide signs and spaces are, the value is the same.
        #[test]
        fn what_is_not_seen_and_how_wide_it_is_changes_nothing(
            (kind, value) in good_values(),
            unseen in proptest::collection::vec((any::<prop::sample::Index>(), invisible()), 0..8),
            wide in any::<u64>(),
        ) {
            let expected = normalise(kind, &value);
            prop_assert!(expected.is_ok(), "{:?}", value);
            let mut typed: Vec<char> = value.chars().enumerate().map(|(at, c)| {
                if wide >> (at % 64) & 1 == 0 { return c; }
                match c {
                    '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap(),
                    ' ' => '\u{3000}',
                    c => c,
                }
            }).collect();
            for (at, c) in unseen {
                typed.insert(at.index(typed.len() + 1), c);
            }
            let typed: String = typed.into_iter().collect();
            prop_assert_eq!(normalise(kind, &typed), expected.clone(), "{:?}", typed);
            let value = expected.unwrap();
            prop_assert_eq!(normalise(kind, &value), Ok(value.clone()));
        }

        /// However a number is grouped, its digits are provided and nothing else.
        #[test]
        fn a_phone_number_is_its_digits(digits in "[0-9]{8,15}", plus in any::<bool>(), gaps in proptest::collection::vec((0usize..15, "[ ()./-]"), 0..4)) {
            let mut typed = digits.clone();
            for (at, gap) in gaps {
                typed.insert_str(at.min(typed.len()), &gap);
            }
            let plus = if plus { "+" } else { "" };
            let right = !typed.contains('/');
            let expected = if right { Ok(format!("{plus}{digits}")) } else { Err(ValueFault::UnexpectedCharacter) };
            prop_assert_eq!(normalise(Collect::Phone, &format!("{plus}{typed}")), expected);
        }

        /// Each day that exists is read from each way to write it, and no other day is.
        #[test]
        fn a_birthday_is_a_day_that_exists(year in 1890u32..2110, month in 0u32..14, day in 0u32..33) {
            let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            let last = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            let exists = (1900..2100).contains(&year) && (1..=12).contains(&month)
                && (1..=last[month.saturating_sub(1).min(11) as usize]).contains(&day);
            let day_of = format!("{year:04}-{month:02}-{day:02}");
            let expected = if exists { Ok(day_of) } else { Err(ValueFault::NotADate) };
            for typed in [
                format!("{year}{month:02}{day:02}"),
                format!("{year}-{month}-{day}"),
                format!("{year}. {month}. {day}."),
                format!("{year}년 {month}월 {day}일"),
                format!("{year}年{month}月{day}日"),
            ] {
                prop_assert_eq!(normalise(Collect::Birthday, &typed), expected.clone(), "{}", typed);
            }
        }

        /// The part before the `@` is the mailbox's own business; the domain has no case.
        #[test]
        fn an_address_of_mail_keeps_its_mailbox(local in "[A-Za-z0-9!#$%&*+=?^_~-]{1,20}", domain in "[A-Za-z0-9]{1,8}([.-][A-Za-z0-9]{1,8}){0,3}[.][A-Za-z]{2,8}", around in "[ \\t\u{3000}]{0,2}") {
            let typed = format!("{around}{local}@{domain}{around}");
            prop_assert_eq!(normalise(Collect::Email, &typed), Ok(format!("{local}@{}", domain.to_ascii_lowercase())));
            let no_mail = typed.replace('@', " ");
            prop_assert_eq!(normalise(Collect::Email, &no_mail), Err(ValueFault::NotAnEmail));
        }

        /// What is provided of a name or an address may be shown.
        #[test]
        fn a_typed_text_is_provided_as_it_may_be_shown(typed in "[ a-z가-힣\u{1112}\u{1161}\u{3164}\u{200b}\u{202e}\n\0]{0,50}", address in any::<bool>()) {
            let kind = if address { Collect::Address } else { Collect::Name };
            if let Ok(value) = normalise(kind, &typed) {
                prop_assert_eq!(name::clean(&value), value.clone());
                prop_assert!(!value.is_empty() && value.chars().count() <= longest(kind));
                prop_assert!(!typed.contains('\0'));
            }
        }
    }
}
