//! The list of changes: short enough to be read before the text.

use consent_contract::changes::{Change, ChangedBlock, ChangedText, Edit, Piece};

use super::words::Words;

/// The most changes that are listed.
pub const MOST_LISTED: usize = 20;

/// The longest passage in the list, in characters.
const LONGEST_PASSAGE: usize = 160;

/// How much unchanged text is around a change, on each side, in characters.
const AROUND: usize = 24;

/// Collects the changes of a text, block after block.
#[derive(Debug)]
pub struct Summary {
    words: Words,
    /// The heading above the block that comes next.
    section: Option<String>,
    changes: Vec<Change>,
    more: usize,
}

impl Summary {
    pub fn new(words: Words) -> Self {
        Self { words, section: None, changes: Vec::new(), more: 0 }
    }

    /// The changes that are listed, and how many follow.
    pub fn finish(self) -> (Vec<Change>, usize) {
        (self.changes, self.more)
    }

    /// A block of the marked text.
    pub fn block(&mut self, block: &ChangedBlock) {
        match block {
            ChangedBlock::Heading { text, .. } => {
                self.section = None;
                self.passage(text);
                self.section = Some(new_text(text)).filter(|text| !text.is_empty());
            }
            ChangedBlock::Paragraph { text } => self.passage(text),
            ChangedBlock::List { items } => self.passages(items),
            ChangedBlock::Table { header, rows } => {
                let all: Vec<ChangedText> =
                    std::iter::once(header).chain(rows).map(joined).collect();
                self.passages(&all);
            }
        }
    }

    /// A block that is the same in another place.
    pub fn moved(&mut self, text: &str) {
        let passage = self.shortened(text);
        self.add(Edit::Moved(passage));
    }

    /// The title of the text.
    pub fn title(&mut self, old: &str, new: &str) {
        if old != new {
            self.add(Edit::Replaced(old.to_owned(), new.to_owned()));
        }
    }

    /// Items or rows. Several of one kind are one change when nothing else is in the block.
    fn passages(&mut self, passages: &[ChangedText]) {
        let all: ChangedText = joined(passages);
        match whole(&all) {
            Some(_) => self.passage(&all),
            None => passages.iter().for_each(|passage| self.passage(passage)),
        }
    }

    fn passage(&mut self, text: &ChangedText) {
        match whole(text) {
            Some(Whole::Same) => {}
            Some(Whole::Added) => {
                let passage = self.shortened(&new_text(text));
                self.add(Edit::Added(passage));
            }
            Some(Whole::Removed) => {
                let passage = self.shortened(&old_text(text));
                self.add(Edit::Removed(passage));
            }
            None => {
                for (before, after) in self.replacements(text) {
                    self.add(Edit::Replaced(before, after));
                }
            }
        }
    }

    fn add(&mut self, edit: Edit) {
        if self.changes.len() < MOST_LISTED {
            self.changes.push(Change { section: self.section.clone(), edit });
        } else {
            self.more += 1;
        }
    }

    /// Each change inside a passage, before and after, with some unchanged text around it.
    fn replacements(&self, text: &ChangedText) -> Vec<(String, String)> {
        let mut replacements = Vec::new();
        let mut open: Option<(String, String)> = None;
        let mut lead = String::new();
        for (at, piece) in text.iter().enumerate() {
            match piece {
                Piece::Same(same) => {
                    let is_last = at + 1 == text.len();
                    let is_short = same.chars().count() <= 2 * AROUND;
                    match open.take() {
                        Some((before, after)) if is_short && !is_last => {
                            open = Some((before + same, after + same));
                        }
                        Some((before, after)) => {
                            let trail = self.beginning(same, AROUND);
                            replacements.push((before + &trail, after + &trail));
                            lead = self.end(same);
                        }
                        None => lead = self.end(same),
                    }
                }
                Piece::Removed(removed) => {
                    open.get_or_insert_with(|| (lead.clone(), lead.clone())).0.push_str(removed);
                }
                Piece::Added(added) => {
                    open.get_or_insert_with(|| (lead.clone(), lead.clone())).1.push_str(added);
                }
            }
        }
        replacements.extend(open);
        let shorten =
            |(before, after): (String, String)| (self.shortened(&before), self.shortened(&after));
        replacements.into_iter().map(shorten).collect()
    }

    fn shortened(&self, text: &str) -> String {
        self.beginning(text.trim(), LONGEST_PASSAGE)
    }

    /// The beginning of a text, up to a word's end, and `…` where it was cut.
    fn beginning(&self, text: &str, length: usize) -> String {
        let Some((cut, _)) = text.char_indices().nth(length) else { return text.to_owned() };
        let kept = &text[..cut];
        let kept = match self.words {
            Words::BetweenSpaces => {
                kept.rfind(' ').filter(|at| *at > 0).map_or(kept, |at| &kept[..at])
            }
            Words::NotSeparated => kept,
        };
        format!("{}…", kept.trim_end())
    }

    /// The end of a text, from a word's beginning, and `…` where it was cut.
    fn end(&self, text: &str) -> String {
        let length = text.chars().count();
        if length <= AROUND {
            return text.to_owned();
        }
        let kept = match text.char_indices().nth(length - AROUND) {
            Some((cut, _)) => &text[cut..],
            None => text,
        };
        let kept = match self.words {
            Words::BetweenSpaces => match kept.trim_end().find(' ') {
                Some(at) => &kept[at + 1..],
                None => kept,
            },
            Words::NotSeparated => kept,
        };
        format!("…{kept}")
    }
}

/// Passages as one, with dots between them.
fn joined<'a>(passages: impl IntoIterator<Item = &'a ChangedText>) -> ChangedText {
    let mut all = ChangedText::new();
    for passage in passages.into_iter().filter(|passage| !passage.is_empty()) {
        if !all.is_empty() {
            // What was added or removed as a whole stays that.
            let dot = " · ".to_owned();
            let dot = match (whole(&all), whole(passage)) {
                (Some(Whole::Added), Some(Whole::Added)) => Piece::Added(dot),
                (Some(Whole::Removed), Some(Whole::Removed)) => Piece::Removed(dot),
                _ => Piece::Same(dot),
            };
            push(&mut all, dot);
        }
        passage.iter().cloned().for_each(|piece| push(&mut all, piece));
    }
    all
}

/// Adds a piece, to the last one where it is of the same kind.
fn push(text: &mut ChangedText, piece: Piece) {
    match (text.last_mut(), piece) {
        (Some(Piece::Same(last)), Piece::Same(more))
        | (Some(Piece::Added(last)), Piece::Added(more))
        | (Some(Piece::Removed(last)), Piece::Removed(more)) => last.push_str(&more),
        (_, piece) => text.push(piece),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Same,
    Added,
    Removed,
}

/// What all pieces of a text are. None for a mixture.
fn whole(text: &ChangedText) -> Option<Whole> {
    let of = |piece: &Piece| match piece {
        Piece::Same(_) => Whole::Same,
        Piece::Added(_) => Whole::Added,
        Piece::Removed(_) => Whole::Removed,
    };
    let first = text.first().map_or(Whole::Same, of);
    text.iter().all(|piece| of(piece) == first).then_some(first)
}

fn new_text(text: &ChangedText) -> String {
    text.iter().filter(|it| !matches!(it, Piece::Removed(_))).map(Piece::text).collect()
}

fn old_text(text: &ChangedText) -> String {
    text.iter().filter(|it| !matches!(it, Piece::Added(_))).map(Piece::text).collect()
}
