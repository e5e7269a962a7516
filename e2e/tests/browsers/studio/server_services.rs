//! The studio on a server's admin listener, where an operator opens the services that the server runs with.

use super::way::{desktop, exported};
use anyhow::{Context, Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::engine::Engine;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;

const TOKEN: &str = "a-token-of-the-admin-api-0123456789";

/// A shop with a secret, of which a designer must not see anything.
fn services() -> String {
    format!(
        "[sign_in]\naccount_header = \"x-account\"\n\n[admin]\ntoken = \"{TOKEN}\"\n\n\
         [[service]]\nclient_id = \"shop\"\nclient_secret = \"a-secret-of-the-shop-0123456789\"\n\
         name = \"모퉁이 가게\"\ncompany = \"가게 주식회사\"\nverified = true\napproved = true\n\
         redirect_uris = [\"{{origin}}/done\"]\n\n\
         [[service.terms]]\ntag = \"tos\"\nkind = \"service\"\nrequired = true\nversion = \"1\"\n\
         effective_from = 2026-01-01\ntitle = \"이용약관\"\ntext = \"물건을 팝니다.\"\n\n\
         [service.personal_info]\nrecipient = \"가게 주식회사\"\npurpose = \"주문 처리\"\n\
         retention = \"회원 탈퇴 시까지\"\nrefusal_effect = \"가입할 수 없습니다\"\n\n\
         [[service.personal_info.items]]\nid = \"account_email\"\nlabel = \"이메일\"\n\
         required = true\n"
    )
}

#[tokio::test]
async fn an_operator_opens_the_services_that_the_server_runs_with() -> Result<()> {
    let studio = std::env::var("CONSENT_STUDIO").context("CONSENT_STUDIO is not set")?;
    let setup = desktop()
        .services(services())
        .backend(["--admin-listen", "127.0.0.1:0", "--admin-studio", &studio])
        .only_in(Engine::Chromium, "a request with a header is the same in each");
    TestApp::run(setup, async |app| {
        let browser = &app.browser;
        let log = std::fs::read_to_string(app.data().join("backend.log"))?;
        let line = log.lines().find(|line| line.contains("the admin listener"));
        let address = line.and_then(|line| line.split_once("address=")).context("no address")?.1;
        let origin = format!("http://{}", address.trim());
        app.allow_console_error(&origin);

        // The public studio has no such button.
        browser.go("/studio/").await?;
        browser.see("Open a file").await?;
        ensure!(!browser.text().await?.contains("This server's services"));

        browser.driver.goto(format!("{origin}/studio/")).await?;
        browser.press(Role::Button, "This server's services").await?;
        let studio = Studio(browser);
        studio.one("#server-token").await?.send_keys("another").await?;
        browser.press(Role::Button, "Open the services").await?;
        browser.see("The server does not accept this token.").await?;
        let field = studio.one("#server-token").await?;
        field.clear().await?;
        field.send_keys(TOKEN).await?;
        browser.press(Role::Button, "Open the services").await?;
        studio.is_there().await?;
        let name = "return document.body.innerText.includes('모퉁이 가게')";
        studio.in_preview(name, true.into()).await?;

        studio.panel("Share").await?;
        let saved = exported(&app, "Save services.toml").await?;
        ensure!(saved.contains("client_secret = \"(secret)\""), "{saved}");
        ensure!(saved.contains("token = \"(secret)\""), "{saved}");
        let kept = "return JSON.stringify({ ...localStorage, ...sessionStorage }) + location.href";
        let kept: String = browser.driver.execute(kept, Vec::new()).await?.convert()?;
        ensure!(!kept.contains(TOKEN), "the token is kept");
        Ok(())
    })
    .await
}
