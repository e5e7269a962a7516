//! What is about PostgreSQL alone. The other tests run on it with `CONSENT_TEST_DATABASE=postgres`.

#![cfg(unix)]

mod backup;
pub mod cluster;
mod failover;
mod limits;
mod paused;
mod protected;
mod retries;
pub mod schema;
mod statements;
mod transfer;
pub mod trouble;
