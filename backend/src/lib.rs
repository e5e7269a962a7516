//! The reference backend of the consent screen.
//!
//! A service sends a browser to `/oauth/authorize`; this backend finds out what has to be asked,
//! lets the screen ask it, writes the decision down for good, and sends the browser back with a
//! code. The rules of consent are not here: they are in `consent-contract`, shared with the screen.
//!
//! `config` says who there is, `store` keeps what happened, `consent` and `oauth` decide without
//! touching either, `http` answers, `demo` plays the partner services, `test_hooks` is for CI.

mod account;
pub mod api_doc;
mod app;
pub mod audit;
mod built_files;
pub mod clock;
mod clock_guard;
pub mod config;
mod configured;
mod consent;
mod content;
pub mod crypto;
mod demo;
pub mod explain;
mod guardian_mail;
mod http;
pub mod inspect;
pub mod kakao;
pub mod languages;
mod local_ca;
pub mod locale;
mod managed;
mod metrics;
mod network;
pub mod oauth;
mod permissions;
mod provider;
mod readiness;
pub mod receipt;
mod serve;
mod slow_requests;
mod store;
mod telemetry;
mod test_hooks;
mod warning;
mod webhooks;

pub use app::{App, Services, Settings, StartError};
pub use built_files::BuiltFiles;
pub use demo::{catalog as demo_catalog, exposure::exposed as demo_is_exposed, shops::DemoShops};
pub use http::{cookies, page_policy};
pub use local_ca::{LocalCa, PLATFORM_HOSTS};
pub use network::Network;
pub use oauth::key_ring::{Purpose as TokenPurpose, State as KeyState};
pub use serve::{Connections, Stop, passed_socket, serve, serve_admin};
#[doc(hidden)]
pub use store::postgres_text;
pub use store::{
    Backup, CheckReport, CopyError, Erased, Identity, Job, ListedReceiptKey, Location, Moved,
    NotWithdrawn, ReceiptPurpose, Report, RingKey, Rotation, Selection, Side, Step, Store,
};
pub use telemetry::Traces;
pub use test_hooks::exposure::exposed as test_hooks_are_exposed;
pub use warning::{Doubt, Warning};
