//! The studio in Korean and in Japanese: chosen, kept, and by the browser's own language.

use super::way::desktop;
use crate::accessibility::axe;
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::engine::Engine;
use consent_e2e::pages::Studio;
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use hyper::Method;

const LANG: &str = "return document.documentElement.lang";

async fn is_in(app: &TestApp, tag: &str) -> Result<()> {
    let lang = app.browser.driver.execute(LANG, Vec::new()).await?;
    ensure!(lang.json() == tag, "{} instead of {tag}", lang.json());
    Ok(())
}

/// Chooses a language as a user does. The page is loaded again.
async fn choose(app: &TestApp, tag: &str, heading: &str) -> Result<()> {
    let option = format!("#studio-language option[value='{tag}']");
    Studio(&app.browser).one(&option).await?.click().await?;
    app.browser.see(heading).await?;
    is_in(app, tag).await
}

#[tokio::test]
async fn a_chosen_language_is_that_of_everything_and_stays() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        browser.go("/studio/").await?;
        browser.see("Preview studio").await?;
        is_in(&app, "en").await?;
        choose(&app, "ko", "미리보기 스튜디오").await?;
        browser.see("픽스처 ").await?;
        browser.go("/studio/").await?;
        browser.see("동의 화면의 모든 상태").await?;
        // A fixture has its title in the language, and is found by it.
        Studio(browser).one("#search").await?.send_keys("처음 그리는 뼈대").await?;
        browser.see("픽스처 1개").await?;
        browser.see("불러오는 중").await?;

        let studio = Studio::open(browser, "breaks-the-rules").await?;
        is_in(&app, "ko").await?;
        browser.see("약관 추가").await?;
        studio.panel("Check").await?;
        browser.see("마케팅은 필수가 아닙니다").await?;
        browser.see("마케팅이고 필수입니다").await?;
        ensure!(!studio.one("#panel").await?.text().await?.contains("Marketing is"));
        studio.panel("Texts").await?;
        browser.see("한국어 옆에 표시할 언어").await?;
        let title = "return document.title";
        let title = browser.driver.execute(title, Vec::new()).await?;
        assert_eq!(title.json(), "규칙 위반 · 미리보기 스튜디오");
        // The screen has a language of its own.
        studio.choose("Language", "English").await?;
        studio.in_preview(LANG, "en".into()).await?;
        is_in(&app, "ko").await?;

        browser.go("/studio/").await?;
        choose(&app, "ja", "プレビュースタジオ").await?;
        let studio = Studio::open(browser, "breaks-the-rules").await?;
        studio.panel("Check").await?;
        browser.see("マーケティングは必須にしません").await?;
        choose(&app, "en", "All fixtures").await
    })
    .await
}

/// The introduction comes before the app, and waits for none of its files.
#[tokio::test]
async fn the_introduction_is_in_the_language_of_the_app() -> Result<()> {
    TestApp::run(desktop().languages("ja"), async |app| {
        let browser = &app.browser;
        let introductions = [
            ("ja", "同意画面のすべての状態", "プレビュースタジオ"),
            ("ko", "동의 화면의 모든 상태를", "미리보기 스튜디오"),
        ];
        for (tag, introduction, heading) in introductions {
            app.proxy.fault(Method::GET, "*_bg.wasm", None, Fault::Hold);
            browser.go("/studio/").await?;
            browser.see(introduction).await?;
            is_in(&app, tag).await?;
            let text = browser.text().await?;
            ensure!(text.contains(heading) && !text.contains("Every state"), "{text}");
            app.proxy.clear_faults();
            Studio(browser).one("#search").await?;
            is_in(&app, tag).await?;
            browser
                .driver
                .execute("localStorage['consent-studio:language'] = 'ko'", vec![])
                .await?;
        }
        Ok(())
    })
    .await
}

/// What is edited is not lost: the draft, what can be undone, and JSON with an error.
#[tokio::test]
async fn a_choice_keeps_what_is_edited() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.write("/request/terms/0/title", "보라 약관").await?;
        browser.see("Saved in this browser").await?;
        studio.panel("JSON").await?;
        let editor = studio.one("#json").await?;
        editor.send_keys("!").await?;
        browser.see("Discard invalid changes").await?;
        choose(&app, "ko", "이 브라우저에 저장됨").await?;
        studio.is_there().await?;
        studio
            .in_preview("return document.body.innerText.includes('보라 약관')", true.into())
            .await?;
        studio.panel("JSON").await?;
        browser.see("잘못된 변경 버리기").await?;
        browser.press(Role::Button, "실행 취소").await?;
        studio
            .in_preview("return document.body.innerText.includes('보라 약관')", false.into())
            .await
    })
    .await
}

#[tokio::test]
async fn a_browser_in_korean_starts_in_korean() -> Result<()> {
    TestApp::run(desktop().languages("ko-KR,en"), async |app| {
        app.browser.go("/studio/").await?;
        app.browser.see("미리보기 스튜디오").await?;
        is_in(&app, "ko").await
    })
    .await
}

const WIDER: &str = "return document.documentElement.scrollWidth - innerWidth";

/// Words are longer in one language than in another.
#[tokio::test]
async fn it_fits_in_each_language_and_axe_finds_nothing() -> Result<()> {
    let setup = desktop().only_in(Engine::Chromium, "the window's size is set by its protocol");
    TestApp::run(setup, async |app| {
        let browser = &app.browser;
        let mut wrong = Vec::new();
        for (tag, gallery, panel) in [
            ("ko", "동의 화면의 모든 상태", "약관 추가"),
            ("ja", "同意画面のすべての状態", "規約を追加"),
        ] {
            browser.go("/studio/").await?;
            choose(&app, tag, gallery).await?;
            for path in ["", "cases/breaks-the-rules", "cases/breaks-the-rules/compare"] {
                for width in [1440, 820] {
                    browser.driver.set_window_rect(0, 0, width, 900).await?;
                    browser.go(&format!("/studio/{path}")).await?;
                    Studio(browser).one(".bar h1").await?;
                    let wider = browser.driver.execute(WIDER, Vec::new()).await?;
                    ensure!(wider.json().as_i64() <= Some(0), "{tag}: {path} at {width}");
                }
            }
            wrong.extend(axe::found(&app, &format!("{tag}: compare")).await?);
            browser.driver.set_window_rect(0, 0, 1440, 900).await?;
            browser.go("/studio/").await?;
            browser.see(gallery).await?;
            let studio = Studio::open(browser, "breaks-the-rules").await?;
            browser.see(panel).await?;
            for panel in ["Edit", "JSON", "Look", "Check", "Hear", "Notes", "Share"] {
                studio.panel(panel).await?;
                let wider = browser.driver.execute(WIDER, Vec::new()).await?;
                ensure!(wider.json().as_i64() <= Some(0), "{tag}: {panel}");
                wrong.extend(axe::found(&app, &format!("{tag}: {panel}")).await?);
            }
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    })
    .await
}
