//! A state as a short text that an address can hold: JSON, deflated (RFC 1951), in base64url
//! (RFC 4648, 5). It stands behind `#`, so it is never sent to a server.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

/// Before every code, so that another way of writing it can be told from this one.
const VERSION: &str = "1.";

/// The most that a code may unpack to, in bytes: nobody's fixture is as large, and somebody's address
/// could be meant to fill the memory.
pub const MOST: usize = 4_000_000;

/// StopReason a code cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It was written by something newer or something else.
    Version,
    /// A piece is missing or was changed on its way.
    Damaged,
    /// It can be unpacked, and is not what is looked for here.
    NotThis,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "this address was made by another version of the studio",
            Self::Damaged => "this address is damaged: perhaps it was cut off on its way",
            Self::NotThis => "this address holds something that is no state of the studio",
        })
    }
}

impl std::error::Error for Unreadable {}

/// The code of a state.
#[must_use]
pub fn encode(state: &impl Serialize) -> String {
    let json = serde_json::to_vec(state).expect("a state always becomes JSON");
    let packed = miniz_oxide::deflate::compress_to_vec(&json, 9);
    format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(packed))
}

/// The state of a code.
///
/// # Errors
/// See [`Unreadable`].
pub fn decode<T: DeserializeOwned>(code: &str) -> Result<T, Unreadable> {
    let packed = code.strip_prefix(VERSION).ok_or(Unreadable::Version)?;
    let packed = URL_SAFE_NO_PAD.decode(packed).map_err(|_| Unreadable::Damaged)?;
    let json = miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, MOST)
        .map_err(|_| Unreadable::Damaged)?;
    serde_json::from_slice(&json).map_err(|_| Unreadable::NotThis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        state::{
            ColorScheme, Device, Frame, Language, Matrix, PreviewState, Selection, StudioState,
            View,
        },
        theme::Theme,
    };

    fn shared(fixture: Selection) -> StudioState {
        StudioState {
            shown: PreviewState {
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
        }
    }

    #[test]
    fn a_state_survives_the_way_through_an_address() {
        for named in consent_fixtures::all() {
            for fixture in [
                Selection::Gallery(named.name.clone()),
                Selection::Custom(Box::new(named.fixture.clone())),
            ] {
                let state = shared(fixture);
                let code = encode(&state);
                assert!(code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
                assert_eq!(decode(&code), Ok(state), "{}", named.name);
            }
        }
    }

    #[test]
    fn what_nobody_changed_is_short() {
        let shown = PreviewState {
            fixture: Selection::Gallery("sign-up".into()),
            view: View::default(),
            theme: Theme::default(),
        };
        assert!(encode(&shown).len() < 40, "{}", encode(&shown));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let code = encode(&shared(Selection::Gallery("sign-up".into())));
        let decoded = |code: &str| decode::<StudioState>(code);
        assert_eq!(decoded(&code[..code.len() - 6]), Err(Unreadable::Damaged));
        assert_eq!(decoded(&code.replacen("1.", "2.", 1)), Err(Unreadable::Version));
        assert_eq!(decoded("1.!!"), Err(Unreadable::Damaged));
        assert_eq!(decoded(&encode(&"text")), Err(Unreadable::NotThis));
        // A fixture that no screen could show is none.
        let bad =
            encode(&serde_json::json!({"case": {"title": "", "about": "", "screen": "consent"}}));
        assert_eq!(decoded(&bad), Err(Unreadable::NotThis));
        // A bomb is not unpacked.
        let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; MOST + 1], 9);
        let bomb = format!("1.{}", URL_SAFE_NO_PAD.encode(bomb));
        assert_eq!(decoded(&bomb), Err(Unreadable::Damaged));
    }
}
