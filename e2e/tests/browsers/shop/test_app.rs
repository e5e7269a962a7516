//! The test app: the same shop as another client, with user ids of its own.

use anyhow::{Result, ensure};
use consent_e2e::pages::Teahouse;
use consent_e2e::{Setup, TestApp};

#[tokio::test]
async fn the_same_account_has_another_user_id() -> Result<()> {
    TestApp::run(Setup::default().with_shop_and_test_app(), |app| async move {
        let live = Teahouse::of(&app);
        live.become_member("new", &[]).await?;
        let test = Teahouse::at(&app.browser, app.test_shop());
        test.open("/").await?;
        test.see("frame.test_app").await?;
        test.become_member("new", &[]).await?;
        let (live, test) = (app.shop().member().await?, app.test_shop().member().await?);
        ensure!(live.sub != test.sub, "{live:?} {test:?}");
        assert_eq!(live.email, test.email, "the same person");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn only_its_team_may_sign_in() -> Result<()> {
    TestApp::run(Setup::default().with_shop_and_test_app(), |app| async move {
        app.allow_console_error("the server responded with a status of 4");
        let test = Teahouse::at(&app.browser, app.test_shop());
        test.be("everything").await?;
        test.open("/").await?;
        test.press("home.sign_up").await?;
        app.browser.see("KOE005").await?;
        assert_eq!(app.test_shop().linked().await?, []);
        Ok(())
    })
    .await
}
