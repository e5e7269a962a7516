//! Previews of personal values: enough to recognise one's own, too little for a bystander.

use consent_screen::texts;
use consent_services::mask::{HIDDEN, address, birthday, birthyear, date, phone};
pub use consent_services::mask::{email, name};

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

/// The text that the screen shows beside an item: the masked value, or the word for a permission.
/// `None` when the account has no value.
pub fn preview(account: &Account, item: &Item, locale: &str) -> Option<String> {
    match item.attribute {
        Attribute::Nickname => Some(account.nickname.clone()),
        Attribute::Email => account.email.as_deref().map(email),
        Attribute::Phone => account.phone.as_deref().map(phone),
        Attribute::Name => account.name.as_deref().map(name),
        Attribute::Birthday if item.with_year => account.birthday.map(|day| date(day.year())),
        Attribute::Birthday => account.birthday.map(|day| match account.lunar_birthday {
            Some(lunar) => birthday(lunar.month),
            None => birthday(day.month().into()),
        }),
        Attribute::Birthyear => account.year_of_birth().map(birthyear),
        Attribute::LegalName => account.legal.name.as_deref().map(name),
        Attribute::LegalBirthDate => account.legal.birth_date.map(|day| date(day.year())),
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
