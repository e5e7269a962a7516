//! Values that a person types because the account has none.
//!
//! Accepts what people write (spaces, hyphens, full-width digits from an input method) and brings
//! it into one form. What it refuses, it refuses for a reason that the screen can say in words.

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
    /// Not `local@domain.tld`.
    NotAnEmail,
    /// Not 8 to 15 digits.
    NotAPhoneNumber,
    /// Not a day that exists, written year, month, day.
    NotADate,
    /// Control characters, or nothing visible.
    NotText,
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
            _ => Self::Other,
        }
    }
}

/// The longest text of each kind, in characters.
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

/// Brings a typed value into the form in which it is provided.
///
/// | kind | form |
/// |---|---|
/// | email | as typed, trimmed; the domain in lower case |
/// | phone | digits, with a leading `+` if one was typed |
/// | name | single spaces, composed Hangul |
/// | birthday | `YYYY-MM-DD` |
/// | address | single spaces |
///
/// # Errors
/// The first fault, see [`ValueFault`].
pub fn normalise(kind: Collect, typed: &str) -> Result<String, ValueFault> {
    let text = typed.trim();
    if text.is_empty() {
        return Err(ValueFault::Empty);
    }
    if text.chars().count() > longest(kind) {
        return Err(ValueFault::TooLong);
    }
    match kind {
        Collect::Email => email(text),
        Collect::Phone => phone(text),
        Collect::Name => plain(text, 1),
        Collect::Birthday => birthday(text),
        Collect::Address => plain(text, 5),
    }
}

/// The shape browsers accept for `<input type=email>` (HTML, 4.10.5.1.5), with a dot in the domain.
fn email(text: &str) -> Result<String, ValueFault> {
    let (local, domain) = text.rsplit_once('@').ok_or(ValueFault::NotAnEmail)?;
    let local_ok = (1..=64).contains(&local.len())
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b))
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if local_ok && domain.contains('.') && domain.split('.').all(label_ok) {
        Ok(format!("{local}@{}", domain.to_ascii_lowercase()))
    } else {
        Err(ValueFault::NotAnEmail)
    }
}

/// ITU-T E.164: at most 15 digits.
fn phone(text: &str) -> Result<String, ValueFault> {
    let mut number = String::new();
    for (at, c) in text.chars().enumerate() {
        match ascii_digit(c) {
            Some(digit) => number.push(digit),
            None if at == 0 && (c == '+' || c == '＋') => number.push('+'),
            None if matches!(c, ' ' | '-' | '(' | ')' | '.' | '‐' | '–' | '－') => {}
            None => return Err(ValueFault::NotAPhoneNumber),
        }
    }
    let digits = number.trim_start_matches('+').len();
    if (8..=15).contains(&digits) { Ok(number) } else { Err(ValueFault::NotAPhoneNumber) }
}

/// Eight digits in a row, or three numbers with something between them.
fn birthday(text: &str) -> Result<String, ValueFault> {
    let mut groups = vec![String::new()];
    for c in text.chars() {
        match ascii_digit(c) {
            Some(digit) => groups.last_mut().ok_or(ValueFault::NotADate)?.push(digit),
            None if "-./ 年月日년월일".contains(c) => groups.push(String::new()),
            None => return Err(ValueFault::NotADate),
        }
    }
    groups.retain(|group| !group.is_empty());
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let (year, month, day) = match groups[..] {
        [all] if all.len() == 8 => (&all[..4], &all[4..6], &all[6..]),
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            (year, month, day)
        }
        _ => return Err(ValueFault::NotADate),
    };
    let number = |digits: &str| digits.parse::<u32>().map_err(|_| ValueFault::NotADate);
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    if (1900..2100).contains(&year) && day >= 1 && day <= days(year, month) {
        Ok(format!("{year:04}-{month:02}-{day:02}"))
    } else {
        Err(ValueFault::NotADate)
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

fn plain(text: &str, shortest: usize) -> Result<String, ValueFault> {
    let clean = name::clean(text);
    if clean.is_empty() || text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(ValueFault::NotText);
    }
    if clean.chars().count() < shortest { Err(ValueFault::TooShort) } else { Ok(clean) }
}

/// `'7'` from `'7'` or the full-width `'７'`.
fn ascii_digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10),
        _ => None,
    }
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

    #[test]
    fn what_cannot_be_meant_is_refused_with_a_reason() {
        use Collect::{Address, Birthday, Email, Name, Phone};
        for (kind, typed, fault) in [
            (Email, "   ", ValueFault::Empty),
            (Email, "hana", ValueFault::NotAnEmail),
            (Email, "hana@", ValueFault::NotAnEmail),
            (Email, "hana@localhost", ValueFault::NotAnEmail),
            (Email, "ha na@example.com", ValueFault::NotAnEmail),
            (Email, "hana@exa_mple.com", ValueFault::NotAnEmail),
            (Email, ".hana@example.com", ValueFault::NotAnEmail),
            (Email, "하나@example.com", ValueFault::NotAnEmail),
            (Email, "a@b@example.com", ValueFault::NotAnEmail),
            (Phone, "1234567", ValueFault::NotAPhoneNumber),
            (Phone, "0101234567890123", ValueFault::NotAPhoneNumber),
            (Phone, "010-ABCD-5678", ValueFault::NotAPhoneNumber),
            (Phone, "010+12345678", ValueFault::NotAPhoneNumber),
            (Birthday, "1999-02-29", ValueFault::NotADate),
            (Birthday, "1900-02-29", ValueFault::NotADate),
            (Birthday, "1999-13-01", ValueFault::NotADate),
            (Birthday, "990101", ValueFault::NotADate),
            (Birthday, "1899-12-31", ValueFault::NotADate),
            (Name, "\u{3164}\u{200b}", ValueFault::NotText),
            (Address, "집", ValueFault::TooShort),
        ] {
            assert_eq!(normalise(kind, typed), Err(fault), "{typed:?}");
        }
        assert_eq!(normalise(Name, &"가".repeat(41)), Err(ValueFault::TooLong));
    }

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        use ValueFault::*;
        for fault in [Empty, TooLong, TooShort, NotAnEmail, NotAPhoneNumber, NotADate, NotText] {
            let written = serde_json::to_string(&fault).unwrap();
            assert_eq!(ValueFault::of(written.trim_matches('"')), fault);
        }
        assert_eq!(ValueFault::of("of a newer backend"), Other);
    }

    proptest! {
        #[test]
        fn a_normalised_value_is_accepted_as_it_is(typed in "\\PC{0,60}", kind in 0usize..5) {
            let kind = [Collect::Email, Collect::Phone, Collect::Name, Collect::Birthday, Collect::Address][kind];
            if let Ok(value) = normalise(kind, &typed) {
                prop_assert_eq!(normalise(kind, &value), Ok(value));
            }
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
            let expected = if right { Ok(format!("{plus}{digits}")) } else { Err(ValueFault::NotAPhoneNumber) };
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
