//! Chromium processes that one scene after another uses, each scene in a browser context of its own:
//! with its own cookies, storage, cache and history, like a fresh profile. A start of Chromium costs
//! as much as a short scene.

use super::process::{self, Process};
use super::{chromium, cleanup};
use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use thirtyfour::WebDriver;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Those that no scene uses now.
static IDLE: Mutex<Vec<SharedChromium>> = Mutex::new(Vec::new());

/// A Chromium with its chromedriver.
struct SharedChromium {
    languages: String,
    /// The address of chromedriver.
    driver: String,
    /// Host and port of the DevTools protocol.
    debugger: String,
    /// Where the browser itself takes commands of that protocol.
    websocket: String,
    _process: Process,
}

impl SharedChromium {
    async fn start(languages: &str) -> Result<Self> {
        let mut command = Command::new(process::program("CHROMEDRIVER", "chromedriver"));
        // chromedriver does not take its browser along when it is killed; its process group does.
        command.process_group(0);
        let (process, driver) = process::driver(command, "--port=").await?;
        cleanup::kill_at_exit(&process.0)?;
        let session = WebDriver::new(driver.clone(), chromium::shared_capabilities(languages)?)
            .await
            .context("cannot start Chromium: are chromium and chromedriver installed?")?;
        let started = serde_json::to_value(session.handle().capabilities())?;
        let text = |pointer: &str| {
            let text = started.pointer(pointer).and_then(Value::as_str);
            text.with_context(|| format!("chromedriver does not name {pointer}"))
        };
        let debugger = text("/goog:chromeOptions/debuggerAddress")?.to_owned();
        let port_file = Path::new(text("/chrome/userDataDir")?).join("DevToolsActivePort");
        let port_file = std::fs::read_to_string(&port_file)
            .with_context(|| format!("cannot read {}", port_file.display()))?;
        let path = port_file.lines().nth(1).context("DevToolsActivePort names no path")?;
        let websocket = format!("ws://{debugger}{path}");
        // This session keeps the browser open; the scenes have sessions of their own.
        session.leak().context("the session has ended")?;
        Ok(Self { languages: languages.to_owned(), driver, debugger, websocket, _process: process })
    }
}

/// A Chromium on loan, with a browser context that ends when this is dropped.
pub struct Lease {
    chromium: Option<SharedChromium>,
    context: BrowserContext,
}

impl Lease {
    /// Takes a Chromium that prefers these languages.
    ///
    /// # Errors
    /// When none can be started.
    pub async fn take(languages: &str) -> Result<Self> {
        while let Some(chromium) = idle(languages) {
            // One that has crashed is left out.
            if let Ok(context) = BrowserContext::open(&chromium.websocket).await {
                return Ok(Self { chromium: Some(chromium), context });
            }
        }
        let chromium = SharedChromium::start(languages).await?;
        let context = BrowserContext::open(&chromium.websocket).await?;
        Ok(Self { chromium: Some(chromium), context })
    }

    /// Opens a tab in the context, and returns its window handle.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn open_tab(&mut self) -> Result<String> {
        self.context.open_tab().await
    }

    /// The address of chromedriver, and that of the browser for `debuggerAddress`.
    ///
    /// # Errors
    /// When the browser was given back.
    pub fn addresses(&self) -> Result<(&str, &str)> {
        let chromium = self.chromium.as_ref().context("the browser was given back")?;
        Ok((&chromium.driver, &chromium.debugger))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(chromium) = self.chromium.take() {
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(chromium);
        }
    }
}

fn idle(languages: &str) -> Option<SharedChromium> {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let place = idle.iter().position(|chromium| chromium.languages == languages)?;
    Some(idle.swap_remove(place))
}

/// A context, and the connection that it ends with.
struct BrowserContext {
    connection: WebSocketStream<MaybeTlsStream<TcpStream>>,
    id: String,
    commands: u64,
}

impl BrowserContext {
    async fn open(websocket: &str) -> Result<Self> {
        let (connection, _) = tokio_tungstenite::connect_async(websocket).await?;
        let mut context = Self { connection, id: String::new(), commands: 0 };
        let created =
            context.call("Target.createBrowserContext", json!({ "disposeOnDetach": true })).await?;
        context.id = created["browserContextId"].as_str().context("no context")?.to_owned();
        Ok(context)
    }

    async fn open_tab(&mut self) -> Result<String> {
        let tab = json!({ "url": "about:blank", "browserContextId": self.id });
        let tab = self.call("Target.createTarget", tab).await?;
        Ok(tab["targetId"].as_str().context("no tab")?.to_owned())
    }

    async fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.commands += 1;
        let command = json!({ "id": self.commands, "method": method, "params": parameters });
        self.connection.send(Message::text(command.to_string())).await?;
        while let Some(message) = self.connection.next().await {
            let message = message?.into_data();
            if message.is_empty() {
                continue;
            }
            let answer: Value = serde_json::from_slice(&message)?;
            if answer["id"] == self.commands {
                ensure!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return Ok(answer["result"].clone());
            }
        }
        bail!("{method}: the browser has ended")
    }
}
