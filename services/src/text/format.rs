//! Blocks as text.

use std::ops::Range;

use consent_contract::document::Block;

use super::{blocks, placed, unchecked};

/// The text of some blocks, from which [`blocks`] reads them. None where no text is read as these: two
/// numbered lists in a row, for example.
#[must_use]
pub fn format(blocks: &[Block]) -> Option<String> {
    let text = written(blocks);
    (super::blocks(&text).as_deref() == Ok(blocks)).then_some(text)
}

/// The text of any blocks, also where it is not read as exactly these.
#[must_use]
pub fn written(blocks: &[Block]) -> String {
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
    text
}

/// A block, with as few signs of Markdown escaped as leave it what it is.
fn format_one(block: &Block, bullet: char) -> String {
    let plain = with_signs(block, bullet, &str::to_owned);
    if unchecked(&plain).as_deref() == Ok(std::slice::from_ref(block)) {
        return plain;
    }
    with_signs(block, bullet, &escaped)
}

fn with_signs(block: &Block, bullet: char, escape: &dyn Fn(&str) -> String) -> String {
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
        // What could not be read is written again.
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
}
