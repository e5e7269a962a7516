//! A pseudo-locale for previews: longer texts, to test the layout.

use std::sync::{
    LazyLock,
    atomic::{AtomicBool, Ordering},
};

use super::{Locale, Texts, built_in};

static ON: AtomicBool = AtomicBool::new(false);

/// Replaces the screen's own texts with those of the pseudo-locale, whatever the language.
pub fn turn(on: bool) {
    ON.store(on, Ordering::Relaxed);
}

pub(crate) fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

pub(super) fn texts() -> &'static Texts {
    static TEXTS: LazyLock<Texts> =
        LazyLock::new(|| built_in(Locale::En).changed(consent_fixtures::pseudo));
    &TEXTS
}
