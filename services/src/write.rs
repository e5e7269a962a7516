//! Writes what was edited into a file.

use crate::{
    Fault, LeftOut, Shown,
    edits::Edits,
    fault::Wrong,
    keys::word,
    layout,
    left_out::left_out,
    read::{latest, show},
    reader::{ALWAYS, Reader, Sample, table},
    service::{personal_info, service},
    tables,
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
    for list in [tables::terms, tables::items, tables::channels] {
        let arranged = list(&written, index, before, edited).map_err(|it| it.placed(&written))?;
        written = arranged.filter(|it| layout::parse(it).is_ok()).unwrap_or(written);
    }
    for term in &edited.request.terms {
        let old = before.request.terms.iter().find(|it| it.tag == term.tag);
        let Some(old) = old.filter(|it| it.highlights != term.highlights) else { continue };
        let arranged = tables::highlights(&written, index, old, term);
        let arranged = arranged.map_err(|it| it.placed(&written))?;
        written = arranged.filter(|it| layout::parse(it).is_ok()).unwrap_or(written);
    }
    Ok(written)
}

/// The values of what is there before and after.
fn values(toml: &str, index: usize, before: &Shown, new: &Shown) -> Result<String, Wrong> {
    let root = layout::parse(toml)?;
    let service = service(root.get_ref(), index)?;
    let mut edits = Edits::of(toml);
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
    Ok(edits.applied())
}

fn both<'a, T>(old: &'a [T], new: &'a [T], is_it: impl Fn(&T) -> bool) -> Option<(&'a T, &'a T)> {
    Some((old.iter().find(|it| is_it(it))?, new.iter().find(|it| is_it(it))?))
}
