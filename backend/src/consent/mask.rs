//! Previews of personal values: enough to recognise one's own, too little for a bystander.

use consent_screen::texts;
use time::Date;

use crate::{
    config::{Account, Attribute, Item},
    locale::Locale,
};

texts! {
    /// What stands in the place of a value.
    Words in "pages" {
        permission,
    }
}

/// For values of which any part would reveal too much, and for pictures.
const HIDDEN: &str = "***";

/// The text that the screen shows beside an item: the masked value, or the word for a permission.
/// `None` when the account has no value.
pub fn preview(account: &Account, item: &Item, locale: &str) -> Option<String> {
    match item.attribute {
        Attribute::Nickname => Some(account.nickname.clone()),
        Attribute::Email => account.email.as_deref().map(email),
        Attribute::Phone => account.phone.as_deref().map(phone),
        Attribute::Name => account.name.as_deref().map(name),
        Attribute::Birthday if item.with_year => account.birthday.map(date),
        Attribute::Birthday => account.birthday.map(|day| match account.lunar_birthday {
            Some(lunar) => format!("{:02}-**", lunar.month),
            None => format!("{:02}-**", day.month() as u8),
        }),
        Attribute::Birthyear => account.year_of_birth().map(|year| format!("{}**", year / 100)),
        Attribute::LegalName => account.legal.name.as_deref().map(name),
        Attribute::LegalBirthDate => account.legal.birth_date.map(date),
        Attribute::Address => account.default_address().map(|it| address(&it.base_address)),
        Attribute::ProfileImage
        | Attribute::Gender
        | Attribute::AgeRange
        | Attribute::ConnectingInformation
        | Attribute::LegalGender
        | Attribute::IsKorean => account.has(item.attribute).then(|| HIDDEN.to_owned()),
        Attribute::ChannelRelations
        | Attribute::Friends
        | Attribute::SendingMessages
        | Attribute::Chats => Some(permission(locale).to_owned()),
    }
}

/// How the user distinguishes this account from their other ones.
pub fn identifier(account: &Account) -> String {
    let email = account.email.as_deref().map(email);
    email.or_else(|| account.phone.as_deref().map(phone)).unwrap_or_default()
}

/// The word for an access permission, as the platform's console has it.
fn permission(locale: &str) -> &'static str {
    Words::of(Locale::best([locale])).permission
}

fn date(day: Date) -> String {
    format!("{:04}-**-**", day.year())
}

pub fn email(email: &str) -> String {
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

pub fn name(name: &str) -> String {
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
