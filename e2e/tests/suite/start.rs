//! The product starts, and says so.

use anyhow::Result;
use consent_e2e::{Setup, play};

#[tokio::test]
async fn the_demo_page_opens_without_a_complaint() -> Result<()> {
    play(Setup::default(), |scene| async move {
        scene.browser.go("/demo").await?;
        scene.browser.see("demo-shop").await
    })
    .await
}
