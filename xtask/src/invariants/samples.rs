//! The partner guide shows code that runs: each of its blocks is cut from the shop.
//!
//! `<!-- sample: NAME -->` stands before a block of the lines between `// sample: NAME` and
//! `// end sample` in the shop's sources; `<!-- file: PATH -->` before one with a whole file.

use super::{Finding, Tree};

const GUIDE: &str = "docs/PARTNER-GUIDE.md";

const SOURCES: &str = "shop/src/";

/// How the guide is brought up to date.
const UPDATE: &str = "UPDATE_DOCS=1 cargo test -p xtask samples";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let Some(guide) = tree.get(GUIDE) else { return vec![Finding::of(GUIDE, "is missing")] };
    match written(tree, guide) {
        Ok(text) if text == guide => Vec::new(),
        Ok(_) => vec![Finding::of(GUIDE, format!("shows other code than the shop: {UPDATE}"))],
        Err(findings) => findings,
    }
}

/// The guide with every block as it is in the shop.
///
/// # Errors
/// Each name without a sample, and each name without a block.
fn written(tree: &Tree, guide: &str) -> Result<String, Vec<Finding>> {
    let mut text = String::new();
    let mut findings = Vec::new();
    let mut lines = guide.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        text.push_str(line);
        text.push('\n');
        let Some(cut) = cut(tree, line) else { continue };
        let Ok((language, code)) = cut else {
            let what = format!("the shop has nothing for {line}");
            findings.push(Finding::at(GUIDE, number + 1, what));
            continue;
        };
        if lines.next_if(|(_, line)| line.starts_with("```")).is_none() {
            findings.push(Finding::at(GUIDE, number + 1, "a block of code follows this line"));
            continue;
        }
        lines.by_ref().take_while(|(_, line)| *line != "```").for_each(drop);
        text.push_str(&format!("```{language}\n{code}```\n"));
    }
    if findings.is_empty() { Ok(text) } else { Err(findings) }
}

/// What stands in the block after a line, with its language; none after a line that asks for nothing.
fn cut(tree: &Tree, line: &str) -> Option<Result<(&'static str, String), ()>> {
    let asked = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    let (kind, name) = asked.split_once(": ")?;
    match kind {
        "sample" => {
            let found = tree.under(SOURCES, ".rs").find_map(|(_, source)| sample(source, name));
            Some(found.map(|code| ("rust", code)).ok_or(()))
        }
        "file" => Some(tree.get(name).map(|text| ("toml", text.to_owned())).ok_or(())),
        _ => None,
    }
}

/// The lines of a sample, without what indents all of them.
fn sample(source: &str, name: &str) -> Option<String> {
    let marks = |line: &&str, mark: &str| line.trim() == mark;
    let begin = format!("// sample: {name}");
    let after = source.lines().skip_while(|line| !marks(line, &begin)).skip(1);
    let lines: Vec<&str> = after.take_while(|line| !marks(line, "// end sample")).collect();
    let indents = lines.iter().filter(|line| !line.trim().is_empty());
    let indent = indents.map(|line| line.len() - line.trim_start().len()).min()?;
    let line = |line: &&str| format!("{}\n", line.get(indent..).unwrap_or_default());
    Some(lines.iter().map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;
    use std::fs;

    const SOURCE: &str = "fn a() {\n    // sample: greet\n    if it {\n        greet();\n    }\n\n    \
                          more();\n    // end sample\n}\n";

    fn tree(guide: &str) -> Tree {
        Tree::made_up([(GUIDE, guide), ("shop/src/http/a.rs", SOURCE), ("shop/a.toml", "a = 1\n")])
    }

    #[test]
    fn a_block_is_cut_from_the_shop() {
        let guide = "# A\n<!-- sample: greet -->\n```rust\nold\n```\n<!-- file: shop/a.toml -->\n\
                     ```toml\n```\nend\n";
        let expected = "# A\n<!-- sample: greet -->\n```rust\nif it {\n    greet();\n}\n\nmore();\n```\n\
                        <!-- file: shop/a.toml -->\n```toml\na = 1\n```\nend\n";
        assert_eq!(written(&tree(guide), guide), Ok(expected.to_owned()));
        assert_eq!(check(&tree(expected)), []);
        assert!(check(&tree(guide))[0].to_string().contains("shows other code"));
    }

    #[test]
    fn a_sample_that_is_gone_is_found() {
        let guide = "<!-- sample: gone -->\n```rust\n```\n<!-- sample: greet -->\nno block\n";
        let lines: Vec<_> = check(&tree(guide)).into_iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [Some(1), Some(4)]);
    }

    /// With `UPDATE_DOCS`, writes the guide; `this_checkout_keeps_the_invariants` compares it.
    #[test]
    fn the_guide_can_be_written() {
        let tree = Tree::read(&workspace::root()).expect("the checkout can be read");
        let guide = tree.get(GUIDE).expect("the guide");
        let text = written(&tree, guide).expect("every sample is in the shop");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(workspace::root().join(GUIDE), text).expect("written");
        }
    }
}
