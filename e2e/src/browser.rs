//! One browser with a profile of its own, looked at as a person would.

use crate::engine::{Device, Engine, Profile, Session, chromium};
use crate::role::{self, Role};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use thirtyfour::cdp::domains::emulation::{MediaFeature, SetEmulatedMedia};
use thirtyfour::error::WebDriverResult;
use thirtyfour::{By, Key, WebDriver, WebElement, WindowHandle};

/// How long something may take to appear: a release build on a machine that is busy with other builds.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How often the page is looked at while waiting.
const GLANCE: Duration = Duration::from_millis(60);

/// Waits until an answer is this. While a page or a frame is loaded there may be none.
///
/// # Errors
/// When it does not; the error holds what it is.
pub async fn until(
    longest: Duration,
    what: &str,
    expected: &Value,
    ask: impl AsyncFn() -> Result<Value>,
) -> Result<()> {
    let deadline = Instant::now() + longest;
    loop {
        let is = ask().await;
        if is.as_ref().is_ok_and(|is| is == expected) {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("{what}: {is:?}, and not {expected}");
        }
        tokio::time::sleep(GLANCE).await;
    }
}

/// One browser.
pub struct Browser {
    /// For what this type does not offer.
    pub driver: WebDriver,
    engine: Engine,
    origin: String,
    session: Session,
}

impl Browser {
    /// Starts a browser that takes `origin` for the product.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start(engine: Engine, profile: &Profile, origin: &str) -> Result<Self> {
        let session = engine.start(profile).await?;
        let driver = session.driver.clone();
        Ok(Self { driver, engine, origin: origin.to_owned(), session })
    }

    /// Takes the size and the scale of a device's screen (Chromium only).
    ///
    /// # Errors
    /// When the browser cannot do it.
    pub async fn become_device(&self, device: Device) -> Result<()> {
        chromium::become_device(&self.driver, device, device.screen().1).await
    }

    /// A device whose screen is as high as the page, so that all of it can be seen at once, and
    /// at least as high as it really is (Chromium only).
    ///
    /// # Errors
    /// When the browser cannot do it.
    pub async fn show_whole_page(&self, device: Device) -> Result<()> {
        let height = "return document.documentElement.scrollHeight";
        let height: u32 = self.driver.execute(height, Vec::new()).await?.convert()?;
        chromium::become_device(&self.driver, device, height.max(device.screen().1)).await
    }

    /// Hides the scroll bars, which differ between machines (Chromium only).
    ///
    /// # Errors
    /// When the browser cannot do it.
    pub async fn hide_scroll_bars(&self) -> Result<()> {
        let hidden = json!({ "hidden": true });
        self.driver.cdp().send_raw("Emulation.setScrollbarsHidden", hidden).await?;
        Ok(())
    }

    /// Sets what the person prefers, such as `prefers-color-scheme` to `dark`; what is not named
    /// is as it is by default (Chromium only).
    ///
    /// # Errors
    /// When the browser cannot do it.
    pub async fn prefer(&self, preferences: &[(&str, &str)]) -> Result<()> {
        let feature = |(name, value): &(&str, &str)| MediaFeature {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        };
        let features = Some(preferences.iter().map(feature).collect());
        let media = SetEmulatedMedia { media: None, features };
        self.driver.cdp().send(media).await.context("cannot set a preference")?;
        Ok(())
    }

    /// Goes to a path of the product: `/demo`.
    ///
    /// # Errors
    /// When the page cannot be reached.
    pub async fn go(&self, path: &str) -> Result<()> {
        let address = format!("{}{path}", self.origin);
        self.driver.goto(&address).await.with_context(|| format!("cannot go to {address}"))
    }

    /// Opens another tab with the same cookies and storage, and returns its handle. The driver's own
    /// tabs have another profile where a browser is shared.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn open_tab(&self) -> Result<WindowHandle> {
        self.session.open_tab().await
    }

    /// Whether the process behind the page is gone: a fault of the browser, which no page can cause.
    pub async fn has_crashed(&self) -> bool {
        let asked = self.driver.title().await;
        asked.is_err_and(|error| error.to_string().contains("tab crashed"))
    }

    /// The path and query of the page; an address of another origin as a whole.
    ///
    /// # Errors
    /// When there is no page.
    pub async fn address(&self) -> Result<String> {
        let address = self.driver.current_url().await?.to_string();
        Ok(address.strip_prefix(&self.origin).map_or(address.clone(), str::to_owned))
    }

    /// Waits until the address begins like this, and returns all of it.
    ///
    /// # Errors
    /// When it does not.
    pub async fn arrive(&self, path: &str) -> Result<String> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let address = self.address().await?;
            if address.starts_with(path) {
                return Ok(address);
            }
            if Instant::now() > deadline {
                bail!("waited for an address that begins with {path}, but it is {address}");
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits for the one visible element of a role whose name is, or else holds, `name`.
    ///
    /// # Errors
    /// When there is none, or several; the error lists what there is.
    pub async fn find(&self, role: Role, name: &str) -> Result<WebElement> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let called_so = self.called(role, name).await.unwrap_or_default();
            if let [(_, element)] = &best(&called_so, name)[..] {
                return Ok(element.clone());
            }
            if Instant::now() > deadline {
                let there = self.all(role).await.unwrap_or_default();
                let names: Vec<&str> = there.iter().map(|(name, _)| name.as_str()).collect();
                bail!("no single {role:?} is called {name:?}; there are {names:#?}");
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Whether there is a visible element of a role whose name holds `name`, now.
    ///
    /// # Errors
    /// When the page cannot be looked at.
    pub async fn has(&self, role: Role, name: &str) -> Result<bool> {
        Ok(!self.called(role, name).await?.is_empty())
    }

    /// All visible elements of a role, with their names, in the order of the page.
    ///
    /// # Errors
    /// When the page changes meanwhile.
    pub async fn all(&self, role: Role) -> WebDriverResult<Vec<(String, WebElement)>> {
        self.called(role, "").await
    }

    /// All visible elements of a role whose name holds `name`.
    async fn called(&self, role: Role, name: &str) -> WebDriverResult<Vec<(String, WebElement)>> {
        let mut found = Vec::new();
        for (called, element) in self.named(role).await? {
            // In the other engines this is known already.
            let is_known = drawn_by_label(role) || self.engine != Engine::Chromium;
            if called.contains(name) && (is_known || element.is_displayed().await?) {
                found.push((called, element));
            }
        }
        Ok(found)
    }

    /// All elements of a role, with their names. In Chromium, those that are not displayed too.
    async fn named(&self, role: Role) -> WebDriverResult<Vec<(String, WebElement)>> {
        let candidates = role.candidates();
        let mut found = Vec::new();
        if self.engine == Engine::Chromium {
            let all = self.driver.find_all(By::Css(format!(":root, {candidates}"))).await?;
            let Some((root, elements)) = all.split_first() else { return Ok(found) };
            let names = role::names_in_chromium(&self.driver, root, role).await?;
            for element in elements {
                let name = role::backend_node_id(element).and_then(|id| names.get(&id));
                found.extend(name.map(|name| (name.clone(), element.clone())));
            }
            return Ok(found);
        }
        for element in self.driver.find_all(By::Css(candidates)).await? {
            // WebKit computes no role for what is not displayed; that is an error there.
            let displayed = drawn_by_label(role) || element.is_displayed().await?;
            if displayed && role.is(&role::role(&element).await?) {
                found.push((role::name(&element).await?, element));
            }
        }
        Ok(found)
    }

    /// Finds, scrolls there as a person would, and clicks.
    ///
    /// # Errors
    /// As [`Browser::find`], and when something covers the element.
    pub async fn press(&self, role: Role, name: &str) -> Result<()> {
        let element = self.find(role, name).await?;
        // By itself the driver scrolls no further than to the edge, under what sticks there.
        let centre = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        self.driver.execute(centre, vec![element.to_json()?]).await?;
        element.click().await.with_context(|| format!("cannot press the {role:?} {name:?}"))
    }

    /// Types into the text field of that name, after emptying it.
    ///
    /// # Errors
    /// As [`Browser::find`].
    pub async fn fill(&self, name: &str, text: &str) -> Result<()> {
        let field = self.find(Role::Textbox, name).await?;
        field.clear().await?;
        field.send_keys(text).await.with_context(|| format!("cannot type into {name:?}"))
    }

    /// Chooses from a list by the value of an option.
    ///
    /// # Errors
    /// When the page has no such list or option.
    pub async fn choose(&self, value: &str) -> Result<()> {
        self.choose_in("select", value).await
    }

    /// Chooses from the list of a selector by the value of an option.
    ///
    /// # Errors
    /// As [`Browser::choose`].
    pub async fn choose_in(&self, list: &str, value: &str) -> Result<()> {
        let option = By::Css(format!("{list} option[value='{value}']"));
        let option = self.driver.find(option).await.with_context(|| format!("no {value}"))?;
        if self.engine == Engine::WebKit {
            // There the list is a window of the system, which the driver does not reach.
            let choose = "const list = arguments[0].closest('select');
                list.focus();
                list.value = arguments[0].value;
                for (const type of ['input', 'change']) {
                    list.dispatchEvent(new Event(type, { bubbles: true }));
                }";
            self.driver.execute(choose, vec![option.to_json()?]).await?;
            return Ok(());
        }
        option.click().await.with_context(|| format!("cannot choose {value}"))
    }

    /// Presses a key with whatever has the focus.
    ///
    /// # Errors
    /// When there is no page.
    pub async fn key(&self, key: Key) -> Result<()> {
        self.driver.active_element().await?.send_keys(key + "").await?;
        Ok(())
    }

    /// Waits until the page shows a text.
    ///
    /// # Errors
    /// When it does not; the error holds what it shows.
    pub async fn see(&self, text: &str) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let shown = self.text().await.unwrap_or_default();
            if shown.contains(text) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the page does not show {text:?}, but:\n{shown}");
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits until a script in the page returns this.
    ///
    /// # Errors
    /// When it does not; the error holds what it returns.
    pub async fn becomes(&self, script: &str, expected: Value) -> Result<()> {
        self.becomes_within(TIMEOUT, script, expected).await
    }

    /// The same of what takes another time than most.
    ///
    /// # Errors
    /// As [`Browser::becomes`].
    pub async fn becomes_within(
        &self,
        longest: Duration,
        script: &str,
        expected: Value,
    ) -> Result<()> {
        let ask = async || Ok(self.driver.execute(script, Vec::new()).await?.json().clone());
        until(longest, script, &expected, ask).await
    }

    /// Waits for this state of the app, set by the page's boot script: `starting`, `mounted`,
    /// `no-wasm`.
    ///
    /// # Errors
    /// When it does not; the error holds what it says.
    pub async fn app(&self, state: &str) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let html = self.driver.find(By::Tag("html")).await?;
            let said = html.attr("data-app").await?.unwrap_or_default();
            if said == state {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the app is not {state}, but {said}");
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits until the page shows a text no more.
    ///
    /// # Errors
    /// When it still does.
    pub async fn see_no_more(&self, text: &str) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        while self.text().await?.contains(text) {
            if Instant::now() > deadline {
                bail!("the page still shows {text:?}");
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }

    /// What the page shows, as text.
    ///
    /// # Errors
    /// When there is no page.
    pub async fn text(&self) -> Result<String> {
        Ok(self.driver.find(By::Tag("body")).await?.text().await?)
    }

    /// What the element with the focus is called.
    ///
    /// # Errors
    /// When there is no page.
    pub async fn focused(&self) -> Result<String> {
        Ok(role::name(&self.driver.active_element().await?).await?)
    }
}

/// Whether elements of a role may be drawn by their label, and then do not count as displayed.
fn drawn_by_label(role: Role) -> bool {
    matches!(role, Role::Checkbox | Role::Radio)
}

/// Those called exactly so, or, if there is none, those whose name holds it.
fn best(there: &[(String, WebElement)], name: &str) -> Vec<(String, WebElement)> {
    let exact: Vec<_> = there.iter().filter(|(called, _)| called == name).cloned().collect();
    if !exact.is_empty() {
        return exact;
    }
    there.iter().filter(|(called, _)| called.contains(name)).cloned().collect()
}
