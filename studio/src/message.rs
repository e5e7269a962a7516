//! What the studio and the app in a preview frame tell each other, as JSON.

use consent_lint::rendered::Rendered;
use serde::{Deserialize, Serialize};

use crate::spoken::{Announcement, Utterance};

/// From the studio to a preview.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToPreview {
    /// The place in the fixture that is edited, as a JSON Pointer; empty for none.
    Edited(String),
    /// Whether it sends what a screen reader announces.
    Listen(bool),
    /// The utterance to outline, counted from 0.
    Point(Option<usize>),
}

/// From a preview to the studio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromPreview {
    Measured(Box<Rendered>),
    /// The page from the top, when it has changed.
    Spoken(Vec<Utterance>),
    Announced(Announcement),
    /// The utterance under the pointer, counted from 0.
    Pointed(Option<usize>),
}

/// The message in a string; none of another shape, which another script may have sent.
#[must_use]
pub fn read<T: for<'de> Deserialize<'de>>(json: &str) -> Option<T> {
    serde_json::from_str(json).ok()
}

/// # Panics
/// Never: what is sent has string keys only.
#[must_use]
pub fn write(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("a message becomes JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_arrives_as_it_was_sent_and_others_are_none() {
        for message in [
            ToPreview::Edited("/title".to_owned()),
            ToPreview::Listen(true),
            ToPreview::Point(None),
        ] {
            assert_eq!(read(&write(&message)), Some(message));
        }
        let heard = FromPreview::Spoken(vec![Utterance::default()]);
        assert_eq!(read(&write(&heard)), Some(heard));
        for other in ["", "/title", "{}", "{\"setImmediate\":1}"] {
            assert_eq!(read::<ToPreview>(other), None, "{other}");
        }
    }
}
