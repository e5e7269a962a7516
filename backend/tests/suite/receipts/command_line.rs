//! `consent-backend receipts` and `erase`.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use super::{data, published_keys, user_of};
use crate::browser::Server;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_consent-backend")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What it printed, with its status.
fn ran(arguments: &[&str]) -> (i32, String) {
    let output = run(arguments);
    let all = text(&output.stdout) + &text(&output.stderr);
    (output.status.code().unwrap(), all)
}

fn name(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn what_is_exported_verifies_and_what_was_changed_does_not() {
    let server = Server::demo().await;
    user_of(&server).await;
    let unsealed = server.folder.path().join("unsealed.json");
    let output = run(&["receipts", "export", "--data-dir", name(&data(&server))]);
    fs::write(&unsealed, &output.stdout).unwrap();
    let (status, said) = ran(&["receipts", "verify", name(&unsealed)]);
    assert_eq!(status, 3, "{said}");
    assert!(said.contains("is signed, not yet sealed") && said.contains("no faults"), "{said}");
    server.app.seal_receipts().await;
    let jwks = server.folder.path().join("jwks.json");
    fs::write(&jwks, serde_json::to_vec(&published_keys(&server).await).unwrap()).unwrap();
    let directory = data(&server);
    let export = |more: &[&str]| {
        let base = ["receipts", "export", "--data-dir", name(&directory)];
        let output = run(&[&base[..], more].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let file = server.folder.path().join("receipts.json");
    fs::write(&file, export(&[])).unwrap();
    let verify = ["receipts", "verify", name(&file), "--jwks", name(&jwks)];
    let (status, said) = ran(&verify);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("2 receipts verified") && said.contains("no faults"), "{said}");
    assert!(said.contains("demo-shop agree") && said.contains("demo-bookclub cancel"), "{said}");
    let (status, said) = ran(&verify[..3]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("without --jwks"), "{said}");

    let shop: Value = serde_json::from_str(&export(&["--service", "demo-shop"])).unwrap();
    assert_eq!(shop["receipts"].as_array().unwrap().len(), 1);
    let none: Value = serde_json::from_str(&export(&["--account", "unknown"])).unwrap();
    assert_eq!(none["receipts"].as_array().unwrap().len(), 0);
    let none: Value = serde_json::from_str(&export(&["--since", "2099-01-01T00:00:00Z"])).unwrap();
    assert_eq!(none["receipts"].as_array().unwrap().len(), 0);
    let iso: Value = serde_json::from_str(&export(&["--format", "iso27560"])).unwrap();
    assert_eq!(iso.as_array().unwrap().len(), 2);
    let kantara: Value = serde_json::from_str(&export(&["--format", "kantara"])).unwrap();
    assert_eq!(kantara.as_array().unwrap().len(), 1, "a cancel is no consent");

    let mut changed: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    changed["texts"][0]["title"] = Value::from("other");
    fs::write(&file, changed.to_string()).unwrap();
    let (status, said) = ran(&verify);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("FAULT texts[0]: "), "{said}");
}

#[tokio::test]
async fn a_whole_database_is_verified_beside_a_running_server() {
    let server = Server::demo().await;
    user_of(&server).await;
    server.app.seal_receipts().await;
    let directory = data(&server);
    let checkpoint = server.folder.path().join("checkpoint");
    let note = server.browser().get("/.well-known/consent-receipts/checkpoint").await;
    fs::write(&checkpoint, &note.body).unwrap();
    let verify =
        ["receipts", "verify", "--data-dir", name(&directory), "--checkpoint", name(&checkpoint)];
    let (status, said) = ran(&verify);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("2 signed receipts, 2 leaves in the log, 0 of them deleted"), "{said}");
    let pool = super::database(&server).await;
    for sql in ["DROP TRIGGER receipt_items_stay", "UPDATE receipt_items SET agreed = 1"] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    let (status, said) = ran(&verify);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("FAULT the trigger receipt_items_stay is missing"), "{said}");
    assert!(said.contains("its items were changed"), "{said}");
}

#[test]
fn what_cannot_be_done_is_refused_with_the_reason() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "{}").unwrap();
    let missing = folder.path().join("missing");
    for (arguments, expected) in [
        (vec!["receipts", "verify", name(&missing)], "missing: "),
        (vec!["receipts", "verify", name(&file)], "missing field"),
        (vec!["receipts", "verify", name(&file), "--jwks", name(&file)], "no JWKS"),
        (vec!["receipts", "verify"], "required"),
        (vec!["receipts", "verify", name(&file), "--checkpoint", name(&file)], "cannot be used"),
        (vec!["receipts", "verify", "--data-dir", name(&missing)], "there is no database"),
        (vec!["receipts", "export", "--data-dir", name(&missing)], "there is no database"),
        (vec!["receipts", "export", "--data-dir", "x", "--since", "today"], "expected a time"),
        (vec!["receipts", "export", "--data-dir", "x", "--format", "pdf"], "possible values"),
        (vec!["keys", "rotate", "--data-dir", name(&missing)], "there is no database"),
        (
            vec!["erase", "hana", "--yes", "--demo", "--data-dir", name(&missing)],
            "there is no database",
        ),
        (vec!["erase", "--yes", "--demo", "--data-dir", name(&missing)], "required"),
    ] {
        let (status, said) = ran(&arguments);
        assert_eq!(status, 2, "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    assert!(!missing.exists(), "nothing is made");
}

#[tokio::test]
async fn an_erasure_asks_and_names_what_stays() {
    let server = Server::demo().await;
    user_of(&server).await;
    let directory = data(&server);
    let erase = |answer: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_consent-backend"))
            .args(["erase", "new", "--demo", "--data-dir", name(&directory)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code().unwrap(), text(&output.stdout))
    };
    for answer in ["", "y\n", "yes\n", "other\n"] {
        assert_eq!(erase(answer), (1, "Nothing was erased.\n".to_owned()), "{answer:?}");
    }
    let links = "SELECT count(*) FROM links WHERE account = 'new'";
    assert_eq!(server.count(links).await, 1);
    let (status, said) = erase("new\n");
    assert_eq!(status, 0, "{said}");
    assert_eq!(server.count(links).await, 0);
    for expected in [
        "`new` was erased",
        "- sessions: 1",
        "- agreements, with typed values: ",
        "without a name: 4 receipts",
        "Services with a receipt of the erasure: demo-bookclub, demo-shop.",
        "remove it before the next start",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let (status, said) = ran(&["erase", "new", "--yes", "--demo", "--data-dir", name(&directory)]);
    assert_eq!((status, &*said), (1, "Nothing is known of `new`.\n"));
}
