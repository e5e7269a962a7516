//! Secrets outside of services.toml, digests of client secrets, and changing from one to another.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Output, Stdio},
};

use axum::http::StatusCode;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    browser::{ORIGIN, Server},
    process::program,
    shop::SHOP,
};

const FORM: &str = "application/x-www-form-urlencoded";

fn shop(secret: &str) -> String {
    SHOP.replace("approved = true\n", &format!("approved = true\n{secret}\n"))
}

/// A server whose folder has the file `shop.secret`.
async fn server(secret: &str) -> Server {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("shop.secret"), "the-secret-of-a-file\n").unwrap();
    Server::configured_in(folder, &shop(secret), ORIGIN).await.unwrap()
}

/// Whether the shop authenticates with this secret.
async fn is_accepted(server: &Server, secret: &str) -> bool {
    let body = format!("client_id=shop&client_secret={secret}&token=none");
    let answer = server.browser().post("/oauth/introspect", FORM, body).await;
    match answer.status {
        StatusCode::OK => true,
        StatusCode::UNAUTHORIZED => {
            assert_eq!(answer.json::<Value>()["error"], "invalid_client");
            false
        }
        other => panic!("{other}: {}", answer.text()),
    }
}

/// SHA-256 in hexadecimal digits.
fn digest(secret: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

const MADE: &str = "the-secret-that-was-made-by-a-machine";

#[tokio::test]
async fn a_client_secret_is_read_from_a_file_or_compared_with_a_digest() {
    let by_digest = format!("client_secret = {{ sha256 = \"{}\" }}", digest(MADE));
    for (configured, good) in [
        ("client_secret = \"the-secret-in-the-clear\"", "the-secret-in-the-clear"),
        ("client_secret = { file = \"shop.secret\" }", "the-secret-of-a-file"),
        (&*by_digest, MADE),
    ] {
        let server = server(configured).await;
        assert!(is_accepted(&server, good).await, "{configured}");
        for wrong in ["another-secret-of-a-shop", &digest(MADE), "shop.secret"] {
            assert!(!is_accepted(&server, wrong).await, "{configured}: {wrong}");
        }
    }
}

#[tokio::test]
async fn a_secret_is_changed_without_an_outage() {
    let old = "client_secret = \"the-secret-of-before\"";
    let server = server(old).await;
    let file = server.folder.path().join("services.toml");
    let reload = async |secrets: &str| {
        fs::write(&file, shop(secrets)).unwrap();
        server.app.reload().await.unwrap();
        (is_accepted(&server, "the-secret-of-before").await, is_accepted(&server, MADE).await)
    };
    let new = format!("client_secret = {{ sha256 = \"{}\" }}", digest(MADE));
    assert_eq!(reload(old).await, (true, false));
    assert_eq!(reload(&format!("{new}\nprevious_{old}")).await, (true, true), "overlap");
    assert_eq!(reload(&new).await, (false, true));
}

/// What `--check` prints of a services.toml in this folder.
fn checked(folder: &Path, toml: &str, environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let services = folder.join("services.toml");
    fs::write(&services, toml).unwrap();
    let Output { status, stdout, stderr } = program()
        .env_remove("CREDENTIALS_DIRECTORY")
        .envs(environment.iter().copied())
        .args(["--check", "--services"])
        .arg(&services)
        .arg("--data-dir")
        .arg(folder.join("data"))
        .output()
        .unwrap();
    (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

/// Every secret of the file, each from somewhere else.
fn everywhere() -> String {
    let shop = shop("client_secret = { env = \"SHOP_SECRET\" }");
    let kakao = SHOP.replace("client_id = \"shop\"", "client_id = \"app\"\ndialect = \"kakao\"");
    let kakao = kakao.replace("\"가게", "\"앱");
    format!(
        "[guardian]\nmail_hook = \"https://mail.example/\"\n\
         mail_secret = {{ credential = \"mail\" }}\n\n{shop}\n[service.events]\n\
         url = \"https://shop.example/events\"\nauthorization_header = {{ file = \"events\" }}\n\n\
         {kakao}\n[service.kakao]\nadmin_key = {{ credential = \"admin\" }}\n\n[sign_in.oidc]\n\
         issuer = \"https://login.example\"\nclient_id = \"consent\"\n\
         client_secret = {{ env = \"PROVIDER_SECRET\" }}\n"
    )
}

#[test]
fn every_secret_comes_from_files_credentials_and_the_environment() {
    let folder = TempDir::new().unwrap();
    let credentials = TempDir::new().unwrap();
    fs::write(folder.path().join("events"), "Bearer of the receiver\n").unwrap();
    fs::write(credentials.path().join("mail"), "the-secret-of-the-mail\n").unwrap();
    fs::write(credentials.path().join("admin"), "the-key-of-the-admin\n").unwrap();
    let environment = [
        ("SHOP_SECRET", "the-secret-of-the-shop"),
        ("CREDENTIALS_DIRECTORY", credentials.path().to_str().unwrap()),
        ("PROVIDER_SECRET", "the-secret-of-this-server"),
    ];
    let (code, said) = checked(folder.path(), &everywhere(), &environment);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = checked(folder.path(), &everywhere(), &[]);
    assert_eq!(code, Some(2), "{said}");
    for expected in [
        "the environment variable `SHOP_SECRET` is not set",
        "`mail_secret`: the credential `mail` is not there",
        "`admin_key`: the credential `admin` is not there",
        "the environment variable `PROVIDER_SECRET` is not set",
        "4 faults",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    // A file is replaced by a short secret.
    let short = [("SHOP_SECRET", "short"), environment[1], environment[2]];
    let (code, said) = checked(folder.path(), &everywhere(), &short);
    assert!(code == Some(2) && said.contains("shorter than 16"), "{said}");
    assert!(!said.contains("`short`"), "{said}");
}

/// As the studio has the file of a server: see `consent_services::without_secrets`.
#[test]
fn a_secret_that_was_left_out_is_refused_everywhere() {
    let folder = TempDir::new().unwrap();
    let named = [
        "{ env = \"SHOP_SECRET\" }",
        "{ credential = \"mail\" }",
        "{ file = \"events\" }",
        "{ credential = \"admin\" }",
        "{ env = \"PROVIDER_SECRET\" }",
    ];
    let file = named.iter().fold(everywhere(), |file, named| file.replace(named, "\"hush\""));
    let file = format!("{file}\n[admin]\ntoken = \"hush\"\n");
    let (code, said) = checked(folder.path(), &consent_services::without_secrets(&file), &[]);
    assert_eq!(code, Some(2), "{said}");
    assert_eq!(said.matches("put the secret in the place of `(secret)`").count(), 6, "{said}");
}

#[test]
fn faults_have_a_place_and_show_no_secret() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("empty"), "\n").unwrap();
    fs::write(folder.path().join("short"), "hush-hush").unwrap();
    fs::write(folder.path().join("large"), "x".repeat(10_000)).unwrap();
    for (secret, expected) in [
        ("client_secret = { file = \"none\" }", "none: "),
        ("client_secret = { file = \"empty\" }", "empty is empty"),
        ("client_secret = { file = \"short\" }", "shorter than 16"),
        ("client_secret = { file = \"large\" }", "larger than 8192 bytes"),
        ("client_secret = { file = \"empty\", env = \"X\" }", "more than one source"),
        ("client_secret = {}", "expected a string, or a table with"),
        ("client_secret = { fiel = \"x\" }", "did you mean `file`?"),
        ("client_secret = { sha256 = \"hush-hush\" }", "64 hexadecimal digits"),
        ("client_secret = { credential = \"../x\" }", "is not the name of a credential"),
        ("client_secret = 7", "expected a string, or a table with"),
        ("previous_client_secret = \"the-secret-of-before\"", "needs a `client_secret`"),
        (
            "client_secret = \"hush-hush-hush-hush\"\nprevious_client_secret = \"hush-hush-hush-hush\"",
            "is the `client_secret`",
        ),
    ] {
        let (code, said) = checked(folder.path(), &shop(secret), &[]);
        assert_eq!(code, Some(2), "{secret}: {said}");
        assert!(said.contains(expected) && said.contains("services.toml:"), "{secret}: {said}");
        assert!(!said.contains("hush"), "{secret}: {said}");
        // What follows from the absence of the secret is no fault beside it.
        assert!(!said.contains("PKCE"), "{secret}: {said}");
    }
}

#[tokio::test]
async fn a_command_makes_secrets_and_their_digests() {
    let output = program().arg("client-secret").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    let (secret, entry) = (lines[1], *lines.last().unwrap());
    assert_eq!(secret.len(), 43, "{said}");
    let server = server(entry).await;
    assert!(is_accepted(&server, secret).await);
    let digest_of = |secret: &str| {
        let mut child = program()
            .args(["client-secret", "--stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(secret.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(digest_of(&format!("{secret}\n")), (0, format!("{entry}\n")));
    let (code, said) = digest_of("a-short-secret");
    assert!(code == 1 && said.contains("shorter than 32"), "{said}");
}
