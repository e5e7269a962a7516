//! Whether this process can do its work: the database takes a write, and no one has asked it to
//! stop.

use std::{
    sync::{
        Arc, Mutex as StdMutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use crate::store::Store;

/// How long the result of one write stands for the next ones.
const VALID_FOR: Duration = Duration::from_secs(1);

/// What load balancers ask for.
#[derive(Debug, Default)]
pub struct Readiness {
    is_draining: AtomicBool,
    /// When the database was last written for this, and whether it could be.
    last: Arc<StdMutex<Option<(Instant, bool)>>>,
    /// Held by the one write there is at a time.
    turn: Arc<Mutex<()>>,
}

impl Readiness {
    /// From now on this process is not ready, so that no new requests are sent to it.
    pub fn start_draining(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    /// Whether the database takes a write. It is written at most once a second, however many ask,
    /// and however many of them leave before they have an answer.
    pub async fn can_write(&self, store: &Store) -> bool {
        if let Some(known) = known(&self.last) {
            return known;
        }
        let turn = Arc::clone(&self.turn).lock_owned().await;
        if let Some(known) = known(&self.last) {
            return known;
        }
        let (store, last) = (store.clone(), Arc::clone(&self.last));
        // A task of its own goes on when its caller has left; the turn ends with it.
        let probe = tokio::spawn(async move {
            let _turn = turn;
            let result = store.check_writable().await;
            if let Err(error) = &result {
                tracing::error!(%error, "not ready: the database cannot be written");
            }
            let now = Instant::now();
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, result.is_ok()));
            result.is_ok()
        });
        probe.await.unwrap_or(false)
    }
}

fn known(last: &StdMutex<Option<(Instant, bool)>>) -> Option<bool> {
    let last = *last.lock().unwrap_or_else(PoisonError::into_inner);
    last.filter(|(at, _)| at.elapsed() < VALID_FOR).map(|(_, can_write)| can_write)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::open;

    /// As soon as the last result is not valid any more.
    async fn can_write(store: &Store) -> bool {
        Readiness::default().can_write(store).await
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_written_is_not_ready() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        assert!(can_write(&store).await);

        store.on_the_writer("PRAGMA query_only = ON").await.unwrap();
        assert!(!can_write(&store).await);
        store.on_the_writer("PRAGMA query_only = OFF").await.unwrap();
        assert!(can_write(&store).await);

        // No page more than there are, and none of those free.
        store.on_the_writer("PRAGMA max_page_count = 1").await.unwrap();
        let fill = "INSERT INTO documents (service, tag, version, locale, digest, title,
                        effective_from, blocks)
                    VALUES ('s', 't', hex(randomblob(16)), 'ko', '', '', '', hex(zeroblob(1500)))";
        while store.on_the_writer(fill).await.is_ok() {}
        assert!(!can_write(&store).await);
        // And ready as soon as there is room: a transaction that SQLite itself has rolled back leaves
        // no connection behind that fails from then on. The new one has no limit.
        assert!(can_write(&store).await);

        store.close().await;
        assert!(!can_write(&store).await);
    }

    #[tokio::test]
    async fn a_result_stands_for_a_second_and_no_longer() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let readiness = Readiness::default();
        assert!(readiness.can_write(&store).await);
        store.on_the_writer("PRAGMA query_only = ON").await.unwrap();
        assert!(readiness.can_write(&store).await);
        tokio::time::sleep(VALID_FOR).await;
        assert!(!readiness.can_write(&store).await);
        store.on_the_writer("PRAGMA query_only = OFF").await.unwrap();
        tokio::time::sleep(VALID_FOR).await;
        assert!(readiness.can_write(&store).await);
    }

    #[tokio::test]
    async fn callers_that_leave_share_one_write_all_the_same() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        store.on_the_writer("CREATE TABLE probes (number INTEGER)").await.unwrap();
        store
            .on_the_writer(
                "CREATE TRIGGER count_probes AFTER INSERT ON readiness_probe
                 BEGIN INSERT INTO probes VALUES (1); END",
            )
            .await
            .unwrap();
        let readiness = Readiness::default();
        for _ in 0..20 {
            // It is polled once, and leaves.
            let _ = tokio::time::timeout(Duration::ZERO, readiness.can_write(&store)).await;
        }
        assert!(readiness.can_write(&store).await);
        assert_eq!(store.count("SELECT count(*) FROM probes").await, 1);
    }
}
