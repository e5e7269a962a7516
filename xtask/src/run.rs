//! `cargo xtask run`: from a fresh clone to a page in the browser.

pub mod servers;
mod shops;

use crate::workspace::{self, Profile};
use crate::{bundle, process};
use anyhow::Result;
use clap::Args;
use servers::Servers;
use shops::Shop;
use std::path::PathBuf;

/// How the demo is started.
#[derive(Args)]
pub struct Options {
    /// Port of 127.0.0.1 to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The same for the partner shop
    #[arg(long, value_name = "PORT", default_value_t = 8090)]
    shop_port: u16,
    /// The same for the shop's test app
    #[arg(long, value_name = "PORT", default_value_t = 8091)]
    test_shop_port: u16,
    /// Where the servers keep their databases [default: the user's data directory]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
}

/// Installs missing tools, builds, starts the backend with its demo and the two shops, and waits until
/// they end.
///
/// # Errors
/// When a port is taken, something does not build, or a server fails.
pub fn run(options: &Options) -> Result<()> {
    // Checked before anything that takes minutes. The backend's port is free again at once: it takes it
    // itself.
    drop(shops::listen(options.port, "--port")?);
    let shop = Shop::live(options.shop_port)?;
    let test_app = Shop::test_app(options.test_shop_port)?;
    bundle::demo()?;

    // The servers run in the checkout's root, and the path was typed elsewhere.
    let data = match &options.data_dir {
        Some(directory) => std::path::absolute(directory)?,
        None => workspace::demo_data()?,
    };
    let mut servers = Servers::new()?;
    let mut backend = process::program(workspace::backend(Profile::Debug)?)?;
    backend.args(["--demo", "--listen", &format!("127.0.0.1:{}", options.port), "--dist"]);
    backend.arg(workspace::dist()).arg("--studio").arg(workspace::studio());
    backend.arg("--data-dir").arg(&data);
    backend.args(["--demo-shop", &shop.origin()?, "--demo-test-shop", &test_app.origin()?]);
    let issuer = servers.start("the backend", backend)?;
    // They ask the backend for its addresses and keys.
    let mut at = Vec::new();
    for shop in [shop, test_app] {
        let name = shop.name;
        at.push(servers.start(name, shop.command(&data, &issuer)?)?);
    }
    announce(&issuer, &at, !options.no_open);
    servers.wait()
}

/// Prints the addresses, and opens the demo.
fn announce(issuer: &str, shops: &[String], open: bool) {
    let demo = format!("{issuer}/demo");
    println!("\nThe demo is at {demo}");
    for (what, origin) in ["The shop", "Its test app"].iter().zip(shops) {
        println!("{what} is at {origin}/");
    }
    println!("The preview studio is at {issuer}/studio/");
    println!("The API is described at {issuer}/api/v1/openapi.json");
    println!("Stop it with Ctrl-C.\n");
    if open && has_display() && open::that_detached(&demo).is_err() {
        println!("No browser could be opened: open {demo} yourself.");
    }
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
