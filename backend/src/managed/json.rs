//! Reads an object of JSON that is to become a service: without duplicate keys (RFC 8259, 4, leaves open
//! which one counts), and no deeper or longer than a service can be.

use std::{cell::RefCell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::config::ServiceFault;

/// How deep objects and lists may stand in each other. A service needs seven levels.
const DEEPEST: usize = 16;

/// How many values there may be in all. A service of ten languages with a hundred terms has 4,000.
const MOST: usize = 10_000;

/// How many keys an object may have. A service has thirty.
const MOST_KEYS: usize = 100;

/// The longest key, in bytes.
const LONGEST_KEY: usize = 128;

/// Why a text is no such object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoObject {
    /// It is no JSON: the reason with its place.
    Malformed(String),
    /// It is JSON that no service can be.
    Faulty(Vec<ServiceFault>),
}

/// Reads a text.
///
/// # Errors
/// See [`NoObject`].
pub fn read_object(text: &[u8]) -> Result<Map<String, Value>, NoObject> {
    let state = State::default();
    let mut json = serde_json::Deserializer::from_slice(text);
    let root = Seed { at: String::new(), depth: 0, state: &state };
    let read = root.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    let value = read.map_err(|error| NoObject::Malformed(error.to_string()))?;
    let mut faults = state.faults.into_inner();
    match value {
        Value::Object(entries) if faults.is_empty() => Ok(entries),
        Value::Object(_) => Err(NoObject::Faulty(faults)),
        _ => {
            faults
                .push(ServiceFault { at: String::new(), reason: "expected an object".to_owned() });
            Err(NoObject::Faulty(faults))
        }
    }
}

/// What was found so far.
#[derive(Default)]
struct State {
    faults: RefCell<Vec<ServiceFault>>,
    values: std::cell::Cell<usize>,
}

impl State {
    fn fault(&self, at: &str, reason: &str) {
        let fault = ServiceFault { at: at.to_owned(), reason: reason.to_owned() };
        self.faults.borrow_mut().push(fault);
    }
}

/// A value at a JSON pointer.
struct Seed<'s> {
    at: String,
    depth: usize,
    state: &'s State,
}

impl<'s> Seed<'s> {
    fn below(&self, name: &str) -> Seed<'s> {
        Seed { at: format!("{}/{name}", self.at), depth: self.depth + 1, state: self.state }
    }

    /// Whether a list or object is read, with the fault of one that is not.
    fn is_read(&self) -> bool {
        if self.depth == DEEPEST {
            self.state.fault(&self.at, "it is nested deeper than a service can be");
        }
        self.depth < DEEPEST
    }

    /// Whether there may be one value more, with the fault of the first that may not.
    fn counts(&self) -> bool {
        let values = self.state.values.get() + 1;
        self.state.values.set(values);
        if values == MOST + 1 {
            self.state.fault("", "it has more values than a service can have");
        }
        values <= MOST
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value of JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        let number = Number::from_f64(number).ok_or_else(|| E::custom("no number of JSON"));
        number.map(Value::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        let is_read = self.is_read();
        loop {
            if !is_read || !self.counts() {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Value::Array(values));
            }
            match list.next_element_seed(self.below(&values.len().to_string()))? {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        let is_read = self.is_read();
        while let Some(key) = object.next_key::<String>()? {
            if !is_read || !self.counts() {
                object.next_value::<IgnoredAny>()?;
                continue;
            }
            if entries.len() == MOST_KEYS {
                self.state.fault(&self.at, "it has more keys than any object of a service");
                object.next_value::<IgnoredAny>()?;
                while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                break;
            }
            if key.len() > LONGEST_KEY {
                self.state.fault(&self.at, "it has a key that is longer than any key of a service");
                object.next_value::<IgnoredAny>()?;
                continue;
            }
            let below = self.below(&key.replace('~', "~0").replace('/', "~1"));
            if entries.contains_key(&key) {
                self.state.fault(&below.at, "the key is there twice");
            }
            let value = object.next_value_seed(below)?;
            entries.insert(key, value);
        }
        Ok(Value::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(String, String)> {
        match read_object(text.as_bytes()) {
            Err(NoObject::Faulty(faults)) => {
                faults.into_iter().map(|it| (it.at, it.reason)).collect()
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn an_object_is_read_as_it_is() {
        let text = r#" {"a": [1, -2, 3.5, true, null, "가\n"], "b": {"c": {}}} "#;
        let read = read_object(text.as_bytes()).unwrap();
        assert_eq!(Value::Object(read), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn a_key_that_is_there_twice_is_named() {
        let text = r#"{"a": {"b/c": 1, "d": [{"e": 1, "e": 1}], "b/c": 2}, "a": 1}"#;
        let found: Vec<String> = faults(text).into_iter().map(|(at, _)| at).collect();
        assert_eq!(found, ["/a/d/0/e", "/a/b~1c", "/a"]);
    }

    #[test]
    fn what_no_service_can_be_is_refused() {
        let deep =
            |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(read_object(deep(DEEPEST - 1).as_bytes()).is_ok());
        assert_eq!(faults(&deep(DEEPEST))[0].0, format!("/a{}", "/0".repeat(DEEPEST - 1)));
        assert!(faults(&deep(100))[0].1.contains("nested deeper"));
        let long = format!("{{\"a\":[{}1]}}", "1,".repeat(MOST));
        assert_eq!(
            faults(&long),
            [(String::new(), "it has more values than a service can have".to_owned())]
        );
        let keys: Vec<String> = (0..=MOST_KEYS).map(|at| format!("\"{at}\":[]")).collect();
        let wide = format!("{{\"a\":{{{}}}}}", keys.join(","));
        assert_eq!(
            faults(&wide),
            [("/a".to_owned(), "it has more keys than any object of a service".to_owned())]
        );
        let key = format!("{{\"{}\":1}}", "k".repeat(LONGEST_KEY + 1));
        assert!(faults(&key)[0].1.contains("longer than any key"));
        assert_eq!(faults("[1]"), [(String::new(), "expected an object".to_owned())]);
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        let bomb = "[".repeat(1_000_000);
        for text in ["", "{", "{\"a\":1}x", "{'a':1}", "{\"a\":1,}", "\u{feff}{}", "nul", &bomb] {
            let read = read_object(text.as_bytes());
            assert!(matches!(read, Err(NoObject::Malformed(_))), "{text:.9} {read:?}");
        }
        assert!(matches!(read_object(b"{\"a\":\"\xff\"}"), Err(NoObject::Malformed(_))));
    }
}
