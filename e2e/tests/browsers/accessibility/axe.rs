//! axe-core in every state and language: no violation, and nothing undecided that was not
//! reviewed.

use super::states::emulates;
use super::undecided::UNDECIDED;
use anyhow::{Context, Result};
use consent_e2e::{Setup, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::env;

/// What is asked of axe: WCAG 2.0 to 2.2, A and AA, and what is good practice.
const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// Runs the rules, and returns what was found: `[kind, rule, selector, why]` each.
///
/// What sticks to the foot of the window covers what is below it, and then axe cannot compute
/// its background: it runs with the foot at the end of the page. Whether it covers what has the
/// focus is tested in [`super::walk`]. In the studio it runs without the link that covers a card, and
/// with everything of the panel unrolled.
const RUN: &str = "
    const [options, done] = arguments;
    const unstuck = new CSSStyleSheet();
    unstuck.replaceSync(`.actions, .go, .panel { position: static !important; }
        .card a::after, .shot__title a::after { content: none !important; }
        textarea { field-sizing: content !important; }
        .bench, .workbench, .compare-page, .compare { height: auto !important; grid-template-rows: auto !important; }
        .code__editor, .code__lines, .panel, .panel__content, .differences { height: auto !important; max-height: none !important; overflow: visible !important; }`);
    document.adoptedStyleSheets = [unstuck];
    axe.run(document, options).then(({ violations, incomplete }) => {
        const found = (kind, rules) => rules.flatMap(({ id, nodes }) => nodes.map((node) => [
            kind, id, node.target.join(' '),
            [...node.any, ...node.all, ...node.none].map((check) => check.message).join('; '),
        ]));
        document.adoptedStyleSheets = [];
        done([...found('violation', violations), ...found('undecided', incomplete)]);
    }, (error) => done([['violation', 'axe itself', '', String(error)]]));";

/// Something that axe found.
struct Found {
    is_violation: bool,
    rule: String,
    place: String,
    why: String,
}

/// axe-core itself.
fn axe() -> Result<String> {
    let place = env::var("CONSENT_AXE")
        .context("CONSENT_AXE is not set: start these tests with `cargo xtask test --only e2e`")?;
    std::fs::read_to_string(&place).with_context(|| format!("cannot read {place}"))
}

async fn run(app: &TestApp, script: String, options: Value) -> Result<Vec<Found>> {
    let found = app.browser.driver.execute_async(script, vec![options]).await?;
    let found: Vec<[String; 4]> = found.convert()?;
    let read = |[kind, rule, place, why]: [String; 4]| Found {
        is_violation: kind == "violation",
        rule,
        place,
        why,
    };
    Ok(found.into_iter().map(read).collect())
}

async fn everything(app: &TestApp) -> Result<Vec<Found>> {
    let all = json!({
        "runOnly": { "type": "tag", "values": TAGS },
        "rules": {
            "target-size": { "enabled": true },
            // The studio's frames hold cases, and each of those is looked at by itself.
            "frame-tested": { "enabled": false },
        },
        "resultTypes": ["violations", "incomplete"],
    });
    // In one go: not every driver keeps what one script leaves for the next.
    let mut found = run(app, format!("{};{RUN}", axe()?), all).await?;
    if emulates(app) {
        let contrast = json!({ "runOnly": { "type": "rule", "values": ["color-contrast"] } });
        // Without motion: what is between two themes for a moment has neither's colours.
        let still = ("prefers-reduced-motion", "reduce");
        app.browser.prefer(&[("prefers-color-scheme", "dark"), still]).await?;
        // Chromium keeps it.
        found.extend(run(app, RUN.to_owned(), contrast).await?);
        app.browser.prefer(&[]).await?;
    }
    Ok(found)
}

/// What axe finds on a page outside of the list of states, a line each. Nothing there may be left
/// undecided either.
pub async fn found(app: &TestApp, page: &str) -> Result<Vec<String>> {
    let line = |it: Found| {
        let kind = if it.is_violation { "violates" } else { "leaves undecided" };
        format!("{page}: {} {kind} {}: {}", it.place, it.rule, it.why)
    };
    Ok(everything(app).await?.into_iter().map(line).collect())
}

/// What axe finds in a state and no review has decided.
pub async fn found_in(app: &TestApp, state: &str) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for Found { is_violation, rule, place, why } in everything(app).await? {
        let known = UNDECIDED.iter().position(|it| it.is(state, &rule, &place));
        if let Some(known) = known.filter(|_| !is_violation) {
            met.insert(known);
            continue;
        }
        let kind = if is_violation { "violates" } else { "leaves undecided" };
        wrong.push(format!("{place} {kind} {rule}: {why}"));
    }
    if emulates(app) {
        // The list is of what Chromium cannot decide; the others can decide more.
        for (at, known) in UNDECIDED.iter().enumerate() {
            if known.is_in(state) && !met.contains(&at) {
                wrong.push(format!("{known:?} is decided now"));
            }
        }
    }
    Ok(wrong)
}

/// If this passes by accident, the others prove nothing.
#[tokio::test]
async fn a_fault_is_found() -> Result<()> {
    TestApp::run(Setup::default(), async |app| {
        app.browser.go("/demo").await?;
        let spoil = "document.querySelector('h1').style.color = '#eee';
            document.documentElement.removeAttribute('lang');";
        app.browser.driver.execute(spoil, Vec::new()).await?;
        let found = everything(&app).await?;
        for rule in ["color-contrast", "html-has-lang"] {
            let is_found = found.iter().any(|it| it.is_violation && it.rule == rule);
            assert!(is_found, "axe overlooks {rule}");
        }
        Ok(())
    })
    .await
}
