//! Addresses to go to, compared with a browser's URL parser.

use consent_contract::redirect;
use url::{Host, Url};

const ORIGIN: &str = "https://id.example";

/// An address that may be gone to leads where the contract's reader says, for a browser too: the
/// `url` crate reads addresses as browsers do (WHATWG URL).
///
/// # Panics
/// When it leads elsewhere.
pub fn check(bytes: &[u8]) {
    let address = &*String::from_utf8_lossy(bytes);
    let base = Url::parse(ORIGIN).expect("an address");
    if redirect::is_own_path(address) {
        let there = base.join(address).expect("a path is joined to any origin");
        assert_eq!(there.origin(), base.origin(), "{address:?} leads away");
        assert!(redirect::origin(address).is_err(), "{address:?} is a path and an address");
    }
    let Ok(origin) = redirect::origin(address) else { return };
    assert_eq!(redirect::check(address, Some(&origin)), Ok(()));
    assert_eq!(redirect::check(address, Some("https://elsewhere.invalid")).is_ok(), {
        origin == "https://elsewhere.invalid"
    });
    assert_eq!(redirect::origin(&origin).as_ref(), Ok(&origin), "an origin is its own");
    let Ok(url) = base.join(address) else {
        // What a browser cannot read it does not go to: a label of IDNA, or what stands behind the
        // scheme of an app.
        assert!(origin.contains("xn--") || origin.ends_with(':'), "{address:?} is no address");
        return;
    };
    match url.scheme() {
        "https" | "http" => {
            assert!(url.username().is_empty() && url.password().is_none(), "{address:?}");
            match url.host() {
                // May be written in more than one way, none of them another host.
                Some(Host::Ipv6(there)) => assert_eq!(ipv6(&origin), Some(there), "{address:?}"),
                _ => assert_eq!(url.origin().ascii_serialization(), origin, "{address:?}"),
            }
            let local = url.host_str().is_some_and(redirect::is_loopback);
            assert!(url.scheme() == "https" || local, "{address:?}");
        }
        scheme => {
            assert_eq!(format!("{scheme}:"), origin);
            assert!(scheme.contains('.'), "{address:?} is no app's own scheme");
        }
    }
}

/// The address in an origin, by the standard library's reader.
fn ipv6(origin: &str) -> Option<std::net::Ipv6Addr> {
    let (_, host) = origin.split_once('[')?;
    host.split_once(']')?.0.parse().ok()
}
