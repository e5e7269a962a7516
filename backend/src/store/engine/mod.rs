//! The two engines, SQLite and PostgreSQL, behind one interface: a statement is one text, its values and
//! the type of its rows, and runs on whichever engine the database is.
//!
//! The macros check each text against SQLite's schema at compile time, with sqlx's own macros in a
//! closure that is never called; the suite prepares the translation of each on PostgreSQL
//! (`postgres::statements` there). See ADR 20.

mod connection;
mod live;
mod lookups;
mod query_builder;
mod readers;
mod statement;
mod translation;
mod value;

pub(super) use connection::{Connection, Executor, Pool, SqlxPool, begin_whole};
pub(super) use live::{on_a_live_connection, pool_options};
pub(super) use lookups::Record as LookupRecord;
pub(super) use query_builder::QueryBuilder;
pub(super) use readers::SqliteReaders;
pub(super) use statement::{Bound, Done, Execution, Rows, Scalars, Source};
pub(super) use translation::Texts;
#[doc(hidden)]
pub use translation::postgres_text;
pub(super) use value::Bind;

/// A statement without rows: `query!("DELETE FROM sessions WHERE id = ?", id).execute(…)`.
macro_rules! query {
    ($sql:tt $(, $value:expr)* $(,)?) => {{
        let _check = || ::sqlx::query!($sql $(, $value)*);
        $crate::store::engine::Execution::new($crate::store::engine::bound!($sql $(, $value)*))
    }};
}

/// A statement whose rows become a struct: one that has a name and derives `sqlx::FromRow`, or one whose
/// fields are listed in place, `query_as!(struct { id: i64 }, "SELECT id …")`.
macro_rules! query_as {
    (struct { $($field:ident : $type:ty),* $(,)? }, $sql:tt $(, $value:expr)* $(,)?) => {{
        #[derive(::sqlx::FromRow)]
        struct Record {
            $($field: $type,)*
        }
        $crate::store::engine::query_as!(Record, $sql $(, $value)*)
    }};
    ($record:path, $sql:tt $(, $value:expr)* $(,)?) => {{
        let _check = || ::sqlx::query_as!($record, $sql $(, $value)*);
        $crate::store::engine::Rows::<$record>::new(
            $crate::store::engine::bound!($sql $(, $value)*)
        )
    }};
}

/// As [`query_as`], for a statement that finds few rows by a key: with SQLite, the thread that asks reads them
/// itself. A struct that has a name is made by [`record`].
macro_rules! lookup {
    (struct { $($field:ident : $type:ty),* $(,)? }, $sql:tt $(, $value:expr)* $(,)?) => {{
        $crate::store::engine::record! {
            struct Record {
                $($field: $type,)*
            }
        }
        $crate::store::engine::lookup!(Record, $sql $(, $value)*)
    }};
    ($record:path, $sql:tt $(, $value:expr)* $(,)?) => {
        $crate::store::engine::query_as!($record, $sql $(, $value)*).looked_up_first()
    };
}

/// A struct that rows of a [`lookup`] become.
macro_rules! record {
    (
        $(#[$attribute:meta])*
        struct $name:ident { $($(#[$about:meta])* $field:ident : $type:ty),* $(,)? }
    ) => {
        $(#[$attribute])*
        #[derive(::sqlx::FromRow)]
        struct $name {
            $($(#[$about])* $field: $type,)*
        }

        impl $crate::store::engine::LookupRecord for $name {
            fn of_row(row: &::rusqlite::Row<'_>) -> ::rusqlite::Result<Self> {
                Ok(Self { $($field: row.get(stringify!($field))?,)* })
            }
        }
    };
}

/// A statement with one column, whose type sqlx infers from SQLite's schema.
macro_rules! query_scalar {
    ($sql:tt $(, $value:expr)* $(,)?) => {
        $crate::store::engine::Scalars::like(
            || ::sqlx::query_scalar!($sql $(, $value)*),
            $crate::store::engine::bound!($sql $(, $value)*),
        )
    };
}

/// A text, translated once, with its values.
macro_rules! bound {
    ($sql:tt $(, $value:expr)* $(,)?) => {{
        static TEXTS: ::std::sync::LazyLock<$crate::store::engine::Texts> =
            ::std::sync::LazyLock::new(|| {
                $crate::store::engine::Texts::new($sql, concat!(file!(), ":", line!()))
            });
        $crate::store::engine::Bound {
            source: $crate::store::engine::Source::Checked(&TEXTS),
            values: vec![$($crate::store::engine::Bind::value(&$value)),*],
        }
    }};
}

pub(super) use {bound, lookup, query, query_as, query_scalar, record};
