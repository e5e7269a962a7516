//! The built product driven through real browsers.
//!
//! A test runs a [`TestApp`]: one backend with a database of its own, one browser with a profile
//! of its own, and between the two a [`proxy`] that can break what passes through it. At the end,
//! [`watch`] fails the test on anything the browser complained about.

pub mod browser;
pub mod client_app;
pub mod engine;
pub mod nginx;
pub mod packages;
pub mod pages;
pub mod pdf;
pub mod product;
pub mod proxy;
pub mod records;
pub mod role;
pub mod setup;
pub mod shop;
pub mod static_host;
pub mod test_app;
pub mod visual;
pub mod watch;
pub mod webhook_receiver;

use consent_fixtures::NamedFixture;

pub use setup::Setup;
pub use test_app::TestApp;

/// Whether everything is asked for, however long it takes: `cargo xtask test --full`.
#[must_use]
pub fn is_full_run() -> bool {
    std::env::var_os("CONSENT_FULL").is_some()
}

/// What a test that looks at every fixture looks at: all of them in a full run, else every third, from `first`
/// on. Tests begin at different ones.
pub fn in_turn(first: usize) -> impl Iterator<Item = &'static NamedFixture> {
    let every = if is_full_run() { 1 } else { 3 };
    let first = if is_full_run() { 0 } else { first };
    consent_fixtures::all().skip(first).step_by(every)
}
