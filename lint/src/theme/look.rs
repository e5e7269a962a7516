//! The look of a service: the tokens that it may set in services.toml, read strictly.
//!
//! A style sheet is written from what was read, never copied from what was typed, so that no value can end
//! its declaration. Contrast is judged for what the sheet shows: it sets the colours of both schemes as a
//! whole, so that no other sheet can change one of a pair.

use std::fmt::Write;

use super::{DARK, PAIRS, Theme, hex};

/// What a token takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An opaque colour.
    Colour,
    /// A length, from 0 to 64 px or 4 rem.
    Length,
    /// Font families.
    Fonts,
}

/// A token that a service may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// In services.toml: `on_accent`.
    pub key: &'static str,
    /// In the style sheet: `--on-accent`.
    pub token: &'static str,
    pub kind: Kind,
}

const fn colour(key: &'static str, token: &'static str) -> Key {
    Key { key, token, kind: Kind::Colour }
}

/// The colours, one for each scheme.
pub const COLOURS: [Key; 15] = [
    colour("accent", "--accent"),
    colour("on_accent", "--on-accent"),
    colour("paper", "--paper"),
    colour("ground", "--ground"),
    colour("tint", "--tint"),
    colour("ink", "--ink"),
    colour("soft", "--soft"),
    colour("line", "--line"),
    colour("edge", "--edge"),
    colour("mark", "--mark"),
    colour("focus", "--focus"),
    colour("danger", "--danger"),
    colour("danger_tint", "--danger-tint"),
    colour("icon", "--icon"),
    colour("on_icon", "--on-icon"),
];

/// The rest, which both schemes share.
pub const SHAPES: [Key; 6] = [
    Key { key: "font", token: "--font", kind: Kind::Fonts },
    Key { key: "font_ja", token: "--font-ja", kind: Kind::Fonts },
    Key { key: "radius_s", token: "--radius-s", kind: Kind::Length },
    Key { key: "radius_m", token: "--radius-m", kind: Kind::Length },
    Key { key: "radius_l", token: "--radius-l", kind: Kind::Length },
    Key { key: "radius_xl", token: "--radius-xl", kind: Kind::Length },
];

impl Kind {
    /// The value in the one form that a style sheet gets: `#rrggbb`, a number with its unit, families
    /// between quotes.
    ///
    /// # Errors
    /// What was expected, as a sentence.
    pub fn read(self, text: &str) -> Result<String, String> {
        let (value, expected) = match self {
            Self::Colour => (read_colour(text), "an opaque colour of CSS, like #6b2ff0"),
            Self::Length => (length(text), "a length from 0 to 64px or 4rem, like 0.5rem"),
            Self::Fonts => (
                fonts(text),
                "names of fonts with commas between them: letters, digits, \
                                          spaces and - _ .",
            ),
        };
        value.ok_or_else(|| format!("`{text}`: expected {expected}"))
    }
}

/// The longest colour that is read, in bytes.
const LONGEST_COLOUR: usize = 64;

fn read_colour(text: &str) -> Option<String> {
    let text = text.trim();
    // The parser takes `fff` for `#fff`, a sign in `#+f+f+f`, and functions that CSS does not have.
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_css = text.strip_prefix('#').map_or(!is_hex(text), is_hex)
        && !text.to_ascii_lowercase().starts_with("hsv");
    if !text.is_ascii() || text.len() > LONGEST_COLOUR || !is_css {
        return None;
    }
    let finite = csscolorparser::parse(text).ok()?.to_array().iter().all(|it| it.is_finite());
    hex(text).filter(|_| finite)
}

fn length(text: &str) -> Option<String> {
    let text = text.trim();
    if text == "0" {
        return Some("0".to_owned());
    }
    let units = [("rem", 4.0), ("px", 64.0)];
    let (number, unit, most) = units
        .into_iter()
        .find_map(|(unit, most)| text.strip_suffix(unit).map(|number| (number, unit, most)))?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f32 = number.parse().ok().filter(|_| is_number)?;
    (number <= most).then(|| format!("{number}{unit}"))
}

/// Families that have no quotes: CSS knows them by these words (CSS Fonts 4, 2.1.4), or a system does.
const WORDS: [&str; 12] = [
    "serif",
    "sans-serif",
    "monospace",
    "cursive",
    "fantasy",
    "system-ui",
    "ui-serif",
    "ui-sans-serif",
    "ui-monospace",
    "ui-rounded",
    "-apple-system",
    "BlinkMacSystemFont",
];

/// The most families of a list.
const MOST_FAMILIES: usize = 16;

/// The longest name of a family, in characters.
const LONGEST_FAMILY: usize = 64;

fn fonts(text: &str) -> Option<String> {
    let families: Vec<String> = text.split(',').map(family).collect::<Option<_>>()?;
    (families.len() <= MOST_FAMILIES).then(|| families.join(", "))
}

/// A family, as CSS writes it.
fn family(text: &str) -> Option<String> {
    let text = text.trim();
    let quoted = ['"', '\''].into_iter().find_map(|quote| {
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        Some(inner.trim())
    });
    let name = quoted.unwrap_or(text);
    if quoted.is_none() && WORDS.contains(&name) {
        return Some(name.to_owned());
    }
    let is_known = |c: char| c.is_alphanumeric() || " -_.".contains(c);
    let is_name = name.chars().any(char::is_alphanumeric)
        && name.chars().all(is_known)
        && name.chars().count() <= LONGEST_FAMILY;
    is_name.then(|| format!("\"{name}\""))
}

/// A font of this origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Face<'a> {
    /// A value of `font`, whose first family it is.
    pub font: &'a str,
    /// Its own path, of A-Z a-z 0-9 and / _ - . only.
    pub path: &'a str,
}

/// A pair of colours with too little contrast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LowContrast {
    /// The key to change. None where neither colour of the pair is set.
    pub key: Option<&'static str>,
    /// Whether that is set for the dark scheme.
    pub in_dark: bool,
    /// The key of the other colour of the pair.
    pub beside: &'static str,
    /// Pair, ratio, minimum, and the nearest colours that pass, as a sentence.
    pub reason: String,
}

impl Key {
    /// The key of a token.
    #[must_use]
    pub fn of(token: &str) -> Option<&'static Self> {
        COLOURS.iter().chain(&SHAPES).find(|it| it.token == token)
    }
}

impl Theme {
    /// The style sheet of a service's look, on one line. A look that sets a colour sets all of them, in both
    /// schemes: what it shows is what was judged, whatever a deployment's theme sets.
    #[must_use]
    pub fn look_css(&self, face: Option<Face<'_>>) -> String {
        let mut css = String::new();
        if let Some(Face { font, path }) = face {
            let family = font.split(',').next().unwrap_or_default();
            let _ = write!(
                css,
                "@font-face{{font-family:{family};src:url({path}) format(\"woff2\");font-display:swap}}"
            );
        }
        let sets = |token: &str| self.light.contains_key(token) || self.dark.contains_key(token);
        let colours: &[Key] = match COLOURS.iter().any(|it| sets(it.token)) {
            true => &COLOURS,
            false => &[],
        };
        let shapes = SHAPES.iter().filter(|it| self.light.contains_key(it.token));
        let light = self.declared(colours.iter().chain(shapes), false);
        if !light.is_empty() {
            let _ = write!(css, ":root{{{light}}}");
        }
        if !colours.is_empty() {
            let dark = self.declared(colours.iter(), true);
            let _ = write!(css, "{DARK}{{:root{{{dark}}}}}");
        }
        css
    }

    fn declared<'a>(&self, keys: impl Iterator<Item = &'a Key>, dark: bool) -> String {
        let declared = keys.map(|it| format!("{}:{}", it.token, self.value(it.token, dark)));
        declared.collect::<Vec<_>>().join(";")
    }

    /// The pairs of a service's look that have too little contrast, in both schemes.
    #[must_use]
    pub fn low_contrast(&self) -> Vec<LowContrast> {
        let mut found = Vec::new();
        for (pair, dark) in PAIRS.iter().flat_map(|pair| [(pair, false), (pair, true)]) {
            let both = [pair.front, pair.back];
            let is_the_same =
                |token: &&str| self.computed(token, true) == self.computed(token, false);
            // What both schemes share is reported once.
            if dark && !pair.only_dark && both.iter().all(is_the_same) {
                continue;
            }
            let low = pair.ratio(self, dark).filter(|it| pair.is_too_low(*it, dark));
            let Some(ratio) = low else { continue };
            // In which scheme a token is set whose value counts here.
            let set_in_dark = |token: &str| {
                let is_shared = self.value(token, dark) == self.value(token, false);
                let is_in_light = is_shared && self.light.contains_key(token);
                let is_in_dark = dark && self.dark.contains_key(token);
                (is_in_dark || is_in_light).then_some(is_in_dark)
            };
            let set = both.into_iter().find_map(|token| Some((token, set_in_dark(token)?)));
            let key = |token: &str| Key::of(token).map_or("", |it| it.key);
            let value = |token: &str| hex(&self.computed(token, dark)).unwrap_or_default();
            let (front, back) = (key(pair.front), key(pair.back));
            // Truncated, not rounded: 4.496 is less than 4.5.
            let ratio = (ratio * 100.0).floor() / 100.0;
            let nearest: Vec<String> = both
                .into_iter()
                .filter_map(|token| {
                    Some(format!("`{} = \"{}\"`", key(token), self.nearest(token, pair, dark)?))
                })
                .collect();
            let reason = format!(
                "{}: `{front}` {} on `{back}` {} has {ratio:.2}:1 in the {} scheme, and {} needs {}:1; \
                 the nearest colour that passes is {}",
                pair.label,
                value(pair.front),
                value(pair.back),
                if dark { "dark" } else { "light" },
                pair.criterion(),
                pair.minimum,
                nearest.join(", or "),
            );
            found.push(LowContrast {
                key: set.map(|(token, _)| key(token)),
                in_dark: set.is_some_and(|(_, in_dark)| in_dark),
                beside: if set.is_some_and(|(token, _)| token == pair.back) { front } else { back },
                reason,
            });
        }
        found
    }
}

#[cfg(test)]
mod tests;
