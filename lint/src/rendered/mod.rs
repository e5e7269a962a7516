//! The rules that only a rendered page can break: layout and colours. A browser measures the page, and
//! these rules check the measurements.

mod looks;
mod rules;

pub use rules::{ALL, check, is_about_looks};

use consent_contract::item::ItemKey;
use serde::{Deserialize, Serialize};

/// The measurements of a rendered page. Lengths in CSS pixels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    /// Every visible text.
    pub texts: Vec<Text>,
    /// Every visible control.
    pub controls: Vec<Control>,
    /// Every checkbox of an item; not "agree to all".
    pub boxes: Vec<Tick>,
    /// Whether "agree to all" is ticked; none without such a checkbox.
    pub agree_all: Option<bool>,
    /// The two buttons that answer, if visible.
    pub agree: Option<Control>,
    pub cancel: Option<Control>,
    /// Important content, which must stand out.
    pub important: Vec<Important>,
    /// The edges of controls without a text inside.
    pub edges: Vec<Edge>,
    /// How the page fits its window.
    pub fit: Fit,
    /// The same with the text spacing of WCAG 1.4.12.
    pub spaced: Fit,
    /// Whether the user has not answered anything yet.
    pub untouched: bool,
}

/// How the page fits its window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// How much the page is wider than its window.
    pub wider_by: f32,
    /// The first words of each text that is cut off or in a scrolling box.
    pub cut: Vec<String>,
}

/// A text and its contrast. Texts that look the same are one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// Its first words.
    pub what: String,
    /// The font size as it is drawn: transforms included.
    pub size: f32,
    pub bold: bool,
    /// With the background (WCAG 2.1, relative luminance); none where it cannot be computed.
    pub contrast: Option<f32>,
}

/// A control and its size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// Its text.
    pub what: String,
    pub width: f32,
    pub height: f32,
    /// The font size.
    pub size: f32,
    /// The font weight: 400 is normal, 700 bold.
    pub weight: f32,
}

/// The checkbox of an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tick {
    pub key: ItemKey,
    /// The whole label.
    pub label: String,
    /// The visible text that marks it as required or optional.
    pub need: String,
    /// The legend of its group.
    pub group: String,
    pub ticked: bool,
    /// Without opening anything.
    pub seen: bool,
    /// Whether a control beside it opens its text.
    pub opens: bool,
}

/// Content that must stand out from its surroundings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Important {
    /// Its first words.
    pub what: String,
    /// Without opening anything.
    pub seen: bool,
    pub looks: Looks,
    pub beside: Looks,
}

/// The properties by which a text can stand out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Looks {
    pub size: f32,
    pub weight: f32,
    /// As the browser serialises it.
    pub colour: String,
    /// With the background; none where it cannot be computed.
    pub contrast: Option<f32>,
    pub underlined: bool,
}

/// The edge of a control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// The control's label.
    pub what: String,
    /// With the background; none where it cannot be computed.
    pub contrast: Option<f32>,
}
