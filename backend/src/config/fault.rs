//! What is wrong with a configuration, and where.

use std::{cell::RefCell, fmt, rc::Rc};

/// One thing that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.reason)
    }
}

/// Faults as they are found, by byte offset.
#[derive(Clone, Default)]
pub struct Faults(Rc<RefCell<Vec<(usize, String)>>>);

impl Faults {
    pub fn add(&self, at: usize, reason: impl Into<String>) {
        self.0.borrow_mut().push((at, reason.into()));
    }

    /// Every fault with its line, in the order of the file.
    pub fn placed(&self, file: &str, source: &str) -> Vec<Fault> {
        let mut found = self.0.borrow().clone();
        found.sort();
        found.dedup();
        found.into_iter().map(|(at, reason)| place(file, source, at, reason)).collect()
    }
}

/// A fault at a byte offset of a file.
pub fn place(file: &str, source: &str, at: usize, reason: String) -> Fault {
    let before = source.get(..at).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Fault {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        reason,
    }
}
