//! The languages that the files beside the built screen bring: `texts/de.json` for the screen and
//! `texts/server/de.json` for the server's own pages. The languages that ship are built in; their files
//! there take the place of those.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use consent_contract::locale::{self, MOST, SHIPPED, entries, offered};
use consent_screen::i18n::check;

use crate::{BuiltFiles, config::check_language_tag, crypto};

static KNOWN: Mutex<Known> = Mutex::new(Known { read: BTreeMap::new(), places: Vec::new() });

/// What is known of earlier reads.
struct Known {
    /// The fingerprint of the files that each language was read from: those that have not changed are not read
    /// again, because texts stay in memory.
    read: BTreeMap<String, Vec<u8>>,
    /// The place of each language, also of one that is gone: it comes back to its own.
    places: Vec<Place>,
}

struct Place {
    tag: String,
    /// The language's own name, while it is offered.
    name: Option<String>,
}

/// Offers the languages of the built screen: at the start, and again when the configuration is reloaded.
/// Returns what is wrong with files, one line for each. A language with a faulty file is as it was before;
/// one whose files are gone is not offered any more, unless it ships.
#[must_use]
pub fn load(dist: &BuiltFiles) -> Vec<String> {
    let directory = dist.join("texts");
    let found = tags(&directory);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.begin();
    known.withdraw_all_but(&found);
    let (mut faults, mut changed) = (Vec::new(), Vec::new());
    for tag in found {
        match known.read(&directory, &tag) {
            Ok(language) => changed.extend(language),
            Err(found) => {
                faults.extend(found.iter().map(|it| format!("{directory}/{tag}.json: {it}")));
            }
        }
    }
    known.offer();
    changed.into_iter().for_each(check::Language::load);
    faults
}

impl Known {
    /// The places of the languages that are built in.
    fn begin(&mut self) {
        if self.places.is_empty() {
            let place =
                |(tag, name): (&str, &str)| Place { tag: tag.into(), name: Some(name.into()) };
            self.places.extend(entries(offered()).map(place));
        }
    }

    fn withdraw_all_but(&mut self, found: &BTreeSet<String>) {
        for place in &mut self.places {
            if !found.contains(&place.tag) && !ships(&place.tag) {
                self.read.remove(&place.tag);
                place.name = None;
            }
        }
    }

    /// Reads a language's files and gives it its place. None, if these files were read before.
    fn read(
        &mut self,
        directory: &BuiltFiles,
        tag: &str,
    ) -> Result<Option<check::Language>, Vec<String>> {
        let Files { screen, server } = files(directory, tag)?;
        let fingerprint = crypto::fingerprint(&format!("{screen}\0{server}"));
        if self.read.get(tag) == Some(&fingerprint) {
            return Ok(None);
        }
        let language = check::read(tag, &screen, &server)?;
        let name = Some(language.name.to_owned());
        match self.places.iter().position(|place| place.tag == tag) {
            Some(place) => self.places[place].name = name,
            None if self.places.len() < MOST => self.places.push(Place { tag: tag.into(), name }),
            None => return Err(vec![format!("there may be {MOST} languages")]),
        }
        self.read.insert(tag.to_owned(), fingerprint);
        Ok(Some(language))
    }

    /// Offers each language at its place; the place of one that is gone is empty.
    fn offer(&self) {
        let entry = |Place { tag, name }: &Place| {
            name.as_ref().map_or_else(String::new, |name| format!("{tag}={name}"))
        };
        let list = self.places.iter().map(entry).collect::<Vec<_>>().join(";");
        if list != offered() {
            locale::offer(list.leak());
        }
    }
}

fn ships(tag: &str) -> bool {
    entries(SHIPPED).any(|(it, _)| it == tag)
}

/// The names of the files, in the order of the alphabet.
fn tags(directory: &BuiltFiles) -> BTreeSet<String> {
    let names = directory.names().into_iter();
    names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect()
}

/// The two files of a language.
struct Files {
    screen: String,
    server: String,
}

fn files(directory: &BuiltFiles, tag: &str) -> Result<Files, Vec<String>> {
    check_language_tag(tag).map_err(|fault| vec![fault])?;
    let text = |name: &str| {
        let text = directory.read_to_string(name);
        text.map_err(|error| vec![format!("{directory}/{name}: {error}")])
    };
    let screen = text(&format!("{tag}.json"))?;
    let server = format!("server/{tag}.json");
    let server = match check::shipped_server(tag) {
        // A host may have the files of the screen alone.
        Some(built_in) if directory.signature(&server).is_none() => built_in.to_owned(),
        _ => text(&server)?,
    };
    Ok(Files { screen, server })
}
