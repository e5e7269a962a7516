//! Every link of a document to a file or heading of this checkout leads somewhere.

use super::{Finding, Tree};

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.under("", ".md") {
        for (line, target) in links(text) {
            if let Some(what) = fault(tree, path, target) {
                findings.push(Finding::at(path, line, what));
            }
        }
    }
    findings
}

/// What is wrong with a link, if it is one into this checkout.
fn fault(tree: &Tree, from: &str, target: &str) -> Option<String> {
    let outside = ["http:", "https:", "mailto:"].iter().any(|scheme| target.starts_with(scheme));
    if outside {
        return None;
    }
    let (file, heading) = target.split_once('#').map_or((target, None), |(f, h)| (f, Some(h)));
    let file = if file.is_empty() { from.to_owned() } else { resolve(from, file) };
    // Pictures are no text and so not in the tree; their directory is the place to look.
    if !tree.has(&file) && !crate::workspace::root().join(&file).exists() {
        return Some(format!("the link to {target} leads nowhere"));
    }
    let text = tree.get(&file).filter(|_| file.ends_with(".md"))?;
    let heading = heading?;
    let found = prose(text).any(|(_, line)| line.starts_with('#') && slug(line) == heading);
    (!found).then(|| format!("{file} has no heading #{heading}"))
}

/// The targets of `[text](target)`, `![picture](target)` and `src="target"`, with their lines.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        for (opening, closing) in [("](", ')'), ("src=\"", '"'), ("href=\"", '"')] {
            for (at, _) in line.match_indices(opening) {
                let rest = &line[at + opening.len()..];
                let target = rest.split_once(closing).map_or(rest, |(target, _)| target);
                // A title may follow: [text](target "title").
                links.push((number, target.split_whitespace().next().unwrap_or_default()));
            }
        }
    }
    links
}

/// The numbered lines outside of code blocks.
pub(super) fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        (!in_code && !fence).then_some((number + 1, line))
    })
}

/// The path that a link of a file means, from the root.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The anchor that GitHub gives to a heading.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    words
        .chars()
        .filter(|one| one.is_alphanumeric() || matches!(one, ' ' | '-' | '_'))
        .map(|one| if one == ' ' { '-' } else { one })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(readme: &str) -> Vec<String> {
        let tree = Tree::made_up([
            ("README.md", readme),
            ("docs/API.md", "# The API\n\n## `GET` a request, twice\n"),
            ("docs/adr/001-a.md", "[back](../API.md#the-api) [no](../../NOT.md)"),
        ]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let there = "docs/adr/001-a.md:1: the link to ../../NOT.md leads nowhere";
        assert_eq!(said("[a](docs/API.md) [b](https://a.example/x) [c](docs/adr)"), [there]);
        let here = "README.md:2: the link to docs/NONE.md leads nowhere";
        assert_eq!(said("x\n![a](docs/NONE.md \"title\")"), [here, there]);
    }

    #[test]
    fn headings_are_looked_up() {
        let there = "docs/adr/001-a.md:1: the link to ../../NOT.md leads nowhere";
        assert_eq!(said("[a](docs/API.md#get-a-request-twice)"), [there]);
        assert_eq!(
            said("[a](docs/API.md#gone)"),
            ["README.md:1: docs/API.md has no heading #gone", there]
        );
    }

    #[test]
    fn code_is_no_link() {
        assert_eq!(said("```\n[a](nowhere.md)\n```").len(), 1);
    }
}
