//! Undo and redo over snapshots.

use serde::{Deserialize, Serialize};

/// The most steps that can be undone.
const MOST: usize = 200;

/// A state, what it was, and what it was going to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History<T> {
    past: Vec<T>,
    now: T,
    future: Vec<T>,
    /// What the newest step changed: typing on in the same field is the same step.
    field: Option<String>,
}

impl<T: PartialEq> History<T> {
    /// A state without a past.
    #[must_use]
    pub fn new(now: T) -> Self {
        Self { past: Vec::new(), now, future: Vec::new(), field: None }
    }

    #[must_use]
    pub fn now(&self) -> &T {
        &self.now
    }

    /// The next state. `field`: what was changed, where one step after the other is one to a person.
    pub fn change(&mut self, next: T, field: Option<&str>) {
        if next == self.now {
            return;
        }
        let before = std::mem::replace(&mut self.now, next);
        let same = field.is_some() && self.field.as_deref() == field && !self.past.is_empty();
        if !same {
            self.past.push(before);
            if self.past.len() > MOST {
                self.past.remove(0);
            }
        }
        self.field = field.map(str::to_owned);
        self.future.clear();
    }

    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    pub fn undo(&mut self) {
        if let Some(before) = self.past.pop() {
            self.future.push(std::mem::replace(&mut self.now, before));
            self.field = None;
        }
    }

    pub fn redo(&mut self) {
        if let Some(after) = self.future.pop() {
            self.past.push(std::mem::replace(&mut self.now, after));
            self.field = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_can_be_undone_and_done_again() {
        let mut history = History::new(0);
        assert!(!history.can_undo() && !history.can_redo());
        history.change(1, None);
        history.change(2, None);
        history.undo();
        assert_eq!((*history.now(), history.can_redo()), (1, true));
        history.redo();
        assert_eq!(*history.now(), 2);
        history.undo();
        history.change(3, None);
        assert!(!history.can_redo(), "another way was taken");
        history.undo();
        history.undo();
        history.undo();
        assert_eq!(*history.now(), 0, "nothing was before the beginning");
    }

    #[test]
    fn typing_on_in_one_field_is_one_step() {
        let mut history = History::new("");
        history.change("a", Some("/title"));
        history.change("ab", Some("/title"));
        history.change("ab!", Some("/about"));
        history.undo();
        assert_eq!(*history.now(), "ab");
        history.undo();
        assert_eq!(*history.now(), "");
        history.redo();
        history.change("abc", Some("/title"));
        history.undo();
        assert_eq!(*history.now(), "ab", "what was redone is not typed over");
    }

    #[test]
    fn no_change_is_no_step_and_the_oldest_is_forgotten() {
        let mut history = History::new(0);
        history.change(0, None);
        assert!(!history.can_undo());
        (1..=300).for_each(|it| history.change(it, None));
        (0..300).for_each(|_| history.undo());
        assert_eq!(*history.now(), 100);
    }
}
