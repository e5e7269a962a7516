//! What only PostgreSQL needs: connecting, migrating, and looking at its catalogue.

use std::{collections::BTreeSet, sync::LazyLock, time::Duration};

use sqlx::{
    PgPool, Row,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    Claim, Error, OpenError, Pool, Store, Writer, engine::pool_options, mode,
    signed_receipt::Signer,
};

/// Migrations, which sqlx applies one process at a time: it takes an advisory lock of the database.
/// Migrations of a newer version stay: they are made so that this version can go on beside it.
static MIGRATOR: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrator = sqlx::migrate!("./migrations_postgres");
    migrator.set_ignore_missing(true);
    migrator
});

/// Connections of one server, beside one that flushes. All servers together must stay below `max_connections` of
/// PostgreSQL, which is 100 by default.
const CONNECTIONS: u32 = 16;

/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

impl Store {
    /// Opens a database of PostgreSQL, which is there, and migrates it.
    pub(super) async fn open_postgres(
        options: PgConnectOptions,
        claim: &Claim,
    ) -> Result<Self, OpenError> {
        let pool = connect(options).await?;
        let readers = Pool::Postgres(pool.clone());
        let mark = mode::check(&readers, claim).await?;
        migrate(&pool).await?;
        let writer = Writer::postgres(pool);
        mode::mark(&writer, mark).await?;
        let signer = Signer::make(&writer, &readers, &claim.issuer).await?;
        let store = Self::new(readers, writer, signer);
        store.check_log().await?;
        Ok(store)
    }

    /// Opens a database of PostgreSQL that a server of this version uses.
    pub(super) async fn open_existing_postgres(
        options: PgConnectOptions,
    ) -> Result<Self, OpenError> {
        let pool = connect(options).await?;
        let applied = applied(&pool).await?;
        if MIGRATOR.iter().any(|migration| !applied.contains(&migration.version)) {
            return Err(OpenError::NotReady);
        }
        let readers = Pool::Postgres(pool.clone());
        let signer = Signer::read(&readers).await?;
        Ok(Self::new(readers, Writer::postgres(pool), signer))
    }
}

pub(super) async fn connect(options: PgConnectOptions) -> Result<PgPool, Error> {
    pool_options()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options.application_name("consent-backend"))
        .await
}

/// Applies what is missing.
pub(super) async fn migrate(pool: &PgPool) -> Result<(), OpenError> {
    if let Some(newer) = newest_unknown(pool).await? {
        tracing::warn!(migration = newer, "a newer version has changed the database");
    }
    MIGRATOR.run(pool).await.map_err(OpenError::Migration)
}

/// The last migration of a database that this version does not know.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn newest_unknown(pool: &PgPool) -> Result<Option<i64>, Error> {
    let applied = applied(pool).await?;
    Ok(applied.into_iter().rev().find(|it| !MIGRATOR.version_exists(*it)))
}

/// The versions of the migrations that a database has; none for a new one.
async fn applied(pool: &PgPool) -> Result<BTreeSet<i64>, Error> {
    if !has_table(pool, "_sqlx_migrations").await? {
        return Ok(BTreeSet::new());
    }
    let rows = sqlx::query("SELECT version FROM _sqlx_migrations").fetch_all(pool).await?;
    rows.iter().map(|row| row.try_get("version")).collect()
}

/// Whether there is a table of this name.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn has_table(pool: &PgPool, name: &str) -> Result<bool, Error> {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(name).fetch_one(pool).await
}

/// The database as it is now, whatever is written afterwards: a pool of one connection, in a transaction
/// that has read.
///
/// # Errors
/// When it cannot connect.
pub(super) async fn snapshot(pool: &PgPool) -> Result<PgPool, Error> {
    PgPoolOptions::new()
        .max_connections(1)
        // Another connection would see another moment.
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|connection, _| {
            Box::pin(async {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
                             SELECT count(*) FROM receipt_settings";
                sqlx::raw_sql(begin).execute(connection).await.map(|_| ())
            })
        })
        .connect_with(PgConnectOptions::clone(&pool.connect_options()))
        .await
}

/// Triggers of the migrations that are not there, or disabled. Each is a fault: receipts are protected by
/// them.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn missing_triggers(pool: &PgPool) -> Result<Vec<String>, Error> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'",
    )
    .fetch_all(pool)
    .await?;
    let missing = triggers().into_iter().filter(|name| !found.iter().any(|it| it == name));
    Ok(missing.map(|name| format!("the trigger {name} is missing")).collect())
}

/// The names of the triggers that the migrations make.
fn triggers() -> Vec<&'static str> {
    let texts = MIGRATOR.iter().map(|migration| migration.sql.as_str());
    let made = texts.flat_map(|text| text.split("CREATE TRIGGER ").skip(1));
    made.filter_map(|rest| rest.split_whitespace().next()).collect()
}
