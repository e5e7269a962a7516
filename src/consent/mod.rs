//! The consent page.
//!
//! [`state`] is the page as data; [`consent_form`] dispatches events to it and runs its effects in
//! the browser; the other files are the components, one each.

pub mod account;
mod actions;
mod agree_all;
mod already_agreed;
#[cfg(any(feature = "ssr", feature = "preview"))]
mod back_to_form;
mod channels;
pub mod consent_form;
mod controls;
pub mod document_view;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod fault_tests;
mod form;
#[cfg(feature = "ssr")]
mod guardian;
mod hidden_fields;
pub mod ids;
pub mod initial;
mod item_row;
mod language;
mod loading;
mod notice;
mod page;
mod personal_info;
pub mod retry;
mod section;
pub mod service;
pub mod state;
mod status_message;
mod submit_button;
mod summary;
mod term_text_dialog;
mod terms;
#[cfg(any(feature = "ssr", feature = "preview"))]
pub mod text_changes;
#[cfg(feature = "ssr")]
mod text_page;

pub use consent_form::ConsentForm;
#[cfg(feature = "preview")]
pub use consent_form::MockBackend;
#[cfg(feature = "ssr")]
pub use guardian::{GuardianFields, field as guardian_field};
pub use page::{ConsentPage, title};
#[cfg(feature = "ssr")]
pub use text_page::TextPage;
