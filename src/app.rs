//! Composition root: which page the address asks for, and mounting it in the static shell's place.

use leptos::prelude::*;

use crate::{
    consent::{ConsentPage, Machine},
    i18n::Locale,
    platform::document,
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

/// Builds the page that the address asks for and puts it in the shell's place.
pub fn mount() {
    std::panic::set_hook(Box::new(|_| document::report_broken()));
    let Some(place) = document::mount_point() else {
        document::report_broken();
        return;
    };
    let languages = document::languages();
    let locale = Locale::best(languages.iter().map(String::as_str));
    let address = Address::of(&document::path());
    let handle = mount_to(place, move || view! { <App address locale/> });
    // The page lives as long as the document.
    handle.forget();
    document::remove_shell();
}

/// The page for an address.
#[component]
pub fn App(address: Address, locale: Locale) -> impl IntoView {
    let machine = match address {
        Address::Consent { challenge } => Machine::started(challenge, locale),
        Address::Unknown => Machine::not_found(locale),
    };
    view! { <ConsentPage machine/> }
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
