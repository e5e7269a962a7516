//! Servers of two versions on one database, as in a rolling update: the last release, whose migrations
//! and statements are in `last_release.json`, and this tree.
//!
//! No program of the last release is at hand. So its statements stand for it: what they need of the
//! schema must still be there after the migrations of this tree, on both engines.

#![cfg(unix)]

mod database;
mod destructive;
mod faults;
mod processes;
pub mod release;
mod values;

use database::Engine;
use release::last_release;

/// The statements of the last release go on with the schema of this tree.
#[tokio::test]
async fn the_last_release_goes_on_beside_this_tree() {
    let release = last_release();
    for engine in Engine::installed() {
        let faults = faults::of(engine, "rolling_tree", &release, &engine.migrations(), "").await;
        assert_eq!(faults, [""; 0], "{engine:?}: see \"Rolling update\" in docs/DEPLOYING.md");
    }
}
