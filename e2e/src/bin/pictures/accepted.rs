//! The accepted pictures of the fixtures.

use anyhow::{Result, ensure};
use consent_e2e::{Setup, TestApp, visual};

/// Compares every fixture with its accepted picture; with `accept`, accepts those that differ.
///
/// # Errors
/// When one differs and is not accepted, or a picture cannot be taken.
pub async fn compare(accept: bool) -> Result<()> {
    TestApp::run(Setup::default(), async |app| {
        let (changes, page) = visual::check(&app).await?;
        for change in &changes {
            println!("{}: {}", change.name(), change.what());
        }
        match (changes.len(), accept) {
            (0, _) => println!("Every fixture looks as it was accepted."),
            (count, true) => {
                visual::accept(&changes)?;
                println!("{count} accepted.");
            }
            (count, false) => {
                let page = page.display();
                ensure!(false, "{count} pictures look different: {page}. --accept accepts them");
            }
        }
        Ok(())
    })
    .await
}
