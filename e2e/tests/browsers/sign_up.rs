//! Signing up, and when the screen is not shown at all.

use anyhow::Result;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::{Setup, TestApp};
use hyper::Method;

#[tokio::test]
async fn the_service_gets_what_was_agreed_to_and_nothing_else() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;

        assert_eq!(demo::claim(browser, "email").await?.as_deref(), Some("hana@example.com"));
        assert_eq!(demo::claim(browser, "nickname").await?.as_deref(), Some("하나"));
        assert_eq!(demo::claim(browser, "phone_number").await?, None, "it was not agreed to");

        let decisions = app.decisions().await?;
        let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
        let items = app.items(&decision.receipt_id).await?;
        let recorded: Vec<_> = items.iter().map(|item| (item.key.as_str(), item.agreed)).collect();
        assert_eq!(
            recorded,
            [
                ("term:tos", true),
                ("term:privacy", true),
                ("term:marketing", false),
                ("item:profile_nickname", true),
                ("item:account_email", true),
                ("item:phone_number", false),
                ("channel:_hanok", false),
            ]
        );
        for item in items.iter().filter(|item| item.key.starts_with("term:")) {
            assert!(item.version.is_some() && item.digest.is_some(), "which text was {item:?}?");
        }
        let receipt: Vec<_> = demo::receipt(browser).await?;
        let receipt: Vec<_> = receipt.iter().map(|(key, agreed)| (key.as_str(), *agreed)).collect();
        assert_eq!(receipt, recorded, "the page and the database say the same");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_optional_item_that_was_ticked_arrives() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        screen.tick("전화번호").await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert!(demo::claim(browser, "phone_number").await?.is_some());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_agreed_before_sees_no_screen() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        for service in ["demo-shop", "demo-travel"] {
            demo::sign_up(browser, "returning", service, "").await?;
            let address = demo::signed_up(browser).await?;
            assert!(address.contains("code="), "{service}: {address}");
        }
        assert_eq!(app.proxy.count(&Method::GET, "/consent/"), 0);
        assert_eq!(app.decisions().await?, []);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_only_logged_in_before_sees_the_screen_once() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "login-only", "demo-shop", "").await?;
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.proxy.count(&Method::GET, "/consent/"), 1);

        demo::sign_up(browser, "login-only", "demo-shop", "").await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.proxy.count(&Method::GET, "/consent/"), 1, "and not again");
        assert_eq!(app.decisions().await?.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_new_term_asked_by_name_is_asked_alone() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let more = "service_terms=travel_notice";
        let screen = Consent::of(browser, "returning", "demo-travel", more).await?;
        let items = screen.items().await?;
        let asked: Vec<_> = items.iter().filter(|name| name.starts_with('[')).collect();
        assert_eq!(asked, ["[필수] 여행 안전 고지"]);

        browser.press(consent_e2e::role::Role::Button, "이미 동의한 항목 4개").await?;
        for agreed in ["여행 예약 약관", "개인정보 수집 및 이용", "닉네임", "이메일"]
        {
            browser.see(agreed).await?;
        }
        screen.tick("여행 안전 고지").await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;

        let decisions = app.decisions().await?;
        let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
        assert_eq!(decision.purpose, "additional_consent");
        let items = app.items(&decision.receipt_id).await?;
        let keys: Vec<_> = items.iter().map(|item| item.key.as_str()).collect();
        assert_eq!(keys, ["term:travel_notice"]);
        Ok(())
    })
    .await
}
