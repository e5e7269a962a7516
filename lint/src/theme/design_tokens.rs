//! Themes as files of the Design Tokens Community Group: Design Tokens Format Module 2025.10 and Color Module
//! 2025.10 (designtokens.org). The format has no colour schemes: `light` and `dark` are groups.

use std::fmt;

use csscolorparser::Color;
use serde_json::{Map, Value, json};

use super::{Kind, Theme, Token, tokens};

/// A theme as a file, and what has no form there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    pub json: String,
    /// Names of tokens.
    pub left_out: Vec<String>,
}

/// What was read of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub theme: Theme,
    /// Paths of tokens that the screen does not have, or whose value is none of theirs: `brand.logo`.
    pub left_out: Vec<String>,
}

/// Why a file has no design tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidDesignTokens(String);

impl fmt::Display for InvalidDesignTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidDesignTokens {}

/// The types of the format that the screen's tokens have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Color,
    Dimension,
    FontFamily,
    Duration,
}

impl Type {
    /// None for shadows: of theirs, the screen's are lists.
    fn of(token: &Token) -> Option<Self> {
        match token.property() {
            "color" => Some(Self::Color),
            "font-family" => Some(Self::FontFamily),
            "transition-duration" => Some(Self::Duration),
            "box-shadow" => None,
            _ => Some(Self::Dimension),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Color => "color",
            Self::Dimension => "dimension",
            Self::FontFamily => "fontFamily",
            Self::Duration => "duration",
        }
    }

    fn units(self) -> &'static [&'static str] {
        match self {
            Self::Dimension => &["rem", "px"],
            Self::Duration => &["ms", "s"],
            Self::Color | Self::FontFamily => &[],
        }
    }

    /// The `$value` of a CSS value.
    fn written(self, css: &str) -> Option<Value> {
        match self {
            Self::Color => {
                let colour = csscolorparser::parse(css).ok()?;
                let part = |it: f32| (f64::from(it) * 1e5).round() / 1e5;
                let [components @ .., alpha] = colour.to_array().map(part);
                // Six digits: the alpha is beside it.
                let hex = Color { a: 1.0, ..colour }.to_css_hex();
                Some(json!({
                    "colorSpace": "srgb",
                    "components": components,
                    "alpha": alpha,
                    "hex": hex,
                }))
            }
            Self::FontFamily => {
                let families = css.split(',').map(|it| it.trim().trim_matches(['"', '\'']));
                Some(families.collect())
            }
            Self::Dimension | Self::Duration => {
                let (value, unit) = measure(css, self.units())?;
                Some(json!({ "value": value, "unit": unit }))
            }
        }
    }

    /// The CSS value of a `$value` without references.
    fn read(self, value: &Value) -> Option<String> {
        match self {
            Self::Color => read_colour(value),
            Self::FontFamily => {
                let one = value.as_str().map(|it| vec![it]);
                let all = || value.as_array()?.iter().map(Value::as_str).collect();
                Kind::Fonts.read(&one.or_else(all)?.join(",")).ok()
            }
            Self::Dimension | Self::Duration => {
                let (value, unit) = match value {
                    // Before 2025.
                    Value::String(text) => measure(text, self.units())?,
                    _ => {
                        let unit = value.get("unit")?.as_str()?;
                        (value.get("value")?.as_f64()?, unit)
                    }
                };
                self.units().contains(&unit).then(|| format!("{value}{unit}"))
            }
        }
    }
}

/// A number and its unit.
fn measure<'a>(css: &str, units: &[&'a str]) -> Option<(f64, &'a str)> {
    // `ms` ends as `s` does: the longer unit comes first.
    let (number, unit) = units
        .iter()
        .find_map(|unit| css.trim().strip_suffix(unit).map(|number| (number, *unit)))?;
    let number: f64 = number.parse().ok()?;
    number.is_finite().then_some((number, unit))
}

/// A colour as `#rrggbb` or, where it is translucent, `#rrggbbaa`: from hexadecimal digits, as files before
/// 2025 have it, or from an object of the Color Module.
fn read_colour(value: &Value) -> Option<String> {
    let hex = |text: &str| csscolorparser::parse(text).ok().filter(|_| text.starts_with('#'));
    let alpha = value.get("alpha").and_then(Value::as_f64).unwrap_or(1.0);
    let fallback = || {
        let colour = hex(value.get("hex")?.as_str()?)?;
        Some(Color { a: alpha as f32, ..colour })
    };
    let colour = match value {
        Value::String(text) => hex(text),
        _ => in_space(value, alpha).or_else(fallback),
    }?;
    let is_whole = colour.to_array().iter().all(|it| it.is_finite());
    is_whole.then(|| colour.to_css_hex())
}

/// A colour by its components. None in a colour space that cannot be computed here: the file can have `hex`
/// for that.
fn in_space(value: &Value, alpha: f64) -> Option<Color> {
    let component = |it: &Value| it.as_f64().or_else(|| (it == "none").then_some(0.0));
    let components: Option<Vec<f64>> =
        value.get("components")?.as_array()?.iter().map(component).collect();
    let [a, b, c] = components?[..] else { return None };
    match value.get("colorSpace")?.as_str()? {
        "srgb" => Some(Color::new(a as f32, b as f32, c as f32, alpha as f32)),
        space @ ("hsl" | "hwb") => {
            csscolorparser::parse(&format!("{space}({a} {b}% {c}% / {alpha})")).ok()
        }
        space @ ("oklab" | "oklch") => {
            csscolorparser::parse(&format!("{space}({a} {b} {c} / {alpha})")).ok()
        }
        _ => None,
    }
}

/// How many references lead to a value at most: more are a circle.
const MOST_REFERENCES: usize = 16;

/// A file that is being read.
struct Reader<'a> {
    root: &'a Map<String, Value>,
    /// Token, whether it is for the dark scheme, and CSS value.
    read: Vec<(&'static str, bool, String)>,
    left_out: Vec<String>,
}

impl<'a> Reader<'a> {
    fn group(
        &mut self,
        group: &'a Map<String, Value>,
        path: &mut Vec<&'a str>,
        inherited: Option<&'a str>,
    ) {
        let kind = group.get("$type").and_then(Value::as_str).or(inherited);
        if let Some(value) = group.get("$value") {
            if !self.token(path, value, kind) {
                self.left_out.push(path.join("."));
            }
            return;
        }
        for (name, inner) in group {
            path.push(name);
            match inner {
                // Tokens of other groups, or of another file.
                _ if name == "$extends" || name == "$ref" => self.left_out.push(path.join(".")),
                _ if name.starts_with('$') && name != "$root" => {}
                Value::Object(inner) => self.group(inner, path, kind),
                _ => self.left_out.push(path.join(".")),
            }
            path.pop();
        }
    }

    /// Whether this is a token of the screen, with a value of its type.
    fn token(&mut self, path: &[&str], value: &'a Value, kind: Option<&'a str>) -> bool {
        let is_dark = |it: &&&str| it.eq_ignore_ascii_case("dark");
        let is_scheme = |it: &&&str| is_dark(it) || it.eq_ignore_ascii_case("light");
        let is_dark = path.iter().rev().find(is_scheme).is_some_and(|it| is_dark(&it));
        let names: Vec<String> = path
            .iter()
            .filter(|it| !is_scheme(it) && **it != "$root")
            .map(|it| kebab(it))
            .collect();
        let known = (0..names.len()).find_map(|from| {
            let name = format!("--{}", names[from..].join("-"));
            tokens().iter().find(|it| it.name == name)
        });
        let Some((token, of)) = known.and_then(|it| Some((it, Type::of(it)?))) else {
            return false;
        };
        let Some((value, kind)) = self.resolved(value, kind) else { return false };
        let Some(css) = of.read(value).filter(|_| kind.is_none_or(|it| it == of.name())) else {
            return false;
        };
        let name = token.name.as_str();
        let is_first = !self.read.iter().any(|(other, dark, _)| (*other, *dark) == (name, is_dark));
        if is_first {
            self.read.push((name, is_dark, css));
        }
        is_first
    }

    /// The value that references lead to, and its type.
    fn resolved(
        &self,
        mut value: &'a Value,
        mut kind: Option<&'a str>,
    ) -> Option<(&'a Value, Option<&'a str>)> {
        for _ in 0..MOST_REFERENCES {
            let text = value.as_str().unwrap_or_default();
            let Some(path) = text.strip_prefix('{').and_then(|it| it.strip_suffix('}')) else {
                return Some((value, kind));
            };
            let (mut group, mut found) = (self.root, None);
            for name in path.split('.') {
                group = group.get(name)?.as_object()?;
                found = group.get("$type").and_then(Value::as_str).or(found);
            }
            (value, kind) = (group.get("$value")?, found.or(kind));
        }
        None
    }
}

/// `on-accent` for `onAccent`, `on_accent` and `On accent`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        let is_new_word = letter.is_ascii_uppercase() && !kebab.is_empty();
        if is_new_word && !kebab.ends_with('-') {
            kebab.push('-');
        }
        kebab.push(if matches!(letter, ' ' | '_') { '-' } else { letter.to_ascii_lowercase() });
    }
    kebab
}

impl Theme {
    /// The tokens of this theme as a file.
    #[must_use]
    pub fn design_tokens(&self) -> Exported {
        let (mut root, mut left_out) = (Map::new(), Vec::new());
        for (scheme, set, dark) in [("light", &self.light, false), ("dark", &self.dark, true)] {
            let mut group = Map::new();
            for name in set.keys() {
                let token = tokens().iter().find(|it| it.name == *name);
                let value = token.and_then(Type::of).and_then(|of| {
                    let value = of.written(&self.computed(name, dark))?;
                    Some(json!({ "$type": of.name(), "$value": value }))
                });
                match value {
                    Some(value) => {
                        group.insert(name.trim_start_matches('-').to_owned(), value);
                    }
                    None => left_out.push(format!("{name} ({scheme})")),
                }
            }
            if !group.is_empty() {
                root.insert(scheme.to_owned(), group.into());
            }
        }
        let json = serde_json::to_string_pretty(&root).unwrap_or_default() + "\n";
        Exported { json, left_out }
    }

    /// Reads a file. A token is recognized by the end of its path, in whatever way that writes words:
    /// `color.onAccent`, `light.on-accent` and `radius.s`. Below a group `dark` it is for the dark scheme.
    ///
    /// # Errors
    /// If the file is no JSON object.
    pub fn from_design_tokens(json: &str) -> Result<Opened, InvalidDesignTokens> {
        let root: Value = serde_json::from_str(json)
            .map_err(|error| InvalidDesignTokens(format!("This is no JSON: {error}.")))?;
        let root = root
            .as_object()
            .ok_or_else(|| InvalidDesignTokens("Design tokens are a JSON object.".to_owned()))?;
        let mut reader = Reader { root, read: Vec::new(), left_out: Vec::new() };
        reader.group(root, &mut Vec::new(), None);
        let Reader { mut read, mut left_out, .. } = reader;
        // What both schemes share comes first: a dark value is compared with it.
        read.sort_by_key(|(_, dark, _)| *dark);
        let mut theme = Self::default();
        for (name, dark, css) in read {
            if theme.set(name, dark, &css).is_err() {
                left_out.push(name.trim_start_matches('-').to_owned());
            }
        }
        left_out.sort();
        Ok(Opened { theme, left_out })
    }
}

#[cfg(test)]
mod tests;
