//! The look of a service: which page has it, its policy, its files, and what is refused.

use std::fs;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use consent_backend::StartError;
use tempfile::TempDir;

use crate::{
    account::with_services,
    browser::{Answer, Browser, ORIGIN, Server, authorize, required_only},
    client::{code, request, services},
    form::RenderedPage,
    screen,
};

const LOOK: &str = r##"
[service.look]
light = { accent = "#6B2FF0", on_accent = "white" }
radius_s = "0"
"##;

/// What only the look of [`LOOK`] has.
const MARK: &str = "--accent:#6b2ff0;--on-accent:#ffffff;";

/// The services of the suite, where the shop has a look.
fn with_look(look: &str) -> String {
    let mut toml = services();
    let (next, _) = toml.match_indices("[[service]]").nth(1).unwrap();
    toml.insert_str(next, look);
    toml
}

async fn server() -> Server {
    with_services(&with_look(LOOK)).await
}

fn of(client_id: &str) -> String {
    authorize(&request(client_id, &format!("https://{client_id}.example/callback"), "openid"))
}

/// The look that a page has in it, which its policy allows.
fn look_of(answer: &Answer) -> Option<String> {
    let mut styles = answer.text().split("<style>").skip(1);
    let style = styles.find_map(|it| it.split("</style>").next().filter(|it| it.contains(MARK)))?;
    let policy = answer.header("content-security-policy");
    assert!(policy.contains(&format!("'{}'", screen::digest(style))), "{policy}");
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    Some(style.to_owned())
}

async fn has_look(browser: &mut Browser, path: &str, status: StatusCode) -> bool {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, status, "{path}: {}", answer.text());
    look_of(&answer).is_some()
}

#[tokio::test]
async fn the_consent_page_of_a_service_has_its_look() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let challenge = browser.get(&of("shop")).await.challenge();
    let page = browser.get(&format!("/consent/{challenge}")).await;
    let look = look_of(&page).expect("the look");
    // After every other sheet, so that it wins; before anything that is shown.
    let text = page.text();
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part}: {text}"));
    assert!(at("main{}") < at(MARK) && at(MARK) < at("</head>"), "{text}");
    assert!(look.contains("--radius-s:0") && look.contains("@media (prefers-color-scheme: dark)"));
    assert!(page.header("content-security-policy").contains("font-src 'none'"));
    // And the page that takes the form without the app.
    let page = RenderedPage::of(page);
    let again = page.form("#consent-form").press(&mut browser, "agree").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(look_of(&again).is_some());
    let form = page.form("#consent-form").tick("term:tos").tick("item:profile_nickname");
    let onward = form.press(&mut browser, "agree").await;
    assert!(onward.onward_with("code").is_some());
    assert!(look_of(&onward).is_some());

    let other = browser.get(&of("books")).await.challenge();
    assert!(!has_look(&mut browser, &format!("/consent/{other}"), StatusCode::OK).await);
}

#[tokio::test]
async fn the_account_pages_of_a_service_have_its_look() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    for client_id in ["shop", "books"] {
        code(&mut browser, client_id, "openid", &[]).await;
    }
    for (path, expected) in [
        ("/account/services/shop", true),
        ("/account/services/shop/leave", true),
        ("/account/services/books", false),
        ("/account", false),
        ("/account/sessions", false),
    ] {
        assert_eq!(has_look(&mut browser, path, StatusCode::OK).await, expected, "{path}");
    }
    let path = of("shop").replace("/oauth/authorize", "/auto-login");
    assert!(has_look(&mut browser, &path, StatusCode::OK).await);
}

#[tokio::test]
async fn the_page_of_an_error_has_the_look_where_it_knows_the_service() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let challenge = browser.get(&of("shop")).await.challenge();
    let asked = browser.asked(&challenge).await;
    browser.decide(&challenge, &required_only(&asked)).await;
    let decided = format!("/consent/{challenge}");
    assert!(has_look(&mut browser, &decided, StatusCode::GONE).await);
    // Another browser learns nothing of who asked.
    assert!(!has_look(&mut server.proxied("duri"), &decided, StatusCode::GONE).await);
    for (path, expected) in [
        ("/oauth/authorize?client_id=shop&response_type=code", true),
        ("/oauth/authorize?client_id=books&response_type=code", false),
        ("/oauth/authorize?client_id=none", false),
    ] {
        let found = has_look(&mut browser, path, StatusCode::BAD_REQUEST).await;
        assert_eq!(found, expected, "{path}");
    }
    for (path, expected) in [("/account/services/shop/text", true), ("/consent/none", false)] {
        let found = has_look(&mut browser, path, StatusCode::NOT_FOUND).await;
        assert_eq!(found, expected, "{path}");
    }
}

/// For a page that was not rendered with it.
#[tokio::test]
async fn the_sheet_is_at_an_address_that_never_changes() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let challenge = browser.get(&of("shop")).await.challenge();
    let rendered = browser.get(&format!("/consent/{challenge}")).await;
    let message = browser.read(&challenge).await;
    let link = message.header("link");
    let path = link.strip_prefix('<').and_then(|it| it.strip_suffix(">; rel=\"stylesheet\""));
    let path = path.unwrap_or_else(|| panic!("{link}"));
    let sheet = browser.get(path).await;
    assert_eq!(sheet.text(), look_of(&rendered).unwrap());
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(sheet.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(sheet.header("x-content-type-options"), "nosniff");
    let tag = sheet.header("etag").to_owned();
    for (known, status) in [(&*tag, 304), ("W/\"x\", *", 200), ("\"x\"", 200)] {
        let again = Request::get(path).header("if-none-match", known);
        let again = browser.send(again.body(Body::empty()).unwrap()).await;
        assert_eq!(again.status.as_u16(), status, "{known}");
    }
    for none in ["/look/none.css", "/look/none", &path.replace(".css", ".woff2")] {
        assert_eq!(browser.get(none).await.status, StatusCode::NOT_FOUND, "{none}");
    }
    let other = browser.get(&of("books")).await.challenge();
    assert!(!browser.read(&other).await.headers.contains_key("link"));
}

#[tokio::test]
async fn a_font_comes_from_this_origin() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("shop.woff2"), b"wOF2 and so on").unwrap();
    let look = "\n[service.look]\nfont = \"Shop Sans, sans-serif\"\nfont_file = \"shop.woff2\"\n";
    let server = Server::configured_in(folder, &with_look(look), ORIGIN).await.unwrap();
    screen::build(&server);
    screen::make_room(&server);
    let mut browser = server.proxied("hana");
    let challenge = browser.get(&of("shop")).await.challenge();
    let page = browser.get(&format!("/consent/{challenge}")).await;
    assert!(page.header("content-security-policy").contains("font-src 'self';"));
    let face = "@font-face{font-family:\"Shop Sans\";src:url(";
    let (_, url) = page.text().split_once(face).unwrap_or_else(|| panic!("{}", page.text()));
    let font = browser.get(url.split(')').next().unwrap()).await;
    assert_eq!(font.body, b"wOF2 and so on"[..]);
    assert_eq!(font.header("content-type"), "font/woff2");
    assert_eq!(font.header("cache-control"), "public, max-age=31536000, immutable");
    let other = browser.get(&of("books")).await.challenge();
    let page = browser.get(&format!("/consent/{other}")).await;
    assert!(page.header("content-security-policy").contains("font-src 'none';"));
}

async fn faults(look: &str) -> Vec<String> {
    match Server::configured(&with_look(look)).await {
        Err(StartError::Configuration(faults)) => faults
            .into_iter()
            .map(|it| format!("{}:{}: {}", it.line, it.column, it.reason))
            .collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

#[tokio::test]
async fn what_would_leave_its_declaration_is_refused() {
    let first = with_look("\n[service.look]\n").lines().position(|it| it == "[service.look]");
    let line = first.unwrap() + 2;
    for (look, fault) in [
        ("light.ink = \"red;}body{display:none}\"", "expected an opaque colour of CSS"),
        ("light.ink = \"url(https://x.example/)\"", "expected an opaque colour of CSS"),
        ("light.ink = \"</style><script>alert(1)</script>\"", "expected an opaque colour of CSS"),
        ("dark.ink = \"rgb(255 255 255 / 90%)\"", "expected an opaque colour of CSS"),
        ("radius_s = \"1px;}*{display:none}\"", "expected a length from 0 to 64px or 4rem"),
        ("radius_s = \"calc(100vw)\"", "expected a length from 0 to 64px or 4rem"),
        ("font = \"a;}*{display:none}\"", "expected names of fonts"),
        ("font = \"a\\\\\"", "expected names of fonts"),
        ("font = \"url(x)\"", "expected names of fonts"),
        ("light.acent = \"#000000\"", "unknown field `acent`: expected one of accent, on_accent"),
        ("light.radius_s = \"1px\"", "unknown field `radius_s`"),
        ("shadow = \"none\"", "unknown field `shadow`: expected one of font, font_ja"),
        ("light = \"#000000\"", "expected a table, found string"),
        ("light.ink = 0", "expected a string, found integer"),
        ("font_file = \"x.woff2\"", "`font_file` needs a `font` that begins with the name"),
        ("font = \"Shop\"\nfont_file = \"x.woff2\"", "font `x.woff2`: "),
    ] {
        let found = faults(&format!("\n[service.look]\n{look}\n")).await;
        assert!(found.len() == 1 && found[0].contains(fault), "{look}: {found:#?}");
        let lines = look.matches('\n').count();
        assert!(found[0].starts_with(&format!("{}:", line + lines)), "{found:?}");
    }
}

#[tokio::test]
async fn a_pair_that_cannot_be_read_is_refused_with_colours_that_can() {
    let look = |inside: &str| format!("\n[service.look]\n{inside}\n");
    // The other colour of the pair is the default.
    let found = faults(&look("light.accent = \"#6b2ff0\"")).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    let reason = "Agree button: `on_accent` #191600 on `accent` #6b2ff0 has 2.84:1 in the light scheme, and \
                  WCAG 1.4.3 needs 4.5:1; the nearest colour that passes is `on_accent = \"#";
    assert!(found[0].contains(reason), "{found:?}");
    // Each colour that is offered is good.
    for (key, keep) in [("accent", ""), ("on_accent", "\nlight.accent = \"#6b2ff0\"")] {
        let (_, offer) = found[0].split_once(&format!("`{key} = \"")).unwrap();
        let better = format!("light.{key} = \"{}\"{keep}", &offer[..7]);
        assert_eq!(faults(&look(&better)).await, [""; 0], "{better}");
    }
    for (inside, expected) in [
        ("dark.accent = \"#6b2ff0\"\ndark.on_accent = \"#ffffff\"", "WCAG 1.4.11 needs 3:1"),
        ("light.edge = \"#aaaaaa\"", "Checkbox edges: `edge` #aaaaaa on `paper` #ffffff"),
        ("dark.soft = \"#777777\"", "in the dark scheme"),
        ("light.icon = \"#cccccc\"", "Icon: `on_icon` #ffffff on `icon` #cccccc"),
    ] {
        let found = faults(&look(inside)).await;
        assert!(found.iter().any(|it| it.contains(expected)), "{inside}: {found:#?}");
    }
    // What follows from another fault is none.
    for inside in [
        "light.accent = \"#6b2ff0\"\nlight.on_acent = \"#ffffff\"",
        "light.accent = \"#6b2ff0\"\nlight.on_accent = \"wite\"",
    ] {
        let found = faults(&look(inside)).await;
        assert!(found.len() == 1 && found[0].contains("expected "), "{found:#?}");
    }
}

/// The pages are those of before.
#[tokio::test]
async fn a_look_that_sets_nothing_is_none() {
    for look in ["\n[service.look]\n", "\n[service.look]\nlight = { accent = \"#fee500\" }\n"] {
        let server = with_services(&with_look(look)).await;
        let mut browser = server.proxied("hana");
        let challenge = browser.get(&of("shop")).await.challenge();
        assert!(!browser.read(&challenge).await.headers.contains_key("link"));
        let page = browser.get(&format!("/consent/{challenge}")).await;
        assert!(!page.text().contains("--accent:"), "{}", page.text());
    }
}
