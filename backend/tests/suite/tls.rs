//! `--tls-local`: https with a certificate authority of its own.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    sync::Arc,
    time::Duration,
};

use tempfile::TempDir;
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use crate::process::{Running, fails, program};

fn start(folder: &Path, options: &[&str]) -> Running {
    let tls = folder.join("tls");
    let options = [&["--tls-local", tls.to_str().unwrap()], options].concat();
    Running::start_with(program(), &folder.join("data"), &options)
}

/// What a client that trusts this authority reads from the server under a name.
fn ask(server: &Running, ca: &Path, name: &str, request: &str) -> Result<String, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn get(path: &str, host: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}

#[test]
fn every_name_of_the_certificate_is_served() {
    let folder = TempDir::new().unwrap();
    let server = start(
        folder.path(),
        &["--tls-name", "auth.localhost", "--public-origin", "https://127.0.0.1:4000"],
    );
    let ca = folder.path().join("tls/ca.pem");
    let port = server.address.rsplit_once(':').unwrap().1.to_owned();
    for name in
        ["localhost", "127.0.0.1", "::1", "kauth.kakao.com", "kapi.kakao.com", "auth.localhost"]
    {
        let host = if name == "::1" { "[::1]" } else { name };
        for host in [host.to_owned(), format!("{host}:{port}")] {
            let path = "/.well-known/openid-configuration";
            let answer = ask(&server, &ca, name, &get(path, &host)).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{name} {host}: {answer}");
            assert!(answer.contains(r#""issuer":"https://127.0.0.1:4000""#), "{answer}");
            assert!(answer.contains("strict-transport-security"), "{answer}");
        }
    }
    let answer = ask(&server, &ca, "localhost", &get("/demo", "evil.example")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    let error = ask(&server, &ca, "evil.example", &get("/demo", "localhost")).unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}

/// A name of this machine is as private as its address.
#[test]
fn test_hooks_are_there_under_a_name_of_the_certificate() {
    let folder = TempDir::new().unwrap();
    let options = ["--test-hooks", "--tls-name", "auth.localhost"];
    let origin = ["--public-origin", "https://auth.localhost:4000"];
    let server = start(folder.path(), &[&options[..], &origin].concat());
    let ca = folder.path().join("tls/ca.pem");
    let host = "auth.localhost:4000";
    let answer = ask(&server, &ca, "auth.localhost", &get("/__test/clock", host)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn without_it_the_platform_s_names_are_foreign() {
    let folder = TempDir::new().unwrap();
    let server = Running::start_with(program(), folder.path(), &[]);
    let (head, _) = server.send(&get("/demo", "kauth.kakao.com"));
    assert!(head.starts_with("HTTP/1.1 421"), "{head}");
}

/// Forms of a page that is open under another name of the certificate are our own.
#[test]
fn a_page_under_another_name_can_send_its_form() {
    let folder = TempDir::new().unwrap();
    let server = start(folder.path(), &["--public-origin", "https://127.0.0.1:4000"]);
    let ca = folder.path().join("tls/ca.pem");
    for (origin, expected) in [
        ("https://kauth.kakao.com", "303"),
        ("https://evil.example", "403"),
        ("http://kauth.kakao.com", "403"),
    ] {
        let body = "account=new&service=demo-shop";
        let request = format!(
            "POST /demo/reset HTTP/1.1\r\nHost: kauth.kakao.com\r\nOrigin: {origin}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        let answer = ask(&server, &ca, "kauth.kakao.com", &request).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{origin}: {answer}");
    }
}

#[test]
fn the_authority_is_kept_and_its_keys_are_private() {
    let folder = TempDir::new().unwrap();
    let ca = folder.path().join("tls/ca.pem");
    let server = start(folder.path(), &["--public-origin", "https://localhost:4000"]);
    let first = fs::read_to_string(&ca).unwrap();
    let certificate = fs::read_to_string(folder.path().join("tls/cert.pem")).unwrap();
    drop(server);
    let log = fs::read_to_string(folder.path().join("data/log")).unwrap();
    for how in ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "keytool"] {
        assert!(log.contains(how), "{log}");
    }
    assert!(!log.contains("reverse proxy"), "there is none: {log}");
    #[cfg(unix)]
    for (file, expected) in
        [("ca-key.pem", 0o600), ("key.pem", 0o600), ("ca.pem", 0o644), ("cert.pem", 0o644)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path().join("tls").join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, expected, "{file}");
    }
    let server = start(folder.path(), &["--public-origin", "https://localhost:4000"]);
    assert_eq!(fs::read_to_string(&ca).unwrap(), first);
    assert_ne!(fs::read_to_string(folder.path().join("tls/cert.pem")).unwrap(), certificate);
    // A client that trusted the first start trusts this one.
    let answer = ask(&server, &ca, "localhost", &get("/healthz", "localhost")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Anyone who reads the key can impersonate any site to clients that trust the authority.
#[cfg(unix)]
#[test]
fn an_authority_whose_key_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    drop(start(folder.path(), &["--public-origin", "https://localhost:4000"]));
    let tls = folder.path().join("tls");
    let key = tls.join("ca-key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let (code, errors) = fails(&["--demo", "--tls-local", tls.to_str().unwrap()]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains(&format!("chmod 600 {}", key.display())), "{errors}");
    assert!(errors.contains("delete the directory"), "{errors}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    start(folder.path(), &["--public-origin", "https://localhost:4000"]);
}

#[test]
fn what_is_no_tls_gets_no_answer() {
    let folder = TempDir::new().unwrap();
    let server = start(folder.path(), &["--public-origin", "https://localhost:4000"]);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(get("/healthz", "localhost").as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1"), "{answer:?}");
    // It keeps no one else waiting.
    let _silent = TcpStream::connect(&server.address).unwrap();
    let ca = folder.path().join("tls/ca.pem");
    let answer = ask(&server, &ca, "localhost", &get("/healthz", "localhost")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn bad_options_are_refused() {
    let folder = TempDir::new().unwrap();
    let tls = folder.path().join("tls");
    let tls = tls.to_str().unwrap();
    let with = |more: &[&str]| fails(&[&["--demo"], more].concat());
    let (code, errors) = with(&["--tls-name", "auth.localhost"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("--tls-local"), "{errors}");
    for name in ["Auth.localhost", "*.localhost", "127.0.0.2", "a b", ""] {
        let (code, _) = with(&["--tls-local", tls, "--tls-name", name]);
        assert_eq!(code, Some(2), "{name}");
    }
    let (code, errors) = with(&["--tls-local", tls, "--public-origin", "http://localhost:1"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("is not https"), "{errors}");
    fs::write(folder.path().join("tls/ca-key.pem"), "no key").unwrap();
    let (code, errors) = with(&["--tls-local", tls]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("--tls-local"), "{errors}");
}
