//! Who is compared: the same backend with different built screens.

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

/// Our screen, rendered by the server.
pub const SERVER_RENDERED: &str = "server-rendered";
/// Our screen, as any static host would serve it.
pub const STATIC: &str = "static-spa";
/// The server-rendered form without any script: nothing can be usable earlier.
pub const LIMIT: &str = "html-form";
/// The same screen, written with something else.
pub const PEERS: [&str; 4] = ["react", "preact", "svelte", "solid"];
/// The peer that our screen is to be ahead of even as a static page.
pub const ROUTER: &str = "react";

/// One of them.
#[derive(Debug, Clone)]
pub struct Contender {
    pub name: &'static str,
    /// Its built screen.
    pub dist: PathBuf,
}

impl Contender {
    /// Those whose screens are in this directory, in the order of the report.
    ///
    /// # Errors
    /// When one is missing.
    pub fn all(directory: &Path) -> Result<Vec<Self>> {
        let names = [SERVER_RENDERED, STATIC, LIMIT].into_iter().chain(PEERS);
        let find = |name| {
            let dist = directory.join(name);
            ensure!(dist.join("index.html").is_file(), "there is no {}", dist.display());
            let dist = dist.canonicalize().context("a directory that is there")?;
            Ok(Self { name, dist })
        };
        names.map(find).collect()
    }

    /// Whether an app replaces a server-rendered or waiting page, and reports it.
    #[must_use]
    pub fn mounts(&self) -> bool {
        matches!(self.name, SERVER_RENDERED | STATIC)
    }
}
