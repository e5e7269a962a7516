//! Numbers in the log of a backend, which measures some things itself.

use anyhow::{Context, Result};

/// The number after a name: 100 for `rows=` in `… rows=100 microseconds=3000`.
///
/// # Errors
/// When the line has no such name, or no number after it.
pub fn number(line: &str, name: &str) -> Result<u64> {
    let (_, value) = line.split_once(name).with_context(|| format!("no {name} in {line}"))?;
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    Ok(value[..end].parse()?)
}
