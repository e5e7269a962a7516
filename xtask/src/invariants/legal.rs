//! Invariants 6 and 8: nothing legal and nothing of the demo is compiled into the screen.

use super::{Finding, Tree, rust};
use toml::{Table, Value};

/// The demo's services, with their names and texts.
const DEMO: [&str; 3] =
    ["backend/demo/services.toml", "backend/demo/shop.toml", "backend/demo/shop-test.toml"];

/// The screen's own texts.
const TEXTS: &str = "public/texts/";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut names = Vec::new();
    for path in DEMO {
        match tree.get(path).map(str::parse::<Table>) {
            Some(Ok(demo)) => collect(&demo, &mut names),
            Some(Err(error)) => return vec![Finding::of(path, format!("is no TOML: {error}"))],
            None => return vec![Finding::of(path, "is missing: its names are looked for in src/")],
        }
    }
    names.sort();
    names.dedup();
    for (path, text) in tree.sources("src/") {
        let Ok(tokens) = rust::product(text) else { continue };
        for name in ["include_str", "include_bytes"] {
            // A page's own script and styles are code; the screen's own texts are checked below.
            let is_code = |line: &usize| {
                let line = text.lines().nth(line - 1).unwrap_or_default();
                [".js\")", ".css\")", "/public/texts/"].iter().any(|code| line.contains(code))
            };
            let macro_call = [name, "!"];
            let found = rust::find(&tokens, &macro_call).filter(|line| !is_code(line));
            findings.extend(found.map(|line| {
                Finding::at(path, line, format!("{name}! compiles a text in; fetch it instead"))
            }));
        }
        for token in tokens.iter().filter(|token| token.is_literal()) {
            if let Some(name) = names.iter().find(|name| token.text.contains(name.as_str())) {
                let what = format!("\"{name}\" is a name of the demo; names come from the backend");
                findings.push(Finding::at(path, token.line, what));
            }
        }
    }
    let page = tree.get("index.html").map(|text| ("index.html", text));
    for (path, text) in page.into_iter().chain(tree.under(TEXTS, ".json")) {
        for (number, line) in text.lines().enumerate() {
            if let Some(name) = names.iter().find(|name| line.contains(name.as_str())) {
                let what = format!("\"{name}\" is a name of the demo; names come from the backend");
                findings.push(Finding::at(path, number + 1, what));
            }
        }
    }
    findings
}

/// What names a service, its company or its channels, in every locale.
fn collect(table: &Table, names: &mut Vec<String>) {
    for (key, value) in table {
        let named = match key.as_str() {
            "client_id" | "company" | "public_id" => true,
            // Items and accounts have names, too, but theirs are words like any other.
            "name" => table.contains_key("client_id"),
            _ => false,
        };
        match value {
            Value::String(text) if named => names.push(text.clone()),
            Value::Table(locales) if named => {
                names.extend(locales.values().filter_map(Value::as_str).map(str::to_owned));
            }
            Value::Table(inner) => collect(inner, names),
            Value::Array(entries) => {
                entries.iter().filter_map(Value::as_table).for_each(|inner| collect(inner, names));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    const SERVICES: &str = "[[services]]\nclient_id = \"demo-shop\"\n\
        name = { ko = \"한옥마켓\", en = \"Hanok Market\" }\ncompany = \"한옥마켓 주식회사\"\n\
        [[services.terms]]\ntag = \"tos\"\nname = \"terms\"\n";

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let demo = DEMO.map(|path| (path, SERVICES));
        let findings = check(&Tree::made_up([demo[0], demo[1], demo[2], (path, text)]));
        findings.iter().filter_map(|finding| finding.line).collect()
    }

    #[test]
    fn a_name_of_the_demo_in_the_screen_is_found() {
        assert_eq!(lines("src/a.rs", "const A: &str =\n  \"한옥마켓에 가입하기\";"), [2]);
        assert_eq!(lines("public/texts/ko.json", "{\n\"agree\": \"한옥마켓에 가입하기\"}"), [2]);
        assert_eq!(lines("src/app.rs", "fn a() { b(\"demo-shop\") }"), [1]);
        assert_eq!(lines("index.html", "<html>\n<h1>Hanok Market</h1>"), [2]);
        assert_eq!(lines("src/app.rs", "const A: &str = \"terms\"; // 한옥마켓"), NONE);
        let test = "#[cfg(test)]\nmod tests { const A: &str = \"한옥마켓\"; }";
        assert_eq!(lines("src/app.rs", test), NONE);
    }

    #[test]
    fn a_text_is_not_compiled_in() {
        assert_eq!(lines("src/app.rs", "const A: &str = include_str!(\"../tos.md\");"), [1]);
        assert_eq!(lines("src/app.rs", "const A: &str = include_str!(\"page.js\");"), NONE);
    }

    #[test]
    fn without_the_demo_the_check_does_not_pass_by_itself() {
        assert_eq!(check(&Tree::default()).len(), 1);
    }
}
