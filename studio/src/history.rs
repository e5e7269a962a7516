//! Undo and redo over snapshots.

use serde::{Deserialize, Serialize};

/// The maximum number of steps.
const MAX_STEPS: usize = 200;

/// A state with its undo and redo steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History<T> {
    past: Vec<T>,
    now: T,
    future: Vec<T>,
    /// The field of the latest step: consecutive changes of a field are one step.
    field: Option<String>,
}

impl<T: PartialEq> History<T> {
    /// A state without steps.
    #[must_use]
    pub fn new(now: T) -> Self {
        Self { past: Vec::new(), now, future: Vec::new(), field: None }
    }

    #[must_use]
    pub fn now(&self) -> &T {
        &self.now
    }

    /// Adds a step. Consecutive changes of the same `field` are one step.
    pub fn change(&mut self, next: T, field: Option<&str>) {
        if next == self.now {
            return;
        }
        let before = std::mem::replace(&mut self.now, next);
        let same = field.is_some() && self.field.as_deref() == field && !self.past.is_empty();
        if !same {
            self.past.push(before);
            if self.past.len() > MAX_STEPS {
                self.past.remove(0);
            }
        }
        self.field = field.map(str::to_owned);
        self.future.clear();
    }

    /// Ends the step: the next change of the same field is one of its own.
    pub fn end_step(&mut self) {
        self.field = None;
    }

    /// Forgets the older half of the steps, then those to redo. False if there are none.
    pub fn forget_some(&mut self) -> bool {
        if self.past.is_empty() {
            return !std::mem::take(&mut self.future).is_empty();
        }
        self.past.drain(..self.past.len().div_ceil(2));
        true
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
    fn steps_can_be_undone_and_redone() {
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
        assert!(!history.can_redo(), "a change discards the steps to redo");
        history.undo();
        history.undo();
        history.undo();
        assert_eq!(*history.now(), 0, "the first state has no undo");
    }

    #[test]
    fn the_oldest_steps_are_forgotten_first() {
        let mut history = History::new(0);
        (1..=4).for_each(|it| history.change(it, None));
        history.undo();
        assert!(history.forget_some());
        history.undo();
        assert_eq!((*history.now(), history.can_undo()), (2, false));
        assert!(history.forget_some() && !history.can_redo() && !history.forget_some());
        assert_eq!(*history.now(), 2);
    }

    #[test]
    fn typing_in_one_field_is_one_step() {
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
        assert_eq!(*history.now(), "ab", "a redone step is not merged");
        history.change("abd", Some("/title"));
        history.end_step();
        history.change("abd and pasted", Some("/title"));
        history.undo();
        assert_eq!(*history.now(), "abd", "what was pasted is a step of its own");
    }

    #[test]
    fn an_unchanged_state_is_no_step_and_the_oldest_step_is_dropped() {
        let mut history = History::new(0);
        history.change(0, None);
        assert!(!history.can_undo());
        (1..=300).for_each(|it| history.change(it, None));
        (0..300).for_each(|_| history.undo());
        assert_eq!(*history.now(), 100);
    }
}
