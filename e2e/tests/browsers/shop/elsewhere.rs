//! The same program at another platform: settings alone make the difference.

use anyhow::Result;
use consent_e2e::pages::Teahouse;
use consent_e2e::{Setup, TestApp};

/// A backend of another operator, with a service of other ids and keys.
const SERVICES: &str = r#"
[sign_in]
account_header = "x-account"

[[account]]
id = "account"
nickname = "보리"
email = "bori@example.com"

[[service]]
client_id = "5f4dcc3b5aa765d61d8327deb882cf99"
dialect = "kakao"
name = "다른 찻집"
company = "다른 찻집 주식회사"
redirect_uris = ["{shop}/callback"]
client_secret = "another-secret-of-another-shop"
verified = true
approved = true
privacy_policy_url = "https://other.example/privacy"

[service.kakao]
app_id = 4242
admin_key = "another-admin-key-of-another-shop"
openid = true
unlink_webhook_url = "{shop}/webhooks/unlink"

[[service.terms]]
tag = "agreement"
kind = "service"
required = true
version = "7"
effective_from = 2026-01-01
title = "다른 약관"
text = "제1조 목적"

[service.personal_info]
recipient = "다른 찻집 주식회사"
purpose = "회원 관리"
retention = "회원 탈퇴 또는 동의 철회 시까지"
refusal_effect = "동의를 거부할 수 있으며, 필수 항목을 거부하면 가입할 수 없습니다."

[[service.personal_info.items]]
id = "profile_nickname"
label = "닉네임"
required = true

[[service.personal_info.items]]
id = "account_email"
label = "이메일"
required = true
"#;

/// All that a move takes.
const SETTINGS: &str = r#"
origin = "{shop}"
issuer = "{issuer}"
client_id = "5f4dcc3b5aa765d61d8327deb882cf99"
client_secret = "another-secret-of-another-shop"
admin_key = "another-admin-key-of-another-shop"
app_id = 4242
"#;

#[tokio::test]
async fn the_shop_runs_unchanged_at_another_platform() -> Result<()> {
    let setup = Setup::default()
        .services(SERVICES.to_owned())
        .backend(["--webhook-network", "127.0.0.1"])
        .with_shop_of(SETTINGS.to_owned());
    TestApp::run(setup, |app| async move {
        let shop = Teahouse::of(&app);
        let screen = shop.sign_up().await?;
        screen.tick_required().await?;
        screen.agree().await?;
        shop.see("notice.signed_up").await?;
        let member = app.shop().member().await?;
        assert_eq!(member.email.as_deref(), Some("bori@example.com"));
        assert_eq!(member.tags()?, ["agreement"]);
        shop.open("/leave").await?;
        shop.press("leave.go").await?;
        shop.heading("leave.done_title").await?;
        assert_eq!(app.shop().linked().await?, []);
        Ok(())
    })
    .await
}
