//! A disk without room: a clear answer, nothing lost, and all goes on once there is room.

#![cfg(target_os = "linux")]

use std::{
    fs::{self, File},
    io::Write,
    path::PathBuf,
    process::Command,
};

use consent_contract::{
    consent_path,
    decision::Recorded,
    decision_path,
    problem::{Code, Problem},
    request::ConsentState,
};
use tempfile::TempDir;

use crate::{
    browser::{CHALLENGE, authorize, parameter, required_only},
    process::{Running, header, program},
};

/// Copies the data directory onto a small disk, which it sees in its place, and runs the program.
const ON_A_SMALL_DISK: &str = r#"
cp -a "$SMALL" "$SMALL.copy" &&
mount -t tmpfs -o size=4m,mode=700 tmpfs "$SMALL" &&
cp -a "$SMALL.copy/." "$SMALL" &&
exec "$0" "$@"
"#;

/// A shell in a mount namespace of its own. None where the machine does not allow that.
fn namespace() -> Option<Command> {
    let mut options = vec!["--mount"];
    if !rustix::process::geteuid().is_root() {
        options.extend(["--user", "--map-root-user"]);
    }
    let mut command = Command::new("unshare");
    let may = command.args(&options).args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status();
    if !may.is_ok_and(|status| status.success()) {
        // Not by a macro, whose output the test runner keeps back.
        let _ = writeln!(std::io::stderr(), "not run: full_disk needs unshare and mount");
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(&options);
    Some(command)
}

/// The demo on a small disk.
struct Small {
    server: Running,
    cookie: String,
    /// The data directory, as the server sees it.
    disk: PathBuf,
    /// Holds the files from which the disk was made.
    _folder: TempDir,
}

impl Small {
    fn start() -> Option<Self> {
        let mut shell = namespace()?;
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        shell.env_remove("RUST_LOG").env("SMALL", &data);
        shell.args(["sh", "-c", ON_A_SMALL_DISK]).arg(program().get_program());
        let server = Running::start_with(shell, &data, &["--rate-limit", "0"]);
        let (head, _) = server.get("/demo/login?account=new", "");
        let cookie = header(&head, "set-cookie").split(';').next().unwrap().to_owned();
        let seen = data.strip_prefix("/").unwrap();
        let disk = PathBuf::from(format!("/proc/{}/root", server.child.id())).join(seen);
        Some(Self { server, cookie, disk, _folder: folder })
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut filler = File::create(self.filler()).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.disk.join("filler")
    }

    fn authorize(&self, service: &str, state: &str) -> (String, String) {
        let callback = format!("http://{}/demo/callback", self.server.address);
        let path = authorize(&[
            ("response_type", "code"),
            ("client_id", service),
            ("redirect_uri", &callback),
            ("state", state),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        self.server.get(&path, &self.cookie)
    }

    fn challenge(&self, service: &str) -> String {
        let (head, body) = self.authorize(service, "s");
        assert!(head.starts_with("HTTP/1.1 303"), "{head} {body}");
        header(&head, "location").strip_prefix("/consent/").unwrap().to_owned()
    }

    /// What would be sent to agree. Reads.
    fn decision(&self, challenge: &str) -> String {
        let (_, body) = self.server.get(&consent_path(challenge), &self.cookie);
        let Ok(ConsentState::Ask(request)) = ConsentState::from_json(&body) else {
            panic!("{body}")
        };
        serde_json::to_string(&required_only(&request)).unwrap()
    }

    fn decide(&self, challenge: &str, decision: &str) -> (String, String) {
        self.server.send(&format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{decision}",
            decision_path(challenge),
            self.server.address,
            self.cookie,
            decision.len(),
        ))
    }

    #[track_caller]
    fn recorded(&self, challenge: &str, decision: &str) -> Recorded {
        let (head, body) = self.decide(challenge, decision);
        assert!(head.starts_with("HTTP/1.1 200"), "{head} {body}");
        serde_json::from_str(&body).unwrap()
    }
}

#[test]
fn a_full_disk_is_named_loses_nothing_and_ends() {
    let Some(small) = Small::start() else { return };
    let before = small.challenge("demo-shop");
    let agreed = small.decision(&before);
    let recorded = small.recorded(&before, &agreed);
    let open = small.challenge("demo-travel");
    let decision = small.decision(&open);

    small.fill();
    // The files have some room inside that is not used yet.
    let refused = (0..10_000).map(|number| small.authorize("demo-travel", &number.to_string()));
    let (head, body) = refused.into_iter().find(|(head, _)| !head.contains(" 303 ")).unwrap();
    assert!(head.starts_with("HTTP/1.1 503"), "{head} {body}");
    assert!(header(&head, "content-type").starts_with("text/html"), "{head}");
    header(&head, "retry-after").parse::<u32>().unwrap();

    let (head, body) = small.decide(&open, &decision);
    assert!(head.starts_with("HTTP/1.1 503"), "{head} {body}");
    header(&head, "retry-after").parse::<u32>().unwrap();
    assert_eq!(Problem::from_json(&body).unwrap().code, Code::Unavailable);
    let (head, _) = small.server.get("/readyz", "");
    assert!(head.starts_with("HTTP/1.1 503"), "{head}");
    // What is read goes on, also that the other request was decided.
    assert_eq!(small.decision(&open), decision);
    let (head, _) = small.server.get(&consent_path(&before), &small.cookie);
    assert!(head.starts_with("HTTP/1.1 410"), "it was answered: {head}");

    small.make_room();
    assert_eq!(small.recorded(&before, &agreed).receipt_id, recorded.receipt_id);
    let after = small.recorded(&open, &decision);
    assert!(parameter(&after.redirect_to, "code").is_some(), "{after:?}");
    assert_ne!(after.receipt_id, recorded.receipt_id);
    let (head, _) = small.authorize("demo-shop", "s");
    assert!(header(&head, "location").contains("code="), "a member: {head}");
    let mut verify = program();
    verify.args(["receipts", "verify", "--data-dir"]).arg(&small.disk);
    let verified = verify.output().unwrap();
    assert!(verified.status.success(), "{verified:?}");
}
