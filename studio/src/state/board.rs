//! How the storyboard is shown.

use serde::{Deserialize, Serialize};

use super::{Choice, ColorScheme};

choices! {
    /// How large the frames of the storyboard are drawn.
    BoardZoom {
        /// So that a part of the way has room in the window.
        #[default]
        Fit "Fit",
        Half "50 %",
        Actual "100 %",
    }
}

/// How the storyboard is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BoardOptions {
    pub zoom: BoardZoom,
    /// Whether each state is shown in the light and in the dark theme, side by side.
    pub both_themes: bool,
}

choices! {
    /// The themes of the storyboard.
    BoardTheme {
        #[default]
        Light "Light",
        Dark "Dark",
        Forced "Forced",
        Both "Light and dark",
    }
}

impl BoardTheme {
    /// The theme of a preview that is shown alone.
    #[must_use]
    pub fn of(scheme: ColorScheme) -> Self {
        match scheme {
            ColorScheme::Light => Self::Light,
            ColorScheme::Dark => Self::Dark,
            ColorScheme::Forced => Self::Forced,
        }
    }

    /// The theme of the first preview.
    #[must_use]
    pub fn scheme(self) -> ColorScheme {
        match self {
            Self::Light | Self::Both => ColorScheme::Light,
            Self::Dark => ColorScheme::Dark,
            Self::Forced => ColorScheme::Forced,
        }
    }
}
