//! The data directory: who may read it, whose it is, and how its database is brought up to date.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use consent_backend::{App, Services, StartError};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, SqliteConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use tempfile::TempDir;

use crate::browser::settings;

/// The program, started by a shell that runs something before: `umask 000`.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    /// What it wrote, when it ends instead.
    fn start(before: &str, arguments: &[&str]) -> Result<Self, String> {
        Self::spawn(before, arguments).wait()
    }

    fn spawn(before: &str, arguments: &[&str]) -> Starting {
        let log = tempfile::NamedTempFile::new().unwrap();
        let child = Command::new("sh")
            .args(["-c", &format!("{before}; exec \"$0\" \"$@\"")])
            .arg(env!("CARGO_BIN_EXE_consent-backend"))
            .args(["--listen", "127.0.0.1:0", "--rate-limit", "0"])
            .args(arguments)
            .env_remove("RUST_LOG")
            .stdout(Stdio::piped())
            .stderr(log.reopen().unwrap())
            .spawn()
            .unwrap();
        Starting { child, log }
    }

    /// The status of an answer.
    fn status(&self, path: &str, cookie: &str) -> (u16, String) {
        use std::io::{Read, Write};

        let mut stream = std::net::TcpStream::connect(&self.address).unwrap();
        let host = &self.address;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
    }

    fn stop(mut self) {
        let status = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Starting {
    child: Child,
    log: tempfile::NamedTempFile,
}

impl Starting {
    fn wait(mut self) -> Result<Process, String> {
        let mut line = String::new();
        BufReader::new(self.child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        match line.trim().strip_prefix("listening on http://") {
            Some(address) => Ok(Process { child: self.child, address: address.to_owned() }),
            None => {
                self.child.wait().unwrap();
                Err(fs::read_to_string(self.log.path()).unwrap())
            }
        }
    }
}

/// The demo in a directory.
fn demo(data: &Path) -> [&str; 3] {
    ["--demo", "--data-dir", data.to_str().unwrap()]
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Names and modes of everything in a directory.
#[cfg(unix)]
fn modes(folder: &Path) -> Vec<(String, u32)> {
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), mode(&entry.path())))
        .collect();
    all.sort();
    all
}

/// The command that a refusal names, run as the operator would.
fn run_named_command(refusal: &str) {
    let command = refusal.lines().find(|line| line.starts_with("  ch")).expect(refusal);
    let done = Command::new("sh").args(["-c", command]).status().unwrap();
    assert!(done.success(), "{command}");
}

/// A database as an older version has left it, with a service in it.
async fn old_database(folder: &Path, version: i64, service: &str) {
    let migrations = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("migrations");
    let mut connection = connect(folder, true).await;
    let migrator = Migrator::new(migrations).await.unwrap();
    migrator.run_to(version, &mut connection).await.unwrap();
    let insert = "INSERT INTO documents VALUES (?, 'tos', '1', 'ko', 'd', 'a title', '', '[]')";
    sqlx::query(insert).bind(service).execute(&mut connection).await.unwrap();
    let session = "INSERT INTO sessions (cookie, account, signed_in, expires_at)
                   VALUES (x'00', 'new', 0, 9999999999)";
    sqlx::query(session).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn connect(folder: &Path, create: bool) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(folder.join("consent.sqlite"))
        .create_if_missing(create)
        .journal_mode(SqliteJournalMode::Wal)
        .connect()
        .await
        .unwrap()
}

async fn count(folder: &Path, sql: &'static str) -> i64 {
    let mut connection = connect(folder, false).await;
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
}

/// A private directory for data, as an operator makes it.
fn private_directory(folder: &TempDir) -> PathBuf {
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    #[cfg(unix)]
    set_mode(&data, 0o700);
    data
}

fn reason(result: Result<App, StartError>) -> String {
    match result {
        Err(StartError::Other(reason)) => reason,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    }
}

// Who may read (H6).

#[cfg(unix)]
#[test]
fn every_file_is_private_whatever_the_umask() {
    for (umask, directory) in [
        ("000", None),
        ("022", None),
        ("000", Some(0o755)),
        ("022", Some(0o755)),
        ("002", Some(0o711)),
        ("077", Some(0o2750)),
    ] {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        if let Some(mode) = directory {
            fs::create_dir(&data).unwrap();
            set_mode(&data, mode);
        }
        let process = Process::start(&format!("umask {umask}"), &demo(&data)).unwrap();
        assert_eq!(process.status("/demo/login?account=new", "").0, 303);
        let names: BTreeSet<String> = modes(&data).into_iter().map(|(name, _)| name).collect();
        for name in ["consent.sqlite", "consent.sqlite-wal", "consent.sqlite-shm"] {
            assert!(names.contains(name), "{names:?}");
        }
        for (name, mode) in modes(&data) {
            assert_eq!(mode, 0o600, "{name}, umask {umask}, directory {directory:?}");
        }
        assert_eq!(mode(&data), directory.unwrap_or(0o700));
        process.stop();
    }
}

#[cfg(unix)]
#[test]
fn a_database_that_others_can_read_is_refused_with_the_command_that_fixes_it() {
    let folder = TempDir::new().unwrap();
    // The command must be right for any name.
    let data = folder.path().join("it's the data");
    fs::create_dir(&data).unwrap();
    set_mode(&data, 0o755);
    drop(Process::start("umask 022", &demo(&data)).unwrap());
    // Killed: its log is still there.
    let files: Vec<_> = modes(&data).into_iter().map(|(name, _)| data.join(name)).collect();
    assert!(files.len() >= 3, "{files:?}");
    for exposed in &files {
        for mode in [0o644, 0o640, 0o604, 0o620] {
            set_mode(exposed, mode);
            let refusal = Process::start("umask 022", &demo(&data)).err().unwrap();
            let name = exposed.file_name().unwrap().to_str().unwrap();
            assert!(refusal.contains("\n  chmod 600 '"), "{refusal}");
            assert!(refusal.contains(&format!("/{name}'")), "{refusal}");
            run_named_command(&refusal);
            assert_eq!(self::mode(exposed), 0o600);
        }
    }
    drop(Process::start("umask 022", &demo(&data)).unwrap());
}

#[cfg(unix)]
#[test]
fn a_directory_that_others_can_write_is_refused() {
    for mode in [0o777, 0o1777, 0o775, 0o770, 0o702] {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        set_mode(&data, mode);
        let refusal = Process::start("umask 022", &demo(&data)).err().unwrap();
        assert!(refusal.contains(&format!("\n  chmod 700 {}\n", data.display())), "{refusal}");
        assert!(modes(&data).is_empty(), "nothing was written");
        run_named_command(&refusal);
        drop(Process::start("umask 022", &demo(&data)).unwrap());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn files_of_an_older_version_in_a_private_directory_become_private() {
    let folder = TempDir::new().unwrap();
    let data = private_directory(&folder);
    old_database(&data, 2, "demo-shop").await;
    set_mode(&data.join("consent.sqlite"), 0o644);
    App::open(settings(folder.path(), Services::Demo)).await.unwrap();
    for (name, mode) in modes(&data) {
        assert_eq!(mode, 0o600, "{name}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_database_behind_a_symbolic_link_is_refused() {
    let folder = TempDir::new().unwrap();
    let data = private_directory(&folder);
    let elsewhere = folder.path().join("elsewhere");
    std::os::unix::fs::symlink(&elsewhere, data.join("consent.sqlite")).unwrap();
    let refusal = reason(App::open(settings(folder.path(), Services::Demo)).await);
    assert!(refusal.contains("is a symbolic link"), "{refusal}");
    assert!(!elsewhere.exists());
}

#[cfg(unix)]
#[test]
fn a_configuration_that_others_can_read_is_warned_about() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    fs::write(&file, crate::shop::SHOP).unwrap();
    let data = folder.path().join("data");
    for (mode, is_warned_about) in [(0o644, true), (0o640, true), (0o604, true), (0o600, false)] {
        set_mode(&file, mode);
        let arguments =
            ["--services", file.to_str().unwrap(), "--data-dir", data.to_str().unwrap()];
        let starting = Process::spawn("umask 022", &arguments);
        let log = starting.log.reopen().unwrap();
        drop(starting.wait().unwrap());
        let log = std::io::read_to_string(log).unwrap();
        let warning = format!("chmod 600 {}", file.display());
        assert_eq!(log.contains(&warning), is_warned_about, "{mode:o}: {log}");
    }
}

// Whose database it is (M9).

#[tokio::test]
async fn demo_and_production_never_share_a_database() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    fs::write(&file, crate::shop::SHOP).unwrap();
    let production = || settings(folder.path(), Services::File(file.clone()));
    let demo = || settings(folder.path(), Services::Demo);

    App::open(production()).await.unwrap().close().await;
    let refusal = reason(App::open(demo()).await);
    assert!(refusal.contains("is not the demo's") && refusal.contains("--data-dir"), "{refusal}");
    App::open(production()).await.unwrap().close().await;
    let data = folder.path().join("data");
    let demo_texts = "SELECT count(*) FROM documents WHERE service LIKE 'demo-%'";
    assert_eq!(count(&data, demo_texts).await, 0);

    fs::remove_dir_all(&data).unwrap();
    App::open(demo()).await.unwrap().close().await;
    let refusal = reason(App::open(production()).await);
    assert!(refusal.contains("is the demo's") && refusal.contains("--data-dir"), "{refusal}");
    // Not even when the configuration is the demo's own, to the letter.
    let demo_toml =
        include_str!("../../demo/services.toml").replace("{origin}", "http://127.0.0.1");
    let mail =
        "[guardian]\nmail_hook = \"https://mail.example/\"\nmail_secret = \"0123456789abcdef\"";
    fs::write(&file, format!("{demo_toml}\n{mail}\n")).unwrap();
    assert!(reason(App::open(production()).await).contains("is the demo's"));
    App::open(demo()).await.unwrap().close().await;
}

#[tokio::test]
async fn an_old_database_takes_the_mode_of_its_first_start_unless_it_is_the_other_s() {
    for (service, demo_takes_it, production_takes_it) in
        [("demo-shop", true, false), ("shop", false, true), ("bakery", false, true)]
    {
        for (services, takes_it) in [("demo", demo_takes_it), ("production", production_takes_it)] {
            let folder = TempDir::new().unwrap();
            let data = private_directory(&folder);
            old_database(&data, 2, service).await;
            #[cfg(unix)]
            set_mode(&data.join("consent.sqlite"), 0o600);
            let file = folder.path().join("services.toml");
            fs::write(&file, crate::shop::SHOP.replace("version = \"1\"", "version = \"2\""))
                .unwrap();
            let services = match services {
                "demo" => Services::Demo,
                _ => Services::File(file.clone()),
            };
            let before = fs::read(data.join("consent.sqlite")).unwrap();
            match App::open(settings(folder.path(), services)).await {
                Ok(app) => {
                    assert!(takes_it, "{service}");
                    app.close().await;
                    assert_eq!(count(&data, "SELECT count(*) FROM database_mode").await, 1);
                    assert_eq!(count(&data, "SELECT count(*) FROM sessions").await, 1);
                }
                Err(error) => {
                    assert!(!takes_it, "{service}: {error}");
                    // It was not even migrated.
                    assert!(fs::read(data.join("consent.sqlite")).unwrap() == before);
                }
            }
        }
    }
}

#[tokio::test]
async fn production_ends_the_sessions_of_the_demo_on_its_database() {
    let folder = TempDir::new().unwrap();
    let data = private_directory(&folder);
    old_database(&data, 2, "shop").await;
    let mut connection = connect(&data, false).await;
    sqlx::query("INSERT INTO documents VALUES ('demo-shop', 'tos', '1', 'ko', 'd', 't', '', '[]')")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let file = folder.path().join("services.toml");
    fs::write(&file, crate::shop::SHOP.replace("version = \"1\"", "version = \"2\"")).unwrap();
    assert!(
        reason(App::open(settings(folder.path(), Services::Demo)).await).contains("not the demo's")
    );
    let app = App::open(settings(folder.path(), Services::File(file))).await.unwrap();
    app.close().await;
    assert_eq!(count(&data, "SELECT count(*) FROM sessions").await, 0);
    assert_eq!(count(&data, "SELECT count(*) FROM documents WHERE service = 'demo-shop'").await, 1);
}

#[test]
fn the_demo_has_a_default_directory_of_its_own() {
    let home = TempDir::new().unwrap();
    let services = home.path().join("services.toml");
    fs::write(&services, crate::shop::SHOP).unwrap();
    let text = home.path().to_str().unwrap();
    let before = format!("export HOME='{text}' XDG_DATA_HOME='{text}/data'");
    drop(Process::start(&before, &["--demo"]).unwrap());
    drop(Process::start(&before, &["--services", services.to_str().unwrap()]).unwrap());
    let found = Command::new("find").arg(home.path()).args(["-name", "consent.sqlite"]).output();
    let found = String::from_utf8(found.unwrap().stdout).unwrap();
    let mut parents: Vec<_> =
        found.lines().map(|file| Path::new(file).parent().unwrap().file_name().unwrap()).collect();
    parents.sort_unstable();
    assert_eq!(parents, ["consent-backend", "consent-backend-demo"], "{found}");
}

#[test]
fn a_demo_that_others_can_reach_is_refused_unless_confirmed() {
    let folder = TempDir::new().unwrap();
    let demo = demo(folder.path());
    for exposed in [
        &["--public-origin", "https://id.example"][..],
        &["--listen", "0.0.0.0:0", "--public-origin", "http://127.0.0.1:8080"],
        &["--listen", "[::]:0", "--public-origin", "https://id.example"],
        &["--listen", "0.0.0.0:0"],
    ] {
        // The later of two options counts.
        let arguments = [&demo[..], exposed].concat();
        let output = Command::new(env!("CARGO_BIN_EXE_consent-backend"))
            .args(&arguments)
            .args(if exposed.contains(&"--listen") {
                &[][..]
            } else {
                &["--listen", "127.0.0.1:0"]
            })
            .output()
            .unwrap();
        let refusal = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{exposed:?}: {refusal}");
        assert!(refusal.contains("--demo-for-everyone"), "{refusal}");
        assert!(refusal.contains("anyone can sign in as anyone"), "{refusal}");
        assert!(modes_or_names(folder.path()).is_empty(), "nothing was written");
    }
    let twice =
        [&demo[..], &["--public-origin", "https://id.example", "--demo-for-everyone"]].concat();
    drop(Process::start("true", &twice).unwrap());
    // It means nothing without the demo.
    let output = Command::new(env!("CARGO_BIN_EXE_consent-backend"))
        .args(["--services", "services.toml", "--demo-for-everyone"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}

fn modes_or_names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

// How it is brought up to date (L10).

#[test]
fn first_starts_at_the_same_time_all_succeed() {
    for _ in 0..3 {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        let starting: Vec<_> = (0..4).map(|_| Process::spawn("true", &demo(&data))).collect();
        let running: Vec<_> = starting.into_iter().map(Starting::wait).collect();
        for process in &running {
            let process = process.as_ref().unwrap();
            assert_eq!(process.status("/readyz", "").0, 200);
        }
    }
}

#[tokio::test]
async fn a_migration_at_two_starts_at_once_makes_one_copy() {
    let folder = TempDir::new().unwrap();
    let data = private_directory(&folder);
    old_database(&data, 2, "demo-shop").await;
    let starting: Vec<_> = (0..3).map(|_| Process::spawn("umask 000", &demo(&data))).collect();
    for process in starting.into_iter().map(Starting::wait) {
        process.unwrap();
    }
    assert_eq!(copies(&data).len(), 1);
}

fn copies(data: &Path) -> Vec<PathBuf> {
    let names = modes_or_names(data);
    names.iter().filter(|name| name.contains(".version-")).map(|name| data.join(name)).collect()
}

#[tokio::test]
async fn a_database_is_copied_before_it_is_migrated() {
    let folder = TempDir::new().unwrap();
    let data = private_directory(&folder);
    old_database(&data, 2, "demo-shop").await;
    // Left in the middle of a copy.
    fs::write(data.join("consent.sqlite.partial"), "not whole").unwrap();
    App::open(settings(folder.path(), Services::Demo)).await.unwrap().close().await;
    let [copy] = &copies(&data)[..] else { panic!("{:?}", copies(&data)) };
    assert!(copy.to_str().unwrap().contains("consent.sqlite.version-2."));
    #[cfg(unix)]
    assert_eq!(mode(copy), 0o600);
    assert!(!data.join("consent.sqlite.partial").exists());
    // It is the database as it was, whole.
    let restored = folder.path().join("restored");
    fs::create_dir(&restored).unwrap();
    fs::copy(copy, restored.join("consent.sqlite")).unwrap();
    assert_eq!(count(&restored, "SELECT max(version) FROM _sqlx_migrations").await, 2);
    assert_eq!(count(&restored, "SELECT count(*) FROM documents").await, 1);
    let mut connection = connect(&restored, false).await;
    let check: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap();
    assert_eq!(check, "ok");
    // A start with nothing to migrate copies nothing, and neither does a first one.
    App::open(settings(folder.path(), Services::Demo)).await.unwrap().close().await;
    assert_eq!(copies(&data).len(), 1);
    let fresh = TempDir::new().unwrap();
    App::open(settings(fresh.path(), Services::Demo)).await.unwrap().close().await;
    assert_eq!(copies(&fresh.path().join("data")).len(), 0);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    App::open(settings(folder.path(), Services::Demo)).await.unwrap().close().await;
    let data = folder.path().join("data");
    let mut connection = connect(&data, false).await;
    for sql in [
        "INSERT INTO _sqlx_migrations VALUES (9999, 'later', CURRENT_TIMESTAMP, TRUE, x'00', 0)",
        "DELETE FROM _sqlx_migrations WHERE version = 4",
    ] {
        sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let refusal = reason(App::open(settings(folder.path(), Services::Demo)).await);
    assert!(refusal.contains("a newer version of consent-backend"), "{refusal}");
    assert!(refusal.contains("9999"), "{refusal}");
    assert_eq!(copies(&data).len(), 0);
    assert_eq!(count(&data, "SELECT count(*) FROM _sqlx_migrations WHERE version = 4").await, 0);
}

// A full disk (M6).

/// A limit for the size of files stands for a disk that is full: the same writes fail.
#[cfg(unix)]
#[test]
fn a_process_that_cannot_write_any_more_is_not_ready() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    // 3000 blocks of 512 bytes: the first start fits in.
    let process = Process::start("trap '' XFSZ; ulimit -f 3000", &demo(&data)).unwrap();
    let (status, answer) = process.status("/demo/login?account=new", "");
    assert_eq!(status, 303);
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(process.status("/readyz", "").0, 200);
    let callback =
        format!("http%3A%2F%2F{}%2Fdemo%2Fcallback", process.address.replace(':', "%3A"));
    let authorize = |state: u32| {
        let path = format!(
            "/oauth/authorize?response_type=code&client_id=demo-shop&redirect_uri={callback}\
             &state={state}&code_challenge={}&code_challenge_method=S256",
            crate::browser::CHALLENGE
        );
        process.status(&path, cookie).0
    };
    let failed = (0..3000).map(authorize).find(|status| *status != 303);
    assert_eq!(failed, Some(503));
    // What is too much for an authorize request may leave room for the smaller write of a check.
    let is_ready = || {
        std::thread::sleep(std::time::Duration::from_millis(1100));
        process.status("/readyz", "").0 == 200
    };
    let checks = (0..20).take_while(|_| is_ready()).count();
    assert!(checks < 20, "it is ready though nothing can be written");
    assert!(process.status("/readyz", "").1.ends_with("the database cannot be written\n"));
    assert_eq!(process.status("/healthz", "").0, 200);
}
