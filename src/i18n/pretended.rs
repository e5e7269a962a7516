//! A language that does not exist, for previews: what a longer one would do to the layout.

use std::sync::{
    LazyLock,
    atomic::{AtomicBool, Ordering},
};

use super::{Texts, en};

static ON: AtomicBool = AtomicBool::new(false);

/// Whether the screen's own words are those of the pseudo-locale, whatever language is asked for.
pub fn turn(on: bool) {
    ON.store(on, Ordering::Relaxed);
}

pub(crate) fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

pub(super) fn texts() -> &'static Texts {
    static TEXTS: LazyLock<Texts> = LazyLock::new(|| en::TEXTS.changed(consent_fixtures::pseudo));
    &TEXTS
}
