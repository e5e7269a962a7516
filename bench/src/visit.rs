//! One first visit: until the page is usable, until it is quiet, and through to the decision.

use crate::backend::Question;
use crate::browser::Browser;
use crate::configuration::SHOP;
use crate::contender::Contender;
use crate::page::Page;
use crate::profile::Profile;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::sleep;

/// How long a page is left alone once it is usable: what comes late, comes now.
const QUIET: Duration = Duration::from_secs(3);

/// The boxes that the shop's screen has for a new person.
pub const BOXES: usize = 7;

/// Visits, measures, answers. By name: see [`crate::results::PageResult`].
///
/// # Errors
/// When the page does not become usable, a tick does not stay, or no decision leaves.
pub async fn measure(
    browser: &Browser,
    contender: &Contender,
    profile: Profile,
    question: &Question,
) -> Result<BTreeMap<String, f64>> {
    let probe = watched(contender);
    let mut page = Page::open(browser, profile, &question.visitor, BOXES, 844, &probe).await?;
    page.go(&question.url()).await?;
    page.reported("usable").await?;
    if contender.mounts() {
        page.reported("mounted").await?;
    }
    sleep(QUIET).await;

    let mut measured = BTreeMap::new();
    let reported = page.value(REPORT).await?;
    for (name, value) in reported.as_object().into_iter().flatten() {
        measured.extend(value.as_f64().map(|value| (name.clone(), value)));
    }
    let metrics = page.call("Performance.getMetrics", json!({})).await?;
    let metric = |name: &str| {
        let all = metrics["metrics"].as_array().into_iter().flatten();
        all.filter(|it| it["name"] == name).find_map(|it| it["value"].as_f64())
    };
    let mut note = |name: &str, value: Option<f64>| {
        measured.extend(value.map(|value| (name.to_owned(), value)));
    };
    note("script", metric("ScriptDuration").map(|seconds| seconds * 1000.0));
    note("task", metric("TaskDuration").map(|seconds| seconds * 1000.0));
    note("heap", metric("JSHeapUsedSize"));
    note("memory", Some(browser.renderer_memory().await?).filter(|bytes| *bytes > 0.0));
    let began = metric("NavigationStart").context("no NavigationStart")?;

    tick_what_is_required(&page).await?;
    note("press", Some(decide(&mut page, began).await?));
    page.close().await?;
    Ok(measured)
}

/// What else the probe is to watch.
#[must_use]
pub fn watched(contender: &Contender) -> String {
    format!("window.bench.mounts = {};", contender.mounts())
}

/// Times as the probe has them; sizes as they were on the wire, without headers.
const REPORT: &str = "(() => {
  const { usable, firstPaint, mounted, shift } = window.bench;
  const sizes = { html: 0, css: 0, js: 0, wasm: 0, json: 0, other: 0 };
  for (const { name, encodedBodySize } of performance.getEntriesByType('resource')) {
    const path = new URL(name).pathname;
    const kind = path.startsWith('/api/') ? 'json' : path.split('.').pop();
    sizes[kind in sizes ? kind : 'other'] += encodedBodySize;
  }
  sizes.html = performance.getEntriesByType('navigation')[0].encodedBodySize;
  const total = Object.values(sizes).reduce((sum, size) => sum + size);
  return { usable, first_paint: firstPaint, mounted, shift, ...sizes, total };
})()";

async fn tick_what_is_required(page: &Page) -> Result<()> {
    let required = page
        .value(
            "[...document.querySelectorAll('[data-row]')]
               .filter((row) => row.querySelector('.row__need--required'))
               .map((row) => row.querySelector('input[type=checkbox]').id)",
        )
        .await?;
    let required: Vec<&str> =
        required.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    ensure!(!required.is_empty(), "{SHOP} requires nothing: the wrong page");
    for id in &required {
        page.click(&format!("[id='{id}']")).await?;
    }
    // Long enough for what would take a tick back.
    sleep(Duration::from_millis(200)).await;
    let ticked = page
        .value("[...document.querySelectorAll('[data-row] input:checked')].map((it) => it.id)")
        .await?;
    ensure!(ticked == json!(required), "clicked {required:?}, ticked are {ticked}");
    Ok(())
}

/// Presses agree, and gives the milliseconds until the decision left.
async fn decide(page: &mut Page, began: f64) -> Result<f64> {
    page.forget();
    page.click(".actions__buttons .button--primary").await?;
    let pressed: f64 = page.reported("pressed").await?.parse()?;
    let left = page
        .wait("the decision", |(method, params)| {
            let posts = method == "Network.requestWillBeSent"
                && params["request"]["method"] == "POST"
                && params["request"]["url"].as_str().is_some_and(|url| url.contains("/consent"));
            posts.then(|| params["timestamp"].as_f64())?
        })
        .await?;
    // The browser's monotonic clock, in seconds; the page counts from `began` on the same clock.
    Ok((left - began) * 1000.0 - pressed)
}
