//! A cluster of PostgreSQL for this program, with a database for each test. It listens on a socket in a
//! temporary directory, and ends with the program, however that ends.

use std::{
    collections::BTreeSet,
    env,
    fs::{self, OpenOptions},
    io::Write,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{LazyLock, Mutex},
    thread,
    time::{Duration, Instant},
};

use consent_backend::{App, Location, Services};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use crate::{browser::settings_on, database::EMPTY};

/// PostgreSQL refuses to run as root: then it runs as this user and group, nobody.
const NOBODY: u32 = 65534;

/// Runs the server until the standard input ends, as it does when this program has ended.
const UNTIL_THE_END: &str = r#"
program=$1 folder=$2
shift 2
"$program" -D "$folder/data" -c unix_socket_directories="$folder" "$@" >"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT $server
wait $server
cd / && rm -rf "$folder"
"#;

/// Migrated, with signing keys, and otherwise empty.
const TEMPLATE: &str = "consent_template";

/// A server of PostgreSQL with its files.
pub struct Postmaster {
    pub folder: PathBuf,
    /// Keeps the server running.
    _server: Mutex<Child>,
}

pub struct Cluster {
    postmaster: Postmaster,
    made: Mutex<BTreeSet<String>>,
}

static CLUSTER: LazyLock<Option<Cluster>> = LazyLock::new(Cluster::start);

/// The cluster. None where PostgreSQL is not installed, which standard error names once.
pub fn cluster() -> Option<&'static Cluster> {
    CLUSTER.as_ref()
}

/// The directory of PostgreSQL's programs: Debian has those of the server in none of the path.
fn programs() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut installed: Vec<_> = installed.flatten().map(|it| it.path().join("bin")).collect();
    installed.sort();
    let mut folders = env::split_paths(&path).chain(installed.into_iter().rev());
    let folder = folders.find(|it| it.join("initdb").is_file() && it.join("postgres").is_file())?;
    // The path may have links to some of them.
    folder.join("initdb").canonicalize().ok()?.parent().map(Path::to_owned)
}

fn as_nobody(command: &mut Command) -> &mut Command {
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir("/")
}

/// Runs a program of PostgreSQL to its end.
fn run(command: &mut Command) {
    let ran = as_nobody(command).output().unwrap();
    assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

impl Postmaster {
    /// A new server with empty files. None where PostgreSQL is not installed.
    pub fn new(configuration: &str) -> Option<Self> {
        let programs = programs()?;
        let folder = Self::folder();
        let mut initdb = Command::new(programs.join("initdb"));
        initdb.args(["-U", "app", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8", "-D"]);
        run(initdb.arg(folder.join("data")));
        let file = folder.join("data/postgresql.conf");
        let mut file = OpenOptions::new().append(true).open(file).unwrap();
        write!(file, "listen_addresses = ''\nmax_connections = 400\n{configuration}").unwrap();
        Some(Self::start(&programs, folder, &[]))
    }

    /// A standby of this server, which replays what it writes.
    pub fn standby(&self) -> Self {
        let programs = programs().unwrap();
        let folder = Self::folder();
        let mut copy = Command::new(programs.join("pg_basebackup"));
        copy.args(["-U", "app", "--checkpoint=fast", "--no-sync", "--write-recovery-conf", "-h"]);
        run(copy.arg(&self.folder).arg("-D").arg(folder.join("data")));
        Self::start(&programs, folder, &[])
    }

    fn folder() -> PathBuf {
        let folder = tempfile::Builder::new().prefix("consent-pg-").tempdir().unwrap();
        let folder = folder.keep();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        folder
    }

    fn start(programs: &Path, folder: PathBuf, options: &[&str]) -> Self {
        let mut server = Command::new("sh");
        server.args(["-c", UNTIL_THE_END, "sh"]).arg(programs.join("postgres")).arg(&folder);
        server.args(options).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // A Ctrl-C in the terminal is for this program alone.
        let server = as_nobody(server.process_group(0)).spawn().unwrap();
        let started = Self { folder, _server: Mutex::new(server) };
        let began = Instant::now();
        loop {
            match started.run_on("postgres", vec!["SELECT 1".to_owned()]) {
                Ok(()) => return started,
                Err(error) if began.elapsed() > Duration::from_secs(60) => panic!("{error}"),
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// A new server on the files of this one, which was killed.
    pub fn again(&self) -> Self {
        // While children of the old one are there, their shared memory is, and PostgreSQL does not start.
        thread::sleep(Duration::from_secs(1));
        Self::start(&programs().unwrap(), self.folder.clone(), &[])
    }

    /// SIGKILL. Its children end when they notice.
    pub fn kill(&self) {
        let file = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        let mut kill = Command::new("kill");
        assert!(
            kill.args(["-s", "KILL", file.lines().next().unwrap()]).status().unwrap().success()
        );
    }

    /// The socket on which it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://app@localhost/{database}?host={}", self.folder.display())
    }

    /// Runs statements, one after the other, from code with or without a runtime.
    pub fn run_on(&self, database: &str, statements: Vec<String>) -> Result<(), sqlx::Error> {
        let url = self.url(database);
        in_a_runtime(move || async move {
            let mut connection = PgConnection::connect(&url).await?;
            for sql in statements {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
            }
            connection.close().await
        })
    }
}

impl Cluster {
    fn start() -> Option<Self> {
        // Nothing here outlives a loss of power.
        let started = Postmaster::new("fsync = off\nfull_page_writes = off\n");
        if started.is_none() {
            // Not by a macro, whose output the test runner keeps back.
            let _ = writeln!(
                std::io::stderr(),
                "not run: the tests on PostgreSQL, whose initdb and postgres are not installed"
            );
        }
        Some(Self { postmaster: started?, made: Mutex::default() })
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        self.postmaster.url(database)
    }

    /// A new database without tables.
    pub fn empty(&self, name: &str) -> String {
        self.postmaster.run_on("postgres", vec![format!("CREATE DATABASE {name}")]).unwrap();
        self.url(name)
    }

    /// The URL of the database of a server in this folder, which is made from the template at first.
    pub fn database_of(&self, folder: &Path) -> String {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = format!("server_{name}");
        let mut made = self.made.lock().unwrap();
        if made.insert(TEMPLATE.to_owned()) {
            self.make_template();
        }
        if made.insert(name.clone()) {
            let create = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}");
            self.postmaster.run_on("postgres", vec![create]).unwrap();
        }
        self.url(&name)
    }

    fn make_template(&self) {
        let location: Location = self.empty(TEMPLATE).parse().unwrap();
        in_a_runtime(move || async move {
            let folder = TempDir::new().unwrap();
            let file = folder.path().join("services.toml");
            fs::write(&file, EMPTY).unwrap();
            let settings = settings_on(location, folder.path(), Services::File(file));
            App::open(settings).await.unwrap().close().await;
        });
        // Without triggers: the mode of a database is never deleted. Each server derives its own cookies,
        // tokens and subjects.
        let types = crate::database::BLOB.to_owned();
        let emptied = "SET session_replication_role = replica; DELETE FROM database_mode; \
                       DELETE FROM secrets";
        self.postmaster.run_on(TEMPLATE, vec![types, emptied.to_owned()]).unwrap();
    }
}

/// Runs something in a thread and runtime of its own: the caller may be in a runtime.
fn in_a_runtime<T: Send + 'static, F: Future<Output = T>>(
    run: impl FnOnce() -> F + Send + 'static,
) -> T {
    let thread = thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run())
    });
    thread.join().unwrap()
}
