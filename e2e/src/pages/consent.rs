//! The consent screen.

use crate::browser::Browser;
use crate::role::Role;
use anyhow::Result;

/// The consent screen that a browser shows.
pub struct Consent<'a> {
    browser: &'a Browser,
}

impl<'a> Consent<'a> {
    /// Waits until the screen asks.
    ///
    /// # Errors
    /// When it does not.
    pub async fn asking(browser: &'a Browser) -> Result<Self> {
        browser.arrive("/consent/").await?;
        browser.find(Role::Button, "동의하고 계속하기").await?;
        Ok(Self { browser })
    }

    /// Ticks or unticks an item by (a part of) its name.
    ///
    /// # Errors
    /// When there is no such item.
    pub async fn tick(&self, item: &str) -> Result<()> {
        self.browser.press(Role::Checkbox, item).await
    }

    /// Whether an item is ticked.
    ///
    /// # Errors
    /// When there is no such item.
    pub async fn is_ticked(&self, item: &str) -> Result<bool> {
        Ok(self.browser.find(Role::Checkbox, item).await?.is_selected().await?)
    }

    /// Ticks all that is required, and nothing else.
    ///
    /// # Errors
    /// When the screen offers no such thing.
    pub async fn tick_required(&self) -> Result<()> {
        self.tick("필수 항목 모두 동의").await
    }

    /// The names of the items that are asked, in order.
    ///
    /// # Errors
    /// When the page cannot be read.
    pub async fn items(&self) -> Result<Vec<String>> {
        let all = self.browser.all(Role::Checkbox).await?;
        Ok(all.into_iter().map(|(name, _)| name).collect())
    }

    /// Presses the agree button. What follows depends on what is ticked.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn agree(&self) -> Result<()> {
        self.browser.press(Role::Button, "동의하고 계속하기").await
    }

    /// Presses cancel.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn cancel(&self) -> Result<()> {
        self.browser.press(Role::Button, "취소").await
    }
}
