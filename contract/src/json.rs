//! Reading JSON on the end user's side.
//!
//! The messages that the screen receives are read with miniserde, whose code is small because it
//! is not generic. They also have serde's `Deserialize`, for crates without a size budget;
//! a test for each message sees to it that both read the same.

use std::fmt;

use miniserde::de::{Deserialize, Map, Visitor};

/// The text is not the message it should be. There is nothing to say beyond that: a message is
/// understood whole, or nothing of it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a message of the contract")
    }
}

impl std::error::Error for Unreadable {}

/// An object of texts, in the order of the text. Smaller in code than a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries(pub Vec<(String, String)>);

miniserde::make_place!(Place);

impl Deserialize for Entries {
    fn begin(out: &mut Option<Self>) -> &mut dyn Visitor {
        Place::new(out)
    }
}

impl Visitor for Place<Entries> {
    fn map(&mut self) -> miniserde::Result<Box<dyn Map + '_>> {
        Ok(Box::new(ReadEntries { out: &mut self.out, entries: Vec::new(), value: None }))
    }
}

struct ReadEntries<'a> {
    out: &'a mut Option<Entries>,
    entries: Vec<(String, String)>,
    /// Of the last entry.
    value: Option<String>,
}

impl ReadEntries<'_> {
    fn take_value(&mut self) {
        if let (Some((_, last)), Some(value)) = (self.entries.last_mut(), self.value.take()) {
            *last = value;
        }
    }
}

impl Map for ReadEntries<'_> {
    fn key(&mut self, name: &str) -> miniserde::Result<&mut dyn Visitor> {
        self.take_value();
        self.entries.push((name.to_owned(), String::new()));
        Ok(Deserialize::begin(&mut self.value))
    }

    fn finish(&mut self) -> miniserde::Result<()> {
        self.take_value();
        *self.out = Some(Entries(std::mem::take(&mut self.entries)));
        Ok(())
    }
}

/// Reads a message.
///
/// # Errors
/// The text is not JSON, a field is missing or of another type, or a word is not one that the
/// contract knows.
pub fn read<T: Deserialize>(text: &str) -> Result<T, Unreadable> {
    miniserde::json::from_str(text).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_texts_keeps_its_order() {
        let entries = read::<Entries>(r#"{"b":"1","a":"둘\n","b":""}"#);
        let expected = [("b", "1"), ("a", "둘\n"), ("b", "")];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(entries, Ok(Entries(expected.into())));
        assert_eq!(read::<Entries>("{}"), Ok(Entries(Vec::new())));
        for other in [r#"{"a":1}"#, r#"{"a":null}"#, "[]", r#"{"a":"1""#, ""] {
            assert_eq!(read::<Entries>(other), Err(Unreadable), "{other}");
        }
    }
}
