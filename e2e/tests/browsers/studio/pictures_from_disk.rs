//! A picture from disk: drawn by the preview, refused by its content, and in no services.toml.

use super::way::{desktop, exported};
use anyhow::{Context, Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::pages::Studio;

/// A picture in one colour.
fn png(width: u32, height: u32) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels = [200, 30, 60].repeat((width * height) as usize);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

#[tokio::test]
async fn a_picture_from_disk_is_drawn_and_reported() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        let at = "/request/service/icon_url";
        studio.field(at).await?;
        let input = studio.one(&format!("[id='picture:{at}']")).await?;
        let choose = async |name: &str, bytes: &[u8]| -> Result<()> {
            let file = app.data().join(name);
            std::fs::write(&file, bytes)?;
            Ok(input.send_keys(file.to_string_lossy()).await?)
        };
        choose("icon.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>").await?;
        browser.see("This file is an SVG").await?;
        choose("large.png", &[0; 256 * 1024 + 1]).await?;
        browser.see("The largest picture has 256 KB").await?;
        choose("wide.png", &png(240, 120)?).await?;
        browser.see("PNG, 240 × 120 pixels").await?;
        browser.see("It is not square").await?;

        // The preview draws it: its policy and its screen let it.
        let drawn = "const picture = document.querySelector('.avatar--service img');
            return picture && picture.complete ? picture.naturalWidth : 0";
        studio.in_preview(drawn, 240.into()).await?;
        let path = studio.field(at).await?.prop("value").await?;
        ensure!(path.as_deref() == Some(""), "the field has no data in it: {path:?}");

        // It is nowhere in silence.
        studio.panel("Check").await?;
        browser.see("SEC-53").await?;
        studio.panel("Share").await?;
        browser.see("icon names a picture beside the file").await?;
        let saved = exported(&app, "Save services.toml").await?;
        ensure!(!saved.contains("data:"), "{saved}");

        // A draft keeps it.
        browser.driver.refresh().await?;
        studio.is_there().await?;
        studio.in_preview(drawn, 240.into()).await?;
        studio.field(at).await?;
        studio.press(".picture-field__chosen button").await?;
        let gone = "return document.querySelector('.avatar--service img') === null";
        studio.in_preview(gone, true.into()).await?;
        studio.focus_is_on("Icon").await.context("the focus is lost with the button")
    })
    .await
}
