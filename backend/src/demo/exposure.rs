//! Whether others than the user of this machine could reach the demo, in which anyone can sign in as
//! anyone.

use std::net::SocketAddr;

use consent_contract::redirect;
use url::Url;

/// Why a demo must not be started so; none when only this machine reaches it.
///
/// `public_origin` is as it was written on the command line; none stands for where it listens.
#[must_use]
pub fn exposed(listen: SocketAddr, public_origin: Option<&str>) -> Option<String> {
    let what = if !listen.ip().to_canonical().is_loopback() {
        format!("--listen {listen} is")
    } else if let Some(origin) = public_origin.filter(|origin| !is_loopback(origin)) {
        format!("the public origin `{origin}` is")
    } else {
        return None;
    };
    Some(format!(
        "{what} not a loopback address, and in the demo anyone can sign in as anyone: leave it out, \
         serve real accounts with --services FILE, or add --demo-for-everyone when others are meant \
         to try the demo"
    ))
}

fn is_loopback(origin: &str) -> bool {
    let url = Url::parse(origin).ok();
    url.as_ref().and_then(Url::host_str).is_some_and(redirect::is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_private() {
        for (listen, origin, is_exposed) in [
            ("127.0.0.1:8080", None, false),
            ("127.0.0.2:0", None, false),
            ("[::1]:8080", None, false),
            ("[::ffff:127.0.0.1]:8080", None, false),
            ("127.0.0.1:8080", Some("http://localhost:8080"), false),
            ("127.0.0.1:8080", Some("https://127.0.0.1"), false),
            ("127.0.0.1:8080", Some("http://[::1]:8080/"), false),
            ("0.0.0.0:8080", None, true),
            ("[::]:8080", Some("http://localhost:8080"), true),
            ("192.168.1.5:8080", Some("http://127.0.0.1:8080"), true),
            ("[::ffff:192.168.1.5]:8080", None, true),
            ("127.0.0.1:8080", Some("https://id.example"), true),
            ("127.0.0.1:8080", Some("http://127.0.0.1.evil.example"), true),
            ("127.0.0.1:8080", Some("http://localhost@evil.example"), true),
            ("127.0.0.1:8080", Some("not an address"), true),
            ("127.0.0.1:8080", Some(""), true),
        ] {
            let reason = exposed(listen.parse().unwrap(), origin);
            assert_eq!(reason.is_some(), is_exposed, "{listen} {origin:?}: {reason:?}");
        }
    }
}
