//! Pages inside the program are served as those in directories are.

use std::{fs, path::Path};

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use consent_backend::BuiltFiles;
use include_dir::{Dir, DirEntry, File};
use tempfile::TempDir;

use crate::{
    browser::{Answer, Server},
    process::program,
    screen,
};

const SCRIPT: &str = "/consent-screen-1a2b3c4d5e6f7890.js";

/// What is in a directory, as `include_dir!` has it.
fn inside(directory: &Path) -> &'static Dir<'static> {
    fn entries(root: &Path, below: &Path) -> &'static [DirEntry<'static>] {
        let mut found = Vec::new();
        for entry in fs::read_dir(below).unwrap() {
            let path = entry.unwrap().path();
            let name: &'static str =
                path.strip_prefix(root).unwrap().to_str().unwrap().to_owned().leak();
            found.push(match path.is_dir() {
                true => DirEntry::Dir(Dir::new(name, entries(root, &path))),
                false => DirEntry::File(File::new(name, fs::read(&path).unwrap().leak())),
            });
        }
        found.leak()
    }
    Box::leak(Box::new(Dir::new("", entries(directory, directory))))
}

/// A built screen and studio.
fn built() -> TempDir {
    let folder = TempDir::new().unwrap();
    screen::build_in(folder.path());
    let texts = folder.path().join("dist/texts");
    fs::create_dir_all(&texts).unwrap();
    fs::write(texts.join("xx.json"), "{}").unwrap();
    fs::write(folder.path().join("dist/.made-from"), "0").unwrap();
    let preview = folder.path().join("studio/preview");
    fs::create_dir_all(&preview).unwrap();
    for page in ["studio/index.html", "studio/preview/index.html"] {
        fs::write(folder.path().join(page), "<!doctype html><title>it</title>").unwrap();
    }
    fs::write(preview.join("preview-1a2b3c4d5e6f7890.js"), "export default 1").unwrap();
    folder
}

async fn server(files: impl Fn(&str) -> BuiltFiles) -> Server {
    Server::with(|settings| {
        settings.dist = files("dist");
        settings.studio = Some(files("studio"));
    })
    .await
}

async fn ask(server: &Server, method: &Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("accept", "text/html");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

/// All but what belongs to one answer or to the time of a file.
fn comparable(headers: &HeaderMap) -> Vec<(String, String)> {
    let differ = ["date", "etag", "last-modified", "set-cookie", "x-request-id"];
    let all = headers.iter().filter(|(name, _)| !differ.contains(&name.as_str()));
    let mut all: Vec<_> =
        all.map(|(name, it)| (name.to_string(), it.to_str().unwrap().to_owned())).collect();
    all.sort();
    all
}

#[tokio::test]
async fn they_are_served_as_from_a_directory() {
    let folder = built();
    let on_disk = server(|name| folder.path().join(name).into()).await;
    let in_program = server(|name| BuiltFiles::inside(inside(&folder.path().join(name)))).await;
    let paths = [
        "/consent/any",
        SCRIPT,
        "/consent-screen-1a2b3c4d5e6f7890_bg.wasm",
        "/theme.css",
        "/icon.svg",
        "/texts/xx.json",
        "/texts",
        "/texts/",
        "/theme.css/",
        "/index.html",
        "/.made-from",
        "/..%2ftheme.css",
        "/no-such.js",
        "/studio/",
        "/studio/preview/",
        "/studio/preview/preview-1a2b3c4d5e6f7890.js",
        "/studio/no-such.js",
    ];
    let ways = [
        ("accept-encoding", "identity"),
        ("accept-encoding", "br"),
        ("accept-encoding", "br;q=0, gzip"),
        ("range", "bytes=1-3"),
        ("range", "bytes=1000-"),
        ("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ];
    let mut found = 0;
    for path in paths {
        for way in ways {
            for method in [Method::GET, Method::HEAD, Method::DELETE] {
                let expected = ask(&on_disk, &method, path, &[way]).await;
                let answer = ask(&in_program, &method, path, &[way]).await;
                assert_eq!(answer.status, expected.status, "{method} {path} {way:?}");
                let headers = comparable(&answer.headers);
                assert_eq!(headers, comparable(&expected.headers), "{method} {path} {way:?}");
                // The text of an error names the request. What is compressed for one answer differs
                // with the pieces in which it is read; its text is compared without compression.
                let is_as_built = !answer.headers.contains_key("content-encoding")
                    || answer.headers.contains_key("content-length");
                if answer.status.is_success() && path != "/consent/any" && is_as_built {
                    assert_eq!(answer.body, expected.body, "{method} {path} {way:?}");
                    found += 1;
                }
            }
        }
    }
    assert!(found > 60, "{found} answers with files");
}

#[tokio::test]
async fn a_file_that_did_not_change_is_not_sent_again() {
    let folder = built();
    let in_program = server(|name| BuiltFiles::inside(inside(&folder.path().join(name)))).await;
    let first = ask(&in_program, &Method::GET, "/theme.css", &[]).await;
    assert_eq!(first.status, StatusCode::OK);
    for (asks, from) in [("if-none-match", "etag"), ("if-modified-since", "last-modified")] {
        let headers = [(asks, first.header(from))];
        let again = ask(&in_program, &Method::GET, "/theme.css", &headers).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{asks}");
    }
}

#[test]
fn files_inside_are_found_by_name() {
    let folder = built();
    let files = BuiltFiles::inside(inside(&folder.path().join("dist")));
    assert_eq!(files.read_to_string("theme.css").unwrap(), ":root{}");
    assert!(files.read_to_string("texts").is_err());
    assert!(files.signature("theme.css").is_some_and(|(_, bytes)| bytes == 7));
    assert_eq!(files.signature("texts"), None);
    assert_eq!(files.join("texts").names(), ["xx.json"]);
    assert!(files.names().contains(&"index.html".to_owned()));
    assert_eq!(files.join("none").names(), [""; 0]);
    // Another place is another one for a cache.
    assert_ne!(files, files.join("texts"));
    assert_ne!(files, BuiltFiles::inside(inside(&folder.path().join("studio"))));
}

#[test]
fn they_are_written_to_a_new_directory_only() {
    let folder = built();
    let dist = folder.path().join("dist");
    let files = BuiltFiles::inside(inside(&dist));
    let target = folder.path().join("unpacked");
    assert!(files.unpack(&target).unwrap() > 5);
    for name in ["index.html", "texts/xx.json", "consent-screen-1a2b3c4d5e6f7890.js.br"] {
        assert_eq!(fs::read(target.join(name)).unwrap(), fs::read(dist.join(name)).unwrap());
    }
    assert!(!target.join(".made-from").exists());
    let again = files.unpack(&target).unwrap_err();
    assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
}

/// Without the feature `embedded-pages`, as tests are built.
#[test]
fn a_program_without_pages_explains_itself() {
    assert_eq!(BuiltFiles::embedded_screen(), None);
    let folder = TempDir::new().unwrap();
    let data = folder.path().to_str().unwrap();
    let start = ["--demo", "--listen", "127.0.0.1:0", "--data-dir", data, "--studio"];
    for (arguments, why) in [
        (&start[..], "there is no studio inside this program"),
        (&["unpack", "/no-such-place/x"], "there is no screen inside this program"),
    ] {
        let output = program().args(arguments).output().unwrap();
        assert!(!output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(why), "{output:?}");
    }
}
