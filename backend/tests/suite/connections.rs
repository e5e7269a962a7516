//! The program and clients that take their time: they keep it neither from answering others nor from
//! stopping.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::process::{Running, program};

/// The head of a request, and nothing after its third header.
const HALF: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ";

fn start(data: &Path, options: &[&str]) -> Running {
    Running::start_with(program(), data, options)
}

fn connect(server: &Running, sent: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
    stream.write_all(sent.as_bytes()).unwrap();
    stream
}

fn answer(mut stream: &TcpStream) -> String {
    let mut answer = String::new();
    // A reset ends it, too; what came before it counts.
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn is_healthy(server: &Running) -> bool {
    server.get("/healthz", "").0.starts_with("HTTP/1.1 200")
}

/// Waits until the server refuses connections.
#[track_caller]
fn accepts_no_more(server: &Running) {
    let start = Instant::now();
    while TcpStream::connect(&server.address).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(5), "it accepts connections");
        sleep(Duration::from_millis(10));
    }
}

/// Waits until the server drains.
#[track_caller]
fn is_unready(server: &Running) {
    let start = Instant::now();
    loop {
        let (head, _) = server.get("/readyz", "");
        if head.starts_with("HTTP/1.1 503") {
            return;
        }
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(start.elapsed() < Duration::from_secs(5), "it is ready");
        sleep(Duration::from_millis(10));
    }
}

/// A form of which the server waits for the last bytes.
fn unfinished(server: &Running) -> String {
    format!(
        "POST /oauth/token HTTP/1.1\r\nHost: {}\r\nContent-Length: 100\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type=",
        server.address
    )
}

#[test]
fn half_a_request_does_not_keep_it_from_stopping() {
    let folder = TempDir::new().unwrap();
    let mut server = start(folder.path(), &["--drain", "0s"]);
    let held: Vec<TcpStream> = ["", HALF, HALF].map(|sent| connect(&server, sent)).into();
    assert!(is_healthy(&server));
    server.signal("TERM");
    let (status, time) = server.ends();
    assert!(status.success() && time < Duration::from_secs(8), "{status} {time:?}");
    drop(held);
}

#[test]
fn a_request_in_flight_is_answered_before_it_stops() {
    let folder = TempDir::new().unwrap();
    let mut server = start(folder.path(), &["--drain", "0s"]);
    let mut stream = connect(&server, &unfinished(&server));
    assert!(is_healthy(&server));
    server.signal("TERM");
    accepts_no_more(&server);
    stream.write_all(&[b'x'; 89]).unwrap();
    let answer = answer(&stream);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let (status, time) = server.ends();
    assert!(status.success() && time < Duration::from_secs(8), "{status} {time:?}");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (first, second, drain) in
        [("TERM", "TERM", "0s"), ("INT", "INT", "0s"), ("TERM", "INT", "60s")]
    {
        let folder = TempDir::new().unwrap();
        let mut server = start(folder.path(), &["--drain", drain]);
        let stream = connect(&server, &unfinished(&server));
        assert!(is_healthy(&server));
        server.signal(first);
        match drain {
            "0s" => accepts_no_more(&server),
            _ => is_unready(&server),
        }
        assert!(server.child.try_wait().unwrap().is_none(), "a request is in flight");
        server.signal(second);
        let (_, time) = server.ends();
        assert!(time < Duration::from_secs(5), "{first} {second}: {time:?}");
        drop(stream);
    }
}

#[test]
fn it_is_not_ready_while_it_drains_and_still_answers() {
    let folder = TempDir::new().unwrap();
    let mut server = start(folder.path(), &["--drain", "2s"]);
    assert!(server.get("/readyz", "").0.starts_with("HTTP/1.1 200"));
    let start = Instant::now();
    server.signal("TERM");
    is_unready(&server);
    assert!(is_healthy(&server), "the process lives");
    assert!(server.get("/demo", "").0.starts_with("HTTP/1.1 200"), "and answers");
    let (status, _) = server.ends();
    assert!(status.success());
    assert!(start.elapsed() >= Duration::from_secs(2));
}

#[test]
fn a_hangup_does_not_end_it_and_is_logged() {
    let folder = TempDir::new().unwrap();
    let mut server = start(folder.path(), &["--drain", "0s"]);
    for _ in 0..2 {
        server.signal("HUP");
        sleep(Duration::from_millis(200));
        assert!(server.child.try_wait().unwrap().is_none(), "SIGHUP ended it");
        assert!(is_healthy(&server));
    }
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("SIGHUP") && log.contains("configuration is built in"), "{log}");
    server.signal("TERM");
    assert!(server.ends().0.success());
}

/// As many files as many systems allow, and more half-open connections than that.
#[test]
fn half_open_connections_do_not_keep_others_out() {
    let folder = TempDir::new().unwrap();
    let mut limited = Command::new("sh");
    limited.env_remove("RUST_LOG");
    limited.args([
        "-c",
        "ulimit -n 1024; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_consent-backend"),
    ]);
    let server = Running::start_with(limited, folder.path(), &[]);
    let mut held = Vec::new();
    for number in 0..1100 {
        // Connections that were closed to make room count for the client still.
        held.push(connect(&server, if number % 2 == 0 { HALF } else { "" }));
    }
    let start = Instant::now();
    assert!(is_healthy(&server));
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert_eq!(log.matches("too many connections").count(), 1, "{log}");
    assert!(log.contains("fewer connections than wanted"), "{log}");
    assert!(!log.contains("no connection can be accepted"), "{log}");
}

#[test]
fn connections_are_limited_and_the_limit_is_an_option() {
    let folder = TempDir::new().unwrap();
    let server = start(folder.path(), &["--max-connections", "8"]);
    // Two of one address may be in flight: there is nothing to give up for a third, until they stall.
    let held: Vec<TcpStream> = (0..40).map(|_| connect(&server, HALF)).collect();
    assert!(is_healthy(&server));
    let open = held
        .iter()
        .filter(|stream| {
            stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
            let mut stream = *stream;
            stream.read(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
        })
        .count();
    assert!(open <= 2, "{open} of one address are open");
    let (code, errors) = crate::process::fails(&["--demo", "--max-connections", "0"]);
    assert_eq!(code, Some(2), "{errors}");
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let folder = TempDir::new().unwrap();
    let server = start(folder.path(), &[]);
    let many: String = (0..200).map(|number| format!("X-{number}: x\r\n")).collect();
    for bomb in [format!("X-Long: {}\r\n", "x".repeat(1_000_000)), many] {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n{bomb}\r\n", server.address);
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // It need not take all of it.
        let _ = stream.write_all(request.as_bytes());
        let answer = answer(&stream);
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    assert!(is_healthy(&server));
}

#[test]
fn slow_heads_and_bodies_are_waited_for_no_longer_than_their_deadlines() {
    let folder = TempDir::new().unwrap();
    let server = start(folder.path(), &[]);
    let (head, body) = (connect(&server, HALF), connect(&server, &unfinished(&server)));
    let start = Instant::now();
    let dripping = body.try_clone().unwrap();
    std::thread::spawn(move || {
        for _ in 0..60 {
            let _ = (&dripping).write_all(b"x");
            sleep(Duration::from_secs(1));
        }
    });
    assert_eq!(answer(&head), "");
    assert!((9..14).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    let answer = answer(&body);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
    assert!(answer.contains("content-security-policy"), "as every answer: {answer}");
    assert!((14..19).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

#[test]
fn a_proxy_that_is_not_named_is_reported_once() {
    let folder = TempDir::new().unwrap();
    let server = start(folder.path(), &[]);
    let read_log = || fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(is_healthy(&server));
    assert!(!read_log().contains("--trusted-proxy"));
    for _ in 0..3 {
        let host = &server.address;
        server.send(&format!(
            "GET /healthz HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: 203.0.113.1\r\n\
             Connection: close\r\n\r\n"
        ));
    }
    assert_eq!(read_log().matches("--trusted-proxy").count(), 1, "{}", read_log());
    drop(server);

    let https = ["--demo-for-everyone", "--public-origin", "https://id.example"];
    for (options, warned) in [
        (&https[..], 1),
        (&[&https[..], &["--trusted-proxy", "127.0.0.1", "--trusted-proxy", "::1"]].concat(), 0),
    ] {
        let folder = TempDir::new().unwrap();
        let server = start(folder.path(), options);
        let log = fs::read_to_string(folder.path().join("log")).unwrap();
        assert_eq!(log.matches("--trusted-proxy").count(), warned, "{log}");
        drop(server);
    }
}

#[test]
fn wrong_options_are_refused_with_the_reason() {
    for (options, reason) in [
        (&["--trusted-proxy", "proxy.example"][..], "expected an address or a network"),
        (&["--trusted-proxy", "10.0.0.0/33"], "expected an address or a network"),
        (&["--drain", "1h"], "at most 10m"),
        (&["--drain", "soon"], "--drain"),
    ] {
        let (code, errors) = crate::process::fails(&[&["--demo"], options].concat());
        assert_eq!(code, Some(2), "{options:?}: {errors}");
        assert!(errors.contains(reason), "{options:?}: {errors}");
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    fs::write(&file, crate::shop::proxied(&[])).unwrap();
    let (code, errors) = crate::process::fails(&["--services", file.to_str().unwrap()]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("add --trusted-proxy"), "{errors}");
}
