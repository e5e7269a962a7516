//! The recorded pictures of the fixtures. The gallery shows them in the place of frames, each of which would be
//! an app of its own. `cargo xtask pictures --accept` records them.

use std::sync::OnceLock;

use crate::{address, browser, state::View};

/// The window that they are taken of, in CSS pixels.
pub const WIDTH: u16 = 390;
pub const HEIGHT: u16 = 640;

/// Whether the deployer has a theme, once that is known.
static HAS_THEME: OnceLock<bool> = OnceLock::new();

/// Looks whether the deployer has a theme, which previews have and the recorded pictures do not. To be called
/// before anything is drawn.
pub fn look_for_theme() -> impl Future<Output = ()> {
    let css = browser::fetched_text(&format!("{}theme.css", address::gallery()));
    async {
        // It is looked for once.
        let _ = HAS_THEME.set(css.await.is_some_and(|css| has_rules(&css)));
    }
}

/// Whether a frame would look like the recorded picture.
#[must_use]
pub fn is_like(view: &View) -> bool {
    *view == View::default() && HAS_THEME.get() == Some(&false)
}

/// The address of the picture of a fixture.
#[must_use]
pub fn address_of(name: &str) -> String {
    format!("{}thumbnails/{name}.png", address::gallery())
}

/// Whether a style sheet has anything beside comments.
fn has_rules(css: &str) -> bool {
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        if !before.trim().is_empty() {
            return true;
        }
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    !rest.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_of_comments_changes_nothing() {
        for (css, expected) in [
            ("", false),
            ("\n", false),
            (include_str!("../../public/theme.css"), false),
            ("/* a */ /* b", false),
            (":root { --accent: #0b57d0 }", true),
            ("/* Ours */\n@import \"a.css\";", true),
            ("a {} /* b */", true),
        ] {
            assert_eq!(has_rules(css), expected, "{css}");
        }
    }

    #[test]
    fn pictures_are_shown_in_the_view_that_they_were_taken_in() {
        let _ = HAS_THEME.set(false);
        assert!(is_like(&View::default()));
        assert!(!is_like(&View { rtl: true, ..View::default() }));
        assert_eq!(address_of("sign-up"), "/studio/thumbnails/sign-up.png");
    }
}
