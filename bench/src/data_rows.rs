//! Rows that fill a database: copies of the decisions of one person, with everything that belongs to each,
//! for as many people as are wanted. Keys are scattered, as random ones are.

use std::ops::RangeInclusive;

/// The person whose decisions are copied.
pub const TEMPLATE: &str = "p0";

/// Decisions of one person, each at another service.
pub const SERVICES: u64 = 4;

/// A copied signature is of another receipt, so these rows prove nothing: they are as large as those that
/// do, and are found in the same way.
const TEMPLATES: [(&str, &str); 7] = [
    ("decisions", "account = 'p0'"),
    ("receipt_items", "receipt_id IN (SELECT receipt_id FROM t_decisions)"),
    ("signed_receipts", "receipt_id IN (SELECT receipt_id FROM t_decisions)"),
    ("subjects", "account = 'p0'"),
    ("links", "account = 'p0'"),
    ("agreements", "account = 'p0'"),
    ("asked_items", "account = 'p0'"),
];

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// The SQL that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Eight hexadecimal digits of a number below 2^32.
    fn digits(self, number: &str) -> String {
        match self {
            Self::Sqlite => format!("printf('%08x', {number})"),
            Self::Postgres => format!("lpad(to_hex({number}), 8, '0')"),
        }
    }

    /// The bytes of a text.
    fn bytes(self, text: &str) -> String {
        match self {
            Self::Sqlite => format!("CAST({text} AS BLOB)"),
            Self::Postgres => format!("convert_to({text}, 'UTF8')"),
        }
    }

    /// Digits that are another's for each `n` below 2^32, and in no order. Multiplying by an odd number
    /// maps these numbers one to one (Knuth, The Art of Computer Programming, 6.4).
    fn scattered(self) -> String {
        let first = self.digits("n * 2654435761 % 4294967296");
        let second = self.digits("n * 2246822519 % 4294967296");
        format!("{first} || {second}")
    }

    /// Settings of a connection that inserts much, and may lose it with the power.
    #[must_use]
    pub fn hurry(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY"
            }
            Self::Postgres => "SET synchronous_commit = off",
        }
    }

    /// What makes a database that was filled one that was in use: its log is short, and what a clean-up
    /// of PostgreSQL does by itself is done.
    #[must_use]
    pub fn settle(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &["PRAGMA wal_checkpoint(TRUNCATE)"],
            Self::Postgres => &["VACUUM (ANALYZE)", "CHECKPOINT"],
        }
    }

    /// The bytes that the database has on the disk.
    #[must_use]
    pub fn size(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            }
            Self::Postgres => "SELECT pg_database_size(current_database())",
        }
    }
}

fn numbers(range: &RangeInclusive<u64>) -> String {
    format!(
        "WITH RECURSIVE numbers (n) AS (
             SELECT CAST({} AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < {})",
        range.start(),
        range.end()
    )
}

/// Puts challenges into the database that expired a long time ago, one for each number.
#[must_use]
pub fn expired_challenges(dialect: Dialect, range: RangeInclusive<u64>) -> String {
    let id = dialect.bytes(&format!("{} || '{}'", dialect.scattered(), "0".repeat(16)));
    format!(
        "{}
         INSERT INTO challenges (id, session, account, service, query, locale, signed_in, expires_at)
         SELECT {id}, n, '{TEMPLATE}', 'demo-shop', '{}', 'ko', n, 1000000000 + n FROM numbers",
        numbers(&range),
        "x".repeat(600),
    )
}

/// Keeps the rows of [`TEMPLATE`] beside the tables, for a connection.
#[must_use]
pub fn templates() -> String {
    let copies = TEMPLATES.map(|(table, condition)| {
        format!("CREATE TEMPORARY TABLE t_{table} AS SELECT * FROM {table} WHERE {condition};\n")
    });
    copies.concat()
        + "CREATE TEMPORARY TABLE templates AS SELECT row_number() OVER (ORDER BY receipt_id) - 1 AS \
           place, receipt_id, service FROM t_decisions"
}

/// What copies are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copies {
    /// Sign-ups of the last two years that still hold, four of each account, with a refresh token each.
    SignUps,
    /// Screens that were cancelled by others, longer ago than they are kept.
    OldCancels,
}

/// Copies for each number, in one transaction. `signed` is how many signed receipts there are, and `now`
/// the time, in seconds since 1970.
#[must_use]
pub fn copies(
    dialect: Dialect,
    what: Copies,
    range: RangeInclusive<u64>,
    signed: i64,
    now: i64,
) -> String {
    // As long as a random token: 43 characters.
    let id = format!("{} || '{}'", dialect.scattered(), "0".repeat(27));
    let (account, at, decision) = match what {
        Copies::SignUps => (
            format!("'p' || (1 + (n - 1) / {SERVICES})"),
            format!("{now} - {DAY} * (30 + n % 700)"),
            "t.decision",
        ),
        Copies::OldCancels => {
            ("'c' || n".to_owned(), format!("{now} - {DAY} * 100 - n % 1000"), "'cancel'")
        }
    };
    let (challenge, first) =
        (dialect.bytes(&format!("{} || 'c'", dialect.scattered())), range.start());
    let mut sql = format!(
        "BEGIN;
         CREATE TEMPORARY TABLE made AS {}
         SELECT n, {signed} + n - {first} + 1 AS number, {id} AS receipt_id, {challenge} AS challenge,
             {account} AS account, templates.receipt_id AS template, templates.service AS service,
             {at} AS at
         FROM numbers CROSS JOIN templates WHERE templates.place = n % {SERVICES};
         INSERT INTO decisions (receipt_id, schema_version, challenge, session, account, service,
             decision, purpose, locale, body, decided_at)
         SELECT made.receipt_id, t.schema_version, made.challenge, made.n, made.account, t.service,
             {decision}, t.purpose, t.locale, t.body, made.at
         FROM made CROSS JOIN t_decisions AS t WHERE t.receipt_id = made.template ORDER BY made.n;
         INSERT INTO receipt_items (receipt_id, position, key, kind, title, required, version, digest,
             locale, agreed, decided_at)
         SELECT made.receipt_id, t.position, t.key, t.kind, t.title, t.required, t.version, t.digest,
             t.locale, t.agreed, made.at
         FROM made CROSS JOIN t_receipt_items AS t WHERE t.receipt_id = made.template;
         INSERT INTO signed_receipts (number, receipt_id, about, jws, salt)
         SELECT made.number, made.receipt_id, t.about, t.jws, t.salt
         FROM made CROSS JOIN t_signed_receipts AS t WHERE t.receipt_id = made.template
         ORDER BY made.number;
         INSERT INTO subjects (account, service, salt)
         SELECT made.account, t.service, t.salt
         FROM made CROSS JOIN t_subjects AS t WHERE t.service = made.service;\n",
        numbers(&range),
    );
    if what == Copies::SignUps {
        let token = |name: &str| dialect.bytes(&format!("made.receipt_id || '{name}'"));
        sql += &format!(
            "INSERT INTO links (account, service, how, linked_at)
             SELECT made.account, t.service, t.how, made.at
             FROM made CROSS JOIN t_links AS t WHERE t.service = made.service;
             INSERT INTO agreements (account, service, key, version, value, agreed_at, agreed_by,
                 expires_at, statements)
             SELECT made.account, t.service, t.key, t.version, t.value, made.at, t.agreed_by,
                 t.expires_at, t.statements
             FROM made CROSS JOIN t_agreements AS t WHERE t.service = made.service;
             INSERT INTO asked_items (account, service, key)
             SELECT made.account, t.service, t.key
             FROM made CROSS JOIN t_asked_items AS t WHERE t.service = made.service;
             INSERT INTO refresh_tokens (token, code, account, service, session, is_offline, scope,
                 signed_in, issued_at, expires_at, family_expires_at, state, is_received)
             SELECT {}, {}, account, service, n, TRUE, 'openid offline_access', at, at,
                 {now} + 60 * {DAY} + n % {DAY}, {now} + 300 * {DAY}, 'active', FALSE
             FROM made;\n",
            token("r"),
            token("c"),
        );
    }
    sql + "DROP TABLE made; COMMIT"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Cluster;
    use crate::database::Database;

    /// What the rows must fit.
    const SCHEMA: &str = include_str!("../../backend/migrations_postgres/0001_schema.sql");

    #[tokio::test]
    async fn rows_fit_the_schema_of_postgresql() {
        let Some(cluster) = Cluster::start().await.expect("it starts") else { return };
        let database = Database::Postgres(cluster.database("rows").await.expect("a database"));
        let mut connection = database.open().await.expect("a connection");
        connection.run(SCHEMA).await.expect("the schema");
        for service in ["a", "b", "c", "d"] {
            let made = format!(
                "INSERT INTO decisions VALUES ('{service}', 2, '{service}', 1, 'p0', '{service}',
                     'agree', 'sign_up', 'ko', '', 9);
                 INSERT INTO receipt_items VALUES ('{service}', 0, 'term:tos', 'service', '', TRUE,
                     '1', 'd', 'ko', TRUE, 9);
                 INSERT INTO signed_receipts
                     SELECT count(*) + 1, '{service}', 'decision', 'jws', '' FROM signed_receipts;
                 INSERT INTO subjects VALUES ('p0', '{service}', '');
                 INSERT INTO links VALUES ('p0', '{service}', 'combined_screen', 9);
                 INSERT INTO agreements VALUES ('p0', '{service}', 'term:tos', '1', NULL, 9)"
            );
            connection.run(&made).await.expect("a template");
        }
        connection.run(&templates()).await.expect("templates");
        connection.run(Dialect::Postgres.hurry()).await.expect("settings");
        for sql in [
            copies(Dialect::Postgres, Copies::SignUps, 1..=80, 4, 2_000_000_000),
            copies(Dialect::Postgres, Copies::OldCancels, 81..=90, 84, 2_000_000_000),
            expired_challenges(Dialect::Postgres, 1..=30),
        ] {
            connection.run(&sql).await.expect("rows");
        }
        let counted =
            "SELECT (SELECT count(*) FROM decisions), (SELECT max(number) FROM signed_receipts),
            (SELECT count(*) FROM links WHERE account = 'p20'), (SELECT count(*) FROM challenges)";
        assert_eq!(connection.numbers(counted).await.expect("counts"), [94, 94, 4, 30]);
        for sql in Dialect::Postgres.settle() {
            connection.run(sql).await.expect("settled");
        }
        let [bytes] = connection.numbers(Dialect::Postgres.size()).await.expect("a size");
        assert!(bytes > 1_000_000, "{bytes}");
    }
}
