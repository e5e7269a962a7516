//! Statements: a text with its values, and what its rows become.

use std::borrow::Cow;

use sqlx::{
    AssertSqlSafe, FromRow, Postgres, SqlSafeStr, SqlStr, Sqlite,
    postgres::{PgArguments, PgRow},
    query::{Query, QueryAs, QueryScalar},
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{
    Executor, Texts,
    connection::{acquired, acquired_live, lent},
    live, lookups,
    translation::postgres_text,
    value::{Bind, Value},
};
use crate::{
    store::{Error, retried},
    telemetry::profile::{Work, timed, timed_now},
};

/// Where the text of a statement comes from.
pub enum Source {
    /// Checked at compile time, and translated once.
    Checked(&'static Texts),
    /// One of a list in this program.
    Listed(&'static str),
    /// Put together while the program runs, of parts of this program.
    Built(String),
}

impl Source {
    /// What the list of slow requests names it: where it stands, or what it does with which table.
    fn name(&self) -> Cow<'static, str> {
        let text = match self {
            Self::Checked(texts) => {
                let place = texts.place;
                return Cow::Borrowed(place.rsplit_once("src/").map_or(place, |(_, rest)| rest));
            }
            Self::Listed(text) => *text,
            Self::Built(text) => text,
        };
        let mut words = text.split_whitespace();
        let verb = words.next().unwrap_or_default();
        let table = match verb {
            "UPDATE" => words.next(),
            _ => words.skip_while(|it| !["FROM", "INTO"].contains(it)).nth(1),
        };
        Cow::Owned(table.map_or_else(|| verb.to_owned(), |table| format!("{verb} {table}")))
    }

    fn sqlite(&self) -> SqlStr {
        match self {
            Self::Checked(texts) => texts.sqlite.into_sql_str(),
            Self::Listed(text) => text.into_sql_str(),
            Self::Built(text) => AssertSqlSafe(text.clone()).into_sql_str(),
        }
    }

    fn postgres(&self) -> SqlStr {
        match self {
            Self::Checked(texts) => texts.postgres.into_sql_str(),
            Self::Listed(text) => AssertSqlSafe(postgres_text(text)).into_sql_str(),
            Self::Built(text) => AssertSqlSafe(postgres_text(text)).into_sql_str(),
        }
    }
}

/// A text with its values.
pub struct Bound<'q> {
    pub source: Source,
    pub values: Vec<Value<'q>>,
}

impl<'q> Bound<'q> {
    /// Whether it only reads: then it can be done twice.
    fn reads(&self) -> bool {
        self.source.postgres().as_str().trim_start().starts_with("SELECT ")
    }

    fn sqlite_arguments(&self) -> Result<SqliteArguments, Error> {
        let mut arguments = SqliteArguments::default();
        for value in &self.values {
            value.add(&mut arguments).map_err(Error::Encode)?;
        }
        Ok(arguments)
    }

    fn postgres_arguments(&self) -> Result<PgArguments, Error> {
        let mut arguments = PgArguments::default();
        for value in &self.values {
            value.without_nul().add(&mut arguments).map_err(Error::Encode)?;
        }
        Ok(arguments)
    }
}

/// What an [`Execution`] did.
#[derive(Debug, Clone, Copy)]
pub struct Done {
    rows: u64,
}

impl Done {
    /// How many rows were written or deleted.
    pub fn rows_affected(&self) -> u64 {
        self.rows
    }
}

/// Runs a statement on a connection or a pool, by the method of sqlx's queries that is named. A macro, because
/// the queries of the two engines are of two types.
///
/// On PostgreSQL's pool it is in a box: without one, the future of each statement on SQLite would have room for
/// what is done again there.
macro_rules! run {
    ($statement:ident, $on:ident, $method:ident $(, $map:ident($outcome:expr))?) => {{
        let name = || $statement.bound.source.name();
        match $on {
            Executor::SqlitePool(pool) => {
                let mut it = acquired(pool).await?;
                let run = $statement.sqlite()?.$method(&mut *it);
                timed(Work::Statement, name(), run).await$(.$map($outcome))?
            }
            Executor::SqliteReaders(readers) => {
                let mut it = lent(readers).await?;
                let run = $statement.sqlite()?.$method(&mut *it);
                timed(Work::Statement, name(), run).await$(.$map($outcome))?
            }
            Executor::Sqlite(it) => {
                let run = $statement.sqlite()?.$method(it);
                timed(Work::Statement, name(), run).await$(.$map($outcome))?
            }
            Executor::PostgresPool(pool) if $statement.can_be_done_twice() => {
                let once = || async {
                    let mut it = acquired(pool).await?;
                    let run = $statement.postgres()?.$method(&mut *it);
                    timed(Work::Statement, name(), run).await
                };
                let run = retried(|| live::on_a_live_connection(pool, once));
                Box::pin(run).await$(.$map($outcome))?
            }
            Executor::PostgresPool(pool) => {
                let run = retried(|| async {
                    let mut it = acquired_live(pool).await?;
                    let run = $statement.postgres()?.$method(&mut *it);
                    timed(Work::Statement, name(), run).await
                });
                Box::pin(run).await$(.$map($outcome))?
            }
            Executor::Postgres(it) => {
                let run = $statement.postgres()?.$method(it);
                timed(Work::Statement, name(), run).await$(.$map($outcome))?
            }
        }
    }};
}

/// A statement without rows.
pub struct Execution<'q> {
    bound: Bound<'q>,
}

impl<'q> Execution<'q> {
    pub fn new(bound: Bound<'q>) -> Self {
        Self { bound }
    }

    /// One of a list of texts, which are checked by the tests that name them.
    pub fn listed(sql: &'static str) -> Self {
        Self::new(Bound { source: Source::Listed(sql), values: Vec::new() })
    }

    /// With another value.
    #[must_use]
    pub fn bind(mut self, value: &'q (impl Bind + ?Sized)) -> Self {
        self.bound.values.push(value.value());
        self
    }

    /// # Errors
    /// When the database refuses the statement.
    pub async fn execute(self, on: impl Into<Executor<'_>>) -> Result<Done, Error> {
        let on = on.into();
        run!(self, on, execute, map(|done| Done { rows: done.rows_affected() }))
    }

    /// It writes.
    fn can_be_done_twice(&self) -> bool {
        false
    }

    fn sqlite(&self) -> Result<Query<'static, Sqlite, SqliteArguments>, Error> {
        Ok(sqlx::query_with(self.bound.source.sqlite(), self.bound.sqlite_arguments()?))
    }

    fn postgres(&self) -> Result<Query<'static, Postgres, PgArguments>, Error> {
        Ok(sqlx::query_with(self.bound.source.postgres(), self.bound.postgres_arguments()?))
    }
}

/// What rows of both engines can become.
pub trait Record:
    Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>
{
}

impl<R> Record for R where
    R: Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>
{
}

/// A statement with rows.
pub struct Rows<'q, R> {
    bound: Bound<'q>,
    /// What reads a row of a lookup; none for a statement that is no lookup.
    of_row: Option<fn(&rusqlite::Row<'_>) -> rusqlite::Result<R>>,
}

impl<'q, R: Record + lookups::Record> Rows<'q, R> {
    /// For a statement that finds few rows by a key: SQLite has them in memory nearly always, and the thread that
    /// asks reads them itself.
    #[must_use]
    pub fn looked_up_first(self) -> Self {
        Self { of_row: Some(R::of_row), ..self }
    }
}

impl<'q, R: Record> Rows<'q, R> {
    pub fn new(bound: Bound<'q>) -> Self {
        Self { bound, of_row: None }
    }

    /// The rows of a lookup, where they can be read at once.
    fn looked_up(&self, on: &Executor<'_>, most: usize) -> Option<Vec<R>> {
        let (Some(of_row), Source::Checked(texts), Executor::SqliteReaders(readers)) =
            (self.of_row, &self.bound.source, on)
        else {
            return None;
        };
        timed_now(Work::Statement, self.bound.source.name(), || {
            readers.lookups().find(texts.sqlite, &self.bound.values, most, of_row)
        })
    }

    /// All rows.
    ///
    /// # Errors
    /// When the database refuses the statement, or a row cannot be read.
    pub async fn fetch_all(self, on: impl Into<Executor<'_>>) -> Result<Vec<R>, Error> {
        let on = on.into();
        match self.looked_up(&on, usize::MAX) {
            Some(rows) => Ok(rows),
            None => run!(self, on, fetch_all),
        }
    }

    /// The first row; none when there is none.
    ///
    /// # Errors
    /// As for [`Self::fetch_all`].
    pub async fn fetch_optional(self, on: impl Into<Executor<'_>>) -> Result<Option<R>, Error> {
        let on = on.into();
        match self.looked_up(&on, 1) {
            Some(mut rows) => Ok(rows.pop()),
            None => run!(self, on, fetch_optional),
        }
    }

    /// The first row.
    ///
    /// # Errors
    /// As for [`Self::fetch_all`]; `Error::RowNotFound` when there is none.
    pub async fn fetch_one(self, on: impl Into<Executor<'_>>) -> Result<R, Error> {
        self.fetch_optional(on).await?.ok_or(Error::RowNotFound)
    }

    fn can_be_done_twice(&self) -> bool {
        self.bound.reads()
    }

    fn sqlite(&self) -> Result<QueryAs<'static, Sqlite, R, SqliteArguments>, Error> {
        Ok(sqlx::query_as_with(self.bound.source.sqlite(), self.bound.sqlite_arguments()?))
    }

    fn postgres(&self) -> Result<QueryAs<'static, Postgres, R, PgArguments>, Error> {
        Ok(sqlx::query_as_with(self.bound.source.postgres(), self.bound.postgres_arguments()?))
    }
}

/// A statement with rows of one column.
pub struct Scalars<'q, T>(Rows<'q, (T,)>);

impl<'q, T> Scalars<'q, T>
where
    (T,): Record,
{
    /// Of the type that a statement of sqlx's macro has. `check` is not called.
    pub fn like<A>(
        check: impl FnOnce() -> QueryScalar<'static, Sqlite, T, A>,
        bound: Bound<'q>,
    ) -> Self {
        drop(check);
        Self(Rows::new(bound))
    }

    /// One of a list of texts, which are checked by the tests that name them.
    pub fn listed(sql: &'static str) -> Self {
        Self(Rows::new(Bound { source: Source::Listed(sql), values: Vec::new() }))
    }

    /// All rows.
    ///
    /// # Errors
    /// When the database refuses the statement, or a row cannot be read.
    pub async fn fetch_all(self, on: impl Into<Executor<'_>>) -> Result<Vec<T>, Error> {
        Ok(self.0.fetch_all(on).await?.into_iter().map(|(value,)| value).collect())
    }

    /// The value of the first row; none when there is none.
    ///
    /// # Errors
    /// As for [`Self::fetch_all`].
    pub async fn fetch_optional(self, on: impl Into<Executor<'_>>) -> Result<Option<T>, Error> {
        Ok(self.0.fetch_optional(on).await?.map(|(value,)| value))
    }

    /// The value of the first row.
    ///
    /// # Errors
    /// As for [`Self::fetch_all`]; `Error::RowNotFound` when there is none.
    pub async fn fetch_one(self, on: impl Into<Executor<'_>>) -> Result<T, Error> {
        Ok(self.0.fetch_one(on).await?.0)
    }
}
