//! Named drafts, which only an edit writes: to look at something else never replaces one.
//!
//! Pure: the browser's storage is a [`Shelf`]. Each draft has a key of its own there, so that two tabs do
//! not overwrite each other's list. What the shelf refuses is kept in memory, and marked.

use serde::{Deserialize, Serialize};

use crate::{
    language::{t, tf},
    share::{self, DecodeError},
    source::Source,
    state::{PreviewState, Selection, StudioState, View},
    store::Snapshot,
};

/// The prefix of the key of every draft.
const PREFIX: &str = "consent-studio:draft:";

/// Where drafts are kept: strings by key.
pub trait Shelf {
    /// Every entry whose key has the prefix. None if the shelf cannot be read.
    fn entries(&self, prefix: &str) -> Option<Vec<(String, String)>>;
    /// The value of a key.
    fn get(&self, key: &str) -> Option<String>;
    /// False if the value could not be written, for example because the shelf is full or forbidden.
    fn put(&self, key: &str, value: &str) -> bool;
    /// Removes a key.
    fn remove(&self, key: &str);
}

/// A draft.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedDraft {
    pub id: String,
    pub name: String,
    /// The fixture of the gallery that it began as, or [`crate::address::CUSTOM`].
    pub fixture: String,
    /// When it was last changed, in milliseconds since 1970.
    pub changed_at: u64,
    /// The edited data, as [`code`] writes it.
    pub code: String,
    /// The file that it came from, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Whether the shelf has it.
    #[serde(skip)]
    pub is_kept: bool,
}

impl SavedDraft {
    /// The edited data.
    ///
    /// # Errors
    /// As [`share::decode`].
    pub fn snapshot(&self) -> Result<Snapshot, DecodeError> {
        let PreviewState { fixture, theme, .. } = share::decode::<PreviewState>(&self.code)?;
        let fixture = fixture.fixture().ok_or(DecodeError::NotAState)?;
        Ok(Snapshot::of(&fixture, theme))
    }

    /// What the studio shows of it, in a view.
    ///
    /// # Errors
    /// As [`share::decode`].
    pub fn state(&self, view: View) -> Result<StudioState, DecodeError> {
        let preview = share::decode::<PreviewState>(&self.code)?;
        Ok(PreviewState { view, ..preview }.into())
    }

    fn key(&self) -> String {
        format!("{PREFIX}{}", self.id)
    }
}

/// Edited data as a code, whole: a name in the gallery could mean something else tomorrow. None if it is
/// no valid fixture.
#[must_use]
pub fn code(snapshot: &Snapshot) -> Option<String> {
    let fixture = Box::new(snapshot.parsed()?);
    let (view, theme) = (View::default(), snapshot.theme.clone());
    Some(share::encode(&PreviewState { fixture: Selection::Custom(fixture), view, theme }))
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Kept,
    /// The shelf refused it. It is in memory.
    NotKept,
    /// The draft was changed or deleted elsewhere since it was read: nothing is written.
    ChangedElsewhere,
}

/// The drafts of this browser, the latest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drafts {
    list: Vec<SavedDraft>,
}

impl Drafts {
    #[must_use]
    pub fn all(&self) -> &[SavedDraft] {
        &self.list
    }

    #[must_use]
    pub fn find(&self, id: &str) -> Option<&SavedDraft> {
        self.list.iter().find(|it| it.id == id)
    }

    /// Reads the shelf again: other tabs write to it, too. Drafts that it refused stay.
    pub fn refresh(&mut self, shelf: &impl Shelf) {
        let Some(entries) = shelf.entries(PREFIX) else { return };
        let read = entries.into_iter().filter_map(|(key, json)| {
            // An entry that cannot be read stays on the shelf.
            let draft: SavedDraft = serde_json::from_str(&json).ok()?;
            (draft.key() == key).then_some(SavedDraft { is_kept: true, ..draft })
        });
        let mut list: Vec<_> = read.collect();
        for draft in self.list.drain(..).filter(|it| !it.is_kept) {
            list.retain(|it| it.id != draft.id);
            list.push(draft);
        }
        self.list = list;
        self.sort();
    }

    /// A name that no draft has: the wanted one, or with a number.
    #[must_use]
    pub fn unused_name(&self, wanted: &str) -> String {
        let wanted = if wanted.trim().is_empty() { t("Draft") } else { wanted.trim() };
        let is_taken = |name: &str| self.list.iter().any(|it| it.name == name);
        let numbered = (2..).map(|number| format!("{wanted} {number}"));
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        names.find(|name| !is_taken(name)).expect("there are more names than drafts")
    }

    /// Adds a draft, or puts back a deleted one. Returns whether the shelf has it.
    pub fn add(&mut self, shelf: &impl Shelf, draft: SavedDraft) -> bool {
        self.list.retain(|it| it.id != draft.id);
        let is_kept = write(shelf, &draft);
        self.list.push(SavedDraft { is_kept, ..draft });
        self.sort();
        is_kept
    }

    /// Changes the data of a draft from what was `read`.
    pub fn change(
        &mut self,
        shelf: &impl Shelf,
        id: &str,
        read: &str,
        code: String,
        now: u64,
    ) -> Outcome {
        let Some(draft) = self.list.iter_mut().find(|it| it.id == id) else {
            return Outcome::ChangedElsewhere;
        };
        if draft.is_kept {
            let stored = shelf.get(&draft.key());
            let stored = stored.and_then(|it| serde_json::from_str::<SavedDraft>(&it).ok());
            match stored {
                // A name given elsewhere stays.
                Some(stored) if stored.code == read => draft.name = stored.name,
                _ => return Outcome::ChangedElsewhere,
            }
        }
        (draft.code, draft.changed_at) = (code, now);
        draft.is_kept = write(shelf, draft);
        let outcome = if draft.is_kept { Outcome::Kept } else { Outcome::NotKept };
        self.sort();
        outcome
    }

    /// Renames a draft. An empty name is none, and changes nothing.
    pub fn rename(&mut self, shelf: &impl Shelf, id: &str, name: &str) {
        let name = name.trim();
        if name.is_empty() || self.find(id).is_none_or(|it| it.name == name) {
            return;
        }
        let name = self.unused_name(name);
        if let Some(draft) = self.list.iter_mut().find(|it| it.id == id) {
            draft.name = name;
            draft.is_kept = write(shelf, draft);
        }
    }

    /// A copy of a draft under another id and name. Returns its name.
    pub fn duplicate(
        &mut self,
        shelf: &impl Shelf,
        id: &str,
        new_id: String,
        now: u64,
    ) -> Option<String> {
        let draft = self.find(id)?.clone();
        let name = self.unused_name(&tf("{name}, copy", &[("name", &draft.name)]));
        self.add(shelf, SavedDraft { id: new_id, name: name.clone(), changed_at: now, ..draft });
        Some(name)
    }

    /// Deletes a draft, and returns it for an undo.
    pub fn delete(&mut self, shelf: &impl Shelf, id: &str) -> Option<SavedDraft> {
        let at = self.list.iter().position(|it| it.id == id)?;
        let draft = self.list.remove(at);
        shelf.remove(&draft.key());
        Some(draft)
    }

    fn sort(&mut self) {
        self.list.sort_by(|a, b| b.changed_at.cmp(&a.changed_at).then_with(|| a.id.cmp(&b.id)));
    }
}

fn write(shelf: &impl Shelf, draft: &SavedDraft) -> bool {
    serde_json::to_string(draft).is_ok_and(|json| shelf.put(&draft.key(), &json))
}

#[cfg(test)]
mod tests;
