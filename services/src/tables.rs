//! The lists of a service: terms with their highlights, items and channels that are added, removed and
//! moved.

use consent_contract::request::{Channel, Term};

use crate::{
    Shown,
    edits::counterparts,
    fault::Wrong,
    keys::{self, channel_keys, highlight_keys, item_keys, term_keys},
    layout::{self, Value},
    lists::{self, Place, Slot, arranged},
    read::latest,
    reader::{ALWAYS, Reader, table},
    service::{personal_info, service},
};

/// A list of a file after what was added, removed and moved. None where nothing was.
fn list<T>(
    toml: &str,
    parent: &Value<'_>,
    (key, place): (&str, Place),
    // The name of each table of the file that is shown, in the order of the file.
    in_file: &[(usize, String)],
    (old, new): (&[T], &[T]),
    name: impl Fn(&T) -> &str,
    written: impl Fn(&T) -> Option<keys::Keys>,
) -> Option<String> {
    let [before, after] = [old, new].map(|list| list.iter().map(&name).collect::<Vec<_>>());
    if before == after {
        return None;
    }
    let index_of = |name: &str| in_file.iter().find(|(_, it)| it == name).map(|(at, _)| *at);
    let removed =
        in_file.iter().filter(|(_, name)| before.contains(&&**name) && !after.contains(&&**name));
    let removed: Vec<usize> = removed.map(|(at, _)| *at).collect();
    let order = new.iter().filter_map(|it| match index_of(name(it)) {
        Some(at) => Some(Slot::Kept(at)),
        None => Some(Slot::New(written(it)?)),
    });
    let mut order: Vec<Slot> = order.collect();
    // Where nothing was moved, the file keeps its order, which may be another than that of the screen.
    let kept = |list: &[&str], other: &[&str]| -> Vec<String> {
        list.iter().filter(|it| other.contains(it)).map(|it| (*it).to_owned()).collect()
    };
    if kept(&before, &after) == kept(&after, &before) {
        lists::in_file_order(&mut order);
    }
    arranged(toml, parent, key, place, &removed, &order)
}

pub fn terms(toml: &str, index: usize, old: &Shown, new: &Shown) -> Result<Option<String>, Wrong> {
    let root = layout::parse(toml)?;
    let service = service(root.get_ref(), index)?;
    let reader = Reader::new(ALWAYS);
    let tables = reader.tables(table(service)?, "terms")?;
    let is_kept = |tag: &str| new.request.terms.iter().any(|it| it.tag == tag);
    let shown = latest(&reader, &tables)?;
    let mut in_file = Vec::new();
    for (at, it) in tables.iter().enumerate() {
        let tag = reader.name(it, "tag")?;
        // Earlier versions stay where they are, and go with their term.
        if shown.contains(&at) || !is_kept(&tag) {
            in_file.push((at, tag));
        }
    }
    let lists = (&*old.request.terms, &*new.request.terms);
    let written = |it: &Term| {
        let blocks = new.documents.get(&it.tag).map_or(&[][..], Vec::as_slice);
        Some(term_keys(it, blocks, layout::newline(toml)))
    };
    Ok(list(toml, service, ("terms", Place::AfterKeys), &in_file, lists, |it| &it.tag, written))
}

fn named(toml: &[&Value<'_>], key: &str) -> Result<Vec<(usize, String)>, Wrong> {
    let reader = Reader::new(ALWAYS);
    toml.iter().enumerate().map(|(at, it)| Ok((at, reader.name(it, key)?))).collect()
}

pub fn items(toml: &str, index: usize, old: &Shown, new: &Shown) -> Result<Option<String>, Wrong> {
    let root = layout::parse(toml)?;
    let Some(info) = personal_info(service(root.get_ref(), index)?) else { return Ok(None) };
    let in_file = named(&Reader::new(ALWAYS).tables(table(info)?, "items")?, "id")?;
    let lists = (&*old.request.personal_info.items, &*new.request.personal_info.items);
    Ok(list(toml, info, ("items", Place::AtEnd), &in_file, lists, |it| &it.id, item_keys))
}

pub fn channels(
    toml: &str,
    index: usize,
    old: &Shown,
    new: &Shown,
) -> Result<Option<String>, Wrong> {
    let root = layout::parse(toml)?;
    let service = service(root.get_ref(), index)?;
    let in_file = named(&Reader::new(ALWAYS).tables(table(service)?, "channels")?, "public_id")?;
    let lists = (&*old.request.channels, &*new.request.channels);
    let written = |it: &Channel| Some(channel_keys(it));
    Ok(list(
        toml,
        service,
        ("channels", Place::AtEnd),
        &in_file,
        lists,
        |it| &it.public_id,
        written,
    ))
}

/// Highlights have no names: see [`counterparts`].
pub fn highlights(
    toml: &str,
    index: usize,
    old: &Term,
    new: &Term,
) -> Result<Option<String>, Wrong> {
    let was = counterparts(&old.highlights, &new.highlights);
    let count = old.highlights.len();
    if was.iter().copied().eq((0..count).map(Some)) {
        return Ok(None);
    }
    let root = layout::parse(toml)?;
    let reader = Reader::new(ALWAYS);
    let tables = reader.tables(table(service(root.get_ref(), index)?)?, "terms")?;
    for at in latest(&reader, &tables)? {
        if reader.name(tables[at], "tag")? == new.tag {
            let removed: Vec<usize> = (0..count).filter(|at| !was.contains(&Some(*at))).collect();
            let slots = new.highlights.iter().zip(&was);
            let slots = slots
                .map(|(it, was)| was.map_or_else(|| Slot::New(highlight_keys(it)), Slot::Kept));
            let order: Vec<Slot> = slots.collect();
            return Ok(arranged(toml, tables[at], "highlights", Place::AtEnd, &removed, &order));
        }
    }
    Ok(None)
}
