//! The name of one thing a person answers, the same in JSON problems, form fields and the page.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One asked item. Written as `term:tos`, `item:account_email` or `channel:_shop`: in problem
/// details, as form field values, and as the `id` of its checkbox in the page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum ItemKey {
    Term(String),
    Item(String),
    Channel(String),
}

impl ItemKey {
    /// The tag, id or public id, without its prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Term(name) | Self::Item(name) | Self::Channel(name) => name,
        }
    }
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self {
            Self::Term(_) => "term:",
            Self::Item(_) => "item:",
            Self::Channel(_) => "channel:",
        };
        f.write_str(prefix)?;
        f.write_str(self.name())
    }
}

impl From<ItemKey> for String {
    fn from(key: ItemKey) -> Self {
        key.to_string()
    }
}

/// The text is not the name of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnItem;

impl fmt::Display for NotAnItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected term:…, item:… or channel:…")
    }
}

impl std::error::Error for NotAnItem {}

impl FromStr for ItemKey {
    type Err = NotAnItem;

    fn from_str(text: &str) -> Result<Self, NotAnItem> {
        let (prefix, name) = text.split_once(':').ok_or(NotAnItem)?;
        if !is_name(name) {
            return Err(NotAnItem);
        }
        match prefix {
            "term" => Ok(Self::Term(name.to_owned())),
            "item" => Ok(Self::Item(name.to_owned())),
            "channel" => Ok(Self::Channel(name.to_owned())),
            _ => Err(NotAnItem),
        }
    }
}

impl TryFrom<String> for ItemKey {
    type Error = NotAnItem;

    fn try_from(text: String) -> Result<Self, NotAnItem> {
        text.parse()
    }
}

/// Whether the text may be a tag, an item's id or a channel's public id: `[A-Za-z0-9_-]{1,64}`.
/// They stand in addresses, form fields and element ids, so nothing else is let in.
#[must_use]
pub fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_is_read_back_as_written() {
        for text in ["term:tos", "item:account_email", "channel:_hanok-1"] {
            assert_eq!(text.parse::<ItemKey>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "tos", "term:", "term:a b", "term:<b>", "Term:tos", "scope:x", "item:이메일"]
        {
            assert_eq!(text.parse::<ItemKey>(), Err(NotAnItem), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_text_is_the_key_that_it_spells_or_none(text in "(term|item|channel|[a-z]{0,5}):?[A-Za-z0-9_:-]{0,70}|\\PC{0,20}") {
            let well_formed = ["term:", "item:", "channel:"].iter().any(|kind| {
                text.strip_prefix(kind).is_some_and(|name| {
                    (1..=64).contains(&name.chars().count())
                        && name.chars().all(|c| matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-'))
                })
            });
            match text.parse::<ItemKey>() {
                Ok(key) => prop_assert_eq!(key.to_string(), text.clone()),
                Err(NotAnItem) => prop_assert!(!well_formed, "{}", text),
            }
            prop_assert_eq!(text.parse::<ItemKey>().is_ok(), well_formed);
        }
    }
}
