//! However often it is pressed, sent or opened: one decision, and no dead end.

use anyhow::Result;
use consent_e2e::browser::Browser;
use consent_e2e::pages::consent::KO;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use std::time::Duration;

/// What consoles say of an answer that the screen explains.
const GONE: &str = "the server responded with a status of 410";

async fn agreed_once(app: &TestApp) -> Result<()> {
    let decisions = app.decisions().await?;
    let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
    assert_eq!(decision.decision, "agree");
    Ok(())
}

/// The page that stands for a request that was answered, and the way on from there.
async fn goes_on_from_answered(browser: &Browser) -> Result<()> {
    browser.find(Role::Heading, "이미 처리된 요청입니다").await?;
    browser.press(Role::Link, "계속하기").await?;
    let address = demo::back_at_service(browser).await?;
    assert!(address.contains("code="), "{address}");
    Ok(())
}

#[tokio::test]
async fn a_double_click_agrees_once() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        let agree = browser.find(Role::Button, "동의하고 계속하기").await?;
        agree.scroll_into_view().await?;
        browser.driver.action_chain().double_click_element(&agree).perform().await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), 1);
        agreed_once(&app).await
    })
    .await
}

#[tokio::test]
async fn the_same_answer_from_two_tabs_is_one_decision() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let first = Consent::of(browser, "new", "demo-shop", "").await?;
        first.tick_required().await?;
        let (address, first_tab) = (browser.address().await?, browser.driver.window().await?);

        let second_tab = browser.open_tab().await?;
        browser.driver.switch_to_window(second_tab).await?;
        browser.go(&address).await?;
        let second = Consent::asking(browser).await?;
        second.tick_required().await?;
        second.agree().await?;
        demo::signed_up(browser).await?;

        browser.driver.switch_to_window(first_tab).await?;
        first.agree().await?;
        demo::back_at_service(browser).await?;
        agreed_once(&app).await
    })
    .await
}

#[tokio::test]
async fn another_answer_from_a_second_tab_learns_that_the_first_holds() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(GONE);
        let browser = &app.browser;
        let first = Consent::of(browser, "new", "demo-shop", "").await?;
        first.tick_required().await?;
        first.tick("전화번호").await?;
        let (address, first_tab) = (browser.address().await?, browser.driver.window().await?);

        let second_tab = browser.open_tab().await?;
        browser.driver.switch_to_window(second_tab).await?;
        browser.go(&address).await?;
        let second = Consent::asking(browser).await?;
        second.tick_required().await?;
        second.agree().await?;
        demo::signed_up(browser).await?;

        browser.driver.switch_to_window(first_tab).await?;
        first.agree().await?;
        goes_on_from_answered(browser).await?;
        agreed_once(&app).await?;
        let decisions = app.decisions().await?;
        let items = app.items(&decisions[0].receipt_id).await?;
        let phone = items.iter().find(|item| item.key == "item:phone_number");
        assert!(phone.is_some_and(|item| !item.agreed), "the later answer changed the record");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn back_after_finishing_does_not_bring_the_form_back() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        browser.go("/demo?lang=ko").await?;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        browser.driver.back().await?;
        // Where the person was before; the form is not in the history any more.
        browser.arrive("/demo?lang=ko").await?;
        agreed_once(&app).await
    })
    .await
}

#[tokio::test]
async fn a_form_from_the_history_knows_that_it_was_answered_elsewhere() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(GONE);
        let browser = &app.browser;
        let first = Consent::of(browser, "new", "demo-shop", "").await?;
        first.tick_required().await?;
        let (address, first_tab) = (browser.address().await?, browser.driver.window().await?);
        browser.go("/demo").await?;

        let second_tab = browser.open_tab().await?;
        browser.driver.switch_to_window(second_tab).await?;
        browser.go(&address).await?;
        let second = Consent::asking(browser).await?;
        second.tick_required().await?;
        second.agree().await?;
        demo::signed_up(browser).await?;

        browser.driver.switch_to_window(first_tab).await?;
        browser.driver.back().await?;
        browser.arrive("/consent/").await?;
        goes_on_from_answered(browser).await?;
        agreed_once(&app).await
    })
    .await
}

#[tokio::test]
async fn the_same_post_replayed_writes_nothing_more() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        // What the browser sends without WebAssembly, three times at once.
        let late = Fault::Delay(Duration::from_secs(5));
        app.proxy.fault(Method::GET, "*.wasm", None, late);
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        screen.tick_required().await?;
        let replay = "
            const done = arguments[arguments.length - 1];
            const form = document.querySelector('.consent__form');
            const button = form.querySelector('.actions button[value=agree]');
            const body = new URLSearchParams(new FormData(form, button));
            const post = () => fetch(form.action, { method: 'POST', body, redirect: 'manual' });
            Promise.all([post(), post(), post()])
                .then((answers) => done(answers.map((answer) => answer.type)))
                .catch((error) => done([String(error)]));
        ";
        let answers = browser.driver.execute_async(replay, Vec::new()).await?;
        let answers: Vec<String> = answers.convert()?;
        assert_eq!(answers, ["basic"; 3], "each is answered with the page that leads on");
        agreed_once(&app).await?;

        // The app's own is the same answer, only as JSON.
        browser.app("mounted").await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.proxy.count(&Method::POST, "/consent/"), 3);
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), 1);
        agreed_once(&app).await
    })
    .await
}

#[tokio::test]
async fn an_answer_lost_on_its_way_back_is_not_recorded_twice() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_lost_answers();
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        app.proxy.fault(Method::POST, "*/decision", Some(1), Fault::Lose);
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), 2, "it was sent again");
        agreed_once(&app).await
    })
    .await
}
