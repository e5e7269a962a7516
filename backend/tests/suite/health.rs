//! `consent-backend health`.

use std::process::Output;

use tempfile::TempDir;

use crate::process::{Running, program};

fn ask(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } =
        program().arg("health").args(arguments).output().unwrap();
    let printed = [stdout, stderr].concat();
    (status.code(), String::from_utf8(printed).unwrap())
}

#[test]
fn a_server_is_asked_whether_it_is_ready() {
    let folder = TempDir::new().unwrap();
    let mut server = Running::start_with(program(), folder.path(), &["--drain", "10s"]);
    let url = |path: &str| format!("http://{}{path}", server.address);
    assert_eq!(ask(&[&url("/readyz")]), (Some(0), "ok\n".to_owned()));
    assert_eq!(ask(&[&url("/healthz"), "--wait", "5s"]), (Some(0), "ok\n".to_owned()));
    let (status, printed) = ask(&[&url("/no-such-page")]);
    assert_eq!(status, Some(1));
    assert!(printed.contains("404"), "{printed}");
    let ready = url("/readyz");
    server.signal("TERM");
    let draining = std::iter::repeat_with(|| ask(&[&ready])).find(|(status, _)| *status != Some(0));
    let (status, printed) = draining.unwrap();
    assert_eq!(status, Some(1));
    assert_eq!(printed, format!("{ready}: 503: draining\n"));
    // The second one ends it at once.
    server.signal("TERM");
    server.ends();
    assert_eq!(ask(&[&ready]).0, Some(1));
}

#[test]
fn only_a_plain_address_can_be_asked() {
    for url in ["https://id.example/readyz", "127.0.0.1:8080", "readyz"] {
        let (status, printed) = ask(&[url]);
        assert_eq!(status, Some(2), "{url}: {printed}");
    }
}

#[test]
fn it_waits_until_a_server_is_ready() {
    let folder = TempDir::new().unwrap();
    // A free port, for a server that comes later.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("127.0.0.1:{port}");
    let url = format!("http://{listen}/readyz");
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| ask(&[&url, "--wait", "30s"]));
        let server = Running::start_on(program(), folder.path(), &listen);
        assert_eq!(asked.join().unwrap(), (Some(0), "ok\n".to_owned()));
        drop(server);
    });
}
