//! The program, as an operator starts it.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use tempfile::TempDir;

const GOOD: &str = "origin = \"http://127.0.0.1:8090\"\nissuer = \"http://127.0.0.1:8080\"\n\
                    client_id = \"a\"\nclient_secret = \"b\"\nadmin_key = \"c\"\napp_id = 1\n";

fn shop(folder: &TempDir, settings: &str) -> Command {
    let file = folder.path().join("shop.toml");
    fs::write(&file, settings).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_consent-shop"));
    command.arg("--settings").arg(file).args(["--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(folder.path().join("data")).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn it_names_its_address_when_it_is_ready() {
    let folder = TempDir::new().unwrap();
    let mut child = shop(&folder, GOOD).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
    assert!(folder.path().join("data/shop.sqlite").exists());
}

#[test]
fn faults_of_the_settings_stop_it_all_at_once() {
    let folder = TempDir::new().unwrap();
    let output = shop(&folder, "origin = \"nonsense\"\nclient = 1\n").output().unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    for key in ["origin:", "issuer:", "client_id:", "client:"] {
        assert!(error.contains(key), "{key} in {error}");
    }
}
