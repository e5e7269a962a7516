//! The demo: who one is, which service, go; and what the service got.

use crate::browser::Browser;
use crate::role::Role;
use anyhow::{Context, Result, ensure};
use thirtyfour::By;

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

/// Opens a service's link, possibly in the messenger's browser: the service tries to sign the
/// account in.
///
/// # Errors
/// When the page cannot be reached.
pub async fn open_link(browser: &Browser, account: &str, service: &str) -> Result<()> {
    // No name of something to pretend to be: the browser is what it says.
    browser.go(&format!("/demo/start?account={account}&service={service}&in_app=as-it-is")).await
}

/// Waits until the browser is back at the service, and returns the address.
///
/// # Errors
/// When it does not come back.
pub async fn back_at_service(browser: &Browser) -> Result<String> {
    browser.arrive("/demo/callback").await
}

/// What the ID token says under a name, once the service has verified it; `None` for no such claim.
/// After an error, `error` is one, too.
///
/// # Errors
/// When the page cannot be read.
pub async fn claim(browser: &Browser, name: &str) -> Result<Option<String>> {
    let place = By::Css(format!("dd[data-claim='{name}']"));
    match browser.driver.find_all(place).await?.first() {
        Some(claim) => Ok(Some(claim.text().await?)),
        None => Ok(None),
    }
}

/// The items that the page says were recorded, and whether each was agreed to.
///
/// # Errors
/// When the page cannot be read.
pub async fn receipt(browser: &Browser) -> Result<Vec<(String, bool)>> {
    let mut items = Vec::new();
    for item in browser.driver.find_all(By::Css("#receipt [data-item]")).await? {
        let key = item.attr("data-item").await?.context("an item without a name")?;
        items.push((key, item.attr("data-agreed").await?.as_deref() == Some("true")));
    }
    Ok(items)
}

/// Waits until the service says that its ID token was verified.
///
/// # Errors
/// When it does not.
pub async fn signed_up(browser: &Browser) -> Result<String> {
    let address = back_at_service(browser).await?;
    browser.find(Role::Heading, "서비스로 돌아왔습니다").await?;
    Ok(address)
}

/// Waits until the service says that it was cancelled, and returns the address: with
/// `access_denied`, and the state that the service had given.
///
/// # Errors
/// When it was not, or the state is missing.
pub async fn cancelled(browser: &Browser) -> Result<String> {
    let address = back_at_service(browser).await?;
    browser.find(Role::Heading, "가입하지 않았습니다").await?;
    let has = |name: &str| address.split(['?', '&']).any(|pair| pair.starts_with(name));
    ensure!(has("error=access_denied") && has("state=") && !has("code="), "{address}");
    Ok(address)
}
