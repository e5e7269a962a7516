//! Text that a style sheet adds, which is announced like the page's own (accname 1.2, step 2F.ii).

use web_sys::Element;

use crate::preview::dom::value;

/// A pseudo-element.
#[derive(Debug, Clone, Copy)]
pub enum Generated {
    Before,
    After,
}

/// What the style sheet adds before or after the content of an element.
pub fn generated(element: &Element, which: Generated) -> String {
    let pseudo = match which {
        Generated::Before => "::before",
        Generated::After => "::after",
    };
    let style = web_sys::window()
        .and_then(|it| it.get_computed_style_with_pseudo_elt(element, pseudo).ok().flatten());
    style.map(|style| text_of(&value(&style, "content"))).unwrap_or_default()
}

/// The text of a computed value of `content`. What stands behind a slash is announced in place of what is
/// drawn (CSS Generated Content 3, 1.2).
fn text_of(content: &str) -> String {
    let (mut text, mut is_quoted, mut is_escaped) = (String::new(), false, false);
    for letter in content.chars() {
        match letter {
            _ if is_escaped => {
                text.push(letter);
                is_escaped = false;
            }
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => text.push(letter),
            '/' => text.clear(),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_announced_is_the_string_or_its_alternative() {
        for (content, text) in [
            ("none", ""),
            ("normal", ""),
            ("\"·\"", "·"),
            ("\"a / b\"", "a / b"),
            ("\"\\\"\"", "\""),
            ("\"✓\" / \"\"", ""),
            ("\"✓\" / \"verified\"", "verified"),
            ("counter(item) \".\"", "."),
        ] {
            assert_eq!(text_of(content), text, "{content}");
        }
    }
}
