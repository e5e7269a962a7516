//! The screen's languages.

use anyhow::Result;
use consent_e2e::browser::Browser;
use consent_e2e::pages::consent::{EN, JA, KO};
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;

#[tokio::test]
async fn the_browser_chooses_the_language_and_the_service_may_choose_another() -> Result<()> {
    TestApp::run(Setup::default().languages("en"), |app| async move {
        let browser = &app.browser;
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        Consent::asking_in(browser, EN).await?;
        browser.find(Role::Heading, "Sign up for Hanok Market").await?;

        demo::sign_up(browser, "new", "demo-shop", "lang=ja").await?;
        browser.find(Role::Button, "キャンセル").await?;
        browser.see("利用規約").await?;

        demo::sign_up(browser, "new", "demo-shop", "lang=ko").await?;
        Consent::asking_in(browser, KO).await?;
        Ok(())
    })
    .await
}

/// The language that the page claims.
async fn language(browser: &Browser) -> Result<String> {
    let language = "return document.documentElement.lang";
    Ok(browser.driver.execute(language, Vec::new()).await?.convert()?)
}

/// The shell loads the texts of the browser's language; the request may come in another.
#[tokio::test]
async fn on_a_static_host_the_request_chooses_the_language() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted().languages("en"), |app| async move {
        let browser = &app.browser;
        demo::sign_up(browser, "new", "demo-shop", "lang=ko").await?;
        Consent::asking_in(browser, KO).await?;
        assert_eq!(language(browser).await?, "ko");
        let screen = Consent::asking_in(browser, KO).await?;
        screen.choose_language("ja", JA).await?;
        Ok(())
    })
    .await
}

/// Request and texts of a language arrive both, or the page stays in the one that it has.
#[tokio::test]
async fn a_language_whose_texts_do_not_come_is_tried_again() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        app.allow_console_error("the server responded with a status of 503");
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick("이용약관").await?;
        let busy = Fault::answer(503, "text/plain", "busy");
        app.proxy.fault(Method::GET, "/texts/en.json", Some(1), busy);
        browser.choose("en").await?;
        browser.see("선택한 내용은 그대로 있습니다.").await?;
        assert_eq!(language(browser).await?, "ko", "the language of the words that are shown");
        let screen = Consent::asking_in(browser, EN).await?;
        assert_eq!(screen.ticked().await?, ["[Required] Terms of service"]);
        assert_eq!(app.proxy.count(&Method::GET, "/texts/en.json"), 2);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn another_language_keeps_ticks_and_what_was_typed() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "no-email", "demo-shop", "").await?;
        screen.tick("이용약관").await?;
        screen.tick("이메일").await?;
        browser.fill("계정에 이메일이 없습니다", "sol@example.org").await?;

        let screen = screen.choose_language("en", EN).await?;
        assert_eq!(
            screen.ticked().await?,
            ["[Required] Terms of service", "[Required] Email address"]
        );
        let field = browser.find(Role::Textbox, "Your account has no email address").await?;
        assert_eq!(field.value().await?.as_deref(), Some("sol@example.org"));

        screen.tick_required().await?;
        screen.agree().await?;
        demo::back_at_service(browser).await?;
        assert_eq!(demo::claim(browser, "email").await?.as_deref(), Some("sol@example.org"));
        let decisions = app.decisions().await?;
        let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
        assert_eq!(decision.locale, "en", "the record says in which language it was read");
        let items = app.items(&decision.receipt_id).await?;
        assert!(items.iter().all(|item| item.locale == "en"), "{items:#?}");
        Ok(())
    })
    .await
}

/// A shop with texts in Korean and German.
const SHOP_IN_GERMAN: &str = r#"
[sign_in]
account_header = "x-account"

[[account]]
id = "account"
nickname = "하나"
email = "hana@example.com"

[[service]]
client_id = "shop"
name = { ko = "가게", de = "Laden" }
company = { ko = "가게 주식회사", de = "Laden GmbH" }
verified = true
approved = true
redirect_uris = ["{origin}/done"]

[[service.terms]]
tag = "tos"
kind = "service"
required = true
version = "1"
effective_from = 2026-01-01
title = { ko = "이용약관", de = "AGB" }
text = { ko = "물건을 팝니다.", de = "Wir verkaufen Dinge." }

[service.personal_info]
recipient = { ko = "가게 주식회사", de = "Laden GmbH" }
purpose = { ko = "주문 처리", de = "Bestellungen" }
retention = { ko = "회원 탈퇴 시까지", de = "Bis zum Austritt" }
refusal_effect = { ko = "가입할 수 없습니다", de = "Keine Anmeldung" }

[[service.personal_info.items]]
id = "account_email"
label = { ko = "이메일", de = "E-Mail" }
required = true
"#;

/// What a translator does with a running deployment: two files and a signal. The bundle stays the same.
#[tokio::test]
async fn a_language_whose_files_are_added_is_there_after_a_reload() -> Result<()> {
    // No language on offer is this browser's: it looks at each of them.
    let setup =
        Setup::default().services(SHOP_IN_GERMAN.to_owned()).statically_hosted().languages("it");
    TestApp::run(setup, |app| async move {
        let browser = &app.browser;
        let path = format!(
            "/oauth/authorize?client_id=shop&redirect_uri={}/done&response_type=code&state=s\
             &scope=openid&code_challenge_method=S256&ui_locales=de\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            app.proxy.origin()
        );
        browser.go(&path).await?;
        browser.find(Role::Checkbox, "AGB").await?;
        assert_eq!(language(browser).await?, "ko", "the screen does not speak German yet");
        let texts = app.data().join("dist/texts");
        let files = ["en.json", "server/en.json"];
        for (tag, name, agree) in
            [("de", "Deutsch", "Zustimmen und weiter"), ("fr", "Français", "Accepter et continuer")]
        {
            for file in files {
                let translated = std::fs::read_to_string(texts.join(file))?
                    .replace("\"en\"", &format!("\"{tag}\""))
                    .replace("\"English\"", &format!("\"{name}\""))
                    .replace("\"Agree and continue\"", &format!("\"{agree}\""));
                std::fs::write(
                    texts.join(file.replace("en.json", &format!("{tag}.json"))),
                    translated,
                )?;
            }
        }
        app.reload().await?;
        browser.driver.refresh().await?;
        browser.find(Role::Button, "Zustimmen und weiter").await?;
        assert_eq!(language(browser).await?, "de");

        // It leaves an empty place in the list, before the other one.
        for file in files {
            std::fs::remove_file(texts.join(file.replace("en.json", "de.json")))?;
        }
        app.reload().await?;
        browser.driver.refresh().await?;
        browser.find(Role::Button, "동의하고 계속하기").await?;
        assert_eq!(language(browser).await?, "ko");
        Ok(())
    })
    .await
}
