//! Everything that the shop asks the provider: OpenID Connect for the sign-in, the API for the rest.
//!
//! Nothing here knows whether the provider is the real platform: its addresses come from the settings.

pub mod api;
pub mod error;
pub mod events;
mod http_client;
pub mod oidc;

use std::{sync::Arc, time::Duration};

use tokio::sync::RwLock;

pub use error::ProviderError;
use http_client::HttpClient;
use oidc::Discovered;

use crate::{recorder::Recorder, settings::Settings};

/// The provider, as this shop's app sees it.
#[derive(Clone)]
pub struct Provider {
    settings: Arc<Settings>,
    http: HttpClient,
    discovered: Arc<RwLock<Option<Arc<Discovered>>>>,
}

impl Provider {
    /// Calls that take longer than `timeout` fail.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: Arc<Settings>, timeout: Duration) -> Result<Self, reqwest::Error> {
        Ok(Self { settings, http: HttpClient::new(timeout)?, discovered: Arc::default() })
    }

    /// The provider for one page: what it is asked is recorded there.
    #[must_use]
    pub fn recorded_by(&self, recorder: &Recorder) -> Self {
        Self { http: self.http.recorded_by(recorder), ..self.clone() }
    }
}
