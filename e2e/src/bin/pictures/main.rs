//! Photographs the screen's main states, some cases and the demo's shop, or one case; or compares every
//! fixture with its accepted picture.

mod accepted;
mod camera;
mod case;
mod shop;
mod studio;
mod tour;

use anyhow::{Context, Result};
use clap::Parser;
use std::path::PathBuf;

#[derive(Parser)]
struct Arguments {
    /// The directory to write into
    #[arg(long, value_name = "DIR", required_unless_present_any = ["check", "accept"])]
    out: Option<PathBuf>,
    /// A case of the studio, by its name or as a file, in the place of the main states
    #[arg(long, value_name = "NAME_OR_FILE")]
    case: Option<String>,
    /// The demo's shop alone
    #[arg(long)]
    shop: bool,
    /// The studio and the fixtures of the documents alone
    #[arg(long)]
    studio: bool,
    /// Compare every fixture with its accepted picture
    #[arg(long)]
    check: bool,
    /// Accept how every fixture looks
    #[arg(long)]
    accept: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { out, case, shop, studio, check, accept } = Arguments::parse();
    let Some(out) = out else { return accepted::compare(accept && !check).await };
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    match case {
        Some(case) => case::take(&[&case], &out).await,
        None if shop => shop::take(&out).await,
        None => {
            if !studio {
                tour::take(&out).await?;
                shop::take(&out).await?;
            }
            case::take(&case::OF_THE_DOCS, &out).await?;
            studio::take(&out).await
        }
    }
}
