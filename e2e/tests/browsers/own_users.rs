//! Users of an OpenID provider, here the npm package oidc-provider, sign in there, agree here and get
//! to the service.

use anyhow::{Context, Result};
use consent_e2e::client_app::{ClientApp, Registration, Runtime};
use consent_e2e::engine::Engine;
use consent_e2e::pages::Consent;
use consent_e2e::{Setup, TestApp};

use super::clients::shown;

/// A shop for people who sign in at the provider.
fn services(provider: &Registration, shop: &Registration) -> String {
    format!(
        "[sign_in.oidc]\nissuer = \"{}\"\nclient_id = \"{}\"\nclient_secret = \"{}\"\n\n\
         [[service]]\nclient_id = \"{}\"\nclient_secret = \"{}\"\nname = \"가게\"\n\
         company = \"가게 주식회사\"\nverified = true\napproved = true\n\
         redirect_uris = [\"{}/callback\"]\n\n\
         [[service.terms]]\ntag = \"tos\"\nkind = \"service\"\nrequired = true\n\
         version = \"2026-11-01\"\neffective_from = 2026-11-01\ntitle = \"이용약관\"\n\
         text = \"물건을 팝니다.\"\n\n\
         [service.personal_info]\nrecipient = \"가게 주식회사\"\npurpose = \"주문 처리\"\n\
         retention = \"회원 탈퇴 시까지\"\nrefusal_effect = \"가입할 수 없습니다\"\n\n\
         [[service.personal_info.items]]\nid = \"account_email\"\nlabel = \"이메일\"\n\
         required = true\n",
        provider.origin(),
        provider.client_id,
        provider.client_secret,
        shop.client_id,
        shop.client_secret,
        shop.origin(),
    )
}

#[tokio::test]
async fn a_user_of_a_provider_signs_up_and_logs_in_again() -> Result<()> {
    let provider = Registration::new("consent", "a-secret-that-is-long-enough")?;
    let shop = Registration::new("stock-client", "a-secret-that-is-long-enough")?;
    let setup = Setup::default()
        .services(services(&provider, &shop))
        .only_in(Engine::Chromium, "the provider is the same in each");
    let (provider, shop) = (&provider, &shop);
    TestApp::run(setup, |app| async move {
        let (browser, application) = (&app.browser, shop.origin());
        app.allow_console_error(&application);
        app.allow_console_error(&provider.origin());
        let issuer = app.proxy.origin();
        let _provider =
            ClientApp::start("oidc_provider.mjs", Runtime::Node, issuer, provider).await?;
        let _shop = ClientApp::start("openid_client.mjs", Runtime::Node, issuer, shop).await?;

        browser.driver.goto(format!("{application}/login?login_hint=hana")).await?;
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        let session = shown(browser, &application, "/session").await?;
        assert_eq!(session["user"]["email"], "hana@example.com", "{session}");
        assert_eq!(session["user"]["email_verified"], true, "{session}");
        let first = session["claims"]["auth_time"].as_i64().context("no auth_time")?;

        // `max_age=0` reaches the provider, and a new time of authentication comes back.
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        browser.driver.goto(format!("{application}/login?max_age=0")).await?;
        let session = shown(browser, &application, "/session").await?;
        let second = session["claims"]["auth_time"].as_i64().context("no auth_time")?;
        assert!(second > first, "{first} {second}");
        assert_eq!(app.decisions().await?.len(), 1, "the second login asks nothing");
        Ok(())
    })
    .await
}
