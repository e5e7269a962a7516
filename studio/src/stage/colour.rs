//! How much what is drawn stands out from what is behind it (WCAG 2.1, relative luminance).

use palette::{Srgb, color_difference::Wcag21RelativeContrast};
use web_sys::{CssStyleDeclaration, Element};

use super::measure::{self, around, style, value};

/// Of a text. None where it cannot be told.
pub fn of_text(element: &Element, style: &CssStyleDeclaration) -> Option<f32> {
    let ground = ground(element)?;
    let mut colour = csscolorparser::parse(&value(style, "color")).ok()?;
    let opacity = |it: Element| value(&measure::style(&it)?, "opacity").parse::<f32>().ok();
    colour.a *= around(element).filter_map(opacity).product::<f32>();
    let text = over(colour, ground);
    Some(text.relative_contrast(ground))
}

/// Of a border or the ground, whichever shows best where the control is. None where it cannot be
/// told.
pub fn of_edge(element: &Element, style: &CssStyleDeclaration) -> Option<f32> {
    let behind = ground(&element.parent_element()?)?;
    let contrast = |name: &str| {
        let colour = csscolorparser::parse(&value(style, name)).ok()?;
        Some(over(colour, behind).relative_contrast(behind))
    };
    // A border that is not drawn has a colour, too.
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

/// What is seen behind the text: the grounds of what it stands in, one over the other. None where a
/// picture is among them.
fn ground(element: &Element) -> Option<Srgb<f32>> {
    let mut grounds = Vec::new();
    for element in around(element) {
        let style = style(&element)?;
        if value(&style, "background-image") != "none" {
            return None;
        }
        let colour = csscolorparser::parse(&value(&style, "background-color")).ok()?;
        let done = colour.a >= 1.0;
        grounds.push(colour);
        if done {
            break;
        }
    }
    let white = Srgb::new(1.0, 1.0, 1.0);
    Some(grounds.into_iter().rev().fold(white, |behind, colour| over(colour, behind)))
}

/// A colour that may be seen through, over an opaque one.
fn over(front: csscolorparser::Color, behind: Srgb<f32>) -> Srgb<f32> {
    let mix = |front_part: f32, back: f32| front_part * front.a + back * (1.0 - front.a);
    Srgb::new(mix(front.r, behind.red), mix(front.g, behind.green), mix(front.b, behind.blue))
}
