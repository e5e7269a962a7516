//! Each state is arranged once, and looked at in every respect: the accessibility tree, axe, and
//! layout for people who see little. The tests are in [`super::states`], one for each state.

use super::states::{Language, State, emulates, languages_for};
use super::{axe, sight, tree};
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use std::cell::RefCell;

/// What is wrong in a state is collected, so that one run shows all of it.
pub async fn is_accessible(name: &str, state: State) -> Result<()> {
    let wrong = RefCell::new(Vec::new());
    state
        .in_languages(languages_for(name), async |app: &TestApp, language: Language| {
            let mut found = Vec::new();
            // First what is read only, last what presses a key.
            if emulates(app) {
                found.extend(tree::differs(app, name, language).await?);
            }
            found.extend(axe::found_in(app, name).await?);
            if emulates(app) {
                found.extend(sight::faults(&app.browser).await?);
            }
            let line = |what| format!("{}: {what}", language.tag);
            wrong.borrow_mut().extend(found.into_iter().map(line));
            Ok(())
        })
        .await?;
    let wrong = wrong.into_inner();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
