//! Webhooks that come twice, out of order, forged, or for a user who is gone.

use anyhow::{Context, Result, ensure};
use consent_e2e::pages::Teahouse;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};

/// A member, and the user id.
async fn member(app: &TestApp) -> Result<String> {
    Teahouse::of(app).become_member("new", &[]).await?;
    app.shop().member().await?.sub.context("a linked member")
}

/// Unlinks the shop on the provider's account page.
async fn unlink(app: &TestApp) -> Result<()> {
    app.browser.go("/account/services/hanok-shop/leave").await?;
    app.browser.press(Role::Button, "연결 끊기").await?;
    app.browser.see("연결을 끊었습니다").await?;
    app.shop().wait_for_linked(0).await
}

#[tokio::test]
async fn one_that_comes_twice_counts_once() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let sub = member(&app).await?;
        unlink(&app).await?;
        let members = app.shop().members().await?;
        for _ in 0..2 {
            assert_eq!(app.shop().unlink_webhook(&sub).await?, 200);
        }
        assert_eq!(app.shop().members().await?, members);
        Ok(())
    })
    .await
}

/// Further rows: the rules behind them are tested on the host, in the suite of the shop.
mod matrix {
    use super::*;

    #[tokio::test]
    async fn a_forged_one_changes_nothing() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let sub = member(&app).await?;
            for key in ["KakaoAK not-the-key", "KakaoAK ", "hanok-shop-admin-key-of-the-demo", ""] {
                assert_eq!(app.shop().unlink_webhook_with(&sub, key).await?, 401, "{key:?}");
            }
            let unsigned = "eyJ0eXAiOiJzZWNldmVudCtqd3QiLCJhbGciOiJub25lIn0.e30.";
            for token in [unsigned, "no token", ""] {
                let status = app.shop().event(token).await?;
                ensure!(status == 400 || status == 401, "{token:?}: {status}");
            }
            app.shop().member().await?;
            Ok(())
        })
        .await
    }

    /// A notice of the first link arrives when the user has signed up again.
    #[tokio::test]
    async fn one_that_comes_late_leaves_the_new_link_alone() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let sub = member(&app).await?;
            unlink(&app).await?;
            Teahouse::of(&app).become_member("new", &[]).await?;
            let again = app.shop().member().await?;
            assert_eq!(app.shop().unlink_webhook(&sub).await?, 200);
            assert_eq!(app.shop().member().await?, again);
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn one_for_a_user_who_is_gone_is_taken_and_makes_nothing() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let members = app.shop().members().await?;
            assert_eq!(app.shop().unlink_webhook("4242424242").await?, 200);
            assert_eq!(app.shop().members().await?, members);
            Ok(())
        })
        .await
    }
}
