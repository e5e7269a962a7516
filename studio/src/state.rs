//! What a preview shows: a fixture, in a language, a colour scheme and a size; and the rest of the
//! studio's state.

use consent_contract::locale::Locale;
use consent_fixtures::{Fixture, Localization, named};
use serde::{Deserialize, Serialize};

use crate::theme::Theme;

/// The state of a preview.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewState {
    /// Addresses of earlier versions have it under the name `fixture`.
    #[serde(rename = "case")]
    pub fixture: Selection,
    #[serde(default, skip_serializing_if = "is_default")]
    pub view: View,
    #[serde(default, skip_serializing_if = "is_default")]
    pub theme: Theme,
}

/// The state of the studio, for its address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StudioState {
    #[serde(flatten)]
    pub preview: PreviewState,
    #[serde(default, skip_serializing_if = "is_default")]
    pub frame: Frame,
    #[serde(default, skip_serializing_if = "is_default")]
    pub matrix: Matrix,
    #[serde(default, skip_serializing_if = "is_default")]
    pub storyboard: BoardOptions,
    #[serde(default, skip_serializing_if = "is_default")]
    pub compare: Comparison,
}

impl From<PreviewState> for StudioState {
    /// A preview in the usual frame.
    fn from(preview: PreviewState) -> Self {
        Self {
            preview,
            frame: Frame::default(),
            matrix: Matrix::default(),
            storyboard: BoardOptions::default(),
            compare: Comparison::default(),
        }
    }
}

/// A fixture: one of the gallery by its name, or a changed one as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Selection {
    Gallery(String),
    Custom(Box<Fixture>),
}

impl Selection {
    /// The fixture. None for a name that the gallery does not have.
    #[must_use]
    pub fn fixture(&self) -> Option<Fixture> {
        match self {
            Self::Gallery(name) => named(name).map(|it| it.fixture.clone()),
            Self::Custom(fixture) => Some((**fixture).clone()),
        }
    }
}

/// How a preview is shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct View {
    #[serde(rename = "speaks")]
    pub language: Language,
    pub scheme: ColorScheme,
    /// Right to left, whatever the language: a stress test, beside Arabic.
    pub rtl: bool,
    /// Percent of the browser's text size, 100 to 200.
    pub text: u16,
}

impl Default for View {
    fn default() -> Self {
        Self { language: Language::Ko, scheme: ColorScheme::Light, rtl: false, text: 100 }
    }
}

impl View {
    /// Limited to what the controls offer: an address may contain anything.
    #[must_use]
    pub fn offered(self) -> Self {
        let text = if TEXT_SIZES.contains(&self.text) { self.text } else { Self::default().text };
        Self { text, ..self }
    }
}

/// The text sizes on offer, in percent.
pub const TEXT_SIZES: [u16; 5] = [100, 125, 150, 175, 200];

/// A small set of options, each with a label.
pub trait Choice: Copy + PartialEq + Send + Sync + 'static {
    const ALL: &'static [Self];
    /// In English.
    fn label(self) -> &'static str;
}

macro_rules! choices {
    ($(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $choice:ident $label:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $choice,)* }

        impl Choice for $name {
            const ALL: &'static [Self] = &[$(Self::$choice),*];
            fn label(self) -> &'static str {
                match self { $(Self::$choice => $label,)* }
            }
        }
    };
}

choices! {
    /// The language of the preview.
    Language {
        #[default]
        Ko "한국어",
        En "English",
        Ja "日本語",
        ZhHans "简体中文",
        ZhHant "繁體中文",
        Vi "Tiếng Việt",
        Th "ไทย",
        Ar "العربية",
        Pseudo "+40 %",
    }
}

impl Language {
    /// The BCP 47 tag of the texts.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En | Self::Pseudo => "en",
            Self::Ja => "ja",
            Self::ZhHans => "zh-Hans",
            Self::ZhHant => "zh-Hant",
            Self::Vi => "vi",
            Self::Th => "th",
            Self::Ar => "ar",
        }
    }

    /// As the fixtures crate has it.
    #[must_use]
    pub fn localization(self) -> Localization {
        match self {
            Self::Pseudo => Localization::Pseudo,
            _ => Localization::In(Locale::best([self.tag()])),
        }
    }
}

choices! {
    /// The colours of the preview.
    ColorScheme {
        #[default]
        Light "Light",
        Dark "Dark",
        /// Forced colours (high contrast): an approximation.
        Forced "Forced",
    }
}

choices! {
    /// The frame around the preview.
    Device {
        /// A plain browser window.
        Plain "Window",
        #[default]
        Phone "Phone",
        /// A phone with the bars of an in-app browser, which reduce its height.
        Messenger "In-app browser",
    }
}

/// The frame of a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Frame {
    /// CSS pixels.
    pub width: u16,
    pub device: Device,
}

impl Default for Frame {
    fn default() -> Self {
        Self { width: 390, device: Device::Phone }
    }
}

/// The widths on offer, in CSS pixels: the minimum of WCAG 1.4.10, phones, a tablet, a desktop.
pub const WIDTHS: [u16; 6] = [320, 360, 390, 430, 768, 1280];

impl Frame {
    /// As [`View::offered`].
    #[must_use]
    pub fn offered(self) -> Self {
        let width = if WIDTHS.contains(&self.width) { self.width } else { Self::default().width };
        Self { width, ..self }
    }

    /// The height of the viewport, in CSS pixels.
    #[must_use]
    pub fn height(self) -> u16 {
        let screen = match self.width {
            0..=340 => 568,
            341..=600 => 844,
            601..=1000 => 1024,
            _ => 800,
        };
        match self.device {
            Device::Messenger => screen - BARS,
            Device::Phone | Device::Plain => screen,
        }
    }

    /// Whether it is drawn with the edge of a phone.
    #[must_use]
    pub fn has_edge(self) -> bool {
        match self.device {
            Device::Messenger => true,
            Device::Phone => self.width <= WIDEST_PHONE,
            Device::Plain => false,
        }
    }
}

/// In CSS pixels: what is wider than a large phone has no edge of one.
const WIDEST_PHONE: u16 = 440;

/// The height of the bars of an in-app browser, in CSS pixels.
pub const BARS: u16 = 96;

choices! {
    /// How large a preview is drawn.
    Zoom {
        /// As large as there is room for, and at most at its true size.
        #[default]
        Fit "Fit",
        Actual "100 %",
    }
}

/// The edge of a phone, in CSS pixels. It is not scaled.
const EDGE: f64 = 10.0;

/// The smallest scale that a low window leads to. Below it nothing can be read, and the stage scrolls.
const SMALLEST: f64 = 0.4;

impl Zoom {
    /// The scale of a frame in a room of this width and height, in CSS pixels.
    #[must_use]
    pub fn scale(self, frame: Frame, (width, height): (f64, f64)) -> f64 {
        let edges = if frame.has_edge() { 2.0 * EDGE } else { 2.0 };
        let bars = if frame.device == Device::Messenger { BARS } else { 0 };
        let by_width = (width - edges) / f64::from(frame.width);
        // A pixel less: rounding must not make the stage scroll.
        let by_height = (height - edges - 1.0) / f64::from(frame.height() + bars);
        match self {
            Self::Fit => by_height.max(SMALLEST).min(by_width).clamp(0.1, 1.0),
            Self::Actual => 1.0,
        }
    }
}

mod board;
mod comparison;
mod matrix;

pub use board::{BoardOptions, BoardTheme, BoardZoom};
pub use comparison::{Comparison, Counterpart, Layout, Version};
pub use matrix::{Axis, Beside, Matrix, Step, steps};

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests;
