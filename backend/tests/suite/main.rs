//! The backend as its neighbours see it: driven over HTTP, in process, on a database on disk.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod age;
mod authorize;
mod auto_login;
mod bodies;
mod browser;
mod channels;
mod codes;
mod configuration;
mod confirm;
mod connections;
mod consent_page;
mod data_files;
mod database;
mod decisions;
mod demo;
mod documentation;
mod edits;
mod form;
mod forms;
mod guards;
mod headers;
mod hostile_text;
mod hosts;
mod languages;
mod migrations;
mod problems;
mod process;
mod protocols;
mod queries;
mod rate_limits;
mod refused;
mod screen;
mod seeds;
mod services_reference;
mod shop;
mod sign_in;
mod sign_up;
mod studio;
mod texts;
mod tokens;
mod typed;
mod typed_values;
mod upkeep;
mod warnings;
