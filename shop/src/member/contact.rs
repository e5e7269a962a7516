//! E-mail addresses, phone numbers and names: one spelling for comparing, and masks for showing.

/// The longest value that a form takes, in characters.
pub const LONGEST: usize = 200;

/// An e-mail address in the spelling that is stored and compared, or none if it is no address.
///
/// Only the shape is checked: whether mail arrives is what a code shows.
#[must_use]
pub fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.split_once('@')?;
    let is_plain = |part: &str| {
        !part.is_empty() && !part.contains(|it: char| it.is_whitespace() || it.is_control())
    };
    let is_domain =
        domain.contains('.') && !domain.contains('@') && domain.split('.').all(is_plain);
    (is_plain(local) && is_domain && text.chars().count() <= LONGEST).then_some(text)
}

/// A phone number as E.164 (`+821012345678`), or none if it is no number. Without a country code it
/// is a Korean one. Kakao's API has `+82 10-1234-5678`.
#[must_use]
pub fn phone(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains(|it: char| !it.is_ascii_digit() && !" +-().".contains(it)) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = match (text.starts_with('+'), digits.strip_prefix('0')) {
        (true, _) => match digits.strip_prefix("820") {
            Some(rest) => format!("+82{rest}"),
            None => format!("+{digits}"),
        },
        (false, Some(national)) => format!("+82{national}"),
        (false, None) => return None,
    };
    (9..=16).contains(&number.len()).then_some(number)
}

/// One line of text without what cannot be seen, or none if nothing is left or it is too long.
#[must_use]
pub fn line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_fine = !line.is_empty()
        && line.chars().count() <= LONGEST
        && !line.contains(|it: char| it.is_control());
    is_fine.then_some(line)
}

/// `김하나` as `김*나`, `하나` as `하*`: enough for its owner, too little for anyone else.
#[must_use]
pub fn masked_name(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    match &*characters {
        [] => String::new(),
        [_] => "*".to_owned(),
        [first, _] => format!("{first}*"),
        [first, between @ .., last] => format!("{first}{}{last}", "*".repeat(between.len())),
    }
}

/// `hana@example.com` as `ha***@example.com`.
#[must_use]
pub fn masked_email(email: &str) -> String {
    let Some((local, domain)) = email.split_once('@') else { return "***".to_owned() };
    let shown: String = local.chars().take(if local.chars().count() > 3 { 2 } else { 1 }).collect();
    format!("{shown}***@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_spelling() {
        for text in ["+82 10-5555-6666", "01055556666", "010-5555-6666", "+82 010 5555 6666"] {
            assert_eq!(phone(text).as_deref(), Some("+821055556666"), "{text}");
        }
        assert_eq!(phone("+1 (212) 555-0100").as_deref(), Some("+12125550100"));
        for text in ["", "5555", "010-abc-5555", "+", "1055556666", "0", "+1234567890123456789"] {
            assert_eq!(phone(text), None, "{text}");
        }
    }

    #[test]
    fn one_address_has_one_spelling() {
        assert_eq!(email(" Hana@Example.COM ").as_deref(), Some("hana@example.com"));
        for text in ["", "hana", "@example.com", "hana@", "a b@example.com", "a@b@c.com", "a@b..c"]
        {
            assert_eq!(email(text), None, "{text}");
        }
    }

    #[test]
    fn masks_hide_most() {
        assert_eq!(masked_name("김하나"), "김*나");
        assert_eq!(masked_name("하나"), "하*");
        assert_eq!(masked_name("남궁하나둘"), "남***둘");
        assert_eq!(masked_email("hana@example.com"), "ha***@example.com");
        assert_eq!(masked_email("al@example.com"), "a***@example.com");
    }

    #[test]
    fn lines_are_lines() {
        assert_eq!(line("  서울  중구\n110 ").as_deref(), Some("서울 중구 110"));
        assert_eq!(line(" \n "), None);
        assert_eq!(line(&"가".repeat(LONGEST + 1)), None);
    }
}
