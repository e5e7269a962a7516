//! How every fixture looks: held to the picture that was accepted.

use super::way::desktop;
use anyhow::{Result, ensure};
use consent_e2e::engine::Engine;
use consent_e2e::visual;
use std::fmt::Write;

#[tokio::test]
async fn no_fixture_looks_different() -> Result<()> {
    let setup = || desktop().only_in(Engine::Chromium, "engines draw letters differently");
    let Some((changes, page)) = visual::check(setup).await? else { return Ok(()) };
    let mut lines = String::new();
    for change in &changes {
        writeln!(lines, "{}: {}", change.name(), change.what())?;
    }
    let page = page.display();
    ensure!(changes.is_empty(), "{lines}look at {page}; to accept: cargo xtask pictures --accept");
    Ok(())
}
