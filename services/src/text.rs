//! Legal texts are written in a small part of Markdown: headings, paragraphs, lists and tables.
//! Anything else (links, pictures, emphasis, HTML) is refused: the screen shows plain text only,
//! and a text that is shown otherwise than it was written is no text to agree to. For the same
//! reason invisible characters and stacked marks are refused, and every block comes out as the
//! screen shows it: the digest of a text covers what people read.

mod format;

use std::ops::Range;

use consent_contract::{
    document::Block,
    name::{self, NameFault},
};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

pub use format::{format, rewritten, written};

/// Reads a text into blocks.
///
/// # Errors
/// What was found that is not a heading of level 2 or 3, a paragraph, a flat list or a table, or is
/// not shown as it is written.
pub fn blocks(source: &str) -> Result<Vec<Block>, String> {
    Ok(placed(source)?.into_iter().map(|(block, _)| block).collect())
}

/// The blocks of a text, and where each is in it.
fn placed(source: &str) -> Result<Vec<(Block, Range<usize>)>, String> {
    let mut blocks = parsed(source)?;
    // Only now are the entities of Markdown (`&#x202e;`) the characters that they stand for.
    for text in blocks.iter_mut().flat_map(|(block, _)| texts(block)) {
        match name::check_text(text) {
            // An empty cell.
            Ok(()) | Err(NameFault::Blank) => *text = name::clean(text),
            Err(fault) => return Err(fault.to_string()),
        }
    }
    Ok(blocks)
}

/// Every text of a block.
fn texts(block: &mut Block) -> Vec<&mut String> {
    match block {
        Block::Heading { text, .. } | Block::Paragraph { text } => vec![text],
        Block::List { items } => items.iter_mut().collect(),
        Block::Table { header, rows } => {
            header.iter_mut().chain(rows.iter_mut().flatten()).collect()
        }
    }
}

/// The blocks of a text, with characters that [`blocks`] refuses: a preview shows what a screen does with them.
///
/// # Errors
/// As for [`blocks`], but for those.
pub fn unchecked(source: &str) -> Result<Vec<Block>, String> {
    Ok(parsed(source)?.into_iter().map(|(block, _)| block).collect())
}

fn parsed(source: &str) -> Result<Vec<(Block, Range<usize>)>, String> {
    let mut blocks = Vec::new();
    let mut text = String::new();
    let mut items: Vec<String> = Vec::new();
    // The number of the next item, in a numbered list.
    let mut number = None;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut in_list = false;
    for (event, range) in Parser::new_ext(source, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Text(words) => text.push_str(&words),
            Event::SoftBreak => text.push(' '),
            Event::Start(Tag::Heading { level: HeadingLevel::H2 | HeadingLevel::H3, .. })
            | Event::Start(Tag::Paragraph | Tag::Table(_) | Tag::TableCell)
            | Event::End(TagEnd::TableHead | TagEnd::TableRow) => {}
            Event::End(TagEnd::Heading(level)) => {
                let level = if level == HeadingLevel::H2 { 2 } else { 3 };
                blocks.push((Block::Heading { level, text: std::mem::take(&mut text) }, range));
            }
            // The paragraphs of a loose list belong to its items.
            Event::End(TagEnd::Paragraph) if in_list => text.push(' '),
            Event::End(TagEnd::Paragraph) => {
                blocks.push((Block::Paragraph { text: std::mem::take(&mut text) }, range));
            }
            Event::Start(Tag::List(first)) if !in_list => {
                in_list = true;
                number = first;
            }
            Event::Start(Tag::Item) => {
                if let Some(number) = &mut number {
                    text = format!("{number}. ");
                    *number += 1;
                }
            }
            Event::End(TagEnd::Item) => items.push(std::mem::take(&mut text).trim().to_owned()),
            Event::End(TagEnd::List(_)) => {
                in_list = false;
                blocks.push((Block::List { items: std::mem::take(&mut items) }, range));
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Vec::new()),
            Event::End(TagEnd::TableCell) => {
                let cell = std::mem::take(&mut text);
                rows.last_mut().ok_or("a cell outside of a table")?.push(cell);
            }
            Event::End(TagEnd::Table) => {
                let mut rows = std::mem::take(&mut rows).into_iter();
                let header = rows.next().ok_or("a table without a header")?;
                blocks.push((Block::Table { header, rows: rows.collect() }, range));
            }
            other => {
                let line = match source.trim_end().contains('\n') {
                    true => format!(
                        " in line {} of the text",
                        source[..range.start].matches('\n').count() + 1
                    ),
                    false => String::new(),
                };
                return Err(format!(
                    "only headings (## and ###), paragraphs, flat lists and tables are allowed, \
                     found {}{line}",
                    named(&other)
                ));
            }
        }
    }
    if blocks.is_empty() { Err("nothing to read".into()) } else { Ok(blocks) }
}

fn named(event: &Event<'_>) -> String {
    match event {
        Event::Start(Tag::Heading { .. }) => "a heading of another level".into(),
        Event::Start(Tag::List(_)) => "a list inside a list".into(),
        Event::Start(Tag::Emphasis | Tag::Strong) => "emphasis (write \\* for a star)".into(),
        Event::Start(Tag::Link { .. } | Tag::Image { .. }) => "a link or picture".into(),
        Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::HtmlBlock) => "HTML".into(),
        Event::Code(_) | Event::Start(Tag::CodeBlock(_)) => {
            "code (an indented line, or backticks)".into()
        }
        Event::Start(Tag::BlockQuote(_)) => "a quotation".into(),
        Event::Rule => "a line across the page".into(),
        Event::HardBreak => "a forced line break (two spaces at the end of a line)".into(),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_block_is_read() {
        let text = "## 제1조\n\n첫 줄\n둘째 줄\n\n- 하나\n- 둘\n\n1. a\n2. b\n\n\
                    | 항목 | 기간 |\n|---|---|\n| 이메일 | 1년 |\n| 전화 | 2년 |\n\n### 끝\n";
        let strings = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            blocks(text).unwrap(),
            [
                Block::Heading { level: 2, text: "제1조".into() },
                Block::Paragraph { text: "첫 줄 둘째 줄".into() },
                Block::List { items: strings(&["하나", "둘"]) },
                Block::List { items: strings(&["1. a", "2. b"]) },
                Block::Table {
                    header: strings(&["항목", "기간"]),
                    rows: vec![strings(&["이메일", "1년"]), strings(&["전화", "2년"])],
                },
                Block::Heading { level: 3, text: "끝".into() },
            ]
        );
    }

    /// The digest covers what the screen shows: nothing in a block is left for it to change.
    #[test]
    fn a_block_is_what_is_shown_of_it() {
        let text = "## \u{1112}\u{1161}\u{11ab}  글\n\na \u{a0} b\u{3000}c\n\n- d  e\n\n\
                    | f  g | |\n|---|---|\n| h\u{2003}i | j |\n";
        let strings = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            blocks(text).unwrap(),
            [
                Block::Heading { level: 2, text: "한 글".into() },
                Block::Paragraph { text: "a b c".into() },
                Block::List { items: strings(&["d e"]) },
                Block::Table { header: strings(&["f g", ""]), rows: vec![strings(&["h i", "j"])] },
            ]
        );
    }

    #[test]
    fn what_is_not_shown_is_refused_wherever_it_stands() {
        for hidden in [
            "\u{202e}",
            "\u{2067}",
            "\u{200b}",
            "\u{feff}",
            "\u{ad}",
            "\u{3164}",
            "&#x202e;",
            "&ZeroWidthSpace;",
        ] {
            for text in [
                format!("## a{hidden}b"),
                format!("a{hidden}b"),
                format!("- a\n- b{hidden}c"),
                format!("| a{hidden}b |\n|---|\n| c |"),
                format!("| a |\n|---|\n| b{hidden}c |"),
            ] {
                let reason = blocks(&text).unwrap_err();
                assert!(reason.starts_with("the invisible character U+"), "{text:?}: {reason}");
            }
        }
        assert_eq!(blocks("Z\u{301}\u{302}\u{303}").unwrap_err(), "too many marks on one letter");
    }

    #[test]
    fn what_would_be_shown_otherwise_is_refused() {
        for (text, found) in [
            ("# 약관", "another level"),
            ("한 **번** 더", "emphasis"),
            ("[여기](https://x.example)", "link"),
            ("<b>x</b>", "HTML"),
            ("<script>x</script>", "HTML"),
            ("- a\n  - b", "list inside"),
            ("`x`", "code"),
            ("", "nothing"),
        ] {
            let reason = blocks(text).unwrap_err();
            assert!(reason.contains(found), "{text:?}: {reason}");
        }
    }
}
