//! The demo: who one is, which service, go; and what the service got.

use crate::browser::Browser;
use crate::role::Role;
use anyhow::Result;

/// Opens the demo page, chooses an account and a service by their ids, and starts.
///
/// # Errors
/// When the page offers no such choice.
pub async fn start(browser: &Browser, account: &str, service: &str) -> Result<()> {
    browser.go("/demo").await?;
    browser.press(Role::Radio, account).await?;
    browser.press(Role::Radio, service).await?;
    browser.press(Role::Button, "시작하기").await
}

/// What the service's "sign up" link does, with further parameters of the authorize request:
/// `lang=en`, `service_terms=travel_notice`.
///
/// # Errors
/// When the page cannot be reached.
pub async fn sign_up(browser: &Browser, account: &str, service: &str, more: &str) -> Result<()> {
    browser.go(&format!("/demo/start?account={account}&service={service}&{more}")).await
}

/// Waits until the browser is back at the service, and returns the address.
///
/// # Errors
/// When it does not come back.
pub async fn back_at_service(browser: &Browser) -> Result<String> {
    browser.arrive("/demo/callback").await
}
