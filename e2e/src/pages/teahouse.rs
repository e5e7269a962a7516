//! The demo's partner shop. Its words are read from its own files of texts.

use crate::TestApp;
use crate::browser::Browser;
use crate::pages::consent::{Consent, KO, Words};
use crate::role::Role;
use crate::shop::Shop;
use anyhow::{Context, Result};
use serde_json::Value;
use thirtyfour::By;

const TEXTS: [(&str, &str); 3] = [
    ("ko", include_str!("../../../shop/texts/ko.json")),
    ("en", include_str!("../../../shop/texts/en.json")),
    ("ja", include_str!("../../../shop/texts/ja.json")),
];

/// A text of the shop in Korean, up to the first value that is filled in.
///
/// # Errors
/// When the shop has no such text.
pub fn text(key: &str) -> Result<String> {
    text_in("ko", key)
}

/// The same in another language.
///
/// # Errors
/// When the shop has no such text or language.
pub fn text_in(language: &str, key: &str) -> Result<String> {
    let file = TEXTS.iter().find(|(tag, _)| *tag == language).map(|(_, file)| *file);
    let texts: Value = serde_json::from_str(file.context("no such language")?)?;
    let text = texts[key].as_str().with_context(|| format!("the shop has no text {key}"))?;
    // A text that begins with a value is found by what comes after it.
    let mut parts = text.split('{').map(|part| part.rsplit('}').next().unwrap_or_default());
    let fixed = parts.find(|part| !part.trim().is_empty()).unwrap_or_default();
    Ok(fixed.trim().to_owned())
}

/// The shop, as the browser of a test sees it.
pub struct Teahouse<'a> {
    browser: &'a Browser,
    shop: &'a Shop,
    language: &'static str,
    words: Words,
}

impl<'a> Teahouse<'a> {
    /// The shop of a test, in Korean.
    #[must_use]
    pub fn of(app: &'a TestApp) -> Self {
        Self::at(&app.browser, app.shop())
    }

    /// Any shop, in Korean.
    #[must_use]
    pub fn at(browser: &'a Browser, shop: &'a Shop) -> Self {
        Self { browser, shop, language: "ko", words: KO }
    }

    /// The same in another language, with the words of the consent screen.
    #[must_use]
    pub fn in_language(self, language: &'static str, words: Words) -> Self {
        Self { language, words, ..self }
    }

    /// Chooses who the person is at the provider, as its login page would.
    ///
    /// # Errors
    /// When the page cannot be reached.
    pub async fn be(&self, account: &str) -> Result<()> {
        self.browser.go(&format!("/demo/login?account={account}")).await
    }

    /// Opens a page of the shop by its path.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn open(&self, path: &str) -> Result<()> {
        let address = format!("{}{path}", self.shop.origin());
        let opened = self.browser.driver.goto(&address).await;
        opened.with_context(|| format!("cannot go to {address}"))
    }

    /// Waits until the browser is at a path of the shop, and returns the address without its origin.
    ///
    /// # Errors
    /// When it does not come there.
    pub async fn arrive(&self, path: &str) -> Result<String> {
        let address = self.browser.arrive(&format!("{}{path}", self.shop.origin())).await?;
        Ok(address[self.shop.origin().len()..].to_owned())
    }

    /// Presses the button with the text of a key.
    ///
    /// # Errors
    /// When there is no such button, or several.
    pub async fn press(&self, key: &str) -> Result<()> {
        self.browser.press(Role::Button, &text_in(self.language, key)?).await
    }

    /// Follows the link with the text of a key.
    ///
    /// # Errors
    /// As [`Teahouse::press`].
    pub async fn follow(&self, key: &str) -> Result<()> {
        self.browser.press(Role::Link, &text_in(self.language, key)?).await
    }

    /// Waits for the heading with the text of a key.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn heading(&self, key: &str) -> Result<()> {
        self.browser.find(Role::Heading, &text_in(self.language, key)?).await?;
        Ok(())
    }

    /// Waits until the page shows the text of a key.
    ///
    /// # Errors
    /// When it does not.
    pub async fn see(&self, key: &str) -> Result<()> {
        self.browser.see(&text_in(self.language, key)?).await
    }

    /// Whether the page shows the text of a key, now.
    ///
    /// # Errors
    /// When there is no page.
    pub async fn shows(&self, key: &str) -> Result<bool> {
        Ok(self.browser.text().await?.contains(&text_in(self.language, key)?))
    }

    /// Types into the field with the label of a key.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn fill(&self, key: &str, value: &str) -> Result<()> {
        self.browser.fill(&text_in(self.language, key)?, value).await
    }

    /// Types into the field of that `name`: a password has no role to be found by.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn fill_field(&self, name: &str, value: &str) -> Result<()> {
        let field = self.browser.driver.find(By::Css(format!("input[name='{name}']"))).await?;
        field.clear().await?;
        field.send_keys(value).await.with_context(|| format!("cannot type into {name}"))
    }

    /// Puts one of the goods into the basket.
    ///
    /// # Errors
    /// When there is no such page.
    pub async fn take(&self, slug: &str) -> Result<()> {
        self.open(&format!("/goods/{slug}")).await?;
        self.press("good.add").await?;
        self.see("notice.added").await
    }

    /// Goes from the start page to the consent screen: "sign up in one step".
    ///
    /// # Errors
    /// When the screen does not ask.
    pub async fn sign_up(&self) -> Result<Consent<'a>> {
        self.open("/").await?;
        self.press("home.sign_up").await?;
        self.screen().await
    }

    /// Goes from the sign-in page to the consent screen: plain login.
    ///
    /// # Errors
    /// When the screen does not ask.
    pub async fn log_in(&self) -> Result<Consent<'a>> {
        self.open("/sign-in").await?;
        self.press("sign_in.login_go").await?;
        self.screen().await
    }

    /// Waits for the consent screen.
    ///
    /// # Errors
    /// When it does not ask.
    pub async fn screen(&self) -> Result<Consent<'a>> {
        Consent::asking_in(self.browser, self.words).await
    }

    /// Becomes a member as an account: agrees to what is required and to these optional items.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn become_member(&self, account: &str, optional: &[&str]) -> Result<()> {
        self.be(account).await?;
        let screen = self.sign_up().await?;
        screen.tick_required().await?;
        for item in optional {
            screen.tick(item).await?;
        }
        screen.agree().await?;
        self.see("notice.signed_up").await
    }

    /// Becomes a member by plain login as an account: agrees to the required items, and to no term.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn become_member_by_login(&self, account: &str) -> Result<()> {
        self.be(account).await?;
        let screen = self.log_in().await?;
        screen.tick_required().await?;
        screen.agree().await?;
        self.see("notice.signed_up_by_login").await
    }

    /// Signs in once more from the start page, as an account that the provider has linked.
    ///
    /// # Errors
    /// When it does not come to that.
    pub async fn sign_in_again(&self) -> Result<()> {
        self.open("/").await?;
        self.press("home.sign_up").await?;
        self.arrive("/").await?;
        self.see("home.to_coupons").await
    }

    /// The code of the newest mail that the shop shows in the place of sending it.
    ///
    /// # Errors
    /// When there is no mail.
    pub async fn mailed_code(&self) -> Result<String> {
        self.open("/mailbox").await?;
        let mail = self.browser.driver.find(By::Css(".mail-code")).await.context("no mail")?;
        Ok(mail.text().await?)
    }
}
