//! Lists of tables: what is added to them, removed and moved.

use std::ops::Range;

use toml::de::DeTable;

use crate::{
    keys::{Keys, inline},
    layout::{self, Shape, Splice, Value},
};

/// An element of a list as it shall be.
pub enum Slot {
    /// One that the file has, by its index there.
    Kept(usize),
    New(Keys),
}

/// Where a list is put that a table does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before the tables inside the table.
    AfterKeys,
    AtEnd,
}

/// Brings those that the file has into its order; the new ones stay behind the one that they follow.
pub fn in_file_order(order: &mut [Slot]) {
    let mut kept: Vec<usize> = order.iter().filter_map(index).collect();
    kept.sort_unstable();
    let places = order.iter_mut().filter(|it| index(it).is_some());
    for (slot, at) in places.zip(kept) {
        *slot = Slot::Kept(at);
    }
}

fn index(slot: &Slot) -> Option<usize> {
    match slot {
        Slot::Kept(at) => Some(*at),
        Slot::New(_) => None,
    }
}

/// The file with a list of a table in another order, without those that are removed and with new ones.
/// None where the list is written in a way that this is not possible in: nothing else may be lost.
pub fn arranged(
    toml: &str,
    parent: &Value<'_>,
    key: &str,
    place: Place,
    removed: &[usize],
    order: &[Slot],
) -> Option<String> {
    let list = parent.get_ref().as_table()?.get(key);
    let elements: Vec<&Value<'_>> =
        list.and_then(|it| it.get_ref().as_array()).into_iter().flatten().collect();
    let splices = match list {
        Some(list) if !elements.is_empty() => {
            let by_headers = layout::shape(toml, list) == Shape::Header;
            let ranges: Vec<Range<usize>> = match by_headers {
                true => elements.iter().map(|it| layout::section(toml, it)).collect(),
                false => elements.iter().map(|it| it.span()).collect(),
            };
            if by_headers
                && elements.iter().zip(&ranges).any(|(it, range)| has_foreign(toml, it, range))
            {
                return None;
            }
            let form = Form {
                toml,
                ranges: &ranges,
                by_headers: by_headers.then(|| layout::path(toml, elements[0])),
                whole: list.span(),
            };
            form.splices(removed, order)?
        }
        _ => vec![created(toml, parent, key, place, list, order)?],
    };
    Some(layout::spliced(toml, splices))
}

/// Whether the lines of a table hold the header of another.
fn has_foreign(toml: &str, table: &Value<'_>, range: &Range<usize>) -> bool {
    let (mut all, mut own) = (Vec::new(), Vec::new());
    let Ok(root) = layout::parse(toml) else { return true };
    for (_, value) in DeTable::iter(root.get_ref()) {
        layout::headers(toml, value, &mut all);
    }
    layout::headers(toml, table, &mut own);
    all.iter().any(|at| range.contains(at) && !own.contains(at))
}

/// The lines of a new table below a header.
fn block(path: &str, keys: &Keys, newline: &str) -> String {
    let lines = keys.iter().map(|(key, value)| format!("{key} = {value}{newline}"));
    format!("[[{path}]]{newline}{}", lines.collect::<String>())
}

fn created(
    toml: &str,
    parent: &Value<'_>,
    key: &str,
    place: Place,
    empty: Option<&Value<'_>>,
    order: &[Slot],
) -> Option<Splice> {
    let new = order.iter().filter_map(|slot| match slot {
        Slot::New(keys) => Some(keys),
        Slot::Kept(_) => None,
    });
    if empty.is_none() && layout::shape(toml, parent) == Shape::Header {
        let newline = layout::newline(toml);
        let path = format!("{}.{key}", layout::path(toml, parent));
        let end = match place {
            Place::AfterKeys => layout::own_end(toml, parent),
            Place::AtEnd => layout::deep_end(parent),
        };
        let at = layout::line_end(toml, end);
        let mut text = String::new();
        if !toml[..at].ends_with('\n') {
            text.push_str(newline);
        }
        new.for_each(|keys| text.push_str(&format!("{newline}{}", block(&path, keys, newline))));
        return Some(Splice { range: at..at, new: text });
    }
    let value = format!("[{}]", new.map(inline).collect::<Vec<_>>().join(", "));
    match empty {
        Some(empty) => Some(Splice { range: empty.span(), new: value }),
        None => layout::with_key(toml, parent, key, &value),
    }
}

/// A list that has elements.
struct Form<'a> {
    toml: &'a str,
    ranges: &'a [Range<usize>],
    /// The path in the headers, where it has some.
    by_headers: Option<&'a str>,
    whole: Range<usize>,
}

impl Form<'_> {
    fn splices(&self, removed: &[usize], order: &[Slot]) -> Option<Vec<Splice>> {
        let wanted: Vec<usize> = order.iter().filter_map(index).collect();
        let mut places = wanted.clone();
        places.sort_unstable();
        let mut splices = Vec::new();
        for (place, element) in
            places.iter().zip(&wanted).filter(|(place, element)| place != element)
        {
            let new = self.toml[self.ranges[*element].clone()].to_owned();
            splices.push(Splice { range: self.ranges[*place].clone(), new });
        }
        if self.by_headers.is_none() && places.is_empty() {
            // A comment in it would have no place.
            let has_comment = self.toml[self.whole.clone()].contains('#');
            let new = order.iter().filter_map(|it| match it {
                Slot::New(keys) => Some(inline(keys)),
                Slot::Kept(_) => None,
            });
            let new = format!("[{}]", new.collect::<Vec<_>>().join(", "));
            return (!has_comment).then(|| vec![Splice { range: self.whole.clone(), new }]);
        }
        for at in removed {
            splices.push(Splice { range: self.without(*at), new: String::new() });
        }
        let mut before: usize = 0;
        for slot in order {
            match slot {
                Slot::Kept(_) => before += 1,
                Slot::New(keys) => {
                    let after = before.checked_sub(1).and_then(|it| places.get(it)).copied();
                    splices.push(self.with(keys, after));
                }
            }
        }
        Some(splices)
    }

    /// What is taken out with an element.
    fn without(&self, at: usize) -> Range<usize> {
        let range = self.ranges[at].clone();
        if self.by_headers.is_some() {
            let mut end = range.end;
            while end < self.toml.len()
                && self.toml[end..layout::line_end(self.toml, end)].trim().is_empty()
            {
                end = layout::line_end(self.toml, end);
            }
            let mut start = range.start;
            // At the end of a file the lines before it separate nothing any more.
            while end == self.toml.len() && start > 0 {
                let above = layout::line_start(self.toml, start - 1);
                if !self.toml[above..start].trim().is_empty() {
                    break;
                }
                start = above;
            }
            return start..end;
        }
        let next = self.ranges.get(at + 1).map(|it| it.start);
        let previous = at.checked_sub(1).map(|it| self.ranges[it].end);
        let is_plain = |range: &Range<usize>| !self.toml[range.clone()].contains('#');
        let to_next =
            next.map(|next| range.start..next).filter(|it| is_plain(&(range.end..it.end)));
        let from_previous = previous.map(|previous| previous..range.end);
        let from_previous =
            from_previous.filter(|it| next.is_none() && is_plain(&(it.start..range.start)));
        to_next.or(from_previous).unwrap_or_else(|| {
            // Its comma goes with it, and comments stay.
            let rest = self.toml[range.end..].trim_start();
            let end = rest.strip_prefix(',').map_or(range.end, |rest| self.toml.len() - rest.len());
            let (line, next) =
                (layout::line_start(self.toml, range.start), layout::line_end(self.toml, end));
            let is_alone = self.toml[line..range.start].trim().is_empty()
                && self.toml[end..next].trim().is_empty();
            if is_alone { line..next } else { range.start..end }
        })
    }

    /// What is put in, after an element or before the first.
    fn with(&self, keys: &Keys, after: Option<usize>) -> Splice {
        let newline = layout::newline(self.toml);
        let (at, new) = match (self.by_headers, after) {
            (Some(path), Some(after)) => {
                let at = self.ranges[after].end;
                let open = if self.toml[..at].ends_with('\n') { "" } else { newline };
                (at, format!("{open}{newline}{}", block(path, keys, newline)))
            }
            // Before all of the file: earlier versions of a term have its place on the screen.
            (Some(path), None) => {
                (self.ranges[0].start, format!("{}{newline}", block(path, keys, newline)))
            }
            (None, Some(after)) => {
                (self.ranges[after].end, format!(",{}{}", self.gap(), inline(keys)))
            }
            (None, None) => (self.ranges[0].start, format!("{},{}", inline(keys), self.gap())),
        };
        Splice { range: at..at, new }
    }

    /// What separates two elements of an inline list, after their comma.
    fn gap(&self) -> String {
        let first = self.ranges[0].start;
        let start = layout::line_start(self.toml, first);
        let before = &self.toml[start..first];
        match before.trim().is_empty() {
            true => format!("{}{before}", layout::newline(self.toml)),
            false => " ".to_owned(),
        }
    }
}
