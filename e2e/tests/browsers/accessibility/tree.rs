//! What a screen reader announces, in every state and language: roles, names, descriptions and
//! states, in reading order, as files that are reviewed like code.
//!
//! A file that is missing or says something else fails its test. To accept what there is now:
//! `INSTA_UPDATE=always cargo xtask test --full --only e2e`, and read the difference as a listener
//! would hear it.

use super::states::Language;
use anyhow::{Context, Result};
use consent_e2e::TestApp;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How the tree differs from the one that was reviewed, if it does.
pub async fn differs(app: &TestApp, state: &str, language: Language) -> Result<Option<String>> {
    let tree = tree(app).await?;
    let compare = || {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{state}.{}", language.tag), tree);
        });
    };
    // It prints the difference, and panics.
    let differs = catch_unwind(AssertUnwindSafe(compare)).is_err();
    let accept = "the accessibility tree differs; to accept it as it is now: \
        INSTA_UPDATE=always cargo xtask test --full --only e2e";
    Ok(differs.then(|| accept.to_owned()))
}

/// The accessibility tree as lines, indented, without ignored nodes.
async fn tree(app: &TestApp) -> Result<String> {
    let cdp = app.browser.driver.cdp();
    let all = cdp.send_raw("Accessibility.getFullAXTree", json!({})).await?;
    let nodes = all["nodes"].as_array().context("no tree")?;
    let by_id: HashMap<&str, &Value> =
        nodes.iter().filter_map(|node| Some((node["nodeId"].as_str()?, node))).collect();
    let mut lines = String::new();
    let root = nodes.first().context("an empty tree")?;
    write(&mut lines, &by_id, root, 0, "")?;
    Ok(steady(&lines, app.proxy.origin()))
}

fn write(
    lines: &mut String,
    by_id: &HashMap<&str, &Value>,
    node: &Value,
    depth: usize,
    said: &str,
) -> Result<()> {
    let role = text(&node["role"]);
    let name = text(&node["name"]);
    // Generic boxes say nothing by themselves. A text is heard as its element's name already.
    let is_repeated = role == "StaticText" && said.contains(name.trim());
    let is_silent = node["ignored"] == true
        || is_repeated
        || (role == "paragraph" && is_empty(by_id, node))
        || matches!(role.as_str(), "InlineTextBox" | "ListMarker" | "LineBreak")
        || (matches!(role.as_str(), "generic" | "none") && name.is_empty());
    let mut said = said.to_owned();
    let mut depth = depth;
    if !is_silent {
        write!(lines, "{:depth$}{role}", "", depth = 2 * depth)?;
        if !name.is_empty() {
            write!(lines, " {:?}", words(&name))?;
        }
        let description = text(&node["description"]);
        if !description.is_empty() {
            write!(lines, " — {description:?}")?;
        }
        let value = text(&node["value"]);
        if !value.is_empty() {
            write!(lines, " = {value:?}")?;
        }
        for property in node["properties"].as_array().into_iter().flatten() {
            lines.push_str(&state_of(property));
        }
        lines.push('\n');
        said = name;
        depth += 1;
    }
    for child in node["childIds"].as_array().into_iter().flatten() {
        if let Some(child) = child.as_str().and_then(|id| by_id.get(id)) {
            write(lines, by_id, child, depth, &said)?;
        }
    }
    Ok(())
}

/// A text with single spaces, and with a dash for each word that is another one in every run: times,
/// keys, and how long they are.
fn words(text: &str) -> String {
    let digits = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let is_new = |word: &&str| {
        let is_second = digits(word) && word.len() >= 10;
        let is_moment = word.len() == 20 && word.ends_with('Z') && word.contains("T");
        let is_key = word.len() >= 40
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        let is_part_of_one = word.ends_with('…');
        let length = word.strip_prefix('(').and_then(|word| word.strip_suffix(')'));
        is_second || is_moment || is_key || is_part_of_one || length.is_some_and(digits)
    };
    let words = text.split_whitespace().map(|word| if is_new(&word) { "—" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether it has no content that is announced.
fn is_empty(by_id: &HashMap<&str, &Value>, node: &Value) -> bool {
    let children = node["childIds"].as_array().into_iter().flatten();
    children
        .filter_map(|id| by_id.get(id.as_str()?))
        .all(|child| child["ignored"] == true && is_empty(by_id, child))
}

fn text(value: &Value) -> String {
    match &value["value"] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// A state that is announced. Those that are false are not.
fn state_of(property: &Value) -> String {
    let name = property["name"].as_str().unwrap_or_default();
    let value = &property["value"]["value"];
    let is_heard = matches!(
        name,
        "required"
            | "checked"
            | "expanded"
            | "disabled"
            | "invalid"
            | "focused"
            | "modal"
            | "level"
            | "live"
    );
    let is_so = match (name, value) {
        ("checked" | "expanded", _) => true,
        (_, Value::Bool(so)) => *so,
        (_, Value::String(so)) => so != "false" && !so.is_empty() && so != "off",
        (_, other) => !other.is_null(),
    };
    match (is_heard && is_so, value) {
        (false, _) => String::new(),
        (true, Value::Bool(true)) => format!(" [{name}]"),
        (true, Value::String(value)) => format!(" [{name}: {value}]"),
        (true, value) => format!(" [{name}: {value}]"),
    }
}

/// Without what is another thing in every run: ports, times, keys, seconds.
fn steady(lines: &str, origin: &str) -> String {
    let host = origin.trim_start_matches("http://");
    let lines = lines.replace(host, "demo.example");
    lines.lines().map(steady_line).collect::<Vec<_>>().join("\n")
}

/// Seconds are counted down while the tree is read.
fn steady_line(line: &str) -> String {
    let mut steady = line.to_owned();
    for (before, after) in [("", "초 뒤"), ("again in ", " s."), ("", "秒後")] {
        let Some(end) = steady.find(after) else { continue };
        let start = steady[..end].trim_end_matches(|c: char| c.is_ascii_digit()).len();
        if start < end && steady[..start].ends_with(before) {
            steady.replace_range(start..end, "N");
        }
    }
    steady
}
