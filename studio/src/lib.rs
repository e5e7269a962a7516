//! The preview studio: the real consent screen in every state, and what is wrong with it.
//!
//! A pure part (what is shown, the history of an edit, the theme, the address) that is tested on
//! the host, and two small apps: the studio, and the preview that stands in its frames.

/// StopReason a channel is or is not on the screen, in words.
pub mod explain;
/// Undo and redo.
pub mod history;
/// Places in a fixture: JSON Pointers.
pub mod place;
/// The full text of a term as it is typed.
pub mod plain_text;
/// The state in an address.
pub mod share;
/// What the frames hold: the screen, shown from a fixture.
pub mod stage;
/// What a preview shows, and how.
pub mod state;
/// Tokens, their contrast, and the style sheet that sets them.
pub mod theme;

mod address;
/// The studio's pages.
pub mod app;
mod browser;
mod gallery;
mod matrix;
mod preview;
mod store;
mod workbench;
