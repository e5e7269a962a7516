//! Metrics, in the text format of OpenMetrics that Prometheus reads.
//!
//! Every label has few values: routes as they are configured in the router, statuses, and words of this
//! program. No address, no account, no path.

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

use crate::{
    clock::Seconds,
    oauth::key_ring::Purpose,
    store::{Outcome, PoolUse, RefreshFault, TokenFault, Workload},
};

/// Upper bounds of request durations, in seconds.
const DURATIONS: [f64; 9] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: String,
}

/// A number of a pool of connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfPool {
    pool: &'static str,
    kind: &'static str,
}

/// One word of a few.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// Counts of the lines of the audit log. Cheap to copy.
#[derive(Clone, Default)]
pub struct AuditLines(Family<Kind, Counter>);

impl AuditLines {
    const LOST: Kind = Kind { kind: "lost" };

    pub fn written(&self) {
        self.0.get_or_create(&Kind { kind: "written" }).inc();
    }

    pub fn lost(&self) {
        self.0.get_or_create(&Self::LOST).inc();
    }

    #[must_use]
    pub fn count_lost(&self) -> u64 {
        self.0.get_or_create(&Self::LOST).get()
    }
}

/// A method of a request as a label: a client can make up any.
#[must_use]
pub fn known_method(method: &str) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|it| *it == method).unwrap_or("other")
}

/// What is counted. Counters begin at 0 with each start.
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<OfRoute, Histogram>,
    pool_waits: Histogram,
    connections: Family<OfPool, Gauge>,
    decisions: Family<Kind, Counter>,
    reused: Family<Kind, Counter>,
    failed_clients: Counter,
    deliveries: Family<Kind, Counter>,
    reloads: Family<Kind, Counter>,
    reloaded_at: Gauge,
    outbox: Family<Kind, Gauge>,
    unsealed: Gauge,
    database: Family<Kind, Gauge>,
    keys: Family<Kind, Gauge>,
    ready: Gauge,
}

/// Gauges that are read at each request.
pub struct Gauges {
    pub workload: Workload,
    pub is_ready: bool,
    /// Since when the active key of each purpose signs.
    pub keys: Vec<(Purpose, Seconds)>,
    /// Of each pool.
    pub connections: Vec<(&'static str, PoolUse)>,
}

impl Metrics {
    /// Counts from now on; the lines of the audit log are counted where they are written.
    #[must_use]
    pub fn new(audit: AuditLines) -> Self {
        let mut registry = Registry::with_prefix("consent");
        let metrics = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(DURATIONS)),
            pool_waits: Histogram::new(DURATIONS),
            connections: Family::default(),
            decisions: Family::default(),
            reused: Family::default(),
            failed_clients: Counter::default(),
            deliveries: Family::default(),
            reloads: Family::default(),
            reloaded_at: Gauge::default(),
            outbox: Family::default(),
            unsealed: Gauge::default(),
            database: Family::default(),
            keys: Family::default(),
            ready: Gauge::default(),
            registry: Registry::default(),
        };
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        registry.register("build", "The version that runs", Info::new(version));
        let help = "Requests that were answered";
        registry.register("http_requests", help, metrics.requests.clone());
        let help = "Time until an answer began";
        registry.register_with_unit(
            "http_request_duration",
            help,
            Unit::Seconds,
            metrics.durations.clone(),
        );
        let help = "Time that requests waited for a connection to the database";
        registry.register_with_unit(
            "database_pool_wait",
            help,
            Unit::Seconds,
            metrics.pool_waits.clone(),
        );
        let help = "Connections to the database: open, in use, and how many there can be";
        registry.register("database_connections", help, metrics.connections.clone());
        let help = "Decisions on the screen that were recorded";
        registry.register("decisions", help, metrics.decisions.clone());
        let help = "Codes and refresh tokens that came a second time: a sign of theft";
        registry.register("tokens_reused", help, metrics.reused.clone());
        let help = "Requests of clients that did not authenticate";
        registry.register("client_authentication_failures", help, metrics.failed_clients.clone());
        let help = "Lines of the audit log: written, or lost because they could not be";
        registry.register("audit_lines", help, audit.0);
        let help = "Attempts to deliver an event to a service";
        registry.register("event_deliveries", help, metrics.deliveries.clone());
        let help = "Reloads of the configuration";
        registry.register("configuration_reloads", help, metrics.reloads.clone());
        let help = "When the configuration that runs was read, in seconds since 1970";
        registry.register("configuration_read_time", help, metrics.reloaded_at.clone());
        let help = "Events that were not delivered: pending ones and dead letters";
        registry.register("outbox_events", help, metrics.outbox.clone());
        let help = "Receipts that are not in their log yet";
        registry.register("receipts_unsealed", help, metrics.unsealed.clone());
        let help = "Size of the database and of its write-ahead log";
        registry.register_with_unit("database", help, Unit::Bytes, metrics.database.clone());
        let help = "Since when the active key signs, in seconds since 1970";
        registry.register("signing_key_active_time", help, metrics.keys.clone());
        let help = "Whether the database takes a write and the process is not ending";
        registry.register("ready", help, metrics.ready.clone());
        Self { registry, ..metrics }
    }

    /// Counts an answer. `route` is the route of the router, not the path.
    pub fn answered(&self, route: &str, method: &'static str, status: u16, seconds: f64) {
        let route = route.to_owned();
        self.durations.get_or_create(&OfRoute { route: route.clone() }).observe(seconds);
        self.requests.get_or_create(&Answered { route, method, status }).inc();
    }

    /// Counts a wait for a connection to the database.
    pub fn waited_for_connection(&self, seconds: f64) {
        self.pool_waits.observe(seconds);
    }

    pub fn decided(&self, outcome: Outcome) {
        let kind = match outcome {
            Outcome::Agreed => "agree",
            Outcome::Cancelled => "cancel",
            Outcome::UnderAge => "under_age",
        };
        self.decisions.get_or_create(&Kind { kind }).inc();
    }

    /// Counts a code that was used before.
    pub fn code_refused(&self, fault: &TokenFault) {
        if matches!(fault, TokenFault::UsedBefore { .. }) {
            self.reused.get_or_create(&Kind { kind: "code" }).inc();
        }
    }

    /// Counts a refresh token that was used before.
    pub fn refresh_refused(&self, fault: &RefreshFault) {
        if matches!(fault, RefreshFault::UsedBefore { .. }) {
            self.reused.get_or_create(&Kind { kind: "refresh_token" }).inc();
        }
    }

    pub fn client_not_authenticated(&self) {
        self.failed_clients.inc();
    }

    /// `delivered`, `failed` or `dead`.
    pub fn event_sent(&self, kind: &'static str) {
        self.deliveries.get_or_create(&Kind { kind }).inc();
    }

    /// Counts a reload; a refused one has no time.
    pub fn configuration_read(&self, at: Option<Seconds>) {
        let kind = if at.is_some() { "done" } else { "refused" };
        self.reloads.get_or_create(&Kind { kind }).inc();
        if let Some(at) = at {
            self.reloaded_at.set(at);
        }
    }

    /// When the process read its configuration at the start.
    pub fn started(&self, at: Seconds) {
        self.reloaded_at.set(at);
    }

    /// All of it as text.
    #[must_use]
    pub fn text(&self, gauges: &Gauges) -> String {
        let Gauges { workload, is_ready, keys, connections } = gauges;
        for (pool, it) in connections {
            for (kind, many) in [("open", it.open), ("in_use", it.in_use), ("most", it.most)] {
                self.connections.get_or_create(&OfPool { pool, kind }).set(many);
            }
        }
        let set = |family: &Family<Kind, Gauge>, kind, value| {
            family.get_or_create(&Kind { kind }).set(value);
        };
        set(&self.outbox, "pending", workload.pending_events);
        set(&self.outbox, "dead", workload.dead_events);
        self.unsealed.set(workload.unsealed_receipts);
        set(&self.database, "database", workload.database_bytes);
        set(&self.database, "write_ahead_log", workload.log_bytes);
        for (purpose, since) in keys {
            let kind = match purpose {
                Purpose::IdTokens => "id_tokens",
                Purpose::Events => "events",
            };
            set(&self.keys, kind, *since);
        }
        self.ready.set(i64::from(*is_ready));
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string takes whatever is written");
        text
    }
}
