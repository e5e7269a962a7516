//! A service there and back.

mod accounts;
mod edits;
mod faults;
mod lists;
mod look;
mod round_trip;
mod translations;

use std::fmt::Write;

use consent_contract::request::ConsentRequest;

use crate::{
    Documents, Sample, Shown, Written,
    difference::{Line, difference},
    show, write,
};

/// A service with every form of the format that an edit meets: comments, `'` and `"`, dotted keys, inline
/// tables and headers, a term in two versions.
const SHOP: &str = include_str!("tests/shop.toml");

const REQUEST: &str = include_str!("../../contract/samples/ask.json");

fn user() -> ConsentRequest {
    let json: serde_json::Value = serde_json::from_str(REQUEST).unwrap();
    serde_json::from_value(json).unwrap()
}

fn with_sample<T>(call: impl FnOnce(&Sample<'_>) -> T) -> T {
    let value = |id: &str| (id == "account_email").then(|| "ha***@example.com".to_owned());
    call(&Sample { request: &user(), value: &value })
}

fn shown_in(toml: &str, language: &str) -> Shown {
    with_sample(|sample| show(toml, 0, language, sample)).unwrap()
}

fn shown(toml: &str) -> Shown {
    shown_in(toml, "ko")
}

fn written(toml: &str, edited: &Shown) -> Written {
    with_sample(|sample| write(toml, 0, edited, sample)).unwrap()
}

/// What an edit changes of a file, as lines with `+` and `-`. Everything edited is in the file.
fn changes(toml: &str, edit: impl FnOnce(&mut Shown)) -> String {
    let mut edited = shown(toml);
    edit(&mut edited);
    let Written { toml: new, left_out } = written(toml, &edited);
    assert_eq!(left_out, [], "{new}");
    let mut drawn = String::new();
    for line in difference(toml, &new) {
        match line {
            Line::Added(it) => writeln!(drawn, "+{}", it.text).unwrap(),
            Line::Removed(it) => writeln!(drawn, "-{}", it.text).unwrap(),
            Line::Same(_) | Line::Skipped(_) => {}
        }
    }
    drawn
}

fn documents(shown: &mut Shown) -> &mut Documents {
    &mut shown.documents
}
