//! Legal texts are written in a small part of Markdown: headings, paragraphs, lists and tables.
//! Anything else (links, pictures, emphasis, HTML) is refused: the screen shows plain text only,
//! and a text that is shown otherwise than it was written is no text to agree to. For the same
//! reason invisible characters and stacked marks are refused, and every block comes out as the
//! screen shows it: the digest of a text covers what people read.

use std::ops::Range;

use consent_contract::{
    document::Block,
    name::{self, NameFault},
};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

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

/// The text of some blocks, from which [`blocks`] reads them. None where no text is read as these: two
/// numbered lists in a row, for example.
#[must_use]
pub fn format(blocks: &[Block]) -> Option<String> {
    let mut text = String::new();
    let mut bullet = '-';
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 {
            text.push('\n');
            // Lists in a row are two only with different signs.
            let follows_a_list = matches!(blocks[index - 1], Block::List { .. });
            bullet = if follows_a_list && bullet == '-' { '*' } else { '-' };
        }
        text.push_str(&format_one(block, bullet));
        text.push('\n');
    }
    (self::blocks(&text).as_deref() == Ok(blocks)).then_some(text)
}

/// A block, with as few signs of Markdown escaped as leave it what it is.
fn format_one(block: &Block, bullet: char) -> String {
    let plain = written(block, bullet, &str::to_owned);
    if blocks(&plain).as_deref() == Ok(std::slice::from_ref(block)) {
        return plain;
    }
    written(block, bullet, &escaped)
}

fn written(block: &Block, bullet: char, escape: &dyn Fn(&str) -> String) -> String {
    let row = |cells: &[String]| {
        let cells: Vec<_> = cells.iter().map(|it| escape(it).replace('|', "\\|")).collect();
        format!("| {} |", cells.join(" | "))
    };
    match block {
        Block::Heading { level, text } => {
            format!("{} {}", "#".repeat((*level).into()), escape(text))
        }
        Block::Paragraph { text } => escape(text),
        Block::List { items } => {
            let items: Vec<_> = match numbered(items) {
                Some(items) => {
                    items.map(|(sign, text)| format!("{sign} {}", escape(text))).collect()
                }
                None => items.iter().map(|it| format!("{bullet} {}", escape(it))).collect(),
            };
            items.join("\n")
        }
        Block::Table { header, rows } => {
            let line = format!("|{}", "---|".repeat(header.len()));
            let rows = rows.iter().map(|it| row(it));
            [row(header), line].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
        }
    }
}

/// The numbers and texts of a numbered list: its items begin with numbers that follow each other.
fn numbered(items: &[String]) -> Option<impl Iterator<Item = (&str, &str)>> {
    let split = |item: &'_ str| -> Option<u64> { item.split_once(". ")?.0.parse().ok() };
    let first = split(items.first()?)?;
    let is_next = |(item, number): (&String, u64)| split(item) == Some(number);
    let all = items.iter().zip(first..).all(is_next);
    all.then(|| {
        items.iter().map(|item| {
            let at = item.find(". ").map_or(0, |at| at + 1);
            (&item[..at], item[at..].trim_start())
        })
    })
}

/// A text of which no sign is one of Markdown.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        // A number with a point makes a list at the beginning only.
        let is_number =
            matches!(c, '.' | ')') && at > 0 && text[..at].bytes().all(|it| it.is_ascii_digit());
        if "\\`*_[]<>&|~#!".contains(c) || is_number || at == 0 && "-+=:".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A text with other blocks. Those that stay are written as before; only what is between them changes.
/// None as for [`format`].
#[must_use]
pub fn rewritten(source: &str, new: &[Block]) -> Option<String> {
    let whole = || format(new);
    let Ok(old) = placed(source) else { return whole() };
    let same = |pair: &(&(Block, Range<usize>), &Block)| pair.0.0 == *pair.1;
    let first = old.iter().zip(new).take_while(same).count();
    if first == old.len() && first == new.len() {
        return Some(source.to_owned());
    }
    let room = old.len().min(new.len()) - first;
    let last = old.iter().rev().zip(new.iter().rev()).take(room).take_while(same).count();
    let end_of = |at: usize| {
        let range = &old[at].1;
        range.start + source[range.clone()].trim_end().len()
    };
    let changed = &new[first..new.len() - last];
    let middle = format(changed).unwrap_or_default();
    let middle = middle.trim_end();
    let (start, end) = match (first, old.len() - last) {
        // Something new between two blocks, or at an end.
        (from, to) if from == to && from > 0 => (end_of(from - 1), end_of(from - 1)),
        (from, to) if from == to => (old[0].1.start, old[0].1.start),
        // Something is gone, with what separated it from the next.
        (from, to) if changed.is_empty() => match old.get(to) {
            Some((_, next)) => (old[from].1.start, next.start),
            None if from > 0 => (end_of(from - 1), end_of(to - 1)),
            None => (old[from].1.start, end_of(to - 1)),
        },
        (from, to) => (old[from].1.start, end_of(to - 1)),
    };
    let separated = match (start == end, first > 0) {
        (true, true) => format!("\n\n{middle}"),
        (true, false) => format!("{middle}\n\n"),
        (false, _) => middle.to_owned(),
    };
    let text = format!("{}{separated}{}", &source[..start], &source[end..]);
    match blocks(&text).as_deref() == Ok(new) {
        true => Some(text),
        false => whole(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "## 제1조\n\n첫 줄\n둘째 줄\n\n* 하나\n* 둘\n\n|항목|기간|\n|:--|--:|\n|이메일|1년|\n\n끝\n";

    #[test]
    fn a_text_with_another_block_keeps_the_others_as_they_were_written() {
        let old = blocks(TEXT).unwrap();
        assert_eq!(rewritten(TEXT, &old).as_deref(), Some(TEXT));
        let paragraph = |text: &str| Block::Paragraph { text: text.into() };
        let changed = |change: &dyn Fn(&mut Vec<Block>)| {
            let mut new = old.clone();
            change(&mut new);
            let text = rewritten(TEXT, &new).unwrap();
            assert_eq!(blocks(&text).unwrap(), new, "{text}");
            text
        };
        let replaced = changed(&|it| it[1] = paragraph("다른 줄"));
        assert_eq!(replaced, TEXT.replace("첫 줄\n둘째 줄", "다른 줄"));
        let added = changed(&|it| it.push(paragraph("새 줄")));
        assert_eq!(added, TEXT.replace("끝\n", "끝\n\n새 줄\n"));
        let added = changed(&|it| it.insert(0, paragraph("새 줄")));
        assert_eq!(added, format!("새 줄\n\n{TEXT}"));
        let added = changed(&|it| it.insert(2, paragraph("새 줄")));
        assert_eq!(added, TEXT.replace("둘째 줄\n", "둘째 줄\n\n새 줄\n"));
        let removed = changed(&|it| drop(it.remove(2)));
        assert_eq!(removed, TEXT.replace("* 하나\n* 둘\n\n", ""));
        let removed = changed(&|it| drop(it.pop()));
        assert_eq!(removed, TEXT.replace("\n\n끝\n", "\n"));
        let all = changed(&|it| *it = vec![paragraph("하나"), paragraph("둘")]);
        assert_eq!(all, "하나\n\n둘\n");
        // What could not be read is written anew.
        assert_eq!(rewritten("# 하나", &[paragraph("둘")]).as_deref(), Some("둘\n"));
    }

    #[test]
    fn what_looks_like_markdown_stays_text() {
        let strings = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        for text in
            ["# 1", "- a", "1. a", "a * b * c", "<b>", "[a](b)", "a_b_c", "\\ & &amp;", "> q"]
        {
            for block in [
                Block::Paragraph { text: text.into() },
                Block::Heading { level: 3, text: text.into() },
                Block::List { items: strings(&[text, "둘"]) },
                Block::Table { header: strings(&[text, "|"]), rows: vec![strings(&["", text])] },
            ] {
                let written = format(std::slice::from_ref(&block));
                assert!(written.is_some(), "{block:?}");
            }
        }
        let lists = [strings(&["하나"]), strings(&["둘"]), strings(&["1. 셋", "2. 넷"])];
        let lists = lists.map(|items| Block::List { items });
        assert_eq!(format(&lists).as_deref(), Some("- 하나\n\n* 둘\n\n1. 셋\n2. 넷\n"));
        // Nothing else is escaped than what has to be.
        let plain = Block::Paragraph { text: "회사(이하 \"갑\")의 a-b, 5.2%!".into() };
        assert_eq!(format(&[plain]).as_deref(), Some("회사(이하 \"갑\")의 a-b, 5.2%!\n"));
        // Two numbered lists in a row are one.
        let list = |items: &[&str]| Block::List { items: strings(items) };
        assert_eq!(format(&[list(&["1. a"]), list(&["1. b"])]), None);
    }

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
