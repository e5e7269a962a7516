//! Contrast with the background (WCAG 2.1, relative luminance).

use palette::{Srgb, color_difference::Wcag21RelativeContrast};
use web_sys::{CssStyleDeclaration, Element};

use crate::preview::dom::{ancestors, style, value};

/// The contrast of a text. None where it cannot be computed.
pub fn of_text(element: &Element, style: &CssStyleDeclaration) -> Option<f32> {
    let background = background(element)?;
    let mut colour = parse(&value(style, "color"))?;
    let opacity = |it: Element| value(&self::style(&it)?, "opacity").parse::<f32>().ok();
    colour.a *= ancestors(element).filter_map(opacity).product::<f32>();
    let text = over(colour, background);
    Some(text.relative_contrast(background))
}

/// The contrast of a border or of the background, whichever is higher. None where it cannot be computed.
pub fn of_edge(element: &Element, style: &CssStyleDeclaration) -> Option<f32> {
    let behind = background(&element.parent_element()?)?;
    let contrast = |name: &str| {
        let colour = parse(&value(style, name))?;
        Some(over(colour, behind).relative_contrast(behind))
    };
    // A border without a width has a colour too.
    let drawn = |side: &&str| {
        let style = |part| value(style, &format!("border-{side}-{part}"));
        style("width") != "0px" && !["none", "hidden"].contains(&style("style").as_str())
    };
    let borders = ["top", "right", "bottom", "left"].into_iter();
    let borders = borders.filter(drawn).map(|side| format!("border-{side}-color"));
    borders
        .chain(["background-color".to_owned()])
        .map(|name| contrast(&name))
        .try_fold(1.0_f32, |best, ratio| Some(best.max(ratio?)))
}

/// The background of an element: its ancestors' background colours, one over the other. None if there is
/// a background image.
fn background(element: &Element) -> Option<Srgb<f32>> {
    let mut colours = Vec::new();
    for element in ancestors(element) {
        let style = style(&element)?;
        if value(&style, "background-image") != "none" {
            return None;
        }
        let colour = parse(&value(&style, "background-color"))?;
        let is_opaque = colour.a >= 1.0;
        colours.push(colour);
        if is_opaque {
            break;
        }
    }
    let white = Srgb::new(1.0, 1.0, 1.0);
    Some(colours.into_iter().rev().fold(white, |behind, colour| over(colour, behind)))
}

/// A computed colour. A mixed one is `color(srgb 0.98 0.97 0.94)` there, with numbers from 0 to 1.
fn parse(css: &str) -> Option<csscolorparser::Color> {
    let Some(mixed) = css.strip_prefix("color(srgb ").and_then(|it| it.strip_suffix(')')) else {
        return csscolorparser::parse(css).ok();
    };
    let parts: Vec<f32> = mixed.split_whitespace().map_while(|it| it.parse().ok()).collect();
    // One with an alpha value is not used.
    let [red, green, blue] = parts[..] else { return None };
    Some(csscolorparser::Color::new(red, green, blue, 1.0))
}

/// A translucent colour over an opaque one.
fn over(front: csscolorparser::Color, behind: Srgb<f32>) -> Srgb<f32> {
    let mix = |front_part: f32, back: f32| front_part * front.a + back * (1.0 - front.a);
    Srgb::new(mix(front.r, behind.red), mix(front.g, behind.green), mix(front.b, behind.blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Chromium computes for `color-mix(in srgb, …)`.
    #[test]
    fn a_mixed_colour_is_read() {
        let mixed = parse("color(srgb 0.977255 0.973333 0.937255)").expect("a colour");
        assert_eq!(mixed.to_css_hex(), "#f9f8ef");
        assert_eq!(parse("rgb(250, 249, 242)").expect("a colour").to_css_hex(), "#faf9f2");
        assert!(parse("color(display-p3 1 0 0)").is_none() && parse("color(srgb 1 0)").is_none());
    }
}
