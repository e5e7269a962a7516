//! The design tokens that a deployer may set, their contrast, and the style sheet that sets them. The
//! tokens are read from the screen's own `style/tokens.css`.

use std::{collections::BTreeMap, sync::LazyLock};

use palette::{Srgb, color_difference::Wcag21RelativeContrast};
use serde::{Deserialize, Serialize};

const TOKENS: &str = include_str!("../../style/tokens.css");

/// The media query of the dark theme.
const DARK: &str = "@media (prefers-color-scheme: dark)";

/// Changed tokens: CSS values by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "UntrustedTheme")]
pub struct Theme {
    /// In the light theme; and in the dark one, where that has no value of its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub light: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dark: BTreeMap<String, String>,
}

/// A theme from an address: untrusted input.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct UntrustedTheme {
    light: BTreeMap<String, String>,
    dark: BTreeMap<String, String>,
}

impl From<UntrustedTheme> for Theme {
    /// Keeps known tokens with valid values: the rest would not show in the preview, but be exported.
    fn from(UntrustedTheme { mut light, mut dark }: UntrustedTheme) -> Self {
        for set in [&mut light, &mut dark] {
            set.retain(|name, value| tokens().iter().any(|it| it.name == *name) && is_value(value));
        }
        Self { light, dark }
    }
}

/// Not a value of a custom property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidValue;

fn is_value(value: &str) -> bool {
    !value.contains([';', '{', '}', '<', '\\']) && !value.contains("/*")
}

/// A token with its default values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// `--paper`
    pub name: String,
    pub light: String,
    /// If the dark theme differs.
    pub dark: Option<String>,
}

static ALL: LazyLock<Vec<Token>> = LazyLock::new(|| {
    let Theme { light, dark } = Theme::of(TOKENS, &[]);
    let token =
        |name: String| Token { light: light[&name].clone(), dark: dark.get(&name).cloned(), name };
    // In the order of the file: by importance.
    let mut names = declarations(TOKENS).map(|(name, _)| name).fold(Vec::new(), |mut names, it| {
        if !names.contains(&it) {
            names.push(it);
        }
        names
    });
    names.retain(|name| light.contains_key(name));
    names.into_iter().map(token).collect()
});

/// Every token, in the order of the file that sets them.
#[must_use]
pub fn tokens() -> &'static [Token] {
    &ALL
}

impl Theme {
    /// The value of a token in the light or dark theme.
    #[must_use]
    pub fn value(&self, name: &str, dark: bool) -> String {
        let own = tokens().iter().find(|token| token.name == name);
        let dark_first =
            dark.then(|| self.dark.get(name).or_else(|| own.and_then(|own| own.dark.as_ref())));
        dark_first
            .flatten()
            .or_else(|| self.light.get(name))
            .or_else(|| own.map(|own| &own.light))
            .cloned()
            .unwrap_or_default()
    }

    /// Sets a token. The default or an empty value removes it.
    ///
    /// # Errors
    /// If the value would end its declaration and start another.
    pub fn set(&mut self, name: &str, dark: bool, value: &str) -> Result<(), InvalidValue> {
        let value = value.trim();
        if !is_value(value) {
            return Err(InvalidValue);
        }
        if dark { &mut self.dark } else { &mut self.light }.remove(name);
        if !value.is_empty() && value != self.value(name, dark) {
            let set = if dark { &mut self.dark } else { &mut self.light };
            set.insert(name.to_owned(), value.to_owned());
        }
        Ok(())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.light.is_empty() && self.dark.is_empty()
    }

    /// The style sheet for a deployer to put at `/theme.css`.
    #[must_use]
    pub fn css(&self) -> String {
        let rules = |set: &BTreeMap<String, String>, indent: &str| -> String {
            set.iter().map(|(name, value)| format!("{indent}{name}: {value};\n")).collect()
        };
        let mut css = "/* Made in the preview studio: serve it as /theme.css. */\n".to_owned();
        if !self.light.is_empty() {
            css += &format!(":root {{\n{}}}\n", rules(&self.light, "  "));
        }
        // A light value would also apply to the dark theme, since a deployer's file overrides the
        // screen's own: restore the dark default.
        let own_dark = tokens().iter().filter_map(|token| {
            let dark = token.dark.clone().filter(|_| self.light.contains_key(&token.name))?;
            Some((token.name.clone(), dark))
        });
        let mut dark: BTreeMap<String, String> = own_dark.collect();
        dark.extend(self.dark.clone());
        if !dark.is_empty() {
            css += &format!("{DARK} {{\n  :root {{\n{}  }}\n}}\n", rules(&dark, "    "));
        }
        css
    }

    /// The custom properties of a style sheet that differ from the defaults, without those in media
    /// queries other than the dark theme's.
    #[must_use]
    pub fn from_css(css: &str) -> Self {
        Self::of(css, tokens())
    }

    fn of(css: &str, own: &[Token]) -> Self {
        let css = without_comments(css);
        let mut theme = Self::default();
        let mut open: Vec<String> = Vec::new();
        let mut text = String::new();
        for letter in css.chars() {
            match letter {
                '{' => open.push(std::mem::take(&mut text).trim().to_owned()),
                '}' | ';' => {
                    let conditions = open.iter().filter(|it| it.starts_with("@media"));
                    let conditions: Vec<_> = conditions.map(String::as_str).collect();
                    let set = match conditions[..] {
                        [] => Some(&mut theme.light),
                        [only] if only.replace(' ', "") == DARK.replace(' ', "") => {
                            Some(&mut theme.dark)
                        }
                        _ => None,
                    };
                    if let (Some(set), Some((name, value))) = (set, declaration(&text)) {
                        set.insert(name, value);
                    }
                    text.clear();
                    if letter == '}' {
                        open.pop();
                    }
                }
                other => text.push(other),
            }
        }
        // Defaults are not changes.
        for token in own {
            let same = |set: &BTreeMap<_, _>, own: Option<&String>| set.get(&token.name) == own;
            if same(&theme.light, Some(&token.light)) {
                theme.light.remove(&token.name);
            }
            if token.dark.is_some() && same(&theme.dark, token.dark.as_ref()) {
                theme.dark.remove(&token.name);
            }
        }
        theme
    }
}

/// `--name: value` as its parts, the value in one line.
fn declaration(text: &str) -> Option<(String, String)> {
    let (name, value) = text.trim().split_once(':')?;
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    (name.starts_with("--") && !value.is_empty()).then(|| (name.trim().to_owned(), value))
}

fn declarations(css: &str) -> impl Iterator<Item = (String, String)> {
    let css = without_comments(css);
    let parts: Vec<_> = css.split(['{', '}', ';']).filter_map(declaration).collect();
    parts.into_iter()
}

fn without_comments(css: &str) -> String {
    let mut kept = String::new();
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        kept += before;
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    kept + rest
}

/// Two colours that need contrast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub label: &'static str,
    pub front: &'static str,
    pub back: &'static str,
    /// The minimum ratio: 4.5 for text (WCAG 1.4.3), 3 for edges and the focus (WCAG 1.4.11).
    pub minimum: f32,
}

const fn text(label: &'static str, front: &'static str, back: &'static str) -> Pair {
    Pair { label, front, back, minimum: 4.5 }
}

const fn edge(label: &'static str, front: &'static str, back: &'static str) -> Pair {
    Pair { label, front, back, minimum: 3.0 }
}

/// The pairs to check.
pub const PAIRS: [Pair; 13] = [
    text("Text", "--ink", "--paper"),
    text("Text on a tint", "--ink", "--tint"),
    text("Soft text", "--soft", "--paper"),
    text("Soft text on a tint", "--soft", "--tint"),
    text("Errors", "--danger", "--paper"),
    text("Errors on their tint", "--danger", "--danger-tint"),
    text("Agree button", "--on-accent", "--accent"),
    text("Icon", "--on-emblem", "--emblem"),
    edge("Checkbox edges", "--edge", "--paper"),
    edge("Edges on a tint", "--edge", "--tint"),
    edge("Ticks", "--mark", "--paper"),
    edge("Focus ring", "--focus", "--paper"),
    edge("Focus ring on the ground", "--focus", "--ground"),
];

impl Pair {
    /// The contrast ratio in the light or dark theme (WCAG 2.1, relative luminance). None for a colour
    /// that cannot be computed, such as a translucent one.
    #[must_use]
    pub fn ratio(&self, theme: &Theme, dark: bool) -> Option<f32> {
        let front = colour(&theme.value(self.front, dark))?;
        let back = colour(&theme.value(self.back, dark))?;
        Some(front.relative_contrast(back))
    }
}

/// An opaque colour as CSS writes it.
#[must_use]
pub fn colour(css: &str) -> Option<Srgb<f32>> {
    let colour = csscolorparser::parse(css).ok()?;
    (colour.a >= 1.0).then(|| Srgb::new(colour.r, colour.g, colour.b))
}

/// The colour as `#rrggbb`, for a browser's colour input.
#[must_use]
pub fn hex(css: &str) -> Option<String> {
    let colour = colour(css)?.into_format::<u8>();
    Some(format!("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_are_those_of_the_screen() {
        let paper = tokens().iter().find(|it| it.name == "--paper").expect("a token");
        assert_eq!((paper.light.as_str(), paper.dark.as_deref()), ("#ffffff", Some("#1b1b1e")));
        assert_eq!(tokens()[0].name, "--paper", "in the order of the file");
        let quick = tokens().iter().find(|it| it.name == "--quick").expect("a token");
        assert_eq!(
            (quick.light.as_str(), quick.dark.as_deref()),
            ("120ms", None),
            "not the reduced one"
        );
        for pair in PAIRS {
            for name in [pair.front, pair.back] {
                assert!(tokens().iter().any(|it| it.name == name), "{name}");
            }
        }
    }

    #[test]
    fn the_default_colours_have_enough_contrast() {
        for pair in PAIRS {
            for dark in [false, true] {
                let ratio = pair.ratio(&Theme::default(), dark).expect("opaque colours");
                assert!(ratio >= pair.minimum, "{} {dark}: {ratio}", pair.label);
            }
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let ratio = |a: &str, b: &str| colour(a).unwrap().relative_contrast(colour(b).unwrap());
        assert!((ratio("#000", "white") - 21.0).abs() < 0.01);
        assert!((ratio("#777777", "#ffffff") - 4.478).abs() < 0.01);
        assert_eq!(
            colour("rgb(0 0 0 / 50%)"),
            None,
            "a translucent colour has no contrast of its own"
        );
        assert_eq!(colour("no colour"), None);
        assert_eq!(hex("rgb(254, 229, 0)").as_deref(), Some("#fee500"));
    }

    #[test]
    fn a_set_token_wins_in_its_own_theme() {
        let mut theme = Theme::default();
        theme.set("--ink", false, "#222222").unwrap();
        assert_eq!(theme.value("--ink", false), "#222222");
        assert_eq!(theme.value("--ink", true), "#f2f2ef", "the dark theme has its own");
        theme.set("--accent", false, " #00aa00 ").unwrap();
        assert_eq!(theme.value("--accent", true), "#00aa00", "the dark theme has none of its own");
        theme.set("--ink", false, "#17171a").unwrap();
        theme.set("--accent", false, "").unwrap();
        assert!(theme.is_empty(), "a default is not set");
    }

    #[test]
    fn a_token_can_be_reset_in_the_dark_theme_alone() {
        let mut theme = Theme::default();
        theme.set("--accent", false, "#00aa00").unwrap();
        theme.set("--accent", true, "#fee500").unwrap();
        assert_eq!(theme.value("--accent", true), "#fee500");
        assert_eq!(theme.value("--accent", false), "#00aa00");
    }

    #[test]
    fn a_value_that_sets_more_than_a_token_is_rejected() {
        let mut theme = Theme::default();
        assert_eq!(theme.set("--ink", false, "red; } .actions { display: none"), Err(InvalidValue));
        assert!(theme.is_empty());
        let untrusted = r##"{"light": {"--x": "1", "--ink": "1} a{", "--paper": "#eee"}}"##;
        let theme: Theme = serde_json::from_str(untrusted).unwrap();
        assert_eq!(theme.light, BTreeMap::from([("--paper".to_owned(), "#eee".to_owned())]));
    }

    #[test]
    fn a_theme_survives_a_round_trip_through_css() {
        let mut theme = Theme::default();
        theme.set("--accent", false, "#00aa00").unwrap();
        theme.set("--font", false, "\"Some Font\", sans-serif").unwrap();
        theme.set("--ink", true, "#eeeeee").unwrap();
        let css = theme.css();
        assert!(css.contains(":root {\n  --accent: #00aa00;"), "{css}");
        assert_eq!(Theme::from_css(&css), theme);
        // A light colour does not become the dark theme's.
        let mut light = Theme::default();
        light.set("--ink", false, "#222222").unwrap();
        let css = light.css();
        assert!(css.contains("--ink: #f2f2ef;"), "{css}");
        assert_eq!(Theme::from_css(&css), light, "and a default is not set");
        assert_eq!(Theme::from_css("no css"), Theme::default());
        assert_eq!(
            Theme::from_css("/* --a: 1; */ @media print { :root { --b: 2 } }"),
            Theme::default()
        );
    }
}
