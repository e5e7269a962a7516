//! A services.toml there and back: opened, edited, looked at as a difference, and saved.

use super::way::{desktop, exported};
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;

const DEMO: &str = include_str!("../../../../backend/demo/services.toml");

const TITLE: &str = "return document.querySelector('.row__label').innerText";

/// The lines of the difference that are no context, as a screen reader gets them.
const CHANGED: &str =
    "return [...document.querySelectorAll('.diff__line--removed, .diff__line--added')]
    .map((line) => line.querySelector('.diff__text').textContent)";

#[tokio::test]
async fn a_saved_file_differs_in_the_line_that_was_edited() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let bad = app.data().join("bad.toml");
        std::fs::write(&bad, "[[service]]\nname = 1\n")?;
        let file = app.data().join("services.toml");
        std::fs::write(&file, DEMO)?;
        browser.go("/studio/").await?;
        let studio = Studio(browser);
        studio.one("#open-fixture").await?.send_keys(bad.to_string_lossy()).await?;
        browser.see("line 2, column 8: `name`: expected a string").await?;

        studio.one("#open-fixture").await?.send_keys(file.to_string_lossy()).await?;
        browser.see("Choose a service").await?;
        browser.see("demo-bookclub").await?;
        studio.press(".choose__services li:first-child button").await?;
        browser.arrive("/studio/cases/own?draft=").await?;
        studio.is_there().await?;
        studio.in_preview(TITLE, "[필수] 이용약관".into()).await?;
        studio.write("/request/terms/0/title", "가게 이용약관").await?;
        browser.see("Saved in this browser, from services.toml").await?;
        studio.in_preview(TITLE, "[필수] 가게 이용약관".into()).await?;

        // The file is the draft's: it is there after a reload.
        browser.driver.refresh().await?;
        studio.is_there().await?;
        studio.panel("Share").await?;
        browser.see("1 line added, 1 line removed").await?;
        let title = |ko: &str| {
            format!("title = {{ ko = \"{ko}\", en = \"Terms of service\", ja = \"利用規約\" }}")
        };
        let changed: Vec<String> = browser.driver.execute(CHANGED, Vec::new()).await?.convert()?;
        let expected = [
            format!("Removed: {}", title("이용약관")),
            format!("Added: {}", title("가게 이용약관")),
        ];
        ensure!(changed == expected, "{changed:?}");
        browser.see("under the same version").await?;
        let saved = exported(&app, "Save services.toml").await?;
        ensure!(
            saved == DEMO.replacen(&title("이용약관"), &title("가게 이용약관"), 1),
            "another line changed"
        );

        // In English the preview has the texts of the file.
        studio.choose("Language", "English").await?;
        studio.in_preview(TITLE, "[Required] Terms of service".into()).await?;
        let name = "return document.body.innerText.includes('Hanok Market')";
        studio.in_preview(name, true.into()).await?;

        // Any state with the service.
        browser.press(Role::Link, "All fixtures").await?;
        browser.see("From services.toml").await
    })
    .await
}

/// Every service of a file as a draft, to each of its accounts, and in a language that the file begins to have.
#[tokio::test]
async fn each_service_and_account_of_a_file_is_shown_in_any_language() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let file = app.data().join("services.toml");
        std::fs::write(&file, DEMO)?;
        browser.go("/studio/").await?;
        let studio = Studio(browser);
        studio.one("#open-fixture").await?.send_keys(file.to_string_lossy()).await?;
        browser.see("Choose a service").await?;
        studio.press("#open-all").await?;
        browser.see_no_more("Choose a service").await?;
        let drafts = "return document.body.innerText.split('From services.toml').length - 1";
        browser.becomes(drafts, DEMO.matches("[[service]]").count().into()).await?;
        browser.press(Role::Link, "한옥마켓").await?;
        studio.is_there().await?;

        let show_to = async |id: &str| {
            let account = format!(
                "return [...document.querySelector('#shown-to').options]
                    .findIndex((it) => it.textContent.endsWith(' ({id})'))"
            );
            let account: usize = browser.driver.execute(account, Vec::new()).await?.convert()?;
            browser.choose_in("#shown-to", &account.to_string()).await
        };
        // A child, and a member who has agreed to all but one item: what a backend shows them. The form keeps
        // the whole service.
        let rows = "return document.querySelectorAll('#app [data-row]').length";
        show_to("under-14").await?;
        browser.see("The service takes no one under 14").await?;
        studio.in_preview(rows, 0.into()).await?;
        show_to("returning").await?;
        browser.see("This account is a member").await?;
        studio.in_preview(rows, 1.into()).await?;
        studio.field("/request/terms/2/title").await?;

        // An account without an email address: the screen asks for it.
        let email = "return document.querySelector('#app input[type=email]') !== null";
        studio.in_preview(email, false.into()).await?;
        show_to("no-email").await?;
        let nickname = "return document.querySelector('#app').innerText.includes('이솔')";
        studio.in_preview(nickname, true.into()).await?;

        studio.panel("Texts").await?;
        studio.press("label[for='texts-language-5']").await?;
        let cell = studio.cell("vi", "/request/terms/tos/title").await?;
        cell.send_keys("Quy định chợ").await?;
        studio.choose("Language", "Tiếng Việt").await?;
        let title =
            "return document.querySelector('.row__label').innerText.includes('Quy định chợ')";
        studio.in_preview(title, true.into()).await?;
        studio.in_preview("return document.documentElement.lang", "vi".into()).await?;
        studio.press("a[href*='/storyboard']").await?;
        browser.see("Arriving and answering").await?;
        let language = "return document.querySelector('#language').selectedOptions[0].textContent";
        browser.becomes(language, "Tiếng Việt".into()).await?;
        let printed =
            "return document.querySelector('main.board').textContent.includes('Quy định chợ')";
        browser.becomes(printed, true.into()).await?;

        // Each account beside the others.
        studio.press("a[href*='/matrix']").await?;
        studio.press("label[for='Across-Account']").await?;
        let heads = "return [...document.querySelectorAll('.matrix th[scope=col]')]
            .map((it) => it.textContent).join()";
        let heads: String = browser.driver.execute(heads, Vec::new()).await?.convert()?;
        ensure!(
            heads.contains("다온 (channel-blocked)") && heads.contains("이솔 (no-email)"),
            "{heads}"
        );
        Ok(())
    })
    .await
}
