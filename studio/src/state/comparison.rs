//! What a state is compared with, and how both are shown.

use consent_fixtures::{Fixture, named};
use serde::{Deserialize, Serialize};

use super::{Choice, is_default};
use crate::theme::Theme;

/// The comparison of what is open with another state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Comparison {
    /// None until a comparison is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<Counterpart>,
    pub layout: Layout,
    /// How much of the other state is seen where both are over one another: percent.
    pub fade: u8,
}

impl Default for Comparison {
    fn default() -> Self {
        Self { with: None, layout: Layout::default(), fade: 50 }
    }
}

impl Comparison {
    /// Limited to what the controls offer: an address may contain anything.
    #[must_use]
    pub fn offered(self) -> Self {
        let is_there = |with: &Counterpart| match with {
            Counterpart::Fixture(name) => named(name).is_some(),
            _ => true,
        };
        Self { with: self.with.filter(is_there), fade: self.fade.min(100), ..self }
    }
}

choices! {
    /// How two states are shown.
    Layout {
        #[default]
        Beside "Side by side",
        /// One over the other: what is the same in both vanishes.
        Difference "Difference",
        /// One over the other, which lets it show through.
        Fade "Fade",
    }
}

/// What a state is compared with. A draft and a file are on one device only: the address has a copy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counterpart {
    /// The open fixture as the gallery has it.
    Gallery,
    /// The service as its file had it when it was opened.
    File(Box<Version>),
    /// A draft, as it was when it was chosen.
    Draft { id: String, name: String, version: Box<Version> },
    /// A fixture of the gallery.
    Fixture(String),
}

/// A state, and the tokens that were changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Version {
    pub fixture: Fixture,
    #[serde(default, skip_serializing_if = "is_default")]
    pub theme: Theme,
}

impl Counterpart {
    /// The state. `open`: the name of the open fixture. None for what the gallery does not have.
    #[must_use]
    pub fn version(&self, open: &str) -> Option<Version> {
        match self {
            Self::Gallery => Self::of_gallery(open),
            Self::Fixture(name) => Self::of_gallery(name),
            Self::File(version) | Self::Draft { version, .. } => Some((**version).clone()),
        }
    }

    fn of_gallery(name: &str) -> Option<Version> {
        let fixture = named(name)?.fixture.clone();
        Some(Version { fixture, theme: Theme::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        share,
        state::{PreviewState, Selection, StudioState, View},
    };

    fn state(compare: Comparison) -> StudioState {
        let fixture = Selection::Gallery("sign-up".into());
        let preview = PreviewState { fixture, view: View::default(), theme: Theme::default() };
        StudioState { compare, ..preview.into() }
    }

    /// Another device has neither the draft nor the file.
    #[test]
    fn an_address_has_what_is_compared_as_a_whole() {
        let fixture = named("filled").unwrap().fixture.clone();
        let theme = Theme { light: [("--ink".into(), "#111".into())].into(), ..Theme::default() };
        let version = Box::new(Version { fixture, theme });
        for with in [
            Counterpart::Gallery,
            Counterpart::Fixture("loading".into()),
            Counterpart::File(version.clone()),
            Counterpart::Draft { id: "1a".into(), name: "Mine".into(), version: version.clone() },
        ] {
            let compare = Comparison { with: Some(with.clone()), layout: Layout::Fade, fade: 20 };
            let state = state(compare);
            assert_eq!(share::decode(&share::encode(&state)), Ok(state));
            let found = with.version("sign-up").unwrap();
            match with {
                Counterpart::File(_) | Counterpart::Draft { .. } => assert_eq!(found, *version),
                _ => assert!(found.theme.is_empty()),
            }
        }
        let none = share::encode(&state(Comparison::default()));
        assert!(none.len() < 40, "{none}");
    }

    #[test]
    fn an_address_of_an_earlier_version_and_a_fixture_that_is_gone_compare_with_nothing_yet() {
        let earlier = serde_json::json!({ "case": "sign-up" });
        assert_eq!(share::decode(&share::encode(&earlier)), Ok(state(Comparison::default())));
        let gone = Some(Counterpart::Fixture("no-such-fixture".into()));
        let compare = Comparison { with: gone, fade: 200, ..Comparison::default() };
        assert_eq!(compare.offered(), Comparison { fade: 100, ..Comparison::default() });
        assert_eq!(Counterpart::Gallery.version("own"), None);
    }
}
