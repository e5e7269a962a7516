//! What a screen reader announces, beside the preview: held to Chromium's own accessibility tree.

use super::way::desktop;
use anyhow::{Context, Result, ensure};
use consent_e2e::engine::Engine;
use consent_e2e::pages::Studio;
use consent_e2e::{TestApp, in_turn};
use consent_studio::message::FromPreview;
use consent_studio::share;
use consent_studio::state::{PreviewState, Selection, View};
use consent_studio::theme::Theme;
use consent_studio::utterance::Utterance;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write;
use std::time::{Duration, Instant};
use thirtyfour::By;

/// A page of the studio's origin with nothing but a preview, which is listened to.
const LISTEN: &str = "document.body.innerHTML = '';
    const frame = document.createElement('iframe');
    frame.style.width = '390px';
    frame.style.height = '844px';
    window.heard = null;
    window.addEventListener('message', ({ data }) => {
        if (data.startsWith('{\"utterances\"')) window.heard = data;
        if (data.startsWith('{\"measured\"'))
            frame.contentWindow.postMessage('{\"listen\":true}', location.origin);
    });
    document.body.append(frame);";

/// Shows a state in that preview.
const SHOW: &str = "window.heard = null;
    document.querySelector('iframe').src = arguments[0];";

#[tokio::test]
async fn every_fixture_is_announced_as_chromium_has_it() -> Result<()> {
    let setup = desktop().only_in(Engine::Chromium, "its protocol has the accessibility tree");
    TestApp::run(setup, async |app| {
        let driver = &app.browser.driver;
        app.browser.go("/studio/nothing").await?;
        app.browser.see("Go to the gallery").await?;
        driver.execute(LISTEN, Vec::new()).await?;
        let mut differ = String::new();
        for named in in_turn(1) {
            let shown = PreviewState {
                fixture: Selection::Gallery(named.name.clone()),
                view: View::default(),
                theme: Theme::default(),
            };
            // Another address each time, so that each is a page of its own.
            let address = format!("/studio/preview/?{}#{}", named.name, share::encode(&shown));
            driver.execute(SHOW, vec![address.into()]).await?;
            let deadline = Instant::now() + Duration::from_secs(4);
            let (mut here, mut there) = (Vec::new(), Vec::new());
            // A page is announced again after each change.
            while Instant::now() < deadline {
                let heard = driver.execute("return window.heard", Vec::new()).await?;
                if let Some(FromPreview::Utterances(utterances)) = read(heard.json()) {
                    here = as_listed(&utterances);
                    there = as_chromium_has_it(&app).await?;
                    if here == there {
                        break;
                    }
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            if here.is_empty() || here != there {
                writeln!(differ, "{}:", named.name)?;
                let only = |these: &[String], those: &[String], sign: char| {
                    let left = these.iter().filter(|line| !those.contains(line));
                    left.map(|line| format!("  {sign} {line}\n")).collect::<String>()
                };
                differ.push_str(&only(&here, &there, '+'));
                differ.push_str(&only(&there, &here, '-'));
            }
        }
        ensure!(differ.is_empty(), "+ here, - in Chromium\n{differ}");
        Ok(())
    })
    .await
}

fn read(message: &Value) -> Option<FromPreview> {
    serde_json::from_str(message.as_str()?).ok()
}

/// Text between two elements that are announced: how it is parted into lines is the screen reader's.
fn text_as_one(lines: Vec<(bool, String)>) -> Vec<String> {
    let mut all: Vec<(bool, String)> = Vec::new();
    for (is_text, line) in lines {
        match all.last_mut() {
            Some((true, before)) if is_text => before.push_str(&without_spaces(&line)),
            _ if is_text => all.push((true, without_spaces(&line))),
            _ => all.push((false, line)),
        }
    }
    all.into_iter().map(|(_, line)| line).filter(|line| !line.is_empty()).collect()
}

fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}

fn as_listed(utterances: &[Utterance]) -> Vec<String> {
    let line = |it: &Utterance| {
        let mut it = it.clone();
        // Its protocol leaves that out of checkboxes; the accessibility APIs have it.
        if it.role == "checkbox" {
            it.states.retain(|state| state != "required");
        }
        match it.role.is_empty() {
            true => (true, it.name),
            false => (false, it.to_string()),
        }
    };
    text_as_one(utterances.iter().map(line).collect())
}

async fn as_chromium_has_it(app: &TestApp) -> Result<Vec<String>> {
    let cdp = app.browser.driver.cdp();
    let frames = cdp.send_raw("Page.getFrameTree", json!({})).await?;
    let frame = &frames["frameTree"]["childFrames"][0]["frame"]["id"];
    let all = cdp.send_raw("Accessibility.getFullAXTree", json!({ "frameId": frame })).await?;
    let nodes = all["nodes"].as_array().context("no tree")?;
    let by_id: HashMap<&str, &Value> =
        nodes.iter().filter_map(|node| Some((node["nodeId"].as_str()?, node))).collect();
    let mut lines = Vec::new();
    if let Some(root) = nodes.first() {
        add(&mut lines, &by_id, root);
    }
    Ok(text_as_one(lines))
}

fn children<'a>(
    by_id: &'a HashMap<&str, &Value>,
    node: &'a Value,
) -> impl Iterator<Item = &'a Value> {
    let ids = node["childIds"].as_array().into_iter().flatten();
    ids.filter_map(|id| by_id.get(id.as_str()?).copied())
}

fn add(lines: &mut Vec<(bool, String)>, by_id: &HashMap<&str, &Value>, node: &Value) {
    let value = |of: &str| match &node[of]["value"] {
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        _ => String::new(),
    };
    let mut inside = Vec::new();
    let into = |inside: &mut Vec<_>| children(by_id, node).for_each(|it| add(inside, by_id, it));
    let role = value("role");
    if node["ignored"] == true {
        into(lines);
        return;
    }
    match &*role {
        "StaticText" => lines.push((true, value("name"))),
        "InlineTextBox" | "ListMarker" | "Legend" | "MenuListPopup" | "caption" => {}
        "LabelText" => {
            into(&mut inside);
            // Its text is the name of a field.
            inside.retain(|(is_text, _)| !is_text);
            lines.append(&mut inside);
        }
        "complementary" if value("name").is_empty() => {}
        "heading" | "link" | "button" | "checkbox" | "radio" | "textbox" | "combobox" | "image"
        | "DisclosureTriangle" | "Date" => lines.push((false, line(node, &role, &value))),
        "status" | "alert" => {
            into(&mut inside);
            if !inside.is_empty() {
                lines.push((false, line(node, &role, &value)));
                lines.append(&mut inside);
            }
        }
        "main" | "region" | "navigation" | "group" | "list" | "table" | "dialog" | "banner"
        | "contentinfo" | "complementary" => {
            lines.push((false, line(node, &role, &value)));
            into(lines);
        }
        "form" if !value("name").is_empty() => {
            lines.push((false, line(node, &role, &value)));
            into(lines);
        }
        _ => into(lines),
    }
}

fn line(node: &Value, role: &str, value: &impl Fn(&str) -> String) -> String {
    let properties = node["properties"].as_array().into_iter().flatten();
    let property = |name: &str| {
        let found = properties.clone().find(|it| it["name"] == name);
        found.map_or(Value::Null, |it| it["value"]["value"].clone())
    };
    let text_of = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let role = match role {
        "DisclosureTriangle" => "disclosure",
        "Date" => "date",
        other => other,
    };
    let mut states = Vec::new();
    if role == "heading" {
        states.push(format!("level: {}", property("level")));
    }
    if matches!(role, "checkbox" | "radio") {
        states.push(format!("checked: {}", text_of(property("checked"))));
    }
    // A list to choose from is always folded until it is used.
    if role != "combobox" && !property("expanded").is_null() {
        states.push(format!("expanded: {}", text_of(property("expanded"))));
    }
    for name in ["required", "disabled", "invalid", "modal"] {
        let value = property(name);
        if value == true || value == "true" {
            states.push(name.to_owned());
        }
    }
    Utterance {
        role: role.to_owned(),
        // Text is the content of these; a name that the author gave is announced.
        name: if matches!(role, "status" | "alert") { String::new() } else { value("name") },
        description: value("description"),
        value: value("value"),
        states,
    }
    .to_string()
}

#[tokio::test]
async fn a_line_and_its_place_show_each_other_and_what_is_announced_is_listed() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.panel("Hear").await?;
        browser.see("[필수] 이용약관").await?;
        let lines = browser.driver.find_all(By::Css(".heard__line")).await?;
        let mut checkbox = None;
        for (index, line) in lines.iter().enumerate() {
            if line.text().await?.starts_with("checkbox [필수] 이용약관") {
                checkbox = Some(index);
            }
        }
        let index = checkbox.context("no line of the first term")?;
        // By keyboard, from the line before.
        let focus = "document.querySelectorAll('.heard__line')[arguments[0]].focus()";
        browser.driver.execute(focus, vec![(index - 1).into()]).await?;
        browser.driver.active_element().await?.send_keys(thirtyfour::Key::Down + "").await?;
        let marked = "return document.querySelector('[data-heard]')?.id";
        studio.in_preview(marked, "term:tos".into()).await?;
        // The other way round.
        let over = "document.getElementById('term:privacy')
            .dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
            return true";
        studio.in_preview(over, true.into()).await?;
        let pointed = studio.one(".heard__line--pointed").await?;
        ensure!(pointed.text().await?.contains("개인정보"), "{}", pointed.text().await?);
        // A tick is heard at once, and so is what live regions announce.
        let ticked = "const box = document.getElementById('term:tos');
            if (!box.checked) box.click();
            return box.checked";
        studio.in_preview(ticked, true.into()).await?;
        let line = &lines[index];
        let heard = async || {
            let text = studio.one(".heard").await?.text().await?;
            anyhow::Ok(text.contains("checked: true"))
        };
        let deadline = Instant::now() + Duration::from_secs(5);
        while !heard().await? {
            ensure!(Instant::now() < deadline, "{}", line.text().await?);
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        let agree = "document.querySelector('.actions .button--primary').click(); return true";
        studio.in_preview(agree, true.into()).await?;
        let announced = studio.one(".heard__announcement").await?.text().await?;
        ensure!(announced.starts_with("assertive"), "{announced}");
        Ok(())
    })
    .await
}
