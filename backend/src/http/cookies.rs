//! Reading the `Cookie` header (RFC 6265, 5.4), and the names of our own cookies.
//!
//! The header is bytes, not text: browsers send what any host of the domain has set, raw UTF-8 and
//! Latin-1 among it, and split it over several lines over HTTP/2. The `cookie` crate reads `&str`
//! only, so one odd cookie of a neighbour would cost the whole header. Here it costs itself.

use crate::crypto;

/// The pairs of one `Cookie` line, as they were sent. White space around a pair is spaces and tabs
/// and nothing else: a name that begins with another kind of space is another name. Quotes belong to
/// the value (RFC 6265bis, 5.6). What has no `=` is no pair.
pub fn pairs(line: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    line.split(|byte| *byte == b';').filter_map(|pair| {
        let pair = trim(pair);
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        Some((&pair[..equals], &pair[equals + 1..]))
    })
}

/// The value of a cookie that is there once in all of the lines, and is UTF-8. Of two cookies with
/// one name, another host planted one: neither is taken.
pub fn value<'a>(lines: impl IntoIterator<Item = &'a [u8]>, name: &str) -> Option<&'a str> {
    let mut values = lines
        .into_iter()
        .flat_map(pairs)
        .filter(|(key, _)| *key == name.as_bytes())
        .map(|(_, value)| value);
    let value = values.next().filter(|_| values.next().is_none())?;
    std::str::from_utf8(value).ok()
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// The names of our cookies. Cookies are not separated by port (RFC 6265, 8.5): a partner's service
/// on the same host, or a second consent server beside this one, shares the cookie jar. So each name
/// holds a digest of our origin. Over https `__Host-` binds it to this host as well.
#[derive(Debug, Clone)]
pub struct CookieNames {
    prefix: String,
    /// The session's name, which every request asks for.
    session: String,
}

impl CookieNames {
    /// The names for an origin: `https://id.example`.
    #[must_use]
    pub fn of(origin: &str) -> Self {
        let digest = crypto::digest_prefix(origin.as_bytes());
        let host = if origin.starts_with("https:") { "__Host-" } else { "" };
        let prefix = format!("{host}consent-{digest}-");
        Self { session: format!("{prefix}session"), prefix }
    }

    /// The session's cookie.
    #[must_use]
    pub fn session(&self) -> &str {
        &self.session
    }

    /// The cookie for a purpose: ASCII letters, digits, `-` and `_`.
    #[must_use]
    pub fn name(&self, purpose: &str) -> String {
        format!("{}{purpose}", self.prefix)
    }

    /// The cookie for a purpose that is set for one path only. `__Host-` allows only the path `/`.
    #[must_use]
    pub fn name_below_a_path(&self, purpose: &str) -> String {
        self.name(purpose).trim_start_matches("__Host-").to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_cookie_costs_only_itself() {
        for odd in [
            &b""[..],
            b";",
            b"=",
            b"=value",
            b"no-equals-sign",
            b"a=b=c",
            b"quoted=\"x; y\"",
            b"quoted=\"session=planted\"",
            "장바구니=빈것".as_bytes(),
            b"latin=caf\xe9",
            b"\xff\xfe=\x80",
            b"other_session=x",
            b"session2=x",
            b"Session=x",
            b"my session=x",
            b"session",
            "\u{2000}session=planted".as_bytes(),
            b"\xa0session=planted",
            b"\x85session=planted",
        ] {
            for (before, after) in [(odd, &b""[..]), (b"", odd), (odd, odd)] {
                let line = [before, b"; session=mine; ", after].concat();
                assert_eq!(value([&line[..]], "session"), Some("mine"), "{line:?}");
                // HTTP/2 sends a line for each cookie.
                assert_eq!(value([before, b"session=mine", after], "session"), Some("mine"));
            }
        }
    }

    #[test]
    fn a_cookie_that_is_there_twice_is_not_taken() {
        for twice in [
            &[&b"session=mine; session=planted"[..]][..],
            &[b"session=planted;session=mine"],
            &[b"session=mine; session=mine"],
            &[b"session=mine", b"session=planted"],
            &[b"session=mine; session=\xff"],
            &[b"session=; session=mine"],
            &[b"session=mine;\t session=planted \t"],
        ] {
            assert_eq!(value(twice.iter().copied(), "session"), None, "{twice:?}");
        }
    }

    #[test]
    fn a_value_is_what_was_sent() {
        let line = b"a=b=c; q=\"x\"; empty=; sp = x ;bad=\xff";
        for (name, expected) in [
            ("a", Some("b=c")),
            ("q", Some("\"x\"")),
            ("empty", Some("")),
            ("sp", None),
            ("sp ", Some(" x")),
            ("bad", None),
        ] {
            assert_eq!(value([&line[..]], name), expected, "{name}");
        }
    }

    #[test]
    fn two_servers_on_one_host_have_different_names() {
        let [here, port, secure] =
            ["http://127.0.0.1:8080", "http://127.0.0.1:8081", "https://id.example"]
                .map(CookieNames::of);
        assert_ne!(here.session(), port.session());
        assert!(here.session().starts_with("consent-") && here.session().ends_with("-session"));
        assert!(secure.session().starts_with("__Host-consent-"), "{}", secure.session());
        assert!(secure.name("page").starts_with("__Host-consent-"));
        assert!(secure.name_below_a_path("demo").starts_with("consent-"));
    }
}
