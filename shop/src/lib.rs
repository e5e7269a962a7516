//! A small shop that signs its members up through the consent screen.
//!
//! It is what a partner's developer reads before writing their own. [`member`] has the rules, without
//! I/O; [`store`] the database; [`provider`] everything that the shop asks the platform; [`http`] one
//! file for each page; [`pages`] their markup.

pub mod app;
pub mod assets;
pub mod catalogue;
pub mod clock;
pub mod code_samples;
pub mod faq;
pub mod http;
pub mod member;
pub mod pages;
pub mod password;
pub mod provider;
pub mod random;
pub mod recorder;
pub mod settings;
pub mod store;
pub mod texts;
pub mod unlinking;

pub use app::App;
