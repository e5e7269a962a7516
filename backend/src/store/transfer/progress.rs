//! How far a copy is.

/// What a copy does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'s> {
    /// So many rows of a table are copied.
    Rows { table: &'s str, done: u64, of: u64 },
    /// The receipts of the copy are verified.
    Verifying,
}

/// Called again and again while a database is copied.
pub type Report<'r> = &'r (dyn Fn(Step<'_>) + Send + Sync);
