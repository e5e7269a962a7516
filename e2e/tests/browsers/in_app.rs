//! Links that are opened inside of the messenger: auto-login, and the ways in.

use anyhow::Result;
use consent_e2e::engine::Engine;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use hyper::header::{LOCATION, SET_COOKIE};
use std::sync::Arc;
use std::time::Duration;

/// Browsers, and how each is treated: name, treatment and user agent, with tabs between.
const USER_AGENTS: &str = include_str!("../../../contract/samples/user-agents.tsv");

/// The user agent of this name in the list.
fn listed(name: &str) -> &'static str {
    let line = USER_AGENTS.lines().find(|line| line.split('\t').next() == Some(name));
    line.and_then(|line| line.rsplit('\t').next()).expect("a name of the list")
}

const AUTO_LOGIN: &str = "/api/v1/auto-login";
const CALLBACK: &str = "/demo/callback";

const NOT_SIGNED_IN: &str = "자동으로 로그인하지 못했습니다. 아래 버튼을 눌러 로그인해 주세요.";
const LOG_IN: &str = "한옥마켓에 로그인";
const SIGN_UP: &str = "한옥마켓에 처음 오셨나요?";

fn in_messenger() -> Setup {
    Setup::default().user_agent(listed("KakaoTalk on Android"))
}

/// Lets storage throw, as it does in some in-app browsers and with some settings.
fn break_storage(app: &TestApp) {
    app.proxy.inject(
        "Object.defineProperty(window, 'sessionStorage', { get() { \
             throw new DOMException('The operation is insecure.', 'SecurityError'); } });"
            .to_owned(),
    );
}

/// Plays a scene in the messenger twice: with storage, and with storage that throws.
async fn with_and_without_storage(test: impl AsyncFn(&TestApp) -> Result<()>) -> Result<()> {
    let test = &test;
    for breaks in [false, true] {
        TestApp::run(in_messenger(), async |app| {
            if breaks {
                break_storage(&app);
            }
            test(&app).await
        })
        .await?;
    }
    Ok(())
}

fn attempts(app: &TestApp) -> usize {
    app.proxy.count(&Method::POST, AUTO_LOGIN)
}

#[tokio::test]
async fn a_member_is_welcomed_and_lands_at_the_service() -> Result<()> {
    with_and_without_storage(async |app| {
        // Long enough to see the page.
        app.proxy.fault(Method::POST, AUTO_LOGIN, None, Fault::Hold);
        let browser = &app.browser;
        demo::open_link(browser, "returning", "demo-shop").await?;
        browser.find(Role::Heading, "두리님, 반갑습니다").await?;
        browser.see("한옥마켓에 로그인하고 있습니다.").await?;
        browser.find(Role::Link, "계속하기").await?;
        app.proxy.clear_faults();
        let address = demo::signed_up(browser).await?;
        assert!(address.contains("code=") && address.contains("state="), "{address}");
        assert_eq!(attempts(app), 1, "one request of the page's own");
        assert_eq!(app.proxy.count(&Method::GET, "*.wasm"), 0, "nothing of the consent screen");
        // Nothing new was granted.
        assert_eq!(app.decisions().await?, []);
        Ok(())
    })
    .await
}

/// A user who goes on by the link does not wait, and the service gets one answer.
#[tokio::test]
async fn going_on_before_the_answer_is_one_answer() -> Result<()> {
    TestApp::run(in_messenger(), |app| async move {
        // In Chromium a request that is called off is a failed one.
        app.allow_console_error("net::ERR_");
        app.proxy.fault(Method::POST, AUTO_LOGIN, None, Fault::Delay(Duration::from_secs(2)));
        app.proxy.fault(Method::GET, CALLBACK, None, Fault::Delay(Duration::from_secs(3)));
        let browser = &app.browser;
        demo::open_link(browser, "returning", "demo-shop").await?;
        browser.press(Role::Link, "계속하기").await?;
        demo::signed_up(browser).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(app.proxy.count(&Method::GET, CALLBACK), 1);
        assert_eq!(app.decisions().await?, []);
        Ok(())
    })
    .await
}

/// Something changed between the page and its request: what is true now is shown.
#[tokio::test]
async fn who_is_no_member_any_more_sees_the_ways_in() -> Result<()> {
    TestApp::run(in_messenger(), |app| async move {
        let other = Fault::json(|json| json["outcome"] = "log_in".into());
        app.proxy.fault(Method::POST, AUTO_LOGIN, None, other);
        let browser = &app.browser;
        demo::open_link(browser, "returning", "demo-shop").await?;
        browser.find(Role::Heading, LOG_IN).await?;
        assert!(browser.address().await?.contains("tried=1"));
        assert_eq!(attempts(&app), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_new_user_signs_up_with_one_tap_and_one_agree() -> Result<()> {
    with_and_without_storage(async |app| {
        let browser = &app.browser;
        demo::open_link(browser, "new", "demo-shop").await?;
        browser.find(Role::Heading, SIGN_UP).await?;
        assert_eq!(attempts(app), 0, "there is nothing to ask for");
        browser.see("가입하기").await?;
        // The consent screen's files come while the person reads.
        let files = || ["*.wasm", "*.js"].map(|file| app.proxy.count(&Method::GET, file));
        for _ in 0..200 {
            if files() == [1, 1] {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        browser.press(Role::Link, "가입하기").await?;
        let screen = Consent::asking(browser).await?;
        // A WebKit that is driven keeps no cache on a disk, and so none of these files.
        if app.engine != Engine::WebKit {
            assert_eq!(files(), [1, 1], "they were in the cache");
        }
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.decisions().await?.len(), 1);
        // From now on they are welcomed.
        demo::open_link(browser, "new", "demo-shop").await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.decisions().await?.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_only_logged_in_before_is_asked_once() -> Result<()> {
    with_and_without_storage(async |app| {
        let browser = &app.browser;
        demo::open_link(browser, "login-only", "demo-shop").await?;
        browser.press(Role::Link, "로그인").await?;
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        demo::open_link(browser, "login-only", "demo-shop").await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.decisions().await?.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_must_type_something_goes_on_by_ordinary_login() -> Result<()> {
    with_and_without_storage(async |app| {
        let browser = &app.browser;
        demo::open_link(browser, "no-email", "demo-shop").await?;
        browser.find(Role::Heading, LOG_IN).await?;
        let back = browser.find(Role::Link, "먼저 둘러보기").await?.attr("href").await?;
        assert!(back.is_some_and(|it| it.contains("error=interaction_required")));
        browser.press(Role::Link, "로그인").await?;
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        browser.fill("이메일", "sol@example.com").await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert_eq!(attempts(app), 0);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn looking_around_returns_what_the_service_expects() -> Result<()> {
    TestApp::run(in_messenger(), |app| async move {
        let browser = &app.browser;
        demo::open_link(browser, "new", "demo-shop").await?;
        browser.press(Role::Link, "먼저 둘러보기").await?;
        let address = demo::back_at_service(browser).await?;
        assert!(address.contains("error=consent_required"), "{address}");
        browser.find(Role::Heading, "로그인하지 않고 둘러보는 중").await?;
        assert_eq!(app.decisions().await?, []);
        Ok(())
    })
    .await
}

/// A service that does not take the answer, and tries again.
#[tokio::test]
async fn a_service_that_sends_the_person_straight_back_does_not_loop() -> Result<()> {
    with_and_without_storage(async |app| {
        let browser = &app.browser;
        let link = "/auto-login?client_id=demo-shop&state=s&redirect_uri=";
        let link = format!("{link}{}{CALLBACK}", app.proxy.origin());
        let back = Fault::answer(303, "text/plain", "").with(LOCATION, &link);
        app.proxy.fault(Method::GET, CALLBACK, None, back);
        demo::open_link(browser, "returning", "demo-shop").await?;
        browser.find(Role::Heading, LOG_IN).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        browser.find(Role::Heading, LOG_IN).await?;
        assert_eq!(attempts(app), 1);
        assert_eq!(app.proxy.count(&Method::GET, CALLBACK), 1);
        // The ordinary login is a tap, and it goes through once the service has come to itself.
        app.proxy.clear_faults();
        browser.press(Role::Link, "로그인").await?;
        demo::back_at_service(browser).await?;
        Ok(())
    })
    .await
}

/// Where cookies of other answers are lost, too, the page's own memory is enough.
#[tokio::test]
async fn storage_alone_keeps_from_looping() -> Result<()> {
    TestApp::run(in_messenger(), |app| async move {
        let browser = &app.browser;
        let link = "/auto-login?client_id=demo-shop&state=s&redirect_uri=";
        let link = format!("{link}{}{CALLBACK}", app.proxy.origin());
        let back = Fault::answer(303, "text/plain", "").with(LOCATION, &link);
        app.proxy.fault(Method::GET, CALLBACK, None, back);
        let without_cookie = Fault::Rewrite(Arc::new(|answer| {
            answer.headers_mut().remove(SET_COOKIE);
        }));
        app.proxy.fault(Method::POST, AUTO_LOGIN, None, without_cookie);
        demo::open_link(browser, "returning", "demo-shop").await?;
        browser.find(Role::Heading, LOG_IN).await?;
        assert_eq!(attempts(&app), 1);
        // Nothing failed, so nothing is said to have failed.
        assert!(!browser.text().await?.contains(NOT_SIGNED_IN));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_reload_is_no_second_attempt() -> Result<()> {
    with_and_without_storage(async |app| {
        app.allow_console_error("the server responded with a status of 503");
        app.proxy.fault(Method::POST, AUTO_LOGIN, None, Fault::status(503));
        let browser = &app.browser;
        demo::open_link(browser, "returning", "demo-shop").await?;
        browser.see(NOT_SIGNED_IN).await?;
        app.proxy.clear_faults();
        browser.driver.refresh().await?;
        browser.find(Role::Heading, LOG_IN).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(attempts(app), 1);
        Ok(())
    })
    .await
}

/// Whatever happens to the attempt, the ways in are there, and the ordinary login works.
async fn falls_back(fault: fn() -> Fault, console: Option<&'static str>) -> Result<()> {
    TestApp::run(in_messenger(), |app| async move {
        if let Some(console) = console {
            app.allow_console_error(console);
        }
        app.proxy.fault(Method::POST, AUTO_LOGIN, None, fault());
        let browser = &app.browser;
        demo::open_link(browser, "returning", "demo-shop").await?;
        browser.see(NOT_SIGNED_IN).await?;
        browser.find(Role::Heading, LOG_IN).await?;
        assert_eq!(browser.focused().await?, LOG_IN, "the page is read from its new beginning");
        assert_eq!(browser.driver.title().await?, LOG_IN);
        browser.press(Role::Link, "로그인").await?;
        demo::signed_up(browser).await?;
        // A browser sends by itself once or twice more what it lost with a connection.
        let most = if console == Some("net::ERR_") { 3 } else { 1 };
        assert!((1..=most).contains(&attempts(&app)), "{} attempts", attempts(&app));
        assert_eq!(app.decisions().await?, []);
        Ok(())
    })
    .await
}

macro_rules! each {
    ($story:ident: $($name:ident: $fault:expr, $console:expr;)*) => {
        $(#[tokio::test]
        async fn $name() -> Result<()> {
            $story(|| $fault, $console).await
        })*
    };
}

each! { falls_back:
    an_attempt_that_fails: Fault::status(500), Some("status of 500");
    an_attempt_without_an_answer: Fault::Drop, Some("net::ERR_");
    an_attempt_that_is_answered_with_a_page: Fault::answer(200, "text/html", "<h1>Login</h1>"), None;
    an_attempt_that_takes_too_long: Fault::Delay(Duration::from_secs(12)), Some("net::ERR_");
    an_answer_that_leads_elsewhere: Fault::json(|json| {
        json["redirect_to"] = "https://evil.example/?code=1".into();
    }), None;
    an_answer_that_leads_to_a_neighbour: Fault::json(|json| {
        let to = json["redirect_to"].as_str().unwrap_or_default();
        json["redirect_to"] = to.replace("/demo/callback?", "/demo/callback.evil.example?").into();
    }), None;
}

/// The further rows, for a full run.
mod matrix {
    use super::*;

    each! { falls_back:
        an_attempt_that_is_refused: Fault::status(403), Some("status of 403");
        an_attempt_too_many: Fault::status(429), Some("status of 429");
        an_attempt_whose_answer_is_lost: Fault::Lose, Some("net::ERR_");
        an_attempt_that_is_answered_in_part: Fault::Truncate(40), Some("net::ERR_");
    }
}

#[tokio::test]
async fn without_a_connection_the_ways_in_are_there() -> Result<()> {
    TestApp::run(in_messenger(), |app| async move {
        app.allow_console_error("net::ERR_");
        let browser = &app.browser;
        app.proxy.fault(Method::POST, AUTO_LOGIN, None, Fault::Delay(Duration::from_secs(4)));
        demo::open_link(browser, "returning", "demo-shop").await?;
        browser.find(Role::Heading, "두리님, 반갑습니다").await?;
        app.proxy.refuse().await;
        browser.see(NOT_SIGNED_IN).await?;
        app.proxy.accept()?;
        app.proxy.clear_faults();
        browser.press(Role::Link, "로그인").await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_plain_browser_shows_the_ways_in() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        demo::open_link(browser, "returning", "demo-shop").await?;
        browser.find(Role::Heading, LOG_IN).await?;
        assert!(!browser.text().await?.contains("다른 브라우저에서 열기"));
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(attempts(&app), 0);
        browser.press(Role::Link, "로그인").await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}

/// Each browser of the list is treated as the list says.
#[tokio::test]
async fn every_user_agent_is_met_as_expected() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        for line in USER_AGENTS.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<_> = line.split('\t').collect();
            let [name, treatment, user_agent] = columns[..] else { panic!("{line}") };
            app.proxy.say("user-agent", user_agent)?;
            demo::open_link(browser, "new", "demo-shop").await?;
            let heading = if treatment == "browser" { LOG_IN } else { SIGN_UP };
            browser.find(Role::Heading, heading).await?;
            let outside = browser.has(Role::Link, "다른 브라우저에서 열기").await?;
            assert_eq!(outside, treatment != "browser", "{name}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn without_scripts_a_member_goes_on_by_a_link() -> Result<()> {
    TestApp::run(in_messenger().without_scripts(), |app| async move {
        let browser = &app.browser;
        demo::open_link(browser, "returning", "demo-shop").await?;
        browser.find(Role::Heading, "두리님, 반갑습니다").await?;
        browser.press(Role::Link, "계속하기").await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn without_cookies_there_is_no_redirect_loop() -> Result<()> {
    TestApp::run(in_messenger().without_cookies(), |app| async move {
        let browser = &app.browser;
        demo::open_link(browser, "returning", "demo-shop").await?;
        browser.find(Role::Heading, LOG_IN).await?;
        browser.press(Role::Link, "로그인").await?;
        browser.find(Role::Heading, "누구로 계속할까요?").await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(attempts(&app), 0);
        assert!(app.proxy.count(&Method::GET, "/auto-login") == 1, "{:#?}", app.proxy.seen());
        Ok(())
    })
    .await
}

/// The challenge of a sign-up that was begun in the messenger is no good elsewhere: there the person
/// signs in first, and is asked again.
#[tokio::test]
async fn outside_the_sign_up_begins_with_a_login() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 403");
        app.proxy.say("user-agent", listed("KakaoTalk on Android"))?;
        let browser = &app.browser;
        demo::open_link(browser, "new", "demo-shop").await?;
        browser.press(Role::Link, "가입하기").await?;
        Consent::asking(browser).await?;
        let challenge = browser.address().await?;
        // Another browser knows the address and nothing else.
        browser.driver.delete_all_cookies().await?;
        app.proxy.say("user-agent", listed("Chrome on Android"))?;
        browser.go(&challenge).await?;
        browser.find(Role::Heading, "다른 곳에서 시작한 요청입니다").await?;
        browser.press(Role::Link, "다시 시작").await?;
        browser.find(Role::Heading, "누구로 계속할까요?").await?;
        let accounts = browser.all(Role::Link).await?;
        let (_, first) =
            accounts.iter().find(|(name, _)| name.contains("하나")).expect("an account");
        first.click().await?;
        Consent::asking(browser).await?;
        assert_ne!(browser.address().await?, challenge, "it is asked again");
        browser.go(&challenge).await?;
        browser.find(Role::Heading, "다른 곳에서 시작한 요청입니다").await?;
        assert_eq!(app.decisions().await?, []);
        Ok(())
    })
    .await
}

/// Where the messenger's browser sends the person, the service begins again, to its end.
#[tokio::test]
async fn the_service_opens_in_another_browser() -> Result<()> {
    TestApp::run(in_messenger(), |app| async move {
        let browser = &app.browser;
        demo::open_link(browser, "new", "demo-shop").await?;
        let link = browser.find(Role::Link, "다른 브라우저에서 열기").await?.attr("href").await?;
        let link = link.unwrap_or_default();
        assert!(link.starts_with("kakaotalk://web/openExternal?url=http%3A%2F%2F"), "{link}");
        assert!(link.ends_with("%2Fauto-login%2Foutside%2Fdemo-shop"), "{link}");
        browser.driver.delete_all_cookies().await?;
        browser.go("/auto-login/outside/demo-shop").await?;
        browser.find(Role::Heading, "누구로 계속할까요?").await?;
        let accounts = browser.all(Role::Link).await?;
        let (_, member) =
            accounts.iter().find(|(name, _)| name.contains("두리")).expect("an account");
        member.click().await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_page_that_leads_nowhere_can_be_closed() -> Result<()> {
    let setup = in_messenger()
        .not_in(Engine::Firefox, "it asks which program opens the messenger's address")
        .not_in(Engine::WebKit, "it shows an error page for the messenger's address");
    TestApp::run(setup, |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        // What closes the messenger's browser closes nothing here, and says so.
        app.allow_console_error("Scripts may close only the windows that were opened by them");
        app.allow_console_error("kakaotalk://inappbrowser/close");
        let browser = &app.browser;
        browser.go("/consent/no-such-request").await?;
        browser.find(Role::Heading, "동의 요청을 찾을 수 없습니다").await?;
        browser.press(Role::Button, "창 닫기").await?;
        browser.see("창이 닫히지 않으면 화면 위나 아래에 있는 닫기 버튼을 눌러 주세요.").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_demo_opens_it_as_if_inside() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        browser.go("/demo").await?;
        browser.press(Role::Radio, "returning").await?;
        browser.press(Role::Button, "카카오톡 인앱 브라우저처럼 열기").await?;
        demo::signed_up(browser).await?;
        browser.see("체험: 카카오톡 인앱 브라우저처럼 보는 중 · Android").await?;
        // Once more in the same window: it is another visit. WebKitGTK does not know the header
        // (Clear-Site-Data) by which the demo says so.
        if app.engine != Engine::WebKit {
            browser.go("/demo").await?;
            browser.press(Role::Radio, "returning").await?;
            browser.press(Role::Button, "카카오톡 인앱 브라우저처럼 열기").await?;
            demo::signed_up(browser).await?;
            assert_eq!(attempts(&app), 2);
        }
        browser.go("/demo").await?;
        browser.press(Role::Radio, "new").await?;
        browser.press(Role::Button, "카카오톡 인앱 브라우저처럼 열기").await?;
        browser.press(Role::Link, "가입하기").await?;
        let screen = Consent::asking(browser).await?;
        browser.see("체험: 카카오톡 인앱 브라우저처럼 보는 중 · Android").await?;
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        browser.press(Role::Link, "끝내기").await?;
        browser.see_no_more("체험: 카카오톡").await?;
        Ok(())
    })
    .await
}
