//! Notifies the provider of users who left here.
//!
//! The database has a row for each unlink that is due; it is written in the
//! transaction that erases the member. So a provider that is down keeps no one from leaving. A user who
//! comes back before that is unlinked first, and then signs up like anyone else.

use std::time::Duration;

use crate::{
    App, clock,
    provider::{Provider, ProviderError},
    store::StoreError,
};

/// How often the shop looks for what is due.
const PAUSE: Duration = Duration::from_secs(5);

/// What became of an unlink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlinked {
    /// Nothing was due.
    NotDue,
    Done,
    /// The provider did not answer; it will be notified later.
    Later,
}

impl App {
    /// Unlinks a user at the provider, if that is due.
    ///
    /// One at a time: a call that is under way must not end a link that the user has made since.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn unlink_if_due(
        &self,
        provider: &Provider,
        sub: &str,
    ) -> Result<Unlinked, StoreError> {
        let _one_at_a_time = self.unlinking.lock().await;
        if !self.store.is_unlink_due(sub).await? {
            return Ok(Unlinked::NotDue);
        }
        match provider.unlink(sub).await {
            Ok(()) => {
                self.store.unlink_done(sub).await?;
                Ok(Unlinked::Done)
            }
            Err(error) => {
                log(&error);
                self.store.unlink_later(sub, clock::now()).await?;
                Ok(Unlinked::Later)
            }
        }
    }

    /// Sends every unlink that is due, and stops sign-ups that stood still for too long, or
    /// that failed on the way.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn tidy(&self, now: i64) -> Result<(), StoreError> {
        self.store.stop_expired(now).await?;
        self.store.give_up_arriving(now).await?;
        for sub in self.store.due_unlinks(now).await? {
            self.unlink_if_due(&self.provider, &sub).await?;
        }
        self.store.clean_up(now).await
    }

    /// Does so until the program ends.
    pub async fn keep_tidy(self) {
        loop {
            tokio::time::sleep(PAUSE).await;
            if let Err(error) = self.tidy(clock::now()).await {
                tracing::warn!("tidying up failed: {error}");
            }
        }
    }
}

fn log(error: &ProviderError) {
    tracing::warn!("a user could not be unlinked: {error}");
}
