//! The program on the database of a server, and requests to it.

use std::{
    ffi::OsString,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use consent_contract::{decision::Decision, decision_path};
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    browser::{Browser, ORIGIN},
    client::{FORM, credentials},
    database,
    process::program,
};

pub struct Running {
    child: Child,
    address: String,
    client: reqwest::Client,
}

/// An answer to a request.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: String,
}

impl Reply {
    /// The receipt of a decision that was recorded.
    pub fn receipt(&self) -> Option<String> {
        let body: Value = serde_json::from_str(&self.body).ok()?;
        (self.status == 200).then(|| body["receipt_id"].as_str().unwrap().to_owned())
    }
}

impl Running {
    /// With `services.toml` and the database of this folder.
    pub fn start(folder: &Path) -> Self {
        Self::start_on(folder, database::argument(folder), &[])
    }

    /// The same with another database, and further options.
    pub fn start_on(folder: &Path, database: OsString, options: &[&str]) -> Self {
        static LOGS: AtomicU32 = AtomicU32::new(0);
        let log = folder.join(format!("log-{}", LOGS.fetch_add(1, Ordering::Relaxed)));
        let mut child = program()
            .args(["--listen", "127.0.0.1:0", "--public-origin", ORIGIN])
            .args(["--webhook-network", "127.0.0.1", "--trusted-proxy", "127.0.0.1"])
            .arg("--services")
            .arg(folder.join("services.toml"))
            .arg("--data-dir")
            .arg(database)
            .arg("--dist")
            .arg(folder.join("dist"))
            .args(options)
            // A proxy would be another way to another address.
            .env("HTTP_PROXY", "http://127.0.0.1:1")
            .env("ALL_PROXY", "http://127.0.0.1:1")
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some((_, address)) = line.trim().split_once("://") else {
            panic!("{line} {}", fs::read_to_string(log).unwrap())
        };
        let address = address.to_owned();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { child, address, client }
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal: `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let mut kill = std::process::Command::new("kill");
        assert!(kill.args(["-s", name, &id]).status().unwrap().success());
    }

    /// Sends what a page of ours would send from this browser.
    pub async fn decide(&self, browser: &Browser, challenge: &str, decision: &Decision) -> Reply {
        let cookies: Vec<_> = browser.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let request = self.post(&decision_path(challenge), "application/json");
        let request = request
            .header("cookie", cookies.join("; "))
            .header("x-account", browser.account.unwrap())
            .header("sec-fetch-site", "same-origin");
        Self::reply(request.body(serde_json::to_string(decision).unwrap())).await
    }

    /// Sends a form with the credentials of a client.
    pub async fn token(&self, client_id: &str, parameters: &[(&str, &str)]) -> Reply {
        let body = {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(credentials(client_id)).extend_pairs(parameters);
            form.finish()
        };
        Self::reply(self.post("/oauth/token", FORM).body(body)).await
    }

    /// A GET without cookies.
    pub async fn get(&self, path: &str) -> Reply {
        let host = ORIGIN.split_once("://").unwrap().1;
        let request = self.client.get(format!("http://{}{path}", self.address));
        Self::reply(request.header("host", host)).await
    }

    fn post(&self, path: &str, media_type: &str) -> reqwest::RequestBuilder {
        let host = ORIGIN.split_once("://").unwrap().1;
        let request = self.client.post(format!("http://{}{path}", self.address));
        request.header("host", host).header("content-type", media_type)
    }

    async fn reply(request: reqwest::RequestBuilder) -> Reply {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        Reply { status, body: answer.text().await.unwrap() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
