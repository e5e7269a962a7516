//! The accepted pictures of the fixtures.

use anyhow::{Result, bail};
use consent_e2e::{Setup, visual};

/// Compares every fixture with its accepted picture; with `accept`, accepts those that differ.
///
/// # Errors
/// When one differs and is not accepted, or a picture cannot be taken.
pub async fn compare(accept: bool) -> Result<()> {
    let (changes, page) = visual::check(Setup::default).await?;
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
            bail!("{count} pictures look different: {page}. --accept accepts them");
        }
    }
    Ok(())
}
