//! What the preview measures of a drawn page, and what the rules make of it.

use super::way::desktop;
use anyhow::{Context, Result, ensure};
use consent_e2e::engine::Engine;
use consent_e2e::pages::Studio;
use consent_e2e::{Setup, TestApp, in_turn, is_full_run};
use consent_lint::{
    Rule,
    rendered::{self, Rendered},
};
use consent_studio::share;
use consent_studio::state::{ColorScheme, Language, PreviewState, Selection, View};
use consent_studio::theme::Theme;
use std::collections::BTreeSet;
use std::time::Duration;
use thirtyfour::By;

/// Draws a preview of some width in a frame, changes it, and answers with what is measured then.
const MEASURE: &str = "const [fragment, width, done] = arguments;
    document.querySelector('#measured')?.remove();
    const frame = document.createElement('iframe');
    frame.id = 'measured';
    frame.style.width = width + 'px';
    frame.style.height = '700px';
    const heard = (listen) => {
        const hear = (event) => {
            if (event.source !== frame.contentWindow) return;
            const { measured } = JSON.parse(event.data);
            if (!measured) return;
            removeEventListener('message', hear);
            listen(JSON.stringify(measured));
        };
        addEventListener('message', hear);
    };
    // Makes something look like what it stands in or beside.
    const plain = (named) => (it) => it.querySelectorAll(named).forEach((it) => {
        const beside = it.matches('dd') ? it.previousElementSibling : it.parentElement;
        const looks = getComputedStyle(beside);
        for (const by of ['fontSize', 'fontWeight', 'color', 'textDecorationLine']) {
            it.style[by] = looks[by];
        }
    });
    const hide = (named) => (it) => { it.querySelector(named).style.display = 'none'; };
    heard((first) => {
        const spoil = SPOIL;
        if (!spoil) return done(first);
        // The measurement of the unchanged page has arrived by then.
        setTimeout(() => {
            heard(done);
            spoil(frame.contentDocument);
            frame.contentWindow.dispatchEvent(new Event('resize'));
        }, 300);
    });
    frame.src = '/studio/preview/#' + fragment;
    document.body.append(frame);";

/// Measures a case of the gallery. `spoil`: a function in JavaScript that is given the document, or
/// `null`.
async fn measured(
    app: &TestApp,
    case: &str,
    view: View,
    width: u16,
    spoil: &str,
) -> Result<Rendered> {
    let case = Selection::Gallery(case.to_owned());
    let fragment = share::encode(&PreviewState { fixture: case, view, theme: Theme::default() });
    // Not by eval in the page: its policy forbids that.
    let script = MEASURE.replace("SPOIL", spoil);
    let driver = &app.browser.driver;
    let measured = driver.execute_async(script, vec![fragment.into(), width.into()]).await?;
    let measured: String = measured.convert()?;
    Ok(serde_json::from_str(&measured)?)
}

/// It draws every fixture.
fn in_one_engine() -> Setup {
    desktop().only_in(Engine::Chromium, "one engine draws every case, the others one")
}

#[tokio::test]
async fn no_case_breaks_a_rule_when_it_is_drawn() -> Result<()> {
    TestApp::run(in_one_engine(), async |app| {
        app.browser.go("/studio/").await?;
        app.browser.see(" fixtures").await?;
        let stress =
            View { language: Language::Pseudo, scheme: ColorScheme::Dark, ..View::default() };
        // Long words in a narrow window, where layouts break first; with `--full` also as most users see it.
        let mut views = vec![(stress, 320)];
        if is_full_run() {
            views.push((View::default(), 390));
        }
        let mut wrong = Vec::new();
        let (mut boxes, mut important, mut edges, mut contrasts) = (0, 0, 0, 0);
        for named in in_turn(0).filter(|it| it.name != BADLY_THEMED) {
            for &(view, width) in &views {
                let seen = measured(&app, &named.name, view, width, "null").await?;
                boxes += seen.boxes.len();
                important += seen.important.len();
                edges += seen.edges.iter().filter(|it| it.contrast.is_some()).count();
                contrasts += seen.texts.iter().filter(|it| it.contrast.is_some()).count();
                wrong.extend(rendered::check(&seen).into_iter().map(|it| {
                    format!("{} at {width}: {} at {:?}: {}", named.name, it.rule.id, it.at, it.what)
                }));
            }
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        let measured = [boxes, important, edges, contrasts];
        ensure!(measured.iter().all(|it| *it > 100), "so many were measured: {measured:?}");
        Ok(())
    })
    .await
}

/// A text of twice the size, and words that are longer, in the narrow windows of phones: nothing is measured that
/// the conditions of the style sheets should have changed.
#[tokio::test]
async fn the_sign_up_breaks_no_rule_with_a_large_text_or_longer_words() -> Result<()> {
    TestApp::run(in_one_engine(), async |app| {
        app.browser.go("/studio/").await?;
        app.browser.see(" fixtures").await?;
        let speaking = |language| View { language, ..View::default() };
        for (view, width) in [
            (View { text: 200, ..View::default() }, 320),
            (speaking(Language::En), 320),
            (speaking(Language::Ja), 390),
        ] {
            let seen = measured(&app, "sign-up", view, width, "null").await?;
            let found = rendered::check(&seen);
            ensure!(found.is_empty(), "{view:?} at {width}: {found:#?}");
        }
        Ok(())
    })
    .await
}

/// The fixture whose theme breaks rules.
pub const BADLY_THEMED: &str = "breaks-the-drawn-rules";

/// A fixture's theme is what its preview is drawn in, in both colour schemes.
#[tokio::test]
async fn the_theme_of_a_fixture_breaks_rules_when_it_is_drawn() -> Result<()> {
    TestApp::run(in_one_engine(), async |app| {
        app.browser.go("/studio/").await?;
        app.browser.see(" fixtures").await?;
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            let view = View { scheme, ..View::default() };
            let seen = measured(&app, BADLY_THEMED, view, 390, "null").await?;
            let found: BTreeSet<_> = rendered::check(&seen).iter().map(|it| it.rule.id).collect();
            let expected = BTreeSet::from(["KR-P16", "WCAG-1.4.3", "WCAG-1.4.11"]);
            ensure!(found == expected, "{scheme:?}: {found:?}\n{seen:#?}");
        }
        Ok(())
    })
    .await
}

/// What breaks each rule on the page, and which is found to be broken then.
const SPOILT: [(&str, &str, &[&str]); 28] = [
    ("nothing", "(it) => {}", &[]),
    (
        "a tick that was there",
        "(it) => { it.querySelector('[id^=\"item:\"]').checked = true; }",
        &["KR-P11"],
    ),
    (
        "agree-all that was there",
        "(it) => { it.querySelector('#agree-all').checked = true; }",
        &["KR-P11"],
    ),
    ("facts that are hidden", "hide('.facts')", &["KR-P12"]),
    (
        "a fact of no height",
        "(it) => { const of = it.querySelector('.facts dd').style;
        of.height = '0'; of.overflow = 'hidden'; }",
        &["KR-P12"],
    ),
    ("a highlight like what it stands in", "plain('.highlights em')", &["KR-P12a"]),
    ("facts like what they are called", "plain('.facts dd')", &["KR-P12a"]),
    (
        "a highlight that recedes",
        "(it) => it.querySelectorAll('.highlights em').forEach((it) => {
        Object.assign(it.style, { fontSize: '12px', fontWeight: '400', color: 'rgb(100, 100, 100)',
            textDecoration: 'none' }); })",
        &["KR-P12a"],
    ),
    (
        "a box that does not say which",
        "(it) => it.querySelector('.row__need').remove()",
        &["KR-P13"],
    ),
    ("a box without a visible label", "hide('.row__need')", &["KR-P13"]),
    (
        "facts in a slot",
        "(it) => { const facts = it.querySelector('.facts').style;
        facts.height = '40px'; facts.overflow = 'auto'; }",
        &["KR-P15"],
    ),
    (
        "a text that is not opened",
        "(it) => it.querySelector('.row__beside > *').remove()",
        &["KR-P15"],
    ),
    ("a text without a visible button to open it", "hide('.row__beside')", &["KR-P15"]),
    ("small print", "(it) => { it.querySelector('.lead').style.fontSize = '9px'; }", &["KR-P16"]),
    (
        "print made small by a transform",
        "(it) => { it.querySelector('.lead').style.transform = 'scale(0.6)'; }",
        &["KR-P16"],
    ),
    (
        "a box that is folded away",
        "(it) => { const row = it.querySelector('[data-row]');
        const fold = it.createElement('details');
        row.before(fold); fold.append(row); }",
        &["KR-P13", "KR-P26", "KR-P15"],
    ),
    (
        "a box that cannot be seen",
        "(it) => { it.querySelector('.row .checkbox').style.opacity = '0'; }",
        &["KR-P26"],
    ),
    (
        "one answer larger than the other",
        "(it) => {
        it.querySelector('.actions__buttons').style.gridTemplateColumns = '1fr 2fr'; }",
        &["KR-E02"],
    ),
    ("one answer only", "hide('.actions .button--secondary')", &["KR-E02"]),
    (
        "one answer bolder than the other",
        "(it) => {
        it.querySelector('.actions .button--primary').style.fontWeight = '900'; }",
        &["KR-E02"],
    ),
    (
        "an item among the terms",
        "(it) => it.querySelector('[data-row]').before(
        it.querySelector('[id^=\"item:\"]').closest('[data-row]'))",
        &["EU-04"],
    ),
    ("a group without a name", "(it) => it.querySelector('legend').remove()", &["WCAG-1.3.1"]),
    ("pale text", "(it) => { it.querySelector('.lead').style.opacity = '0.4'; }", &["WCAG-1.4.3"]),
    (
        "a page that is too wide",
        "(it) => { it.querySelector('h1').style.width = '600px'; }",
        &["WCAG-1.4.10"],
    ),
    (
        "a pale edge",
        "(it) => {
        it.querySelector('[id^=\"term:\"].checkbox').style.borderColor = '#ddd'; }",
        &["WCAG-1.4.11"],
    ),
    (
        "no edge",
        "(it) => { it.querySelector('[id^=\"term:\"].checkbox').style.border = '0'; }",
        &["WCAG-1.4.11"],
    ),
    (
        "a heading of a fixed height",
        "(it) => { const heading = it.querySelector('h1');
        heading.style.height = heading.clientHeight + 'px';
        heading.style.overflow = 'hidden'; }",
        &["WCAG-1.4.12"],
    ),
    (
        "a button for small fingers",
        "(it) => { const of = it.querySelector('.row__beside button').style;
        of.minHeight = '0'; of.height = '16px'; of.padding = '0'; }",
        &["WCAG-2.5.8"],
    ),
];

#[tokio::test]
async fn what_is_broken_on_the_page_is_found() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        app.browser.go("/studio/").await?;
        app.browser.see(" fixtures").await?;
        for (what, spoil, broken) in SPOILT {
            let seen = measured(&app, "sign-up", View::default(), 390, spoil).await;
            let seen = seen.with_context(|| what.to_owned())?;
            let mut found: Vec<_> = rendered::check(&seen).iter().map(|it| it.rule.id).collect();
            found.dedup();
            ensure!(found == broken, "{what}: {found:?}\n{seen:#?}");
        }
        let tried = |rule: &Rule| SPOILT.iter().any(|(.., broken)| broken.contains(&rule.id));
        let untried: Vec<_> = rendered::ALL.iter().filter(|rule| !tried(rule)).collect();
        ensure!(untried.is_empty(), "{untried:#?}");
        Ok(())
    })
    .await
}

/// Also what a button ticks is the person's doing, and no preset.
#[tokio::test]
async fn what_the_person_has_ticked_is_no_preset() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up-everything").await?;
        studio.panel("Check").await?;
        // The driver takes no account of the scale of a preview that is fitted.
        studio.choose("Zoom", "100 %").await?;
        studio.one(".preview-pane iframe").await?.enter_frame().await?;
        browser.driver.find(By::Css(".agree-all .button")).await?.click().await?;
        browser.driver.enter_default_frame().await?;
        let ticked = "return document.querySelectorAll('[data-row] input:checked').length > 2";
        studio.in_preview(ticked, true.into()).await?;
        browser.choose("320").await?;
        studio.in_preview("return innerWidth", 320.into()).await?;
        // Measured two frames later.
        tokio::time::sleep(Duration::from_millis(500)).await;
        ensure!(!browser.text().await?.contains("KR-P11"), "{}", browser.text().await?);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn only_a_company_that_is_named_stands_behind_a_dot() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let dot = "return getComputedStyle(
            document.querySelector('.service__company'), '::before').content";
        for (case, content) in [("sign-up", "\"·\""), ("breaks-the-rules", "none")] {
            let studio = Studio::open(&app.browser, case).await?;
            studio.in_preview(dot, content.into()).await?;
        }
        Ok(())
    })
    .await
}

/// Who finds nothing wants to know what was looked for.
#[tokio::test]
async fn the_panel_names_every_rule() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.panel("Check").await?;
        browser.see("No findings.").await?;
        ensure!(!browser.text().await?.contains("KR-P12a"), "they are folded away");
        studio.press(".rules summary").await?;
        for rule in consent_lint::rules() {
            browser.see(rule.id).await?;
            browser.see(rule.requirement).await?;
        }
        Ok(())
    })
    .await
}
