//! The recipes of docs/CI.md: that the page has them as they are. The end-to-end tests run them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    browser::{CHALLENGE, VERIFIER},
    process::{Running, program},
};

/// The recipes, and how long each may be, in lines.
const RECIPES: [(&str, usize); 7] = [
    ("github-actions.yml", 30),
    ("compose.yaml", 30),
    ("test_login.py", 30),
    ("login.test.js", 30),
    ("LoginTest.java", 30),
    ("lead.mjs", 30),
    ("sitecustomize.py", 30),
];

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

fn recipe(name: &str) -> String {
    fs::read_to_string(docs().join("ci").join(name)).unwrap()
}

/// The output of a command that must succeed.
#[track_caller]
fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{stdout}\n{stderr}");
    stdout.into_owned()
}

#[test]
fn the_page_has_the_recipes_as_they_are() {
    let page = fs::read_to_string(docs().join("CI.md")).unwrap();
    for (name, longest) in RECIPES {
        let text = recipe(name);
        let lines = text.lines().count();
        assert!(lines <= longest, "{name} has {lines} lines");
        let (_, language) = name.rsplit_once('.').unwrap();
        let block = format!("```{language}\n{text}```\n");
        assert!(page.contains(&block), "docs/CI.md has another {name}");
        assert!(page.contains(&format!("(ci/{name})")), "docs/CI.md has no link to {name}");
    }
}

/// What cannot be run here cannot name what does not exist either.
#[test]
fn recipes_name_options_and_endpoints_that_exist() {
    let help = run(program().arg("--help"));
    let api = serde_json::to_value(consent_backend::api_doc::openapi()).unwrap();
    let mut options = BTreeSet::new();
    let mut endpoints = BTreeSet::new();
    for (name, _) in RECIPES {
        let text = recipe(name);
        for line in text.lines().filter(|line| line.contains("consent-backend ")) {
            let (_, after) = line.split_once("consent-backend ").unwrap();
            let words = after.split_whitespace().filter(|word| word.starts_with("--"));
            options.extend(words.map(str::to_owned));
        }
        for (at, _) in text.match_indices("/__test/") {
            let rest = &text[at..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"/_".contains(c));
            endpoints.insert(rest[..end.unwrap_or(rest.len())].to_owned());
        }
    }
    // `cargo install --locked --path backend`
    for option in options.iter().filter(|option| !["--locked", "--path"].contains(&&***option)) {
        assert!(
            help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")),
            "{option}"
        );
    }
    assert!(options.contains("--test-hooks") && options.contains("--tls-local"), "{options:?}");
    endpoints.remove("/__test/");
    for endpoint in &endpoints {
        assert!(api["paths"][endpoint].is_object(), "{endpoint}");
    }
    assert!(endpoints.contains("/__test/answer"), "{endpoints:?}");
}

/// The best of three: other tests run at the same time.
#[test]
fn from_start_to_a_signed_in_client_in_under_three_seconds() {
    let times: Vec<Duration> = (0..3).map(|_| sign_in_from_start()).collect();
    let best = times.iter().min().unwrap();
    println!("from start to a signed-in client: {best:?} ({times:?})");
    assert!(*best < Duration::from_secs(3), "{times:?}");
}

fn sign_in_from_start() -> Duration {
    let folder = TempDir::new().unwrap();
    let start = Instant::now();
    let server = Running::start_with(
        program(),
        folder.path(),
        &["--test-hooks", "--public-origin", "http://127.0.0.1:4000"],
    );
    let callback = "http%3A%2F%2F127.0.0.1%3A4000%2Fdemo%2Fcallback";
    let (head, _) = server.get(
        &format!(
            "/oauth/authorize?response_type=code&client_id=demo-shop&redirect_uri={callback}\
             &scope=openid&code_challenge={CHALLENGE}&code_challenge_method=S256\
             &login_hint=returning"
        ),
        "",
    );
    let code = head.split_once("code=").unwrap_or_else(|| panic!("{head}")).1;
    let code = code.split('&').next().unwrap();
    let form = format!(
        "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}&client_id=demo-shop\
         &client_secret=demo-shop-is-no-secret&redirect_uri={callback}"
    );
    let (_, body) = server.send(&format!(
        "POST /oauth/token HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        server.address,
        form.len(),
    ));
    let token: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{body}"));
    assert!(token["id_token"].is_string(), "{body}");
    start.elapsed()
}
