//! The full text of a term as it is typed: the Markdown of a services.toml, whatever is typed. What that refuses,
//! for the screen would not show it as it is written, is text here: `*` is a star.

use consent_contract::document::Block;
use consent_services::text;

/// The blocks as text, from which [`blocks`] reads them, but for two numbered lists in a row: they are one.
#[must_use]
pub fn format(blocks: &[Block]) -> String {
    text::written(blocks).trim_end().to_owned()
}

/// The blocks of a text. Every text is valid.
#[must_use]
pub fn blocks(typed: &str) -> Vec<Block> {
    let lines: Vec<&str> = typed.lines().map(str::trim).collect();
    let paragraphs = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty());
    let paragraphs: Vec<Vec<String>> = paragraphs.map(as_markdown).collect();
    let whole = paragraphs.iter().map(|lines| lines.join("\n")).collect::<Vec<_>>().join("\n\n");
    text::blocks(&whole)
        .unwrap_or_else(|_| paragraphs.iter().flat_map(|it| leniently(it)).collect())
}

/// Lines without an empty one between them, with what is typed otherwise than in a services.toml: `#` for its
/// highest heading, and a table without the line below its header.
fn as_markdown(lines: &[&str]) -> Vec<String> {
    let heading = |line: &&str| match line.strip_prefix("# ") {
        Some(heading) => format!("## {heading}"),
        None => (*line).to_owned(),
    };
    let mut lines: Vec<String> = lines.iter().map(heading).collect();
    let is_row = |line: &String| line.len() > 1 && line.starts_with('|') && line.ends_with('|');
    let is_below_header = |line: &String| line.chars().all(|c| "|:- ".contains(c));
    if lines.iter().all(is_row) && !lines.get(1).is_some_and(is_below_header) {
        let columns = lines[0].matches('|').count() - 1;
        lines.insert(1, format!("|{}", "---|".repeat(columns)));
    }
    lines
}

/// The same where the text has signs that a services.toml refuses: only what begins a line has a meaning.
fn leniently(lines: &[String]) -> Vec<Block> {
    let plain = lines.join("\n");
    let escaped = lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\n");
    text::unchecked(&plain)
        .or_else(|_| text::unchecked(&escaped))
        .unwrap_or_else(|_| vec![Block::Paragraph { text: lines.join(" ") }])
}

fn escaped(line: &str) -> String {
    let is_begin = |c: char| c.is_ascii_digit() || "#-*+.)| ".contains(c);
    let begin = line.len() - line.trim_start_matches(is_begin).len();
    // A sign is at the beginning of a line only with a space after it.
    let begin = line[..begin].find(' ').map_or(0, |space| space + 1);
    let mut escaped = line[..begin].to_owned();
    for c in line[begin..].chars() {
        if "\\`*_[]<>&~!#".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(text: &str) -> Block {
        Block::Paragraph { text: text.into() }
    }

    fn list(items: &[&str]) -> Block {
        Block::List { items: items.iter().map(|it| (*it).to_owned()).collect() }
    }

    #[test]
    fn the_texts_of_every_case_survive_being_typed() {
        let mut seen = 0;
        for named in consent_fixtures::all() {
            let consent_fixtures::Screen::Consent(consent) = &named.fixture.screen else {
                continue;
            };
            for document in consent.documents.values() {
                assert_eq!(&blocks(&format(document)), document, "{}", named.name);
                seen += document.len();
            }
        }
        assert!(seen > 20, "the fixtures have texts");
    }

    #[test]
    fn a_text_of_a_services_toml_is_read_as_the_server_reads_it() {
        let text = "## 제1조\n\n첫 줄\n둘째 줄\n\n### 끝\n\n1. 하나\n2. 둘\n\n- 셋\n\n- 넷\n\n\
                    | 항목 | 기간 |\n|:---|---|\n| 이메일 | 1년 |\n";
        assert_eq!(blocks(text), text::blocks(text).expect("Markdown of a services.toml"));
        let kinds = |level| {
            blocks(text)
                .iter()
                .filter(|it| matches!(it, Block::Heading { level: it, .. } if *it == level))
                .count()
        };
        assert_eq!((kinds(2), kinds(3)), (1, 1));
        assert_eq!(blocks(text).len(), 6);
    }

    #[test]
    fn every_text_is_valid() {
        assert_eq!(blocks(""), []);
        assert_eq!(blocks("one\ntwo\n\n\n three "), [paragraph("one two"), paragraph("three")]);
        assert_eq!(blocks("#no heading"), [paragraph("#no heading")]);
        assert_eq!(blocks("- a\nb"), [list(&["a b"])]);
        assert_eq!(blocks("  - a\n    - b"), [list(&["a", "b"])]);
        let heading = |level, text: &str| Block::Heading { level, text: text.into() };
        assert_eq!(blocks("### A\ntext"), [heading(3, "A"), paragraph("text")]);
        assert_eq!(blocks("# A"), [heading(2, "A")]);
        let table = Block::Table {
            header: vec!["a".into(), "b".into()],
            rows: vec![vec!["1".into(), String::new()], vec!["1".into(), "2".into()]],
        };
        assert_eq!(blocks("|a|b|\n|1|\n|1|2|3|"), [table]);
        assert_eq!(blocks("|"), [paragraph("|")]);
    }

    #[test]
    fn what_a_services_toml_refuses_is_text() {
        for text in ["a **b** c", "[a](https://b.example)", "<b>x</b>", "`x`", "!["] {
            assert_eq!(blocks(text), [paragraph(text)], "{text}");
        }
        let text = "## A *b*\n\n- a_b_c\n- **d**\n\n1. <e>\n\nf";
        let expected = [
            Block::Heading { level: 2, text: "A *b*".into() },
            list(&["a_b_c", "**d**"]),
            list(&["1. <e>"]),
            paragraph("f"),
        ];
        assert_eq!(blocks(text), expected);
        // And as such it is saved.
        assert_eq!(blocks(&format(&expected)), expected);
    }

    #[test]
    fn no_block_is_lost() {
        for text in ["a\u{200b}b", "\u{202e}c", "Z\u{301}\u{302}\u{303}", "1. d"] {
            let all = [paragraph(text), list(&[text, "e"]), paragraph("f")];
            assert_eq!(blocks(&format(&all)), all, "{text:?}");
        }
        // Lines are joined, as the screen shows them.
        assert_eq!(blocks(&format(&[paragraph("a\nb")])), [paragraph("a b")]);
    }
}
