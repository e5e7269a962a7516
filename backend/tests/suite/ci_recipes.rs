//! The recipes of docs/CI.md: that the page has them as they are, and that they run.
//!
//! npm and pip install what the recipes need once, from lock files, into the cache directory of the
//! user where xtask keeps its tools.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use consent_backend::crypto;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    browser::{CHALLENGE, VERIFIER},
    process::{Running, program},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_consent-backend");

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

/// A directory in the cache of the user that `fill` has filled, for the content of a lock file.
fn cached(name: &str, lock: &str, fill: impl FnOnce(&Path)) -> PathBuf {
    let cache = directories::BaseDirs::new().unwrap().cache_dir().join("consent-screen/ci");
    let digest = crypto::content_name(lock.as_bytes());
    let directory = cache.join(format!("{name}-{digest}"));
    if !directory.exists() {
        fs::create_dir_all(&cache).unwrap();
        let unfinished = tempfile::Builder::new().tempdir_in(&cache).unwrap();
        fill(unfinished.path());
        match fs::rename(unfinished.keep(), &directory) {
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            result => result.unwrap(),
        }
    }
    directory
}

/// What `pip` installs, to be the `PYTHONPATH`.
fn python_packages() -> PathBuf {
    let lock = docs().join("ci/requirements.txt");
    // Compiled packages are for one version.
    let tag = "import sys; print(sys.implementation.cache_tag)";
    let tag = run(Command::new("python3").args(["-c", tag]));
    cached(tag.trim(), &recipe("requirements.txt"), |folder| {
        let options =
            ["-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:"];
        let mut pip = Command::new("python3");
        run(pip.args(options).arg("--target").arg(folder).arg("--requirement").arg(lock));
    })
}

/// Where `npm` installs to.
fn node_packages() -> PathBuf {
    cached("node", &recipe("package-lock.json"), |folder| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(docs().join("ci").join(file), folder.join(file)).unwrap();
        }
        let options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(Command::new("npm").args(options).current_dir(folder));
    })
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

#[test]
fn pytest_signs_in() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("test_login.py"), recipe("test_login.py")).unwrap();
    let output = run(Command::new("python3")
        .args(["-m", "pytest", "-p", "no:cacheprovider", "-v"])
        .current_dir(folder.path())
        .env("PYTHONPATH", python_packages())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("CONSENT_BACKEND", PROGRAM));
    assert!(output.contains("2 passed"), "{output}");
}

#[test]
fn vitest_signs_in() {
    let packages = node_packages();
    // Where Node finds them.
    let folder = tempfile::Builder::new().prefix("run-").tempdir_in(&packages).unwrap();
    fs::write(folder.path().join("login.test.js"), recipe("login.test.js")).unwrap();
    let output = run(Command::new("node")
        .arg(packages.join("node_modules/vitest/vitest.mjs"))
        .args(["run", "--reporter=verbose"])
        .current_dir(folder.path())
        .env("CONSENT_BACKEND", PROGRAM)
        .env("NO_COLOR", "1"));
    assert!(output.contains("2 passed"), "{output}");
}

/// A client that hard-codes the platform's addresses, in both languages.
#[test]
fn the_platform_s_host_names_are_led_to_the_server() {
    let folder = TempDir::new().unwrap();
    let tls = folder.path().join("tls");
    let server = Running::start_with(
        program(),
        &folder.path().join("data"),
        &["--tls-local", tls.to_str().unwrap(), "--public-origin", "https://127.0.0.1:4000"],
    );
    let port = server.address.rsplit_once(':').unwrap().1;
    let lead = format!(r#"{{"kauth.kakao.com:443":{port},"kapi.kakao.com:443":{port}}}"#);
    let ca = tls.join("ca.pem");
    let issuer = "https://127.0.0.1:4000";

    let script = folder.path().join("app.mjs");
    fs::write(
        &script,
        "import https from 'node:https';
         const path = '/.well-known/openid-configuration';
         const first = await (await fetch('https://kauth.kakao.com' + path)).json();
         const second = await new Promise((done, fail) => https.get('https://kapi.kakao.com' + path,
           (answer) => { let text = ''; answer.on('data', (part) => { text += part; });
             answer.on('end', () => done(JSON.parse(text))); }).on('error', fail));
         console.log(first.issuer, second.issuer);",
    )
    .unwrap();
    let said = run(Command::new("node")
        .arg("--import")
        .arg(docs().join("ci/lead.mjs"))
        .arg(&script)
        .env("LEAD", &lead)
        .env("NODE_EXTRA_CA_CERTS", &ca));
    assert_eq!(said.trim(), format!("{issuer} {issuer}"));

    let script = "import json, requests, urllib.request\n\
        path = '/.well-known/openid-configuration'\n\
        first = requests.get('https://kauth.kakao.com' + path).json()\n\
        second = json.load(urllib.request.urlopen('https://kapi.kakao.com' + path))\n\
        print(first['issuer'], second['issuer'])";
    let path = std::env::join_paths([docs().join("ci"), python_packages()]).unwrap();
    let said = run(Command::new("python3")
        .args(["-c", script])
        .env("PYTHONPATH", path)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("LEAD", &lead)
        .env("REQUESTS_CA_BUNDLE", &ca)
        .env("SSL_CERT_FILE", &ca));
    assert_eq!(said.trim(), format!("{issuer} {issuer}"));
}

#[test]
fn yaml_can_be_read() {
    let script = "import sys, yaml\nfor file in sys.argv[1:]: print(sorted(yaml.safe_load(open(file)), key=str))";
    let said = run(Command::new("python3")
        .args(["-c", script])
        .args(["github-actions.yml", "compose.yaml"])
        .current_dir(docs().join("ci"))
        .env("PYTHONPATH", python_packages())
        .env("PYTHONDONTWRITEBYTECODE", "1"));
    // YAML 1.1 reads `on` as true.
    assert_eq!(said, "[True, 'jobs', 'name']\n['services', 'volumes']\n");
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
