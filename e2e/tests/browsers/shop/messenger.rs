//! A product link that is opened in the messenger: members see a welcome, others browse, nothing loops.

use anyhow::{Result, ensure};
use consent_e2e::pages::Teahouse;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use std::time::Duration;

const LINK: &str = "/goods/first-flush";

/// Browsers by name, with tabs between name, treatment and user agent.
const USER_AGENTS: &str = include_str!("../../../../contract/samples/user-agents.tsv");

fn in_messenger() -> Setup {
    let line = USER_AGENTS.lines().find(|line| line.starts_with("KakaoTalk on Android\t"));
    let user_agent = line.and_then(|line| line.rsplit('\t').next()).expect("a name of the list");
    Setup::default().user_agent(user_agent).with_shop()
}

/// How often the shop sent the browser to the provider.
fn sign_ins(app: &TestApp) -> usize {
    app.proxy.count(&Method::GET, "/oauth/authorize")
}

#[tokio::test]
async fn a_member_is_signed_in_and_others_browse() -> Result<()> {
    TestApp::run(in_messenger(), |app| async move {
        let (browser, shop) = (&app.browser, Teahouse::of(&app));
        shop.become_member("new", &[]).await?;
        // Another visit, with nothing left of the shop's session.
        browser.driver.delete_all_cookies().await?;
        shop.be("new").await?;
        let before = sign_ins(&app);
        shop.open(LINK).await?;
        shop.see("good.hello_why").await?;
        browser.see("하나").await?;
        shop.open(LINK).await?;
        shop.see("good.hello_why").await?;
        assert_eq!(sign_ins(&app), before + 1, "once for each visit");

        browser.driver.delete_all_cookies().await?;
        shop.be("everything").await?;
        shop.open(LINK).await?;
        shop.see("good.browse_why").await?;
        shop.open(LINK).await?;
        shop.see("good.browse_why").await?;
        assert_eq!(sign_ins(&app), before + 2, "who is no member is not sent again");
        assert_eq!(app.shop().linked().await?.len(), 1, "looking around makes no member");
        shop.press("good.sign_up").await?;
        shop.screen().await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn without_cookies_there_is_no_loop() -> Result<()> {
    TestApp::run(in_messenger().without_cookies(), |app| async move {
        let shop = Teahouse::of(&app);
        shop.open(LINK).await?;
        shop.see("good.add").await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        ensure!(sign_ins(&app) <= 1, "{} attempts", sign_ins(&app));
        Ok(())
    })
    .await
}

/// Further rows: the rules behind them are tested on the host, in the suite of the shop.
mod matrix {
    use super::*;

    #[tokio::test]
    async fn outside_of_the_messenger_no_one_is_sent_anywhere() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let shop = Teahouse::of(&app);
            shop.be("returning").await?;
            shop.open(LINK).await?;
            shop.see("good.add").await?;
            assert_eq!(sign_ins(&app), 0);
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn who_is_signed_in_nowhere_browses() -> Result<()> {
        TestApp::run(in_messenger(), |app| async move {
            let shop = Teahouse::of(&app);
            shop.open(LINK).await?;
            shop.see("good.browse_why").await?;
            assert_eq!(sign_ins(&app), 1);
            shop.open("/goods/celadon-cup").await?;
            shop.see("good.add").await?;
            assert_eq!(sign_ins(&app), 1, "once for the whole visit");
            Ok(())
        })
        .await
    }
}
