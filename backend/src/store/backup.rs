//! Backups: a copy of the database while a server uses it, and putting one in place.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use sqlx::{Connection, Row, SqliteConnection};
use time::{OffsetDateTime, macros::format_description};

use super::{CheckReport, CopyError, Error, OpenError, Report, Step, Store, files, migration};

/// Between the name of a database and the time at which a restored one replaced it.
const REPLACED: &str = ".before-restore.";

/// What was copied, and what its check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    pub bytes: u64,
    /// What the receipts prove.
    pub report: CheckReport,
    /// What is wrong with the file itself. Empty for a good one.
    pub damage: Vec<String>,
}

impl Backup {
    /// Everything that is wrong.
    pub fn faults(&self) -> impl Iterator<Item = &String> {
        self.damage.iter().chain(&self.report.faults)
    }
}

/// A directory beside the file of a backup, in which it is written and checked. It goes with this.
pub(super) struct Workplace {
    folder: PathBuf,
    /// Held as long as the directory is used.
    _lock: File,
}

impl Workplace {
    /// # Errors
    /// When another process has it, or it cannot be made.
    pub(super) fn make(file: &Path) -> Result<Self, OpenError> {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let folder = file.with_file_name(name);
        let lock = files::take_workplace(&folder)?;
        Ok(Self { folder, _lock: lock })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes the content of a backup: the copy has the mode of a database, whatever the backup has.
    /// Returns how long it is.
    pub(super) fn take(&self, file: &Path) -> Result<u64, OpenError> {
        files::make_database(&self.folder)?;
        let copy = files::database(&self.folder);
        let copied =
            || io::copy(&mut File::open(file)?, &mut File::options().write(true).open(&copy)?);
        copied().map_err(|error| OpenError::file(file, error))
    }

    /// What is in it after it was brought up to date.
    pub(super) async fn checked(&self, bytes: u64) -> Result<Backup, OpenError> {
        let (damage, report) = check(&self.folder).await?;
        Ok(Backup { bytes, report, damage })
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        files::remove_workplace(&self.folder);
    }
}

impl Store {
    /// Copies the database as it is now into a file, also while servers write: `VACUUM INTO` and a
    /// transaction of PostgreSQL read one moment of it. The file is one of SQLite, whatever the database
    /// is in. The copy is checked before it gets its name.
    ///
    /// # Errors
    /// When there is such a file, or the copy cannot be made.
    pub async fn back_up(&self, file: &Path, progress: Report<'_>) -> Result<Backup, CopyError> {
        let target = CopyError::Target;
        let file =
            std::path::absolute(file).map_err(|error| target(OpenError::file(file, error)))?;
        if file.exists() {
            let error = io::Error::new(io::ErrorKind::AlreadyExists, "it exists");
            return Err(target(OpenError::file(&file, error)));
        }
        let workplace = Workplace::make(&file).map_err(target)?;
        if self.writer.sqlite().is_some() {
            self.copy_into(&workplace.folder).await.map_err(CopyError::Source)?;
        } else {
            self.copy_to_sqlite(&workplace.folder, progress).await?;
        }
        progress(Step::Verifying);
        let (damage, report) = check(&workplace.folder).await.map_err(target)?;
        let copied = files::database(&workplace.folder);
        let named = || -> io::Result<u64> {
            let copy = File::open(&copied)?;
            copy.sync_all()?;
            // Takes the name, unless another process has done so meanwhile.
            File::create_new(&file)?;
            if let Err(error) = fs::rename(&copied, &file) {
                fs::remove_file(&file)?;
                return Err(error);
            }
            sync_folder(&file)?;
            Ok(copy.metadata()?.len())
        };
        let bytes = named().map_err(|error| target(OpenError::file(&file, error)))?;
        Ok(Backup { bytes, report, damage })
    }

    /// Checks a backup and puts it into a data directory, up to date with this version. With `replace`, a
    /// database that is there is moved aside. Returns what the check found, and where that one is now; a backup with faults is not
    /// put in place.
    ///
    /// # Errors
    /// When the backup cannot be read, there is a database already, or a process uses it.
    pub async fn restore(
        file: &Path,
        folder: &Path,
        replace: bool,
    ) -> Result<(Backup, Option<PathBuf>), OpenError> {
        let folder = std::path::absolute(folder).map_err(|error| OpenError::file(folder, error))?;
        files::prepare(&folder)?;
        let lock = files::lock(&folder).await?;
        let place = files::database(&folder);
        let there = parts(&place);
        if let (Some(part), false) = (there.first(), replace) {
            let error = io::Error::new(io::ErrorKind::AlreadyExists, "it exists");
            return Err(OpenError::file(part, error));
        }
        let workplace = Workplace::make(&place)?;
        let bytes = workplace.take(file)?;
        let backup = workplace.checked(bytes).await?;
        let copy = files::database(&workplace.folder);
        if backup.faults().next().is_some() {
            return Ok((backup, None));
        }
        let aside = if there.is_empty() { None } else { Some(move_aside(&place).await?) };
        let put = || -> io::Result<()> {
            File::open(&copy)?.sync_all()?;
            fs::rename(&copy, &place)?;
            sync_folder(&place)
        };
        put().map_err(|error| OpenError::file(&place, error))?;
        drop(lock);
        Ok((backup, aside))
    }
}

fn sync_folder(file: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// The files of a database that are there. A write-ahead log or journal without its database counts: SQLite
/// would write it into the next database of that name (sqlite.org/howtocorrupt.html, 1.4).
fn parts(place: &Path) -> Vec<PathBuf> {
    let all = ["", "-wal", "-shm", "-journal"].map(|ending| with_ending(place, ending));
    all.into_iter().filter(|part| part.exists()).collect()
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    file.with_file_name(name)
}

/// Moves a database that no process uses to another name. What is in its write-ahead log is moved into it
/// first; of a damaged one the files are moved as they are. Returns the new name of the database.
async fn move_aside(place: &Path) -> Result<PathBuf, OpenError> {
    if place.exists() && is_used(place).await {
        let error = io::Error::other("a process uses it: stop the server first");
        return Err(OpenError::file(place, error));
    }
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let time = OffsetDateTime::now_utc().format(format).unwrap_or_default();
    let aside = with_ending(place, &format!("{REPLACED}{time}"));
    for part in parts(place) {
        let ending = part.as_os_str().to_string_lossy().into_owned();
        let ending = ending.strip_prefix(&*place.to_string_lossy()).unwrap_or_default();
        fs::rename(&part, with_ending(&aside, ending))
            .map_err(|error| OpenError::file(&part, error))?;
    }
    Ok(aside)
}

/// Whether another connection is open, in any process: then the write-ahead log cannot end
/// (sqlite.org/wal.html). A database that cannot be read is used by none.
pub(super) async fn is_used(place: &Path) -> bool {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(place)
        .busy_timeout(std::time::Duration::ZERO);
    let ended = async {
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let mode = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = DELETE")
            .fetch_one(&mut connection)
            .await;
        connection.close().await?;
        mode
    };
    match ended.await {
        Ok(mode) => mode != "delete",
        Err(error) => is_busy(&error),
    }
}

/// SQLITE_BUSY or SQLITE_LOCKED, whatever the extended code.
fn is_busy(error: &Error) -> bool {
    let Error::Database(reason) = error else { return false };
    let code = reason.code().and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| [5, 6].contains(&(code & 0xff)))
}

/// What is wrong with the file of a database, and with its receipts.
async fn check(folder: &Path) -> Result<(Vec<String>, CheckReport), OpenError> {
    let damage = damage(&files::database(folder)).await?;
    if !damage.is_empty() {
        return Ok((damage, CheckReport::default()));
    }
    bring_up_to_date(folder).await?;
    let store = Store::open_existing(folder).await?;
    let report = store.check_receipts(None, &[]).await;
    store.close().await;
    Ok((damage, report?))
}

/// Migrates a copy that an older version has made.
async fn bring_up_to_date(folder: &Path) -> Result<(), OpenError> {
    let pool = Store::pool(1).connect_with(Store::options(folder)).await?;
    let migrated = async {
        let applied = migration::applied(&pool).await?;
        if applied.is_empty() {
            return Err(OpenError::NotOurs);
        }
        migration::check_known(&applied)?;
        if migration::is_behind(&applied) {
            migration::make_schema(&pool).await?;
        }
        Ok(())
    }
    .await;
    pool.close().await;
    migrated
}

/// What SQLite finds wrong.
async fn damage(database: &Path) -> Result<Vec<String>, Error> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let found = async {
        let mut damage: Vec<String> = sqlx::query_scalar::<_, String>("PRAGMA integrity_check")
            .fetch_all(&mut connection)
            .await?;
        damage.retain(|line| line != "ok");
        for row in sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await? {
            let table: String = row.try_get(0)?;
            damage.push(format!("a row of {table} refers to a row that is not there"));
        }
        Ok(damage)
    }
    .await;
    // A file that is no database fails at the first page.
    let damage = found.or_else(|error: Error| match &error {
        Error::Database(reason) => Ok(vec![reason.to_string()]),
        _ => Err(error),
    });
    connection.close().await?;
    damage
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_workplace_belongs_to_one_process_and_what_another_left_goes() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("consent.backup");
        let left = folder.path().join("consent.backup.partial");
        files::prepare(&left).unwrap();
        for name in
            ["consent.sqlite", "consent.sqlite-wal", "consent.sqlite.version-3", "consent.lock"]
        {
            fs::write(left.join(name), "half of it").unwrap();
        }

        let workplace = Workplace::make(&file).unwrap();
        assert_eq!(fs::read_dir(&left).unwrap().count(), 1, "the lock");
        for name in ["consent.sqlite", "consent.sqlite.version-4"] {
            fs::write(left.join(name), "being written").unwrap();
        }
        let refused = Workplace::make(&file).err().map(|error| error.to_string());
        assert!(refused.is_some_and(|it| it.contains("another process")));
        assert_eq!(fs::read_to_string(files::database(&left)).unwrap(), "being written");

        drop(workplace);
        assert!(!left.exists());
        Workplace::make(&file).unwrap();
    }

    /// Who may write to the folder of a backup can put a link there, before.
    #[cfg(unix)]
    #[test]
    fn a_link_is_no_workplace() {
        let folder = TempDir::new().unwrap();
        let elsewhere = TempDir::new().unwrap();
        fs::write(elsewhere.path().join("kept"), "").unwrap();
        let link = folder.path().join("consent.backup.partial");
        std::os::unix::fs::symlink(elsewhere.path(), &link).unwrap();
        let refused = Workplace::make(&folder.path().join("consent.backup")).err();
        assert!(refused.is_some_and(|error| error.to_string().contains("consent.backup.partial")));
        assert!(elsewhere.path().join("kept").exists());
    }
}
