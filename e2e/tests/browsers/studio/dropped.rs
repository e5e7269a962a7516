//! Files that are dropped onto the page.

use super::way::desktop;
use anyhow::Result;
use consent_e2e::TestApp;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;
use serde_json::json;

/// The smallest file with two services.
const SERVICES: &str = "[[service]]\nclient_id = \"one\"\nname = \"하나상회\"\n\n\
    [[service]]\nclient_id = \"two\"\nname = \"두리상회\"\n";

/// Drags a file over the page. Returns whether the page takes it, as it does by preventing the default.
const DRAG: &str = "const [name, text] = arguments;
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    window.dragged = data;
    const over = new DragEvent('dragover',
        { dataTransfer: data, bubbles: true, cancelable: true });
    return !document.body.dispatchEvent(over);";

/// Drops it.
const DROP: &str = "const drop = new DragEvent('drop',
        { dataTransfer: window.dragged, bubbles: true, cancelable: true });
    return !document.body.dispatchEvent(drop);";

/// What lies over the page while a file is over it.
const VEILED: &str = "return document.querySelector('.drop') !== null";

async fn dropped(app: &TestApp, name: &str, text: &str) -> Result<()> {
    let browser = &app.browser;
    let taken = browser.driver.execute(DRAG, vec![json!(name), json!(text)]).await?;
    assert_eq!(taken.json(), &json!(true), "the browser would open {name} in place of the page");
    browser.becomes(VEILED, true.into()).await?;
    let taken = browser.driver.execute(DROP, Vec::new()).await?;
    assert_eq!(taken.json(), &json!(true), "the browser would open {name} in place of the page");
    browser.becomes(VEILED, false.into()).await
}

#[tokio::test]
async fn a_dropped_file_is_opened_or_refused_with_its_fault() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        let studio = Studio(browser);

        // Neither: the page stays, with the reason.
        dropped(&app, "notes.txt", "Call the designer\n").await?;
        browser.see("This file is not a services.toml: line 1, column ").await?;
        browser.see(" fixtures").await?;

        // Services: one is chosen.
        dropped(&app, "services.toml", SERVICES).await?;
        browser.see("Choose a service").await?;
        browser.see("하나상회").await?;
        studio.press(".choose__services li:last-child button").await?;
        browser.arrive("/studio/cases/own?draft=").await?;
        studio.is_there().await?;
        browser.see("Saved in this browser, from services.toml").await?;
        let shows = |name: &str| format!("return document.body.innerText.includes('{name}')");
        studio.in_preview(&shows("두리상회"), true.into()).await?;

        // A fixture, onto an open draft: a draft of its own.
        let fixture = &consent_fixtures::named("sign-up").expect("in the gallery").fixture;
        let json = fixture.to_json().replace("한옥마켓", "보라장터");
        dropped(&app, "mine.json", &json).await?;
        studio.in_preview(&shows("보라장터"), true.into()).await?;
        browser.see_no_more("This file is not").await?;
        browser.press(Role::Link, "All fixtures").await?;
        let drafts = "return document.querySelectorAll('[aria-labelledby=my-drafts] .card').length";
        browser.becomes(drafts, 2.into()).await
    })
    .await
}
