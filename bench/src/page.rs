//! A first visit to a page: a new context with an empty cache, watched by a probe.

use crate::browser::{Browser, Connection, Event};
use crate::profile::Profile;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

const PROBE: &str = include_str!("probe.js");

/// How long anything that is waited for may take: 3,000 items on a slow line take a third of it.
const TIMEOUT: Duration = Duration::from_secs(90);

/// What a page is visited as.
pub struct Visitor {
    /// Where: `http://127.0.0.1:41234`.
    pub origin: String,
    /// The name and value of the session's cookie.
    pub cookie: (String, String),
    /// The header in which a proxy would name the account, and the account.
    pub header: (String, String),
}

/// An open page. Call [`Page::close`] when done.
pub struct Page {
    connection: Connection,
    session: String,
    context: String,
    events: mpsc::UnboundedReceiver<Event>,
    /// Everything that happened and was not waited for.
    pub seen: Vec<Event>,
}

impl Page {
    /// Opens an empty page with the profile's line and processor. `probe` is put behind the probe:
    /// what else it is to watch. `boxes` is how many boxes make the page usable.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn open(
        browser: &Browser,
        profile: Profile,
        visitor: &Visitor,
        boxes: usize,
        height: u32,
        probe: &str,
    ) -> Result<Self> {
        let connection = browser.connection.clone();
        let context = connection.call(None, "Target.createBrowserContext", json!({})).await?;
        let context = text(&context["browserContextId"])?;
        let target = json!({ "url": "about:blank", "browserContextId": context });
        let target = connection.call(None, "Target.createTarget", target).await?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = connection.call(None, "Target.attachToTarget", attach).await?;
        let session = text(&attached["sessionId"])?;
        let events = connection.listen(&session);
        let page = Self { connection, session, context, events, seen: Vec::new() };

        let (header, account) = &visitor.header;
        let (name, value) = &visitor.cookie;
        let source = format!("{}{probe}", PROBE.replace("BOXES", &boxes.to_string()));
        for (method, params) in [
            ("Page.enable", json!({})),
            ("Network.enable", json!({})),
            ("Performance.enable", json!({})),
            ("Runtime.enable", json!({})),
            ("Runtime.addBinding", json!({ "name": "benchReport" })),
            ("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })),
            ("Network.setExtraHTTPHeaders", json!({ "headers": { header: account } })),
            ("Network.setCookie", json!({ "name": name, "value": value, "url": visitor.origin })),
            (
                "Emulation.setDeviceMetricsOverride",
                json!({
                    "width": 390, "height": height, "deviceScaleFactor": 2, "mobile": true,
                }),
            ),
            ("Emulation.setCPUThrottlingRate", json!({ "rate": profile.processor })),
            ("Network.emulateNetworkConditions", profile.conditions()),
        ] {
            page.call(method, params).await?;
        }
        Ok(page)
    }

    /// Calls a method of the page.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value> {
        self.connection.call(Some(&self.session), method, params).await
    }

    /// Goes to an address, without waiting for it.
    ///
    /// # Errors
    /// When it cannot be gone to.
    pub async fn go(&self, url: &str) -> Result<()> {
        let answer = self.call("Page.navigate", json!({ "url": url })).await?;
        if let Some(error) = answer["errorText"].as_str() {
            bail!("{url}: {error}");
        }
        Ok(())
    }

    /// Waits for the first event that the function takes.
    ///
    /// # Errors
    /// When it does not come in time; `what` says what did not.
    pub async fn wait<T>(&mut self, what: &str, takes: impl Fn(&Event) -> Option<T>) -> Result<T> {
        if let Some(found) = self.seen.iter().find_map(&takes) {
            return Ok(found);
        }
        let seen = &mut self.seen;
        let events = &mut self.events;
        let found = timeout(TIMEOUT, async {
            while let Some(event) = events.recv().await {
                let found = takes(&event);
                seen.push(event);
                if found.is_some() {
                    return found;
                }
            }
            None
        });
        match found.await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => bail!("{what}: the page is gone"),
            Err(_) => bail!("{what}: not within {} s: {}", TIMEOUT.as_secs(), self.shown().await),
        }
    }

    /// Waits until the probe reports this word, and returns its value. What was reported
    /// before the last [`Page::forget`] does not count.
    ///
    /// # Errors
    /// As [`Page::wait`].
    pub async fn reported(&mut self, word: &str) -> Result<String> {
        self.wait(word, |(method, params)| {
            let reported =
                (method == "Runtime.bindingCalled").then(|| params["payload"].as_str())??;
            let (first, rest) = reported.split_once(' ').unwrap_or((reported, ""));
            (first == word).then(|| rest.to_owned())
        })
        .await
    }

    /// Forgets what has happened so far.
    pub fn forget(&mut self) {
        while self.events.try_recv().is_ok() {}
        self.seen.clear();
    }

    /// The value of an expression in the page.
    ///
    /// # Errors
    /// When it throws, or the page is gone.
    pub async fn value(&self, expression: &str) -> Result<Value> {
        let params = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
        });
        let answer = self.call("Runtime.evaluate", params).await?;
        if let Some(fault) = answer.get("exceptionDetails") {
            bail!("`{expression}` throws {fault}");
        }
        Ok(answer["result"]["value"].clone())
    }

    /// The middle of an element, once it is in view: x and y in CSS pixels.
    ///
    /// # Errors
    /// When there is no such element.
    pub async fn place(&self, selector: &str) -> Result<(f64, f64)> {
        let selector = json!(selector);
        let place = format!(
            "(() => {{ const it = document.querySelector({selector}); if (!it) return null;
            let box = it.getBoundingClientRect();
            if (box.top < 80 || box.bottom > innerHeight - 160) {{
              it.scrollIntoView({{ block: 'center', behavior: 'instant' }});
              box = it.getBoundingClientRect();
            }}
            return [box.left + box.width / 2, box.top + box.height / 2]; }})()"
        );
        let place = self.value(&place).await?;
        let (Some(x), Some(y)) = (place[0].as_f64(), place[1].as_f64()) else {
            bail!("no {selector}: {}", self.shown().await)
        };
        Ok((x, y))
    }

    /// Presses the mouse at a place, for as long as a finger would, or not.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn press(&self, (x, y): (f64, f64), held: Duration) -> Result<()> {
        let mouse = |kind: &str| {
            let params = json!({
                "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", params)
        };
        mouse("mousePressed").await?;
        if !held.is_zero() {
            sleep(held).await;
        }
        mouse("mouseReleased").await?;
        Ok(())
    }

    /// Clicks an element, as a mouse does.
    ///
    /// # Errors
    /// When there is no such element.
    pub async fn click(&self, selector: &str) -> Result<()> {
        let place = self.place(selector).await?;
        self.press(place, Duration::ZERO).await
    }

    /// Closes the page with its context.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn close(self) -> Result<()> {
        self.connection.forget(&self.session);
        let context = json!({ "browserContextId": self.context });
        self.connection.call(None, "Target.disposeBrowserContext", context).await?;
        Ok(())
    }

    /// What the page shows, and what went wrong in it, for errors.
    async fn shown(&self) -> String {
        let text = self.value("location.href + ' ' + document.body.innerText.slice(0, 400)").await;
        let text = text.map_or_else(|error| error.to_string(), |text| text.to_string());
        let thrown = self.seen.iter().filter(|(method, _)| method == "Runtime.exceptionThrown");
        thrown.fold(text, |text, (_, params)| {
            format!("{text}; {}", params["exceptionDetails"]["exception"]["description"])
        })
    }
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("the browser gave no id")
}
