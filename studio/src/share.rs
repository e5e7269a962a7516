//! A state as a short text for the fragment of an address: JSON, deflated (RFC 1951), in base64url
//! (RFC 4648, 5). Browsers never send the fragment to a server.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

/// The prefix of every code, for future formats.
const VERSION: &str = "1.";

/// The maximum size of a decoded state, in bytes: protects the memory against decompression bombs.
pub const MAX_BYTES: usize = 4_000_000;

/// Why a code cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// Written by another version.
    Version,
    /// Truncated or changed.
    Damaged,
    /// Intact, but not a state.
    NotAState,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "this address was made by another version of the studio",
            Self::Damaged => "this address is damaged: it may be truncated",
            Self::NotAState => "this address does not contain a state of the studio",
        })
    }
}

impl std::error::Error for DecodeError {}

/// The code of a state.
#[must_use]
pub fn encode(state: &impl Serialize) -> String {
    packed(&serde_json::to_vec(state).expect("a state always becomes JSON"))
}

/// The code of a state of at most so many bytes of JSON. None for a larger one.
#[must_use]
pub fn encode_within(bytes: usize, state: &impl Serialize) -> Option<String> {
    let json = serde_json::to_vec(state).expect("a state always becomes JSON");
    (json.len() <= bytes).then(|| packed(&json))
}

fn packed(json: &[u8]) -> String {
    let packed = miniz_oxide::deflate::compress_to_vec(json, 9);
    format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(packed))
}

/// The state of a code.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode<T: DeserializeOwned>(code: &str) -> Result<T, DecodeError> {
    let packed = code.strip_prefix(VERSION).ok_or(DecodeError::Version)?;
    let packed = URL_SAFE_NO_PAD.decode(packed).map_err(|_| DecodeError::Damaged)?;
    let json = miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, MAX_BYTES)
        .map_err(|_| DecodeError::Damaged)?;
    serde_json::from_slice(&json).map_err(|_| DecodeError::NotAState)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        state::{
            BoardOptions, BoardZoom, ColorScheme, Comparison, Device, Frame, Language, Matrix,
            PreviewState, Selection, StudioState, View,
        },
        theme::Theme,
    };

    fn state_of(fixture: Selection) -> StudioState {
        StudioState {
            preview: PreviewState {
                fixture,
                view: View {
                    language: Language::Ja,
                    scheme: ColorScheme::Dark,
                    rtl: true,
                    text: 150,
                },
                theme: Theme {
                    light: [("--accent".into(), "#fff".into())].into(),
                    dark: [].into(),
                },
            },
            frame: Frame { width: 320, device: Device::Messenger },
            matrix: Matrix::default(),
            storyboard: BoardOptions { zoom: BoardZoom::Half, both_themes: true },
            compare: Comparison::default(),
        }
    }

    #[test]
    fn a_state_survives_a_round_trip_through_an_address() {
        for named in consent_fixtures::all() {
            for fixture in [
                Selection::Gallery(named.name.clone()),
                Selection::Custom(Box::new(named.fixture.clone())),
            ] {
                let state = state_of(fixture);
                let code = encode(&state);
                assert!(code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
                assert_eq!(decode(&code), Ok(state), "{}", named.name);
            }
        }
    }

    #[test]
    fn an_unchanged_fixture_has_a_short_code() {
        let shown = PreviewState {
            fixture: Selection::Gallery("sign-up".into()),
            view: View::default(),
            theme: Theme::default(),
        };
        assert!(encode(&shown).len() < 40, "{}", encode(&shown));
    }

    #[test]
    fn an_invalid_code_has_a_reason() {
        let code = encode(&state_of(Selection::Gallery("sign-up".into())));
        let decoded = |code: &str| decode::<StudioState>(code);
        assert_eq!(decoded(&code[..code.len() - 6]), Err(DecodeError::Damaged));
        assert_eq!(decoded(&code.replacen("1.", "2.", 1)), Err(DecodeError::Version));
        assert_eq!(decoded("1.!!"), Err(DecodeError::Damaged));
        assert_eq!(decoded(&encode(&"text")), Err(DecodeError::NotAState));
        // An incomplete fixture.
        let bad =
            encode(&serde_json::json!({"case": {"title": "", "about": "", "screen": "consent"}}));
        assert_eq!(decoded(&bad), Err(DecodeError::NotAState));
        // A decompression bomb.
        let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; MAX_BYTES + 1], 9);
        let bomb = format!("1.{}", URL_SAFE_NO_PAD.encode(bomb));
        assert_eq!(decoded(&bomb), Err(DecodeError::Damaged));
    }
}
