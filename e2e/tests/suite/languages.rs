//! The screen's languages.

use anyhow::Result;
use consent_e2e::pages::consent::{EN, KO};
use consent_e2e::pages::{Consent, demo};
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};

#[tokio::test]
async fn the_browser_chooses_the_language_and_the_service_may_choose_another() -> Result<()> {
    TestApp::run(Setup::default().languages("en"), |app| async move {
        let browser = &app.browser;
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        Consent::asking_in(browser, EN).await?;
        browser.find(Role::Heading, "Sign up for Hanok Market").await?;

        demo::sign_up(browser, "new", "demo-shop", "lang=ja").await?;
        browser.find(Role::Button, "キャンセル").await?;
        browser.see("利用規約").await?;

        demo::sign_up(browser, "new", "demo-shop", "lang=ko").await?;
        Consent::asking_in(browser, KO).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn another_language_keeps_ticks_and_what_was_typed() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "no-email", "demo-shop", "").await?;
        screen.tick("이용약관").await?;
        screen.tick("이메일").await?;
        browser.fill("계정에 이메일이 없습니다", "sol@example.org").await?;

        let screen = screen.choose_language("en", EN).await?;
        assert_eq!(
            screen.ticked().await?,
            ["[Required] Terms of service", "[Required] Email address"]
        );
        let field = browser.find(Role::Textbox, "Your account has no email address").await?;
        assert_eq!(field.value().await?.as_deref(), Some("sol@example.org"));

        screen.tick_required().await?;
        screen.agree().await?;
        demo::back_at_service(browser).await?;
        assert_eq!(demo::claim(browser, "email").await?.as_deref(), Some("sol@example.org"));
        let decisions = app.decisions().await?;
        let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
        assert_eq!(decision.locale, "en", "the record says in which language it was read");
        let items = app.items(&decision.receipt_id).await?;
        assert!(items.iter().all(|item| item.locale == "en"), "{items:#?}");
        Ok(())
    })
    .await
}
