//! Numbers that others write: how long a challenge lives, a port, an integer of the configuration.

use consent_contract::{
    redirect,
    request::{ConsentRequest, ConsentState},
};
use url::Url;

/// Any text, where a number is expected.
///
/// # Panics
/// When it is read as another number than the one that is written there.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b)) {
        seconds(text);
        port(text);
        #[cfg(feature = "backend")]
        integer(text);
    }
}

fn seconds(text: &str) {
    let json = include_str!("../../contract/samples/ask.json");
    let (before, rest) = json.split_once("\"expires_in\": ").expect("it is there");
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let json = format!("{before}\"expires_in\": {text}{rest}");
    match (ConsentState::from_json(&json), serde_json::from_str::<ConsentRequest>(&json)) {
        (Ok(ConsentState::Ask(read)), Ok(other)) => {
            assert_eq!(read.expires_in, other.expires_in);
            assert_eq!(text.parse(), Ok(read.expires_in), "{text}");
        }
        (Err(_), Err(_)) => {}
        (read, other) => panic!("{text}: {:?} and {:?}", read.is_ok(), other.is_ok()),
    }
}

fn port(text: &str) {
    let address = format!("https://shop.example:{text}/");
    let Ok(origin) = redirect::origin(&address) else { return };
    let url = Url::parse(&address).expect("what is gone to is an address");
    assert_eq!(url.origin().ascii_serialization(), origin, "{text}");
    assert_eq!(text.parse::<u16>(), Ok(url.port_or_known_default().unwrap_or(443)), "{text}");
}

/// An integer of TOML, by its grammar: a sign, a prefix for the radix, underscores between digits.
#[cfg(feature = "backend")]
fn integer(text: &str) {
    use consent_backend::config::Source;
    let toml = include_str!("../services.toml");
    let toml = toml.replacen("approved = true", &format!("approved = true\nmin_age = {text}"), 1);
    let Ok(catalog) = Source::built_in("services.toml", toml).catalog() else { return };
    let plain = text.replace('_', "");
    let (digits, radix) = match plain.get(..2) {
        Some("0x") => (&plain[2..], 16),
        Some("0o") => (&plain[2..], 8),
        Some("0b") => (&plain[2..], 2),
        _ => (&*plain, 10),
    };
    let number = i64::from_str_radix(digits, radix);
    assert_eq!(number, Ok(catalog.services["shop"].min_age.into()), "{text}");
    assert!(number.is_ok_and(|number| (0..100).contains(&number)), "{text}");
}
