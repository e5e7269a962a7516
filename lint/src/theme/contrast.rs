//! Which colours need contrast, how much they have, and the nearest colour that has enough.

use palette::{FromColor, Hsl, Srgb, color_difference::Wcag21RelativeContrast};

use super::Theme;
use crate::{Finding, Rule, Severity};

/// Two colours that need contrast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub label: &'static str,
    pub front: &'static str,
    pub back: &'static str,
    /// The minimum ratio: 4.5 for text (WCAG 1.4.3), 3 for edges and the focus (WCAG 1.4.11).
    pub minimum: f32,
    /// Whether it counts in the dark theme only.
    pub only_dark: bool,
}

const fn text(label: &'static str, front: &'static str, back: &'static str) -> Pair {
    Pair { label, front, back, minimum: 4.5, only_dark: false }
}

const fn edge(label: &'static str, front: &'static str, back: &'static str) -> Pair {
    Pair { label, front, back, minimum: 3.0, only_dark: false }
}

/// The pairs to check.
pub const PAIRS: [Pair; 14] = [
    text("Text", "--ink", "--paper"),
    text("Text on a tint", "--ink", "--tint"),
    text("Soft text", "--soft", "--paper"),
    text("Soft text on a tint", "--soft", "--tint"),
    text("Errors", "--danger", "--paper"),
    text("Errors on their tint", "--danger", "--danger-tint"),
    text("Agree button", "--on-accent", "--accent"),
    // The default accent has 1.3:1 on white: its text identifies the button. On dark paper a dark accent
    // is hard to find.
    Pair { only_dark: true, ..edge("Agree button on the page", "--accent", "--paper") },
    text("Icon", "--on-icon", "--icon"),
    edge("Checkbox edges", "--edge", "--paper"),
    edge("Edges on a tint", "--edge", "--tint"),
    edge("Ticks", "--mark", "--paper"),
    edge("Focus ring", "--focus", "--paper"),
    edge("Focus ring on the ground", "--focus", "--ground"),
];

impl Pair {
    /// The criterion of WCAG 2.2 that the pair is held to: 1.4.3 for text, 1.4.11 for the rest.
    #[must_use]
    pub fn criterion(&self) -> &'static str {
        if self.minimum >= 4.5 { "WCAG 1.4.3" } else { "WCAG 1.4.11" }
    }

    fn rule(&self) -> Rule {
        let id = self.criterion().replace(' ', "-");
        let is_it = |rule: &&Rule| rule.id == id && rule.severity == Severity::Error;
        *crate::rules().find(is_it).expect("a rule of the rendered page")
    }

    /// Whether the ratio is too low in the light or dark theme.
    #[must_use]
    pub fn is_too_low(&self, ratio: f32, dark: bool) -> bool {
        ratio < self.minimum && (dark || !self.only_dark)
    }

    /// The contrast ratio in the light or dark theme (WCAG 2.1, relative luminance). None for a colour
    /// that cannot be computed, such as a translucent one.
    #[must_use]
    pub fn ratio(&self, theme: &Theme, dark: bool) -> Option<f32> {
        let front = colour(&theme.computed(self.front, dark))?;
        let back = colour(&theme.computed(self.back, dark))?;
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
    Some(written(colour(css)?.into_format()))
}

fn written(Srgb { red, green, blue, .. }: Srgb<u8>) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// How finely lightness is searched: finer than the 255 steps that a colour of eight bits has.
const STEPS: u16 = 1024;

/// The colour that has at least these contrast ratios with these colours, and differs least from the given
/// one: of the same hue and saturation (HSL), with the least change of lightness. The colour itself where
/// that passes. In HSL every lightness is a colour of sRGB, and luminance grows with it, so that the search
/// ends at black or white; one of them has 4.58:1 with any single colour. None where no lightness passes.
#[must_use]
pub fn nearest(of: Srgb<f32>, others: &[(Srgb<f32>, f32)]) -> Option<Srgb<u8>> {
    let passes = |it: &Srgb<u8>| {
        let it: Srgb<f32> = it.into_format();
        others.iter().all(|(other, minimum)| it.relative_contrast(*other) >= *minimum)
    };
    let own: Srgb<u8> = of.into_format();
    if passes(&own) {
        return Some(own);
    }
    let Hsl { hue, saturation, lightness, .. } = Hsl::from_color(of);
    let changes = (1..=STEPS).map(|step| f32::from(step) / f32::from(STEPS));
    changes
        .flat_map(|change| [lightness - change, lightness + change])
        .filter(|lightness| (0.0..=1.0).contains(lightness))
        .map(|lightness| {
            let lighter: Srgb<f32> = Srgb::from_color(Hsl::new(hue, saturation, lightness));
            lighter.into_format()
        })
        .find(passes)
}

impl Theme {
    /// The nearest value of a token with which a pair passes in the light or dark theme, as `#rrggbb`: one
    /// with which every pair of the token passes, where there is one. The other tokens stay. None for a
    /// token that is none of the pair, or a colour that cannot be computed.
    #[must_use]
    pub fn nearest(&self, token: &str, pair: &Pair, dark: bool) -> Option<String> {
        let beside = |pair: &Pair| {
            let other = if pair.front == token { pair.back } else { pair.front };
            let is_of_token = [pair.front, pair.back].contains(&token);
            let other = colour(&self.computed(other, dark)).filter(|_| is_of_token)?;
            Some((other, pair.minimum))
        };
        let own = colour(&self.computed(token, dark))?;
        let one = beside(pair)?;
        let counts = |pair: &&Pair| dark || !pair.only_dark;
        let all: Vec<_> = PAIRS.iter().filter(counts).filter_map(beside).collect();
        nearest(own, &all).or_else(|| nearest(own, &[one])).map(written)
    }

    /// The colours whose contrast is too low, in each colour scheme for which the theme changes one of
    /// the pair. Places are JSON Pointers (RFC 6901) into a fixture.
    #[must_use]
    pub fn lint(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (pair, dark) in PAIRS.iter().flat_map(|pair| [(pair, false), (pair, true)]) {
            let set_in = |name: &str| {
                let scheme = if dark && self.dark.contains_key(name) { "dark" } else { "light" };
                let set = if scheme == "dark" { &self.dark } else { &self.light };
                let applies = self.value(name, dark) != Self::default().value(name, dark);
                (applies && set.contains_key(name)).then(|| format!("/theme/{scheme}/{name}"))
            };
            let Some(at) = [pair.front, pair.back].into_iter().find_map(set_in) else { continue };
            let low = pair.ratio(self, dark).filter(|it| pair.is_too_low(*it, dark));
            let Some(ratio) = low else { continue };
            let Pair { label, front, back, minimum, .. } = pair;
            let scheme = if dark { "dark" } else { "light" };
            // Truncated, not rounded: 4.496 is less than 4.5.
            let ratio = (ratio * 100.0).floor() / 100.0;
            let what = format!(
                "{label}: {front} on {back} has {ratio:.2}:1 of {minimum}:1 in the {scheme} theme"
            );
            findings.push(Finding { rule: pair.rule(), at, what });
        }
        findings
    }
}

#[cfg(test)]
mod tests;
