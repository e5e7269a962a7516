//! Serving the built screen.

use std::{fs, path::Path};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::browser::{Answer, Server};

pub const SCRIPT: &str = "\n  import init from '/consent-screen-1a2b3c4d5e6f7890.js';\n  init();\n";
pub const STYLE: &str = "#cannot-start{display:none}";

pub fn digest(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    format!("sha256-{}", STANDARD.encode(digest))
}

/// Puts a built screen in its place, as Trunk would.
pub fn build(server: &Server) {
    build_in(server.folder.path());
}

/// The same in any folder, before a server starts there.
pub fn build_in(folder: &Path) {
    let dist = folder.join("dist");
    fs::create_dir_all(&dist).unwrap();
    let page = format!(
        "<!doctype html><link href=/screen-0011223344556677.css rel=stylesheet><style>{STYLE}</style>\
         <script type=module>{SCRIPT}</script><script src=/boot.js></script>"
    );
    for (name, content) in [
        ("index.html", page.as_bytes()),
        ("consent-screen-1a2b3c4d5e6f7890.js", b"export default 1"),
        ("consent-screen-1a2b3c4d5e6f7890.js.br", b"brotli"),
        ("consent-screen-1a2b3c4d5e6f7890.js.gz", b"gzip"),
        ("consent-screen-1a2b3c4d5e6f7890_bg.wasm", b"\0asm"),
        ("screen-0011223344556677.css", b"main{}"),
        ("theme.css", b":root{}"),
        ("icon.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
    ] {
        fs::write(dist.join(name), content).unwrap();
    }
}

/// The app's files, which the page of [`make_room`] loads ahead.
pub const APP_FILES: [&str; 2] =
    ["/screen-0011223344556677.js", "/screen-0011223344556677_bg.wasm"];

/// Gives the built screen an SSR outlet.
pub fn make_room(server: &Server) {
    let [js, wasm] = APP_FILES;
    let page = format!(
        "<!DOCTYPE html><html lang=ko><head><title>x</title>\
         <link href=/screen-0011223344556677.css rel=stylesheet>\
         <link rel=modulepreload href={js}><link rel=preload href={wasm} as=fetch>\
         <script type=module>{SCRIPT}</script></head><body><div id=app></div>\
         <div data-ssr-outlet id=shell>skeleton</div><div id=cannot-start>sorry</div></body></html>",
    );
    fs::write(server.folder.path().join("dist/index.html"), page).unwrap();
}

async fn get(server: &Server, path: &str, encoding: &str) -> Answer {
    let request = Request::get(path).header("accept-encoding", encoding);
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_page_is_never_kept_and_its_files_are_by_their_names() {
    let server = Server::demo().await;
    build(&server);
    for (path, kept, media_type) in [
        ("/consent/any", "no-store", "text/html"),
        (
            "/consent-screen-1a2b3c4d5e6f7890.js",
            "public, max-age=31536000, immutable",
            "text/javascript",
        ),
        (
            "/consent-screen-1a2b3c4d5e6f7890_bg.wasm",
            "public, max-age=31536000, immutable",
            "application/wasm",
        ),
        ("/screen-0011223344556677.css", "public, max-age=31536000, immutable", "text/css"),
        ("/theme.css", "no-cache", "text/css"),
        ("/icon.svg", "no-cache", "image/svg+xml"),
    ] {
        let answer = get(&server, path, "identity").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("cache-control"), kept, "{path}");
        assert!(answer.header("content-type").starts_with(media_type), "{path}");
        assert_eq!(answer.header("vary"), "accept-encoding");
    }
}

#[tokio::test]
async fn the_smallest_form_that_the_browser_reads_is_sent() {
    let server = Server::demo().await;
    build(&server);
    let script = "/consent-screen-1a2b3c4d5e6f7890.js";
    for (path, accepted, encoding, body) in [
        (script, "gzip, deflate, br", Some("br"), "brotli"),
        (script, "gzip", Some("gzip"), "gzip"),
        (script, "br;q=0, gzip", Some("gzip"), "gzip"),
        (script, "zstd", None, "export default 1"),
        ("/theme.css", "br", None, ":root{}"),
    ] {
        let answer = get(&server, path, accepted).await;
        assert_eq!(answer.text(), body, "{path} {accepted}");
        let found = answer.headers.get("content-encoding").map(|it| it.to_str().unwrap());
        assert_eq!(found, encoding, "{path} {accepted}");
    }
}

#[tokio::test]
async fn nothing_outside_of_the_screen_is_served() {
    let server = Server::demo().await;
    build(&server);
    for path in [
        "/index.html",
        "/index.html.br",
        "/../data/consent.sqlite",
        "/..%2fdata%2fconsent.sqlite",
        "/%2e%2e/data/consent.sqlite",
        "/data/consent.sqlite",
        "/no-such.js",
        "//etc/passwd",
    ] {
        let answer = get(&server, path, "br").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_missing_screen_is_explained() {
    let server = Server::demo().await;
    let request = Request::get("/consent/any")
        .header("accept", "text/html")
        .header("accept-language", "en")
        .body(Body::empty())
        .unwrap();
    let answer = server.browser().send(request).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text().contains("cargo xtask run"), "{}", answer.text());
}

#[tokio::test]
async fn our_own_pages_wear_the_screen_s_style() {
    let server = Server::demo().await;
    build(&server);
    let page = server.browser().get("/demo").await;
    let (screen, own) = ("href=\"/screen-0011223344556677.css\"", "href=\"/pages.css\"");
    let (screen, own) = (page.text().find(screen).unwrap(), page.text().find(own).unwrap());
    assert!(screen < own, "the later sheet decides");
    for path in ["/pages.css", "/demo/demo.css"] {
        assert!(server.browser().get(path).await.header("content-type").starts_with("text/css"));
    }
}
