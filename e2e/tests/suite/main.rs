//! The end-to-end tests: one binary, one module per scenario.

mod accessibility;
mod blocked;
mod no_wasm;
mod channels;
mod deploying;
mod faults;
mod foreign;
mod hostile;
mod in_app;
mod keyboard;
mod languages;
mod lifecycle;
mod missing_values;
mod once;
mod popup;
mod problems;
mod clickjacking;
mod sign_up;
mod start;
mod studio;
mod survives;
mod mounting;
mod texts;
mod unreadable;
mod watch;
