//! axe-core finds nothing on the shop's pages, in light and dark; no page needs a script.

use anyhow::Result;
use consent_e2e::pages::Teahouse;
use consent_e2e::{Setup, TestApp};

use crate::accessibility::axe;

/// The bar with the button to buy is pinned to the bottom of a product's page. axe leaves undecided what is
/// below it.
const UNPIN: &str = "document.querySelectorAll('.buy').forEach(it => it.style.position = 'static')";

#[tokio::test]
async fn axe_finds_nothing_on_any_page() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        let shop = Teahouse::of(&app);
        let mut found = Vec::new();
        for path in ["/", "/goods/first-flush", "/sign-in", "/developers", "/mailbox", "/nowhere"] {
            shop.open(path).await?;
            app.browser.driver.execute(UNPIN, Vec::new()).await?;
            found.extend(axe::found(&app, path).await?);
        }
        shop.be("channel-added").await?;
        let screen = shop.sign_up().await?;
        screen.tick_required().await?;
        screen.agree().await?;
        shop.heading("join.you_title").await?;
        found.extend(axe::found(&app, "/join").await?);
        shop.press("join.not_me_go").await?;
        shop.see("notice.signed_up").await?;
        shop.take("first-flush").await?;
        for path in ["/", "/basket", "/profile", "/coupons", "/developers", "/leave"] {
            shop.open(path).await?;
            found.extend(axe::found(&app, &format!("{path} as a member")).await?);
        }
        shop.open("/basket").await?;
        shop.press("basket.order").await?;
        shop.heading("order.needs_title").await?;
        found.extend(axe::found(&app, "/order").await?);
        assert!(found.is_empty(), "{}", found.join("\n"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_panel_behind_the_scenes_shows_requests_code_and_answer() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let (browser, shop) = (&app.browser, Teahouse::of(&app));
        shop.become_member("new", &[]).await?;
        shop.press("behind.title").await?;
        browser.see("/oauth/token").await?;
        browser.see("/v2/user/me").await?;
        shop.see("behind.code").await?;
        shop.see("behind.faq").await?;
        let text = browser.text().await?;
        assert!(!text.contains("hanok-shop-is-no-secret"), "secrets are shortened");
        assert!(!text.contains("hanok-shop-admin-key"), "keys, too");
        let panel = axe::found(&app, "/ with its panel").await?;
        assert!(panel.is_empty(), "{}", panel.join("\n"));
        Ok(())
    })
    .await
}
