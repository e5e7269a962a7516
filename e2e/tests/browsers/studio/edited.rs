//! Changing a case: as a form, as JSON, back and forth; and its look.

use super::way::{desktop, exported};
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;
use consent_fixtures::Fixture;
use thirtyfour::{By, Key, WebElement};

#[tokio::test]
async fn the_form_changes_the_preview_and_every_step_can_be_undone() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        let says = |text: &str| format!("return document.body.innerText.includes('{text}')");

        studio.write("/request/terms/0/title", "가게 이용약관").await?;
        studio.in_preview(&says("가게 이용약관"), true.into()).await?;
        browser.press(Role::Button, "Undo").await?;
        studio.in_preview(&says("가게 이용약관"), false.into()).await?;
        studio.in_preview(&says("이용약관"), true.into()).await?;
        browser.press(Role::Button, "Redo").await?;
        studio.in_preview(&says("가게 이용약관"), true.into()).await?;

        // A term more, one up, and one away.
        let titles =
            "return [...document.querySelectorAll('[id^=\"term:\"].checkbox')].map((it) => it.id)";
        browser.press(Role::Button, "Add a term").await?;
        studio
            .in_preview(
                titles,
                serde_json::json!(["term:tos", "term:privacy", "term:marketing", "term:term_1"]),
            )
            .await?;
        // It is open, and has the focus: what comes next is to fill it in.
        let is_open = "const items = [...document.querySelectorAll(
                '[id=\"field:/request/terms\"] > .list__item')];
            return items.at(-1).open && items.at(-1).contains(document.activeElement)";
        browser.becomes(is_open, true.into()).await?;
        // Fields of the same label have different groups around them.
        let groups = "const boxes = [...document.querySelectorAll('[id$=\"/required\"]')];
            const groups = boxes.map((it) => it.closest('[role=group]').getAttribute('aria-label'));
            return boxes.length > 3 && groups.every(Boolean)
                && groups.includes('가게 이용약관') && groups.includes('새 약관')";
        browser.becomes(groups, true.into()).await?;
        studio.field("/request/terms/3/title").await?;
        browser.press(Role::Button, "Move up “새 약관”").await?;
        studio
            .in_preview(
                titles,
                serde_json::json!(["term:tos", "term:privacy", "term:term_1", "term:marketing"]),
            )
            .await?;
        // Its full text went along with it.
        let third = "details:has(> [id='field:/request/terms/2']) textarea";
        let text = studio.one(third).await?.attr("id").await?;
        assert_eq!(text.as_deref(), Some("field:/documents/term_1"));
        browser.press(Role::Button, "Remove “가게 이용약관”").await?;
        studio
            .in_preview(
                titles,
                serde_json::json!(["term:privacy", "term:term_1", "term:marketing"]),
            )
            .await?;
        studio.focus_is_on("Add a term").await?;

        // The full text, as it is typed.
        studio.write("/documents/privacy", "# 새 조항\n\n- 하나\n- 둘").await?;
        // The preview is drawn again a moment after: a text that was opened before that closes again.
        let open = "if (!document.querySelector('dialog').open)
                document.querySelector('.row__beside button').click();
            return document.body.innerText.includes('새 조항')";
        studio.in_preview(open, true.into()).await?;

        browser.press(Role::Button, "Reset").await?;
        studio
            .in_preview(titles, serde_json::json!(["term:tos", "term:privacy", "term:marketing"]))
            .await?;
        // By keyboard: the reset is a step, too.
        studio.press("#tab-Edit").await?;
        browser.driver.active_element().await?.send_keys(Key::Control + "z").await?;
        studio
            .in_preview(
                titles,
                serde_json::json!(["term:privacy", "term:term_1", "term:marketing"]),
            )
            .await
    })
    .await
}

/// The matrix is another page, and so is the same one after it was loaded again.
#[tokio::test]
async fn steps_can_be_undone_after_the_matrix_was_looked_at() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        let title = "return document.querySelector('.row__label').innerText";
        let titled =
            async |words: &str| studio.in_preview(title, format!("[필수] {words}").into()).await;
        studio.write("/request/terms/0/title", "가게 이용약관").await?;
        titled("가게 이용약관").await?;
        studio.press("a[href*='/matrix']").await?;
        browser.see("Across").await?;
        browser.press(Role::Link, "Screen").await?;
        studio.is_there().await?;
        let changed = browser.address().await?;
        browser.press(Role::Button, "Undo").await?;
        titled("이용약관").await?;
        // The address is written a moment later, and what is loaded is what stands there.
        for _ in 0..50 {
            if browser.address().await? != changed {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        browser.driver.refresh().await?;
        studio.is_there().await?;
        browser.press(Role::Button, "Redo").await?;
        titled("가게 이용약관").await
    })
    .await
}

/// A dialog takes the focus when it opens; the preview's must not take it out of the form.
#[tokio::test]
async fn an_open_text_does_not_take_the_focus_from_the_form() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "text-open").await?;
        // And it is seen: measuring must not leave it at the beginning of its way in.
        let seen = "const dialog = document.querySelector('dialog');
            return dialog.open && getComputedStyle(dialog).opacity === '1'";
        studio.in_preview(seen, true.into()).await?;
        studio.write("/request/terms/0/title", "가게의 약관").await?;
        let field = studio.field("/request/terms/0/title").await?;
        assert_eq!(field.prop("value").await?.as_deref(), Some("가게의 약관"));
        let title = "return document.querySelector('dialog[open] h2').textContent";
        studio.in_preview(title, "가게의 약관".into()).await?;
        studio.focus_is_on("Title").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_mistake_in_json_is_shown_at_its_line_and_loses_nothing() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.panel("JSON").await?;
        let write = "const editor = document.querySelector('#json');
            editor.value = editor.value.replace(arguments[0], arguments[1]);
            editor.dispatchEvent(new Event('input', { bubbles: true }));
            return editor.value.split('\\n').findIndex((line) => line.includes(arguments[1])) + 1;";
        let replace = async |from: &str, to: &str| -> Result<i64> {
            let said = browser.driver.execute(write, vec![from.into(), to.into()]).await?;
            Ok(said.convert()?)
        };
        let line = replace("\"kind\": \"service\"", "\"kind\": \"servise\"").await?;
        browser.see("request.terms[0].kind").await?;
        browser.see("unknown variant `servise`").await?;
        // Its line may be out of sight.
        let marked = studio.one(".code__line--wrong").await?.prop("textContent").await?;
        assert_eq!(marked, Some(line.to_string()));
        ensure!(studio.preview_text().await?.contains("이용약관"), "the preview is as it was");
        // It is kept while something else is looked at.
        studio.panel("Look").await?;
        studio.panel("JSON").await?;
        browser.press(Role::Button, &format!("Go to line {line}")).await?;
        studio.focus_is_on("JSON").await?;

        replace("servise", "service").await?;
        replace("\"name\": \"한옥마켓\"", "\"name\": \"초가마켓\"").await?;
        studio
            .in_preview(
                "return document.body.innerText.includes('초가마켓에 가입하기')",
                true.into(),
            )
            .await?;
        browser.see_no_more("unknown variant").await
    })
    .await
}

/// What cannot be is said, and the field shows again what is so.
#[tokio::test]
async fn a_choice_that_cannot_be_is_refused_in_words() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "auto-login-log-in").await?;
        let page = studio.field("/page").await?;
        let signed_in = studio.one("#signed-in").await?;
        if signed_in.is_selected().await? {
            studio.press("#signed-in").await?;
        }
        browser.choose("0").await?;
        browser.see("Invalid change").await?;
        assert_eq!(page.prop("value").await?.as_deref(), Some("2"), "an ordinary login");
        studio.press("#signed-in").await?;
        browser.choose("0").await?;
        browser.see_no_more("Invalid change").await?;
        studio
            .in_preview("return document.body.innerText.includes('반갑습니다')", true.into())
            .await
    })
    .await
}

/// The words are tested where they are made: here, that they stand by the preview.
#[tokio::test]
async fn a_moment_that_cannot_come_is_explained() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "something-missing").await?;
        ensure!(!browser.text().await?.contains("nothing is required"), "it is missing");
        let mut required = browser.driver.find_all(By::Css(REQUIRED)).await?;
        ensure!(required.len() > 2, "{} are required", required.len());
        for field in required.drain(..) {
            let untick = "if (arguments[0].checked) arguments[0].click()";
            browser.driver.execute(untick, vec![field.to_json()?]).await?;
        }
        browser.see("because nothing is required: the answer is sent instead").await?;
        let sent = "return document.querySelector('[role=alert], .summary') === null";
        studio.in_preview(sent, true.into()).await
    })
    .await
}

/// What the fields for "required" are called.
const REQUIRED: &str = "[id^='field:'][id$='/required']";

/// As a person does: what is selected is typed over. An emptied field has the value of before again.
async fn retype(field: &WebElement, value: &str) -> Result<()> {
    field.send_keys(Key::Control + "a").await?;
    field.send_keys(value).await?;
    Ok(field.send_keys(Key::Enter + "").await?)
}

#[tokio::test]
async fn a_theme_is_seen_measured_and_exported() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.panel("Look").await?;
        let field = studio.one("[id='token:--soft']").await?;
        retype(&field, "#aaaaaa").await?;
        let colour = "return getComputedStyle(document.querySelector('.lead')).color";
        studio.in_preview(colour, "rgb(170, 170, 170)".into()).await?;
        browser.see("2.32:1 too low").await?;
        // What was drawn says so, too.
        studio.panel("Check").await?;
        browser.see("WCAG-1.4.3").await?;
        studio.panel("Share").await?;
        let css = exported(&app, "Export the theme").await?;
        ensure!(css.contains(":root {\n  --soft: #aaaaaa;\n}"), "{css}");
        studio.choose("Theme", "Dark").await?;
        studio.in_preview(colour, "rgb(180, 180, 186)".into()).await?;
        // The field of what is wrong with it is in the theme that it is about.
        studio.panel("Check").await?;
        let show = "[aria-describedby='finding:WCAG-1.4.3:error:/theme/light/--soft:0']";
        studio.press(show).await?;
        let focused = "return document.activeElement.id";
        browser.becomes(focused, "token:--soft".into()).await?;
        studio.in_preview(colour, "rgb(170, 170, 170)".into()).await?;
        // One token is reset, and the button is gone with the change.
        browser.press(Role::Button, "Reset “Soft text”").await?;
        studio.in_preview(colour, "rgb(91, 91, 98)".into()).await?;
        browser.becomes(focused, "token:--soft".into()).await?;
        browser.becomes("return document.querySelectorAll('.tokens__reset').length", 0.into()).await
    })
    .await
}

/// A colour with too little contrast, the one that is offered, and files of other tools.
#[tokio::test]
async fn a_colour_that_passes_is_offered_and_design_tokens_go_out_and_in() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.panel("Look").await?;
        let field = studio.one("[id='token:--soft']").await?;
        retype(&field, "#aaaaaa").await?;
        browser.see("2.32:1 too low").await?;
        let offer = ".contrasts tbody tr:nth-child(3) .contrasts__offer:first-of-type";
        studio.one(offer).await?.click().await?;
        browser.see_no_more("too low").await?;
        let taken = field.prop("value").await?.unwrap_or_default();
        ensure!(taken.starts_with('#') && taken != "#aaaaaa", "{taken}");
        studio.panel("Share").await?;
        let json = exported(&app, "Export design tokens").await?;
        ensure!(json.contains(&format!("\"hex\": \"{taken}\"")), "{json}");

        let file = app.data().join("brand.tokens.json");
        std::fs::write(
            &file,
            r##"{ "color": { "$type": "color", "accent": { "$value": "#112233" },
                 "logo": { "$value": "#ff0000" } } }"##,
        )?;
        studio.one("#open-theme").await?.send_keys(file.to_string_lossy()).await?;
        browser.see("color.logo").await?;
        let accent = "return getComputedStyle(document.querySelector('.actions .button--primary'))
            .backgroundColor";
        studio.in_preview(accent, "rgb(17, 34, 51)".into()).await
    })
    .await
}

/// What browsers would ignore is not taken, neither typed nor from a file.
#[tokio::test]
async fn a_value_that_no_browser_knows_is_refused_in_words() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.panel("Look").await?;
        for (token, label, value) in [
            ("--accent", "Agree button", "보라색"),
            ("--font", "Font", "url(x)"),
            ("--radius-l", "Large corners", "24"),
        ] {
            let field = studio.one(&format!("[id='token:{token}']")).await?;
            let before = field.prop("value").await?;
            retype(&field, value).await?;
            browser.see(&format!("“{value}” is not a value of {label}")).await?;
            assert_eq!(field.prop("value").await?, before);
        }
        let file = app.data().join("brand.css");
        std::fs::write(
            &file,
            "@font-face { font-family: Mine; src: url(mine.woff2) }
             :root { --accent: #112233; --ink: schwarz; --brand: red }",
        )?;
        studio.panel("Share").await?;
        studio.one("#open-theme").await?.send_keys(file.to_string_lossy()).await?;
        browser.see("@font-face, --brand, --ink").await?;
        let accent = "return getComputedStyle(document.querySelector('.actions .button--primary'))
            .backgroundColor";
        studio.in_preview(accent, "rgb(17, 34, 51)".into()).await
    })
    .await
}

#[tokio::test]
async fn sizes_directions_and_colours_reach_the_page() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "long-names").await?;
        browser.choose("200").await?;
        studio.in_preview("return getComputedStyle(document.body).fontSize", "32px".into()).await?;
        // As with a browser's own text size, a window of 844 pixels is a low one: nothing is stuck.
        let stuck = "return getComputedStyle(document.querySelector('.actions')).position";
        studio.in_preview(stuck, "static".into()).await?;
        let bars = "return getComputedStyle(document.documentElement).scrollbarWidth";
        studio.in_preview(bars, "none".into()).await?;
        studio.press("#rtl").await?;
        studio.in_preview("return getComputedStyle(document.body).direction", "rtl".into()).await?;
        studio.choose("Theme", "Forced").await?;
        let ground = "return getComputedStyle(document.querySelector('.page')).backgroundColor";
        studio.in_preview(ground, "rgb(0, 0, 0)".into()).await?;
        studio.choose("Language", "+40 %").await?;
        studio.in_preview("return document.querySelector('h1').textContent[0]", "[".into()).await?;
        // A desktop's width is true, however small the picture of it.
        browser.choose("1280").await?;
        studio.in_preview("return innerWidth", 1280.into()).await?;
        studio.in_preview(bars, "auto".into()).await
    })
    .await
}

#[tokio::test]
async fn a_file_is_opened_and_a_bad_one_is_explained() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let good = app.data().join("mine.json");
        let mut case: Fixture =
            consent_fixtures::named("terms-only").expect("a case").fixture.clone();
        case.title = "Mine alone".into();
        std::fs::write(&good, case.to_json())?;
        let bad = app.data().join("bad.json");
        std::fs::write(&bad, case.to_json().replacen("\"request\"", "\"reqest\"", 1))?;

        browser.go("/studio/").await?;
        let studio = Studio(browser);
        let input = studio.one("#open-fixture").await?;
        input.send_keys(bad.to_string_lossy()).await?;
        browser.see("This file is not a fixture").await?;
        browser.see("there is no such field").await?;
        let input = studio.one("#open-fixture").await?;
        input.send_keys(good.to_string_lossy()).await?;
        browser.arrive("/studio/cases/own?draft=").await?;
        studio.is_there().await?;
        browser.see("Mine alone").await?;
        // It is in the address, and on this device.
        ensure!(browser.address().await?.contains("#1."), "the address has the state");
        browser.driver.refresh().await?;
        browser.see("Mine alone").await?;
        browser.go("/studio/").await?;
        browser.press(Role::Link, "Continue").await?;
        browser.see("Mine alone").await
    })
    .await
}
