//! The server's own pages in the studio: `fixtures/server_pages/{language}/{name}.html` are recorded
//! from the demo, and no file is older than its page.

use std::{fs, path::Path};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use consent_contract::page_path;

use crate::{
    browser::{Browser, Server, service},
    form::{Form, RenderedPage},
    screen,
};

/// Set to anything to write the pages instead of comparing them.
const UPDATE: &str = "UPDATE_DOCS";

const LANGUAGES: [&str; 3] = ["ko", "en", "ja"];

const DAY: i64 = 24 * 60 * 60;

const MESSENGER: &str = "Mozilla/5.0 (Linux; Android 14; wv) KAKAOTALK/10.8.3 (INAPP)";

/// Tokens differ in each run.
fn without_tokens(html: &str) -> String {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_token = |run: &str| {
        run.len() >= 20
            && run.contains(|c: char| c.is_ascii_digit())
            && run.contains(|c: char| c.is_ascii_uppercase())
    };
    let mut text = String::new();
    for part in html.split_inclusive(|c: char| !is_of_token(c)) {
        let run = part.trim_end_matches(|c: char| !is_of_token(c));
        text += if is_token(run) { "token" } else { run };
        text += &part[run.len()..];
    }
    text
}

/// Pages in one language.
struct Recorder {
    language: &'static str,
    pages: Vec<(&'static str, String)>,
}

impl Recorder {
    fn record(&mut self, name: &'static str, status: StatusCode, page: &RenderedPage) {
        assert_eq!(page.answer.status, status, "{name}: {}", page.answer.text());
        let main = scraper::Selector::parse("main").unwrap();
        let main = page.html.select(&main).next().unwrap_or_else(|| panic!("{name} has no main"));
        self.pages.push((name, without_tokens(&main.html())));
    }

    fn browser(&self, mut browser: Browser) -> Browser {
        browser.language = Some(self.language);
        browser
    }
}

async fn asked(browser: &mut Browser) -> RenderedPage {
    RenderedPage::of(browser.authorize(&service("demo-bookclub")).await)
}

/// The link of the demo, after the child has asked.
async fn link(child: &mut Browser) -> String {
    asked(child).await.form("form").write("email", "mina@example.com").send(child).await;
    let links = asked(child).await.attributes("a.way", "href");
    let link = links.iter().find(|it| it.contains("/guardian/")).expect("the demo shows it");
    link.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned()
}

fn agreed(page: &RenderedPage) -> Form {
    let form = page.form("#consent-form").tick("term:tos").tick("item:profile_nickname");
    form.write("guardian_name", "김미나").tick("confirmed")
}

async fn record_guardian(recorder: &mut Recorder) {
    let ok = StatusCode::OK;
    let server = Server::demo().await;
    screen::build(&server);
    screen::make_room(&server);
    let mut child = recorder.browser(server.browser_of("under-14").await);
    let mut guardian = recorder.browser(server.browser());
    let page = asked(&mut child).await;
    recorder.record("guardian-needed", ok, &page);
    let refused = page.form("form").write("email", "mina").send(&mut child).await;
    let refused = RenderedPage::of(refused);
    recorder.record("guardian-address-refused", StatusCode::UNPROCESSABLE_ENTITY, &refused);

    let link = link(&mut child).await;
    recorder.record("guardian-waiting", ok, &asked(&mut child).await);
    let form = RenderedPage::of(guardian.get(&link).await);
    recorder.record("guardian-form", ok, &form);
    let incomplete = form.form("#consent-form").shown(&mut guardian, "agree").await;
    recorder.record("guardian-form-incomplete", StatusCode::UNPROCESSABLE_ENTITY, &incomplete);

    server.clock.advance(4 * DAY);
    let expired = RenderedPage::of(guardian.get(&link).await);
    recorder.record("guardian-link-expired", StatusCode::GONE, &expired);
    // The session of the child has ended, too.
    child = recorder.browser(server.browser_of("under-14").await);
    recorder.record("guardian-expired", ok, &asked(&mut child).await);

    let link = self::link(&mut child).await;
    let form = RenderedPage::of(guardian.get(&link).await);
    let end = RenderedPage::of(form.form("#cancel-form").send(&mut guardian).await);
    recorder.record("guardian-refuses", ok, &end);
    recorder.record("guardian-refused", ok, &asked(&mut child).await);

    server.clock.advance(DAY);
    child = recorder.browser(server.browser_of("under-14").await);
    let link = self::link(&mut child).await;
    let form = RenderedPage::of(guardian.get(&link).await);
    let end = agreed(&form).shown(&mut guardian, "agree").await;
    recorder.record("guardian-agrees", ok, &end);
    let used = RenderedPage::of(guardian.get(&link).await);
    recorder.record("guardian-link-used", StatusCode::NOT_FOUND, &used);
}

async fn record_errors(recorder: &mut Recorder) {
    let server = Server::demo().await;
    screen::build(&server);
    screen::make_room(&server);
    let mut user = recorder.browser(server.browser_of("new").await);
    let challenge = user.challenged("demo-shop", &[]).await;
    let path = page_path(&challenge);
    let page = RenderedPage::of(user.get(&path).await);
    let forged = Request::post(&path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from("decision=agree"));
    let refused = RenderedPage::of(user.send(forged.unwrap()).await);
    recorder.record("form-refused", StatusCode::FORBIDDEN, &refused);
    let incomplete = page.form("#consent-form").shown(&mut user, "agree").await;
    recorder.record("form-incomplete", StatusCode::UNPROCESSABLE_ENTITY, &incomplete);
    let unknown = "redirect_uri=https://elsewhere.example/";
    let unknown = user.get(&format!("/oauth/authorize?client_id=demo-shop&{unknown}")).await;
    recorder.record("no-way-back", StatusCode::BAD_REQUEST, &RenderedPage::of(unknown));
    user.user_agent = Some(MESSENGER);
    let closing = RenderedPage::of(user.get(&page_path("no-such-challenge")).await);
    recorder.record("closing-in-the-messenger", StatusCode::NOT_FOUND, &closing);
}

#[tokio::test]
async fn the_studio_shows_the_pages_of_this_server() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/server_pages");
    for language in LANGUAGES {
        let mut recorder = Recorder { language, pages: Vec::new() };
        record_guardian(&mut recorder).await;
        record_errors(&mut recorder).await;
        for (name, html) in recorder.pages {
            let path = folder.join(language).join(name).with_extension("html");
            if std::env::var_os(UPDATE).is_some() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, html + "\n").unwrap();
                continue;
            }
            let recorded = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(
                recorded.trim_end(),
                html,
                "{language}/{name}.html is older than its page: run this test with {UPDATE}=1"
            );
        }
    }
}
