//! The preview studio, as a designer uses it.

use crate::browser::{Browser, until};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::time::{Duration, Instant};
use thirtyfour::{By, Key, WebElement};

/// A case on the bench.
pub struct Studio<'a>(pub &'a Browser);

impl<'a> Studio<'a> {
    /// Opens a case by its name, with what its address holds: `sign-up`, `own#1.abc`.
    ///
    /// # Errors
    /// When it is not shown.
    pub async fn open(browser: &'a Browser, case: &str) -> Result<Self> {
        browser.go(&format!("/studio/cases/{case}")).await?;
        let studio = Self(browser);
        studio.is_there().await?;
        Ok(studio)
    }

    /// Waits until a case is on the bench, and its preview is drawn.
    ///
    /// # Errors
    /// When none is.
    pub async fn is_there(&self) -> Result<()> {
        self.one(".preview-pane iframe").await?;
        self.in_preview("return document.querySelector('#app main') !== null", true.into()).await
    }

    /// The one element of a selector, once it is there.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn one(&self, selector: &str) -> Result<WebElement> {
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let found = self.0.driver.find_all(By::Css(selector)).await.unwrap_or_default();
            if let [element] = &found[..] {
                return Ok(element.clone());
            }
            if Instant::now() > deadline {
                bail!("{} of {selector}\n{}", found.len(), self.0.text().await?);
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }

    /// Clicks the one element of a selector, where a person would see it.
    ///
    /// # Errors
    /// When it does not come, or something covers it.
    pub async fn press(&self, selector: &str) -> Result<()> {
        let element = self.one(selector).await?;
        let centre = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        self.0.driver.execute(centre, vec![element.to_json()?]).await?;
        element.click().await.with_context(|| format!("cannot press {selector}"))
    }

    /// What stands beside the preview: `Edit`, `Texts`, `JSON`, `Look`, `Check`, `Hear`, `Notes`, `Share`.
    ///
    /// # Errors
    /// As [`Studio::press`].
    pub async fn panel(&self, name: &str) -> Result<()> {
        self.press(&format!("#tab-{name}")).await
    }

    /// The cell of a text in a language, in the panel Texts: `en` and `/request/terms/tos/title`.
    ///
    /// # Errors
    /// When there is none.
    pub async fn cell(&self, language: &str, key: &str) -> Result<WebElement> {
        let cell = self.one(&format!("[id='text:{language}:{key}']")).await?;
        let centre = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        self.0.driver.execute(centre, vec![cell.to_json()?]).await?;
        Ok(cell)
    }

    /// The field for a place in the case: `/request/terms/0/title`. Folded away, it is unfolded.
    ///
    /// # Errors
    /// When there is none.
    pub async fn field(&self, at: &str) -> Result<WebElement> {
        let field = self.one(&format!("[id='field:{at}']")).await?;
        let unfold = "for (let it = arguments[0]; it; it = it.parentElement) {
            if (it.tagName === 'DETAILS') it.open = true;
        }
        arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' });";
        self.0.driver.execute(unfold, vec![field.to_json()?]).await?;
        Ok(field)
    }

    /// Ticks or unticks a field.
    ///
    /// # Errors
    /// As [`Studio::field`].
    pub async fn tick(&self, at: &str) -> Result<()> {
        Ok(self.field(at).await?.click().await?)
    }

    /// Types into a field, in the place of what stands there.
    ///
    /// # Errors
    /// As [`Studio::field`].
    pub async fn write(&self, at: &str, text: &str) -> Result<()> {
        let field = self.field(at).await?;
        field.send_keys(Key::Control + "a").await?;
        // As a key: WebKit's driver leaves a line break in a text out.
        for (number, line) in text.lines().enumerate() {
            if number > 0 {
                field.send_keys(Key::Enter + "").await?;
            }
            if !line.is_empty() {
                field.send_keys(line).await?;
            }
        }
        Ok(())
    }

    /// Chooses one of a few: `Language` and `English`, `Theme` and `Dark`.
    ///
    /// # Errors
    /// As [`Studio::press`].
    pub async fn choose(&self, what: &str, choice: &str) -> Result<()> {
        if what == "Language" {
            return self.choose_language(choice).await;
        }
        self.press(&format!("label[for='{what}-{choice}']")).await
    }

    /// Chooses the language of the previews by its name in the list.
    async fn choose_language(&self, name: &str) -> Result<()> {
        self.one("#language").await?;
        let place = format!(
            "return [...document.querySelector('#language').options]
                .findIndex((it) => it.textContent === '{name}')"
        );
        let place = self.0.driver.execute(place, Vec::new()).await?;
        let place =
            place.json().as_i64().filter(|it| *it >= 0).with_context(|| format!("no {name}"))?;
        self.0.choose_in("#language", &place.to_string()).await
    }

    /// Waits until a script in the preview returns this.
    ///
    /// # Errors
    /// When it does not; the error holds what it returns.
    pub async fn in_preview(&self, script: &str, expected: Value) -> Result<()> {
        let ask = async || self.ask_preview(script).await;
        until(Duration::from_secs(15), script, &expected, ask).await
    }

    /// Waits until what has the focus is called like this: it moves when the next frame is drawn.
    ///
    /// # Errors
    /// When it is not.
    pub async fn focus_is_on(&self, name: &str) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let focused = self.0.focused().await?;
            if focused.contains(name) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the focus is on {focused:?}, and not on {name:?}");
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }

    /// What a script in the preview returns.
    ///
    /// # Errors
    /// When there is no preview.
    pub async fn ask_preview(&self, script: &str) -> Result<Value> {
        let frame = self.one(".preview-pane iframe").await?;
        frame.enter_frame().await?;
        let said = self.0.driver.execute(script, Vec::new()).await;
        self.0.driver.enter_default_frame().await?;
        Ok(said?.json().clone())
    }

    /// What the preview shows, as text.
    ///
    /// # Errors
    /// When there is no preview.
    pub async fn preview_text(&self) -> Result<String> {
        let text = self.ask_preview("return document.querySelector('#app').innerText").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The address that the state is in, from the panel for sharing: a path with its fragment.
    ///
    /// # Errors
    /// When the panel does not open.
    pub async fn address(&self) -> Result<String> {
        self.panel("Share").await?;
        let field = self.one("#address").await?;
        let address = field.prop("value").await?.unwrap_or_default();
        let path = address.find("/studio/").context("no address of the studio")?;
        Ok(address[path..].to_owned())
    }
}
