//! Previews of personal values: enough to recognise one's own, too little for a bystander.

use crate::config::{Account, Attribute};

/// A masked preview of what would be provided.
pub fn preview(account: &Account, attribute: Attribute) -> Option<String> {
    let value = account.value(attribute)?;
    Some(match attribute {
        Attribute::Nickname => value,
        Attribute::Email => email(&value),
        Attribute::Phone => phone(&value),
        Attribute::Name => name(&value),
        Attribute::Birthday => format!("{}-**-**", &value[..4]),
        Attribute::Address => address(&value),
    })
}

/// How the user distinguishes this account from their other ones.
pub fn identifier(account: &Account) -> String {
    preview(account, Attribute::Email)
        .or_else(|| preview(account, Attribute::Phone))
        .unwrap_or_default()
}

fn email(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let shown: String = local.chars().take(if local.len() > 2 { 2 } else { 1 }).collect();
    format!("{shown}***@{domain}")
}

/// The first three and the last four digits.
fn phone(phone: &str) -> String {
    let (head, tail) = (phone.get(..3), phone.get(phone.len().saturating_sub(4)..));
    match (head, tail) {
        (Some(head), Some(tail)) if phone.len() >= 8 => format!("{head}-****-{tail}"),
        _ => "****".to_owned(),
    }
}

fn name(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    match letters[..] {
        [first, _] => format!("{first}*"),
        [first, .., last] => format!("{first}{}{last}", "*".repeat(letters.len() - 2)),
        _ => "*".to_owned(),
    }
}

/// The first two words: the city and the district.
fn address(address: &str) -> String {
    let shown: Vec<&str> = address.split(' ').take(2).collect();
    format!("{} ***", shown.join(" "))
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
    }
}
