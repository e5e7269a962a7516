//! Enums in the database: text, under the name that serde gives each variant.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    Database, Decode, Encode, Sqlite, Type, encode::IsNull, error::BoxDynError,
    sqlite::SqliteArgumentsBuffer,
};

/// An enum without content, as a column of text.
#[derive(Debug, Clone, Copy)]
pub struct Named<T>(pub T);

impl<T, DB: Database> Type<DB> for Named<T>
where
    str: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <str as Type<DB>>::type_info()
    }

    fn compatible(info: &DB::TypeInfo) -> bool {
        <str as Type<DB>>::compatible(info)
    }
}

/// Only the macros that check statements ask for it; see `engine::Bind`.
impl<T: Serialize> Encode<'_, Sqlite> for Named<T> {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        let name = serde_plain::to_string(&self.0)?;
        <String as Encode<'_, Sqlite>>::encode(name, buffer)
    }
}

impl<'r, T: DeserializeOwned, DB: Database> Decode<'r, DB> for Named<T>
where
    &'r str: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let name = <&str as Decode<'r, DB>>::decode(value)?;
        Ok(Self(serde_plain::from_str(name)?))
    }
}
