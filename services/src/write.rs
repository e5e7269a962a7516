//! Writes what was edited into a file.

use consent_contract::{
    document::Block,
    request::{Channel, Highlight, PersonalInfo, PersonalInfoItem, Term},
};
use serde::Serialize;
use toml::de::{DeTable, DeValue};

use crate::{
    Fault, LeftOut, Shown,
    attribute::Attribute,
    fault::Wrong,
    layout::{self, Splice, Value},
    left_out::left_out,
    lists::{self, Place, Slot, arranged},
    literal,
    read::{ALWAYS, Reader, Sample, in_language, latest, show, table},
    text,
};

/// A file with what was edited in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    pub toml: String,
    /// What is not in it.
    pub left_out: Vec<LeftOut>,
}

/// Writes what was edited into a service of a file, in Korean. Only the values that changed are touched:
/// comments, order, formatting, other languages and other keys stay byte for byte. Terms, items and
/// channels are recognized by their names.
///
/// # Errors
/// The first fault of the file, as [`show`].
pub fn write(
    toml: &str,
    index: usize,
    edited: &Shown,
    sample: &Sample<'_>,
) -> Result<Written, Fault> {
    let mut written = toml.to_owned();
    // A key that is added to a table without any makes room for the next.
    for _ in 0..MOST_PASSES {
        let before = show(&written, index, ALWAYS, sample)?;
        let next = pass(&written, index, &before, edited)?;
        if next == written {
            break;
        }
        written = next;
    }
    let read = show(&written, index, ALWAYS, sample)?;
    Ok(Written { left_out: left_out(edited, &read), toml: written })
}

/// So often a file is gone through. A table has fewer keys that the screen shows.
const MOST_PASSES: usize = 12;

/// The file with what there is a place for.
fn pass(toml: &str, index: usize, before: &Shown, edited: &Shown) -> Result<String, Fault> {
    let mut written = values(toml, index, before, edited).map_err(|it| it.placed(toml))?;
    for list in [terms_list, items_list, channels_list] {
        let arranged = list(&written, index, before, edited).map_err(|it| it.placed(&written))?;
        written = arranged.filter(|it| layout::parse(it).is_ok()).unwrap_or(written);
    }
    for term in &edited.request.terms {
        let old = before.request.terms.iter().find(|it| it.tag == term.tag);
        let Some(old) = old.filter(|it| it.highlights != term.highlights) else { continue };
        let arranged = highlights_list(&written, index, old, term);
        let arranged = arranged.map_err(|it| it.placed(&written))?;
        written = arranged.filter(|it| layout::parse(it).is_ok()).unwrap_or(written);
    }
    Ok(written)
}

/// A service of a file, whose root was read.
fn service<'a, 'd>(root: &'a DeTable<'d>, index: usize) -> Result<&'a Value<'d>, Wrong> {
    let services = Reader::new(ALWAYS).tables(root, "service")?;
    services.get(index).copied().ok_or(Wrong::new(0, "there is no such `[[service]]`"))
}

/// The table of the statements and items.
fn personal_info<'a, 'd>(service: &'a Value<'d>) -> Option<&'a Value<'d>> {
    service.get_ref().as_table()?.get("personal_info")
}

fn word<T: Serialize>(value: T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|it| it.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The values of what is there before and after.
fn values(toml: &str, index: usize, before: &Shown, new: &Shown) -> Result<String, Wrong> {
    let root = layout::parse(toml)?;
    let service = service(root.get_ref(), index)?;
    let mut edits = Edits { toml, splices: Vec::new() };
    let (old, now) = (&before.request.service, &new.request.service);
    edits.text(service, "name", &old.name, &now.name);
    edits.text(service, "company", &old.company, &now.company);
    edits.flag(service, "verified", old.verified, now.verified);
    edits.word(service, "mode", &word(old.mode), &word(now.mode));
    let agree_all = [before.request.agree_all, new.request.agree_all].map(word);
    edits.word(service, "agree_all", &agree_all[0], &agree_all[1]);
    let url = |it: &'_ Option<String>| it.clone().filter(|it| !it.is_empty());
    edits.string(
        service,
        "privacy_policy_url",
        url(&old.privacy_policy_url),
        url(&now.privacy_policy_url),
    );

    let reader = Reader::new(ALWAYS);
    let tables = reader.tables(table(service)?, "terms")?;
    for at in latest(&reader, &tables)? {
        let tag = reader.name(tables[at], "tag")?;
        let pair = both(&before.request.terms, &new.request.terms, |it| it.tag == tag);
        let Some((old, now)) = pair else { continue };
        edits.term(tables[at], old, now)?;
        let [old, now] =
            [before, new].map(|it| it.documents.get(&tag).map_or(&[][..], Vec::as_slice));
        edits.markdown(tables[at], old, now);
    }
    if let Some(info) = personal_info(service) {
        edits.statements(info, &before.request.personal_info, &new.request.personal_info);
        for item in reader.tables(table(info)?, "items")? {
            let id = reader.name(item, "id")?;
            let [old, now] = [before, new].map(|it| &it.request.personal_info.items);
            if let Some((old, now)) = both(old, now, |it| it.id == id) {
                edits.item(item, old, now);
            }
        }
    }
    for channel in reader.tables(table(service)?, "channels")? {
        let id = reader.name(channel, "public_id")?;
        let pair = both(&before.request.channels, &new.request.channels, |it| it.public_id == id);
        if let Some((old, now)) = pair {
            edits.text(channel, "name", &old.name, &now.name);
            edits.flag(channel, "primary", old.primary, now.primary);
        }
    }
    Ok(layout::spliced(toml, edits.splices))
}

fn both<'a, T>(old: &'a [T], new: &'a [T], is_it: impl Fn(&T) -> bool) -> Option<(&'a T, &'a T)> {
    Some((old.iter().find(|it| is_it(it))?, new.iter().find(|it| is_it(it))?))
}

/// Edits of values, as they are collected.
struct Edits<'a> {
    toml: &'a str,
    splices: Vec<Splice>,
}

impl Edits<'_> {
    fn replace(&mut self, value: &Value<'_>, new: String) {
        self.splices.push(Splice { range: value.span(), new });
    }

    fn add(&mut self, table: &Value<'_>, key: &str, new: &str) {
        self.splices.extend(layout::with_key(self.toml, table, key, new));
    }

    /// A string in the place of a value, in its style.
    fn rewrite(&mut self, value: &Value<'_>, new: &str) {
        let written = self.toml.get(value.span());
        self.replace(value, literal::string(new, written, layout::newline(self.toml)));
    }

    fn text(&mut self, table: &Value<'_>, key: &str, old: &str, new: &str) {
        if old == new {
            return;
        }
        let found = table.get_ref().as_table().and_then(|it| it.get(key));
        match found {
            None => self.add(table, key, &literal::string(new, None, layout::newline(self.toml))),
            Some(value) => match value.get_ref() {
                DeValue::Table(texts) => match in_language(texts, ALWAYS) {
                    Some(text) => self.rewrite(text, new),
                    None => self.add(value, ALWAYS, &literal::string(new, None, "\n")),
                },
                _ => self.rewrite(value, new),
            },
        }
    }

    fn flag(&mut self, table: &Value<'_>, key: &str, old: bool, new: bool) {
        if old != new {
            match table.get_ref().as_table().and_then(|it| it.get(key)) {
                Some(value) => self.replace(value, new.to_string()),
                None => self.add(table, key, &new.to_string()),
            }
        }
    }

    fn word(&mut self, table: &Value<'_>, key: &str, old: &str, new: &str) {
        self.text(table, key, old, new);
    }

    /// A string or a text that may be missing.
    fn string(&mut self, table: &Value<'_>, key: &str, old: Option<String>, new: Option<String>) {
        match (old, new) {
            (old, Some(new)) => self.text(table, key, old.as_deref().unwrap_or_default(), &new),
            (Some(_), None) => self.splices.extend(layout::without_key(self.toml, table, key)),
            (None, None) => {}
        }
    }

    fn term(&mut self, table: &Value<'_>, old: &Term, new: &Term) -> Result<(), Wrong> {
        self.word(table, "kind", &word(old.kind), &word(new.kind));
        self.flag(table, "required", old.required, new.required);
        self.word(table, "version", &old.version, &new.version);
        self.text(table, "title", &old.title, &new.title);
        let highlights = Reader::new(ALWAYS).tables(self::table(table)?, "highlights")?;
        for (new, was) in new.highlights.iter().zip(counterparts(&old.highlights, &new.highlights))
        {
            if let Some((table, old)) =
                was.and_then(|at| Some((*highlights.get(at)?, &old.highlights[at])))
            {
                self.word(table, "kind", &word(old.kind), &word(new.kind));
                self.text(table, "text", &old.text, &new.text);
            }
        }
        Ok(())
    }

    /// The full text of a term. One that has no form in the file stays.
    fn markdown(&mut self, term: &Value<'_>, old: &[Block], new: &[Block]) {
        if old == new || new.is_empty() {
            return;
        }
        let texts = term.get_ref().as_table().and_then(|it| it.get("text"));
        let value = texts.and_then(|it| match it.get_ref() {
            DeValue::Table(texts) => in_language(texts, ALWAYS),
            _ => Some(it),
        });
        let newline = layout::newline(self.toml);
        match (value.and_then(|it| Some((it, it.get_ref().as_str()?))), texts) {
            (Some((value, source)), _) => {
                if let Some(text) = text::rewritten(&source.replace("\r\n", "\n"), new) {
                    let written = self.toml.get(value.span());
                    self.replace(value, literal::string(&text, written, newline));
                }
            }
            (None, texts) => {
                let Some(text) = text::format(new) else { return };
                let text = literal::string(&text, None, newline);
                match texts {
                    Some(texts) => self.add(texts, ALWAYS, &text),
                    None => self.add(term, "text", &text),
                }
            }
        }
    }

    fn statements(&mut self, info: &Value<'_>, old: &PersonalInfo, new: &PersonalInfo) {
        self.text(info, "recipient", &old.recipient, &new.recipient);
        self.text(info, "purpose", &old.purpose, &new.purpose);
        self.text(info, "retention", &old.retention, &new.retention);
        self.text(info, "refusal_effect", &old.refusal_effect, &new.refusal_effect);
    }

    fn item(&mut self, table: &Value<'_>, old: &PersonalInfoItem, new: &PersonalInfoItem) {
        self.text(table, "label", &old.label, &new.label);
        self.flag(table, "required", old.required, new.required);
        self.flag(table, "collect", is_collected(old), is_collected(new));
        let goes_on =
            |it: &PersonalInfoItem| it.may_be_empty.filter(|it| *it).map(|_| "continue".to_owned());
        self.string(table, "when_missing", goes_on(old), goes_on(new));
        for (key, (old, new)) in
            OWN.into_iter().zip(old.own_statements().into_iter().zip(new.own_statements()))
        {
            self.string(table, key, old.clone(), new.clone());
        }
    }
}

/// The keys of the statements that an item can have of its own, as [`PersonalInfoItem::own_statements`].
const OWN: [&str; 4] = ["recipient", "purpose", "retention", "refusal_effect"];

/// For each new highlight the old one that it was: an equal one, else the one at its place.
fn counterparts(old: &[Highlight], new: &[Highlight]) -> Vec<Option<usize>> {
    let mut free: Vec<bool> = vec![true; old.len()];
    let mut take = |at: Option<usize>| at.filter(|at| std::mem::take(&mut free[*at]));
    let mut equal: Vec<Option<usize>> = Vec::new();
    for (index, highlight) in new.iter().enumerate() {
        let same_place = old.get(index).filter(|it| *it == highlight).map(|_| index);
        let found = same_place.or_else(|| {
            let taken = |at: &usize| equal.contains(&Some(*at));
            (0..old.len()).find(|at| old[*at] == *highlight && !taken(at))
        });
        equal.push(take(found));
    }
    let rest = equal
        .into_iter()
        .enumerate()
        .map(|(index, was)| was.or_else(|| take(Some(index).filter(|index| *index < old.len()))));
    rest.collect()
}

/// A list of a file after what was added, removed and moved. None where nothing was.
fn list<T>(
    toml: &str,
    parent: &Value<'_>,
    (key, place): (&str, Place),
    // The name of each table of the file that is shown, in the order of the file.
    in_file: &[(usize, String)],
    (old, new): (&[T], &[T]),
    name: impl Fn(&T) -> &str,
    written: impl Fn(&T) -> Option<lists::Keys>,
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

fn terms_list(toml: &str, index: usize, old: &Shown, new: &Shown) -> Result<Option<String>, Wrong> {
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

fn items_list(toml: &str, index: usize, old: &Shown, new: &Shown) -> Result<Option<String>, Wrong> {
    let root = layout::parse(toml)?;
    let Some(info) = personal_info(service(root.get_ref(), index)?) else { return Ok(None) };
    let in_file = named(&Reader::new(ALWAYS).tables(table(info)?, "items")?, "id")?;
    let lists = (&*old.request.personal_info.items, &*new.request.personal_info.items);
    Ok(list(toml, info, ("items", Place::AtEnd), &in_file, lists, |it| &it.id, item_keys))
}

fn channels_list(
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
fn highlights_list(
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

fn quoted(text: &str) -> String {
    literal::string(text, Some("\""), "\n")
}

fn highlight_keys(highlight: &Highlight) -> lists::Keys {
    vec![("kind", quoted(&word(highlight.kind))), ("text", quoted(&highlight.text))]
}

fn term_keys(term: &Term, blocks: &[Block], newline: &str) -> lists::Keys {
    let mut keys = vec![
        ("tag", quoted(&term.tag)),
        ("kind", quoted(&word(term.kind))),
        ("required", term.required.to_string()),
        ("version", quoted(&term.version)),
    ];
    // A version is usually named by its first day.
    if format!("day = {}", term.version)
        .parse::<toml::Table>()
        .is_ok_and(|it| it["day"].is_datetime())
    {
        keys.push(("effective_from", term.version.clone()));
    }
    keys.push(("title", quoted(&term.title)));
    if let Some(text) = text::format(blocks).filter(|_| !blocks.is_empty()) {
        keys.push(("text", literal::string(&text, None, newline)));
    }
    if !term.highlights.is_empty() {
        let all: Vec<_> =
            term.highlights.iter().map(|it| lists::inline(&highlight_keys(it))).collect();
        keys.push(("highlights", format!("[{}]", all.join(", "))));
    }
    keys
}

/// Whether users type the value. The backend refuses that for values that cannot be typed.
fn is_collected(item: &PersonalInfoItem) -> bool {
    let can_be = Attribute::of(&item.id).is_some_and(|it| it.collect().is_some());
    can_be && item.collect.is_some()
}

/// None for an item that the platform does not have.
fn item_keys(item: &PersonalInfoItem) -> Option<lists::Keys> {
    Attribute::of(&item.id)?;
    let mut keys = vec![
        ("id", quoted(&item.id)),
        ("label", quoted(&item.label)),
        ("required", item.required.to_string()),
    ];
    if is_collected(item) {
        keys.push(("collect", true.to_string()));
    }
    if item.may_be_empty == Some(true) {
        keys.push(("when_missing", quoted("continue")));
    }
    let own = OWN.into_iter().zip(item.own_statements());
    keys.extend(own.filter_map(|(key, own)| Some((key, quoted(own.as_deref()?)))));
    Some(keys)
}

fn channel_keys(channel: &Channel) -> lists::Keys {
    let mut keys = vec![("public_id", quoted(&channel.public_id)), ("name", quoted(&channel.name))];
    if channel.primary {
        keys.push(("primary", true.to_string()));
    }
    keys
}
