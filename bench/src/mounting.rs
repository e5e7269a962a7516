//! People who click and type before the app has come, while it comes, and after.

use crate::backend::Question;
use crate::browser::Browser;
use crate::page::Page;
use crate::profile::Profile;
use crate::visit::BOXES;
use anyhow::{Context, Result, bail};
use fastrand::Rng;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The item whose value the account lacks, so that it is typed.
const TYPED: &str = "item:account_email";
const BOXES_SHOWN: &str = "[...document.querySelectorAll('[data-row] input[type=checkbox]')]";
const FIELD: &str = "value:account_email";

/// How long the person goes on once the app is there.
const AFTER: Duration = Duration::from_millis(700);

/// How long the person goes on when no app comes: a page that stays native is right, too.
const LONGEST: Duration = Duration::from_secs(20);

/// What one run gives.
pub struct Run {
    /// What is not as the person left it; empty is good.
    pub faults: Vec<String>,
    /// Whether the person did something before the app was there.
    pub early: bool,
    pub shift: f64,
    pub moved: f64,
}

/// Visits, and does as the seed says.
///
/// # Errors
/// When the page does not become usable, or the app does not come.
pub async fn run(
    browser: &Browser,
    profile: Profile,
    question: &Question,
    seed: u64,
) -> Result<Run> {
    let mut random = Rng::with_seed(seed);
    let probe = "window.bench.mounts = true; window.bench.watchPlaces = true;";
    // High enough for everything: scrolling is not what is tried here.
    let mut page = Page::open(browser, profile, &question.visitor, BOXES, 2600, probe).await?;
    page.go(&question.url()).await?;
    page.reported("usable").await?;
    let mut person = Person::look(&page).await?;
    let began = Instant::now();
    let (mut early, mut mounted_at) = (false, None);
    while mounted_at.is_none_or(|at: Instant| at.elapsed() < AFTER) {
        if began.elapsed() > LONGEST {
            bail!("the app did not come within {} s", LONGEST.as_secs());
        }
        // Sometimes at once, sometimes after a look.
        sleep(Duration::from_millis(random.u64(0..3) * random.u64(0..80))).await;
        person.act(&page, &mut random).await?;
        if mounted_at.is_none() {
            match page.value("window.bench.mounted").await?.is_null() {
                true => early = true,
                false => mounted_at = Some(Instant::now()),
            }
        }
    }
    sleep(Duration::from_millis(200)).await;
    let faults = person.compare(&page).await?;
    let reported = page.value("[window.bench.shift, window.bench.moved]").await?;
    let (shift, moved) = (reported[0].as_f64(), reported[1].as_f64());
    page.close().await?;
    let numbers = "the probe counts in numbers";
    Ok(Run { faults, early, shift: shift.context(numbers)?, moved: moved.context(numbers)? })
}

/// What the person did, and so expects to see.
struct Person {
    ticked: BTreeMap<String, bool>,
    typed: String,
}

impl Person {
    async fn look(page: &Page) -> Result<Self> {
        let ids = page.value(&format!("{BOXES_SHOWN}.map((it) => it.id)")).await?;
        let ids = ids.as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(Self { ticked: ids.map(|id| (id.to_owned(), false)).collect(), typed: String::new() })
    }

    async fn act(&mut self, page: &Page, random: &mut Rng) -> Result<()> {
        if self.ticked.get(TYPED) == Some(&true) && random.u8(0..3) == 0 {
            return self.write(page, random).await;
        }
        let chosen = random.usize(0..self.ticked.len());
        let (id, ticked) = self.ticked.iter_mut().nth(chosen).context("a box among the boxes")?;
        let place = page.place(&format!("[id='{id}']")).await?;
        // A finger rests on the glass for a moment, and the app may come in just that moment.
        let held = Duration::from_millis(random.u64(0..90));
        page.press(place, held).await?;
        *ticked = !*ticked;
        Ok(())
    }

    async fn write(&mut self, page: &Page, random: &mut Rng) -> Result<()> {
        let place = page.place(&format!("[id='{FIELD}']")).await?;
        page.press(place, Duration::ZERO).await?;
        let end = json!({ "type": "keyDown", "key": "End", "windowsVirtualKeyCode": 35 });
        page.call("Input.dispatchKeyEvent", end).await?;
        let end = json!({ "type": "keyUp", "key": "End", "windowsVirtualKeyCode": 35 });
        page.call("Input.dispatchKeyEvent", end).await?;
        for _ in 0..random.u8(1..6) {
            let key = random.lowercase().to_string();
            let params = json!({ "type": "char", "text": key });
            page.call("Input.dispatchKeyEvent", params).await?;
            self.typed.push_str(&key);
            sleep(Duration::from_millis(random.u64(0..70))).await;
        }
        Ok(())
    }

    async fn compare(&self, page: &Page) -> Result<Vec<String>> {
        let state = format!(
            "[Object.fromEntries({BOXES_SHOWN}.map((it) => [it.id, it.checked])),
              document.getElementById('{FIELD}')?.value ?? '']"
        );
        let state = page.value(&state).await?;
        let mut faults = Vec::new();
        for (id, ticked) in &self.ticked {
            let shown = &state[0][id];
            if shown != ticked {
                faults.push(format!("{id} was left {ticked} and is {shown}"));
            }
        }
        if state[1] != self.typed {
            faults.push(format!("`{}` was typed, the field says {}", self.typed, state[1]));
        }
        Ok(faults)
    }
}
