//! Made-up values for statements.

use std::collections::BTreeMap;

use sqlx::{Arguments, Encode, Type};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Integer,
    Boolean,
    Text,
    Bytes,
}

impl Kind {
    /// By the name of the type in either engine.
    pub fn named(name: &str) -> Self {
        match name {
            "INTEGER" | "INT8" | "BIGINT" => Self::Integer,
            "BOOLEAN" | "BOOL" => Self::Boolean,
            "TEXT" => Self::Text,
            "BLOB" | "BYTEA" => Self::Bytes,
            other => panic!("no value is of the type {other}"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Integer(i64),
    Boolean(bool),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    /// For a column, which gets another value from another seed, above 0. Values of one seed fit together:
    /// keys of one row are in the rows that refer to it.
    pub fn of_column(column: &str, kind: Kind, seed: i64) -> Self {
        match kind {
            // Not a number that the database gives by itself.
            Kind::Integer if column.ends_with(".id") => Self::Integer(1000 + seed),
            Kind::Integer => Self::Integer(seed),
            Kind::Boolean => Self::Boolean(false),
            Kind::Bytes => Self::Bytes(format!("{column}-{seed}").into_bytes()),
            Kind::Text => Self::Text(match column {
                "signing_keys.purpose" => "id_tokens".to_owned(),
                _ => {
                    let name = column.split_once('.').map_or(column, |(_, name)| name);
                    word(name).map_or_else(|| format!("{name}-{seed}"), str::to_owned)
                }
            }),
        }
    }

    /// For anything else.
    pub fn of_kind(kind: Option<Kind>) -> Self {
        match kind {
            Some(Kind::Boolean) => Self::Boolean(false),
            Some(Kind::Text) => Self::Text("none".to_owned()),
            Some(Kind::Bytes) => Self::Bytes(b"none".to_vec()),
            Some(Kind::Integer) | None => Self::Integer(1),
        }
    }

    pub fn add<A>(&self, arguments: &mut A)
    where
        A: Arguments,
        i64: for<'t> Encode<'t, A::Database> + Type<A::Database>,
        bool: for<'t> Encode<'t, A::Database> + Type<A::Database>,
        String: for<'t> Encode<'t, A::Database> + Type<A::Database>,
        Vec<u8>: for<'t> Encode<'t, A::Database> + Type<A::Database>,
    {
        match self {
            Self::Integer(value) => arguments.add(*value),
            Self::Boolean(value) => arguments.add(*value),
            Self::Text(value) => arguments.add(value.clone()),
            Self::Bytes(value) => arguments.add(value.clone()),
        }
        .unwrap();
    }
}

/// A word that the column of this name takes: others are refused.
fn word(column: &str) -> Option<&'static str> {
    Some(match column {
        "about" => "decision",
        "agreed_by" => "KAUTH",
        "caused_by" => "user",
        "change" | "decision" => "agree",
        "form" => "security_event",
        "how" => "combined_screen",
        "mode" => "production",
        "outcome" => "agreed",
        "purpose" => "sign_up",
        "relation" => "added",
        "signs" => "receipts",
        "state" => "active",
        _ => return None,
    })
}

/// The columns that an INSERT gives its values to, as `table.column`, by the place of the value. None for
/// another statement, or one that does not list its values.
pub fn columns_of_insert(statement: &str) -> Option<BTreeMap<usize, String>> {
    let rest = statement.trim_start().strip_prefix("INSERT INTO ")?;
    let (table, rest) = rest.split_once('(')?;
    let (names, rest) = rest.split_once(')')?;
    let rest = rest.trim_start().strip_prefix("VALUES")?.trim_start().strip_prefix('(')?;
    let mut columns = BTreeMap::new();
    let mut values = 0;
    for (name, expression) in names.split(',').zip(expressions(rest)) {
        let expression = expression.trim();
        let place = match expression.strip_prefix('?') {
            Some("") => values,
            Some(number) => number.parse::<usize>().ok()? - 1,
            None => {
                values += expression.matches('?').count();
                continue;
            }
        };
        values += 1;
        columns.insert(place, format!("{}.{}", table.trim(), name.trim()));
    }
    Some(columns)
}

/// The expressions of a list, up to its end.
fn expressions(text: &str) -> Vec<&str> {
    let (mut depth, mut start) = (0, 0);
    let mut found = Vec::new();
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            ')' => {
                found.push(&text[start..at]);
                break;
            }
            ',' if depth == 0 => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

#[test]
fn values_are_found_by_their_columns() {
    let columns = |sql: &str| columns_of_insert(sql).map(|it| it.into_iter().collect::<Vec<_>>());
    let named = |all: &[(usize, &str)]| {
        Some(all.iter().map(|(at, it)| (*at, (*it).to_owned())).collect::<Vec<_>>())
    };
    assert_eq!(
        columns(
            "INSERT INTO a (b, c,\n d) VALUES (?, (SELECT max(x, ?) FROM y), ?) ON CONFLICT DO"
        ),
        named(&[(0, "a.b"), (2, "a.d")])
    );
    assert_eq!(
        columns("INSERT INTO a (b, c, d) VALUES (?2, 7, ?1)"),
        named(&[(0, "a.d"), (1, "a.b")])
    );
    assert_eq!(columns("INSERT INTO a (b) SELECT ?"), None);
    assert_eq!(columns("DELETE FROM a WHERE b = ?"), None);
}
