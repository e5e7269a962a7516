//! The recipes of docs/CI.md run, as they are in docs/ci.

use anyhow::{Context, Result};
use consent_e2e::packages::{from_npm, from_pypi, has_python, output};
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

fn recipes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ci")
}

fn backend() -> Result<OsString> {
    std::env::var_os("CONSENT_BACKEND").context("CONSENT_BACKEND is not set")
}

/// Whether there is a Python, which not every machine has.
fn can_run(test: &str) -> Result<bool> {
    if !has_python() {
        writeln!(std::io::stderr(), "not run: {test}: there is no Python with pip")?;
        return Ok(false);
    }
    Ok(true)
}

fn python() -> Result<Command> {
    let mut python = Command::new("python3");
    python
        .env("PYTHONPATH", from_pypi(&recipes().join("requirements.txt"))?)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("CONSENT_BACKEND", backend()?);
    Ok(python)
}

#[test]
fn pytest_signs_in() -> Result<()> {
    if !can_run("pytest")? {
        return Ok(());
    }
    let folder = TempDir::new()?;
    fs::copy(recipes().join("test_login.py"), folder.path().join("test_login.py"))?;
    let shown = output(
        python()?.args(["-m", "pytest", "-p", "no:cacheprovider", "-v"]).current_dir(folder.path()),
    )?;
    assert!(shown.contains("2 passed"), "{shown}");
    Ok(())
}

#[test]
fn vitest_signs_in() -> Result<()> {
    let folder = TempDir::new()?;
    for name in ["login.test.js", "package.json"] {
        fs::copy(recipes().join(name), folder.path().join(name))?;
    }
    let modules = from_npm(&recipes())?.join("node_modules");
    std::os::unix::fs::symlink(&modules, folder.path().join("node_modules"))?;
    let shown = output(
        Command::new("node")
            .arg(modules.join("vitest/vitest.mjs"))
            .args(["run", "--reporter=verbose"])
            .current_dir(folder.path())
            .env("CONSENT_BACKEND", backend()?)
            .env("NO_COLOR", "1"),
    )?;
    assert!(shown.contains("2 passed"), "{shown}");
    Ok(())
}

/// A server with a local authority. It ends when this is dropped.
struct TlsServer {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl TlsServer {
    fn start() -> Result<Self> {
        let folder = TempDir::new()?;
        let mut process = Command::new(backend()?)
            .args(["--demo", "--listen", "127.0.0.1:0", "--public-origin", ISSUER])
            .arg("--tls-local")
            .arg(folder.path().join("tls"))
            .arg("--data-dir")
            .arg(folder.path().join("data"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = process.stdout.take().context("its output was asked for")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = lines
            .find_map(|line| line.ok()?.strip_prefix("listening on https://").map(str::to_owned));
        let port = address.as_deref().and_then(|it| it.rsplit_once(':')?.1.parse().ok());
        // The pipe is read on, so that nothing that is written to it fails.
        std::thread::spawn(move || lines.for_each(drop));
        let port = port.with_context(|| format!("it does not listen: {address:?}"))?;
        Ok(Self { process, port, folder })
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("tls/ca.pem")
    }

    /// Where the platform's hosts lead, as the recipes read it.
    fn lead(&self) -> String {
        let port = self.port;
        format!(r#"{{"kauth.kakao.com:443":{port},"kapi.kakao.com:443":{port}}}"#)
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const ISSUER: &str = "https://127.0.0.1:4000";

/// A client that hard-codes the platform's addresses.
#[test]
fn node_is_led_from_the_platform_s_hosts_to_the_server() -> Result<()> {
    let server = TlsServer::start()?;
    let script = server.folder.path().join("app.mjs");
    fs::write(
        &script,
        "import https from 'node:https';
         const path = '/.well-known/openid-configuration';
         const first = await (await fetch('https://kauth.kakao.com' + path)).json();
         const second = await new Promise((done, fail) => https.get('https://kapi.kakao.com' + path,
           (answer) => { let text = ''; answer.on('data', (part) => { text += part; });
             answer.on('end', () => done(JSON.parse(text))); }).on('error', fail));
         console.log(first.issuer, second.issuer);",
    )?;
    let shown = output(
        Command::new("node")
            .arg("--import")
            .arg(recipes().join("lead.mjs"))
            .arg(&script)
            .env("LEAD", server.lead())
            .env("NODE_EXTRA_CA_CERTS", server.authority()),
    )?;
    assert_eq!(shown.trim(), format!("{ISSUER} {ISSUER}"));
    Ok(())
}

#[test]
fn python_is_led_from_the_platform_s_hosts_to_the_server() -> Result<()> {
    if !can_run("sitecustomize.py")? {
        return Ok(());
    }
    let server = TlsServer::start()?;
    let script = "import json, requests, urllib.request\n\
        path = '/.well-known/openid-configuration'\n\
        first = requests.get('https://kauth.kakao.com' + path).json()\n\
        second = json.load(urllib.request.urlopen('https://kapi.kakao.com' + path))\n\
        print(first['issuer'], second['issuer'])";
    let packages = from_pypi(&recipes().join("requirements.txt"))?;
    let shown = output(
        python()?
            .args(["-c", script])
            .env("PYTHONPATH", std::env::join_paths([recipes(), packages])?)
            .env("LEAD", server.lead())
            .env("REQUESTS_CA_BUNDLE", server.authority())
            .env("SSL_CERT_FILE", server.authority()),
    )?;
    assert_eq!(shown.trim(), format!("{ISSUER} {ISSUER}"));
    Ok(())
}

/// What cannot be run here can be read at least.
#[test]
fn yaml_can_be_read() -> Result<()> {
    if !can_run("YAML")? {
        return Ok(());
    }
    let script = "import sys, yaml\nfor file in sys.argv[1:]: print(sorted(yaml.safe_load(open(file)), key=str))";
    let shown = output(
        python()?
            .args(["-c", script])
            .args(["github-actions.yml", "compose.yaml"])
            .current_dir(recipes()),
    )?;
    // YAML 1.1 reads `on` as true.
    assert_eq!(shown, "[True, 'jobs', 'name']\n['services', 'volumes']\n");
    Ok(())
}
