//! What is wrong with a configuration, and where.

use std::{cell::RefCell, collections::HashSet, fmt, rc::Rc};

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
pub struct Faults(Rc<RefCell<Found>>);

#[derive(Default)]
struct Found {
    /// With the key that explains them when it was misspelt.
    faults: Vec<(usize, String, Option<&'static str>)>,
    misspelt: HashSet<&'static str>,
}

impl Faults {
    pub fn add(&self, at: usize, reason: impl Into<String>) {
        self.0.borrow_mut().faults.push((at, reason.into(), None));
    }

    /// Adds what follows from the absence of a key, or of something below it. It is no fault when
    /// the key is there under a misspelt name: see [`Self::add_misspelt`].
    pub fn add_unless_misspelt(&self, key: &'static str, at: usize, reason: impl Into<String>) {
        self.0.borrow_mut().faults.push((at, reason.into(), Some(key)));
    }

    /// Remembers that a key is written, but under a name with a mistake in it. The unknown name is
    /// the fault, and what follows from the key's absence is none.
    pub fn add_misspelt(&self, key: &'static str) {
        self.0.borrow_mut().misspelt.insert(key);
    }

    /// Whether one of these keys was misspelt anywhere.
    pub fn is_misspelt(&self, keys: &[&str]) -> bool {
        let found = self.0.borrow();
        keys.iter().any(|key| found.misspelt.contains(key))
    }

    /// Every fault with its byte offset, in the order of the file.
    pub fn by_offset(&self) -> Vec<(usize, String)> {
        let found = self.0.borrow();
        let is_explained = |key: &Option<&str>| key.is_some_and(|it| found.misspelt.contains(it));
        let faults = found.faults.iter().filter(|(_, _, key)| !is_explained(key));
        let mut faults: Vec<_> = faults.map(|(at, reason, _)| (*at, reason.clone())).collect();
        faults.sort();
        faults.dedup();
        faults
    }

    /// Every fault with its line, in the order of the file.
    pub fn placed(&self, file: &str, source: &str) -> Vec<Fault> {
        let faults = self.by_offset().into_iter();
        faults.map(|(at, reason)| place(file, source, at, reason)).collect()
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
