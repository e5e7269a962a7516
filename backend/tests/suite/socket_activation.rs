//! A socket that a service manager holds, as systemd does: a restart loses no request.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    os::fd::OwnedFd,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::process::Running;

/// The demo on this socket, which it gets as systemd passes one: as file 3, with `LISTEN_FDS` and
/// `LISTEN_PID`. Its option `--listen` names another address, which must not count.
fn start_on(socket: &TcpListener, data: &Path, options: &[&str]) -> Running {
    Running::start_with(passing(socket.try_clone().unwrap().into()), data, options)
}

fn passing(socket: OwnedFd) -> Command {
    let mut shell = Command::new("sh");
    shell.env_remove("RUST_LOG").stdin(Stdio::from(socket)).args([
        "-c",
        "LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" \"$@\" 3<&0 </dev/null",
        env!("CARGO_BIN_EXE_consent-backend"),
    ]);
    shell
}

/// The status of an answer over a connection of its own.
fn status(address: SocketAddr, request: &str) -> Result<u16, String> {
    let said = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(address).map_err(said)?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).map_err(said)?;
    stream.write_all(request.as_bytes()).map_err(said)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(said)?;
    let status = answer.get(9..12).and_then(|status| status.parse().ok());
    status.ok_or_else(|| format!("no answer: {answer:?}"))
}

#[test]
fn a_restart_under_load_loses_no_request() {
    let folder = TempDir::new().unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let mut server = start_on(&socket, folder.path(), &["--drain", "0s"]);
    assert_eq!(server.address, address.to_string());
    let read = format!("GET /demo HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let write = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: 60\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n\
         grant_type=authorization_code&code=none&client_id=demo-shop&"
    );
    let (stop, answered) = (AtomicBool::new(false), AtomicU32::new(0));
    thread::scope(|scope| {
        let clients: Vec<_> = [(&read, 200), (&write, 401), (&read, 200), (&write, 401)]
            .into_iter()
            .map(|(request, expected)| {
                let (stop, answered) = (&stop, &answered);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        assert_eq!(status(address, request), Ok(expected));
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let some_more = || {
            let (before, start) = (answered.load(Ordering::Relaxed), Instant::now());
            while answered.load(Ordering::Relaxed) < before + 20 {
                let is_lost = clients.iter().any(thread::ScopedJoinHandle::is_finished);
                if is_lost || start.elapsed() > Duration::from_secs(20) {
                    return;
                }
                thread::sleep(Duration::from_millis(5));
            }
        };
        for _ in 0..5 {
            some_more();
            server.signal("TERM");
            assert!(server.ends().0.success());
            server = start_on(&socket, folder.path(), &["--drain", "0s"]);
        }
        some_more();
        stop.store(true, Ordering::Relaxed);
    });
    assert!(answered.into_inner() >= 120, "each of six processes answered");
}

#[test]
fn who_can_reach_the_passed_socket_decides_what_is_served() {
    let folder = TempDir::new().unwrap();
    let everywhere = TcpListener::bind("0.0.0.0:0").unwrap();
    let output = passing(everywhere.into())
        .args(["--demo", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("--demo"), "{errors}");
}

#[test]
fn a_file_that_is_no_socket_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = fs::File::create(folder.path().join("file")).unwrap();
    let output = passing(file.into()).args(["--demo"]).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("LISTEN_FDS"), "{errors}");
}
