//! The only code that touches the browser, apart from [`crate::api`].
//!
//! Thin: what to do is decided in the pages, in pure functions. Nothing here runs while the view
//! is built, so the view can be built on a server too.

pub mod clock;
pub mod dialog;
pub mod document;
pub mod focus;
pub mod input;
pub mod leave;
pub mod shell;
pub mod text;
pub mod watch;
