//! The preview studio: its pages and files, what they may do, and that there is none unless asked for.

use std::{fs, num::NonZeroU32};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use tower::ServiceExt;

use consent_backend::Settings;

use crate::{
    browser::{Answer, Browser, ORIGIN, Server, a_minute},
    screen::{self, digest},
    shop::{SHOP, SIGN_IN, account},
};

const STUDIO_SCRIPT: &str = "import('/studio/studio-1a2b3c4d5e6f7890.js')";
const PREVIEW_SCRIPT: &str = "import('/studio/preview/preview-1a2b3c4d5e6f7890.js')";
const STYLE: &str = "main{}";
const FILE: &str = "/studio/preview/preview-1a2b3c4d5e6f7890_bg.wasm";

/// The demo with a built screen and a built studio.
async fn server() -> Server {
    limited(None).await
}

async fn limited(rate_limit: Option<NonZeroU32>) -> Server {
    built(Server::with(|settings| {
        settings.studio = Some(settings.dist.join("../studio"));
        settings.rate_limit = rate_limit;
    }))
    .await
}

async fn built(server: impl Future<Output = Server>) -> Server {
    let server = server.await;
    screen::build(&server);
    let directory = server.folder.path().join("studio");
    fs::create_dir_all(directory.join("preview")).unwrap();
    let page = |title: &str, script: &str| {
        format!(
            "<!doctype html><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>\
             <script>{script}</script><body></body>"
        )
    };
    for (name, content) in [
        ("index.html", page("the studio", STUDIO_SCRIPT).as_str()),
        ("studio-1a2b3c4d5e6f7890.js", "export default 1"),
        ("studio-1a2b3c4d5e6f7890.js.br", "brotli"),
        ("plain.css", "a{}"),
        ("preview/index.html", &page("the preview", PREVIEW_SCRIPT)),
        ("preview/index.html.br", "brotli"),
        ("preview/preview-1a2b3c4d5e6f7890_bg.wasm", "\0asm"),
    ] {
        fs::write(directory.join(name), content).unwrap();
    }
    server
}

async fn ask(browser: &mut Browser, path: &str, accept: &str) -> Answer {
    let request = Request::get(path).header("accept", accept).header("accept-language", "en");
    browser.send(request.body(Body::empty()).unwrap()).await
}

fn directive<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let policy = answer.header("content-security-policy");
    policy.split("; ").find_map(|it| it.strip_prefix(name)?.strip_prefix(' '))
}

#[tokio::test]
async fn a_preview_can_ask_for_nothing_but_its_own_files() {
    let server = server().await;
    for (path, script) in [("/studio/", STUDIO_SCRIPT), ("/studio/preview/", PREVIEW_SCRIPT)] {
        let page = server.browser().get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(directive(&page, "connect-src"), Some(&*format!("{ORIGIN}/studio/")));
        assert_eq!(directive(&page, "form-action"), Some("'none'"));
        let scripts = format!("'self' 'wasm-unsafe-eval' '{}'", digest(script));
        assert_eq!(directive(&page, "script-src"), Some(&*scripts));
        let styles = format!("'self' '{}'", digest(STYLE));
        assert_eq!(directive(&page, "style-src"), Some(&*styles));
        // A picture's address is asked with cookies: it must not be one that does something. One from disk
        // has no address.
        let pictures = format!("{ORIGIN}/studio/ {ORIGIN}/icons/ {ORIGIN}/icon.svg data:");
        assert_eq!(directive(&page, "img-src"), Some(&*pictures));
        for nothing in ["default-src", "font-src", "base-uri", "object-src"] {
            assert_eq!(directive(&page, nothing), Some("'none'"), "{path} {nothing}");
        }
        assert_eq!(page.header("x-robots-tag"), "noindex");
        assert_eq!(page.header("cache-control"), "no-cache");
        assert!(page.header("content-type").starts_with("text/html"));
    }
}

#[tokio::test]
async fn only_the_preview_stands_in_frames_and_only_in_ours() {
    let server = server().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let framing = |page: &Answer| {
        let of = |name| directive(page, name).map(str::to_owned);
        (of("frame-ancestors"), of("frame-src"))
    };
    let none = Some("'none'".to_owned());
    let preview = browser.get("/studio/preview/").await;
    assert_eq!(framing(&preview), (Some("'self'".to_owned()), None));
    let studio = browser.get("/studio/").await;
    assert_eq!(framing(&studio), (none.clone(), Some(format!("{ORIGIN}/studio/preview/"))));
    let consent = browser.get(&format!("/consent/{challenge}")).await;
    assert_eq!(directive(&consent, "img-src"), Some("'self'"), "no pictures from disk");
    for path in [&*format!("/consent/{challenge}"), "/demo", "/no/such/page", FILE] {
        let page = ask(&mut browser, path, "text/html").await;
        assert_eq!(framing(&page), (none.clone(), None), "{path}");
    }
}

#[tokio::test]
async fn its_pages_need_no_session() {
    let server = server().await;
    let mut browser = server.browser();
    browser.get("/demo/start?account=new&service=demo-shop&in_app=android").await;
    assert!(browser.get("/demo").await.text().contains("demo-bar"), "a messenger is spoofed");
    for has_database in [true, false] {
        if !has_database {
            server.app.close().await;
        }
        for path in ["/studio/", "/studio/preview/", "/studio/?at=cases%2Fsign-up", FILE] {
            let answer = ask(&mut browser, path, "text/html").await;
            assert_eq!(answer.status, StatusCode::OK, "{path}, database: {has_database}");
            assert!(!answer.headers.contains_key("set-cookie"), "{path}");
            assert!(!answer.text().contains("demo-bar"), "{path}");
        }
    }
}

/// A gallery loads dozens of frames at once.
#[tokio::test]
async fn a_rate_limited_client_still_sees_it() {
    let server = limited(a_minute(3)).await;
    let mut browser = server.browser_of("new").await;
    while browser.get("/demo").await.status != StatusCode::TOO_MANY_REQUESTS {}
    for path in ["/studio/", "/studio/preview/", FILE].repeat(20) {
        assert_eq!(browser.get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn every_place_of_its_router_leads_to_the_studio_s_page() {
    let server = server().await;
    let mut browser = server.browser();
    for (path, title) in [
        ("/studio/", "the studio"),
        ("/studio/?at=cases%2Fsign-up", "the studio"),
        ("/studio/preview/", "the preview"),
    ] {
        let page = ask(&mut browser, path, "text/html,*/*;q=0.8").await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text().contains(&format!("<title>{title}<")), "{path}: {}", page.text());
    }
    // A redirect keeps the fragment, which has the state.
    for (path, to) in [
        ("/studio/cases/sign-up", "/studio/?at=cases%2Fsign-up"),
        ("/studio/cases/sign-up/matrix", "/studio/?at=cases%2Fsign-up%2Fmatrix"),
        ("/studio/cases/own?draft=1a", "/studio/?at=cases%2Fown&draft=1a"),
        ("/studio/cases/a&b", "/studio/?at=cases%2Fa%26b"),
        ("/studio/theme?of=anything", "/studio/?at=theme&of=anything"),
    ] {
        let answer = ask(&mut browser, path, "text/html,*/*;q=0.8").await;
        assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT, "{path}");
        assert_eq!(answer.header("location"), to);
    }
    for (path, to) in [("/studio", "/studio/"), ("/studio/preview", "/studio/preview/")] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT, "{path}");
        assert_eq!(answer.header("location"), to);
    }
    let as_localhost = Request::get("/studio/cases/sign-up")
        .header("accept", "text/html")
        .header("host", "localhost:8080");
    let answer = browser.send(as_localhost.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.location(), format!("{ORIGIN}/studio/cases/sign-up"));
}

#[tokio::test]
async fn what_is_missing_is_not_found() {
    let server = server().await;
    let mut browser = server.browser();
    for (path, accept) in [
        ("/studio/index.html", "text/html"),
        ("/studio/index.html.br", "text/html"),
        ("/studio//index.html", "*/*"),
        ("/studio/preview/index.html", "text/html"),
        ("/studio/preview/%69ndex.html", "*/*"),
        ("/studio/preview/no-such-page", "text/html"),
        ("/studio/no-such.js", "*/*"),
        ("/studio/no-such.js", "text/html"),
        ("/studio/cases/sign-up", "*/*"),
        ("/studio/../data/consent.sqlite", "*/*"),
        ("/studio/..%2fdata%2fconsent.sqlite", "*/*"),
        ("/studios", "text/html"),
    ] {
        let answer = ask(&mut browser, path, accept).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text());
        assert_eq!(directive(&answer, "frame-ancestors"), Some("'none'"), "{path}");
        assert_eq!(answer.text().contains("<html"), accept == "text/html", "{path}");
    }
}

#[tokio::test]
async fn files_are_kept_by_their_names_and_come_compressed() {
    let server = server().await;
    let for_ever = "public, max-age=31536000, immutable";
    let script = "/studio/studio-1a2b3c4d5e6f7890.js";
    for (path, kept, media_type, body) in [
        (script, for_ever, "text/javascript", "brotli"),
        (FILE, for_ever, "application/wasm", "\0asm"),
        ("/studio/plain.css", "no-cache", "text/css", "a{}"),
    ] {
        let request = Request::get(path).header("accept-encoding", "br").body(Body::empty());
        let answer = server.browser().send(request.unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("cache-control"), kept, "{path}");
        assert!(answer.header("content-type").starts_with(media_type), "{path}");
        assert_eq!(answer.text(), body, "{path}");
    }
}

/// The folder has a `theme.css` for static hosts.
#[tokio::test]
async fn previews_have_the_theme_of_the_screen() {
    let server = server().await;
    fs::write(server.folder.path().join("studio/theme.css"), "a static host's{}").unwrap();
    let theme = server.browser().get("/studio/theme.css").await;
    assert_eq!((theme.status, theme.text()), (StatusCode::OK, ":root{}"));
    assert_eq!(theme.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn the_demo_leads_to_the_studio_that_is_there() {
    let link = "href=\"/studio/\"";
    let server = server().await;
    for (language, says) in
        [("ko", "미리보기 스튜디오"), ("en", "the preview studio"), ("ja", "プレビュースタジオ")]
    {
        let page = server.browser().get(&format!("/demo?lang={language}")).await;
        assert!(page.text().contains(link) && page.text().contains(says), "{}", page.text());
    }
    assert!(!Server::demo().await.browser().get("/demo").await.text().contains(link));
}

#[tokio::test]
async fn without_the_option_there_is_no_studio() {
    let server = Server::demo().await;
    screen::build(&server);
    for path in ["/studio", "/studio/", "/studio/preview/", "/studio/cases/sign-up", FILE] {
        let answer = ask(&mut server.browser(), path, "text/html").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// An answer of the admin listener.
async fn admin(
    server: &Server,
    path: &str,
    token: Option<&str>,
) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::get(path).header(header::HOST, "127.0.0.1:9090");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Body::empty()).unwrap();
    let answer = server.app.admin_router().oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (head.status, head.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_admin_listener_offers_the_services_to_its_studio() {
    const TOKEN: &str = "a-token-of-the-admin-api-0123456789";
    const SECRET: &str = "a-secret-of-the-shop-0123456789";
    let secret = format!("client_secret = \"{SECRET}\"\nclient_id");
    let shop = SHOP.replacen("client_id", &secret, 1);
    let toml = format!("{shop}{SIGN_IN}{}[admin]\ntoken = \"{TOKEN}\"\n", account("hana"));
    let server = built(async {
        let with_studios = |settings: &mut Settings| {
            settings.studio = Some(settings.dist.join("../studio"));
            settings.admin_studio.clone_from(&settings.studio);
        };
        Server::configured_with(&toml, with_studios).await.unwrap()
    })
    .await;
    let offer = "<meta name=\"server-services\" content=\"services.toml\">";
    let (status, headers, page) = admin(&server, "/studio/", None).await;
    assert_eq!((status, page.contains(offer)), (StatusCode::OK, true), "{page}");
    let policy = headers["content-security-policy"].to_str().unwrap();
    for part in [
        "connect-src http://127.0.0.1:9090/studio/;",
        "frame-src http://127.0.0.1:9090/studio/preview/;",
        &digest(STUDIO_SCRIPT),
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(admin(&server, FILE, None).await.0, StatusCode::OK);

    for token in [None, Some("another-token-of-the-admin-api-0123")] {
        let (status, _, body) = admin(&server, "/studio/services.toml", token).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
        assert!(!body.contains("client_id"), "{body}");
    }
    let (status, headers, file) = admin(&server, "/studio/services.toml", Some(TOKEN)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["content-type"], "application/toml");
    assert_eq!(headers["cache-control"], "no-store");
    let left_out = |secret: &str| (format!("\"{secret}\""), "\"(secret)\"");
    let expected = [SECRET, TOKEN]
        .map(left_out)
        .iter()
        .fold(toml, |toml, (secret, placeholder)| toml.replace(secret, placeholder));
    assert_eq!(file, expected);

    // The public listener offers nothing, also to who has the token.
    assert!(!server.browser().get("/studio/").await.text().contains(offer));
    let request = Request::get("/studio/services.toml");
    let request = request.header("authorization", format!("Bearer {TOKEN}"));
    let answer = server.browser().send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn each_listener_has_the_studio_that_was_asked_for() {
    let server = built(Server::with(|settings| {
        settings.admin_studio = Some(settings.dist.join("../studio"));
    }))
    .await;
    let (status, _, page) = admin(&server, "/studio/", None).await;
    // Without a token in the configuration there is nothing to offer.
    assert_eq!((status, page.contains("server-services")), (StatusCode::OK, false));
    assert_eq!(admin(&server, "/studio/services.toml", None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.browser().get("/studio/").await.status, StatusCode::NOT_FOUND);
    let public = self::server().await;
    assert_eq!(admin(&public, "/studio/", None).await.0, StatusCode::NOT_FOUND);
}
