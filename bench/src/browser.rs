//! A Chromium of our own, and the connection on which it is controlled: the DevTools
//! protocol, as JSON.

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Message, protocol::WebSocketConfig};

/// What makes a browser quiet, repeatable, and able to run where tests run. The tests start theirs
/// with the same file.
const CAPABILITIES: &str = include_str!("../../webdriver.json");

/// How long the browser may take for anything it is asked to do.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Something that happened in a page: the name of the event, and its parameters.
pub type Event = (String, Value);

/// A browser with a new profile. It ends, with its profile, when this is dropped.
pub struct Browser {
    pub connection: Connection,
    _process: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts one.
    ///
    /// # Errors
    /// When the program cannot be started or does not say where it listens.
    pub async fn start(program: &Path) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let capabilities: Value =
            serde_json::from_str(CAPABILITIES).context("in webdriver.json")?;
        let arguments = capabilities["goog:chromeOptions"]["args"].as_array().into_iter().flatten();
        let mut process = Command::new(program)
            .args(arguments.filter_map(Value::as_str))
            .args(["--remote-debugging-port=0", "--accept-lang=ko", "about:blank"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let stderr = process.stderr.take().context("the browser's errors were not asked for")?;
        let mut lines = BufReader::new(stderr).lines();
        let address = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(address) = line.strip_prefix("DevTools listening on ") {
                    return Ok(address.to_owned());
                }
            }
            bail!("the browser ended without listening");
        };
        let address = timeout(TIMEOUT, address).await.context("the browser does not listen")??;
        // The pipe is not read any further: a full one would stop the browser.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let connection = Connection::open(&address).await?;
        Ok(Self { connection, _process: process, _profile: profile })
    }

    /// The browser's name and version.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn version(&self) -> Result<String> {
        let version = self.connection.call(None, "Browser.getVersion", json!({})).await?;
        Ok(version["product"].as_str().unwrap_or("unknown").to_owned())
    }

    /// The resident memory of the largest renderer, in bytes; 0 where the system does not report it.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn renderer_memory(&self) -> Result<f64> {
        let info = self.connection.call(None, "SystemInfo.getProcessInfo", json!({})).await?;
        let renderers = info["processInfo"].as_array().into_iter().flatten();
        let sizes = renderers
            .filter(|process| process["type"] == "renderer")
            .filter_map(|process| process["id"].as_u64())
            .filter_map(resident);
        Ok(sizes.max().unwrap_or(0) as f64)
    }
}

/// What Linux says a process has in memory, in bytes.
fn resident(process: u64) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// The connection to a browser. Clones share it.
#[derive(Clone)]
pub struct Connection {
    out: mpsc::UnboundedSender<Message>,
    waiting: Arc<Waiting>,
}

#[derive(Default)]
struct Waiting {
    last: AtomicU64,
    answers: Mutex<HashMap<u64, oneshot::Sender<Value>>>,
    /// Who listens to which page.
    listeners: Mutex<HashMap<String, mpsc::UnboundedSender<Event>>>,
}

impl Connection {
    async fn open(address: &str) -> Result<Self> {
        // A page's own messages are small; a page of 3,000 rows asked for at once is not.
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let (socket, _) =
            tokio_tungstenite::connect_async_with_config(address, Some(config), true).await?;
        let (mut sink, mut stream) = socket.split();
        let (out, mut queue) = mpsc::unbounded_channel();
        let waiting = Arc::new(Waiting::default());
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                if sink.send(message).await.is_err() {
                    break;
                }
            }
        });
        let pending = Arc::clone(&waiting);
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                if let Ok(message) = serde_json::from_slice(&message.into_data()) {
                    pending.hand_on(message);
                }
            }
            // Wake pending callers with an error.
            lock(&pending.answers).clear();
            lock(&pending.listeners).clear();
        });
        Ok(Self { out, waiting })
    }

    /// Calls a method, of a page's session or of the browser, and waits for its result.
    ///
    /// # Errors
    /// When the browser refuses, is gone, or does not answer within a minute.
    pub async fn call(&self, session: Option<&str>, method: &str, params: Value) -> Result<Value> {
        let id = self.waiting.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (sender, receiver) = oneshot::channel();
        lock(&self.waiting.answers).insert(id, sender);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let gone = || format!("{method}: the browser is gone");
        self.out.send(Message::text(message.to_string())).with_context(gone)?;
        let answer = timeout(TIMEOUT, receiver)
            .await
            .with_context(|| format!("{method}: no answer"))?
            .with_context(gone)?;
        match answer.get("error") {
            Some(error) => bail!("{method}: {error}"),
            None => Ok(answer["result"].clone()),
        }
    }

    /// The events of a session from now on.
    pub fn listen(&self, session: &str) -> mpsc::UnboundedReceiver<Event> {
        let (sender, receiver) = mpsc::unbounded_channel();
        lock(&self.waiting.listeners).insert(session.to_owned(), sender);
        receiver
    }

    /// Ends listening.
    pub fn forget(&self, session: &str) {
        lock(&self.waiting.listeners).remove(session);
    }
}

impl Waiting {
    fn hand_on(&self, mut message: Value) {
        if let Some(id) = message["id"].as_u64() {
            if let Some(waiting) = lock(&self.answers).remove(&id) {
                // The caller may have given up.
                let _ = waiting.send(message);
            }
            return;
        }
        let (Some(session), Some(method)) =
            (message["sessionId"].as_str(), message["method"].as_str())
        else {
            return;
        };
        let (session, method) = (session.to_owned(), method.to_owned());
        if let Some(listener) = lock(&self.listeners).get(&session) {
            let _ = listener.send((method, message["params"].take()));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // The value is consistent at every moment, even after a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
