//! The end-to-end tests: one binary, one module per scenario.

mod accessibility;
mod blocked;
mod by_hand;
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
mod redress;
mod sign_up;
mod start;
mod studio;
mod survives;
mod taken_over;
mod texts;
mod unreadable;
mod watch;
