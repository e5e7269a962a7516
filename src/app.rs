//! Composition root: the page of an address, and mounting it in place of the static shell or of the
//! server-rendered page.

use consent_contract::locale;
use leptos::prelude::*;

use crate::{
    browser::{document, shell},
    consent::{ConsentForm, ConsentPage, initial::InitialPage},
    i18n,
};

/// The page of an address.
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

/// A challenge is opaque: only what cannot be one in any backend is rejected here.
fn is_challenge(text: &str) -> bool {
    (1..=512).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
        && !text.starts_with('.')
}

/// Starts the app once the user is idle: not in the middle of a click, a key press or a composition.
pub fn start() {
    shell::when_idle(mount);
}

/// Builds the page and replaces the shell, in one task: in between no input could be lost.
fn mount() {
    // Without a mount point or texts the shell's watchdog shows that the app cannot start.
    let Some(mount_point) = document::mount_point() else { return };
    locale::offer(shell::languages().leak());
    let Ok(locale) = i18n::load(&shell::texts()) else { return };
    let address = Address::of(&document::path());
    let initial = shell::answer().map(|answer| InitialPage {
        answer,
        fields: shell::fields(),
        age: shell::age(),
    });
    let handle = mount_to(mount_point, move || {
        let form = match &address {
            Address::Consent { challenge } => {
                ConsentForm::start(challenge, locale, initial.as_ref())
            }
            Address::Unknown => ConsentForm::not_found(locale),
        };
        let form = form.in_messenger(document::messenger());
        view! { <ConsentPage form/> }
    });
    // The page lives as long as the document.
    handle.forget();
    shell::replace();
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
