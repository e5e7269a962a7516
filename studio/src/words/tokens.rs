//! What the panel Look calls the tokens of a theme (`style/tokens.css`): by their use.

/// The name of a token for a designer; that of the style sheet for one that has none here.
#[must_use]
pub fn token_label(token: &str) -> &str {
    LABELS.iter().find(|(name, _)| *name == token).map_or(token, |(_, label)| label)
}

const LABELS: [(&str, &str); 40] = [
    ("--paper", "Background of the screen"),
    ("--ground", "Ground around the screen"),
    ("--tint", "Tint"),
    ("--ink", "Text"),
    ("--soft", "Soft text"),
    ("--line", "Dividing lines"),
    ("--edge", "Edges of boxes and fields"),
    ("--mark", "Ticks"),
    ("--focus", "Focus ring"),
    ("--danger", "Text of errors"),
    ("--danger-tint", "Background of errors"),
    ("--icon", "Background of the letter icon"),
    ("--on-icon", "Letter of the icon"),
    ("--shadow", "Shadow"),
    ("--veil", "Page behind a dialog"),
    ("--accent", "Agree button"),
    ("--on-accent", "Text of the agree button"),
    ("--font", "Font"),
    ("--font-ja", "Font for Japanese"),
    ("--text-xs", "Smallest text"),
    ("--text-s", "Small text"),
    ("--text-m", "Normal text"),
    ("--text-l", "Large text"),
    ("--text-xl", "Size of headings"),
    ("--space-1", "Space 1"),
    ("--space-2", "Space 2"),
    ("--space-3", "Space 3"),
    ("--space-4", "Space 4"),
    ("--space-5", "Space 5"),
    ("--space-6", "Space 6"),
    ("--space-10", "Space 10"),
    ("--gutter", "Space at the edges"),
    ("--radius-s", "Small corners"),
    ("--radius-m", "Medium corners"),
    ("--radius-l", "Large corners"),
    ("--radius-xl", "Corners of the screen and dialogs"),
    ("--target", "Height of buttons"),
    ("--width", "Width of the screen"),
    ("--quick", "Short transitions"),
    ("--calm", "Long transitions"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::theme::tokens;

    #[test]
    fn each_token_has_a_label_of_its_own_and_no_label_is_left_over() {
        let names: Vec<&str> = tokens().iter().map(|it| it.name.as_str()).collect();
        assert_eq!(LABELS.map(|(name, _)| name).to_vec(), names);
        let labels: BTreeSet<&str> = LABELS.iter().map(|(_, label)| *label).collect();
        assert_eq!(labels.len(), names.len());
    }
}
