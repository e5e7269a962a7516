//! Pasting into a full text: a text area with the clipboard of a word processor.

use super::way::desktop;
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::pages::Studio;
use thirtyfour::{Key, WebElement};

const WORD: &str = include_str!("../../../../studio/src/paste/clipboard/word.html");
const HANCOM: &str = include_str!("../../../../studio/src/paste/clipboard/hwp.html");

/// The clipboard of a browser under test is that of the machine: the event carries one of its own. Returns
/// whether the browser would paste the plain text.
const PASTE: &str = "const [area, html, plain] = arguments;
    const data = new DataTransfer();
    if (html) data.setData('text/html', html);
    data.setData('text/plain', plain);
    area.focus();
    return area.dispatchEvent(new ClipboardEvent('paste', {
        clipboardData: data, bubbles: true, cancelable: true }));";

async fn paste(app: &TestApp, area: &WebElement, html: &str, plain: &str) -> Result<bool> {
    let arguments = vec![area.to_json()?, html.into(), plain.into()];
    Ok(app.browser.driver.execute(PASTE, arguments).await?.convert()?)
}

async fn value(area: &WebElement) -> Result<String> {
    Ok(area.prop("value").await?.unwrap_or_default())
}

/// The policy of the page holds for the pasted page, too: what is in it is read, and neither applied nor run.
fn refuses_what_is_in_it(app: &TestApp) {
    app.allow_console_error("violates the following Content Security Policy directive");
}

#[tokio::test]
async fn word_and_hancom_keep_their_structure_and_undo_is_one_step() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        refuses_what_is_in_it(&app);
        let studio = Studio::open(browser, "sign-up").await?;
        studio.write("/documents/privacy", "처음과 끝").await?;
        let area = studio.field("/documents/privacy").await?;
        area.send_keys(Key::Left + "").await?;
        area.send_keys("중간, ").await?;
        ensure!(!paste(&app, &area, WORD, "plain").await?, "the studio takes it");
        let pasted = value(&area).await?;
        ensure!(
            pasted.starts_with("처음과 중간, \n\n## 한옥마켓 이용약관\n\n### 제1장 총칙"),
            "{pasted}"
        );
        ensure!(pasted.contains("\n\n- 이메일 주소\n- 전화번호\n\n"), "{pasted}");
        ensure!(pasted.contains("\n| 이메일 | 가입 / 안내 | 탈퇴 시까지 |\n"), "{pasted}");
        ensure!(pasted.ends_with("\n\n끝.\n\n끝"), "{pasted}");

        // The screen shows headings and a table.
        let drawn = "if (!document.querySelector('dialog').open)
                document.querySelectorAll('.row__beside button')[1].click();
            const text = document.querySelector('dialog');
            const headings = [...text.querySelectorAll('h2, h3, h4')].map((it) => it.innerText);
            return headings.includes('제1조 (목적)') && text.querySelectorAll('table').length === 1";
        studio.in_preview(drawn, true.into()).await?;

        // The browser's own undo takes back all of it, and nothing else.
        area.send_keys(Key::Control + "z").await?;
        ensure!(value(&area).await? == "처음과 중간, 끝", "{}", value(&area).await?);
        area.send_keys(Key::Control + Key::Shift + "z").await?;
        ensure!(value(&area).await? == pasted, "{}", value(&area).await?);

        // In the place of what is selected.
        area.send_keys(Key::Control + "a").await?;
        ensure!(!paste(&app, &area, HANCOM, "plain").await?, "the studio takes it");
        let pasted = value(&area).await?;
        ensure!(
            pasted.starts_with("개인정보 수집⋅이용 동의서\n\n## 수집하는 항목\n\n- 1\\. 이름\n"),
            "{pasted}"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn plain_text_stays_plain_and_no_html_comes_into_the_page() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        refuses_what_is_in_it(&app);
        let studio = Studio::open(browser, "sign-up").await?;
        let area = studio.field("/documents/privacy").await?;
        let before = value(&area).await?;
        ensure!(paste(&app, &area, "", "# plain").await?, "the browser pastes it");
        ensure!(paste(&app, &area, "<b>one</b> line", "one line").await?, "so does it here");
        ensure!(value(&area).await? == before, "a made-up event pastes nothing");
        let hostile = "<p>a<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>\
            <iframe srcdoc='<script>parent.hit = 1</script>'></iframe><p>b<svg onload='window.hit = 1'>";
        area.send_keys(Key::Control + "a").await?;
        ensure!(!paste(&app, &area, hostile, "a").await?, "two paragraphs");
        ensure!(value(&area).await? == "a\n\nb", "{}", value(&area).await?);
        let hit = "return [window.hit ?? null, document.querySelectorAll('main img, main svg').length]";
        let hit = browser.driver.execute(hit, Vec::new()).await?;
        ensure!(*hit.json() == serde_json::json!([null, 0]), "{:?}", hit.json());
        Ok(())
    })
    .await
}
