//! Invariants 2 and 3: few modules touch the browser, and no script leaves the page. Clippy checks
//! who fetches and who leaves in Rust (clippy.toml).

use super::{Finding, Tree, rust};

/// Crates that reach the browser.
const BROWSER: [&str; 6] =
    ["gloo_net", "gloo_timers", "js_sys", "wasm_bindgen", "wasm_bindgen_futures", "web_sys"];

/// Where they may be used. `leptos::ev` gives event types to all other modules.
const TOUCHES_BROWSER: [&str; 2] = ["src/browser/", "src/api/"];

/// The only script that leaves the page. The server has checked its target, and the script compares
/// the target with the rendered one.
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
        }
    }
    for (path, text) in tree.under("src/", ".js").filter(|(path, _)| *path != LEAVING_SCRIPT) {
        for (number, line) in text.lines().enumerate() {
            if BOOT_LEAVES.iter().any(|leaves| line.contains(leaves)) {
                let what = "leaves the page; only src/browser/leave.rs does";
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
        assert_eq!(lines("src/consent/view.rs", "use gloo_net::http::Response;"), [1]);
        let test = "#[cfg(test)]\nmod tests { use web_sys::Element; }";
        assert_eq!(lines("src/consent/view.rs", test), NONE);
    }

    #[test]
    fn only_the_script_of_auto_login_navigates() {
        let source = "const a = 1;\nlocation.replace(to);\n";
        assert_eq!(lines("src/boot/app/start.js", source), [2]);
        assert_eq!(lines("src/consent/page.js", source), [2]);
        assert_eq!(lines("src/auto_login/page.js", source), NONE);
    }
}
