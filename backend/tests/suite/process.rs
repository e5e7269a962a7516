//! The program itself: what it prints, how it ends, and what is left when it is killed.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use consent_contract::{decision::Recorded, decision_path, request::ConsentState};
use tempfile::TempDir;

use crate::{
    browser::{CHALLENGE, required_only},
    database,
};

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_consent-backend"));
    command.env_remove("RUST_LOG");
    command
}

/// A running server, and where it says that it listens.
pub struct Running {
    pub child: Child,
    pub address: String,
}

impl Running {
    fn start(data: &Path) -> Self {
        Self::start_with(program(), data, &[])
    }

    /// The demo with further options. Its log is in `log`.
    pub fn start_with(program: Command, data: &Path, options: &[&str]) -> Self {
        Self::spawn(program, data, "127.0.0.1:0", options)
    }

    /// The demo at this address.
    pub fn start_on(program: Command, data: &Path, listen: &str) -> Self {
        Self::spawn(program, data, listen, &[])
    }

    fn spawn(mut program: Command, data: &Path, listen: &str, options: &[&str]) -> Self {
        // Names of cookies hold a digest of it: it stays when the server starts again.
        if !options.contains(&"--public-origin") {
            program.args(["--public-origin", "http://127.0.0.1:4000"]);
        }
        database::prepare_demo(data);
        fs::create_dir_all(data).unwrap();
        let mut child = program
            .args(["--demo", "--listen", listen, "--data-dir"])
            .arg(data)
            .arg("--dist")
            .arg(data.join("dist"))
            .args(options)
            .stdout(Stdio::piped())
            .stderr(fs::File::create(data.join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().split_once("://").unwrap().1.to_owned();
        Self { child, address }
    }

    /// A raw request: head and body.
    pub fn send(&self, request: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    pub fn get(&self, path: &str, cookie: &str) -> (String, String) {
        let host = &self.address;
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        ))
    }

    /// Sends a signal: `TERM`, `INT`, `HUP`.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// How it ends, and after how long; panics when it has not after 30 seconds.
    pub fn ends(&mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, start.elapsed());
            }
            assert!(start.elapsed() < Duration::from_secs(30), "it goes on");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have been killed by the test itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until there is something to read.
pub fn eventually<T>(read: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = read() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "it does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The value of a header of an answer.
pub fn header<'a>(head: &'a str, name: &str) -> &'a str {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap()
}

#[test]
fn a_decision_that_was_answered_survives_being_killed() {
    let folder = TempDir::new().unwrap();
    let mut server = Running::start(folder.path());
    let (head, _) = server.get("/demo/login?account=new", "");
    let cookie = header(&head, "set-cookie").split(';').next().unwrap().to_owned();
    let callback = format!("http%3A%2F%2F{}%2Fdemo%2Fcallback", server.address.replace(':', "%3A"));
    let (head, _) = server.get(
        &format!(
            "/oauth/authorize?response_type=code&client_id=demo-shop&redirect_uri={callback}\
             &state=s&code_challenge={CHALLENGE}&code_challenge_method=S256"
        ),
        &cookie,
    );
    let challenge = header(&head, "location").strip_prefix("/consent/").unwrap().to_owned();
    let path = format!("/api/v1/consents/{challenge}");
    let (_, body) = server.get(&path, &cookie);
    let Ok(ConsentState::Ask(request)) = ConsentState::from_json(&body) else { panic!("{body}") };
    let decision = serde_json::to_string(&required_only(&request)).unwrap();
    let post = |server: &Running| {
        let (head, body) = server.send(&format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{decision}",
            decision_path(&challenge),
            server.address,
            decision.len(),
        ));
        assert!(head.starts_with("HTTP/1.1 200"), "{head} {body}");
        serde_json::from_str::<Recorded>(&body).unwrap()
    };
    let recorded = post(&server);
    // SIGKILL: nothing is finished, closed or written any more.
    server.child.kill().unwrap();
    server.child.wait().unwrap();

    let server = Running::start(folder.path());
    let again = post(&server);
    assert_eq!(again.receipt_id, recorded.receipt_id);
    assert!(again.redirect_to.contains("/demo/callback?code="), "{again:?}");
    let (head, _) = server.get(&path, &cookie);
    assert!(head.starts_with("HTTP/1.1 410"), "{head}");
}

#[test]
fn it_ends_in_order_on_a_signal() {
    let folder = TempDir::new().unwrap();
    let mut server = Running::start(folder.path());
    server.signal("TERM");
    let (status, _) = server.ends();
    assert!(status.success(), "{status}");
}

pub fn fails(arguments: &[&str]) -> (Option<i32>, String) {
    let folder = TempDir::new().unwrap();
    let Output { status, stderr, stdout } = program()
        .args(["--listen", "127.0.0.1:0", "--data-dir"])
        .arg(folder.path())
        .args(arguments)
        .output()
        .unwrap();
    assert!(!String::from_utf8(stdout).unwrap().contains("listening"));
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn wrong_configuration_is_refused_with_file_line_and_reason() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    let bad = crate::shop::SHOP
        .replace("approved", "aproved")
        .replace("kind = \"service\"", "kind = \"marketing\"");
    fs::write(&file, bad).unwrap();
    let name = file.to_str().unwrap();
    let (code, errors) = fails(&["--services", name]);
    assert_eq!(code, Some(2));
    assert!(errors.contains(&format!("{name}:6:1: unknown field `aproved`")), "{errors}");
    assert!(errors.contains(&format!("{name}:11:12: term `tos` is marketing")), "{errors}");
    assert!(errors.contains("the configuration has 2 faults"), "{errors}");
}

#[test]
fn it_does_not_start_half_configured() {
    let (code, errors) = fails(&[]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("--services <FILE>|--demo"), "{errors}");
    let (code, errors) = fails(&["--services", "no-such-file.toml"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("no-such-file.toml"), "{errors}");
    let (code, errors) = fails(&["--demo", "--public-origin", "http://id.example"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("public origin"), "{errors}");
}

#[test]
fn it_prints_what_it_answers_to() {
    let print = |what: &str| {
        let output = program().arg(what).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(print("openapi").trim_end(), consent_backend::api_doc::json());
    assert_eq!(print("api-doc"), consent_backend::api_doc::markdown());
}

/// A host that serves the page as a file sends it with the policy that this server would send.
#[tokio::test]
async fn it_prints_the_policy_of_the_built_page() {
    let server = crate::browser::Server::demo().await;
    crate::screen::build(&server);
    let dist = server.folder.path().join("dist");
    let output = program().args(["page-policy", "--dist"]).arg(&dist).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let sent = server.browser().get("/consent/any").await;
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.trim_end(), sent.header("content-security-policy"));
    let missing = program().args(["page-policy", "--dist", "no-such-folder"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("no-such-folder/index.html"));
}
