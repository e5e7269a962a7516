//! Where things are in the checkout.

use std::path::PathBuf;

/// The root of the checkout that is being worked on.
///
/// Cargo tells at run time: the path that was compiled in would be that of another clone when
/// two clones share one target directory.
pub fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().expect("xtask is a directory of the checkout").to_owned()
}
