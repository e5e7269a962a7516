//! The texts of this page. Not among the screen's other texts: the app downloads those, and
//! only a server renders this page.

use crate::{i18n::Locale, texts};

texts! {
    /// `{}` is the service's name, or the person's where it is said.
    Words in "auto_login" {
        /// Slot: the person.
        welcome,
        /// Slot: the service.
        going,
        go_on,
        /// Slot: the service.
        sign_up_heading,
        sign_up_lead,
        sign_up,
        /// Slot: the service.
        log_in_heading,
        log_in_lead,
        log_in,
        not_signed_in,
        look_around,
        open_outside,
    }
}

/// The words in a language.
pub fn words(locale: Locale) -> &'static Words {
    Words::of(locale)
}
