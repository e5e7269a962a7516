//! The full text of a term as plain text: blocks between empty lines. A line that begins with `#`
//! or `##` is a heading, lines that begin with `-` are a list, lines between bars a table whose
//! first line is its header; everything else is a paragraph.

use consent_contract::document::Block;

/// The blocks as plain text.
#[must_use]
pub fn format(blocks: &[Block]) -> String {
    let row = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let block = |block: &Block| match block {
        Block::Heading { level: 2, text } => format!("# {text}"),
        Block::Heading { text, .. } => format!("## {text}"),
        Block::Paragraph { text } => text.clone(),
        Block::List { items } => {
            items.iter().map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n")
        }
        Block::Table { header, rows } => {
            let rows = [header].into_iter().chain(rows).map(|cells| row(cells));
            rows.collect::<Vec<_>>().join("\n")
        }
    };
    blocks.iter().map(block).collect::<Vec<_>>().join("\n\n")
}

/// The blocks of a plain text. Every text is valid: a table row that is too short is padded, and one
/// that is too long is cut.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty()).flat_map(block).collect()
}

fn block(lines: &[&str]) -> Vec<Block> {
    if lines.iter().all(|line| line.starts_with("- ")) {
        let items = lines.iter().map(|line| line[2..].trim().to_owned()).collect();
        return vec![Block::List { items }];
    }
    if lines.iter().all(|line| line.len() > 1 && line.starts_with('|') && line.ends_with('|')) {
        let cells = |line: &&str| -> Vec<String> {
            line[1..line.len() - 1].split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        let header = cells(&lines[0]);
        let rows = lines[1..].iter().map(|line| {
            let mut row = cells(line);
            row.resize(header.len(), String::new());
            row
        });
        let rows = rows.collect();
        return vec![Block::Table { header, rows }];
    }
    let heading = |line: &str| {
        let (level, text) = match (line.strip_prefix("## "), line.strip_prefix("# ")) {
            (Some(text), _) => (3, text),
            (None, Some(text)) => (2, text),
            (None, None) => return None,
        };
        Some(Block::Heading { level, text: text.trim().to_owned() })
    };
    match heading(lines[0]) {
        Some(heading) if lines.len() > 1 => [vec![heading], block(&lines[1..])].concat(),
        Some(heading) => vec![heading],
        None => vec![Block::Paragraph { text: lines.join(" ") }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn every_text_is_valid() {
        let paragraph = |text: &str| Block::Paragraph { text: text.into() };
        assert_eq!(blocks(""), []);
        assert_eq!(blocks("one\ntwo\n\n\n three "), [paragraph("one two"), paragraph("three")]);
        assert_eq!(blocks("#no heading"), [paragraph("#no heading")]);
        assert_eq!(blocks("- a\nb"), [paragraph("- a b")]);
        let heading = Block::Heading { level: 3, text: "A".into() };
        assert_eq!(blocks("## A\ntext"), [heading, paragraph("text")]);
        let table = Block::Table {
            header: vec!["a".into(), "b".into()],
            rows: vec![vec!["1".into(), String::new()], vec!["1".into(), "2".into()]],
        };
        assert_eq!(blocks("|a|b|\n|1|\n|1|2|3|"), [table]);
        assert_eq!(blocks("|"), [paragraph("|")]);
    }
}
