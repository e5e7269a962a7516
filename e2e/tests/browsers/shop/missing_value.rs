//! A required value that does not come: the shop collects it, or the visitor stops.

use anyhow::Result;
use consent_e2e::pages::Teahouse;
use consent_e2e::{Setup, TestApp};

/// Signs up as an account without an e-mail address, up to the shop's own page.
async fn sign_up(shop: &Teahouse<'_>) -> Result<()> {
    shop.be("no-email").await?;
    let screen = shop.sign_up().await?;
    screen.tick_required().await?;
    screen.agree().await?;
    shop.arrive("/join").await?;
    shop.heading("join.missing_title").await
}

#[tokio::test]
async fn the_shop_collects_it_on_a_page_of_its_own() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        app.allow_console_error("the server responded with a status of 422");
        let shop = Teahouse::of(&app);
        sign_up(&shop).await?;
        assert_eq!(app.shop().linked().await?, [], "no one is half a member");
        shop.fill("field.email", "no address").await?;
        shop.press("join.missing_go").await?;
        shop.see("field.email_malformed").await?;
        shop.fill("field.email", "sol@example.com").await?;
        shop.press("join.missing_go").await?;
        shop.see("notice.signed_up").await?;
        let member = app.shop().member().await?;
        assert_eq!(member.email.as_deref(), Some("sol@example.com"));
        assert_eq!(app.shop().count("SELECT count(*) FROM pending").await?, 0);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_stops_leaves_nothing_behind_here_or_at_the_provider() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let shop = Teahouse::of(&app);
        let before = app.shop().members().await?;
        sign_up(&shop).await?;
        shop.press("join.stop").await?;
        shop.see("notice.sign_up_stopped").await?;
        assert_eq!(app.shop().members().await?, before);
        assert_eq!(app.shop().count("SELECT count(*) FROM pending").await?, 0);
        // The provider forgot it, too: it asks again.
        shop.sign_up().await?;
        Ok(())
    })
    .await
}
