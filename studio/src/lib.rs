//! The preview studio: the real consent screen in every state, and what is wrong with it.
//!
//! A pure part (the state, the history of an edit, the theme, the address) that is tested on the
//! host, and two small apps: the studio, and the preview inside its frames.

// Where RUSTFLAGS of the environment replaces the flags of .cargo/config.toml, the types of the components are not
// erased, and nest deeper than the default.
#![recursion_limit = "512"]

/// Who a service of a file is shown to.
pub mod accounts;
/// Why a channel is or is not on the screen, as text.
pub mod explain;
mod file_look;
/// Fixes of findings that need no decision.
pub mod fixes;
/// Undo and redo.
pub mod history;
/// What the studio and the app in a preview frame send each other.
pub mod message;
/// What word processors copy, as blocks.
pub mod paste;
/// A picture from disk.
pub mod picture;
/// The full text of a term as plain text.
pub mod plain_text;
/// JSON Pointers into a fixture.
pub mod pointer;
/// The app inside the preview frames: the screen, rendered from a fixture.
pub mod preview;
/// A service of a services.toml as a fixture, and what is handed to a developer.
pub mod services;
/// The state as a short text for an address.
pub mod share;
/// The file that a draft came from.
pub mod source;
/// What a preview shows, and how.
pub mod state;
/// The recorded pictures of the fixtures.
pub mod thumbnail;
/// The texts of a service in every language.
pub mod translations;
/// What a screen reader announces of a page.
pub mod utterance;
/// Design tokens, their contrast, and the style sheet that sets them.
pub use consent_fixtures::theme;

mod address;
/// The studio's pages.
pub mod app;
mod browser;
mod compare;
mod components;
mod drafts;
mod gallery;
mod graft;
mod hearing;
mod keeping;
mod language;
mod matrix;
mod new_service;
mod notes;
mod opened;
mod opening;
mod place;
mod store;
mod storyboard;
mod texts;
mod words;
mod workbench;
