//! `--audit-log` of the server: its file, SIGHUP, a full disk, standard output.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use serde_json::Value;
use tempfile::TempDir;

use super::lines::{check, parsed};
use crate::{
    database,
    process::{Running, eventually, fails, program},
};

/// The events of a file, once it has this many.
fn events(path: &Path, many: usize) -> Vec<String> {
    eventually(|| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let lines = (text.is_empty() || text.ends_with('\n')).then(|| parsed(&text))?;
        lines.iter().for_each(check);
        let name = |line: &Value| line["event"].as_str().unwrap().to_owned();
        (lines.len() >= many).then(|| lines.iter().map(name).collect())
    })
}

#[test]
fn a_file_that_logrotate_moved_is_opened_again() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("audit.log");
    let options = ["--audit-log", path.to_str().unwrap(), "--drain", "0s"];
    let mut server = Running::start_with(program(), folder.path(), &options);
    server.get("/demo/login?account=new", "");
    assert_eq!(events(&path, 2), ["server_start", "sign_in"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let moved = folder.path().join("audit.log.1");
    fs::rename(&path, &moved).unwrap();
    server.signal("HUP");
    // The demo's configuration cannot be read again, and that is recorded, too.
    assert_eq!(events(&path, 1), ["configuration_reload"]);
    server.get("/demo/login?account=returning", "");
    server.signal("TERM");
    assert!(server.ends().0.success());
    assert_eq!(events(&path, 3), ["configuration_reload", "sign_in", "server_stop"]);
    assert_eq!(events(&moved, 2), ["server_start", "sign_in"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_fails_no_request_and_is_counted() {
    let folder = TempDir::new().unwrap();
    let options = [
        "--audit-log",
        "/dev/full",
        "--admin-listen",
        "127.0.0.1:0",
        "--log-format",
        "json",
        "--drain",
        "0s",
    ];
    let mut server = Running::start_with(program(), folder.path(), &options);
    for _ in 0..5 {
        let (head, _) = server.get("/demo/login?account=new", "");
        assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    }
    let log = || {
        let text = fs::read_to_string(folder.path().join("log")).unwrap();
        text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).collect::<Vec<_>>()
    };
    let admin = log().iter().find(|it| it["message"] == "the admin listener").unwrap()["address"]
        .as_str()
        .unwrap()
        .to_owned();
    let public = std::mem::replace(&mut server.address, admin);
    eventually(|| {
        let (_, metrics) = server.get("/metrics", "");
        metrics.contains("consent_audit_lines_total{kind=\"lost\"} 6").then_some(())
    });
    server.address = public;
    let logged: Vec<_> = log()
        .into_iter()
        .filter(|it| it["message"].as_str().unwrap_or("").contains("audit"))
        .collect();
    assert_eq!(logged.len(), 1, "once for an outage, and not for each line: {logged:?}");
    assert_eq!(logged[0]["level"], "ERROR");
    server.signal("TERM");
    assert!(server.ends().0.success());
}

#[test]
fn standard_output_has_lines_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    database::prepare_demo(folder.path());
    let mut child = program()
        .args(["--demo", "--listen", "127.0.0.1:0", "--drain", "0s", "--audit-log", "-"])
        .arg("--data-dir")
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert_eq!(parsed(&format!("{first}\n"))[0]["event"], "server_start");
    let mut running = Running { child, address: String::new() };
    running.signal("TERM");
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(running.ends().0.success());
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert_eq!(parsed(&format!("{}\n", rest[0]))[0]["event"], "server_stop");
}

#[test]
fn a_file_that_cannot_be_opened_is_refused_at_the_start() {
    let (code, errors) = fails(&["--demo", "--audit-log", "/no-such-directory/audit.log"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("--audit-log"), "{errors}");
}
