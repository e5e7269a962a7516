//! What word processors put on the clipboard, as the blocks of a text: paragraphs, headings, flat lists and
//! tables. Everything else that they write (fonts, colours, comments, pictures) is left out.
//!
//! Pure: the browser parses the HTML, which never becomes a part of the page.

mod marks;
mod reader;
mod styles;
mod table;
mod tree;

use consent_contract::document::Block;

use crate::language::{tf, tn};
use reader::{Piece, Reader};
use styles::Styles;
pub use tree::{Element, Node};

/// The blocks of a copied page. None where it has nothing that plain text has not: its text is pasted as
/// it is.
#[must_use]
pub fn blocks(root: &Element) -> Option<Vec<Block>> {
    const STRUCTURE: [&str; 11] =
        ["p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "blockquote"];
    if !root.all().iter().any(|it| STRUCTURE.contains(&&*it.tag)) {
        return None;
    }
    let styles = Styles::of(root);
    let mut pieces = Reader::pieces_of(root, &styles);
    find_headings(&mut pieces);
    find_lists(&mut pieces);
    let blocks = joined(pieces);
    let is_line = matches!(&blocks[..], [] | [Block::Paragraph { .. }]);
    (!is_line).then_some(blocks)
}

/// Without styles, the parts of a Korean contract are recognized by their titles.
fn find_headings(pieces: &mut [Piece]) {
    if pieces.iter().any(|it| matches!(it, Piece::Heading { .. })) {
        return;
    }
    for piece in pieces {
        if let Piece::Paragraph(text) = piece
            && let Some(level) = marks::part(text)
        {
            *piece = Piece::Heading { level, text: std::mem::take(text) };
        }
    }
}

/// Hancom writes lists as paragraphs with a number. One of them alone is a paragraph.
fn find_lists(pieces: &mut [Piece]) {
    let numbered = pieces.iter().map(|it| match it {
        Piece::Paragraph(text) | Piece::Item(text) => marks::is_numbered(text),
        Piece::Heading { .. } | Piece::Table(_) => false,
    });
    let numbered: Vec<bool> = numbered.collect();
    for (at, piece) in pieces.iter_mut().enumerate() {
        let is_first = at == 0 || !numbered[at - 1];
        let is_alone = is_first && numbered.get(at + 1) != Some(&true);
        let Piece::Paragraph(text) = &*piece else { continue };
        if let Some(item) = marks::without_bullet(text) {
            *piece = Piece::Item(item.to_owned());
        } else if numbered[at] && !is_alone {
            *piece = Piece::Item(text.clone());
        }
    }
}

fn joined(pieces: Vec<Piece>) -> Vec<Block> {
    let highest = pieces.iter().filter_map(|it| match it {
        Piece::Heading { level, .. } => Some(*level),
        _ => None,
    });
    let highest = highest.min();
    let mut blocks: Vec<Block> = Vec::new();
    for piece in pieces {
        match (piece, blocks.last_mut()) {
            (Piece::Heading { level, text }, _) => {
                // The text format has two levels.
                let level = if Some(level) == highest { 2 } else { 3 };
                blocks.push(Block::Heading { level, text });
            }
            (Piece::Paragraph(text), _) => blocks.push(Block::Paragraph { text }),
            (Piece::Item(text), Some(Block::List { items })) => items.push(text),
            (Piece::Item(text), _) => blocks.push(Block::List { items: vec![text] }),
            (Piece::Table(rows), _) => {
                // A bar separates cells.
                let cells = |row: Vec<String>| row.iter().map(|it| it.replace('|', "/")).collect();
                let mut rows = rows.into_iter().map(cells);
                if let Some(header) = rows.next() {
                    blocks.push(Block::Table { header, rows: rows.collect() });
                }
            }
        }
    }
    blocks
}

/// A text to be put between two others, as blocks of its own.
#[must_use]
pub fn between(before: &str, text: &str, after: &str) -> String {
    let start = match before.trim_end_matches([' ', '\t']) {
        "" => "",
        it if it.trim().is_empty() || it.ends_with("\n\n") => "",
        it if it.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let end = match after.trim_start_matches([' ', '\t']) {
        it if it.trim().is_empty() || it.starts_with("\n\n") => "",
        it if it.starts_with('\n') => "\n",
        _ => "\n\n",
    };
    format!("{start}{text}{end}")
}

/// What was pasted, as a sentence for screen readers.
#[must_use]
pub fn summary(blocks: &[Block]) -> String {
    let [mut headings, mut paragraphs, mut lists, mut tables] = [0; 4];
    for block in blocks {
        *match block {
            Block::Heading { .. } => &mut headings,
            Block::Paragraph { .. } => &mut paragraphs,
            Block::List { .. } => &mut lists,
            Block::Table { .. } => &mut tables,
        } += 1;
    }
    let counted = [
        (headings, tn(headings, "1 heading", "{count} headings")),
        (paragraphs, tn(paragraphs, "1 paragraph", "{count} paragraphs")),
        (lists, tn(lists, "1 list", "{count} lists")),
        (tables, tn(tables, "1 table", "{count} tables")),
    ];
    let counted = counted.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text);
    tf("Pasted: {list}", &[("list", &counted.collect::<Vec<_>>().join(", "))])
}

#[cfg(test)]
mod tests;
