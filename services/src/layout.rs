//! How a table is written in a file, and where something can be put into it or taken out of it.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::fault::Wrong;

pub type Value<'a> = Spanned<DeValue<'a>>;

/// The root of a file.
///
/// # Errors
/// The first fault of what is no TOML.
pub fn parse(toml: &str) -> Result<Spanned<DeTable<'_>>, Wrong> {
    DeTable::parse(toml).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        Wrong::new(at, error.message())
    })
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `[a.b]` or `[[a.b]]`, with keys on lines below.
    Header,
    /// `{ a = 1 }`
    Inline,
    /// `a.b = 1`
    Dotted,
    /// Named by the headers of tables inside it only.
    Implicit,
}

/// The shape of a table. A list of tables has that of its elements.
pub fn shape(toml: &str, value: &Value<'_>) -> Shape {
    let at = value.span().start;
    if let Some(list) = value.get_ref().as_array() {
        let first = list.iter().next();
        // The first element of a list that headers make is where the list is.
        let is_by_headers = first.is_some_and(|it| it.span().start == at);
        return if is_by_headers { Shape::Header } else { Shape::Inline };
    }
    match toml.as_bytes().get(at) {
        Some(b'{') => Shape::Inline,
        Some(b'[') => Shape::Header,
        _ if toml[line_start(toml, at)..].trim_start().starts_with('[') => Shape::Implicit,
        _ => Shape::Dotted,
    }
}

/// Where the line begins that a place is in.
pub fn line_start(toml: &str, at: usize) -> usize {
    toml[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Where the line ends that a place is in, after its newline.
pub fn line_end(toml: &str, at: usize) -> usize {
    toml[at..].find('\n').map_or(toml.len(), |newline| at + newline + 1)
}

/// The end of a value, with everything that headers put into it.
pub fn deep_end(value: &Value<'_>) -> usize {
    let inside = match value.get_ref() {
        DeValue::Table(table) => table.iter().map(|(_, it)| deep_end(it)).max(),
        DeValue::Array(list) => list.iter().map(deep_end).max(),
        _ => None,
    };
    inside.unwrap_or_default().max(value.span().end)
}

/// Where the headers of a value are, and of what is inside it.
pub fn headers(toml: &str, value: &Value<'_>, found: &mut Vec<usize>) {
    match value.get_ref() {
        DeValue::Table(table) => {
            if shape(toml, value) == Shape::Header {
                found.push(value.span().start);
            }
            table.iter().for_each(|(_, it)| headers(toml, it, found));
        }
        DeValue::Array(list) => list.iter().for_each(|it| headers(toml, it, found)),
        _ => {}
    }
}

/// The lines of a table below a header: comments directly above it, and everything that is in it.
pub fn section(toml: &str, table: &Value<'_>) -> Range<usize> {
    let mut start = line_start(toml, table.span().start);
    while start > 0 {
        let above = line_start(toml, start - 1);
        if !toml[above..start].trim_start().starts_with('#') {
            break;
        }
        start = above;
    }
    start..line_end(toml, deep_end(table))
}

/// The path in a header: `service.terms` of `[[service.terms]]`.
pub fn path<'a>(toml: &'a str, table: &Value<'_>) -> &'a str {
    toml.get(table.span()).unwrap_or_default().trim_matches(['[', ']', ' ', '\t'])
}

/// The end of the keys of a table that are not in a table of their own; of its header, where it has none.
pub fn own_end(toml: &str, table: &Value<'_>) -> usize {
    let keys = table.get_ref().as_table().into_iter().flatten().map(|(_, value)| value);
    let own = keys.filter(|it| is_own(toml, it)).map(deep_end).max();
    own.unwrap_or_default().max(table.span().end)
}

/// Whether a value is on a line of its table, and not below a header.
fn is_own(toml: &str, value: &Value<'_>) -> bool {
    match value.get_ref() {
        DeValue::Table(_) | DeValue::Array(_) => {
            matches!(shape(toml, value), Shape::Inline | Shape::Dotted)
        }
        _ => true,
    }
}

/// Something to put in the place of a range. An empty range is a place to insert at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    pub range: Range<usize>,
    pub new: String,
}

/// Adds a key that a table does not have. `value` is TOML.
pub fn with_key(toml: &str, table: &Value<'_>, key: &str, value: &str) -> Option<Splice> {
    let entries = table.get_ref().as_table()?;
    let insert = |at: usize, new: String| Some(Splice { range: at..at, new });
    let last = entries.iter().filter(|(_, it)| is_own(toml, it));
    let last = last.max_by_key(|(_, it)| deep_end(it));
    match shape(toml, table) {
        Shape::Inline => match last {
            Some((_, last)) => insert(deep_end(last), format!(", {key} = {value}")),
            None => Some(Splice { range: table.span(), new: format!("{{ {key} = {value} }}") }),
        },
        Shape::Header | Shape::Dotted => {
            let prefix = last.map_or("", |(key, _)| {
                let at = key.span().start;
                let start = line_start(toml, at);
                let before = &toml[start..at];
                match shape(toml, table) {
                    Shape::Dotted => before,
                    // Another key may be dotted.
                    _ => &before[..before.len() - before.trim_start().len()],
                }
            });
            let at = line_end(toml, own_end(toml, table));
            let newline = newline(toml);
            let before = if toml[..at].ends_with('\n') { "" } else { newline };
            insert(at, format!("{before}{prefix}{key} = {value}{newline}"))
        }
        Shape::Implicit => None,
    }
}

/// Takes a key out of a table, with its line where it has one. The comment above it stays.
pub fn without_key(toml: &str, table: &Value<'_>, key: &str) -> Option<Splice> {
    let (key, value) = table.get_ref().as_table()?.iter().find(|(it, _)| it.get_ref() == key)?;
    let (start, end) = (key.span().start, deep_end(value));
    let range = match shape(toml, table) {
        Shape::Inline => {
            let before = toml[..start].trim_end();
            match before.strip_suffix(',') {
                Some(before) => before.len()..end,
                None => {
                    let after = &toml[end..];
                    let rest = after.trim_start().strip_prefix(',').map(str::trim_start);
                    start..rest.map_or(end, |rest| toml.len() - rest.len())
                }
            }
        }
        _ => line_start(toml, start)..line_end(toml, end),
    };
    Some(Splice { range, new: String::new() })
}

/// The end of lines of a file.
pub fn newline(toml: &str) -> &'static str {
    if toml.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The file with something put into it. What makes no TOML of it is left out.
pub fn spliced(toml: &str, splices: Vec<Splice>) -> String {
    let whole = applied(toml, &splices);
    if parse(&whole).is_ok() {
        return whole;
    }
    let mut good: Vec<Splice> = Vec::new();
    for splice in splices {
        good.push(splice);
        if parse(&applied(toml, &good)).is_err() {
            good.pop();
        }
    }
    applied(toml, &good)
}

fn applied(toml: &str, splices: &[Splice]) -> String {
    let mut sorted: Vec<&Splice> = splices.iter().collect();
    // Stable: what is inserted at one place stays in its order.
    sorted.sort_by_key(|it| (it.range.start, it.range.end));
    let (mut new, mut at) = (String::with_capacity(toml.len()), 0);
    for splice in sorted {
        if splice.range.start < at {
            continue;
        }
        new.push_str(&toml[at..splice.range.start]);
        new.push_str(&splice.new);
        at = splice.range.end;
    }
    new.push_str(&toml[at..]);
    new
}
