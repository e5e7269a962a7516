//! What all requests share.

use std::{path::Path, sync::Arc, time::Duration};

use tokio::sync::Mutex;

use crate::{provider::Provider, settings::Settings, store::Store};

/// How long the shop waits.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For an answer of the provider.
    pub provider: Duration,
    /// For the database's write lock.
    pub database: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { provider: Duration::from_secs(5), database: Duration::from_secs(5) }
    }
}

/// The shop. Clones share everything.
#[derive(Clone)]
pub struct App {
    pub settings: Arc<Settings>,
    pub store: Store,
    pub provider: Provider,
    /// Held while the provider is notified of an unlink, see [`crate::unlinking`].
    pub(crate) unlinking: Arc<Mutex<()>>,
}

impl App {
    /// Opens the shop.
    ///
    /// # Errors
    /// When the database or TLS cannot be used.
    pub async fn open(
        settings: Settings,
        folder: &Path,
        timeouts: Timeouts,
    ) -> anyhow::Result<Self> {
        let settings = Arc::new(settings);
        let store = Store::open(folder, timeouts.database).await?;
        if settings.demo_members {
            store.add_demo_members().await?;
        }
        let provider = Provider::new(Arc::clone(&settings), timeouts.provider)?;
        Ok(Self { settings, store, provider, unlinking: Arc::default() })
    }
}
