//! The words around changes. Not among the screen's other texts: the app downloads those, and
//! only a server needs these.

use crate::{i18n::Locale, texts};

texts! {
    /// The words around changes in one language.
    Words in "text_changes" {
        heading,
        /// Slot: the day of the version that was agreed to.
        since,
        nothing,
        rewritten,
        /// By number. Slot: how many.
        more,
        legend,
        added,
        removed,
        before,
        after,
        moved,
        marked_text,
        new_text,
        old_text,
        without_marks,
    }
}

/// The words in a language.
pub fn words(locale: Locale) -> &'static Words {
    Words::of(locale)
}
