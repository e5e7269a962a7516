//! Text that follows a signal.

use leptos::{prelude::*, tachys::renderer::types};

use super::non_empty;
use crate::browser::text;

/// A directive that makes a signal the whole text of an element. The element starts with
/// [`initial_text`] as its only child:
///
/// ```ignore
/// <p use:reactive_text=error>{initial_text(error)}</p>
/// ```
///
/// It writes the element, never a text node in it: browser translation and extensions replace text
/// nodes, and a change to a node that has left the page is invisible.
pub fn reactive_text(element: types::Element, text: Signal<String>) {
    let mut shown = text.get_untracked();
    Effect::new(move |_| {
        let now = text.get();
        // Unchanged text keeps its translation.
        if now != shown {
            text::set(&element, &now);
            shown = now;
        }
    });
}

/// The text as it is now. None when it is empty: a server would render a space for empty text.
#[must_use]
pub fn initial_text(text: Signal<String>) -> Option<String> {
    non_empty(text.get_untracked())
}
