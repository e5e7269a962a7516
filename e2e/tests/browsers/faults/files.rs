//! Trouble with the files that the page is made of. A WebAssembly that is missing, forbidden or
//! truncated is in `blocked` and `no_wasm`.

use super::{agreed_to_what_was_filled_in, each, fill_in, status};
use anyhow::Result;
use consent_e2e::pages::consent::KO;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use std::time::Duration;
use tokio::time::sleep;

/// Later than the boot script waits for the app: these scenes take that long.
const LATE: Duration = Duration::from_secs(25);

async fn finishes(app: &TestApp, screen: &Consent<'_>) -> Result<()> {
    screen.agree().await?;
    demo::signed_up(&app.browser).await?;
    agreed_to_what_was_filled_in(app).await
}

#[tokio::test]
async fn webassembly_that_is_late_takes_a_server_rendered_page_over_as_it_was_filled_in()
-> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.proxy.fault(Method::GET, "*.wasm", None, Fault::Delay(LATE));
        let browser = &app.browser;
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        fill_in(&screen).await?;
        let ticked = screen.ticked().await?;
        // By then the page counts on the app no more.
        sleep(Duration::from_secs(20)).await;
        browser.app("no-wasm").await?;
        browser.app("mounted").await?;
        assert_eq!(screen.ticked().await?, ticked);
        finishes(&app, &screen).await?;
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), 1, "it was the app that sent it");
        Ok(())
    })
    .await
}

/// Measures when content became visible first, and when the app was mounted, in milliseconds. A
/// driver reports nothing of a page before it has all its style sheets.
const STOPWATCH: &str = "
    new MutationObserver(() => {
        if (document.documentElement.dataset.app === 'mounted') window.mounted ??= performance.now();
    }).observe(document.documentElement, { attributes: true });
";

const TIMES: &str = "
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    return [paint ? paint.startTime : Infinity, window.mounted].map((time) => Math.round(time));
";

/// Longer than any user waits for a style sheet, and longer than the delays of a busy machine.
const NEVER: Duration = Duration::from_secs(12);

#[tokio::test]
async fn style_sheets_that_never_come_do_not_keep_a_static_page_back() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        let browser = &app.browser;
        app.proxy.inject(STOPWATCH.to_owned());
        app.proxy.fault(Method::GET, "*.css", None, Fault::Delay(NEVER));
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        let screen = Consent::asking(browser).await?;
        let times: Vec<u64> = browser.driver.execute(TIMES, Vec::new()).await?.convert()?;
        let [visible, mounted] = times[..] else { panic!("{times:?}") };
        assert!(visible < 8000 && mounted < 8000, "seen after {visible} ms, there after {mounted}");
        fill_in(&screen).await?;
        finishes(&app, &screen).await
    })
    .await
}

#[tokio::test]
async fn style_sheets_that_never_come_are_not_missed_by_a_server_rendered_page() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        browser.go("/demo").await?;
        let before = app.proxy.count(&Method::GET, "*.css");
        app.proxy.fault(Method::GET, "*.css", None, Fault::Delay(NEVER));
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        let screen = Consent::asking(browser).await?;
        fill_in(&screen).await?;
        assert_eq!(app.proxy.count(&Method::GET, "*.css"), before, "it asked for one");
        app.proxy.clear_faults();
        finishes(&app, &screen).await
    })
    .await
}

/// Without its style sheets a page is plain, and everything can be done.
async fn is_done_without_style(fault: fn() -> Fault, console: &str) -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        app.allow_console_error(console);
        app.allow_lost_answers();
        let browser = &app.browser;
        app.proxy.fault(Method::GET, "*.css", None, fault());
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        let screen = Consent::asking(browser).await?;
        let shown = browser.text().await?;
        assert!(!shown.contains("화면을 열 수 없습니다"), "the apology shows:\n{shown}");
        fill_in(&screen).await?;
        finishes(&app, &screen).await
    })
    .await
}

each! { is_done_without_style:
    style_sheets_that_are_pages: Fault::answer(200, "text/html", "<h1>"), "Refused to apply style";
}

/// The further rows of the tables above, for a full run.
mod matrix {
    use super::*;

    each! { is_done_without_style:
        style_sheets_that_are_not_there: Fault::status(404), &status(404);
        style_sheets_that_are_reset: Fault::Reset(5), "net::ERR_";
    }

    #[tokio::test]
    async fn webassembly_that_is_late_takes_the_place_of_the_apology() -> Result<()> {
        TestApp::run(Setup::default().statically_hosted(), |app| async move {
            app.proxy.fault(Method::GET, "*.wasm", None, Fault::Delay(LATE));
            let browser = &app.browser;
            demo::sign_up(browser, "new", "demo-shop", "").await?;
            sleep(Duration::from_secs(15)).await;
            browser.find(Role::Heading, "화면을 열 수 없습니다").await?;
            browser.find(Role::Button, "취소하고 돌아가기").await?;
            let screen = Consent::asking(browser).await?;
            let shown = browser.text().await?;
            assert!(!shown.contains("화면을 열 수 없습니다"), "{shown}");
            fill_in(&screen).await?;
            finishes(&app, &screen).await
        })
        .await
    }
}
