//! Composition root: which page the address asks for, and mounting it in the place of the static
//! shell, or of what a server has painted there.

use leptos::prelude::*;

use crate::{
    consent::{self, Machine, painted::Painted},
    i18n::Locale,
    platform::{document, shell},
};

/// What an address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `/consent/{challenge}`
    Consent {
        challenge: String,
    },
    Unknown,
}

impl Address {
    /// Reads the path of an address.
    #[must_use]
    pub fn of(path: &str) -> Self {
        match path.strip_prefix("/consent/") {
            Some(challenge) if is_challenge(challenge) => {
                Self::Consent { challenge: challenge.to_owned() }
            }
            _ => Self::Unknown,
        }
    }
}

/// A challenge is opaque; only what cannot be one in any backend is refused before asking.
fn is_challenge(text: &str) -> bool {
    (1..=512).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
        && !text.starts_with('.')
}

/// Starts the app, at a moment when the person is not in the middle of something.
pub fn start() {
    shell::when_quiet(mount);
}

/// Builds the page that the address asks for and puts it in the shell's place. All in one task: in
/// between nobody could tick anything that would be lost.
fn mount() {
    // Without a place there is nothing to do; the shell's watchdog says so.
    let Some(place) = document::mount_point() else { return };
    let languages = document::languages();
    let locale = Locale::best(languages.iter().map(String::as_str));
    let address = Address::of(&document::path());
    let painted = shell::answer().map(|answer| Painted {
        answer,
        fields: shell::fields(),
        age: shell::age(),
    });
    let handle = mount_to(place, move || view(&address, locale, painted.as_ref()));
    // The page lives as long as the document.
    handle.forget();
    shell::make_way();
}

/// The page for an address.
#[must_use]
pub fn view(address: &Address, locale: Locale, painted: Option<&Painted>) -> AnyView {
    consent::page(match address {
        Address::Consent { challenge } => Machine::started(challenge, locale, painted),
        Address::Unknown => Machine::not_found(locale),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_from_the_path() {
        assert_eq!(Address::of("/consent/a-B_9"), Address::Consent { challenge: "a-B_9".into() });
        for path in [
            "/",
            "/consent",
            "/consent/",
            "/consent/a/b",
            "/consent/..",
            "/consent/a%2Fb",
            "/consent/a b",
            "/auto-login",
        ] {
            assert_eq!(Address::of(path), Address::Unknown, "{path}");
        }
    }
}
