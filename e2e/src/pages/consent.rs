//! The consent screen.

use crate::browser::Browser;
use crate::pages::demo;
use crate::role::Role;
use anyhow::{Result, bail};
use std::time::Duration;

/// What the screen's controls are called in one language.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    agree: &'static str,
    cancel: &'static str,
    tick_required: &'static str,
    open_text: &'static str,
    summary: &'static str,
}

/// A little longer than the screen wants to have been in view before a click agrees (SEC-50).
pub const A_MOMENT: Duration = Duration::from_millis(800);

/// Korean, the screen's first language.
pub const KO: Words = Words {
    agree: "동의하고 계속하기",
    cancel: "취소",
    tick_required: "필수 항목 모두 동의",
    open_text: "내용 보기",
    summary: "아직 확인이 필요한 항목이 있습니다",
};

/// English.
pub const EN: Words = Words {
    agree: "Agree and continue",
    cancel: "Cancel",
    tick_required: "Agree to all required items",
    open_text: "View",
    summary: "Some items need your attention",
};

/// Japanese.
pub const JA: Words = Words {
    agree: "同意して続ける",
    cancel: "キャンセル",
    tick_required: "必須項目すべてに同意",
    open_text: "内容を見る",
    summary: "確認が必要な項目があります",
};

/// The consent screen that a browser shows.
pub struct Consent<'a> {
    browser: &'a Browser,
    words: Words,
}

impl<'a> Consent<'a> {
    /// Waits until the screen asks, in Korean.
    ///
    /// # Errors
    /// When it does not.
    pub async fn asking(browser: &'a Browser) -> Result<Self> {
        Self::asking_in(browser, KO).await
    }

    /// Waits until the screen asks in a language.
    ///
    /// # Errors
    /// When it does not.
    pub async fn asking_in(browser: &'a Browser, words: Words) -> Result<Self> {
        let screen = Self::server_rendered_in(browser, words).await?;
        browser.app("mounted").await?;
        Ok(screen)
    }

    /// Waits until the screen is there to be filled in, whether or not the app has taken it over.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn server_rendered_in(browser: &'a Browser, words: Words) -> Result<Self> {
        browser.arrive("/consent/").await?;
        browser.find(Role::Button, words.agree).await?;
        Ok(Self { browser, words })
    }

    /// Goes to a service's "sign up" link as an account (see [`demo::sign_up`]), and waits until
    /// the screen asks, in Korean.
    ///
    /// # Errors
    /// When it does not.
    pub async fn of(
        browser: &'a Browser,
        account: &str,
        service: &str,
        more: &str,
    ) -> Result<Self> {
        demo::sign_up(browser, account, service, more).await?;
        Self::asking(browser).await
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
        self.tick(self.words.tick_required).await
    }

    /// The names of the items that are ticked, in order.
    ///
    /// # Errors
    /// When the page cannot be read.
    pub async fn ticked(&self) -> Result<Vec<String>> {
        let mut ticked = Vec::new();
        for (name, checkbox) in self.browser.all(Role::Checkbox).await? {
            if checkbox.is_selected().await? {
                ticked.push(name);
            }
        }
        Ok(ticked)
    }

    /// Chooses the screen's language by its tag, and waits for the words of that language.
    ///
    /// # Errors
    /// When it is not offered.
    pub async fn choose_language(self, tag: &str, words: Words) -> Result<Self> {
        self.browser.choose(tag).await?;
        Self::asking_in(self.browser, words).await
    }

    /// The names of the items that are asked, in order.
    ///
    /// # Errors
    /// When the page cannot be read.
    pub async fn items(&self) -> Result<Vec<String>> {
        let all = self.browser.all(Role::Checkbox).await?;
        Ok(all.into_iter().map(|(name, _)| name).collect())
    }

    /// Presses the agree button, after the moment that a person takes to see it. What follows
    /// depends on what is ticked.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn agree(&self) -> Result<()> {
        tokio::time::sleep(A_MOMENT).await;
        self.agree_at_once().await
    }

    /// Presses the agree button faster than the screen lets a pointer do it.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn agree_at_once(&self) -> Result<()> {
        self.browser.press(Role::Button, self.words.agree).await
    }

    /// Presses cancel.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn cancel(&self) -> Result<()> {
        self.browser.press(Role::Button, self.words.cancel).await
    }

    /// Opens the full text of the term of that name, and waits for its dialog.
    ///
    /// # Errors
    /// When there is no such term, or its text does not open.
    pub async fn open_text(&self, term: &str) -> Result<()> {
        let buttons = self.browser.all(Role::Button).await?;
        let of_term = |name: &str| name.contains(self.words.open_text) && name.contains(term);
        let Some((name, _)) = buttons.iter().find(|(name, _)| of_term(name)) else {
            bail!("no text of {term:?} can be opened");
        };
        self.browser.press(Role::Button, name).await?;
        self.browser.find(Role::Dialog, "").await?;
        Ok(())
    }

    /// Opens the full text of the term of that name where no script opens a dialog, and waits for
    /// its page.
    ///
    /// # Errors
    /// When there is no such term, or its text does not open.
    pub async fn open_text_as_page(&self, term: &str) -> Result<()> {
        let name = format!("{term} {}", self.words.open_text);
        self.browser.press(Role::Button, &name).await?;
        self.browser.find(Role::Heading, term).await?;
        Ok(())
    }

    /// Waits for the summary of what is missing.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn summary(&self) -> Result<()> {
        self.browser.see(self.words.summary).await
    }
}
