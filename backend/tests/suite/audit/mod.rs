//! The audit log. Every server of the suite has one, whose lines are checked when the test ends: nothing
//! that any test sends may be in one.

mod commands;
mod events;
mod lines;
mod personal;
mod process;

pub use lines::{AuditWatch, log_in, read};
