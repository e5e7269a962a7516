//! Reading the configuration again without a restart, and `--check`.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Output, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use consent_backend::StartError;
use tempfile::TempDir;

use crate::{
    browser::{CHALLENGE, Server},
    process::program,
    shop::{SHOP, SIGN_IN, account, proxied},
};

/// The shop and another service.
fn with_bakery(toml: &str) -> String {
    let bakery = SHOP.replace("\"shop\"", "\"bakery\"").replace("가게", "빵집");
    format!("{bakery}\n{toml}")
}

fn file(server: &Server) -> PathBuf {
    server.folder.path().join("services.toml")
}

fn authorize(client_id: &str) -> String {
    format!(
        "/oauth/authorize?response_type=code&client_id={client_id}&state=s\
         &redirect_uri=https%3A%2F%2Fshop.example%2Fcallback&code_challenge={CHALLENGE}\
         &code_challenge_method=S256"
    )
}

#[tokio::test]
async fn a_changed_configuration_holds_from_the_next_request_on() {
    let server = Server::configured(&proxied(&["hana"])).await.unwrap();
    let mut browser = server.proxied("hana");
    let challenge = browser.get(&authorize("shop")).await.challenge();
    assert_eq!(browser.get(&authorize("bakery")).await.status, 400);
    fs::write(file(&server), with_bakery(&proxied(&["hana", "duri"]))).unwrap();
    assert_eq!(browser.get(&authorize("bakery")).await.status, 400, "not before it is asked to");
    server.app.reload().await.unwrap();
    browser.get(&authorize("bakery")).await.challenge();
    let mut new = server.proxied("duri");
    new.get(&authorize("shop")).await.challenge();
    // What began before goes on.
    assert_eq!(browser.agrees(&challenge).await.redirect_to.split('?').count(), 2);
    // A service that is not configured any more is unknown.
    fs::write(file(&server), proxied(&["hana"])).unwrap();
    server.app.reload().await.unwrap();
    assert_eq!(browser.get(&authorize("bakery")).await.status, 400);
}

#[tokio::test]
async fn a_configuration_that_is_refused_changes_nothing() {
    let server = Server::configured(&proxied(&["hana"])).await.unwrap();
    let mut browser = server.proxied("hana");
    let texts = "SELECT count(*) FROM documents";
    let before = server.count(texts).await;
    for (bad, expected) in [
        (with_bakery(&proxied(&["hana"])).replace("approved", "aproved"), "unknown field"),
        (
            with_bakery(&proxied(&["hana"])).replace("물건을 팝니다.", "다른 것을 팝니다."),
            "a changed text needs a new version",
        ),
        ("[[service".to_owned(), ":1:"),
    ] {
        fs::write(file(&server), bad).unwrap();
        let refused = server.app.reload().await.unwrap_err();
        assert!(matches!(refused, StartError::Configuration(_)), "{refused}");
        assert!(refused.to_string().contains(expected), "{refused}");
        browser.get(&authorize("shop")).await.challenge();
        assert_eq!(browser.get(&authorize("bakery")).await.status, 400);
        assert_eq!(server.count(texts).await, before);
    }
    fs::remove_file(file(&server)).unwrap();
    server.app.reload().await.unwrap_err();
    browser.get(&authorize("shop")).await.challenge();
}

/// A process with this services.toml, and where it listens. Its log is in `log`.
fn start(folder: &Path) -> (Child, String) {
    let mut child = spawn(folder);
    let address = listening(&mut child);
    (child, address)
}

fn spawn(folder: &Path) -> Child {
    program()
        .args(["--listen", "127.0.0.1:0", "--rate-limit", "0", "--drain", "0s"])
        .args(["--trusted-proxy", "127.0.0.1", "--services"])
        .arg(folder.join("services.toml"))
        .arg("--data-dir")
        .arg(folder.join("data"))
        .stdout(Stdio::piped())
        .stderr(fs::File::create(folder.join("log")).unwrap())
        .spawn()
        .unwrap()
}

/// Where a process listens, as soon as it does.
fn listening(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    line.trim().split_once("://").unwrap().1.to_owned()
}

/// A start can take long: a migration, or another process that opens the database.
#[cfg(unix)]
#[test]
fn a_signal_during_the_start_does_not_end_the_process() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("services.toml"), proxied(&["hana"])).unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let lock = fs::File::create(data.join("consent.lock")).unwrap();
    lock.lock().unwrap();
    let mut child = spawn(folder.path());
    let log = || fs::read_to_string(folder.path().join("log")).unwrap();
    while !log().contains("waiting for another process") {
        thread::sleep(Duration::from_millis(20));
    }
    let id = child.id().to_string();
    let sent = std::process::Command::new("kill").args(["-s", "HUP", &id]).status().unwrap();
    assert!(sent.success());
    thread::sleep(Duration::from_millis(300));
    drop(lock);
    assert!(listening(&mut child).starts_with("127.0.0.1:"), "{}", log());
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A connection that stays open.
struct Connection(BufReader<TcpStream>, String);

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(BufReader::new(stream), address.to_owned())
    }

    /// The status of the answer, which must come whole.
    fn get(&mut self, path: &str) -> u16 {
        let Self(stream, host) = self;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Account: hana\r\n\r\n");
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).expect("an answer").parse().unwrap();
        let mut length = 0;
        loop {
            line.clear();
            stream.read_line(&mut line).unwrap();
            let head = line.trim_end().to_ascii_lowercase();
            if head.is_empty() {
                break;
            }
            if let Some(value) = head.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        status
    }
}

#[test]
fn no_request_is_lost_while_sighup_reloads() {
    let folder = TempDir::new().unwrap();
    let services = folder.path().join("services.toml");
    let good = format!("{SHOP}{SIGN_IN}{}", account("hana"));
    fs::write(&services, &good).unwrap();
    let (mut child, address) = start(folder.path());
    let hangup = || {
        let id = child.id().to_string();
        assert!(
            std::process::Command::new("kill").args(["-s", "HUP", &id]).status().unwrap().success()
        );
    };
    let log = || fs::read_to_string(folder.path().join("log")).unwrap();
    let wait = |what: &str, times: usize| {
        let start = Instant::now();
        while log().matches(what).count() < times {
            assert!(start.elapsed() < Duration::from_secs(20), "{what}: {}", log());
            thread::sleep(Duration::from_millis(5));
        }
    };
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut connection = Connection::open(&address);
                while !stop.load(Ordering::Relaxed) {
                    assert_eq!(connection.get(&authorize("shop")), 303);
                    assert_eq!(connection.get("/.well-known/openid-configuration"), 200);
                    answered.fetch_add(2, Ordering::Relaxed);
                }
            });
        }
        let mut connection = Connection::open(&address);
        assert_eq!(connection.get(&authorize("bakery")), 400);
        for round in 1..=10 {
            fs::write(&services, with_bakery(&good)).unwrap();
            hangup();
            wait("the configuration was reloaded", 2 * round - 1);
            // On the connection that was open before.
            assert_eq!(connection.get(&authorize("bakery")), 303, "{round}");
            fs::write(&services, good.replace("approved", "aproved")).unwrap();
            hangup();
            wait("unknown field `aproved`", round);
            assert_eq!(connection.get(&authorize("bakery")), 303, "the one before goes on");
            fs::write(&services, &good).unwrap();
            hangup();
            wait("the configuration was reloaded", 2 * round);
            assert_eq!(connection.get(&authorize("bakery")), 400);
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(answered.load(Ordering::Relaxed) > 50, "{answered:?}");
    assert!(child.try_wait().unwrap().is_none());
    let place = format!("{}:6:1: unknown field `aproved`", services.display());
    assert!(log().contains(&place), "{}", log());
    child.kill().unwrap();
    child.wait().unwrap();
}

fn checked(folder: &Path) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = program()
        .args(["--check", "--trusted-proxy", "127.0.0.1", "--services"])
        .arg(folder.join("services.toml"))
        .arg("--data-dir")
        .arg(folder.join("data"))
        .output()
        .unwrap();
    (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

#[tokio::test]
async fn a_configuration_is_checked_without_starting() {
    let folder = TempDir::new().unwrap();
    let services = folder.path().join("services.toml");
    fs::write(&services, proxied(&["hana"])).unwrap();
    let (code, said) = checked(folder.path());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("no faults"), "{said}");
    assert!(!folder.path().join("data").exists(), "nothing is made");
    fs::write(&services, SHOP.replace("approved = true", "approved = false")).unwrap();
    let (code, said) = checked(folder.path());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("no one can sign up to `shop`"), "warnings are shown: {said}");
    fs::write(&services, SHOP.replace("approved", "aproved")).unwrap();
    let (code, said) = checked(folder.path());
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("services.toml:6:1: unknown field `aproved`"), "{said}");
}

#[tokio::test]
async fn texts_are_checked_against_the_database_of_a_running_server() {
    let server = Server::configured(&proxied(&["hana"])).await.unwrap();
    let (code, said) = checked(server.folder.path());
    assert_eq!(code, Some(0), "{said}");
    fs::write(file(&server), proxied(&["hana"]).replace("물건을 팝니다.", "다른 것을 팝니다."))
        .unwrap();
    let (code, said) = checked(server.folder.path());
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("a changed text needs a new version"), "{said}");
    let changed = "SELECT count(*) FROM documents WHERE blocks LIKE '%다른 것을%'";
    assert_eq!(server.count(changed).await, 0);
}
