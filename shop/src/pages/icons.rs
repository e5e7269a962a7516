//! The shop's mark and its line icons. All are decoration: the name is in the text beside them.

use maud::{Markup, PreEscaped};

fn icon(paths: &str) -> Markup {
    PreEscaped(format!(
        r#"<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">{paths}</svg>"#
    ))
}

/// A cup under a leaf.
pub(super) fn mark() -> Markup {
    PreEscaped(
        r#"<svg class="mark" viewBox="0 0 40 40" width="32" height="32" aria-hidden="true" focusable="false"><rect width="40" height="40" rx="12" class="mark-ground"/><path class="mark-shape" d="M9 20.5h22c0 6.6-4.4 11-11 11s-11-4.4-11-11z"/><path class="mark-shape" d="M20 17.6c-4.3-1.2-5.8-5.2-4.3-9.6 4.4 1 6.4 4.8 4.3 9.6z"/><path class="mark-shape" d="M21.6 17.6c.2-3 2-5 5-5.6.5 3.1-1.4 5.4-5 5.6z"/></svg>"#
            .to_owned(),
    )
}

pub(super) fn person() -> Markup {
    icon(
        r#"<circle cx="12" cy="8.2" r="3.7"/><path d="M4.8 20c.7-3.9 3.5-6 7.2-6s6.5 2.1 7.2 6"/>"#,
    )
}

pub(super) fn basket() -> Markup {
    icon(r#"<path d="M5.3 8.5h13.4l1.1 11.2H4.2z"/><path d="M8.8 11V7.3a3.2 3.2 0 0 1 6.4 0V11"/>"#)
}

pub(super) fn check() -> Markup {
    icon(r#"<circle cx="12" cy="12" r="9"/><path d="m8 12.3 2.8 2.7 5.2-5.7"/>"#)
}

pub(super) fn alert() -> Markup {
    icon(r#"<circle cx="12" cy="12" r="9"/><path d="M12 7.5v5.5"/><path d="M12 16.3v.1"/>"#)
}

pub(super) fn speech() -> Markup {
    icon(
        r#"<path fill="currentColor" stroke="none" d="M12 4c-5 0-9 3.1-9 7 0 2.5 1.7 4.7 4.2 5.9l-.8 3.2c-.1.3.3.6.6.4l3.8-2.6c.4 0 .8.1 1.2.1 5 0 9-3.1 9-7s-4-7-9-7z"/>"#,
    )
}
