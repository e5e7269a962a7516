//! nginx with the configuration that docs/DEPLOYING.md gives, in front of a backend.

use crate::engine::{Process, cleanup, free_port};
use crate::product::Product;
use anyhow::{Context, Result, bail, ensure};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::task::JoinHandle;

/// The host in the documented configuration. Its certificate is made for the test.
pub const HOST: &str = "id.example";

/// Who serves the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// As the document says it in the first line of the file.
    Backend,
    Nginx,
}

impl Page {
    fn documented(self) -> &'static str {
        match self {
            Self::Backend => "the backend serves the page",
            Self::Nginx => "nginx serves the page",
        }
    }
}

/// A backend behind nginx, and a login application beside it. All of it ends when this is dropped.
pub struct Site {
    /// `https://id.example:41234`.
    pub origin: String,
    port: u16,
    plain_port: u16,
    folder: TempDir,
    product: Product,
    _nginx: Process,
    login: JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.login.abort();
    }
}

impl Site {
    /// Starts all of it with these services, in which `account_header` is `x-account`, and with files
    /// beside them.
    ///
    /// # Errors
    /// When nginx does not take the configuration, or something does not start.
    pub async fn start(page: Page, services: &str, files: &[(&str, &[u8])]) -> Result<Self> {
        let folder = tempfile::tempdir_in(cleanup::folder()?)?;
        let root = folder.path();
        for directory in ["etc/conf.d", "etc/snippets", "ssl", "log", "data", "temporary"] {
            fs::create_dir_all(root.join(directory))?;
        }
        let (port, plain_port, spare) = (free_port()?, free_port()?, free_port()?);
        let origin = format!("https://{HOST}:{port}");
        let file = root.join("services.toml");
        fs::write(&file, services)?;
        for (name, content) in files {
            fs::write(root.join(name), content)?;
        }
        let mut options = vec!["--services".to_owned(), file.to_string_lossy().into_owned()];
        options.extend(["--trusted-proxy", "127.0.0.1"].map(str::to_owned));
        let product = Product::start(&origin, &root.join("data"), true, &options).await?;
        let (login, login_address) = login_application().await?;
        certificate(&root.join("ssl")).await?;

        let dist = env::var("CONSENT_DIST").context("CONSENT_DIST is not set")?;
        let place = |path: &str| root.join(path).to_string_lossy().into_owned();
        // The table of the document, in the order in which it must be done.
        let yours = [
            ("[::]:443", format!("127.0.0.1:{}", free_port()?)),
            ("[::]:80", format!("127.0.0.1:{spare}")),
            ("listen 443", format!("listen 127.0.0.1:{port}")),
            ("listen 80", format!("listen 127.0.0.1:{plain_port}")),
            ("127.0.0.1:8080", product.address().to_owned()),
            ("127.0.0.1:9000", login_address),
            ("/var/www/consent", dist.clone()),
            ("/etc/ssl/consent", place("ssl")),
            ("/etc/nginx", place("etc")),
            ("/var/log/nginx", place("log")),
        ];
        for (path, about) in [
            ("/etc/nginx/conf.d/consent.conf", ""),
            ("/etc/nginx/snippets/consent-backend.conf", ""),
            ("/etc/nginx/snippets/consent-screen.conf", page.documented()),
        ] {
            let mut text = documented(path, about)?;
            for (from, to) in &yours {
                text = text.replace(from, to);
            }
            fs::write(path.replace("/etc/nginx", &place("etc")), text)?;
        }
        fs::write(root.join("etc/snippets/consent-policy.conf"), policy(&dist).await?)?;
        fs::write(root.join("etc/nginx.conf"), main_configuration(root).await?)?;

        check(root).await?;
        let nginx = Process::start(nginx(root, &[]).into_std())?;
        let site = Self { origin, port, plain_port, folder, product, _nginx: nginx, login };
        site.is_there().await?;
        Ok(site)
    }

    /// The directory of the backend's database.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What nginx wrote about requests.
    ///
    /// # Errors
    /// When there is no log.
    pub fn access_log(&self) -> Result<String> {
        Ok(fs::read_to_string(self.folder.path().join("log/consent.log"))?)
    }

    /// Ends the backend; nginx stays.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub async fn end_backend(&mut self) -> Result<()> {
        self.product.kill().await
    }

    /// The address for a path where nginx speaks plain HTTP.
    #[must_use]
    pub fn plain(&self, path: &str) -> String {
        format!("http://{HOST}:{}{path}", self.plain_port)
    }

    /// A client with cookies of its own, which trusts the certificate of this site only.
    #[must_use]
    pub fn client(&self, name: &str) -> Client<'_> {
        Client { site: self, cookies: self.folder.path().join(format!("cookies-{name}")) }
    }

    async fn is_there(&self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.is_err() {
            if Instant::now() > deadline {
                let log = fs::read_to_string(self.folder.path().join("log/error.log"));
                bail!("nginx does not listen: {}", log.unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header that must be there once.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let values: Vec<_> = self.headers.iter().filter(|(key, _)| key == name).collect();
        assert_eq!(values.len(), 1, "{name} is there {} times: {:#?}", values.len(), self.headers);
        &values[0].1
    }

    /// Whether a header is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(key, _)| key == name)
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// curl, with a cookie jar.
pub struct Client<'a> {
    site: &'a Site,
    cookies: PathBuf,
}

impl Client<'_> {
    /// Sends a request with further arguments of curl, `["--data", "a=b"]`.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(&self, address: &str, arguments: &[&str]) -> Result<Answer> {
        let address = match address.starts_with('/') {
            true => format!("{}{address}", self.site.origin),
            false => address.to_owned(),
        };
        let folder = self.site.folder.path();
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--max-time", "20", "--include", "--http1.1"]);
        curl.arg("--cacert").arg(folder.join("ssl/fullchain.pem"));
        for port in [self.site.port, self.site.plain_port] {
            curl.arg("--resolve").arg(format!("{HOST}:{port}:127.0.0.1"));
        }
        curl.arg("--cookie").arg(&self.cookies).arg("--cookie-jar").arg(&self.cookies);
        let output = curl.args(arguments).arg(&address).kill_on_drop(true).output().await;
        let output = output.context("cannot start curl")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{address}: {errors}");
        read(&output.stdout).with_context(|| format!("{address} is answered with no HTTP"))
    }

    /// A cookie of the login application: who is signed in there.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub fn signs_in(&self, account: &str) -> Result<()> {
        let line = format!("{HOST}\tFALSE\t/\tTRUE\t0\tlogin\t{account}\n");
        Ok(fs::write(&self.cookies, format!("# Netscape HTTP Cookie File\n{line}"))?)
    }
}

fn read(output: &[u8]) -> Option<Answer> {
    let end = output.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&output[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers = lines.filter_map(header).collect();
    Some(Answer { status, headers, body: output[end + 4..].to_vec() })
}

/// The text of a file in the document: the block whose first line names it.
///
/// # Errors
/// When there is not one such block.
pub fn documented(path: &str, about: &str) -> Result<String> {
    let document = include_str!("../../docs/DEPLOYING.md");
    let named = if about.is_empty() { format!("# {path}") } else { format!("# {path}: {about}") };
    let blocks: Vec<&str> = document
        .split("```nginx\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```").map(|(block, _)| block))
        .filter(|block| block.lines().next() == Some(&named))
        .collect();
    match blocks[..] {
        [block] => Ok(format!("{block}\n")),
        _ => bail!("docs/DEPLOYING.md has {} blocks that begin with {named:?}", blocks.len()),
    }
}

/// As the document says: the policy of this build, as a line for nginx.
async fn policy(dist: &str) -> Result<String> {
    let backend = env::var_os("CONSENT_BACKEND").context("CONSENT_BACKEND is not set")?;
    let output = Command::new(backend).args(["page-policy", "--dist", dist]).output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let policy = String::from_utf8(output.stdout)?;
    Ok(format!("add_header Content-Security-Policy \"{}\" always;\n", policy.trim_end()))
}

fn program() -> OsString {
    env::var_os("CONSENT_NGINX").unwrap_or_else(|| "nginx".into())
}

fn nginx(root: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.arg("-p").arg(root).arg("-c").arg(root.join("etc/nginx.conf"));
    // Before it has read where its own log is.
    command.arg("-e").arg(root.join("log/error.log")).args(more);
    command
}

/// Whether nginx takes the configuration without a warning.
async fn check(root: &Path) -> Result<()> {
    let output = nginx(root, &["-t"]).output().await.context("cannot start nginx")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let is_good = output.status.success() && !said.contains("[warn]");
    ensure!(is_good, "nginx does not take the configuration of docs/DEPLOYING.md: {said}");
    Ok(())
}

/// What a distribution's nginx.conf says around the documented files: here in a place of its own,
/// and as one process, which ends when it is ended.
async fn main_configuration(root: &Path) -> Result<String> {
    let said = Command::new(program()).arg("-V").output().await.context("cannot start nginx")?;
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    let installed = said
        .split_whitespace()
        .find_map(|word| word.strip_prefix("--conf-path="))
        .context("nginx does not say where its configuration is")?;
    let types = Path::new(installed).with_file_name("mime.types");
    let root = root.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("    {kind}_temp_path {root}/temporary/{kind};\n"))
        .concat();
    Ok(format!(
        "daemon off;\nmaster_process off;\npid {root}/nginx.pid;\nerror_log {root}/log/error.log;\n\
         events {{}}\nhttp {{\n    include {};\n    default_type application/octet-stream;\n\
         {temporary}    include {root}/etc/conf.d/*.conf;\n}}\n",
        types.display()
    ))
}

/// A certificate of this host that signs itself.
async fn certificate(folder: &Path) -> Result<()> {
    let name = format!("subjectAltName=DNS:{HOST}");
    let mut openssl = Command::new("openssl");
    openssl
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=id.example", "-addext", &name, "-keyout"])
        .arg(folder.join("privkey.pem"))
        .arg("-out")
        .arg(folder.join("fullchain.pem"));
    let output = openssl.output().await.context("cannot start openssl")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The operator's login application: its cookie `login` names who is signed in.
async fn login_application() -> Result<(JoinHandle<()>, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?.to_string();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                // A connection that ends early is the test's own end.
                let _ = who_is_there(stream).await;
            });
        }
    });
    Ok((task, address))
}

async fn who_is_there(mut stream: TcpStream) -> Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|four| four == b"\r\n\r\n") {
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece).await?;
        ensure!(length > 0, "the request ends early");
        request.extend_from_slice(&piece[..length]);
    }
    let request = String::from_utf8_lossy(&request);
    ensure!(request.starts_with("GET /session "), "{request}");
    let cookies = request.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("cookie").then_some(value)
    });
    let account = cookies
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix("login="))
        .map(|account| format!("X-Account: {account}\r\n"))
        .unwrap_or_default();
    let answer = format!("HTTP/1.1 204 No Content\r\n{account}Connection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await?;
    Ok(())
}
