//! A place of a page: what a field of the form changes, and what a note is pinned to.
//!
//! A place has a key that stays the same when texts, languages or the order of items change:
//! `term:privacy`, `service`. Elsewhere it is the nth of its kind: `heading:2`.

use std::{fmt, str::FromStr};

use consent_contract::item::ItemKey;
use consent_fixtures::Fixture;

use crate::language::{t, tf};

/// A place of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The row of a term, an item or a channel.
    Row(ItemKey),
    Part(Part),
    /// An element that is in no row and no part: the nth of its kind, from 1.
    Nth(Kind, usize),
    /// The whole page.
    Page,
}

macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $key:literal $label:literal $selector:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($variant,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// In an address or a file.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)* }
            }

            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            /// Where it is in the page.
            #[must_use]
            pub fn selector(self) -> &'static str {
                match self { $(Self::$variant => $selector,)* }
            }
        }
    };
}

named! {
    /// A part that a page has once. Of several elements it is the first.
    Part {
        Service "service" "Service" ".service",
        Account "account" "Account" ".account",
        AgreeAll "agree-all" "“Agree to all”" ".agree-all",
        Statements "statements" "Statements about personal information" ".facts",
        AlreadyAgreed "already-agreed" "Already agreed" "#already-agreed",
        Agree "agree" "The agree button" ".actions .button--primary",
        Cancel "cancel" "The cancel button" ".actions .button--secondary",
    }
}

named! {
    /// A kind of element.
    Kind {
        Heading "heading" "Heading" ":is(h1, h2, h3, h4, legend)",
        Control "control" "Control" ":is(button, a[href], input:not([type=hidden]), select, summary)",
        Text "text" "Text" ":is(p, li, dt, dd, th, td, label)",
    }
}

/// What a page is in: the screen's own pages, and those that only a server renders.
pub const PAGE: &str = ":is(main.page, main.sheet)";

impl Place {
    /// What a place in a fixture is drawn as, a JSON Pointer. None for what is not drawn at one place.
    #[must_use]
    pub fn of_field(fixture: &Fixture, at: &str) -> Option<Self> {
        let parts: Vec<&str> = at.split('/').skip(1).collect();
        let request = fixture.request();
        let index = |index: &str| index.parse::<usize>().ok();
        match parts[..] {
            ["request", "terms", at, ..] => {
                Some(Self::Row(ItemKey::Term(request?.terms.get(index(at)?)?.tag.clone())))
            }
            ["documents", tag, ..] => {
                let term = request?.terms.iter().find(|it| it.tag == tag)?;
                Some(Self::Row(ItemKey::Term(term.tag.clone())))
            }
            ["request", "personal_info", "items", at, ..] => {
                let items = &request?.personal_info.items;
                Some(Self::Row(ItemKey::Item(items.get(index(at)?)?.id.clone())))
            }
            ["request", "channels", at, ..] => {
                let channel = request?.channels.get(index(at)?)?;
                Some(Self::Row(ItemKey::Channel(channel.public_id.clone())))
            }
            ["request", "personal_info", ..] => Some(Self::Part(Part::Statements)),
            ["request", "agree_all"] => Some(Self::Part(Part::AgreeAll)),
            ["request", "service", ..] => Some(Self::Part(Part::Service)),
            ["request", "account", ..] => Some(Self::Part(Part::Account)),
            ["request", "already_agreed", ..] => Some(Self::Part(Part::AlreadyAgreed)),
            _ => None,
        }
    }

    /// The key of what a field is drawn as; empty for what is not drawn at one place.
    #[must_use]
    pub fn key_of_field(fixture: &Fixture, at: &str) -> String {
        Self::of_field(fixture, at).map(|place| place.to_string()).unwrap_or_default()
    }

    /// The place in words. A row has the name that the fixture gives it.
    #[must_use]
    pub fn described(&self, fixture: &Fixture) -> String {
        match self {
            Self::Row(key) => row(key, fixture),
            Self::Part(part) => t(part.label()).to_owned(),
            Self::Nth(kind, number) => format!("{} {number}", t(kind.label())),
            Self::Page => t("The page").to_owned(),
        }
    }
}

fn row(key: &ItemKey, fixture: &Fixture) -> String {
    let request = fixture.request();
    let (kind, name) = match key {
        ItemKey::Term(tag) => {
            let terms = request.map(|it| it.terms.as_slice()).unwrap_or_default();
            (t("Term"), terms.iter().find(|it| it.tag == *tag).map(|it| &it.title))
        }
        ItemKey::Item(id) => {
            let items = request.map(|it| it.personal_info.items.as_slice()).unwrap_or_default();
            (t("Item"), items.iter().find(|it| it.id == *id).map(|it| &it.label))
        }
        ItemKey::Channel(id) => {
            let channels = request.map(|it| it.channels.as_slice()).unwrap_or_default();
            (t("Channel"), channels.iter().find(|it| it.public_id == *id).map(|it| &it.name))
        }
    };
    let name = name.map_or(key.name(), String::as_str);
    tf("{kind} “{name}”", &[("kind", &kind), ("name", &name)])
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(key) => key.fmt(f),
            Self::Part(part) => f.write_str(part.key()),
            Self::Nth(kind, number) => write!(f, "{}:{number}", kind.key()),
            Self::Page => f.write_str("page"),
        }
    }
}

/// The text is not the key of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPlace;

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(key: &str) -> Result<Self, NotAPlace> {
        if key == "page" {
            return Ok(Self::Page);
        }
        if let Some(part) = Part::ALL.iter().find(|it| it.key() == key) {
            return Ok(Self::Part(*part));
        }
        if let Ok(key) = key.parse() {
            return Ok(Self::Row(key));
        }
        let (kind, number) = key.split_once(':').ok_or(NotAPlace)?;
        let kind = Kind::ALL.iter().find(|it| it.key() == kind).ok_or(NotAPlace)?;
        match number.parse() {
            Ok(number) if number > 0 => Ok(Self::Nth(*kind, number)),
            _ => Err(NotAPlace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_leads_to_what_it_changes() {
        let fixture = &consent_fixtures::named("sign-up").unwrap().fixture;
        for (at, expected) in [
            ("/request/terms/2/title", "term:marketing"),
            ("/request/terms/2/highlights/0/text", "term:marketing"),
            ("/documents/privacy", "term:privacy"),
            ("/request/personal_info/items/1/label", "item:account_email"),
            ("/request/personal_info/purpose", "statements"),
            ("/request/channels/0/name", "channel:_hanok"),
            ("/request/service/name", "service"),
        ] {
            let place = Place::of_field(fixture, at).map(|it| it.to_string());
            assert_eq!(place.as_deref(), Some(expected), "{at}");
        }
        for at in ["", "/title", "/request/terms/9/title", "/documents/'] *", "/request/purpose"] {
            assert_eq!(Place::of_field(fixture, at), None, "{at}");
        }
    }

    #[test]
    fn a_key_is_read_as_it_was_written() {
        for key in
            ["page", "service", "agree", "term:tos", "channel:_hanok", "heading:1", "text:12"]
        {
            assert_eq!(key.parse::<Place>().unwrap().to_string(), key);
        }
        for key in ["", "term:", "term:'] *", "heading:0", "heading:x", "heading", "table:1"] {
            assert_eq!(key.parse::<Place>(), Err(NotAPlace), "{key}");
        }
        for part in Part::ALL {
            assert_eq!(part.key().parse(), Ok(Place::Part(*part)));
        }
    }

    #[test]
    fn a_place_is_described_with_the_name_that_the_fixture_gives_it() {
        let fixture = &consent_fixtures::named("sign-up").unwrap().fixture;
        let described = |key: &str| key.parse::<Place>().unwrap().described(fixture);
        assert_eq!(described("term:tos"), "Term “이용약관”");
        assert_eq!(described("channel:_hanok"), "Channel “한옥마켓”");
        assert_eq!(described("item:gone"), "Item “gone”");
        assert_eq!(described("heading:2"), "Heading 2");
        assert_eq!(described("agree"), "The agree button");
    }
}
