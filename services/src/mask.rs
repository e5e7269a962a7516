//! Masked personal values: enough to recognise one's own, too little for a bystander.

/// In the place of values of which any part would reveal too much, and of pictures.
pub const HIDDEN: &str = "***";

#[must_use]
pub fn email(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let shown: String = local.chars().take(if local.len() > 2 { 2 } else { 1 }).collect();
    format!("{shown}***@{domain}")
}

/// The first three and the last four digits.
#[must_use]
pub fn phone(phone: &str) -> String {
    let (head, tail) = (phone.get(..3), phone.get(phone.len().saturating_sub(4)..));
    match (head, tail) {
        (Some(head), Some(tail)) if phone.len() >= 8 => format!("{head}-****-{tail}"),
        _ => "****".to_owned(),
    }
}

#[must_use]
pub fn name(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    match letters[..] {
        [first, _] => format!("{first}*"),
        [first, .., last] => format!("{first}{}{last}", "*".repeat(letters.len() - 2)),
        _ => "*".to_owned(),
    }
}

/// The first two words: the city and the district.
#[must_use]
pub fn address(address: &str) -> String {
    let shown: Vec<&str> = address.split(' ').take(2).collect();
    format!("{} ***", shown.join(" "))
}

/// The year of a date.
#[must_use]
pub fn date(year: i32) -> String {
    format!("{year:04}-**-**")
}

/// The month of a birthday.
#[must_use]
pub fn birthday(month: u8) -> String {
    format!("{month:02}-**")
}

/// The century of a year.
#[must_use]
pub fn birthyear(year: u16) -> String {
    format!("{}**", year / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_a_value_is_hidden() {
        assert_eq!(email("hana@example.com"), "ha***@example.com");
        assert_eq!(email("ab@example.com"), "a***@example.com");
        assert_eq!(phone("01012341234"), "010-****-1234");
        assert_eq!(phone("1234"), "****");
        assert_eq!(name("김하나"), "김*나");
        assert_eq!(name("하나"), "하*");
        assert_eq!(name("하"), "*");
        assert_eq!(address("서울시 중구 세종대로 110"), "서울시 중구 ***");
        assert_eq!(date(1995), "1995-**-**");
        assert_eq!((birthday(4), birthyear(1995)), ("04-**".to_owned(), "19**".to_owned()));
    }
}
