//! Reads `[service.look]`: the tokens of the screen that a service sets.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use consent_lint::theme::{COLOURS, Face, Key, SHAPES, Theme};

use super::reader::Table;
use crate::crypto;

/// The largest font, in bytes.
const LARGEST_FONT: usize = 1024 * 1024;

/// How a service looks, read when the server started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// A style sheet, in the place of one that a page links to last.
    pub css: String,
    /// For the policy of a page that has the style sheet in it.
    pub digest: String,
    /// Changes with the style sheet.
    pub name: String,
    pub font: Option<Font>,
}

/// A font, in WOFF2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Font {
    /// Changes with the font.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Font {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/look/{}.woff2", self.name)
    }
}

/// None where nothing is set that differs from the screen's own.
pub fn read(service: &mut Table<'_>, folder: Option<&Path>) -> Option<Arc<Look>> {
    let mut table = service.table("look")?;
    let mut read = Read { theme: Theme::default(), places: BTreeMap::new(), is_whole: true };
    read.keys(&mut table, &SHAPES, false);
    for (scheme, dark) in [("light", false), ("dark", true)] {
        let is_there = table.has(scheme);
        match table.table(scheme) {
            Some(mut table) => read.keys(&mut table, &COLOURS, dark),
            None => read.is_whole &= !is_there,
        }
    }
    read.judge(&table);
    let families = read.theme.light.get("--font");
    let font = font(&mut table, folder, families.map(String::as_str));
    let path = font.as_ref().map(Font::path);
    let face = families.zip(path.as_deref()).map(|(font, path)| Face { font, path });
    let css = read.theme.look_css(face);
    if css.is_empty() {
        return None;
    }
    let (digest, name) = (crypto::sri(css.as_bytes()), crypto::content_name(css.as_bytes()));
    Some(Arc::new(Look { css, digest, name, font }))
}

/// What was read.
struct Read {
    theme: Theme,
    /// Of the values, by key and whether they are for the dark scheme.
    places: BTreeMap<(&'static str, bool), usize>,
    /// Whether nothing was faulty.
    is_whole: bool,
}

impl Read {
    fn keys(&mut self, table: &mut Table<'_>, keys: &[Key], dark: bool) {
        for Key { key, token, kind } in keys {
            let is_there = table.has(key);
            let Some((text, at)) = table.string(key) else {
                self.is_whole &= !is_there;
                continue;
            };
            let value = kind.read(&text).and_then(|value| {
                let set = self.theme.set(token, dark, &value);
                set.map_err(|_| format!("`{text}` is no value of a style sheet"))
            });
            match value {
                Ok(()) => {
                    self.places.insert((key, dark), at);
                }
                Err(reason) => {
                    table.fault(at, reason);
                    self.is_whole = false;
                }
            }
        }
    }

    /// Adds what has too little contrast. What stands in for a faulty value is not judged.
    fn judge(&self, table: &Table<'_>) {
        let found = if self.is_whole { self.theme.low_contrast() } else { Vec::new() };
        for low in found {
            let place = low.key.and_then(|key| self.places.get(&(key, low.in_dark)));
            let at = place.copied().unwrap_or(table.at);
            table.faults.add_unless_misspelt(low.beside, at, low.reason);
        }
    }
}

fn font(table: &mut Table<'_>, folder: Option<&Path>, families: Option<&str>) -> Option<Font> {
    let (name, at) = table.string("font_file")?;
    if !families.is_some_and(|it| it.starts_with('"')) {
        let reason = "`font_file` needs a `font` that begins with the name of the font in the file";
        table.faults.add_unless_misspelt("font", at, reason);
        return None;
    }
    let read = || -> Result<Font, String> {
        let folder = folder.ok_or("a built-in configuration has no files beside it")?;
        let bytes = std::fs::read(folder.join(&name)).map_err(|error| error.to_string())?;
        if bytes.len() > LARGEST_FONT {
            return Err(format!("larger than {} KiB", LARGEST_FONT / 1024));
        }
        // By what is in it, not by its name (WOFF 2.0, 4.1).
        if !bytes.starts_with(b"wOF2") {
            return Err("no WOFF2".into());
        }
        Ok(Font { name: crypto::content_name(&bytes), bytes })
    };
    match read() {
        Ok(font) => Some(font),
        Err(reason) => {
            table.fault(at, format!("font `{name}`: {reason}"));
            None
        }
    }
}
