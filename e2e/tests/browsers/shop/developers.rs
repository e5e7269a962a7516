//! The page for developers: why no screen appears, and the sign-up that keeps appearing.

use anyhow::{Context, Result, ensure};
use consent_e2e::pages::{Teahouse, teahouse};
use consent_e2e::{Setup, TestApp};
use thirtyfour::By;

/// What the page says of a reason: its word for whether it holds.
async fn holds(app: &TestApp, reason: &str) -> Result<bool> {
    let name = teahouse::text(&format!("reason.{reason}"))?;
    for reason in app.browser.driver.find_all(By::Css(".reasons li")).await? {
        let text = reason.text().await?;
        if text.contains(&name) {
            return Ok(!reason.find_all(By::Css(".state.holds")).await?.is_empty());
        }
    }
    None.with_context(|| format!("the page does not name {name}"))
}

#[tokio::test]
async fn each_reason_for_no_screen_is_read_from_the_api() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let shop = Teahouse::of(&app);
        shop.open("/developers").await?;
        shop.see("developers.signed_out").await?;

        // Agreed to everything before, and added the channel.
        shop.be("returning").await?;
        shop.open("/").await?;
        shop.press("home.sign_up").await?;
        shop.see("notice.signed_up").await?;
        shop.open("/developers").await?;
        ensure!(holds(&app, "everything_agreed").await?, "nothing is left to ask");
        ensure!(holds(&app, "channel_added").await?, "the channel was added before");
        ensure!(!holds(&app, "no_messenger").await?, "the account uses the messenger");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_sign_up_that_keeps_appearing_is_a_row_that_is_missing() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let shop = Teahouse::of(&app);
        shop.become_member("new", &[]).await?;
        let before = app.shop().member().await?;
        shop.open("/developers").await?;
        shop.press("developers.forget").await?;
        shop.see("notice.row_forgotten").await?;
        shop.see("developers.row_missing").await?;
        assert_eq!(app.shop().linked().await?, [], "linked at the provider, and no row here");
        shop.press("developers.repair").await?;
        shop.see("notice.row_repaired").await?;
        assert_eq!(app.shop().member().await?.sub, before.sub);
        Ok(())
    })
    .await
}

/// Further rows: the rules behind them are tested on the host, in the suite of the shop.
mod matrix {
    use super::*;

    #[tokio::test]
    async fn a_channel_that_is_not_offered_has_its_reason() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let shop = Teahouse::of(&app);
            shop.become_member("no-messenger", &[]).await?;
            shop.open("/developers").await?;
            ensure!(
                holds(&app, "no_messenger").await?,
                "there is no channel without the messenger"
            );
            ensure!(!holds(&app, "channel_added").await?, "no channel was added");
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn plain_login_is_named_until_it_was_asked_for_terms() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let shop = Teahouse::of(&app);
            shop.become_member_by_login("new").await?;
            shop.open("/developers").await?;
            ensure!(!holds(&app, "everything_agreed").await?, "terms are left to ask");
            Ok(())
        })
        .await
    }
}
