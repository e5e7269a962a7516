//! `consent-shop`: serves the shop.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use clap::Parser;
use consent_shop::{App, app::Timeouts, http, settings::Settings};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// A shop whose members sign up through the consent screen.
#[derive(Parser)]
struct Options {
    /// The settings, see shop/settings/demo.toml.
    #[arg(long)]
    settings: PathBuf,
    /// Where the shop listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Where the database is.
    #[arg(long, default_value = "shop-data")]
    data_dir: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let options = Options::parse();
    let settings = Settings::read(&options.settings)?;
    let app = App::open(settings, &options.data_dir, Timeouts::default()).await?;
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    let address = listener.local_addr()?;
    let tidying = tokio::spawn(app.clone().keep_tidy());
    println!("listening on http://{address}");
    axum::serve(listener, http::router(app.clone())).with_graceful_shutdown(stopped()).await?;
    tidying.abort();
    app.store.close().await;
    Ok(())
}

/// Ends when the program is asked to stop.
async fn stopped() {
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    #[cfg(unix)]
    let terminated = async {
        let signal = tokio::signal::unix::SignalKind::terminate();
        match tokio::signal::unix::signal(signal) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
