//! `consent-backend`: reads the command line and starts.

mod cli;

use std::{
    io::{IsTerminal, Write},
    net::{IpAddr, SocketAddr},
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{ArgGroup, Parser, Subcommand, ValueEnum};
use consent_backend::{
    App, Connections, DemoShops, LocalCa, Location, Network, PLATFORM_HOSTS, Services, Settings,
    StartError, Stop, Traces, api_doc,
    audit::{AuditLog, Target},
    clock::Clock,
    demo_is_exposed, inspect, languages, page_policy, passed_socket, serve, serve_admin,
    test_hooks_are_exposed,
};
use tracing_subscriber::EnvFilter;

/// The allocator of musl, with which the package is linked, has one lock for all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The reference backend of the consent screen.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(group(ArgGroup::new("source").required(true).args(["services", "demo"])))]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    /// Check the configuration as a start would, print faults and warnings, and end: status 0 without
    /// faults, 2 with faults. Texts are compared with those of the database, if there is one.
    #[arg(long, requires = "services", conflicts_with_all = ["test_hooks", "tls_local"])]
    check: bool,

    /// Where to listen; port 0 takes any free port. A socket that a service manager passes (LISTEN_FDS,
    /// as systemd does) is used in place of it.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Where /metrics (OpenMetrics), /healthz and /readyz are served, over plain http; nowhere when it is
    /// not given. Never public: use loopback, or a network of your monitoring.
    #[arg(long, value_name = "ADDRESS")]
    admin_listen: Option<SocketAddr>,

    /// The form of the log on standard error.
    #[arg(long, value_enum, default_value = "text")]
    log_format: LogFormat,

    /// Where sign-ins, decisions, refusals and what operators do are recorded, a JSON object a line and
    /// without personal values: a file, which SIGHUP opens again, or - for standard output, where nothing
    /// else is written then. Nowhere when it is not given (docs/DEPLOYING.md).
    #[arg(long, value_name = "FILE")]
    audit_log: Option<PathBuf>,

    /// Where traces are exported over OTLP/HTTP: the endpoint of a collector, as in
    /// http://collector.example:4318, without /v1/traces. By default where the variables of OpenTelemetry name
    /// one, such as OTEL_EXPORTER_OTLP_ENDPOINT; otherwise nowhere (docs/DEPLOYING.md).
    #[arg(long, value_name = "URL")]
    otlp_endpoint: Option<String>,

    /// How long a request takes that the admin API lists at /admin/v1/slow-requests.
    #[arg(long, value_name = "DURATION", default_value = "500ms", value_parser = humantime::parse_duration)]
    slow_request: Duration,

    /// The built screen; by default the one inside this program, or `dist` where there is none inside.
    #[arg(long, value_name = "DIR")]
    dist: Option<PathBuf>,

    /// The built preview studio, served under /studio/: of this directory, or without one the studio
    /// inside this program. None when it is not given.
    #[arg(long, value_name = "DIR")]
    studio: Option<Option<PathBuf>>,

    /// The same on the admin listener alone, where it opens the server's own services for a token of `[admin]`
    #[arg(long, value_name = "DIR", num_args = 0..=1, requires = "admin_listen")]
    admin_studio: Option<Option<PathBuf>>,

    /// Where the database is: a directory, or the URL of a PostgreSQL database (postgres://…), whose
    /// password can be in the file that PGPASSFILE names. By default in the user's data directory, in
    /// another place for the demo.
    #[arg(long, visible_alias = "database-url", value_name = "DIR|URL")]
    data_dir: Option<Location>,

    /// Services and accounts, as TOML.
    #[arg(long, value_name = "FILE")]
    services: Option<PathBuf>,

    /// Built-in services and accounts, and pages to try them. For local use: anyone can sign in
    /// as anyone there.
    #[arg(long)]
    demo: bool,

    /// Start the demo although others can reach it, who then can sign in as anyone.
    #[arg(long, requires = "demo", conflicts_with = "services")]
    demo_for_everyone: bool,

    /// Where the demo's partner shop runs: its service, and the accounts' links to it, are added.
    /// Webhooks may go to that address, also on this machine.
    #[arg(long, value_name = "URL", requires = "demo", conflicts_with = "services",
        value_parser = DemoShops::origin)]
    demo_shop: Option<String>,

    /// The same for the shop's test app, which has a client and user ids of its own.
    #[arg(long, value_name = "URL", requires = "demo", conflicts_with = "services",
        value_parser = DemoShops::origin)]
    demo_test_shop: Option<String>,

    /// The origin under which browsers reach this server; by default where it listens.
    #[arg(long, value_name = "URL")]
    public_origin: Option<String>,

    /// How long a person has for an answer.
    #[arg(long, value_name = "DURATION", default_value = "15m", value_parser = time_to_answer)]
    challenge_ttl: Duration,

    /// Requests a minute for each browser session, and ten times as many for each client address;
    /// pages, decisions, token requests and files are counted apart. 0 for no limit.
    #[arg(long, value_name = "N", default_value_t = 300)]
    rate_limit: u32,

    /// Tell browsers to use https for every subdomain of the public origin, too. For hosts all of
    /// whose subdomains are served over https: browsers keep to it for a year.
    #[arg(long)]
    hsts_include_subdomains: bool,
    /// The address or network from which a reverse proxy connects, once for each. Only such a proxy
    /// is believed: the client's address (Forwarded or X-Forwarded-For) and `account_header`.
    #[arg(long = "trusted-proxy", value_name = "CIDR")]
    trusted_proxies: Vec<Network>,

    /// A private network to which webhooks may be sent, once for each; also over plain http. Every other
    /// target must be https and in the public internet.
    #[arg(long = "webhook-network", value_name = "CIDR")]
    webhook_networks: Vec<Network>,

    /// Endpoints below /__test/ that reset the server, seed accounts, move the clock, make calls fail
    /// and answer consents, and sign-in by `login_hint` (docs/CI.md). The database is a new one in the
    /// temporary directory, gone at the end. Refused where others can reach this server.
    #[arg(long)]
    test_hooks: bool,

    /// Serve https, with a certificate of a certificate authority that is made in this directory and
    /// kept there. For tests on this machine; also for kauth.kakao.com and kapi.kakao.com.
    #[arg(long, value_name = "DIR")]
    tls_local: Option<PathBuf>,

    /// A further host name for the certificate of --tls-local, once for each. Requests may name it.
    #[arg(long = "tls-name", value_name = "HOST", requires = "tls_local", value_parser = host_name)]
    tls_names: Vec<String>,

    /// How many connections there may be at a time; a quarter of them of one address that is no
    /// trusted proxy.
    #[arg(long, value_name = "N", default_value = "1024")]
    max_connections: NonZeroUsize,

    /// How long to go on after SIGTERM, with /readyz answering 503, before connections are closed.
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = drain)]
    drain: Duration,
}

/// How the log is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object a line.
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// Prints the OpenAPI document.
    Openapi,
    /// Prints docs/API.md.
    ApiDoc,
    /// Prints the Content-Security-Policy of the built page, for a host that serves it as a file.
    PagePolicy {
        /// The built screen; by default the one inside this program, or `dist` where there is none inside.
        #[arg(long, value_name = "DIR")]
        dist: Option<PathBuf>,
    },
    /// Writes the screen inside this program into a new directory: to edit its theme, or for a host that
    /// serves it as files.
    Unpack(cli::pages::Unpack),
    /// Asks a server on this machine whether it is ready: status 0 if it is, else 1.
    Health(cli::health::Health),
    /// Looks things up in the database, also while a server uses it.
    Inspect {
        /// Where the database is; by default where a server has it.
        #[arg(long, visible_alias = "database-url", value_name = "DIR|URL", global = true)]
        data_dir: Option<Location>,
        /// The demo's database.
        #[arg(long, global = true)]
        demo: bool,
        /// As JSON instead of lines of text.
        #[arg(long, global = true)]
        json: bool,
        #[command(subcommand)]
        what: Inspect,
    },
    /// Exports and verifies receipts.
    #[command(subcommand)]
    Receipts(cli::receipts::Receipts),
    /// Explains why an account meets a screen at a service or none, why a channel is not offered, and
    /// who refused what and when.
    Explain(cli::explain::Explain),
    /// Lists, rotates and withdraws the keys that sign.
    Keys(cli::keys::Keys),
    /// Copies the database into a file while a server uses it, and checks the copy.
    Backup(cli::backup::BackUp),
    /// Checks a backup and puts it into a data directory.
    Restore(cli::backup::Restore),
    /// Moves a database from SQLite to PostgreSQL, and verifies what its receipts prove.
    Migrate(cli::migrate::Migrate),
    /// Makes a client secret, and its digest for services.toml.
    ClientSecret(cli::client_secret::ClientSecret),
    /// Erases an account: everything that names it goes, its receipts stay without a name.
    Erase(cli::erase::Erase),
    /// Shows, disables and enables accounts that were made at a sign-in.
    #[command(subcommand)]
    Accounts(cli::accounts::Accounts),
}

#[derive(Subcommand)]
enum Inspect {
    /// Agreements that end, and notices that users must get, in the next days.
    Due {
        /// How many days.
        #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(..=3650))]
        days: u16,
    },
    /// Events that services have not received: dead letters, and those that are tried again.
    Outbox {
        /// Sends a dead letter once more.
        #[arg(long, value_name = "ID")]
        retry: Option<i64>,
    },
    /// Who agreed to what, and when.
    #[command(group(ArgGroup::new("whose").required(true).multiple(true).args(["account", "service"])))]
    Agreements {
        /// The id of an account, whose receipts are listed, too.
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// The client id of a service.
        #[arg(long, value_name = "ID")]
        service: Option<String>,
    },
}

impl From<Inspect> for inspect::Question {
    fn from(what: Inspect) -> Self {
        match what {
            Inspect::Due { days } => Self::Due { days },
            Inspect::Outbox { retry: None } => Self::Outbox,
            Inspect::Outbox { retry: Some(id) } => Self::Retry { id },
            Inspect::Agreements { account, service } => Self::Agreements { account, service },
        }
    }
}

fn time_to_answer(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if (1..=24 * 60 * 60).contains(&duration.as_secs()) {
        Ok(duration)
    } else {
        Err("expected between 1s and 24h".to_owned())
    }
}

/// A host name in lower case, as a browser sends it.
fn host_name(text: &str) -> Result<String, String> {
    match url::Host::parse(text) {
        Ok(url::Host::Domain(host)) if host == text && !host.contains('*') => Ok(host),
        Ok(url::Host::Domain(host)) if host != text => Err(format!("write it as {host}")),
        _ => Err("expected a host name".to_owned()),
    }
}

fn drain(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration.as_secs() <= 10 * 60 {
        Ok(duration)
    } else {
        Err("expected at most 10m".to_owned())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.command {
        Some(Command::Openapi) => {
            println!("{}", api_doc::json());
            return ExitCode::SUCCESS;
        }
        Some(Command::ApiDoc) => {
            print!("{}", api_doc::markdown());
            return ExitCode::SUCCESS;
        }
        Some(Command::PagePolicy { dist }) => {
            let dist = cli::pages::screen(dist);
            return match page_policy(&dist) {
                Ok(policy) => {
                    println!("{policy}");
                    ExitCode::SUCCESS
                }
                Err(error) => {
                    eprintln!("{dist}/index.html: {error}");
                    ExitCode::FAILURE
                }
            };
        }
        Some(Command::Unpack(command)) => return finish(cli::pages::unpack(&command)),
        Some(Command::Health(command)) => return finish(Ok(cli::health::run(&command))),
        Some(Command::Inspect { data_dir, demo, json, what }) => {
            return print_inspection(data_dir, demo, json, what.into()).await;
        }
        Some(Command::Receipts(command)) => return finish(cli::receipts::run(command).await),
        Some(Command::Explain(command)) => return finish(cli::explain::run(command).await),
        Some(Command::Keys(command)) => return finish(cli::keys::run(command).await),
        Some(Command::Backup(command)) => {
            make_new_files_private();
            return finish(cli::backup::back_up(command).await);
        }
        Some(Command::Restore(command)) => {
            make_new_files_private();
            return finish(cli::backup::restore(command).await);
        }
        Some(Command::Migrate(command)) => return finish(cli::migrate::run(command).await),
        Some(Command::ClientSecret(command)) => return finish(cli::client_secret::run(&command)),
        Some(Command::Erase(command)) => {
            let done = cli::erase::run(command).await;
            return finish(done.map(|(text, is_done)| (text, u8::from(!is_done))));
        }
        Some(Command::Accounts(command)) => {
            let done = cli::accounts::run(command).await;
            return finish(done.map(|(text, is_done)| (text, u8::from(!is_done))));
        }
        None => {}
    }
    // Standard output is for the address alone: the parent process reads it there.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match arguments.log_format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).init(),
    }
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            match error {
                StartError::Configuration(_) => ExitCode::from(2),
                StartError::Other(_) => ExitCode::FAILURE,
            }
        }
    }
}

async fn print_inspection(
    data_dir: Option<Location>,
    is_demo: bool,
    as_json: bool,
    question: inspect::Question,
) -> ExitCode {
    make_new_files_private();
    let answered = match cli::location(data_dir, is_demo) {
        Ok(location) => inspect::answer(&location, &question, &Clock::default()).await,
        Err(error) => Err(error),
    };
    match answered {
        Ok(answer) if as_json => println!("{}", answer.json()),
        Ok(answer) => print!("{}", answer.text()),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Prints the outcome of a command. The status is 1 when what was checked is wrong, and 2 when it could
/// not be done.
fn finish(outcome: Result<(String, u8), String>) -> ExitCode {
    match outcome {
        Ok((text, status)) => {
            print!("{text}");
            ExitCode::from(status)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), StartError> {
    let other =
        |what: &str, error: &dyn std::fmt::Display| StartError::Other(format!("{what}: {error}"));
    make_new_files_private();
    let passed =
        passed_socket().map_err(|error| other("the passed socket (LISTEN_FDS)", &error))?;
    // Who can reach this process decides below what it may serve.
    let address = match &passed {
        Some(socket) => socket.local_addr().map_err(|error| other("no address", &error))?,
        None => arguments.listen,
    };
    // Names under which clients find this server beside its origin.
    let mut other_hosts = arguments.tls_names;
    if arguments.tls_local.is_some() {
        other_hosts.extend(PLATFORM_HOSTS.map(str::to_owned));
    }
    if arguments.test_hooks {
        let origin = arguments.public_origin.as_deref();
        let has_proxy = !arguments.trusted_proxies.is_empty();
        let reason = test_hooks_are_exposed(address, origin, &other_hosts, has_proxy);
        if let Some(reason) = reason {
            return Err(StartError::Other(reason));
        }
        tracing::warn!(
            "--test-hooks: ANY PROGRAM ON THIS MACHINE CAN SIGN IN AS ANYONE AND DELETE EVERYTHING \
             HERE; the database is a new one and is deleted at the end"
        );
    }
    // What the test hooks need is enough for the demo, too.
    if arguments.demo
        && !arguments.test_hooks
        && let Some(reason) = demo_is_exposed(address, arguments.public_origin.as_deref())
    {
        if !arguments.demo_for_everyone {
            return Err(StartError::Other(reason));
        }
        tracing::warn!("others can reach this demo, and anyone can sign in as anyone");
    }
    let tls = match &arguments.tls_local {
        None => None,
        Some(folder) => {
            let ca = LocalCa::open(folder)
                .map_err(|error| other(&format!("--tls-local {}", folder.display()), &error))?;
            let acceptor =
                ca.acceptor(&other_hosts).map_err(|error| other("--tls-local", &error))?;
            tracing::info!("{}", ca.how_to_trust());
            Some(acceptor)
        }
    };
    let listener = match (arguments.check, passed) {
        (true, _) => None,
        (false, Some(passed)) => Some(passed),
        (false, None) => Some(
            tokio::net::TcpListener::bind(address)
                .await
                .map_err(|error| other(&format!("cannot listen on {address}"), &error))?,
        ),
    };
    let address = match &listener {
        Some(listener) => listener.local_addr().map_err(|error| other("no address", &error))?,
        None => address,
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let public_origin = match arguments.public_origin {
        Some(origin) => origin,
        None if is_everywhere(address.ip()) => {
            let reason = "listening on every address needs --public-origin";
            return Err(StartError::Other(reason.to_owned()));
        }
        None => format!("{scheme}://{address}"),
    };
    if arguments.tls_local.is_some() && !public_origin.starts_with("https:") {
        let reason = "--tls-local serves https, and the public origin is not https";
        return Err(StartError::Other(reason.to_owned()));
    }
    let dist = cli::pages::screen(arguments.dist);
    let studio = cli::pages::studio(arguments.studio).map_err(StartError::Other)?;
    let admin_studio = cli::pages::studio(arguments.admin_studio).map_err(StartError::Other)?;
    for fault in languages::load(&dist) {
        tracing::warn!("{fault}");
    }
    let database = cli::location(arguments.data_dir, arguments.demo).map_err(StartError::Other)?;
    let audit = arguments.audit_log.filter(|_| !arguments.check).map(Target::from);
    let audit_log = match &audit {
        Some(target) => AuditLog::open(target).map_err(|error| other("--audit-log", &error))?,
        None => AuditLog::default(),
    };
    let traces = match arguments.check {
        true => Traces::default(),
        false => Traces::open(arguments.otlp_endpoint.as_deref()).map_err(StartError::Other)?,
    };
    let settings = Settings {
        services: arguments.services.map_or(Services::Demo, Services::File),
        public_origin,
        dist,
        studio,
        admin_studio,
        database,
        challenge_ttl: arguments.challenge_ttl,
        rate_limit: NonZeroU32::new(arguments.rate_limit),
        hsts_include_subdomains: arguments.hsts_include_subdomains,
        trusted_proxies: arguments.trusted_proxies,
        webhook_networks: arguments.webhook_networks,
        demo_shops: DemoShops { shop: arguments.demo_shop, test_app: arguments.demo_test_shop },
        test_hooks: arguments.test_hooks,
        other_hosts,
        serves_https: tls.is_some(),
        audit_log,
        traces,
        slow_request: arguments.slow_request,
        clock: Clock::default(),
    };
    let Some(listener) = listener else {
        for warning in App::check(&settings).await? {
            println!("{warning}");
        }
        println!("no faults");
        return Ok(());
    };
    let admin = match arguments.admin_listen {
        Some(address) => Some(
            tokio::net::TcpListener::bind(address)
                .await
                .map_err(|error| other(&format!("--admin-listen {address}"), &error))?,
        ),
        None => None,
    };
    // Before the start, which can take long: a migration, another process that opens the database.
    let mut stop = Stop::on_signal().map_err(|error| other("no signals", &error))?;
    let app = tokio::select! {
        opened = App::open(settings) => opened?,
        // A wait for the lock of the database cannot be cancelled. Nothing is lost: every write is a
        // transaction.
        () = stop.asked_while_starting() => std::process::exit(0),
    };
    for warning in app.warnings() {
        tracing::warn!("{warning}");
    }
    if audit == Some(Target::StandardOutput) {
        tracing::info!("listening on {scheme}://{address}");
    } else {
        println!("listening on {scheme}://{address}");
        // The reader must not wait for a full buffer.
        std::io::stdout().flush().map_err(|error| other("standard output", &error))?;
    }
    let admin = admin.map(|listener| {
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "the admin listener");
            if !address.ip().is_loopback() {
                tracing::warn!(%address, "others than this machine can reach the admin listener");
            }
        }
        let app = app.clone();
        tokio::spawn(async move { serve_admin(&app, listener).await })
    });
    let connections = Connections { limit: arguments.max_connections, drain: arguments.drain, tls };
    serve(&app, listener, connections, stop).await;
    if let Some(admin) = admin {
        admin.abort();
    }
    Ok(())
}

/// Whatever this process creates is for its own user only, also what a library creates.
fn make_new_files_private() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

fn is_everywhere(ip: IpAddr) -> bool {
    ip.is_unspecified()
}
