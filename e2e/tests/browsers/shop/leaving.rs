//! Leaving, at the shop and at the provider, and coming back.

use anyhow::{Result, ensure};
use consent_e2e::pages::Teahouse;
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;

const CHANNEL: &str = "오늘의 찻집";

#[tokio::test]
async fn leaving_unlinks_and_erases_and_names_the_channel_before() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let shop = Teahouse::of(&app);
        shop.become_member("new", &[CHANNEL]).await?;
        shop.take("first-flush").await?;
        shop.open("/basket").await?;
        shop.press("basket.order").await?;
        shop.fill("field.phone", "010-1234-1234").await?;
        shop.fill("field.address", "서울 종로구 북촌로 1").await?;
        shop.press("order.go").await?;
        shop.heading("order.placed_title").await?;

        shop.open("/leave").await?;
        shop.see("leave.channel_title").await?;
        shop.see("leave.channel_block").await?;
        shop.press("leave.go").await?;
        shop.heading("leave.done_title").await?;
        assert_eq!(app.proxy.count(&Method::POST, "/v1/user/unlink"), 1);
        assert_eq!(app.shop().linked().await?, []);
        let kept = "SELECT count(*) FROM orders WHERE member IS NULL AND recipient IS NULL \
                    AND phone IS NULL AND address IS NULL";
        assert_eq!(app.shop().count(kept).await?, 1, "the order stays, without the person");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn leaving_at_the_account_page_reaches_the_shop() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let (browser, shop) = (&app.browser, Teahouse::of(&app));
        shop.become_member("new", &[]).await?;
        browser.go("/account/services/hanok-shop/leave").await?;
        browser.press(Role::Button, "연결 끊기").await?;
        browser.see("연결을 끊었습니다").await?;
        app.shop().wait_for_linked(0).await?;
        shop.open("/profile").await?;
        shop.arrive("/sign-in").await?;
        Ok(())
    })
    .await
}

/// Further rows: the rules behind them are tested on the host, in the suite of the shop.
mod matrix {
    use super::*;

    #[tokio::test]
    async fn who_comes_back_starts_with_nothing() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let shop = Teahouse::of(&app);
            shop.become_member("new", &["전화번호"]).await?;
            let before = app.shop().member().await?;
            shop.open("/leave").await?;
            shop.press("leave.go").await?;
            shop.heading("leave.done_title").await?;
            // The provider asks everything again.
            shop.become_member("new", &[]).await?;
            let after = app.shop().member().await?;
            assert_eq!(after.sub, before.sub, "the platform gives the same user id");
            assert_ne!(after.id, before.id);
            assert_eq!(after.phone, None);
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn leaving_while_the_provider_is_down_erases_here_and_reports_later() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let shop = Teahouse::of(&app);
            shop.become_member("new", &[]).await?;
            app.proxy.fault(Method::POST, "/v1/user/unlink", None, Fault::status(503));
            shop.open("/leave").await?;
            shop.press("leave.go").await?;
            shop.heading("leave.done_title").await?;
            shop.see("leave.later_title").await?;
            assert_eq!(app.shop().linked().await?, []);
            let due = "SELECT count(*) FROM due_unlinks";
            assert_eq!(app.shop().count(due).await?, 1);
            app.proxy.clear_faults();
            // After a power failure, too.
            app.shop().fail_power().await?;
            let deadline = std::time::Instant::now() + std::time::Duration::from_secs(90);
            while app.shop().count(due).await? > 0 {
                ensure!(std::time::Instant::now() < deadline, "the provider got no unlink");
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
            shop.sign_up().await?;
            Ok(())
        })
        .await
    }
}
