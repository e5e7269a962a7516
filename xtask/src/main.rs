//! `cargo xtask`: the only automation of this repository.

mod css;
mod precompress;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Join the style sheets into the one file that index.html links (Trunk's pre_build hook)
    Css,
    /// Write a brotli and a gzip sibling of every bundled text file (Trunk's post_build hook)
    Precompress,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Css => css::write(),
        Command::Precompress => precompress::staged(),
    }
}
