//! Where the screen may send a browser (rule SEC-40).
//!
//! A strict reader of a small part of the URL syntax, on purpose: what it accepts, every URL
//! parser reads the same way, so no difference between parsers can be used to get past it.

/// Why an address is not gone to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// White space, control characters, backslashes, or anything that is not ASCII.
    Characters,
    /// `javascript:`, `data:`, `file:` and everything else that is not https, loopback http, or an
    /// app's own scheme.
    Scheme,
    /// A user name or password before the host.
    UserInfo,
    /// No host, or one with characters that hosts do not have.
    Host,
    /// A good address, but not the destination that the screen named.
    OtherOrigin,
}

/// The origin of an address that may be gone to: `https://host[:port]`, `http://` only for a
/// loopback host, or `scheme:` for an app's own scheme (RFC 8252, 7.1: with a dot in it).
///
/// # Errors
/// See [`Refused`].
pub fn origin(target: &str) -> Result<String, Refused> {
    if target.len() > 8192 || !target.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
        return Err(Refused::Characters);
    }
    let (scheme, rest) = target.split_once(':').ok_or(Refused::Scheme)?;
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "https" && scheme != "http" {
        let app = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.contains('.')
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        return if app { Ok(format!("{scheme}:")) } else { Err(Refused::Scheme) };
    }
    let rest = rest.strip_prefix("//").ok_or(Refused::Host)?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if authority.contains('@') {
        return Err(Refused::UserInfo);
    }
    let (host, port) = match authority.rsplit_once(':') {
        // The colons of an IPv6 address stand inside its brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let host = host.to_ascii_lowercase();
    let named = !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
        && (!ends_in_a_number(&host) || is_ipv4(&host));
    let numbered = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).is_some_and(is_ipv6);
    if !(named && !host.starts_with('.') || numbered) {
        return Err(Refused::Host);
    }
    let port = match port {
        None => None,
        Some(port) => {
            let number =
                port.parse::<u16>().ok().filter(|_| port.bytes().all(|b| b.is_ascii_digit()));
            Some(number.ok_or(Refused::Host)?)
        }
    };
    if scheme == "http" && !is_loopback(&host) {
        return Err(Refused::Scheme);
    }
    let default = if scheme == "https" { 443 } else { 80 };
    Ok(match port {
        Some(port) if port != default => format!("{scheme}://{host}:{port}"),
        _ => format!("{scheme}://{host}"),
    })
}

/// Whether browsers take the host for an IPv4 address (WHATWG URL, "ends in a number checker"). A
/// little stricter than they are: no name on the net ends in a part that begins with a digit.
fn ends_in_a_number(host: &str) -> bool {
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or_default();
    last.starts_with(|first: char| first.is_ascii_digit())
}

/// Four numbers up to 255, in decimal. Browsers also read `0x7f.1` and
/// `017700000001`, and go to another host than the one that is written there.
fn is_ipv4(host: &str) -> bool {
    let number = |text: &str| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let small = text.len() < 3 || text.len() == 3 && text <= "255";
        text == "0" || digits && small && !text.is_empty() && !text.starts_with('0')
    };
    host.split('.').count() == 4 && host.split('.').all(number)
}

/// Eight groups of four hexadecimal digits (RFC 4291, 2.2), zeros left out at one place. Without an
/// IPv4 address at its end, which no service needs.
fn is_ipv6(host: &str) -> bool {
    let groups = |text: &str| {
        let group =
            |it: &str| (1..=4).contains(&it.len()) && it.bytes().all(|b| b.is_ascii_hexdigit());
        match text {
            "" => Some(0),
            _ => text.split(':').all(group).then(|| text.split(':').count()),
        }
    };
    match host.split_once("::") {
        None => groups(host) == Some(8),
        Some((before, after)) => groups(before).zip(groups(after)).is_some_and(|(a, b)| a + b < 8),
    }
}

/// Whether the screen may go there, given the origin it named (none while nothing was
/// named, as when there was nothing to ask). The start of an authorize request on our own origin
/// ([`is_restart`]) may be gone to in any case: it leads to nothing but a registered address.
///
/// # Errors
/// See [`Refused`].
pub fn check(target: &str, named: Option<&str>) -> Result<(), Refused> {
    if is_restart(target) {
        return Ok(());
    }
    let found = origin(target)?;
    match named {
        None => Ok(()),
        Some(named) if origin(named) == Ok(found) => Ok(()),
        Some(_) => Err(Refused::OtherOrigin),
    }
}

/// Whether this is a path on our own origin, and nothing else: `/x`, never `//host` or `/\host`.
#[must_use]
pub fn is_own_path(target: &str) -> bool {
    target.starts_with('/')
        && !target.starts_with("//")
        && target.len() <= 8192
        && target.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
}

/// Whether this starts an authorize request on our own origin: `/oauth/authorize?…`, as a path.
#[must_use]
pub fn is_restart(target: &str) -> bool {
    is_own_path(target) && target.starts_with("/oauth/authorize?")
}

/// Whether http is let through for this host: it never leaves the machine.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "127.0.0.1" || host == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn good_addresses_have_an_origin() {
        for (target, expected) in [
            ("https://shop.example/callback?code=1&state=a%20b", "https://shop.example"),
            ("https://shop.example:443/", "https://shop.example"),
            ("https://Shop.Example:8443", "https://shop.example:8443"),
            ("http://127.0.0.1:4000/callback", "http://127.0.0.1:4000"),
            ("http://[::1]:4000/callback", "http://[::1]:4000"),
            ("http://localhost/", "http://localhost"),
            ("com.example.app:/callback?code=1", "com.example.app:"),
        ] {
            assert_eq!(origin(target).as_deref(), Ok(expected), "{target}");
        }
    }

    #[test]
    fn bad_addresses_are_refused() {
        for (target, expected) in [
            ("javascript:alert(1)", Refused::Scheme),
            ("JaVaScRiPt:alert(1)", Refused::Scheme),
            ("data:text/html,x", Refused::Scheme),
            ("vbscript:x", Refused::Scheme),
            ("file:///etc/passwd", Refused::Scheme),
            ("blob:https://shop.example/x", Refused::Scheme),
            ("about:blank", Refused::Scheme),
            ("http://shop.example/", Refused::Scheme),
            ("http://127.0.0.1.evil.example/", Refused::Scheme),
            ("/callback", Refused::Scheme),
            ("//evil.example", Refused::Scheme),
            ("", Refused::Scheme),
            ("https:shop.example", Refused::Host),
            ("https:///x", Refused::Host),
            ("https://shop.example:99999/", Refused::Host),
            ("https://shop.example:+443/", Refused::Host),
            ("https://shop%2eexample/", Refused::Host),
            ("https://user@evil.example/", Refused::UserInfo),
            ("https://shop.example@evil.example/", Refused::UserInfo),
            ("https://shop.example\\@evil.example/", Refused::Characters),
            (" https://shop.example/", Refused::Characters),
            ("https://shop.example/\r\nx", Refused::Characters),
            ("java\tscript:alert(1)", Refused::Characters),
            ("https://쇼핑.example/", Refused::Characters),
        ] {
            assert_eq!(origin(target), Err(expected), "{target}");
        }
    }

    /// Browsers go to 127.0.0.1, 1.2.0.3 and 8.8.8.8 for these; the screen named something else.
    #[test]
    fn a_number_that_browsers_read_as_another_host_is_refused() {
        for host in
            ["0x7f.1", "1.2.3", "134744072", "8.8.8.010", "8.8.8.8.", "shop.0x", "1.2.3.256"]
        {
            assert_eq!(origin(&format!("https://{host}/")), Err(Refused::Host), "{host}");
        }
        for host in ["8.8.8.8", "10.0.0.255", "4u.example", "1.2.3.4.example", "shop.example."] {
            let address = format!("https://{host}");
            assert_eq!(origin(&address), Ok(address));
        }
    }

    #[test]
    fn an_address_of_ipv6_is_one() {
        for host in [
            "[::1]",
            "[::]",
            "[2001:db8::1]",
            "[2001:DB8:0:0:0:0:0:1]",
            "[1:2:3:4:5:6:7:8]",
            "[1::]",
            "[::2:3:4:5:6:7:8]",
        ] {
            let address = format!("https://{host}:8443/callback");
            let origin = origin(&address).unwrap_or_else(|refused| panic!("{host}: {refused:?}"));
            assert_eq!(origin, format!("https://{}:8443", host.to_ascii_lowercase()));
        }
        for host in [
            "[]",
            "[:]",
            "[:::]",
            "[::::]",
            "[1]",
            "[1:2:3:4:5:6:7]",
            "[1:2:3:4:5:6:7:8:9]",
            "[1:2:3:4::5:6:7:8]",
            "[1::2::3]",
            "[12345::]",
            "[::g]",
            "[::1%25lo]",
            "[::127.0.0.1]",
            "[:1:2:3:4:5:6:7]",
            "[::1",
            "::1]",
            "::1",
        ] {
            assert_eq!(origin(&format!("https://{host}/")), Err(Refused::Host), "{host}");
        }
        // Loopback is only its canonical spelling: another spelling is another host.
        assert_eq!(origin("http://[0:0:0:0:0:0:0:1]/"), Err(Refused::Scheme));
        assert_eq!(check("https://[::2]/", Some("https://[::1]")), Err(Refused::OtherOrigin));
    }

    #[test]
    fn only_the_named_origin() {
        let named = Some("https://shop.example");
        assert_eq!(check("https://shop.example/cb", named), Ok(()));
        assert_eq!(check("https://evil.example/cb", named), Err(Refused::OtherOrigin));
        assert_eq!(check("http://127.0.0.1/cb", named), Err(Refused::OtherOrigin));
        assert_eq!(check("https://anywhere.example/", None), Ok(()));
        assert_eq!(check("com.example.app:/cb", Some("com.example.app:")), Ok(()));
    }

    #[test]
    fn a_request_may_be_restarted_whatever_was_named() {
        let restart = "/oauth/authorize?client_id=demo-shop&state=%2F";
        for named in [None, Some("https://shop.example"), Some("com.example.app:")] {
            assert_eq!(check(restart, named), Ok(()), "{named:?}");
            for bad in ["/oauth/authorize", "/oauth/token?x", "//oauth/authorize?x", "/"] {
                assert!(check(bad, named).is_err(), "{bad}");
            }
        }
    }

    #[test]
    fn an_own_path_stays_here() {
        assert!(is_own_path("/oauth/authorize?client_id=demo-shop&state=%2F"));
        for bad in [
            "",
            "x",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/\u{a0}",
        ] {
            assert!(!is_own_path(bad), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_scripted_ever_passes(scheme in "(?i)(javascript|data|vbscript|file|blob|about)", rest in "\\PC{0,40}") {
            let target = format!("{scheme}:{rest}");
            prop_assert!(origin(&target).is_err());
        }

        /// Whatever pieces an address is made of, it is https, http on this machine, or an app's own
        /// scheme, and it leads to its own origin and to no other.
        #[test]
        fn an_accepted_address_leads_to_the_origin_it_names(
            scheme in "https|http|HTTPS|ftp|javascript|com[.]example[.]app|[a-z.+-]{0,6}",
            slashes in "//|/|///|:|\\\\\\\\|",
            user in "|user@|user:password@|shop[.]example@|%40",
            host in "shop[.]example|localhost|127[.]0[.]0[.]1|\\[::1\\]|\\[::2\\]|evil[.]example|[a-z0-9.%_-]{0,12}|\\PC{0,4}",
            port in "|:443|:80|:8443|:65536|:|:+1|:[0-9]{1,6}",
            rest in "|/|[/?#][!-~]{0,20}|\\PC{0,6}",
        ) {
            let target = format!("{scheme}:{slashes}{user}{host}{port}{rest}");
            if let Ok(origin) = origin(&target) {
                prop_assert!(check(&target, Some(&origin)).is_ok());
                prop_assert_eq!(check(&target, Some("https://elsewhere.example")), Err(Refused::OtherOrigin));
                let scheme = scheme.to_ascii_lowercase();
                if let Some(at_host) = origin.strip_prefix(&format!("{scheme}://")) {
                    prop_assert_eq!(slashes, "//");
                    prop_assert!(user.is_empty() || rest.contains(&user), "{}", target);
                    prop_assert!(at_host.starts_with(&host.to_ascii_lowercase()) && !host.is_empty(), "{}", target);
                    prop_assert!(scheme == "https" || is_loopback(&host.to_ascii_lowercase()), "{}", target);
                    prop_assert_eq!(super::origin(&origin), Ok(origin.clone()), "an origin is its own");
                } else {
                    prop_assert_eq!(&origin, &format!("{scheme}:"));
                    prop_assert!(scheme.contains('.'), "{}", target);
                }
            }
        }

        #[test]
        fn what_follows_the_host_does_not_change_where_it_leads(rest in "[/?#][!-\\[\\]-~]{0,40}") {
            let target = format!("https://shop.example{rest}");
            prop_assert_eq!(origin(&target), Ok("https://shop.example".to_owned()));
        }

        #[test]
        fn an_own_path_names_no_host(target in "[/\\\\]{0,3}[!-~]{0,12}|\\PC{0,8}") {
            if is_own_path(&target) {
                prop_assert!(target.starts_with('/') && !target[1..].starts_with(['/', '\\']), "{}", target);
                prop_assert!(origin(&target).is_err());
            }
        }
    }
}
