//! The consent items of the platform (Kakao Login, REST API, consent items).

use consent_contract::request::Collect;
use serde::{Deserialize, Serialize};

/// A consent item: a value of the account, or a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    Nickname,
    ProfileImage,
    Email,
    Phone,
    Name,
    Gender,
    AgeRange,
    Birthday,
    Birthyear,
    /// The identifier that Korean identity providers share about a person (CI).
    ConnectingInformation,
    LegalName,
    LegalBirthDate,
    LegalGender,
    IsKorean,
    Address,
    /// Reading which channels the user has added.
    ChannelRelations,
    Friends,
    SendingMessages,
    Chats,
}

/// The kind of a consent item, under the platform's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ItemKind {
    /// Personal information that is provided to the service.
    Privacy,
    /// A permission to call an API of the platform. It provides no value.
    Service,
}

impl Attribute {
    pub const ALL: [Self; 19] = [
        Self::Nickname,
        Self::ProfileImage,
        Self::Email,
        Self::Phone,
        Self::Name,
        Self::Gender,
        Self::AgeRange,
        Self::Birthday,
        Self::Birthyear,
        Self::ConnectingInformation,
        Self::LegalName,
        Self::LegalBirthDate,
        Self::LegalGender,
        Self::IsKorean,
        Self::Address,
        Self::ChannelRelations,
        Self::Friends,
        Self::SendingMessages,
        Self::Chats,
    ];

    /// The id of the item, which is also its scope.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Nickname => "profile_nickname",
            Self::ProfileImage => "profile_image",
            Self::Email => "account_email",
            Self::Phone => "phone_number",
            Self::Name => "name",
            Self::Gender => "gender",
            Self::AgeRange => "age_range",
            Self::Birthday => "birthday",
            Self::Birthyear => "birthyear",
            Self::ConnectingInformation => "account_ci",
            Self::LegalName => "legal_name",
            Self::LegalBirthDate => "legal_birth_date",
            Self::LegalGender => "legal_gender",
            Self::IsKorean => "is_korean",
            Self::Address => "shipping_address",
            Self::ChannelRelations => "plusfriends",
            Self::Friends => "friends",
            Self::SendingMessages => "talk_message",
            Self::Chats => "talk_chats",
        }
    }

    /// The item with this id.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.id() == id)
    }

    #[must_use]
    pub fn kind(self) -> ItemKind {
        match self {
            Self::ChannelRelations | Self::Friends | Self::SendingMessages | Self::Chats => {
                ItemKind::Service
            }
            _ => ItemKind::Privacy,
        }
    }

    /// The claim that it becomes: a standard one (OpenID Connect Core, 5.1), else one of the item's
    /// own. `birthday` and `birthyear` share `birthdate`; a permission has none.
    #[must_use]
    pub fn claim(self) -> Option<&'static str> {
        self.claims().first().copied()
    }

    /// All claims that come with it: its own, and for two of them whether it was verified.
    #[must_use]
    pub fn claims(self) -> &'static [&'static str] {
        match self {
            Self::Nickname => &["nickname"],
            Self::ProfileImage => &["picture"],
            Self::Email => &["email", "email_verified"],
            Self::Phone => &["phone_number", "phone_number_verified"],
            Self::Name => &["name"],
            Self::Gender => &["gender"],
            Self::AgeRange => &["age_range"],
            Self::Birthday | Self::Birthyear => &["birthdate"],
            Self::ConnectingInformation => &["ci"],
            Self::LegalName => &["legal_name"],
            Self::LegalBirthDate => &["legal_birth_date"],
            Self::LegalGender => &["legal_gender"],
            Self::IsKorean => &["is_korean"],
            Self::Address => &["address"],
            Self::ChannelRelations | Self::Friends | Self::SendingMessages | Self::Chats => &[],
        }
    }

    /// The standard scope that asks for it (OpenID Connect Core, 5.4). None for claims that no
    /// standard scope has.
    #[must_use]
    pub fn standard_scope(self) -> Option<&'static str> {
        match self {
            Self::Nickname
            | Self::ProfileImage
            | Self::Name
            | Self::Gender
            | Self::Birthday
            | Self::Birthyear => Some("profile"),
            Self::Email => Some("email"),
            Self::Phone => Some("phone"),
            Self::Address => Some("address"),
            _ => None,
        }
    }

    /// The kind of value that the screen asks for. None for values that a user cannot type, because
    /// they are verified or follow from another value, and for permissions.
    #[must_use]
    pub fn collect(self) -> Option<Collect> {
        match self {
            Self::Nickname | Self::Name => Some(Collect::Name),
            Self::Email => Some(Collect::Email),
            Self::Phone => Some(Collect::Phone),
            Self::Birthday => Some(Collect::Birthday),
            Self::Address => Some(Collect::Address),
            Self::ProfileImage
            | Self::Gender
            | Self::AgeRange
            | Self::Birthyear
            | Self::ConnectingInformation
            | Self::LegalName
            | Self::LegalBirthDate
            | Self::LegalGender
            | Self::IsKorean
            | Self::ChannelRelations
            | Self::Friends
            | Self::SendingMessages
            | Self::Chats => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_item_has_an_id_of_its_own() {
        let ids: BTreeSet<&str> = Attribute::ALL.into_iter().map(Attribute::id).collect();
        assert_eq!(ids.len(), Attribute::ALL.len());
        for attribute in Attribute::ALL {
            assert_eq!(Attribute::of(attribute.id()), Some(attribute));
        }
    }

    /// The claims of the standard scopes are the standard's, and no others (OpenID Connect Core, 5.4).
    #[test]
    fn a_standard_scope_asks_for_standard_claims() {
        let claims = |scope: &str| -> Vec<&str> {
            let with = Attribute::ALL.into_iter().filter(|it| it.standard_scope() == Some(scope));
            with.flat_map(Attribute::claims).copied().collect()
        };
        assert_eq!(
            claims("profile"),
            ["nickname", "picture", "name", "gender", "birthdate", "birthdate"]
        );
        assert_eq!(claims("email"), ["email", "email_verified"]);
        assert_eq!(claims("phone"), ["phone_number", "phone_number_verified"]);
        assert_eq!(claims("address"), ["address"]);
    }

    #[test]
    fn a_permission_provides_nothing_and_asks_for_nothing() {
        let permissions = Attribute::ALL.into_iter().filter(|it| it.kind() == ItemKind::Service);
        let ids: Vec<&str> = permissions.clone().map(Attribute::id).collect();
        assert_eq!(ids, ["plusfriends", "friends", "talk_message", "talk_chats"]);
        for permission in permissions {
            assert_eq!((permission.claim(), permission.collect()), (None, None));
        }
    }
}
