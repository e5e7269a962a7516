//! What is wrong with a screen as it was drawn: the rules that only its layout and colours can
//! break. A browser measures, this judges.

mod rules;

pub use rules::{ALL, check};

use consent_contract::item::ItemKey;
use serde::{Deserialize, Serialize};

/// What a browser has measured of a drawn screen. Lengths in CSS pixels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    /// Every text that is seen.
    pub texts: Vec<Text>,
    /// Every control that can be pressed.
    pub controls: Vec<Control>,
    /// Every box to be ticked, but for the one that stands for others.
    pub boxes: Vec<Tick>,
    /// Whether "agree to all" is ticked; none where there is no such box.
    pub agree_all: Option<bool>,
    /// The two answers, where the screen asks for one.
    pub agree: Option<Control>,
    pub cancel: Option<Control>,
    /// Each part of the important content that is to stand out.
    pub important: Vec<Important>,
    /// What shows where a control is, when no text in it does.
    pub edges: Vec<Edge>,
    /// How it fits.
    pub fit: Fit,
    /// How it fits with the spacing that a person may have set for their texts (WCAG 1.4.12).
    pub spaced: Fit,
    /// Whether the person has not answered anything yet.
    pub untouched: bool,
}

/// How the page fits where it is shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// By how much the page is wider than its window.
    pub wider_by: f32,
    /// The first words of each text that is cut off, or has to be scrolled in a place of its own.
    pub cut: Vec<String>,
}

/// A text and how it stands out. Texts that look the same are one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// Its first words.
    pub what: String,
    /// The height of its letters.
    pub size: f32,
    pub bold: bool,
    /// Against its ground (WCAG 2.1, relative luminance); none where that cannot be told.
    pub contrast: Option<f32>,
}

/// A control and its size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// Its name.
    pub what: String,
    pub width: f32,
    pub height: f32,
    /// Of its text.
    pub size: f32,
    /// Of its text: 400 is usual, 700 bold.
    pub weight: f32,
}

/// A box to be ticked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tick {
    pub key: ItemKey,
    /// Its label, whole.
    pub label: String,
    /// What is seen to say whether it is required.
    pub need: String,
    /// The legend of the group that it stands in.
    pub group: String,
    pub ticked: bool,
    /// Without opening anything.
    pub seen: bool,
    /// Whether there is something beside it that can be pressed, which opens its text.
    pub opens: bool,
}

/// Content that is to stand out from what it stands beside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Important {
    /// Its first words.
    pub what: String,
    /// Without opening anything.
    pub seen: bool,
    pub looks: Looks,
    pub beside: Looks,
}

/// By what a text can stand out from another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Looks {
    pub size: f32,
    pub weight: f32,
    /// As the browser writes it.
    pub colour: String,
    pub underlined: bool,
}

/// The edge of a control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// The control's name.
    pub what: String,
    /// Against its ground; none where that cannot be told.
    pub contrast: Option<f32>,
}
