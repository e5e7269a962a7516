//! The files of the data directory.
//!
//! Each file that is made here has a name that begins with `consent.`, and only our own user may
//! read or write it, whatever the umask and the mode of the directory. SQLite gives `-wal`, `-shm`
//! and `-journal` the mode of the database beside them.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use super::OpenError;
use crate::permissions;

/// The database.
const DATABASE: &str = "consent.sqlite";

/// Held by the process that opens and migrates the database. It stays there, empty.
const LOCK: &str = "consent.lock";

/// Held by the process that writes a backup, or reads one into PostgreSQL or a data directory.
const WORKPLACE_LOCK: &str = "consent.workplace.lock";

/// How the names of our files begin.
const PREFIX: &str = "consent.";

/// The database of a data directory.
#[must_use]
pub fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Makes the directory where it is missing, and refuses one whose files others can read or write.
///
/// # Errors
/// When the directory cannot be made or read, or is exposed.
pub fn prepare(folder: &Path) -> Result<(), OpenError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| OpenError::file(folder, error))?;
    permissions::secure(folder, PREFIX).map_err(OpenError::Exposed)
}

/// Makes the database, empty and private, where there is none. SQLite would make it with a mode that
/// the umask decides.
///
/// # Errors
/// When it cannot be made.
pub fn make_database(folder: &Path) -> Result<(), OpenError> {
    let path = database(folder);
    match private().write(true).create_new(true).open(&path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(OpenError::file(&path, error)),
    }
}

/// Copies the database of one data directory into another, which is made.
///
/// # Errors
/// When the copy cannot be made.
pub fn copy_database(from: &Path, folder: &Path) -> Result<(), OpenError> {
    prepare(folder)?;
    let path = database(folder);
    fs::copy(database(from), &path).map(drop).map_err(|error| OpenError::file(&path, error))
}

/// Waits until no other process opens or migrates the database. The lock lasts until the file is
/// dropped, or its process ends.
///
/// # Errors
/// When the lock cannot be made or taken.
pub async fn lock(folder: &Path) -> Result<File, OpenError> {
    let path = folder.join(LOCK);
    let locking = {
        let path = path.clone();
        move || -> io::Result<File> {
            let file = private().read(true).write(true).create(true).truncate(false).open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    tracing::info!("waiting for another process that opens the database");
                    file.lock()?;
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            Ok(file)
        }
    };
    tokio::task::spawn_blocking(locking)
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
        .map_err(|error| OpenError::file(&path, error))
}

/// Makes the directory in which a backup is written or read, empty but for a lock, which is held until the file is
/// dropped or the process ends. Where the disk knows no locks, as some in a network, it is taken without one.
///
/// # Errors
/// When another process has it, it is another user's, or it cannot be made.
pub fn take_workplace(folder: &Path) -> Result<File, OpenError> {
    // Asked before anything in it is touched, and again of what is there now.
    if folder.symlink_metadata().is_ok() {
        permissions::owned(folder).map_err(OpenError::Exposed)?;
    }
    prepare(folder)?;
    permissions::owned(folder).map_err(OpenError::Exposed)?;
    let path = folder.join(WORKPLACE_LOCK);
    let in_use = || io::Error::other("another process uses it");
    let locking = || -> io::Result<File> {
        let file = private().write(true).create(true).truncate(false).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use()),
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, path = %path.display(), "the file cannot be locked");
            }
        }
        // Another process may have ended, and removed the file, between the two.
        #[cfg(unix)]
        if std::os::unix::fs::MetadataExt::nlink(&file.metadata()?) == 0 {
            return Err(in_use());
        }
        // Left by a process that ended in the middle.
        empty_workplace(folder)?;
        Ok(file)
    };
    locking().map_err(|error| OpenError::file(&path, error))
}

/// Removes the directory of a backup, its lock after what the lock is for.
pub fn remove_workplace(folder: &Path) {
    // What cannot be removed now is removed when the next backup begins.
    let _ = empty_workplace(folder);
    let _ = fs::remove_file(folder.join(WORKPLACE_LOCK));
    let _ = fs::remove_dir(folder);
}

fn empty_workplace(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() != WORKPLACE_LOCK {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A copy of the database that is being written. It has its own name only once it is whole and on
/// the disk.
pub struct Copy {
    partial: PathBuf,
    path: PathBuf,
    folder: PathBuf,
}

impl Copy {
    /// Begins a copy with an empty, private file. `label` ends its name.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn begin(folder: &Path, label: &str) -> Result<Self, OpenError> {
        let partial = folder.join(format!("{DATABASE}.partial"));
        // Left by a process that ended in the middle: the lock says that none is at it now.
        match fs::remove_file(&partial) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(OpenError::file(&partial, error));
            }
            _ => {}
        }
        private()
            .write(true)
            .create_new(true)
            .open(&partial)
            .map_err(|error| OpenError::file(&partial, error))?;
        let path = folder.join(format!("{DATABASE}.{label}"));
        Ok(Self { partial, path, folder: folder.to_owned() })
    }

    /// Where the copy is to be written to.
    #[must_use]
    pub fn partial(&self) -> &Path {
        &self.partial
    }

    /// Gives the copy its name, which is returned.
    ///
    /// # Errors
    /// When it cannot be synced or renamed.
    pub fn finish(self) -> Result<PathBuf, OpenError> {
        let finished = || -> io::Result<()> {
            File::open(&self.partial)?.sync_all()?;
            fs::rename(&self.partial, &self.path)?;
            // The name is on the disk once the directory is.
            #[cfg(unix)]
            File::open(&self.folder)?.sync_all()?;
            Ok(())
        };
        finished().map_err(|error| OpenError::file(&self.path, error))?;
        Ok(self.path.clone())
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // After `finish` there is nothing under this name any more.
        let _ = fs::remove_file(&self.partial);
    }
}

/// For files that no one else may read, from their first moment on.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
