//! Invariant 5: nothing that a strict Content-Security-Policy would block or that would need it
//! to be less strict, and no text that becomes markup.

use super::{Finding, Tree, rust};

/// Methods and attributes that turn text into markup.
const MARKUP: [&str; 5] = [
    "inner_html",
    "set_inner_html",
    "set_outer_html",
    "insert_adjacent_html",
    "InnerHtmlAttribute",
];

/// Names that a string must not be: of elements and attributes that the policy blocks, and of
/// properties that turn text into markup.
const NAMES: [&str; 6] = ["style", "script", "srcdoc", "innerHTML", "outerHTML", "javascript:"];

/// The same, and code out of text, in the boot script.
const SCRIPT: [&str; 7] = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "new Function",
    ".style =",
];

/// Shows markup that is compiled in: pages recorded from the server. Not in the end user's bundle.
const RECORDED_PAGES: &str = "src/preview/server_page.rs";

/// What Trunk replaces: inside an inserted file it does so in some builds only (see Trunk.toml).
const PLACEHOLDERS: [&str; 15] = [
    "{base}",
    "{js}",
    "{wasm}",
    "{crossorigin}",
    "{events}",
    "{fields}",
    "{agree_all}",
    "{submit}",
    "{page}",
    "{theme}",
    "{request}",
    "{click_guard}",
    "{idle}",
    "{replace}",
    "{start}",
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.sources("src/").filter(|(path, _)| *path != RECORDED_PAGES) {
        let Ok(tokens) = rust::product(text) else { continue };
        findings.extend(view_faults(path, &tokens));
    }
    for (path, text) in tree.under("src/", ".js") {
        for (number, line) in text.lines().enumerate() {
            let found = SCRIPT.iter().chain(&PLACEHOLDERS).chain(&["</script"]);
            findings.extend(found.filter(|found| line.contains(**found)).map(|found| {
                Finding::at(path, number + 1, format!("`{found}` must not be in a boot script"))
            }));
        }
    }
    for (path, text) in tree.under("", ".html").filter(|(path, _)| !path.contains('/')) {
        findings.extend(page_faults(path, text));
    }
    findings
}

fn view_faults(path: &str, tokens: &[rust::Token]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for token in tokens.iter().filter(|token| MARKUP.contains(&token.text.as_str())) {
        let what = format!("{}: render text as text", token.text);
        findings.push(Finding::at(path, token.line, what));
    }
    for token in tokens.iter().filter(|token| token.is_literal()) {
        let name = token.text.trim_matches('"');
        if NAMES.contains(&name) || is_handler(name) {
            let what = format!("{name:?}: neither the policy nor a safe page has room for it");
            findings.push(Finding::at(path, token.line, what));
        }
    }
    for window in tokens.windows(3) {
        let [first, second, third] = window else { continue };
        let words = [first.text.as_str(), second.text.as_str(), third.text.as_str()];
        let what = match words {
            [name, "=", next] if first.in_view && next != "=" && name == "style" => {
                "a style attribute is blocked by style-src; use a class, or `style:name=`"
            }
            [name, "=", _] if first.in_view && is_handler(name) => {
                "an inline handler is blocked by script-src; use `on:event=`"
            }
            ["<", "style" | "script", _] if first.in_view => {
                "inline styles and scripts are blocked by the policy"
            }
            // The builder's way to write the same attribute.
            ["style", "(", _] if third.is_literal() => {
                "a style attribute is blocked by style-src; use a class"
            }
            _ => continue,
        };
        findings.push(Finding::at(path, first.line, what));
    }
    findings
}

fn is_handler(name: &str) -> bool {
    let event = name.strip_prefix("on").unwrap_or_default();
    ["click", "change", "input", "submit", "load", "error", "focus", "blur", "keydown", "toggle"]
        .contains(&event)
}

/// The static shell: its only script is the one that Trunk puts in (see Trunk.toml).
fn page_faults(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let line = text[..text.len() - rest.len() + start].matches('\n').count() + 1;
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let tag = rest.split_once('>').map_or(rest, |(tag, _)| tag);
        let mut words = tag.split_whitespace();
        let name = words.next().unwrap_or_default();
        let mut fault = |what: &str| findings.push(Finding::at(path, line, what));
        if name.eq_ignore_ascii_case("style") {
            fault("an inline style sheet is blocked by style-src");
        }
        let has = |wanted: &str| words.clone().any(|word| word.starts_with(wanted));
        if name.eq_ignore_ascii_case("script") && !has("src=") {
            fault("the only inline scripts are those that Trunk puts in");
        }
        if has("style=") {
            fault("a style attribute is blocked by style-src");
        }
        if words.clone().filter_map(|word| word.split_once('=')).any(|(name, _)| is_handler(name)) {
            fault("an inline handler is blocked by script-src");
        }
        if tag.to_ascii_lowercase().contains("javascript:") {
            fault("a javascript: address is blocked by script-src");
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::made_up([(path, text)])).iter().filter_map(|finding| finding.line).collect()
    }

    #[test]
    fn text_never_becomes_markup() {
        let source = "fn a() { view! { <p inner_html=text /> } }\nfn b() { c.set_inner_html(d); }";
        assert_eq!(lines("src/consent/view.rs", source), [1, 2]);
    }

    #[test]
    fn views_have_no_inline_styles_or_handlers() {
        let path = "src/consent/view.rs";
        assert_eq!(lines(path, "fn a() { view! { <p style=\"color: red\"/> } }"), [1]);
        assert_eq!(lines(path, "fn a() { view! { <p style=move || b()/> } }"), [1]);
        assert_eq!(lines(path, "fn a() { view! { <p onclick=b/> } }"), [1]);
        assert_eq!(lines(path, "fn a() { view! { <style>\"p {}\"</style> } }"), [1]);
        assert_eq!(lines(path, "fn a() { p().style(\"color: red\") }"), [1]);
    }

    #[test]
    fn elements_built_from_names_are_no_way_around() {
        let path = "src/consent/row.rs";
        assert_eq!(lines(path, "fn a() { el(\"p\").attr(\"style\", \"color: red\") }"), [1]);
        assert_eq!(lines(path, "fn a() { el(\"script\") }"), [1]);
        assert_eq!(lines(path, "fn a() { el(\"p\").prop(\"innerHTML\", text) }"), [1]);
        assert_eq!(lines(path, "fn a() { el(\"p\").attr(\"onclick\", text) }"), [1]);
        assert_eq!(lines(path, "fn a() { el(\"p\").on(\"click\", b).class(\"styled\") }"), NONE);
    }

    #[test]
    fn what_the_policy_allows_is_not_found() {
        let source = "fn a() { let style = 1; view! { <p style:color=b on:click=c once=d>\
                      {move || (style == 2).then(e)}</p> } }";
        assert_eq!(lines("src/consent/view.rs", source), NONE);
        let page = "<!doctype html>\n<!-- <script>no</script> -->\n<link rel=stylesheet href=a>\n\
                    <form method=post autocomplete=off><button name=decision>x</button></form>";
        assert_eq!(lines("index.html", page), NONE);
        assert_eq!(
            lines("src/boot/app/start.js", "const { default: init } = await import(JS);"),
            NONE
        );
    }

    #[test]
    fn the_shell_has_no_script_or_style_of_its_own() {
        assert_eq!(lines("index.html", "<head>\n<script>start()</script>"), [2]);
        assert_eq!(lines("index.html", "<head>\n<style>p {}</style>"), [2]);
        assert_eq!(lines("index.html", "<p\n style=\"color: red\">"), [1]);
        assert_eq!(lines("index.html", "<body onload=\"start()\">"), [1]);
        assert_eq!(lines("index.html", "<a href=\"JavaScript:start()\">"), [1]);
        assert_eq!(lines("index.html", "<script src=\"/a.js\"></script>"), NONE);
    }

    #[test]
    fn the_boot_script_has_no_placeholders_and_makes_no_markup() {
        assert_eq!(lines("src/boot/app/start.js", "import(\"/{js}\");\na.innerHTML = b;"), [1, 2]);
    }
}
