//! The consent screen: one page on which a user agrees to a service's terms, to the provision of
//! personal information, and to adding the service's messenger channel.
//!
//! The features `csr` and `ssr` choose where the view is rendered: in a browser or on a server.
//! `preview` adds a mock backend; the end user's bundle is built without it.

// Views are types, and nested.
#![recursion_limit = "256"]

/// The page of an address, and mounting it.
pub mod app;

/// The account pages: what a user agreed to, and withdrawing it.
#[cfg(any(feature = "ssr", feature = "preview"))]
pub mod account;
/// The only code that sends HTTP requests.
pub mod api;
/// The landing page for a service link opened in the in-app browser.
#[cfg(any(feature = "ssr", feature = "preview"))]
pub mod auto_login;
/// The only code that uses browser APIs.
pub mod browser;
/// Native elements, styled: what the pages are made of.
pub mod components;
/// The consent page: its state machine (pure), its components, its effects.
pub mod consent;
/// The screen's own texts, in three languages.
pub mod i18n;
/// The states of the screen without a backend.
#[cfg(feature = "preview")]
pub mod preview;
/// One page for every problem.
pub mod problem;
/// The screen as HTML, for a server.
#[cfg(feature = "ssr")]
pub mod ssr;
