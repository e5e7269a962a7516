//! The same screen with more and more items.

use crate::backend::Question;
use crate::browser::Browser;
use crate::contender::Contender;
use crate::page::Page;
use crate::profile::SLOW_4G;
use crate::visit::watched;
use anyhow::{Result, ensure};
use std::time::Duration;
use tokio::time::sleep;

/// How many items.
pub const SIZES: [usize; 4] = [3, 30, 300, 3000];

/// What one visit gives: milliseconds.
pub struct Grown {
    pub usable: f64,
    /// One for each box that was clicked.
    pub ticks: Vec<f64>,
}

/// Visits a screen with so many items and clicks three of its boxes.
///
/// # Errors
/// When it does not become usable, or a tick does not stay.
pub async fn measure(
    browser: &Browser,
    contender: &Contender,
    items: usize,
    question: &Question,
) -> Result<Grown> {
    let probe = format!("{}window.bench.timeTicks = true;", watched(contender));
    let mut page = Page::open(browser, SLOW_4G, &question.visitor, items, 844, &probe).await?;
    page.go(&question.url()).await?;
    page.reported("usable").await?;
    if contender.mounts() {
        page.reported("mounted").await?;
    }
    // What starts up is over; what is measured now is the click alone.
    sleep(Duration::from_secs(1)).await;
    let usable = page.value("window.bench.usable").await?.as_f64().unwrap_or(f64::NAN);
    let mut ticks = Vec::new();
    for item in [1, items.div_ceil(2), items] {
        let selector = format!("[id='term:t{item}']");
        let place = page.place(&selector).await?;
        // Scrolling so far is work of its own.
        sleep(Duration::from_millis(300)).await;
        page.forget();
        page.press(place, Duration::ZERO).await?;
        ticks.push(page.reported("drawn").await?.parse()?);
        let checked = format!("document.querySelector(\"{selector}\").checked");
        ensure!(page.value(&checked).await? == true, "{selector} was clicked and is not ticked");
    }
    page.close().await?;
    Ok(Grown { usable, ticks })
}
