//! A browser without an engine: enough to sign up at the demo and to see that its pages are there.

use anyhow::{Context, Result, ensure};
use consent_contract::answers::Answers;
use consent_contract::decision::{Decision, Recorded};
use consent_contract::decision_path;
use consent_contract::request::ConsentState;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// RFC 7636, Appendix B.
const CODE_CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub struct Client {
    host: String,
    cookie: String,
    /// The page of the screen, once it was seen.
    page: String,
}

/// Head and body.
struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn has_status(&self, status: &str) -> Result<()> {
        let found = self.head.split(' ').nth(1);
        ensure!(found == Some(status), "not {status}: {}", self.head);
        Ok(())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    pub fn new(port: u16) -> Self {
        Self { host: format!("127.0.0.1:{port}"), cookie: String::new(), page: String::new() }
    }

    /// From the service's request to the code, with the page as the server renders it.
    ///
    /// # Errors
    /// What does not work.
    pub fn sign_up(&mut self) -> Result<()> {
        let login = self.get("/demo/login?account=new", "text/html")?;
        let cookie = login.header("set-cookie").context("no session at the demo's login")?;
        self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let callback = format!("http%3A%2F%2F{}%2Fdemo%2Fcallback", self.host.replace(':', "%3A"));
        let authorize = format!(
            "/oauth/authorize?response_type=code&client_id=demo-shop&redirect_uri={callback}\
             &state=s&code_challenge={CODE_CHALLENGE}&code_challenge_method=S256"
        );
        let authorized = self.get(&authorize, "text/html")?;
        let screen = authorized.header("location").context("no screen")?.to_owned();
        let page = self.get(&screen, "text/html")?;
        page.has_status("200")?;
        self.page = page.text();
        ensure!(self.page.contains("data-server-rendered"), "the screen is not inside the program");
        let challenge = screen.strip_prefix("/consent/").context("no challenge")?;
        let request = self.get(&format!("/api/v1/consents/{challenge}"), "application/json")?;
        let Ok(ConsentState::Ask(request)) = ConsentState::from_json(&request.text()) else {
            anyhow::bail!("nothing is asked: {}", request.text())
        };
        let mut answers = Answers::untouched(&request);
        for (key, required) in answers.keys() {
            answers.tick(&key, required);
        }
        let decision = serde_json::to_string(&Decision::Agree(answers.agreement(&request)))?;
        let head = format!(
            "POST {} HTTP/1.1\r\nContent-Type: application/json\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Length: {}\r\n",
            decision_path(challenge),
            decision.len()
        );
        let decided = self.send(&head, &decision)?;
        decided.has_status("200")?;
        let recorded: Recorded = serde_json::from_slice(&decided.body)?;
        ensure!(recorded.redirect_to.contains("/demo/callback?code="), "{}", recorded.redirect_to);
        Ok(())
    }

    /// The WebAssembly that the page names, compressed and with what lets browsers keep it.
    ///
    /// # Errors
    /// What does not work.
    pub fn loads_the_app(&self) -> Result<()> {
        let end = self.page.find("_bg.wasm").context("the page names no WebAssembly")? + 8;
        let begin = self.page[..end].rfind("/consent-screen-").context("under another name")?;
        let file = self.send(
            &format!("GET {} HTTP/1.1\r\nAccept-Encoding: br\r\n", &self.page[begin..end]),
            "",
        )?;
        file.has_status("200")?;
        for (name, value) in [
            ("content-type", "application/wasm"),
            ("content-encoding", "br"),
            ("cache-control", "public, max-age=31536000, immutable"),
        ] {
            ensure!(file.header(name) == Some(value), "{name}: {}", file.head);
        }
        ensure!(file.body.len() > 10_000, "the WebAssembly has {} bytes", file.body.len());
        Ok(())
    }

    /// # Errors
    /// When the studio's pages are not there.
    pub fn shows_the_studio(&self) -> Result<()> {
        for path in ["/studio/", "/studio/preview/"] {
            let page = self.get(path, "text/html")?;
            page.has_status("200").with_context(|| path.to_owned())?;
        }
        Ok(())
    }

    /// A service's request of a user who is not signed in. What is answered depends on the provider.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn asks_to_sign_in(&mut self) -> Result<()> {
        let callback = "https%3A%2F%2Fshop.example%2F";
        let request = format!(
            "/oauth/authorize?response_type=code&client_id=shop&redirect_uri={callback}&state=s\
             &code_challenge={CODE_CHALLENGE}&code_challenge_method=S256"
        );
        let answer = self.get(&request, "text/html")?;
        // It leads to a page of its own, which asks the provider.
        let cookie = answer.header("set-cookie").context("no attempt to sign in")?;
        self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let location = answer.header("location").context("no way to sign in")?.to_owned();
        self.get(&location, "text/html").map(drop)
    }

    fn get(&self, path: &str, accept: &str) -> Result<Answer> {
        self.send(&format!("GET {path} HTTP/1.1\r\nAccept: {accept}\r\n"), "")
    }

    fn send(&self, head: &str, body: &str) -> Result<Answer> {
        let mut stream = TcpStream::connect(&self.host)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let Self { host, cookie, .. } = self;
        write!(
            stream,
            "{head}Host: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n{body}"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let end = answer.windows(4).position(|it| it == b"\r\n\r\n").context("no answer")?;
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        ensure!(!head.to_ascii_lowercase().contains("transfer-encoding"), "in chunks: {head}");
        Ok(Answer { head, body: answer.split_off(end + 4) })
    }
}
