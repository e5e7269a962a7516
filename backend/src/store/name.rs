//! Enums in the database: text, under the name that serde gives each variant.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    Decode, Encode, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef},
};

/// An enum without content, as a column of text.
#[derive(Debug, Clone, Copy)]
pub struct Named<T>(pub T);

impl<T> Type<Sqlite> for Named<T> {
    fn type_info() -> SqliteTypeInfo {
        <str as Type<Sqlite>>::type_info()
    }

    fn compatible(info: &SqliteTypeInfo) -> bool {
        <str as Type<Sqlite>>::compatible(info)
    }
}

impl<T: Serialize> Encode<'_, Sqlite> for Named<T> {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        let name = serde_plain::to_string(&self.0)?;
        <String as Encode<'_, Sqlite>>::encode(name, buffer)
    }
}

impl<'r, T: DeserializeOwned> Decode<'r, Sqlite> for Named<T> {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        let name = <&str as Decode<'r, Sqlite>>::decode(value)?;
        Ok(Self(serde_plain::from_str(name)?))
    }
}
