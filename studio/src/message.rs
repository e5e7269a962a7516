//! What the studio and the pages in its frames send each other, as JSON.

use consent_lint::rendered::Rendered;
use serde::{Deserialize, Serialize};

use crate::utterance::{Announcement, Utterance};

/// What a preview shows beside the screen. Each replaces what was there before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToPreview {
    /// Bring the place of a field into view and outline it. The key of a place; empty for none.
    Edited(String),
    /// Outline the places of fields, by their keys.
    Changed(Vec<String>),
    /// Show notes, and let places be picked. None: neither.
    Notes(Option<Pins>),
    /// Report what a screen reader announces.
    Listen(bool),
    /// Outline an utterance, counted from 0.
    Point(Option<usize>),
    /// Outline what a finding is about, and bring it into view. None: nothing.
    Find(Option<Sought>),
}

/// What a measured finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sought {
    /// The place of the finding: words on the page. Empty for what sticks out of it.
    pub words: String,
    /// Whether it is about every text that looks like this one.
    pub alike: bool,
}

/// The notes that a preview shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pins {
    pub pins: Vec<Pin>,
    /// The number of the note that is brought into view.
    pub chosen: Option<u32>,
}

/// A note as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    pub number: u32,
    pub spot: Spot,
}

/// A point of a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The key of a place.
    pub at: String,
    /// Percent of its width and of its height, from the left and from above.
    pub x: u8,
    pub y: u8,
}

/// A place that a preview has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPlace {
    /// Its key.
    pub at: String,
    /// Its first words.
    pub words: String,
}

/// What a preview reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromPreview {
    /// It is drawn.
    Measured(Box<Rendered>),
    /// The places that can be picked.
    Places(Vec<FoundPlace>),
    /// The user picked a point.
    Picked(Spot),
    /// The user picked a note, by its number.
    PinPicked(u32),
    /// The page as it is announced from the top, when that has changed.
    Utterances(Vec<Utterance>),
    /// What was announced by itself.
    Announced(Announcement),
    /// The utterance under the pointer, counted from 0.
    Pointed(Option<usize>),
    /// How many elements are outlined for a finding.
    Found(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_a_round_trip() {
        let spot = Spot { at: "term:tos".into(), x: 10, y: 100 };
        let pins = Pins { pins: vec![Pin { number: 2, spot: spot.clone() }], chosen: Some(2) };
        for message in [
            ToPreview::Edited(String::new()),
            ToPreview::Changed(vec!["term:tos".into()]),
            ToPreview::Notes(Some(pins)),
            ToPreview::Notes(None),
            ToPreview::Listen(true),
            ToPreview::Point(Some(1)),
            ToPreview::Find(Some(Sought { words: "취소".into(), alike: true })),
            ToPreview::Find(None),
        ] {
            let json = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<ToPreview>(&json).unwrap(), message, "{json}");
        }
        for message in [
            FromPreview::Measured(Box::default()),
            FromPreview::Places(vec![FoundPlace { at: "page".into(), words: "[]".into() }]),
            FromPreview::Picked(spot),
            FromPreview::PinPicked(3),
            FromPreview::Utterances(vec![Utterance::default()]),
            FromPreview::Pointed(None),
            FromPreview::Found(2),
        ] {
            let json = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<FromPreview>(&json).unwrap(), message, "{json}");
        }
    }
}
