//! A new required term is asked when it is needed, after the API was asked whether it was given.

use anyhow::{Result, ensure};
use consent_e2e::pages::Teahouse;
use consent_e2e::{Setup, TestApp};
use hyper::Method;

#[tokio::test]
async fn a_term_is_asked_at_the_moment_it_is_needed() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let shop = Teahouse::of(&app);
        shop.become_member("new", &[]).await?;
        ensure!(!app.shop().member().await?.terms.contains("coupons"), "not at the sign-up");

        shop.open("/coupons").await?;
        ensure!(app.proxy.count(&Method::GET, "/v2/user/service_terms") > 0, "the API is asked");
        shop.press("coupons.ask_go").await?;
        let screen = shop.screen().await?;
        let items = screen.items().await?;
        let asked: Vec<_> = items.iter().filter(|name| name.starts_with('[')).collect();
        assert_eq!(asked, ["[필수] 쿠폰북 이용약관"]);
        screen.tick("쿠폰북 이용약관").await?;
        screen.agree().await?;
        shop.arrive("/coupons").await?;
        shop.see("coupons.given_lead").await?;
        ensure!(app.shop().member().await?.terms.contains("coupons"), "the row has it");

        let screens = app.proxy.count(&Method::GET, "/consent/");
        shop.open("/coupons").await?;
        shop.see("coupons.given_lead").await?;
        assert_eq!(app.proxy.count(&Method::GET, "/consent/"), screens, "and not again");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_does_not_agree_stays_a_member_and_is_not_pressed() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let shop = Teahouse::of(&app);
        shop.become_member("new", &[]).await?;
        let before = app.shop().member().await?;
        shop.open("/coupons").await?;
        shop.press("coupons.ask_go").await?;
        shop.screen().await?.cancel().await?;
        shop.arrive("/coupons").await?;
        shop.see("coupons.refused_lead").await?;
        assert_eq!(app.shop().member().await?, before);
        shop.open("/").await?;
        shop.see("home.to_coupons").await
    })
    .await
}
