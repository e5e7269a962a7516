//! What visitors do: press twice, go back, open two tabs, lose the session; and a busy database.

use anyhow::{Context, Result, ensure};
use consent_e2e::pages::{Teahouse, teahouse};
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use std::time::Duration;
use thirtyfour::By;

/// Puts something into the basket, up to the order's button.
async fn about_to_order(shop: &Teahouse<'_>) -> Result<()> {
    shop.take("first-flush").await?;
    shop.open("/basket").await?;
    shop.press("basket.order").await?;
    shop.fill("field.phone", "010-1234-1234").await?;
    shop.fill("field.address", "서울 종로구 북촌로 1").await
}

#[tokio::test]
async fn ordering_twice_is_one_order() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let (browser, shop) = (&app.browser, Teahouse::of(&app));
        shop.become_member("new", &[]).await?;
        about_to_order(&shop).await?;
        // What the button sends, three times at once; then the press that the visitor sees.
        let field = By::Css("form[action='/order'] input[name='csrf']");
        let csrf = browser.driver.find(field).await?.attr("value").await?.context("a token")?;
        let form = format!("csrf={csrf}&phone=010-1234-1234&address=Seoul");
        let cookies = browser.driver.get_all_cookies().await?;
        let cookies = cookies.iter().map(|it| format!("{}={}", it.name, it.value));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let send = || app.shop().submit("/order", &cookies, &form);
        let (first, second, third) = tokio::join!(send(), send(), send());
        assert_eq!([first?, second?, third?], [303; 3], "each leads to the order");
        shop.press("order.go").await?;
        shop.heading("order.placed_title").await?;
        assert_eq!(app.shop().count("SELECT count(*) FROM orders").await?, 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_double_press_on_sign_up_is_one_member() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let shop = Teahouse::of(&app);
        shop.be("new").await?;
        shop.open("/").await?;
        let button = app.browser.find(Role::Button, &teahouse::text("home.sign_up")?).await?;
        app.browser.driver.action_chain().double_click_element(&button).perform().await?;
        let screen = shop.screen().await?;
        screen.tick_required().await?;
        screen.agree().await?;
        shop.see("notice.signed_up").await?;
        app.shop().member().await?;
        Ok(())
    })
    .await
}

/// Back, or a reload, sends the callback once more.
#[tokio::test]
async fn a_callback_that_comes_again_ends_on_a_page() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        app.allow_console_error("the server responded with a status of 400");
        let shop = Teahouse::of(&app);
        shop.become_member("new", &[]).await?;
        let members = app.shop().members().await?;
        let seen = app.shop().proxy.seen();
        let callback = seen.iter().find(|it| it.path.starts_with("/callback?"));
        // A signed-in user goes on; an attempt that no one knows ends on a page.
        shop.open(&callback.context("a callback")?.path).await?;
        shop.see("home.to_coupons").await?;
        shop.open("/callback?code=any&state=never-begun").await?;
        shop.heading("problem.attempt_over").await?;
        shop.see("problem.attempt_over_do").await?;
        assert_eq!(app.shop().members().await?, members);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn going_back_after_signing_up_loses_nothing() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        app.allow_console_error("the server responded with a status of 4");
        let shop = Teahouse::of(&app);
        shop.become_member("new", &[]).await?;
        let members = app.shop().members().await?;
        app.browser.driver.back().await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        shop.open("/profile").await?;
        shop.see("profile.details").await?;
        assert_eq!(app.shop().members().await?, members);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_session_lost_on_the_way_starts_afresh() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        app.allow_console_error("the server responded with a status of 400");
        let (browser, shop) = (&app.browser, Teahouse::of(&app));
        shop.be("new").await?;
        let screen = shop.sign_up().await?;
        screen.tick_required().await?;
        // Cookies have no port: the shop's has it in its name.
        let (_, port) = app.shop().origin().rsplit_once(':').context("a port")?;
        let cookies = browser.driver.get_all_cookies().await?;
        let of_shop = cookies.iter().filter(|cookie| cookie.name.contains(port));
        let names: Vec<&str> = of_shop.map(|cookie| &*cookie.name).collect();
        ensure!(!names.is_empty(), "{cookies:#?}");
        for name in names {
            browser.driver.delete_cookie(name).await?;
        }
        screen.agree().await?;
        shop.heading("problem.session_lost").await?;
        assert_eq!(app.shop().linked().await?, []);
        shop.press("problem.retry").await?;
        shop.see("notice.signed_up").await?;
        app.shop().member().await?;
        Ok(())
    })
    .await
}

/// Further rows: the rules behind them are tested on the host, in the suite of the shop.
mod matrix {
    use super::*;

    #[tokio::test]
    async fn a_busy_database_is_waited_for_and_then_said() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            app.allow_console_error("the server responded with a status of 503");
            let shop = Teahouse::of(&app);
            shop.be("new").await?;
            let screen = shop.sign_up().await?;
            screen.tick_required().await?;
            let lock = app.shop().lock_database().await?;
            screen.agree().await?;
            shop.heading("problem.database_busy").await?;
            drop(lock);
            assert_eq!(app.shop().linked().await?, []);
            shop.sign_in_again().await?;
            app.shop().member().await?;
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn two_tabs_do_not_disturb_each_other() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            app.allow_console_error("the server responded with a status of 4");
            let (browser, shop) = (&app.browser, Teahouse::of(&app));
            shop.be("new").await?;
            let first = shop.sign_up().await?;
            first.tick_required().await?;
            let first_tab = browser.driver.window().await?;
            let second_tab = browser.open_tab().await?;
            browser.driver.switch_to_window(second_tab).await?;
            let second = shop.log_in().await?;
            second.tick_required().await?;
            second.agree().await?;
            shop.see("notice.signed_up_by_login").await?;
            let member = app.shop().member().await?;

            browser.driver.switch_to_window(first_tab).await?;
            first.agree().await?;
            // What the first tab asked for is answered in part, or asked again: in no case another row.
            tokio::time::sleep(Duration::from_secs(2)).await;
            let now = app.shop().member().await?;
            assert_eq!((now.id, now.sub), (member.id, member.sub));
            Ok(())
        })
        .await
    }
}
