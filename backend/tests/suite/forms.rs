//! The same decision as a form, for browsers where no script runs.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use consent_contract::{
    decision::{Decision, Recorded},
    decision_path, form,
    request::ConsentRequest,
};
use url::form_urlencoded;

use crate::{
    bodies,
    browser::{CHALLENGE, Server, authorize, changed, parameter, required_only},
    form::RenderedPage,
    screen,
    shop::proxied,
};

const FORM: &str = "application/x-www-form-urlencoded";

fn encoded(decision: &Decision) -> String {
    let Decision::Agree(agreement) = decision else { panic!("an agreement") };
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form::fields(agreement)).finish()
}

#[tokio::test]
async fn a_form_says_the_same_as_the_json() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("no-email").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let decision = required_only(&browser.asked(&challenge).await);
    let form = browser.post(&decision_path(&challenge), FORM, encoded(&decision)).await;
    let json: Recorded = browser.decide(&challenge, &decision).await.json();
    assert_eq!(without_code(&form.onward()), without_code(&json.redirect_to));
    let page = browser.post(&format!("/consent/{challenge}"), FORM, encoded(&decision)).await;
    let page = without_code(&page.onward());
    assert_eq!(page, without_code(&json.redirect_to), "the page's own address takes it, too");
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
}

/// What one unauthenticated request can cost: the worst forms are refused in a moment, whether or
/// not there is such a challenge (CWE-407).
#[tokio::test]
async fn the_largest_form_is_answered_at_once() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let head = "csrf_token=x&locale=ko&personal_info_digest=x";
    let shown = "&shown=item:a".repeat(48_000) + &"&value:b=".repeat(46_000);
    let ticks = "&agree=term:marketing&agree=item:nothing".repeat(25_000);
    for (path, button, rest, status) in [
        (decision_path("none"), "agree", &shown, StatusCode::NOT_FOUND),
        (decision_path(&challenge), "agree", &shown, StatusCode::PAYLOAD_TOO_LARGE),
        (decision_path(&challenge), "agree", &ticks, StatusCode::PAYLOAD_TOO_LARGE),
        (format!("/consent/{challenge}"), "agree", &shown, StatusCode::PAYLOAD_TOO_LARGE),
        (format!("/consent/{challenge}"), "show", &shown, StatusCode::PAYLOAD_TOO_LARGE),
        (format!("/consent/{challenge}"), "show", &ticks, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let body = format!("decision={button}&{head}{rest}");
        assert!((1_000_000..1_048_576).contains(&body.len()), "{}", body.len());
        let start = Instant::now();
        let answer = browser.post(&path, FORM, body).await;
        assert!(start.elapsed() < Duration::from_secs(3), "{path}: {:?}", start.elapsed());
        assert_eq!(answer.status, status, "{path} {button}");
        assert!(answer.text().len() < 200_000, "{path}: {}", answer.text().len());
    }
}

/// A form of this many fields and bytes, which names terms that were not asked.
fn unknown_terms(request: &ConsentRequest, fields: usize, bytes: usize) -> String {
    let terms = fields / 2 - 2;
    let padding = "x".repeat(bytes / terms - 80);
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("decision", "agree")
        .append_pair("csrf_token", &request.csrf_token)
        .append_pair("locale", &request.locale)
        .append_pair("personal_info_digest", &request.personal_info.digest);
    for number in 0..terms {
        form.append_pair("shown", &format!("term:t{number} 1 {padding}"));
        form.append_pair("agree", &format!("term:t{number}"));
    }
    form.finish()
}

/// The largest form that is read, and not only refused for its size: twice the form takes about twice
/// the time, and less than a second (CWE-407).
#[tokio::test]
async fn reading_a_form_takes_time_in_proportion_to_its_size() {
    let server = bodies::with_hundreds_of_terms().await;
    // What this service permits.
    let (fields, bytes) = (2040, 745000);
    let mut browser = server.browser();
    browser.account = Some("hana");
    let challenge = browser.get(&to("https://shop.example/callback")).await.challenge();
    let request = browser.asked(&challenge).await;
    let mut time = async |share| {
        let body = unknown_terms(&request, fields / share, bytes / share);
        assert!(body.len() > bytes / share * 4 / 5, "{} of {bytes}", body.len());
        let mut best = Duration::MAX;
        for _ in 0..7 {
            let start = Instant::now();
            let answer = browser.post(&decision_path(&challenge), FORM, body.clone()).await;
            best = best.min(start.elapsed());
            // It was read to its end.
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
        }
        best
    };
    let (half, whole) = (time(2).await, time(1).await);
    let larger = [(fields + 4, bytes / 2), (fields / 2, bytes * 3 / 2)];
    for ((fields, bytes), status) in larger.into_iter().zip([400, 413]) {
        let body = unknown_terms(&request, fields, bytes);
        let answer = browser.post(&decision_path(&challenge), FORM, body).await;
        assert_eq!(answer.status, status, "this is the largest form: {fields} {bytes}");
    }
    assert!(whole < Duration::from_secs(1), "{whole:?}");
    assert!(whole < half.mul_f64(2.5) + Duration::from_millis(5), "{half:?} {whole:?}");
}

#[tokio::test]
async fn the_shell_s_cancel_needs_no_script() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let answer = browser.post(&format!("/consent/{challenge}"), FORM, "decision=cancel").await;
    assert_eq!(answer.onward_with("error").unwrap(), "access_denied");
    assert_eq!(answer.onward_with("state").unwrap(), "state of the service");
}

#[tokio::test]
async fn a_form_that_is_refused_is_answered_with_a_page() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    browser.language = Some("en");
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    let incomplete = changed(required_only(&request), |a| a.terms[0].agreed = false);
    let path = decision_path(&challenge);
    for (body, status, says) in [
        (encoded(&incomplete), StatusCode::UNPROCESSABLE_ENTITY, "Something is missing"),
        ("decision=agree".to_owned(), StatusCode::BAD_REQUEST, "couldn't be processed"),
        (
            "decision=agree&agree=%3Cb%3E".to_owned(),
            StatusCode::BAD_REQUEST,
            "couldn't be processed",
        ),
    ] {
        let answer = browser.post(&path, FORM, body).await;
        assert_eq!(answer.status, status);
        assert!(answer.header("content-type").starts_with("text/html"));
        assert!(answer.text().contains(says), "{}", answer.text());
        assert!(!answer.text().contains("<b>"));
    }
    browser.agrees(&challenge).await;
    let other = browser.post(&path, FORM, "decision=cancel").await;
    assert_eq!(other.status, StatusCode::GONE);
    assert!(other.text().contains("href=\"/oauth/authorize?"), "{}", other.text());
    assert!(!other.text().contains("code="), "no code is returned twice");

    let mut other_browser = server.browser_of("no-email").await;
    let own = other_browser.challenged("demo-shop", &[]).await;
    server.clock.advance(901);
    let expired = other_browser.post(&decision_path(&own), FORM, "decision=cancel").await;
    assert_eq!(expired.status, StatusCode::GONE);
    assert!(expired.text().contains("href=\"/oauth/authorize?"), "{}", expired.text());
}

/// A service with every kind of redirect URI, and its accounts.
const DESTINATIONS: [&str; 4] = [
    "https://auth.shop.example/callback?from=us",
    "http://[::1]:4000/callback",
    "http://127.0.0.1:4000/callback",
    "com.example.shop:/callback",
];

async fn shop() -> Server {
    let uris = format!("redirect_uris = {DESTINATIONS:?}");
    let toml = proxied(&["hana", "duri"]).replace(
        "redirect_uris = [\"https://shop.example/callback\", \"com.example.shop:/callback\"]",
        &uris,
    );
    assert!(toml.contains(&uris));
    let toml =
        toml.replace("name = \"가게\"", "name = { ko = \"가게\", en = \"A < B\", ja = \"店\" }");
    let server = Server::configured(&toml).await.unwrap();
    screen::build(&server);
    screen::make_room(&server);
    server
}

fn to(redirect_uri: &str) -> String {
    authorize(&[
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", redirect_uri),
        ("state", "\"><script>alert(1)</script>"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ])
}

/// An address without the code in it: each answer to a repeated decision has its own.
fn without_code(address: &str) -> String {
    parameter(address, "code").map_or(address.to_owned(), |code| address.replace(&code, ""))
}

/// Chromium and WebKit check `form-action` against every redirect after a form, and a service's
/// callback may redirect anywhere: so a form is answered by no redirect.
#[tokio::test]
async fn a_decision_by_form_ends_on_a_page_that_goes_on_by_itself() {
    for redirect_uri in DESTINATIONS {
        for is_page in [true, false] {
            for decision in ["agree", "cancel"] {
                let server = shop().await;
                let mut browser = server.browser();
                browser.account = Some("hana");
                let challenge = browser.get(&to(redirect_uri)).await.challenge();
                let page = browser.get(&format!("/consent/{challenge}")).await;
                let policy = page.header("content-security-policy");
                assert!(policy.contains("form-action 'self';"), "{redirect_uri}: {policy}");
                let path = match is_page {
                    true => format!("/consent/{challenge}"),
                    false => decision_path(&challenge),
                };
                let body = match decision {
                    "agree" => encoded(&required_only(&browser.asked(&challenge).await)),
                    _ => "decision=cancel".to_owned(),
                };
                let answer = browser.post(&path, FORM, body.clone()).await;
                let onward = answer.onward();
                assert!(onward.starts_with(redirect_uri), "{onward}");
                let expected = if decision == "agree" { "code=" } else { "error=access_denied" };
                assert!(onward.contains(expected), "{onward}");
                // Nothing runs, nothing is kept, and no other origin sees the address.
                let policy = answer.header("content-security-policy");
                assert!(policy.contains("script-src 'none'; "), "{policy}");
                assert!(policy.contains("connect-src 'none'; "), "{policy}");
                assert_eq!(answer.header("referrer-policy"), "no-referrer");
                assert_eq!(answer.header("cache-control"), "no-store");
                assert!(!answer.text().contains("<script"), "{}", answer.text());
                // A form that is sent again decides nothing else. Each answer has its own code.
                let again = browser.post(&path, FORM, body).await.onward();
                assert_eq!(without_code(&again), without_code(&onward));
                assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
            }
        }
    }
}

#[tokio::test]
async fn the_page_in_between_speaks_the_language_of_the_form() {
    let server = shop().await;
    for (account, language, says) in
        [("hana", "ko", "가게 서비스로 계속하기"), ("duri", "en", "Continue to A < B")]
    {
        let mut browser = server.browser();
        browser.account = Some(account);
        browser.language = Some("ja");
        // A cancel before anything was read: in the language of the challenge.
        let challenge = browser.get(&to(DESTINATIONS[0])).await.challenge();
        let cancel = browser.post(&decision_path(&challenge), FORM, "decision=cancel").await;
        let page = RenderedPage::of(cancel);
        assert_eq!(page.texts("main a"), ["店に進む"]);
        assert_eq!(page.attribute("html", "lang"), "ja");

        let challenge = browser.get(&to(DESTINATIONS[0])).await.challenge();
        let path = format!("/consent/{challenge}");
        let page = RenderedPage::of(browser.get(&path).await);
        assert_eq!(page.attribute("html", "lang"), "ja");
        let form = page.form("#consent-form").write("language", language);
        let page = form.shown(&mut browser, "show").await;
        let form = page.form("#consent-form").tick("term:tos").tick("item:profile_nickname");
        let page = form.shown(&mut browser, "agree").await;
        assert_eq!(page.texts("main a"), [says]);
        assert_eq!(page.attribute("html", "lang"), language);
        assert_eq!(page.answer.header("content-language"), language);
        assert!(page.texts("main p").contains(&"auth.shop.example".to_owned()));
    }
}

/// A form whose request was answered in another tab meanwhile is led on by the same kind of page: the
/// way from there leads to the service, too.
#[tokio::test]
async fn a_form_with_nothing_left_to_answer_is_led_on_without_a_redirect() {
    let server = shop().await;
    let mut browser = server.browser();
    browser.account = Some("hana");
    let first = browser.get(&to(DESTINATIONS[0])).await.challenge();
    // The same request would have the same challenge.
    let other = format!("{}&nonce=2", to(DESTINATIONS[0]));
    let second = browser.get(&other).await.challenge();
    let page = RenderedPage::of(browser.get(&format!("/consent/{second}")).await);
    let form = page.form("#consent-form");
    browser.agrees(&first).await;
    let onward = form.press(&mut browser, "show").await.onward();
    assert!(onward.starts_with("/oauth/authorize?"), "{onward}");
    assert!(browser.get(&onward).await.location_parameter("code").is_some());
}
