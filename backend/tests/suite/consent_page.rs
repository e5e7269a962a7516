//! The server-rendered screen: the whole flow without a script.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use consent_contract::request::ConsentState;

use crate::{
    browser::{Browser, Server},
    form::{Form, RenderedPage},
    screen,
};

const FORM: &str = "application/x-www-form-urlencoded";

/// A server whose screen has an SSR outlet.
async fn server() -> Server {
    let server = Server::demo().await;
    screen::build(&server);
    screen::make_room(&server);
    server
}

async fn open(browser: &mut Browser, challenge: &str) -> RenderedPage {
    let page = RenderedPage::of(browser.get(&format!("/consent/{challenge}")).await);
    assert_eq!(page.answer.status, StatusCode::OK, "{}", page.answer.text());
    page
}

/// The form that asks, for this account at this service.
async fn form(server: &Server, account: &str, service: &str) -> (Browser, String, Form) {
    let mut browser = server.browser_of(account).await;
    let challenge = browser.challenged(service, &[]).await;
    let form = open(&mut browser, &challenge).await.form("#consent-form");
    (browser, challenge, form)
}

const REQUIRED: [&str; 4] =
    ["term:tos", "term:privacy", "item:profile_nickname", "item:account_email"];

fn with_required(form: Form) -> Form {
    REQUIRED.iter().fold(form, |form, key| form.tick(key))
}

#[tokio::test]
async fn the_page_is_rendered_with_what_is_asked_and_nothing_is_ticked() {
    let server = server().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let page = open(&mut browser, &challenge).await;
    assert_eq!(page.texts("h1"), ["한옥마켓에 가입하기"]);
    assert_eq!(page.texts("title"), page.texts("h1"));
    assert_eq!(page.attribute("html", "lang"), "ko");
    assert_eq!(page.form("#consent-form").ticked(), [""; 0]);
    assert!(!page.answer.text().contains("skeleton"));
    let json = page.texts("script#request[type='application/json']").remove(0);
    let ConsentState::Ask(sent) = ConsentState::from_json(&json).unwrap() else { panic!("{json}") };
    let mut asked = browser.asked(&challenge).await;
    // A second may end between the two.
    assert!((asked.expires_in..=asked.expires_in + 2).contains(&sent.expires_in), "{sent:?}");
    asked.expires_in = sent.expires_in;
    assert_eq!(*sent, asked, "the page shows what the API returns");
    let keys: Vec<String> = {
        let answers = consent_contract::answers::Answers::untouched(&sent);
        answers.keys().iter().map(|(key, _)| key.to_string()).collect()
    };
    assert_eq!(page.form("#consent-form").boxes(), keys);

    let policy = page.answer.header("content-security-policy");
    assert!(policy.contains("form-action 'self';"), "{policy}");
    assert!(policy.contains(&screen::digest(screen::SCRIPT)), "{policy}");
    assert_eq!(page.answer.header("cache-control"), "no-store");
    assert_eq!(page.answer.header("content-language"), "ko");
}

#[tokio::test]
async fn only_the_browser_that_was_asked_sees_what_is_asked() {
    let server = server().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let mut other_browser = server.browser_of("returning").await;
    let request = axum::http::Request::get(format!("/consent/{challenge}"))
        .header("accept", "text/html")
        .body(axum::body::Body::empty())
        .unwrap();
    let page = RenderedPage::of(other_browser.send(request).await);
    assert_eq!(page.answer.status, StatusCode::FORBIDDEN);
    assert_eq!(page.count("form, script"), 0, "{}", page.answer.text());
    assert!(page.attribute("a.button", "href").starts_with("/oauth/authorize?"));
    assert!(!page.answer.text().contains("한옥마켓"), "not even who asks");
}

#[tokio::test]
async fn a_person_without_a_script_signs_up() {
    let server = server().await;
    let (mut browser, challenge, form) = form(&server, "new", "demo-shop").await;
    let form = with_required(form);
    let answer = form.press(&mut browser, "agree").await;
    assert!(answer.onward_with("code").is_some(), "{answer:?}");
    assert_eq!(answer.onward_with("state").unwrap(), "state of the service");
    let again = form.press(&mut browser, "agree").await;
    assert!(
        again.onward_with("code").is_some_and(|code| Some(code) != answer.onward_with("code")),
        "{again:?}"
    );
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
    let agreed = "SELECT count(*) FROM receipt_items WHERE agreed = TRUE";
    assert_eq!(server.count(agreed).await, 4);
    let over = browser.get(&format!("/consent/{challenge}")).await;
    assert_eq!(over.status, StatusCode::GONE);
}

#[tokio::test]
async fn cancelling_takes_one_press() {
    let server = server().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let page = open(&mut browser, &challenge).await;
    let answer = page.form("#cancel-form").send(&mut browser).await;
    assert_eq!(answer.onward_with("error").unwrap(), "access_denied");
}

#[tokio::test]
async fn what_is_missing_comes_back_with_a_summary_and_the_ticks() {
    let server = server().await;
    let (mut browser, _, form) = form(&server, "no-email", "demo-shop").await;
    let form = form.tick("term:tos").tick("item:account_email").tick("channel:_hanok");
    let form = form.write("value:account_email", "not an address");
    let page = form.shown(&mut browser, "agree").await;
    assert_eq!(page.answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.texts("title")[0].starts_with("아직 확인이 필요한 항목이 있습니다"));
    assert_eq!(page.count("#summary[autofocus] a"), 3, "{:?}", page.texts("#summary a"));
    let form = page.form("#consent-form");
    assert_eq!(form.ticked(), ["term:tos", "item:account_email", "channel:_hanok"]);
    assert_eq!(form.value("value:account_email"), ["not an address"]);
    assert_eq!(form.value("told"), ["incomplete"]);
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);

    let form = with_required(form).write("value:account_email", "hana@example.com");
    assert!(form.press(&mut browser, "agree").await.onward_with("code").is_some());
    assert_eq!(server.count("SELECT count(*) FROM receipt_items WHERE agreed = TRUE").await, 5);
}

#[tokio::test]
async fn agree_all_is_shown_before_it_is_agreed_to() {
    let server = server().await;
    let (mut browser, _, form) = form(&server, "new", "demo-shop").await;
    let page = form.agree_all().shown(&mut browser, "agree").await;
    assert_eq!(page.count("#notice[autofocus]"), 1);
    let form = page.form("#consent-form");
    assert_eq!(form.ticked(), [&["on"], &REQUIRED[..]].concat(), "and nothing optional");
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0, "nothing is implied");
    let first = form.press(&mut browser, "agree").await;
    assert!(first.onward_with("code").is_some());
    assert!(form.press(&mut browser, "agree").await.onward_with("code").is_some());
    let decisions = server.count("SELECT count(*) FROM decisions").await;
    assert_eq!(decisions, 1, "pressed twice, decided once");
}

#[tokio::test]
async fn required_only_takes_optional_ticks_away() {
    let server = server().await;
    let (mut browser, _, form) = form(&server, "new", "demo-bookclub").await;
    let form = form.boxes().into_iter().fold(form.clone(), |form, key| form.tick(key));
    let before = form.boxes().len();
    let page = form.shown(&mut browser, "required_only").await;
    assert_eq!(page.answer.status, StatusCode::OK);
    let after = page.form("#consent-form").ticked().len();
    assert!((1..before).contains(&after), "{after} of {before}");
    assert_eq!(page.count("[aria-invalid]"), 0, "agree was not pressed");
}

#[tokio::test]
async fn a_text_is_a_page_and_the_way_back_keeps_everything() {
    let server = server().await;
    let (mut browser, _, form) = form(&server, "no-email", "demo-shop").await;
    let form = form.tick("term:tos").tick("item:account_email");
    let form = form.write("value:account_email", "하나@example.com");
    let text = form.shown(&mut browser, "read:privacy").await;
    assert_eq!(text.answer.status, StatusCode::OK);
    assert_eq!(text.count("script"), 0, "nothing takes this page over");
    assert!(text.count(".document h2, .document p") > 2, "{}", text.answer.text());
    assert_eq!(text.texts("title"), text.texts("h1"));
    let back = text.form("form").shown(&mut browser, "show").await;
    let form = back.form("#consent-form");
    assert_eq!(form.ticked(), ["term:tos", "item:account_email"]);
    assert_eq!(form.value("value:account_email"), ["하나@example.com"]);
    assert_eq!(back.count("#summary"), 0);
    let none = form.press(&mut browser, "read:no-such").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_language_changes_and_the_ticks_stay() {
    let server = server().await;
    let (mut browser, _, form) = form(&server, "new", "demo-shop").await;
    let form = with_required(form).write("language", "en");
    let page = form.shown(&mut browser, "show").await;
    assert_eq!(page.attribute("html", "lang"), "en");
    assert_eq!(page.texts("h1"), ["Sign up for Hanok Market"]);
    let form = page.form("#consent-form");
    assert_eq!(form.ticked(), [&["on"], &REQUIRED[..]].concat());
    assert!(form.press(&mut browser, "agree").await.onward_with("code").is_some());
    let english = "SELECT count(*) FROM decisions WHERE locale = 'en'";
    assert_eq!(server.count(english).await, 1);
}

#[tokio::test]
async fn a_text_that_changed_is_unticked_and_named() {
    let server = server().await;
    let (mut browser, _, form) = form(&server, "new", "demo-shop").await;
    let stale = form.value("shown")[0].to_owned();
    let mut form = with_required(form);
    form.change(&stale, &stale.replace("sha256-", "sha256-old"));
    let page = form.shown(&mut browser, "agree").await;
    assert_eq!(page.answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = page.form("#consent-form");
    assert_eq!(form.ticked(), REQUIRED[1..]);
    assert_eq!(form.value("told"), ["incomplete", "changed:term:tos"]);
    assert_eq!(page.texts("#notice").len(), 1);
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
}

#[tokio::test]
async fn agree_all_does_not_tick_what_has_changed() {
    let server = server().await;
    let (mut browser, _, form) = form(&server, "new", "demo-shop").await;
    let all = with_required(form).agree_all();
    let digest = all.value("personal_info_digest")[0].to_owned();
    let tos = all.value("shown")[0].to_owned();
    for (stale, unticked) in [(&tos, 1), (&digest, 2)] {
        let mut form = all.clone();
        form.change(stale, &stale.replace("sha256-", "sha256-old"));
        let page = form.shown(&mut browser, "agree").await;
        let form = page.form("#consent-form");
        assert_eq!(form.ticked().len(), 4 - unticked, "{:?}", form.ticked());
        assert!(form.value("told").iter().any(|it| it.starts_with("changed:")));
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
}

#[tokio::test]
async fn what_is_unticked_after_agree_all_stays_unticked() {
    let server = server().await;
    let (mut browser, _, form) = form(&server, "new", "demo-bookclub").await;
    let page = form.agree_all().shown(&mut browser, "agree").await;
    let form = page.form("#consent-form");
    let optional =
        form.boxes().into_iter().find(|it| it.contains("newsletter")).unwrap().to_owned();
    assert!(form.ticked().contains(&&*optional) && form.ticked().contains(&"on"));
    let form = form.untick(&optional);
    let text = form.shown(&mut browser, "read:tos").await;
    let back = text.form("form").shown(&mut browser, "show").await;
    assert!(!back.form("#consent-form").ticked().contains(&&*optional), "after a text");
    assert!(form.press(&mut browser, "agree").await.onward_with("code").is_some());
    let refused = "SELECT count(*) FROM receipt_items WHERE agreed = FALSE";
    assert_eq!(server.count(refused).await, 1);
}

#[tokio::test]
async fn a_form_that_cannot_be_read_leads_back_to_the_screen() {
    let server = server().await;
    let (mut browser, challenge, form) = form(&server, "new", "demo-shop").await;
    let page = form.shown(&mut browser, "perhaps").await;
    assert_eq!(page.answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(page.attribute("a.way", "href"), format!("/consent/{challenge}"));
}

#[tokio::test]
async fn a_token_that_is_not_ours_agrees_to_nothing() {
    let server = server().await;
    let (mut browser, _, form) = form(&server, "new", "demo-shop").await;
    let token = form.value("csrf_token")[0].to_owned();
    let mut form = with_required(form);
    form.change(&token, "guessed");
    let page = form.shown(&mut browser, "agree").await;
    assert_eq!(page.count("#notice"), 1, "it is asked again");
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
}

#[tokio::test]
async fn a_request_with_nothing_left_to_ask_leads_on() {
    let server = server().await;
    let mut browser = server.browser_of("new").await;
    let first = browser.challenged("demo-shop", &[]).await;
    let second = browser.challenged("demo-shop", &[("ui_locales", "ko")]).await;
    browser.agrees(&first).await;
    let answer = browser.get(&format!("/consent/{second}")).await;
    assert!(answer.location().starts_with("/oauth/authorize?"), "{answer:?}");
}

#[tokio::test]
async fn what_others_wrote_cannot_leave_its_place() {
    let server = server().await;
    let (mut browser, _, form) = form(&server, "no-email", "demo-shop").await;
    let form = form.tick("item:account_email");
    let form = form.write("value:account_email", "\"><script>alert(1)</script>");
    for press in ["agree", "show", "read:tos"] {
        let page = form.shown(&mut browser, press).await;
        let scripts = page.texts("script:not([type])");
        assert!(scripts.is_empty(), "{press}: {scripts:?}");
        let kept = page.form("form").value("value:account_email").join("");
        assert_eq!(kept, "\"><script>alert(1)</script>", "{press}");
    }
}

/// The largest body that is no form of ours is not rendered field by field, and what no longer
/// holds is named once, however often it was sent (CWE-407).
#[tokio::test]
async fn a_form_that_was_never_ours_is_refused_at_once() {
    let server = server().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let path = format!("/consent/{challenge}");
    for pattern in ["&shown=item:a&value:b=", "&agree=term:marketing", "&told=incomplete", "&x="] {
        for button in ["show", "required_only", "read:tos"] {
            let body = format!("decision={button}") + &pattern.repeat(60_000 / pattern.len());
            let start = Instant::now();
            let answer = browser.post(&path, FORM, body).await;
            assert!(start.elapsed() < Duration::from_secs(3), "{pattern}: {:?}", start.elapsed());
            // Too many fields, or none of ours.
            let refused = [StatusCode::BAD_REQUEST, StatusCode::PAYLOAD_TOO_LARGE];
            assert!(refused.contains(&answer.status), "{pattern} {button}: {}", answer.status);
            assert!(answer.text().len() < 50_000, "{pattern}: {}", answer.text().len());
        }
    }
    let body = "decision=show&locale=ko".to_owned() + &"&agree=term:marketing".repeat(20);
    let page = RenderedPage::of(browser.post(&path, FORM, body).await);
    assert_eq!(page.answer.status, StatusCode::OK);
    let named = page.texts(".consent__notice").concat();
    assert_eq!(named.matches("광고성 정보 수신").count(), 1, "{named}");
}
