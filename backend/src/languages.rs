//! The languages that the files beside the built screen bring: `texts/de.json` for the screen and
//! `texts/server/de.json` for the server's own pages. The languages that ship are built in; their files
//! there take the place of those.

use std::collections::BTreeSet;

use consent_contract::locale::{self, MOST, SHIPPED, entries};
use consent_screen::i18n::check;

use crate::{BuiltFiles, config::check_language_tag};

/// Offers the languages of the built screen, for the rest of the process. Returns what
/// is wrong with files, one line for each; a language with a faulty file is as if it was not there.
#[must_use]
pub fn load(dist: &BuiltFiles) -> Vec<String> {
    let directory = dist.join("texts");
    let (mut faults, mut languages) = (Vec::new(), Vec::new());
    let mut offered = SHIPPED.to_owned();
    for tag in tags(&directory) {
        match read(&directory, &tag) {
            Ok(language) if entries(&offered).count() < MOST => {
                if !entries(SHIPPED).any(|(it, _)| it == language.tag) {
                    offered += &format!(";{}={}", language.tag, language.name);
                }
                languages.push(language);
            }
            Ok(_) => faults.push(format!("{tag}: there may be {MOST} languages")),
            Err(found) => {
                let file = |it| format!("{directory}/{tag}.json: {it}");
                faults.extend(found.into_iter().map(file));
            }
        }
    }
    locale::offer(offered.leak());
    languages.into_iter().for_each(check::Language::load);
    faults
}

/// The names of the files, in the order of the alphabet.
fn tags(directory: &BuiltFiles) -> BTreeSet<String> {
    let names = directory.names().into_iter();
    names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect()
}

fn read(directory: &BuiltFiles, tag: &str) -> Result<check::Language, Vec<String>> {
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
    check::read(tag, &screen, &server)
}
