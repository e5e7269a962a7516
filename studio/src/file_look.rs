//! The look of a service in a file as a theme, there and back.

use consent_services::{LeftOut, LookChange, LookEntry, Scheme};

use crate::theme::{COLOURS, Key, Kind, SHAPES, Theme};

/// Where findings about the theme are.
const AT: &str = "/theme";

/// The key of the font's file, which no preview has.
const FONT_FILE: &str = "font_file";

/// A look as it was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FileLook {
    pub theme: Theme,
    /// What is no token, or no value of one: it stays in the file.
    pub unknown: Vec<LeftOut>,
}

impl FileLook {
    /// Reads what a file has.
    #[must_use]
    pub fn of(entries: &[LookEntry]) -> Self {
        let mut read = Self::default();
        // What both schemes share comes first: a dark value is compared with it.
        for scheme in [Scheme::Both, Scheme::Light, Scheme::Dark] {
            for entry in entries.iter().filter(|it| it.scheme == scheme) {
                if let Err(reason) = read.take(entry) {
                    read.unknown.push(LeftOut { at: AT.to_owned(), reason });
                }
            }
        }
        read
    }

    fn take(&mut self, LookEntry { scheme, key, value }: &LookEntry) -> Result<(), String> {
        let keys: &[Key] = if *scheme == Scheme::Both { &SHAPES } else { &COLOURS };
        if *scheme == Scheme::Both && key == FONT_FILE {
            return Ok(());
        }
        let name = name(*scheme, key);
        let known = keys.iter().find(|it| it.key == *key);
        let known = known.ok_or_else(|| {
            format!("`{name}` in the file is no token of a look: a backend refuses it.")
        })?;
        let css = known.kind.read(value).map_err(|reason| {
            format!("`{name}` in the file is no value of a look: {reason}. A backend refuses it.")
        })?;
        let set = self.theme.set(known.token, *scheme == Scheme::Dark, &css);
        set.map_err(|_| format!("`{name}` in the file is no value of a look."))
    }
}

/// A key as the file has it.
fn name(scheme: Scheme, key: &str) -> String {
    match scheme {
        Scheme::Both => format!("look.{key}"),
        Scheme::Light => format!("look.light.{key}"),
        Scheme::Dark => format!("look.dark.{key}"),
    }
}

/// What changes in a file between two themes, and what has no place there.
#[must_use]
pub fn changes(before: &Theme, now: &Theme) -> (Vec<LookChange>, Vec<LeftOut>) {
    let (mut changes, mut left_out) = (Vec::new(), Vec::new());
    let sets = [(&before.light, &now.light, false), (&before.dark, &now.dark, true)];
    for (before, now, dark) in sets {
        let new = now.keys().filter(|name| !before.contains_key(*name));
        for name in before.keys().chain(new) {
            let value = now.get(name);
            if before.get(name) == value {
                continue;
            }
            match change(name, dark, value.map(String::as_str)) {
                Ok(change) => changes.push(change),
                Err(reason) => left_out.push(LeftOut { at: AT.to_owned(), reason }),
            }
        }
    }
    // In the order of the keys, which is by importance.
    let place = |it: &LookChange| {
        let keys = || SHAPES.iter().chain(&COLOURS);
        (it.scheme, keys().position(|known| known.key == it.key))
    };
    changes.sort_by_key(place);
    (changes, left_out)
}

fn change(token: &str, dark: bool, value: Option<&str>) -> Result<LookChange, String> {
    let export = "export the theme below, for theme.css";
    let known =
        Key::of(token).ok_or_else(|| format!("{token} is no token of a service: {export}."))?;
    let scheme = match (known.kind, dark) {
        (Kind::Colour, false) => Scheme::Light,
        (Kind::Colour, true) => Scheme::Dark,
        (_, false) => Scheme::Both,
        (_, true) => {
            return Err(format!("{token} is the same in both schemes of a service: {export}."));
        }
    };
    let value = value.map(|value| known.kind.read(value)).transpose();
    let value = value.map_err(|reason| format!("{token}: {reason}; or {export}."))?;
    Ok(LookChange { scheme, key: known.key, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(scheme: Scheme, key: &str, value: &str) -> LookEntry {
        LookEntry { scheme, key: key.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn a_look_is_read_and_what_is_none_is_named() {
        let read = FileLook::of(&[
            entry(Scheme::Dark, "icon", "#2f6b4f"),
            entry(Scheme::Light, "icon", "RED"),
            entry(Scheme::Light, "acent", "#6b2ff0"),
            entry(Scheme::Dark, "ink", "red;}"),
            entry(Scheme::Dark, "font", "Shop"),
            entry(Scheme::Both, "font", "Shop"),
            entry(Scheme::Both, "font_file", "shop.woff2"),
        ]);
        let mut theme = Theme::default();
        theme.set("--font", false, "\"Shop\"").unwrap();
        theme.set("--icon", false, "#ff0000").unwrap();
        theme.set("--icon", true, "#2f6b4f").unwrap();
        assert_eq!(read.theme, theme);
        let unknown: Vec<_> = read.unknown.iter().map(|it| it.reason.as_str()).collect();
        for (reason, name) in
            unknown.iter().zip(["look.light.acent", "look.dark.ink", "look.dark.font"])
        {
            assert!(reason.starts_with(&format!("`{name}` in the file is no ")), "{unknown:?}");
        }
        assert_eq!(unknown.len(), 3);
    }

    #[test]
    fn only_what_changed_is_written() {
        let theme = |tokens: &[(&str, bool, &str)]| {
            let mut theme = Theme::default();
            tokens.iter().for_each(|(name, dark, value)| theme.set(name, *dark, value).unwrap());
            theme
        };
        let before = theme(&[("--accent", false, "#6b2ff0"), ("--ink", true, "#ffffff")]);
        let now = theme(&[
            ("--accent", false, "#6b2ff0"),
            ("--soft", false, "dimgray"),
            ("--radius-s", false, "2px"),
            ("--radius-m", true, "2px"),
            ("--shadow", false, "none"),
            ("--tint", false, "color-mix(in srgb, red 4%, blue)"),
        ]);
        let (changed, left_out) = changes(&before, &now);
        let change = |scheme, key, value: Option<&str>| LookChange {
            scheme,
            key,
            value: value.map(str::to_owned),
        };
        assert_eq!(
            changed,
            [
                change(Scheme::Both, "radius_s", Some("2px")),
                change(Scheme::Light, "soft", Some("#696969")),
                change(Scheme::Dark, "ink", None),
            ]
        );
        let named: Vec<_> =
            left_out.iter().filter_map(|it| it.reason.split([' ', ':']).next()).collect();
        assert_eq!(named, ["--shadow", "--tint", "--radius-m"]);
        assert_eq!(changes(&now, &now), (vec![], vec![]));
    }
}
