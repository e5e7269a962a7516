//! What changed in a text between two versions, in one language.
//!
//! Blocks are matched first, then items and rows inside lists and tables, then words inside passages.
//! The cost is linear in the length of both texts.

mod align;
mod summary;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashMap;

use consent_contract::{
    changes::{ChangedBlock, ChangedText, Difference, Piece},
    document::{Block, Document},
    name,
};

use self::{
    align::{Passage, Step, align},
    summary::Summary,
    words::Words,
};

/// The difference between two versions of a text. Both are in the same language.
#[must_use]
pub fn difference(old: &Document, new: &Document) -> Difference {
    let words = Words::of(&new.locale);
    let (old_blocks, new_blocks) = (cleaned(&old.blocks), cleaned(&new.blocks));
    let steps = align(&passages(&old_blocks), &passages(&new_blocks));
    let mut moved = Moved::among(&steps, &old_blocks, &new_blocks);
    let mut summary = Summary::new(words);
    summary.title(&name::clean(&old.title), &name::clean(&new.title));
    let mut blocks = Vec::with_capacity(new_blocks.len());
    for step in steps {
        let block = match step {
            Step::Same { new, .. } => marked(&new_blocks[new], Piece::Same),
            Step::Changed { old, new } => changed(&old_blocks[old], &new_blocks[new], words),
            Step::Removed { old } if moved.is_old(&old_blocks[old]) => continue,
            Step::Added { new } if moved.is_new(&new_blocks[new]) => {
                summary.moved(&text_of(&new_blocks[new]));
                marked(&new_blocks[new], Piece::Same)
            }
            Step::Removed { old } => marked(&old_blocks[old], Piece::Removed),
            Step::Added { new } => marked(&new_blocks[new], Piece::Added),
        };
        summary.block(&block);
        blocks.push(block);
    }
    if is_mostly_changed(&blocks) {
        return Difference::Rewritten { old: old_blocks };
    }
    let (changes, more) = summary.finish();
    Difference::Marked { changes, more, blocks }
}

/// Texts as the screen shows them.
fn cleaned(blocks: &[Block]) -> Vec<Block> {
    let clean = |texts: &Vec<String>| texts.iter().map(|it| name::clean(it)).collect();
    let block = |block: &Block| match block {
        Block::Heading { level, text } => Block::Heading { level: *level, text: name::clean(text) },
        Block::Paragraph { text } => Block::Paragraph { text: name::clean(text) },
        Block::List { items } => Block::List { items: clean(items) },
        Block::Table { header, rows } => {
            Block::Table { header: clean(header), rows: rows.iter().map(clean).collect() }
        }
    };
    blocks.iter().map(block).collect()
}

fn passages(blocks: &[Block]) -> Vec<Passage> {
    blocks.iter().map(|block| Passage::new(kind(block), key(block), &text_of(block))).collect()
}

/// Blocks of other kinds are not compared, nor are tables with other columns.
fn kind(block: &Block) -> usize {
    match block {
        Block::Heading { .. } => 0,
        Block::Paragraph { .. } => 1,
        Block::List { .. } => 2,
        Block::Table { header, .. } => 3 + header.len(),
    }
}

/// The same for the same blocks only.
fn key(block: &Block) -> String {
    serde_json::to_string(block).expect("strings and numbers always become JSON")
}

fn text_of(block: &Block) -> String {
    match block {
        Block::Heading { text, .. } | Block::Paragraph { text } => text.clone(),
        Block::List { items } => items.join(" "),
        Block::Table { header, rows } => {
            let rows = std::iter::once(header).chain(rows);
            rows.map(|row| row.join(" ")).collect::<Vec<_>>().join(" ")
        }
    }
}

/// Blocks that are the same in another place.
#[derive(Debug, Default)]
struct Moved {
    /// How many of them are left at the old place and at the new one, by key.
    left: HashMap<String, [usize; 2]>,
}

impl Moved {
    fn among(steps: &[Step], old_blocks: &[Block], new_blocks: &[Block]) -> Self {
        let mut left: HashMap<String, [usize; 2]> = HashMap::new();
        for step in steps {
            match step {
                Step::Removed { old } => left.entry(key(&old_blocks[*old])).or_default()[0] += 1,
                Step::Added { new } => left.entry(key(&new_blocks[*new])).or_default()[1] += 1,
                Step::Same { .. } | Step::Changed { .. } => {}
            }
        }
        left.retain(|_, [old, new]| {
            let both = (*old).min(*new);
            (*old, *new) = (both, both);
            both > 0
        });
        Self { left }
    }

    fn is_old(&mut self, block: &Block) -> bool {
        self.is(block, 0)
    }

    fn is_new(&mut self, block: &Block) -> bool {
        self.is(block, 1)
    }

    fn is(&mut self, block: &Block, place: usize) -> bool {
        match self.left.get_mut(&key(block)) {
            Some(left) if left[place] > 0 => {
                left[place] -= 1;
                true
            }
            _ => false,
        }
    }
}

/// A block whose texts are all of one piece.
fn marked(block: &Block, piece: fn(String) -> Piece) -> ChangedBlock {
    let text = |text: &String| whole(text, piece);
    match block {
        Block::Heading { level, text: it } => {
            ChangedBlock::Heading { level: *level, text: text(it) }
        }
        Block::Paragraph { text: it } => ChangedBlock::Paragraph { text: text(it) },
        Block::List { items } => ChangedBlock::List { items: items.iter().map(text).collect() },
        Block::Table { header, rows } => ChangedBlock::Table {
            header: header.iter().map(text).collect(),
            rows: rows.iter().map(|row| row.iter().map(text).collect()).collect(),
        },
    }
}

fn whole(text: &str, piece: fn(String) -> Piece) -> ChangedText {
    if text.is_empty() { ChangedText::new() } else { vec![piece(text.to_owned())] }
}

/// A block and its earlier version, which is of the same kind.
fn changed(old: &Block, new: &Block, words: Words) -> ChangedBlock {
    match (old, new) {
        (Block::Heading { text: old, .. }, Block::Heading { level, text: new }) => {
            ChangedBlock::Heading { level: *level, text: words::compare(old, new, words) }
        }
        (Block::Paragraph { text: old }, Block::Paragraph { text: new }) => {
            ChangedBlock::Paragraph { text: words::compare(old, new, words) }
        }
        (Block::List { items: old }, Block::List { items: new }) => {
            let passage = |item: &String| Passage::new(0, item.clone(), item);
            let [old_items, new_items] =
                [old, new].map(|it| it.iter().map(passage).collect::<Vec<_>>());
            let item = |step| match step {
                Step::Same { new: at, .. } => whole(&new[at], Piece::Same),
                Step::Changed { old: from, new: to } => words::compare(&old[from], &new[to], words),
                Step::Removed { old: at } => whole(&old[at], Piece::Removed),
                Step::Added { new: at } => whole(&new[at], Piece::Added),
            };
            let items = align(&old_items, &new_items).into_iter().map(item).collect();
            ChangedBlock::List { items }
        }
        (Block::Table { header: old_header, rows: old_rows }, Block::Table { header, rows }) => {
            ChangedBlock::Table {
                header: row(old_header, header, words),
                rows: changed_rows(old_rows, rows, words),
            }
        }
        // Never paired, see `kind`.
        (_, new) => marked(new, Piece::Added),
    }
}

fn row(old: &[String], new: &[String], words: Words) -> Vec<ChangedText> {
    old.iter().zip(new).map(|(old, new)| words::compare(old, new, words)).collect()
}

fn changed_rows(old: &[Vec<String>], new: &[Vec<String>], words: Words) -> Vec<Vec<ChangedText>> {
    let passage = |row: &Vec<String>| {
        let key = serde_json::to_string(row).expect("strings always become JSON");
        Passage::new(0, key, &row.join(" "))
    };
    let [old_rows, new_rows] = [old, new].map(|it| it.iter().map(passage).collect::<Vec<_>>());
    let marked = |row: &Vec<String>, piece: fn(String) -> Piece| -> Vec<ChangedText> {
        row.iter().map(|cell| whole(cell, piece)).collect()
    };
    let changed = |step| match step {
        Step::Same { new: at, .. } => marked(&new[at], Piece::Same),
        Step::Changed { old: from, new: to } => row(&old[from], &new[to], words),
        Step::Removed { old: at } => marked(&old[at], Piece::Removed),
        Step::Added { new: at } => marked(&new[at], Piece::Added),
    };
    align(&old_rows, &new_rows).into_iter().map(changed).collect()
}

/// Whether more than half of the characters of both versions were removed or added.
fn is_mostly_changed(blocks: &[ChangedBlock]) -> bool {
    let (mut same, mut changed) = (0_usize, 0_usize);
    let mut count = |text: &ChangedText| {
        for piece in text {
            let length = piece.text().chars().count();
            match piece {
                Piece::Same(_) => same += 2 * length,
                Piece::Added(_) | Piece::Removed(_) => changed += length,
            }
        }
    };
    for block in blocks {
        match block {
            ChangedBlock::Heading { text, .. } | ChangedBlock::Paragraph { text } => count(text),
            ChangedBlock::List { items } => items.iter().for_each(&mut count),
            ChangedBlock::Table { header, rows } => {
                header.iter().chain(rows.iter().flatten()).for_each(&mut count);
            }
        }
    }
    changed > same
}
