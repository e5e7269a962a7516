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
"$1" -D "$2/data" >"$2/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT $server
wait $server
cd / && rm -rf "$2"
"#;

/// Migrated, with signing keys, and otherwise empty.
const TEMPLATE: &str = "consent_template";

pub struct Cluster {
    folder: PathBuf,
    /// Keeps the server running.
    _server: Mutex<Child>,
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
    folders.find(|it| it.join("initdb").is_file() && it.join("postgres").is_file())
}

fn as_nobody(command: &mut Command) -> &mut Command {
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir("/")
}

impl Cluster {
    fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            // Not by a macro, whose output the test runner keeps back.
            let _ = writeln!(
                std::io::stderr(),
                "not run: the tests on PostgreSQL, whose initdb and postgres are not installed"
            );
            return None;
        };
        let folder = tempfile::Builder::new().prefix("consent-pg-").tempdir().unwrap();
        let folder = folder.keep();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut initdb = Command::new(programs.join("initdb"));
        initdb.args(["-U", "app", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8", "-D"]);
        let made = as_nobody(initdb.arg(folder.join("data"))).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let file = folder.join("data/postgresql.conf");
        let mut file = OpenOptions::new().append(true).open(file).unwrap();
        // Nothing here outlives a loss of power.
        let options = "fsync = off\nfull_page_writes = off\nmax_connections = 400\n";
        let sockets = folder.display();
        write!(file, "listen_addresses = ''\nunix_socket_directories = '{sockets}'\n{options}")
            .unwrap();
        let mut server = Command::new("sh");
        server.args(["-c", UNTIL_THE_END, "sh"]).arg(programs.join("postgres")).arg(&folder);
        server.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // A Ctrl-C in the terminal is for this program alone.
        let server = as_nobody(server.process_group(0)).spawn().unwrap();
        let cluster = Self { folder, _server: Mutex::new(server), made: Mutex::default() };
        cluster.wait();
        Some(cluster)
    }

    /// Waits until it accepts connections.
    fn wait(&self) {
        let began = Instant::now();
        loop {
            match self.run_on("postgres", vec!["SELECT 1".to_owned()]) {
                Ok(()) => return,
                Err(error) if began.elapsed() > Duration::from_secs(60) => panic!("{error}"),
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://app@localhost/{database}?host={}", self.folder.display())
    }

    /// Runs statements, one after the other, from code with or without a runtime.
    fn run_on(&self, database: &str, statements: Vec<String>) -> Result<(), sqlx::Error> {
        let url = self.url(database);
        in_a_runtime(move || async move {
            let mut connection = PgConnection::connect(&url).await?;
            for sql in statements {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
            }
            connection.close().await
        })
    }

    /// A new database without tables.
    pub fn empty(&self, name: &str) -> String {
        self.run_on("postgres", vec![format!("CREATE DATABASE {name}")]).unwrap();
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
            self.run_on("postgres", vec![create]).unwrap();
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
        self.run_on(TEMPLATE, vec![types, emptied.to_owned()]).unwrap();
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
