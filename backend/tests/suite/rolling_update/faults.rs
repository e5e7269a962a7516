//! What keeps servers of a release and of the next one from running side by side.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sqlx::migrate::Migration;

use super::{
    database::{Connection, Database, Engine},
    release::Release,
    values::{Kind, Value, columns_of_insert},
};
use crate::postgres::schema::Schema;

/// What is in the schema of the last release, and no statement of it uses: a table, `table.column`, or the
/// name of an index, a view or a trigger. The next release may remove it.
const NOT_USED_ANY_MORE: [&str; 0] = [];

/// The faults of an update from a release by these migrations, of which the release may have some. A
/// connection of the release, with all of its statements prepared, stays open while the other version
/// migrates. Types are compared of the statements that name `described`; of all, where that is empty:
/// PostgreSQL plans a statement to describe it, and there are hundreds.
pub async fn of(
    engine: Engine,
    name: &str,
    release: &Release,
    migrations: &[Migration],
    described: &str,
) -> Vec<String> {
    let database = Database::new(engine, name);
    let mut open = database.connect().await;
    open.migrate(release.migrations(engine)).await.unwrap();
    let before = Before::read(&mut open, release, engine, described).await;
    // What only the migrating connection describes is not prepared before.
    let mut migrating = database.connect().await;
    migrating.migrate(migrations.to_vec()).await.unwrap();
    let mut faults = compared(&before.schema, &migrating.schema().await);
    for (statement, before) in &before.described {
        match migrating.describe(statement).await {
            Ok(after) if after == *before => {}
            Ok(after) => faults.push(format!("{statement} has other types: {before} and {after}")),
            Err(error) => faults.push(format!("{statement} cannot be prepared: {error}")),
        }
    }
    // Each statement ends as it ended before: what could be written can be written.
    let after = before.statements.run(&mut open, 2, "COMMIT").await;
    for ((statement, before), (_, after)) in before.outcomes.iter().zip(&after) {
        if before != after {
            faults.push(format!("{statement} was {before:?}, and is {after:?} now"));
        }
    }
    if faults.is_empty() {
        // The other version sees what was written before and after.
        assert_eq!(rows(&mut migrating).await, [2; 3]);
    }
    faults
}

/// A database of the release, in use.
struct Before<'r> {
    schema: Schema,
    described: BTreeMap<&'r str, Json>,
    statements: Statements,
    outcomes: Vec<(String, Outcome)>,
}

impl<'r> Before<'r> {
    async fn read(
        open: &mut Connection,
        release: &'r Release,
        engine: Engine,
        naming: &str,
    ) -> Self {
        let schema = open.schema().await;
        let described = described(open, release, naming).await;
        let statements = Statements::prepare(open, release, engine).await;
        statements.run(open, 1, "COMMIT").await;
        assert_eq!(rows(open).await, [1; 3]);
        let outcomes = statements.run(open, 2, "ROLLBACK").await;
        let written = outcomes.iter().filter(|it| it.0.starts_with("INSERT") && it.1.is_ok());
        let written = written.count();
        assert!(written > 25, "{written} INSERTs: {outcomes:#?}");
        Self { schema, described, statements, outcomes }
    }
}

async fn described<'r>(
    connection: &mut Connection,
    release: &'r Release,
    naming: &str,
) -> BTreeMap<&'r str, Json> {
    let mut described = BTreeMap::new();
    for statement in release.statements.iter().filter(|it| it.contains(naming)) {
        let of_it = connection.describe(statement).await;
        let of_it =
            of_it.unwrap_or_else(|error| panic!("{}: {statement}: {error}", release.release));
        described.insert(&**statement, of_it);
    }
    assert!(!described.is_empty(), "no statement names {naming}");
    described
}

/// What a server of the first schema finds no more, cannot write, or reads in another way.
pub fn compared(before: &Schema, after: &Schema) -> Vec<String> {
    let mut faults = Vec::new();
    let is_used = |name: &str| !NOT_USED_ANY_MORE.contains(&name);
    let has_table = |schema: &Schema, table: &str| schema.columns.keys().any(|it| it.0 == table);
    for ((table, column), (kind, is_nullable)) in &before.columns {
        let name = format!("{table}.{column}");
        let found = after.columns.get(&(table.clone(), column.clone()));
        match found {
            None if is_used(&name) && is_used(table) => faults.push(format!("{name} is gone")),
            None => {}
            Some((other, _)) if other != kind => {
                faults.push(format!("{name} is {other} and not {kind} any more"));
            }
            // What was never NULL is read as such; what could be NULL is written so.
            Some((_, other)) if other != is_nullable => {
                faults.push(format!("{name} can be NULL: {is_nullable}, and now {other}"));
            }
            Some(_) => {}
        }
    }
    for (place, (_, is_nullable)) in &after.columns {
        let (table, column) = place;
        let is_new = has_table(before, table) && !before.columns.contains_key(place);
        if is_new && !is_nullable && !after.defaults.contains(place) {
            faults.push(format!("{table}.{column} is new, NOT NULL and without a default"));
        }
    }
    for (table, columns) in after.keys.difference(&before.keys) {
        if has_table(before, table) {
            faults.push(format!("{table} has a new key, {columns:?}"));
        }
    }
    for name in before.names.difference(&after.names).filter(|it| is_used(it)) {
        faults.push(format!("{name} is gone"));
    }
    faults
}

/// What became of a statement: done, or refused for a reason by its code.
type Outcome = Result<(), String>;

/// Rows of decisions, their items and agreements. Of those that were made up: one of each seed.
async fn rows(connection: &mut Connection) -> [i64; 3] {
    [
        connection.count("SELECT count(*) FROM decisions").await,
        connection.count("SELECT count(*) FROM receipt_items").await,
        connection.count("SELECT count(DISTINCT account) FROM agreements").await,
    ]
}

/// Statements with their values, in the order in which they can run.
struct Statements {
    all: Vec<(String, Vec<Slot>)>,
}

/// Where a value goes.
struct Slot {
    /// As `table.column`; none when the statement does not write it into one.
    column: Option<String>,
    kind: Option<Kind>,
}

impl Slot {
    fn value(&self, seed: i64) -> Value {
        match (&self.column, self.kind) {
            (Some(column), Some(kind)) => Value::of_column(column, kind, seed),
            (_, kind) => Value::of_kind(kind),
        }
    }
}

impl Statements {
    async fn prepare(connection: &mut Connection, release: &Release, engine: Engine) -> Self {
        let columns = match engine {
            Engine::Sqlite => connection.schema().await.columns,
            // It infers the types itself.
            Engine::Postgres => BTreeMap::new(),
        };
        let kind_of = |name: &str| {
            let (table, column) = name.split_once('.')?;
            let (kind, _) = columns.get(&(table.to_owned(), column.to_owned()))?;
            Some(Kind::named(kind))
        };
        let mut all = Vec::new();
        for statement in &release.statements {
            let mut written = columns_of_insert(statement).unwrap_or_default();
            let kinds = connection.prepare(statement).await.unwrap();
            let slots = kinds.into_iter().enumerate().map(|(place, kind)| {
                let column = written.remove(&place);
                let kind = kind.or_else(|| kind_of(column.as_deref()?));
                Slot { column, kind }
            });
            let slots = slots.collect();
            all.push((statement.clone(), slots));
        }
        all.sort_by_key(|(statement, _)| order(statement));
        Self { all }
    }

    /// Runs all of them in one transaction, and ends it. One that is refused undoes nothing of the others.
    async fn run(
        &self,
        connection: &mut Connection,
        seed: i64,
        end: &'static str,
    ) -> Vec<(String, Outcome)> {
        connection.script("BEGIN").await;
        let mut outcomes = Vec::new();
        for (statement, slots) in &self.all {
            let values: Vec<_> = slots.iter().map(|it| it.value(seed)).collect();
            connection.script("SAVEPOINT one").await;
            let outcome = match connection.run(statement, &values).await {
                Ok(()) => Ok(()),
                Err(sqlx::Error::Database(error)) => {
                    Err(error.code().map_or_else(|| error.to_string(), |code| code.into_owned()))
                }
                Err(error) => panic!("{statement}: {error}"),
            };
            if outcome.is_err() {
                connection.script("ROLLBACK TO SAVEPOINT one").await;
            }
            connection.script("RELEASE SAVEPOINT one").await;
            outcomes.push((statement.clone(), outcome));
        }
        connection.script(end).await;
        outcomes
    }
}

/// Rows that others refer to come first, and what reads, changes and deletes comes after them.
fn order(statement: &str) -> u8 {
    let is_parent =
        |it: &&str| statement.strip_prefix("INSERT INTO ").is_some_and(|rest| rest.starts_with(it));
    match statement {
        _ if ["decisions ", "decisions\n", "grant_changes ", "grant_changes\n"]
            .iter()
            .any(is_parent) =>
        {
            0
        }
        it if it.starts_with("INSERT") => 1,
        it if it.starts_with("UPDATE") => 3,
        it if it.starts_with("DELETE") => 4,
        _ => 2,
    }
}
