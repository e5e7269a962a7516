//! The demo's partner shop with the platform: what the FAQ asks of a service, and bad days.
//!
//! docs/PARTNER-GUIDE.md names the test of each row.

mod accessible;
mod developers;
mod elsewhere;
mod leaving;
mod member_of_before;
mod messenger;
mod missing_value;
mod optional;
mod provider;
mod terms;
mod test_app;
mod visitor;
mod ways_in;
mod webhooks;
