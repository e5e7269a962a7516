//! The end-to-end tests: one binary, one module per scenario.

mod start;
mod watch;
