//! Invariants 2 and 3: few modules touch the browser, one speaks HTTP, one navigates away.

use super::{Finding, Tree, rust};

/// Crates that reach the browser.
const BROWSER: [&str; 5] =
    ["js_sys", "wasm_bindgen", "wasm_bindgen_futures", "web_sys", "gloo_timers"];

/// Where they may be used. `leptos::ev` gives event types to everybody else.
const TOUCHES_BROWSER: [&str; 2] = ["src/browser/", "src/api/"];

/// What sends a request.
const FETCHES: [&str; 6] = [
    "gloo_net",
    "fetch_with_request",
    "fetch_with_str",
    "send_beacon",
    "XmlHttpRequest",
    "EventSource",
];

/// What leaves the page. `.replace(` alone is also what a string does.
const LEAVES: [&[&str]; 7] = [
    &[".", "assign", "("],
    &[".", "set_href", "("],
    &[".", "set_location", "("],
    &["location", "(", ")", ".", "replace", "("],
    &["location", ".", "replace", "("],
    &[".", "open_with_url", "("],
    &["request_submit"],
];

/// The only file that navigates away; it is given targets that passed `redirect::check`.
const LEAVING: &str = "src/browser/leave.rs";

/// The only script that does. A server has checked its target; it compares that with what was painted.
const LEAVING_SCRIPT: &str = "src/auto_login/page.js";

/// What the boot script must not do: it runs before any of the checks exist.
const BOOT_LEAVES: [&str; 5] =
    ["location =", "location.href =", "location.assign(", "location.replace(", ".submit("];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.sources("src/") {
        let tokens = match rust::product(text) {
            Ok(tokens) => tokens,
            Err(error) => {
                findings.push(Finding::of(path, format!("cannot be read as Rust: {error}")));
                continue;
            }
        };
        let may_touch = TOUCHES_BROWSER.iter().any(|directory| path.starts_with(directory));
        for token in &tokens {
            if !may_touch && BROWSER.contains(&token.text.as_str()) {
                let what = "is for src/browser/ and src/api/; event types are in leptos::ev";
                findings.push(Finding::at(path, token.line, format!("{} {what}", token.text)));
            }
            if !path.starts_with("src/api/") && FETCHES.contains(&token.text.as_str()) {
                let what = format!("{} fetches; only src/api/ does", token.text);
                findings.push(Finding::at(path, token.line, what));
            }
        }
        for sequence in LEAVES.iter().filter(|_| path != LEAVING) {
            findings.extend(rust::find(&tokens, sequence).map(|line| {
                let what = format!("`{}` leaves the page; only {LEAVING} does", sequence.concat());
                Finding::at(path, line, what)
            }));
        }
    }
    for (path, text) in tree.under("src/", ".js").filter(|(path, _)| *path != LEAVING_SCRIPT) {
        for (number, line) in text.lines().enumerate() {
            if BOOT_LEAVES.iter().any(|leaves| line.contains(leaves)) {
                let what = format!("leaves the page; only {LEAVING} does");
                findings.push(Finding::at(path, number + 1, what));
            }
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
    fn the_browser_is_touched_in_two_modules_only() {
        let source = "use leptos::ev::MouseEvent;\nfn a(_: web_sys::Element) {}\n";
        assert_eq!(lines("src/components/button.rs", source), [2]);
        assert_eq!(lines("src/preview/mock_backend.rs", source), [2]);
        assert_eq!(lines("src/browser/focus.rs", source), NONE);
        assert_eq!(lines("src/consent/view.rs", "use leptos::web_sys;"), [1]);
        let test = "#[cfg(test)]\nmod tests { use web_sys::Element; }";
        assert_eq!(lines("src/consent/view.rs", test), NONE);
    }

    #[test]
    fn only_api_fetches() {
        assert_eq!(lines("src/browser/clock.rs", "use gloo_net::http::Request;"), [1]);
        assert_eq!(lines("src/api/transport.rs", "use gloo_net::http::Request;"), NONE);
    }

    #[test]
    fn only_the_script_of_auto_login_navigates() {
        let source = "const a = 1;\nlocation.replace(to);\n";
        assert_eq!(lines("src/boot/app/start.js", source), [2]);
        assert_eq!(lines("src/consent/page.js", source), [2]);
        assert_eq!(lines("src/auto_login/page.js", source), NONE);
    }

    #[test]
    fn only_leaving_navigates() {
        let source = "fn go() {\n  window.location()\n    .replace(target);\n}";
        assert_eq!(lines("src/browser/document.rs", source), [2]);
        assert_eq!(lines("src/browser/leave.rs", source), NONE);
        assert_eq!(lines("src/browser/document.rs", "fn a() { l.set_href(x); }"), [1]);
        // A string's own replace is no navigation.
        assert_eq!(lines("src/i18n/mod.rs", "fn a() { text.replace('a', \"b\"); }"), NONE);
        assert_eq!(lines("src/boot/app/start.js", "start();\nlocation.replace(url);"), [2]);
    }
}
