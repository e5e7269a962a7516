//! `consent-backend explain`: why an account meets a screen at a service, or none.

use std::path::PathBuf;

use clap::Args;
use consent_backend::{
    Location,
    clock::Clock,
    explain::{Question, Unexplained, explain},
};

use super::{catalog, failed, location, open};

#[derive(Args)]
pub struct Explain {
    /// The id of the account. It counts as signed in.
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// The client id of the service, also of one that the admin API has made.
    #[arg(value_name = "SERVICE")]
    service: String,
    /// `scope` of the service's request.
    #[arg(long, value_name = "SCOPES", default_value = "")]
    scope: String,
    /// `service_terms` of the request.
    #[arg(long, value_name = "TAGS", default_value = "")]
    terms: String,
    /// `channel_public_id` of the request.
    #[arg(long, value_name = "IDS", default_value = "")]
    channels: String,
    /// As JSON instead of lines of text.
    #[arg(long)]
    json: bool,
    /// Where the database is; by default where a server has it.
    #[arg(long, visible_alias = "database-url", value_name = "DIR|URL")]
    data_dir: Option<Location>,
    /// The server's services file.
    #[arg(long, value_name = "FILE", required_unless_present = "demo")]
    services: Option<PathBuf>,
    /// The demo's services and database.
    #[arg(long, conflicts_with = "services")]
    demo: bool,
}

/// Explains and returns what to print, and the exit status: 1 for an unknown account or service.
///
/// # Errors
/// When the configuration or the database cannot be used.
pub async fn run(arguments: Explain) -> Result<(String, u8), String> {
    let store = open(&location(arguments.data_dir, arguments.demo)?).await?;
    let catalog = match &arguments.services {
        Some(path) => catalog(path)?,
        None => consent_backend::demo_catalog(store.receipt_issuer()),
    };
    let clock = Clock::default();
    let store = store.with_configuration(&catalog, &clock).await.map_err(failed)?;
    let question = Question {
        account: arguments.account,
        service: arguments.service,
        scope: arguments.scope,
        service_terms: arguments.terms,
        channel_public_id: arguments.channels,
    };
    let explained = explain(&store, &catalog, &question, clock.now()).await;
    store.close().await;
    match explained {
        Ok(explanation) if arguments.json => {
            let json = serde_json::to_string_pretty(&explanation).map_err(failed)?;
            Ok((format!("{json}\n"), 0))
        }
        Ok(explanation) => Ok((explanation.text(), 0)),
        Err(error @ Unexplained::Database(_)) => Err(error.to_string()),
        Err(error) => Ok((format!("{error}\n"), 1)),
    }
}
