//! Values of statements, in the types that both engines have.

use std::borrow::Cow;

use serde::Serialize;
use sqlx::{Arguments, error::BoxDynError};

use crate::store::name::Named;

/// A value of a statement. PostgreSQL needs the type of a value that is NULL, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'q> {
    Integer(Option<i64>),
    Boolean(Option<bool>),
    Text(Option<Cow<'q, str>>),
    Bytes(Option<Cow<'q, [u8]>>),
}

impl Value<'_> {
    /// The value as PostgreSQL can have it: none of its texts has U+0000, which the replacement character
    /// stands for. What a client asks for by such a text is then not found, as in SQLite, where none has it.
    pub fn without_nul(&self) -> Value<'_> {
        match self {
            Self::Integer(value) => Value::Integer(*value),
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Text(Some(text)) if text.contains('\0') => {
                Value::Text(Some(text.replace('\0', "\u{FFFD}").into()))
            }
            Self::Text(text) => Value::Text(text.as_deref().map(Cow::Borrowed)),
            Self::Bytes(bytes) => Value::Bytes(bytes.as_deref().map(Cow::Borrowed)),
        }
    }

    /// Adds it to the arguments of a statement.
    pub fn add<A>(&self, arguments: &mut A) -> Result<(), BoxDynError>
    where
        A: Arguments,
        Option<i64>: for<'t> sqlx::Encode<'t, A::Database> + sqlx::Type<A::Database>,
        Option<bool>: for<'t> sqlx::Encode<'t, A::Database> + sqlx::Type<A::Database>,
        for<'t> Option<&'t str>: sqlx::Encode<'t, A::Database> + sqlx::Type<A::Database>,
        for<'t> Option<&'t [u8]>: sqlx::Encode<'t, A::Database> + sqlx::Type<A::Database>,
    {
        match self {
            Self::Integer(value) => arguments.add(*value),
            Self::Boolean(value) => arguments.add(*value),
            Self::Text(value) => arguments.add(value.as_deref()),
            Self::Bytes(value) => arguments.add(value.as_deref()),
        }
    }
}

/// What can be a value of a statement.
pub trait Bind {
    /// NULL, of its type.
    const NULL: Value<'static>;

    fn value(&self) -> Value<'_>;
}

impl Bind for i64 {
    const NULL: Value<'static> = Value::Integer(None);

    fn value(&self) -> Value<'_> {
        Value::Integer(Some(*self))
    }
}

impl Bind for bool {
    const NULL: Value<'static> = Value::Boolean(None);

    fn value(&self) -> Value<'_> {
        Value::Boolean(Some(*self))
    }
}

impl Bind for str {
    const NULL: Value<'static> = Value::Text(None);

    fn value(&self) -> Value<'_> {
        Value::Text(Some(self.into()))
    }
}

impl Bind for String {
    const NULL: Value<'static> = Value::Text(None);

    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl Bind for [u8] {
    const NULL: Value<'static> = Value::Bytes(None);

    fn value(&self) -> Value<'_> {
        Value::Bytes(Some(self.into()))
    }
}

impl Bind for Vec<u8> {
    const NULL: Value<'static> = Value::Bytes(None);

    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl<T: Serialize> Bind for Named<T> {
    const NULL: Value<'static> = Value::Text(None);

    fn value(&self) -> Value<'_> {
        let name = serde_plain::to_string(&self.0);
        Value::Text(Some(name.expect("an enum without content has a name").into()))
    }
}

impl<T: Bind + ?Sized> Bind for &T {
    const NULL: Value<'static> = T::NULL;

    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl<T: Bind> Bind for Option<T> {
    const NULL: Value<'static> = T::NULL;

    fn value(&self) -> Value<'_> {
        match self {
            Some(value) => value.value(),
            None => T::NULL,
        }
    }
}
