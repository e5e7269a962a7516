//! From a services.toml over the studio to the real screen: what was edited, looked at and handed over is what
//! a user sees.

use super::way::{PRINTING, desktop, exported};
use anyhow::{Context, Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::browser::Browser;
use consent_e2e::pages::consent::{EN, KO, Words};
use consent_e2e::pages::{Consent, Studio};
use consent_e2e::visual::Picture;
use std::sync::Mutex;
use thirtyfour::Key;

const DEMO: &str = include_str!("../../../../backend/demo/services.toml");

/// The title of the first term in Korean and in English, and the colour of the agree button, as they are edited.
const TITLE: &str = "가게 이용약관";
const TRANSLATED: &str = "Rules of the shop";
const ACCENT: &str = "#0b6b3a";
const NOTE: &str = "Ask the lawyers about this one.";

/// Each language of the comparison: as the studio names it, its tag, and the words of the screen.
const LANGUAGES: [(&str, &str, Words); 2] = [("한국어", "ko", KO), ("English", "en", EN)];

/// What a preview in English shows in the place of the account's values, which are the user's own words.
const VALUES: [(&str, &str); 2] = [("Hana", "하나"), ("Jung-gu, Seoul", "서울시 중구")];

/// The demo's file for a production: it names where users sign in, and the service is elsewhere.
fn file() -> String {
    let sign_in = "[sign_in]\naccount_header = \"x-account\"\nlogin_url = \"/login\"\n\n\
        [guardian]\nmail_hook = \"https://mail.example/guardian\"\nmail_secret = \"change-me-change-me\"\n\n";
    let services = DEMO.replace("{origin}/demo", "https://hanok-market.example");
    // The harness signs an account of this name in, which has the values that a preview shows.
    let account = "id = \"account\"\naddress = \"서울시 중구 세종대로 110\"\n";
    let services = services.replace("id = \"new\"\n", account);
    let services = services.replace("{origin}", "https://hanok-market.example");
    format!("{sign_in}{services}")
}

/// How many pixels no user sees the difference of: WebKit smooths rounded corners by what it drew before.
const ROUNDED_CORNERS: usize = 150;

/// A page as a user sees it: its words, and what each scroll position shows.
struct Seen {
    text: String,
    windows: Vec<Picture>,
}

/// What was seen in the studio, to be found again.
#[derive(Default)]
struct HandedOver {
    toml: String,
    previews: Vec<Seen>,
}

#[tokio::test]
async fn what_was_edited_and_handed_over_is_what_a_user_sees() -> Result<()> {
    let handed_over = Mutex::new(HandedOver::default());
    TestApp::run(desktop(), async |app| {
        let seen = in_the_studio(&app).await?;
        *handed_over.lock().expect("no panic") = seen;
        Ok(())
    })
    .await?;
    let HandedOver { toml, previews } = handed_over.into_inner()?;
    if toml.is_empty() {
        // Not run in this engine, which was reported.
        return Ok(());
    }
    TestApp::run(desktop().services(toml), async |app| {
        for ((_, tag, words), preview) in LANGUAGES.iter().zip(&previews) {
            authorize(&app.browser, tag).await?;
            Consent::asking_in(&app.browser, *words).await?;
            let screen = look(&app.browser).await?;
            let edited = if *tag == "ko" { TITLE } else { TRANSLATED };
            ensure!(screen.text.contains(edited), "{edited} is not on the screen in {tag}");
            let text = VALUES
                .iter()
                .fold(preview.text.clone(), |text, (sample, value)| text.replace(sample, value));
            assert_eq!(screen.text, text, "the words in {tag}");
            if *tag == "ko" {
                looks_the_same(&app, tag, &screen, preview)?;
            }
        }
        Ok(())
    })
    .await
}

/// A designer's and a lawyer's part: edit, compare, note, print, save. Nothing is found by its role: Firefox
/// would then keep the accessibility of every frame of the storyboard up to date, which takes minutes.
async fn in_the_studio(app: &TestApp) -> Result<HandedOver> {
    let browser = &app.browser;
    let place = app.data().join("services.toml");
    std::fs::write(&place, file())?;
    browser.go("/studio/").await?;
    let studio = Studio(browser);
    studio.one("#open-fixture").await?.send_keys(place.to_string_lossy()).await?;
    browser.see("Choose a service").await?;
    studio.press(".choose__services li:first-child button").await?;
    browser.arrive("/studio/cases/own?draft=").await?;
    studio.is_there().await?;

    studio.write("/request/terms/0/title", TITLE).await?;
    let title = "return document.querySelector('.row__label').innerText";
    studio.in_preview(title, format!("[필수] {TITLE}").into()).await?;
    studio.panel("Texts").await?;
    let cell = studio.cell("en", "/request/terms/tos/title").await?;
    cell.send_keys(Key::Control + "a").await?;
    cell.send_keys(TRANSLATED).await?;
    studio.panel("Look").await?;
    for (token, value) in [("--accent", ACCENT), ("--on-accent", "#ffffff")] {
        let field = studio.one(&format!("[id='token:{token}']")).await?;
        field.send_keys(Key::Control + "a").await?;
        field.send_keys(value).await?;
        field.send_keys(Key::Enter + "").await?;
    }
    let accent = "return getComputedStyle(document.querySelector('.actions .button--primary'))
        .backgroundColor";
    studio.in_preview(accent, "rgb(11, 107, 58)".into()).await?;
    let language = "return document.documentElement.lang";
    let mut fragments = Vec::new();
    for (name, tag, _) in LANGUAGES {
        studio.choose("Language", name).await?;
        studio.in_preview(language, tag.into()).await?;
        let fragment = studio.ask_preview("return location.hash").await?;
        fragments.push(fragment.as_str().context("a fragment")?.to_owned());
    }
    studio.in_preview(title, format!("[Required] {TRANSLATED}").into()).await?;

    studio.press(".views__view[href*='/compare']").await?;
    for value in [TITLE, ACCENT] {
        let listed = format!(
            "return [...document.querySelectorAll('.difference .diff__line')]
                .some((it) => it.textContent === 'Open now: {value}')"
        );
        browser.becomes(&listed, true.into()).await?;
    }
    studio.press(".views__view:first-child").await?;
    studio.is_there().await?;

    studio.panel("Notes").await?;
    let places = "return document.querySelector('option[value=\"term:tos\"]') !== null";
    browser.becomes(places, true.into()).await?;
    browser.choose("term:tos").await?;
    studio.press("#add-note").await?;
    studio.focus_is_on("Text of note 1").await?;
    browser.driver.active_element().await?.send_keys(NOTE).await?;
    browser.see("Saved in this browser, from services.toml").await?;

    studio.press(".views__view[href*='/storyboard']").await?;
    browser.see("Arriving and answering").await?;
    // A driver does not reach the dialog.
    browser.driver.execute("window.print = () => { window.isPrinted = true }", Vec::new()).await?;
    studio.press(".tool--main").await?;
    browser.becomes_within(PRINTING, "return window.isPrinted === true", true.into()).await?;
    let printed = format!(
        "return [...document.querySelectorAll('.facts')].some((it) => it.textContent.includes('{NOTE}'))"
    );
    browser.becomes(&printed, true.into()).await?;
    studio.press(".views__view:first-child").await?;
    studio.is_there().await?;

    // Before the file is saved: some browsers show a bar with it, and less of the page.
    let draft = browser.driver.current_url().await?;
    let mut previews = Vec::new();
    for fragment in fragments {
        browser.go(&format!("/studio/preview/{fragment}")).await?;
        browser.becomes("return document.querySelector('#app main') !== null", true.into()).await?;
        // The bar above every preview.
        let bare = "document.querySelector('.says-preview').style.display = 'none'";
        browser.driver.execute(bare, Vec::new()).await?;
        previews.push(look(browser).await?);
    }
    browser.driver.goto(draft.as_str()).await?;
    studio.is_there().await?;

    studio.panel("Share").await?;
    let toml = exported(app, "Save services.toml").await?;
    let kept = file().replacen("ko = \"이용약관\"", &format!("ko = \"{TITLE}\""), 1);
    let kept = kept.replacen("en = \"Terms of service\"", &format!("en = \"{TRANSLATED}\""), 1);
    let [before, after] = kept.split("[[service.terms]]").take(2).collect::<Vec<_>>()[..] else {
        anyhow::bail!("the file has terms")
    };
    ensure!(toml.contains(before.trim_end()) && toml.contains(after), "more was changed:\n{toml}");
    ensure!(toml.contains(ACCENT), "the color is not in the file");
    Ok(HandedOver { toml, previews })
}

/// What the service's "sign up" link does. It asks for the item that the file asks for on request only, since a
/// preview shows that, too.
async fn authorize(browser: &Browser, language: &str) -> Result<()> {
    browser
        .go(&format!(
            "/oauth/authorize?response_type=code&client_id=demo-shop&scope=shipping_address\
             &redirect_uri=https://hanok-market.example/callback&state=s&ui_locales={language}\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
        ))
        .await
}

/// How high the page is above what a window shows of it, at rest: nothing has the focus, nothing moves.
const REST: &str = "const done = arguments[0];
    document.activeElement?.blur();
    for (const it of document.getAnimations()) { try { it.finish(); } catch {} }
    scrollTo({ top: arguments[1] ?? 0, behavior: 'instant' });
    document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() =>
        done(document.documentElement.scrollHeight - innerHeight - scrollY))));";

/// The page from its top to its end.
async fn look(browser: &Browser) -> Result<Seen> {
    let driver = &browser.driver;
    let text =
        driver.execute("return document.querySelector('#app').innerText", Vec::new()).await?;
    let text = text.json().as_str().context("a text")?.to_owned();
    let script = |top: usize| REST.replace("arguments[1] ?? 0", &top.to_string());
    let (mut windows, mut top) = (Vec::new(), 0);
    loop {
        let left = driver.execute_async(script(top), Vec::new()).await?;
        let left = left.json().as_f64().context("a height")?;
        windows.push(Picture::read(&driver.screenshot_as_png().await?)?);
        if left < 1.0 {
            return Ok(Seen { text, windows });
        }
        top += 600;
    }
}

/// Whether no user would see a difference. Where one is, its picture is kept.
fn looks_the_same(app: &TestApp, tag: &str, screen: &Seen, preview: &Seen) -> Result<()> {
    let (is, was) = (screen.windows.len(), preview.windows.len());
    ensure!(is == was, "the page in {tag} is {is} windows long, and its preview {was}");
    for (number, (screen, preview)) in screen.windows.iter().zip(&preview.windows).enumerate() {
        let difference = screen.difference(preview);
        if let Some(difference) = difference.filter(|it| it.pixels > ROUNDED_CORNERS) {
            let place = app.evidence()?.join(format!("journey-{tag}-{number}.png"));
            std::fs::write(&place, difference.marked.write()?)?;
            anyhow::bail!("{} pixels differ in {}", difference.pixels, place.display());
        }
    }
    Ok(())
}
