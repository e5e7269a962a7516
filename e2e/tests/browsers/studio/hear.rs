//! What a screen reader announces, beside the preview.

use super::way::desktop;
use anyhow::{Context, Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::pages::Studio;
use std::time::{Duration, Instant};
use thirtyfour::By;

#[tokio::test]
async fn a_line_and_its_place_show_each_other_and_what_is_announced_is_listed() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.panel("Hear").await?;
        browser.see("[필수] 이용약관").await?;
        let lines = browser.driver.find_all(By::Css(".heard__line")).await?;
        let mut checkbox = None;
        for (index, line) in lines.iter().enumerate() {
            if line.text().await?.starts_with("checkbox [필수] 이용약관") {
                checkbox = Some(index);
            }
        }
        let index = checkbox.context("no line of the first term")?;
        // By keyboard, from the line before.
        let focus = "document.querySelectorAll('.heard__line')[arguments[0]].focus()";
        browser.driver.execute(focus, vec![(index - 1).into()]).await?;
        browser.driver.active_element().await?.send_keys(thirtyfour::Key::Down + "").await?;
        let marked = "return document.querySelector('[data-heard]')?.id";
        studio.in_preview(marked, "term:tos".into()).await?;
        // The other way round.
        let over = "document.getElementById('term:privacy')
            .dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
            return true";
        studio.in_preview(over, true.into()).await?;
        let pointed = studio.one(".heard__line--pointed").await?;
        ensure!(pointed.text().await?.contains("개인정보"), "{}", pointed.text().await?);
        // A tick is heard at once, and so is what live regions announce.
        let ticked = "const box = document.getElementById('term:tos');
            if (!box.checked) box.click();
            return box.checked";
        studio.in_preview(ticked, true.into()).await?;
        let line = &lines[index];
        let heard = async || {
            let text = studio.one(".heard").await?.text().await?;
            anyhow::Ok(text.contains("checked: true"))
        };
        let deadline = Instant::now() + Duration::from_secs(5);
        while !heard().await? {
            ensure!(Instant::now() < deadline, "{}", line.text().await?);
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        let agree = "document.querySelector('.actions .button--primary').click(); return true";
        studio.in_preview(agree, true.into()).await?;
        let announced = studio.one(".heard__announcement").await?.text().await?;
        ensure!(announced.starts_with("assertive"), "{announced}");
        Ok(())
    })
    .await
}
