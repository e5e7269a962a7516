//! A pseudo-locale for previews: longer texts, to test the layout.

use std::sync::{
    LazyLock,
    atomic::{AtomicBool, Ordering},
};

use super::{Locale, Texts, built_in};

static ON: AtomicBool = AtomicBool::new(false);

/// What is no text for users.
const DATA: [&str; 4] = ["direction", "plural", "date", "months"];

/// Replaces the screen's own texts with those of the pseudo-locale, whatever the language.
pub fn turn(on: bool) {
    ON.store(on, Ordering::Relaxed);
}

pub(crate) fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

pub(super) fn texts() -> &'static Texts {
    static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
        let english = built_in(Locale::EN).all();
        let text = |name: &str| {
            let (_, text) = english.iter().find(|(it, _)| *it == name)?;
            let forms = text.split('|').map(|form| match form.split_once('=') {
                Some((category, form)) => [category, "=", &consent_fixtures::pseudo(form)].concat(),
                None => consent_fixtures::pseudo(form),
            });
            let changed = forms.collect::<Vec<_>>().join("|");
            Some(if DATA.contains(&name) { *text } else { &*changed.leak() })
        };
        Texts::try_from_names(&text).expect("every text in English")
    });
    &TEXTS
}
