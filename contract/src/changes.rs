//! What changed in a text since a person agreed to it: computed by the backend, shown by the screen.
//!
//! Both versions are in the same language. The digest that is agreed to covers the whole new text,
//! never this.

use serde::{Deserialize, Serialize};

use crate::document::Block;

/// The difference between the version of a text that was agreed to and the one that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextChanges {
    /// The version that was agreed to.
    pub agreed_version: String,
    /// The day from which that version held: `YYYY-MM-DD`.
    pub agreed_effective_from: String,
    pub difference: Difference,
}

/// How two versions of a text differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// At most half of it changed.
    Marked {
        /// In the order of the text. Empty when only the version is another one.
        changes: Vec<Change>,
        /// How many changes follow after the listed ones.
        more: usize,
        /// The new text, with what was removed from the old one in its place.
        blocks: Vec<ChangedBlock>,
    },
    /// More than half of it changed: marks would be harder to read than both texts.
    Rewritten {
        /// The old text.
        old: Vec<Block>,
    },
}

/// One change, short enough for a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The heading that it is below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    pub edit: Edit,
}

/// What became of a passage. Long passages are cut with `…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    Added(String),
    Removed(String),
    /// The passage before and after, with some words around the change.
    Replaced(String, String),
    /// It is the same in another place.
    Moved(String),
}

/// A block of the new text, with marks. See [`Block`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChangedBlock {
    Heading { level: u8, text: ChangedText },
    Paragraph { text: ChangedText },
    List { items: Vec<ChangedText> },
    Table { header: Vec<ChangedText>, rows: Vec<Vec<ChangedText>> },
}

/// A text in pieces, in reading order.
pub type ChangedText = Vec<Piece>;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    Same(String),
    Added(String),
    Removed(String),
}

impl Piece {
    /// The text of the piece.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Same(text) | Self::Added(text) | Self::Removed(text) => text,
        }
    }
}
