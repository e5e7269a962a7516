//! The end-to-end tests: one binary, one module per scenario.

mod sign_up;
mod start;
mod watch;
