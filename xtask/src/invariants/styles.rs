//! A component and its style sheet come and go together.

use super::{Finding, Tree};

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A component that is styled is a directory. A file beside them draws no element of its own.
    for (path, _) in tree.under("src/components/", "/mod.rs") {
        let directory = path.trim_end_matches("/mod.rs");
        let Some(name) = directory.strip_prefix("src/components/") else { continue };
        let sheet = format!("{directory}/{name}.css");
        if !tree.has(&sheet) {
            findings.push(Finding::of(path, format!("has no style sheet {sheet}")));
        }
    }
    for (path, _) in tree.under("src/components/", ".css") {
        let component = path.rsplit_once('/').map(|(directory, _)| format!("{directory}/mod.rs"));
        if !component.is_some_and(|component| tree.has(&component)) {
            findings.push(Finding::of(path, "styles no component of src/components/"));
        }
    }
    for (path, _) in tree.under("style/pages/", ".css") {
        let name = path.trim_start_matches("style/pages/").trim_end_matches(".css");
        // A page is a directory of src/, or a file in one when it is a state of a page.
        let shown = |(source, _): (&str, &str)| {
            source.split('/').any(|part| part.trim_end_matches(".rs") == name)
        };
        if !tree.under("src/", ".rs").any(shown) {
            findings.push(Finding::of(path, "styles no page of src/"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(files: [&str; 3]) -> Vec<String> {
        let tree = Tree::made_up(files.map(|path| (path, "")));
        check(&tree).into_iter().map(|finding| finding.path).collect()
    }

    #[test]
    fn a_component_without_a_sheet_is_found_and_a_sheet_without_a_component() {
        let (button, sheet) =
            ("src/components/text_button/mod.rs", "src/components/text_button/text_button.css");
        assert_eq!(paths([button, sheet, "src/components/mod.rs"]), Vec::<String>::new());
        assert_eq!(paths([button, "src/app.rs", "style/base.css"]), [button]);
        assert_eq!(paths([sheet, "src/app.rs", "style/base.css"]), [sheet]);
        let dialog = ["src/components/dialog/mod.rs", "src/components/dialog/focus.rs"];
        assert_eq!(paths([dialog[0], dialog[1], "src/components/dialog/dialog.css"]).len(), 0);
    }

    #[test]
    fn a_sheet_of_a_page_that_is_gone_is_found() {
        let page = "style/pages/auto_login.css";
        assert_eq!(paths([page, "src/auto_login/mod.rs", "src/app.rs"]), Vec::<String>::new());
        assert_eq!(paths([page, "src/consent/mod.rs", "src/app.rs"]), [page]);
        let state = ["style/pages/loading.css", "src/consent/loading.rs", "src/app.rs"];
        assert_eq!(paths(state), Vec::<String>::new());
    }
}
