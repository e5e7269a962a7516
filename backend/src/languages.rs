//! The languages that the files beside the built screen bring: `texts/de.json` for the screen and
//! `texts/server/de.json` for the server's own pages. The languages that ship are built in; their files
//! there take the place of those.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use consent_contract::locale::{self, MOST, SHIPPED, entries, offered, places};
use consent_screen::i18n::check;

use crate::{BuiltFiles, config::check_language_tag, crypto};

static KNOWN: Mutex<Known> = Mutex::new(Known { read: BTreeMap::new(), places: Vec::new() });

/// What is known of earlier reads.
struct Known {
    /// The fingerprint of the files that each language was read from: those that have not changed are not read
    /// again, because texts stay in memory.
    read: BTreeMap<String, Vec<u8>>,
    /// The tag of each place, also of a language that is gone: it comes back to its own.
    places: Vec<String>,
}

/// Offers the languages of the built screen: at the start, and again when the configuration is reloaded.
/// Returns what is wrong with files, one line for each. A language with a faulty file is as it was before;
/// one whose files are gone is not offered any more, unless it ships.
#[must_use]
pub fn load(dist: &BuiltFiles) -> Vec<String> {
    let directory = dist.join("texts");
    let (mut faults, mut changed) = (Vec::new(), Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let Known { read, places: tags_of_places } = &mut *known;
    let found = tags(&directory);
    let mut list: Vec<String> =
        places(offered()).map(|place| place.map_or_else(String::new, entry)).collect();
    if tags_of_places.is_empty() {
        tags_of_places.extend(entries(offered()).map(|(tag, _)| tag.to_owned()));
    }
    for (place, tag) in list.iter_mut().zip(&*tags_of_places) {
        if !place.is_empty() && !found.contains(tag) && !ships(tag) {
            read.remove(tag);
            place.clear();
        }
    }
    for tag in found {
        match files(&directory, &tag).and_then(|files| files.read(&tag, read)) {
            Ok(None) => {}
            Ok(Some(language)) => {
                let new = entry((language.tag, language.name));
                match tags_of_places.iter().position(|it| *it == tag) {
                    Some(place) => list[place] = new,
                    None if list.len() < MOST => {
                        list.push(new);
                        tags_of_places.push(tag);
                    }
                    None => {
                        faults.push(format!("{tag}: there may be {MOST} languages"));
                        read.remove(&tag);
                        continue;
                    }
                }
                changed.push(language);
            }
            Err(found) => {
                let file = |it| format!("{directory}/{tag}.json: {it}");
                faults.extend(found.into_iter().map(file));
            }
        }
    }
    let list = list.join(";");
    if list != offered() {
        locale::offer(list.leak());
    }
    changed.into_iter().for_each(check::Language::load);
    faults
}

fn entry((tag, name): (&str, &str)) -> String {
    format!("{tag}={name}")
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

impl Files {
    /// The language, or none if these files were read before.
    fn read(
        &self,
        tag: &str,
        read: &mut BTreeMap<String, Vec<u8>>,
    ) -> Result<Option<check::Language>, Vec<String>> {
        let Self { screen, server } = self;
        let fingerprint = crypto::fingerprint(&format!("{screen}\0{server}"));
        if read.get(tag) == Some(&fingerprint) {
            return Ok(None);
        }
        let language = check::read(tag, screen, server)?;
        read.insert(tag.to_owned(), fingerprint);
        Ok(Some(language))
    }
}
