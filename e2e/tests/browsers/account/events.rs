//! What the service hears of what users agree to, withdraw and leave.

use anyhow::{Result, ensure};
use consent_e2e::pages::Consent;
use consent_e2e::role::Role;
use consent_e2e::webhook_receiver::{Delivery, WebhookReceiver};
use consent_e2e::{Setup, TestApp};
use std::sync::Arc;
use std::time::Duration;

/// Longer than the backend ever waits for the next attempt.
const NEXT_ATTEMPT: Duration = Duration::from_secs(9 * 60 * 60);

/// A service that asks for one term and one optional item, and takes events at this address.
fn services(events: &str) -> String {
    format!(
        r#"
        [sign_in]
        account_header = "x-account"

        [[account]]
        id = "account"
        nickname = "하나"
        email = "hana@example.com"
        phone = "+821012345678"

        [[service]]
        client_id = "shop"
        name = "가게"
        company = "가게 주식회사"
        redirect_uris = ["{{origin}}/done"]
        verified = true
        approved = true
        privacy_policy_url = "https://shop.example/privacy"

        [service.events]
        url = "{events}"

        [[service.terms]]
        tag = "tos"
        kind = "service"
        required = true
        version = "1"
        effective_from = 2026-01-01
        title = "이용약관"
        text = "제1조 목적"

        [service.personal_info]
        recipient = "가게 주식회사"
        purpose = "회원 관리"
        retention = "회원 탈퇴 또는 동의 철회 시까지"
        refusal_effect = "동의를 거부할 수 있으며, 필수 항목을 거부하면 가입할 수 없습니다."

        [[service.personal_info.items]]
        id = "account_email"
        label = "이메일"
        required = true

        [[service.personal_info.items]]
        id = "phone_number"
        label = "전화번호"
        required = false
        "#
    )
}

/// Starts a request of the service in [`services`], and agrees to everything.
async fn agree(app: &TestApp) -> Result<()> {
    let more = "response_type=code&state=s&scope=openid&code_challenge_method=S256\
                &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let redirect = format!("{}/done", app.proxy.origin());
    // No service answers at its address.
    app.allow_console_error("the server responded with a status of 404");
    let path = format!("/oauth/authorize?client_id=shop&redirect_uri={redirect}&{more}");
    app.browser.go(&path).await?;
    let screen = Consent::asking(&app.browser).await?;
    assert_eq!(screen.ticked().await?, [""; 0], "nothing is left from before");
    screen.tick_required().await?;
    screen.tick("전화번호").await?;
    screen.agree().await?;
    app.browser.arrive("/done?code=").await?;
    Ok(())
}

async fn withdraw_and_leave(app: &TestApp) -> Result<()> {
    let browser = &app.browser;
    browser.go("/account").await?;
    browser.press(Role::Link, "가게 동의 관리").await?;
    browser.press(Role::Button, "전화번호 철회").await?;
    browser.see("‘전화번호’ 동의를 철회했습니다").await?;
    browser.press(Role::Link, "연결 끊기").await?;
    browser.find(Role::Heading, "가게 연결을 끊을까요?").await?;
    browser.press(Role::Button, "연결 끊기").await?;
    browser.see("연결을 끊었습니다").await
}

/// The endpoint fails five times, and the backend is killed after each of them.
#[tokio::test]
async fn the_service_hears_each_change_once_whatever_fails() -> Result<()> {
    let receiver = Arc::new(WebhookReceiver::start().await?);
    let setup = Setup::default()
        .services(services(&receiver.url()))
        .backend(["--webhook-network", "127.0.0.0/8"]);
    TestApp::run(setup, |app| {
        let receiver = Arc::clone(&receiver);
        async move {
            let before = receiver.deliveries().len();
            receiver.set_broken(true);
            agree(&app).await?;
            for attempt in 1..=5 {
                receiver.wait_for(before + attempt).await?;
                app.fail_power_for(NEXT_ATTEMPT).await?;
            }
            receiver.set_broken(false);
            withdraw_and_leave(&app).await?;
            agree(&app).await?;
            receiver.wait_for(before + 5 + 4).await?;
            // Time for what should not come.
            tokio::time::sleep(Duration::from_secs(2)).await;
            let deliveries = receiver.deliveries().split_off(before);
            let (failed, accepted): (Vec<_>, Vec<_>) =
                deliveries.into_iter().partition(|delivery| !delivery.is_accepted);
            let events: Vec<_> = accepted.iter().map(|it| it.event.as_str()).collect();
            let expected =
                ["consent-given", "consent-withdrawn", "account-unlinked", "consent-given"];
            assert_eq!(events, expected);
            let is_first = |it: &Delivery| it.id == accepted[0].id;
            ensure!(failed.len() >= 5 && failed.iter().all(is_first), "{failed:#?}");
            let mut ids: Vec<_> = accepted.iter().map(|it| &it.id).collect();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), expected.len(), "{accepted:#?}");
            Ok(())
        }
    })
    .await
}
