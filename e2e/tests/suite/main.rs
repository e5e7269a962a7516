//! The end-to-end tests: one binary, one module per scenario.

mod accessibility;
mod blocked;
mod channels;
mod clickjacking;
mod deploying;
mod faults;
mod foreign;
mod hostile;
mod in_app;
mod keyboard;
mod languages;
mod lifecycle;
mod missing_values;
mod mounting;
mod no_wasm;
mod once;
mod popup;
mod problems;
mod save_data;
mod sign_up;
mod start;
mod studio;
mod survives;
mod texts;
mod unreadable;
mod watch;
