//! Signing up in one step, plain login, and the step from the one to the other.

use anyhow::{Result, ensure};
use consent_e2e::pages::consent::{EN, JA};
use consent_e2e::pages::{Teahouse, demo};
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use thirtyfour::By;

/// Whether the screen asks for something whose name holds this.
fn asks(items: &[String], name: &str) -> bool {
    items.iter().any(|item| item.contains(name))
}

#[tokio::test]
async fn one_step_gives_the_shop_all_that_it_needs() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let (browser, shop) = (&app.browser, Teahouse::of(&app));
        demo::start(browser, "new", "hanok-shop").await?;
        shop.arrive("/").await?;
        shop.take("first-flush").await?;

        let screen = shop.sign_up().await?;
        let items = screen.items().await?;
        for asked in ["이용약관", "광고성 정보 수신", "이메일", "전화번호", "오늘의 찻집"]
        {
            ensure!(asks(&items, asked), "{asked} is not asked: {items:#?}");
        }
        screen.tick_required().await?;
        screen.tick("전화번호").await?;
        screen.agree().await?;
        shop.see("notice.signed_up").await?;
        browser.see("하나").await?;

        let member = app.shop().member().await?;
        assert_eq!(member.name.as_deref(), Some("하나"));
        assert_eq!(member.email.as_deref(), Some("hana@example.com"));
        let phone = member.phone.as_deref().unwrap_or_default();
        ensure!(phone.ends_with("12341234"), "{phone}");
        assert_eq!(member.joined_by, "sign_up");
        assert_eq!(member.tags()?, ["privacy", "tos"]);
        shop.open("/basket").await?;
        shop.see("basket.order").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_member_by_plain_login_is_asked_once_more_and_keeps_the_row() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let shop = Teahouse::of(&app);
        shop.become_member_by_login("new").await?;
        let before = app.shop().member().await?;

        shop.open("/profile").await?;
        shop.press("profile.upgrade_go").await?;
        let screen = shop.screen().await?;
        let items = screen.items().await?;
        ensure!(asks(&items, "이용약관") && !asks(&items, "이메일"), "{items:#?}");
        screen.tick_required().await?;
        screen.agree().await?;
        shop.arrive("/profile").await?;
        shop.see("profile.row_changed").await?;
        let changed = app.browser.driver.find_all(By::Css(".row-table tr.changed")).await?;
        ensure!(!changed.is_empty(), "what changed is marked");
        let again = app.browser.driver.find_all(By::Css("input[value=upgrade]")).await?;
        ensure!(again.is_empty(), "it is asked once");

        let after = app.shop().member().await?;
        assert_eq!((after.id, &after.sub), (before.id, &before.sub));
        assert_eq!(before.tags()?, [""; 0]);
        assert_eq!(after.tags()?, ["privacy", "tos"]);
        Ok(())
    })
    .await
}

/// The platform linked the account by plain login before the shop had the screen.
#[tokio::test]
async fn an_account_of_plain_login_sees_the_screen_once() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let shop = Teahouse::of(&app);
        shop.become_member("login-only", &[]).await?;
        let member = app.shop().member().await?;
        shop.open("/").await?;
        shop.press("frame.sign_out").await?;
        shop.see("notice.signed_out").await?;
        shop.press("home.sign_up").await?;
        shop.see("notice.signed_in").await?;
        assert_eq!(app.proxy.count(&Method::GET, "/consent/"), 1, "and not again");
        assert_eq!(app.shop().member().await?, member);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn in_english_and_in_japanese() -> Result<()> {
    for (language, words) in [("en", EN), ("ja", JA)] {
        TestApp::run(Setup::default().languages(language).with_shop(), |app| async move {
            let shop = Teahouse::of(&app).in_language(language, words);
            shop.become_member("new", &[]).await?;
            shop.see("home.title").await
        })
        .await?;
    }
    Ok(())
}

/// Further rows: the rules behind them are tested on the host, in the suite of the shop.
mod matrix {
    use super::*;

    #[tokio::test]
    async fn an_upgrade_that_is_cancelled_changes_nothing() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let shop = Teahouse::of(&app);
            shop.become_member_by_login("new").await?;
            let before = app.shop().member().await?;
            shop.open("/profile").await?;
            shop.press("profile.upgrade_go").await?;
            shop.screen().await?.cancel().await?;
            shop.see("notice.not_upgraded").await?;
            assert_eq!(app.shop().member().await?, before);
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn plain_login_gives_who_it_is_and_no_term() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let shop = Teahouse::of(&app);
            shop.be("new").await?;
            let screen = shop.log_in().await?;
            let items = screen.items().await?;
            ensure!(asks(&items, "이메일") && !asks(&items, "약관"), "{items:#?}");
            screen.tick_required().await?;
            screen.agree().await?;
            shop.see("notice.signed_up_by_login").await?;
            let member = app.shop().member().await?;
            assert_eq!((&*member.joined_by, member.tags()?.len()), ("login", 0));
            assert_eq!(member.email.as_deref(), Some("hana@example.com"));
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn a_sign_up_that_is_cancelled_leaves_nothing() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let shop = Teahouse::of(&app);
            shop.be("new").await?;
            shop.sign_up().await?.cancel().await?;
            shop.heading("problem.cancelled").await?;
            assert_eq!(app.shop().linked().await?, []);
            shop.press("problem.retry").await?;
            shop.screen().await?;
            Ok(())
        })
        .await
    }
}
