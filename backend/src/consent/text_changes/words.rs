//! What changed inside a passage: whole words where words are between spaces, characters elsewhere.

use consent_contract::changes::{ChangedText, Piece};
use imara_diff::{Algorithm, Diff, InternedInput};

/// The longest unchanged piece, in characters, that is taken into a change with those around it.
const LONGEST_ABSORBED: usize = 12;

/// The longest passage that is compared inside, in tokens; a longer one is replaced as a whole.
const MOST_TOKENS: usize = 20_000;

/// How a language separates its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    BetweenSpaces,
    NotSeparated,
}

impl Words {
    /// Of a language, by its BCP 47 tag.
    pub fn of(locale: &str) -> Self {
        let language = locale.split('-').next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "ja" | "zh" | "th" | "lo" | "km" | "my" => Self::NotSeparated,
            _ => Self::BetweenSpaces,
        }
    }

    /// The units of which a text is compared. Together they are the text.
    fn tokens(self, text: &str) -> Vec<&str> {
        let mut tokens = Vec::new();
        let mut start = 0;
        let mut before = None;
        for (at, c) in text.char_indices() {
            if before.is_some_and(|before| self.is_boundary(before, c)) {
                tokens.push(&text[start..at]);
                start = at;
            }
            before = Some(c);
        }
        if start < text.len() {
            tokens.push(&text[start..]);
        }
        tokens
    }

    fn is_boundary(self, before: char, after: char) -> bool {
        match self {
            Self::BetweenSpaces => before.is_whitespace() || after.is_whitespace(),
            // Numbers and Latin words stay whole.
            Self::NotSeparated => {
                !(before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric())
            }
        }
    }
}

/// A replacement, and the unchanged text before it.
#[derive(Debug, Default)]
struct Edit {
    same: String,
    removed: String,
    added: String,
}

/// The difference between two versions of a passage.
pub fn compare(old: &str, new: &str, words: Words) -> ChangedText {
    let (old_text, new_text) = (old, new);
    let (old, new) = (words.tokens(old), words.tokens(new));
    if old.len().max(new.len()) > MOST_TOKENS {
        let (removed, added) = (old_text.to_owned(), new_text.to_owned());
        return vec![Piece::Removed(removed), Piece::Added(added)];
    }
    let mut input = InternedInput::default();
    input.update_before(old.iter().copied());
    input.update_after(new.iter().copied());
    let mut edits: Vec<Edit> = Vec::new();
    let mut at_old = 0;
    for hunk in Diff::compute(Algorithm::Myers, &input).hunks() {
        let [before, after] =
            [hunk.before, hunk.after].map(|it| it.start as usize..it.end as usize);
        let same = old[at_old..before.start].concat();
        at_old = before.end;
        push(&mut edits, Edit { same, removed: old[before].concat(), added: new[after].concat() });
    }
    let rest = old[at_old..].concat();
    let mut pieces = Vec::new();
    for Edit { same, removed, added } in edits {
        pieces.extend([Piece::Same(same), Piece::Removed(removed), Piece::Added(added)]);
    }
    pieces.push(Piece::Same(rest));
    pieces.retain(|piece| !piece.text().is_empty());
    pieces
}

/// Adds an edit, to the one before where only a few characters are between them: two readable changes
/// instead of many small ones.
fn push(edits: &mut Vec<Edit>, edit: Edit) {
    let length = |text: &str| text.chars().count();
    let longer = |edit: &Edit| length(&edit.removed).max(length(&edit.added));
    let between = length(&edit.same);
    match edits.last_mut() {
        Some(last)
            if between <= LONGEST_ABSORBED
                && between <= longer(last)
                && between <= longer(&edit) =>
        {
            for (text, more) in [(&mut last.removed, edit.removed), (&mut last.added, edit.added)] {
                text.push_str(&edit.same);
                text.push_str(&more);
            }
        }
        _ => edits.push(edit),
    }
}
