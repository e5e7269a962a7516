//! Everything that can go wrong between browser and backend, one test for each: the person sees
//! what happened and that nothing is lost, can go on or leave, and the database holds at most one
//! decision, the one the person made.
//!
//! Faults that need a longer test are tested elsewhere: see docs/TESTING.md.

mod answer;
mod files;
mod no_wasm;
mod request;
mod text;

use anyhow::{Result, bail};
use consent_e2e::TestApp;
use consent_e2e::browser::Browser;
use consent_e2e::pages::Consent;
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use std::time::{Duration, Instant};

/// A test for each fault: `name: fault, arguments of the story`.
macro_rules! each {
    ($story:ident: $($name:ident: $fault:expr, $($argument:expr),+;)+) => {
        $(
            #[tokio::test]
            async fn $name() -> anyhow::Result<()> {
                $story(|| $fault, $($argument),+).await
            }
        )+
    };
}
use each;

const OFFLINE: &str = "연결이 끊겼습니다.";
const BUSY: &str = "지금은 이용자가 많습니다.";
const TROUBLE: &str = "일시적인 문제가 발생했습니다.";

/// What the person reads while the screen waits.
fn waits(why: &str, seconds: u32) -> String {
    format!("{why} 선택한 내용은 그대로 있습니다. {seconds}초 뒤 다시 시도합니다.")
}

/// What the person fills in: all that is required, and the phone number.
async fn filled(browser: &Browser) -> Result<Consent<'_>> {
    let screen = Consent::of(browser, "new", "demo-shop", "").await?;
    fill_in(&screen).await?;
    Ok(screen)
}

async fn fill_in(screen: &Consent<'_>) -> Result<()> {
    screen.tick_required().await?;
    screen.tick("전화번호").await
}

/// The one decision there is, is that.
async fn agreed_to_what_was_filled_in(app: &TestApp) -> Result<()> {
    let decisions = app.decisions().await?;
    let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
    assert_eq!(decision.decision, "agree");
    let items = app.items(&decision.receipt_id).await?;
    assert!(items.iter().any(|item| item.key == "item:phone_number"));
    for item in &items {
        let meant = item.required || item.key == "item:phone_number";
        assert_eq!(item.agreed, meant, "{}", item.key);
    }
    Ok(())
}

/// The one decision there is, is a refusal, and nothing was agreed to.
async fn refused_everything(app: &TestApp) -> Result<()> {
    let decisions = app.decisions().await?;
    let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
    assert_eq!(decision.decision, "cancel");
    let items = app.items(&decision.receipt_id).await?;
    assert!(items.iter().all(|item| !item.agreed), "{items:#?}");
    Ok(())
}

/// Waits until both buttons can be pressed.
async fn buttons_are_back(browser: &Browser) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(15);
    'look: loop {
        if Instant::now() > deadline {
            bail!("the buttons stay off:\n{}", browser.text().await?);
        }
        for name in ["동의하고 계속하기", "취소"] {
            let button = browser.find(Role::Button, name).await?;
            if button.attr("aria-disabled").await?.is_some() {
                continue 'look;
            }
        }
        return Ok(());
    }
}

/// Remembers each line that says when something is tried again: it counts down, and what stands
/// there for a second only is easily missed.
async fn note_countdown(browser: &Browser) -> Result<()> {
    let note = "
        const noted = window.noted = [];
        const look = () => noted.push(...(document.body.innerText.match(/[^\\n]*초 뒤[^\\n]*/g) || []));
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
        look();
    ";
    browser.driver.execute(note, Vec::new()).await?;
    Ok(())
}

/// Waits for such a line.
async fn countdown(browser: &Browser, line: &str) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let noted = browser.driver.execute("return window.noted || []", Vec::new()).await?;
        let noted: Vec<String> = noted.convert()?;
        if noted.iter().any(|noted| noted == line) {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("nothing said {line:?}, but {noted:#?}");
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
}

/// What a console says of an answer with this status.
fn status(status: u16) -> String {
    format!("the server responded with a status of {status}")
}

/// What the backend itself says of a problem.
fn problem(status: u16, code: &str, more: &str) -> Fault {
    let body = format!(
        r#"{{"type":"/problems/{code}","title":"?","status":{status},"code":"{code}"{more}}}"#
    );
    Fault::answer(status, "application/problem+json", &body)
}
