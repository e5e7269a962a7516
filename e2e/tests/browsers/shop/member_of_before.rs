//! Members who were there before: found by e-mail or phone, asked, proven, and linked to the user id.

use anyhow::{Context, Result, ensure};
use consent_e2e::pages::Teahouse;
use consent_e2e::shop::{Member, Shop};
use consent_e2e::{Setup, TestApp};

/// A form that the shop gives back with an error.
const NOT_TAKEN: &str = "the server responded with a status of 422";

const PASSWORD: &str = "tea-since-2019";

/// The row of a member of before, by the address.
async fn row(shop: &Shop, email: &str) -> Result<Member> {
    let members = shop.members().await?;
    members.into_iter().find(|it| it.email.as_deref() == Some(email)).context("no such row")
}

/// Agrees on the screen as an account that the shop may know.
async fn sign_up(shop: &Teahouse<'_>, account: &str, optional: &[&str]) -> Result<()> {
    shop.be(account).await?;
    let screen = shop.sign_up().await?;
    screen.tick_required().await?;
    for item in optional {
        screen.tick(item).await?;
    }
    screen.agree().await?;
    shop.arrive("/join").await?;
    shop.heading("join.you_title").await
}

#[tokio::test]
async fn found_by_the_address_and_proven_by_the_old_password() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        app.allow_console_error(NOT_TAKEN);
        let shop = Teahouse::of(&app);
        let before = row(app.shop(), "nemo@example.com").await?;
        assert_eq!(before.sub, None);

        sign_up(&shop, "channel-added", &[]).await?;
        assert_eq!(app.shop().linked().await?, [], "nothing is linked before it is proven");
        shop.fill_field("password", "not this one").await?;
        shop.press("join.password_go").await?;
        shop.see("join.password_wrong").await?;
        assert_eq!(app.shop().linked().await?, []);
        shop.fill_field("password", PASSWORD).await?;
        shop.press("join.password_go").await?;
        shop.see("notice.linked").await?;

        let after = app.shop().member().await?;
        assert_eq!((after.id, after.email), (before.id, before.email));
        ensure!(after.sub.is_some(), "the user id is the key from now on");
        Ok(())
    })
    .await
}

/// Further rows: the rules behind them are tested on the host, in the suite of the shop.
mod matrix {
    use super::*;

    #[tokio::test]
    async fn proven_by_an_e_mailed_code() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            app.allow_console_error(NOT_TAKEN);
            let shop = Teahouse::of(&app);
            let before = row(app.shop(), "daon@example.com").await?;
            sign_up(&shop, "channel-blocked", &[]).await?;
            shop.press("join.code_send").await?;
            shop.see("join.code_sent").await?;
            let code = shop.mailed_code().await?;
            shop.open("/join").await?;
            let wrong = if code == "000000" { "000001" } else { "000000" };
            shop.fill_field("code", wrong).await?;
            shop.press("join.code_go").await?;
            shop.see("join.code_wrong").await?;
            assert_eq!(app.shop().linked().await?, []);
            shop.fill_field("code", &code).await?;
            shop.press("join.code_go").await?;
            shop.see("notice.linked").await?;
            assert_eq!(app.shop().member().await?.id, before.id);
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn found_by_the_phone_number() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let shop = Teahouse::of(&app);
            let before = row(app.shop(), "raon.old@example.com").await?;
            sign_up(&shop, "everything", &["전화번호"]).await?;
            shop.see("join.you_lead_phone").await?;
            shop.fill_field("password", PASSWORD).await?;
            shop.press("join.password_go").await?;
            shop.see("notice.linked").await?;
            assert_eq!(app.shop().member().await?.id, before.id);
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn who_is_someone_else_gets_a_row_of_their_own() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let shop = Teahouse::of(&app);
            let before = row(app.shop(), "nemo@example.com").await?;
            sign_up(&shop, "channel-added", &[]).await?;
            shop.press("join.not_me_go").await?;
            shop.see("notice.signed_up").await?;
            assert_ne!(app.shop().member().await?.id, before.id);
            let members = app.shop().members().await?;
            ensure!(members.contains(&before), "the row of before is as it was");
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn address_and_number_may_change_and_the_user_id_stays_the_key() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let shop = Teahouse::of(&app);
            shop.become_member("new", &[]).await?;
            let before = app.shop().member().await?;
            shop.open("/profile").await?;
            shop.fill("field.email", "hana.new@example.com").await?;
            shop.fill("field.phone", "010-9876-5432").await?;
            shop.press("profile.save").await?;
            shop.see("notice.profile_saved").await?;

            shop.open("/").await?;
            shop.press("frame.sign_out").await?;
            shop.see("notice.signed_out").await?;
            shop.press("home.sign_up").await?;
            shop.see("notice.signed_in").await?;
            let after = app.shop().member().await?;
            assert_eq!((after.id, &after.sub), (before.id, &before.sub));
            assert_eq!(after.email.as_deref(), Some("hana.new@example.com"));
            Ok(())
        })
        .await
    }
}
