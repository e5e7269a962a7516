//! Commands of an operator, recorded with `--audit-log`.

use std::{fs, process::Output};

use axum::{body::Body, extract::ConnectInfo, http::Request};
use serde_json::Value;

use super::lines::{check, parsed};
use crate::{
    browser::{PEER, Server},
    process::program,
    shop::SHOP,
};

const HEADERS: &str = "\n[sign_in]\naccount_header = \"x-account\"\n\
                       attribute_headers = { nickname = \"x-nickname\" }\n";

/// A server with the account `hana` in its database.
async fn server() -> Server {
    let server = Server::configured(&format!("{SHOP}{HEADERS}")).await.unwrap();
    let mut request = Request::get(
        "/oauth/authorize?response_type=code&client_id=shop\
         &redirect_uri=https%3A%2F%2Fshop.example%2Fcallback&code_challenge=\
         E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    )
    .header("x-account", "hana")
    .header("x-nickname", "Hana")
    .body(Body::empty())
    .unwrap();
    let peer = ConnectInfo::<std::net::SocketAddr>(PEER.parse().unwrap());
    request.extensions_mut().insert(peer);
    server.browser().send(request).await.challenge();
    server
}

fn run(server: &Server, arguments: &[&str]) -> Output {
    let folder = server.folder.path();
    let mut command = program();
    command.args(arguments).arg("--data-dir").arg(folder.join("data"));
    command.output().unwrap()
}

/// Runs a command with the audit log `commands.log`.
fn audited(server: &Server, arguments: &[&str]) -> Output {
    let log = server.folder.path().join("commands.log");
    run(server, &[arguments, &["--audit-log", log.to_str().unwrap()]].concat())
}

fn lines(server: &Server) -> Vec<Value> {
    let lines = parsed(&fs::read_to_string(server.folder.path().join("commands.log")).unwrap());
    lines.iter().for_each(check);
    lines
}

#[tokio::test]
async fn what_an_operator_does_is_recorded() {
    let server = server().await;
    for arguments in [
        &["accounts", "show", "hana"][..],
        &["accounts", "disable", "hana"],
        &["accounts", "enable", "hana"],
        &["accounts", "bind", "hana", "--issuer", "https://login.example", "--subject", "0001"],
        &["keys", "rotate", "--only", "id-tokens"],
        &["keys", "list"],
    ] {
        let output = audited(&server, arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
    let unknown = audited(&server, &["accounts", "disable", "nobody"]);
    assert_eq!(unknown.status.code(), Some(1));
    let services = server.folder.path().join("services.toml");
    let erase = ["erase", "hana", "--yes", "--services", services.to_str().unwrap()];
    assert!(audited(&server, &erase).status.success());

    let lines = lines(&server);
    let events: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(
        events,
        [
            "account_show",
            "account_disable",
            "account_enable",
            "account_bind",
            "key_rotate",
            "account_disable",
            "account_erase",
        ]
    );
    assert!(lines.iter().all(|line| line["actor"] == "operator"));
    assert_eq!((&lines[5]["outcome"], &lines[5]["reason"]), (&"failure".into(), &"unknown".into()));
    assert_eq!(lines[4]["purpose"], "id_tokens");
    let text = fs::read_to_string(server.folder.path().join("commands.log")).unwrap();
    for personal in ["hana", "Hana", "0001", "login.example", "nobody"] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }

    // The operator who has an id finds its lines, also those of the server.
    let name = run(&server, &["accounts", "audit-name", "hana"]);
    let name = String::from_utf8(name.stdout).unwrap();
    assert_eq!(lines[6]["account"], name.trim());
    let of_server = super::read(&server.app, server.folder.path());
    assert_eq!(
        (&of_server[0]["event"], &of_server[0]["account"]),
        (&"sign_in".into(), &name.trim().into())
    );
}

#[tokio::test]
async fn a_withdrawn_key_and_a_restore_are_recorded() {
    let server = server().await;
    let listed = run(&server, &["keys", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let is_of_tokens = |key: &&Value| key["purpose"] == "id-tokens" && key["state"] == "active";
    let kid = listed["keys"].as_array().unwrap().iter().find(is_of_tokens).unwrap()["kid"].clone();
    assert!(audited(&server, &["keys", "retire", kid.as_str().unwrap()]).status.success());
    let backup = server.folder.path().join("backup.sqlite");
    assert!(run(&server, &["backup", backup.to_str().unwrap()]).status.success());
    let (log, other) =
        (server.folder.path().join("commands.log"), server.folder.path().join("other"));
    let restored = program()
        .arg("restore")
        .arg(&backup)
        .arg("--data-dir")
        .arg(other)
        .arg("--audit-log")
        .arg(log)
        .output()
        .unwrap();
    assert!(restored.status.success(), "{restored:?}");
    let lines = lines(&server);
    assert_eq!((&lines[0]["event"], &lines[0]["kid"]), (&"key_retire".into(), &kid));
    assert_eq!(lines[1]["event"], "restore");
}

/// What cannot be recorded is not done.
#[tokio::test]
async fn a_command_whose_log_cannot_be_opened_does_nothing() {
    let server = server().await;
    let disabled = "SELECT count(*) FROM accounts WHERE disabled_at IS NOT NULL";
    for file in ["/no-such-directory/audit.log", "-"] {
        let output = run(&server, &["accounts", "disable", "hana", "--audit-log", file]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert_eq!(server.count(disabled).await, 0);
    }
}
