//! Syncs of the write-ahead log, shared by the writes that wait for one.

use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Mutex;

use super::files;

/// The write-ahead log of a database.
#[derive(Debug)]
pub(super) struct WalSync {
    path: PathBuf,
    sync: fn(&Path) -> io::Result<()>,
    /// How many writes have asked for a sync.
    asked: AtomicU64,
    /// Up to which of them the log is on the disk; none once a sync has failed.
    synced: Arc<Mutex<Option<u64>>>,
}

impl WalSync {
    /// Of the database in a directory.
    pub fn new(folder: &Path) -> Self {
        let mut path = files::database(folder).into_os_string();
        path.push("-wal");
        // A sync of a file that is only read fails on some systems.
        Self::with(path.into(), |path| OpenOptions::new().write(true).open(path)?.sync_data())
    }

    fn with(path: PathBuf, sync: fn(&Path) -> io::Result<()>) -> Self {
        Self { path, sync, asked: AtomicU64::new(0), synced: Arc::new(Mutex::new(Some(0))) }
    }

    /// Returns once everything that was committed before the call is on the disk. Calls at the same time
    /// share a sync: the disk is slower than all the rest of a write.
    ///
    /// # Errors
    /// When a sync fails, then and from then on: the operating system may have dropped what it could not
    /// write, and a later sync would not report that (<https://wiki.postgresql.org/wiki/Fsync_Errors>).
    pub async fn wait(&self) -> io::Result<()> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut synced = Arc::clone(&self.synced).lock_owned().await;
        let Some(up_to) = *synced else {
            return Err(io::Error::other("a sync of the write-ahead log has failed before"));
        };
        if up_to >= asked {
            return Ok(());
        }
        let covered = self.asked.load(Ordering::SeqCst);
        let (path, sync) = (self.path.clone(), self.sync);
        // A request that is given up meanwhile does not take the result along.
        let done = tokio::task::spawn_blocking(move || {
            *synced = None;
            sync(&path)?;
            *synced = Some(covered);
            Ok(())
        });
        done.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl WalSync {
        /// How many writes have asked for a sync.
        pub fn asked(&self) -> u64 {
            self.asked.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn writes_that_wait_at_the_same_time_share_a_sync() {
        static SYNCS: AtomicU64 = AtomicU64::new(0);
        let count = |_: &Path| {
            SYNCS.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        let wal = Arc::new(WalSync::with(PathBuf::new(), count));
        let busy = Arc::clone(&wal.synced).lock_owned().await;
        let wait = |_| {
            let wal = Arc::clone(&wal);
            tokio::spawn(async move { wal.wait().await })
        };
        let waiting: Vec<_> = (0..16).map(wait).collect();
        while wal.asked() < 16 {
            tokio::task::yield_now().await;
        }
        drop(busy);
        for it in waiting {
            it.await.unwrap().unwrap();
        }
        assert_eq!(SYNCS.load(Ordering::SeqCst), 1);
        wal.wait().await.unwrap();
        assert_eq!(SYNCS.load(Ordering::SeqCst), 2, "a write from after it has its own");
    }

    #[tokio::test]
    async fn a_sync_that_failed_is_not_made_up_for() {
        static SYNCS: AtomicU64 = AtomicU64::new(0);
        let fail_once = |_: &Path| match SYNCS.fetch_add(1, Ordering::SeqCst) {
            0 => Err(io::Error::from(io::ErrorKind::StorageFull)),
            _ => Ok(()),
        };
        let wal = WalSync::with(PathBuf::new(), fail_once);
        assert_eq!(wal.wait().await.unwrap_err().kind(), io::ErrorKind::StorageFull);
        wal.wait().await.unwrap_err();
        assert_eq!(SYNCS.load(Ordering::SeqCst), 1);
    }
}
