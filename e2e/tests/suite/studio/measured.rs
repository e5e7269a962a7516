//! What the preview measures of a drawn page, and what the rules make of it.

use super::way::desktop;
use anyhow::{Context, Result, ensure};
use consent_contract::lint::rendered::{self, Rendered};
use consent_e2e::pages::Studio;
use consent_e2e::{Scene, play};
use consent_studio::share;
use consent_studio::shown::{Chosen, Scheme, Shown, Speaks, View};
use consent_studio::theme::Theme;

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
            removeEventListener('message', hear);
            listen(event.data);
        };
        addEventListener('message', hear);
    };
    // Makes something look like what it stands beside.
    const plain = (named) => (it) => it.querySelectorAll(named).forEach((it) => {
        const beside = it.closest('[data-row]')?.querySelector('.row__label')
            ?? it.previousElementSibling;
        const looks = getComputedStyle(beside);
        for (const by of ['fontSize', 'fontWeight', 'color', 'textDecorationLine']) {
            it.style[by] = looks[by];
        }
    });
    heard((first) => {
        const spoil = SPOIL;
        if (!spoil) return done(first);
        // What is measured of the page as it was is told by then.
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
    scene: &Scene,
    case: &str,
    view: View,
    width: u16,
    spoil: &str,
) -> Result<Rendered> {
    let case = Chosen::Named(case.to_owned());
    let fragment = share::encode(&Shown { case, view, theme: Theme::default() });
    // Not by eval in the page: its policy lets nobody do that.
    let script = MEASURE.replace("SPOIL", spoil);
    let driver = &scene.browser.driver;
    let told = driver.execute_async(script, vec![fragment.into(), width.into()]).await?;
    let told: String = told.convert()?;
    Ok(serde_json::from_str(&told)?)
}

#[tokio::test]
async fn no_case_breaks_a_rule_when_it_is_drawn() -> Result<()> {
    play(desktop(), async |scene| {
        scene.browser.go("/studio/").await?;
        scene.browser.see(" cases").await?;
        let stress = View { speaks: Speaks::Pseudo, scheme: Scheme::Dark, ..View::default() };
        let (mut wrong, mut boxes) = (Vec::new(), 0);
        for named in consent_cases::all() {
            for (view, width) in [(View::default(), 390), (stress, 320)] {
                let seen = measured(&scene, &named.name, view, width, "null").await?;
                boxes += seen.boxes.len();
                wrong.extend(rendered::check(&seen).into_iter().map(|it| {
                    format!("{} at {width}: {} at {:?}: {}", named.name, it.rule.id, it.at, it.what)
                }));
            }
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        ensure!(boxes > 300, "{boxes} boxes were measured");
        Ok(())
    })
    .await
}

/// What breaks each rule on the page, and which rules are found to be broken then.
const SPOILT: [(&str, &str, &[&str]); 14] = [
    ("nothing", "(it) => {}", &[]),
    ("a highlight like its label", "plain('em')", &["KR-P12a"]),
    ("facts like what they are called", "plain('.facts dd')", &["KR-P12a"]),
    (
        "a box that does not say which",
        "(it) => it.querySelector('.row__need').remove()",
        &["KR-P13"],
    ),
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
    ("small print", "(it) => it.querySelector('.lead').style.fontSize = '9px'", &["KR-P16"]),
    (
        "a box that is folded away",
        "(it) => { const row = it.querySelector('[data-row]');
            const fold = it.createElement('details');
            row.before(fold); fold.append(row); }",
        &["KR-P26"],
    ),
    (
        "an item among the terms",
        "(it) => it.querySelector('[data-row]').before(
            it.querySelector('[id^=\"item:\"]').closest('[data-row]'))",
        &["EU-04"],
    ),
    ("a group without a name", "(it) => it.querySelector('legend').remove()", &["WCAG-1.3.1"]),
    (
        "a pale edge",
        "(it) => it.querySelector('[id^=\"term:\"].checkbox').style.borderColor = '#ddd'",
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
        "a page that is too wide",
        "(it) => it.querySelector('h1').style.width = '600px'",
        &["WCAG-1.4.10"],
    ),
    (
        "one answer larger than the other",
        "(it) => it.querySelector('.actions__buttons').style.gridTemplateColumns = '1fr 2fr'",
        &["KR-E02"],
    ),
];

#[tokio::test]
async fn what_is_broken_on_the_page_is_found() -> Result<()> {
    play(desktop(), async |scene| {
        scene.browser.go("/studio/").await?;
        scene.browser.see(" cases").await?;
        for (what, spoil, broken) in SPOILT {
            let seen = measured(&scene, "sign-up", View::default(), 390, spoil).await;
            let seen = seen.with_context(|| what.to_owned())?;
            let mut found: Vec<_> = rendered::check(&seen).iter().map(|it| it.rule.id).collect();
            found.dedup();
            ensure!(found == broken, "{what}: {found:?}\n{seen:#?}");
        }
        Ok(())
    })
    .await
}

/// Who finds nothing wants to know what was looked for.
#[tokio::test]
async fn the_panel_names_every_rule() -> Result<()> {
    play(desktop(), async |scene| {
        let browser = &scene.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.panel("Check").await?;
        browser.see("Nothing was found.").await?;
        ensure!(!browser.text().await?.contains("KR-P12a"), "they are folded away");
        studio.press(".rules summary").await?;
        browser.see("KR-P12a").await?;
        browser.see("KR-P07").await
    })
    .await
}
