//! Statements with as many values as there are rows.

use super::{
    Bound, Done, Executor, Source,
    statement::Execution,
    value::{Bind, Value},
};
use crate::store::Error;

/// A statement that is put together from parts and values.
pub struct QueryBuilder<'q> {
    text: String,
    values: Vec<Value<'q>>,
}

impl<'q> QueryBuilder<'q> {
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a list of values in parentheses.
    pub fn list(&mut self, values: impl IntoIterator<Item = Value<'q>>) -> &mut Self {
        let before = self.values.len();
        self.values.extend(values);
        let many = self.values.len() - before;
        let marks = vec!["?"; many].join(", ");
        self.text.push('(');
        self.text.push_str(&marks);
        self.text.push(')');
        self
    }

    /// Adds `VALUES` with a list of each row.
    pub fn rows<const N: usize>(
        &mut self,
        rows: impl IntoIterator<Item = [Value<'q>; N]>,
    ) -> &mut Self {
        for (at, row) in rows.into_iter().enumerate() {
            self.push(if at == 0 { " VALUES " } else { ", " }).list(row);
        }
        self
    }

    /// Adds a value.
    pub fn bind(&mut self, value: &'q (impl Bind + ?Sized)) -> &mut Self {
        self.text.push('?');
        self.values.push(value.value());
        self
    }

    /// # Errors
    /// When the database refuses the statement.
    pub async fn execute(self, on: impl Into<Executor<'_>>) -> Result<Done, Error> {
        let bound = Bound { source: Source::Built(self.text), values: self.values };
        Execution::new(bound).execute(on).await
    }
}
