//! The consent screen: one page on which a person agrees to a service's terms, to the provision
//! of personal information, and to adding the service's messenger channel.
//!
//! The features `csr` and `ssr` choose where the view is built: in a browser or on a server.
//! `preview` adds what shows it without a backend; the end user's bundle is built without that.

/// Which page the address asks for, and how it gets into the document.
pub mod app;

/// The only code that speaks HTTP.
pub mod api;
/// The page of a service's link inside the messenger.
#[cfg(any(feature = "ssr", feature = "preview"))]
pub mod auto_login;
/// Native elements, styled: what the pages are made of.
pub mod components;
/// The consent page: its state machine (pure), its sections, its effects.
pub mod consent;
/// The screen's own words, in three languages.
pub mod i18n;
/// The screen as HTML, for a server.
#[cfg(feature = "ssr")]
pub mod painting;
/// The only code that touches the browser.
pub mod platform;
/// The screen as a case shows it, without a backend.
#[cfg(feature = "preview")]
pub mod preview;
/// One page for everything that can go wrong.
pub mod problem;
