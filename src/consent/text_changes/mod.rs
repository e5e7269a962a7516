//! What changed in the text of a term since the user agreed to it: a list of changes, then the whole
//! new text with the changes marked.
//!
//! Only a server renders the page. The app's dialog shows the same list as a part of the text, see
//! [`document_with_changes`].

mod document;
mod page;
mod words;

pub use document::document_with_changes;
pub use page::{ChangesPage, STYLE};
