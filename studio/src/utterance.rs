//! What a screen reader announces of a page: [`crate::preview`] finds it, the panel "Hear" shows it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One stop of a screen reader that reads a page from the top.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Utterance {
    /// A role of WAI-ARIA 1.2; empty for text.
    pub role: String,
    /// The accessible name, or the text.
    pub name: String,
    /// The accessible description; empty for none.
    pub description: String,
    /// What a field holds; empty for none.
    pub value: String,
    /// For example `required`, or `checked: mixed`.
    pub states: Vec<String>,
}

/// As the reviewed reading orders of the end-to-end tests have it.
impl fmt::Display for Utterance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = if self.role.is_empty() { "text" } else { &self.role };
        write!(f, "{role}")?;
        if !self.name.is_empty() {
            write!(f, " {:?}", self.name)?;
        }
        if !self.description.is_empty() {
            write!(f, " — {:?}", self.description)?;
        }
        if !self.value.is_empty() {
            write!(f, " = {:?}", self.value)?;
        }
        self.states.iter().try_for_each(|state| write!(f, " [{state}]"))
    }
}

/// How a live region interrupts (WAI-ARIA 1.2, `aria-live`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Politeness {
    /// Once the screen reader is idle.
    Polite,
    /// At once.
    Assertive,
}

impl Politeness {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Polite => "polite",
            Self::Assertive => "assertive",
        }
    }
}

/// What a live region announced by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    pub politeness: Politeness,
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_all_that_is_announced_and_no_more() {
        let text = Utterance { name: "Two words".to_owned(), ..Utterance::default() };
        assert_eq!(text.to_string(), "text \"Two words\"");
        let checkbox = Utterance {
            role: "checkbox".to_owned(),
            name: "[Required] Email".to_owned(),
            description: "ha***@example.com".to_owned(),
            value: String::new(),
            states: vec!["checked: false".to_owned(), "required".to_owned()],
        };
        assert_eq!(
            checkbox.to_string(),
            "checkbox \"[Required] Email\" — \"ha***@example.com\" [checked: false] [required]"
        );
        let language = Utterance {
            role: "combobox".to_owned(),
            name: "Language".to_owned(),
            value: "English".to_owned(),
            ..Utterance::default()
        };
        assert_eq!(language.to_string(), "combobox \"Language\" = \"English\"");
    }
}
