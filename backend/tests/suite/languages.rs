//! Language negotiation.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use consent_contract::decision::Decision;
use tempfile::TempDir;

use crate::{
    browser::{Server, required_only, service},
    form::RenderedPage,
    process::{self, Running},
    screen,
    shop::{SHOP, SIGN_IN, account},
};

async fn negotiated(language: Option<&'static str>, more: &[(&str, &str)], query: &str) -> String {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    browser.language = language;
    let challenge = browser.challenged("demo-shop", more).await;
    let path = format!("/api/v1/consents/{challenge}{query}");
    let request: consent_contract::request::ConsentRequest = browser.get(&path).await.json();
    assert_eq!(
        request.service.name,
        match &*request.locale {
            "ko" => "한옥마켓",
            "en" => "Hanok Market",
            _ => "ハノクマーケット",
        }
    );
    request.locale
}

#[tokio::test]
async fn the_service_s_language_comes_first_then_the_browser_s_then_korean() {
    assert_eq!(negotiated(None, &[], "").await, "ko");
    assert_eq!(negotiated(Some("fr, ja;q=0.8, en;q=0.9"), &[], "").await, "en");
    assert_eq!(negotiated(Some("en"), &[("ui_locales", "fr ja-JP")], "").await, "ja");
    assert_eq!(negotiated(Some("en"), &[("ui_locales", "fr")], "").await, "en");
    assert_eq!(negotiated(Some("de"), &[("ui_locales", "fr")], "").await, "ko");
    assert_eq!(negotiated(Some("en"), &[("ui_locales", "ja")], "?locale=en-GB").await, "en");
    assert_eq!(negotiated(Some("en"), &[("ui_locales", "ja")], "?locale=xx").await, "ja");
}

#[tokio::test]
async fn a_decision_is_about_the_texts_of_its_own_language() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let path = format!("/api/v1/consents/{challenge}?locale=ja");
    let request: consent_contract::request::ConsentRequest = browser.get(&path).await.json();
    let Decision::Agree(mut mixed) = required_only(&request) else { panic!("an agreement") };
    mixed.locale = "ko".to_owned();
    let problem = browser.decide(&challenge, &Decision::Agree(mixed)).await.problem();
    assert_eq!(problem.code, consent_contract::problem::Code::TermsChanged);
    assert_eq!(browser.decide(&challenge, &required_only(&request)).await.status, 200);
    assert_eq!(server.count("SELECT count(*) FROM receipt_items WHERE locale = 'ja'").await, 7);
    let title = "SELECT count(*) FROM receipt_items WHERE title = '利用規約'";
    assert_eq!(server.count(title).await, 1, "the receipt quotes what was shown");
}

/// Every page of the server's own goes through the same negotiation.
#[tokio::test]
async fn a_page_of_the_server_is_in_the_browser_s_language() {
    let server = Server::demo().await;
    for (accepted, language, direction, heading) in [
        ("zh-TW, en;q=0.5", "zh-Hant", None, "服務送出的請求有誤"),
        ("zh-HK", "zh-Hant", None, "服務送出的請求有誤"),
        ("zh-CN, zh;q=0.9", "zh-Hans", None, "服务发送的请求有误"),
        ("zh", "zh-Hans", None, "服务发送的请求有误"),
        ("vi-VN", "vi", None, "Dịch vụ gửi yêu cầu không hợp lệ"),
        ("de, th;q=0.8", "th", None, "บริการส่งคำขอไม่ถูกต้อง"),
        ("ar-EG, en;q=0.9", "ar", Some("rtl"), "أرسلت الخدمة طلبًا غير صالح"),
        ("en-GB", "en", None, "The service sent an invalid request"),
        ("de, fr;q=0.9", "ko", None, "서비스의 요청이 잘못되었습니다"),
    ] {
        let mut browser = server.browser();
        browser.language = Some(accepted);
        let page = RenderedPage::of(browser.get("/oauth/authorize?client_id=none").await);
        assert_eq!(page.texts("h1"), [heading], "{accepted}");
        assert_eq!(page.attribute("html", "lang"), language, "{accepted}");
        assert_eq!(page.answer.header("content-language"), language);
        assert_eq!(page.attributes("html", "dir"), Vec::from_iter(direction), "{accepted}");
    }
}

/// A shop whose texts are in Korean, Arabic and the Chinese of Taiwan.
fn shop_in_three_languages() -> String {
    let texts = "name company title text recipient purpose retention refusal_effect label";
    let shop: String = SHOP
        .lines()
        .map(|line| match line.split_once(" = ") {
            Some((key, text)) if texts.split(' ').any(|it| it == key) => {
                format!("{key} = {{ ko = {text}, ar = {text}, zh-TW = {text} }}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    format!("{shop}{SIGN_IN}{}", account("hana"))
}

#[tokio::test]
async fn the_screen_speaks_the_language_that_the_service_has_texts_in() {
    let server = Server::configured(&shop_in_three_languages()).await.unwrap();
    screen::build(&server);
    screen::make_room(&server);
    for (accepted, ui_locales, texts, language, heading) in [
        ("ko", "zh-TW", "zh-TW", "zh-Hant", "註冊「가게」"),
        ("zh-HK, en", "", "zh-TW", "zh-Hant", "註冊「가게」"),
        ("ko", "zh-Hant", "zh-TW", "zh-Hant", "註冊「가게」"),
        ("ar-SA", "", "ar", "ar", "التسجيل في 가게"),
        ("ko", "fr ar", "ar", "ar", "التسجيل في 가게"),
        // The service lacks it: the next one, else Korean.
        ("th, ar;q=0.5", "", "ar", "ar", "التسجيل في 가게"),
        ("th", "vi", "ko", "ko", "가게에 가입하기"),
    ] {
        let mut browser = server.proxied("hana");
        browser.language = Some(accepted);
        let more = [("redirect_uri", "https://shop.example/callback"), ("ui_locales", ui_locales)];
        let of_demo = service("shop").into_iter().filter(|(name, _)| *name != "redirect_uri");
        let parameters: Vec<_> = of_demo.chain(more).collect();
        let challenge = browser.authorize(&parameters).await.challenge();
        let request = browser.asked(&challenge).await;
        assert_eq!(request.locale, texts, "{accepted} {ui_locales}");
        let page = RenderedPage::of(browser.get(&format!("/consent/{challenge}")).await);
        assert_eq!(page.texts("h1"), [heading], "{accepted} {ui_locales}");
        assert_eq!(page.attribute("html", "lang"), language);
        let direction = Vec::from_iter((language == "ar").then_some("rtl"));
        assert_eq!(page.attributes("html", "dir"), direction);
        // No language is offered that would change nothing.
        assert_eq!(page.attributes("option", "value"), ["ko", "zh-Hant", "ar"]);
    }
}

const SCREEN: &str = include_str!("../../../public/texts/en.json");
const PAGES: &str = include_str!("../../../public/texts/server/en.json");

/// Gives the screen's files in German; `heading` is that of the page for a faulty request.
fn add_german(folder: &Path, heading: &str) {
    let texts = folder.join("dist/texts");
    fs::create_dir_all(texts.join("server")).unwrap();
    let german = SCREEN.replace("\"en\"", "\"de\"").replace("\"English\"", "\"Deutsch\"");
    let pages = PAGES.replace("The service sent an invalid request", heading);
    fs::write(texts.join("de.json"), german).unwrap();
    fs::write(texts.join("server/de.json"), pages).unwrap();
}

/// A page in a language.
fn page(server: &Running, path: &str, language: &str) -> String {
    let (_, body) = server.send(&format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept-Language: {language}\r\n\
         Connection: close\r\n\r\n",
        server.address
    ));
    body
}

/// A page of the server's own.
const FAULTY: &str = "/oauth/authorize?client_id=none";

#[test]
fn a_language_is_added_by_its_files() {
    let folder = TempDir::new().unwrap();
    add_german(folder.path(), "Die Anfrage ist ungültig");
    // An incomplete one is reported, and not offered.
    let texts = folder.path().join("dist/texts");
    fs::write(texts.join("fr.json"), SCREEN.replace("\"en\"", "\"fr\"")).unwrap();
    let incomplete = PAGES.replace("\"withdraw\":", "\"x\":");
    fs::write(texts.join("server/fr.json"), incomplete).unwrap();
    let server = Running::start_with(process::program(), folder.path(), &[]);
    let german = page(&server, FAULTY, "fr, de-AT");
    assert!(german.contains("<html lang=\"de\""), "{german}");
    assert!(german.contains("Die Anfrage ist ungültig"), "{german}");
    assert!(page(&server, FAULTY, "fr").contains("<html lang=\"ko\""));
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    let fault = "fr.json: server: account: no `withdraw`";
    assert!(log.contains(fault), "{log}");
}

#[test]
fn a_language_comes_changes_and_goes_while_the_server_runs() {
    let folder = TempDir::new().unwrap();
    let dist = folder.path().join("dist");
    screen::build_in(folder.path());
    let built = fs::read_to_string(dist.join("index.html")).unwrap();
    let listed = built.replacen("<link", "<meta name=languages content=\"\"><link", 1);
    fs::write(dist.join("index.html"), listed).unwrap();
    let server = Running::start_with(process::program(), folder.path(), &[]);
    let screen = || page(&server, "/consent/none", "de");
    let until = |expected: &str| {
        server.signal("HUP");
        let start = Instant::now();
        while !page(&server, FAULTY, "de").contains(expected) {
            assert!(start.elapsed() < Duration::from_secs(20), "{expected}");
            thread::sleep(Duration::from_millis(5));
        }
    };
    assert!(page(&server, FAULTY, "de").contains("<html lang=\"ko\""));
    assert!(!screen().contains("de=Deutsch"));
    for heading in ["Die Anfrage ist ungültig", "Die Anfrage ist fehlerhaft"] {
        add_german(folder.path(), heading);
        until(heading);
        assert!(screen().contains(";ar=العربية;de=Deutsch\""), "{}", screen());
    }
    // A faulty file changes nothing.
    let file = dist.join("texts/server/de.json");
    fs::write(&file, PAGES.replace("\"withdraw\":", "\"x\":")).unwrap();
    server.signal("HUP");
    let log = || fs::read_to_string(folder.path().join("log")).unwrap();
    let start = Instant::now();
    while !log().contains("de.json: server: account: no `withdraw`") {
        assert!(start.elapsed() < Duration::from_secs(20), "{}", log());
        thread::sleep(Duration::from_millis(5));
    }
    assert!(page(&server, FAULTY, "de").contains("Die Anfrage ist fehlerhaft"));
    for file in [file, dist.join("texts/de.json")] {
        fs::remove_file(file).unwrap();
    }
    until("<html lang=\"ko\"");
    assert!(!screen().contains("de=Deutsch"));
    // It comes back to its own place.
    add_german(folder.path(), "Die Anfrage ist ungültig");
    until("Die Anfrage ist ungültig");
    assert!(screen().contains(";ar=العربية;de=Deutsch\""), "{}", screen());
}
