//! What is about PostgreSQL alone. The other tests run on it with `CONSENT_TEST_DATABASE=postgres`.

#![cfg(unix)]

pub mod cluster;
mod limits;
mod schema;
mod statements;
mod trouble;
