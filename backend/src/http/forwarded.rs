//! Which addresses a request has passed through, as its reverse proxies report them.
//!
//! `Forwarded` (RFC 7239) and `X-Forwarded-For` list one element for each hop, the nearest hop last.
//! Everything to the left of what a trusted proxy added was written by the client and proves nothing.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName, header::FORWARDED};

/// The header that predates RFC 7239.
pub const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// One hop: its address, or none for an element that names no address (`unknown`, an obfuscated
/// identifier, anything malformed).
pub type Hop = Option<IpAddr>;

/// The hops of `X-Forwarded-For`, the nearest last; none when the header is absent.
#[must_use]
pub fn x_forwarded_for(headers: &HeaderMap) -> Option<Vec<Hop>> {
    read(headers, &X_FORWARDED_FOR, |line| {
        line.split(',').map(|element| address(trim(element), true)).collect()
    })
}

/// The hops of `Forwarded` (RFC 7239, 4), the nearest last; none when the header is absent.
#[must_use]
pub fn forwarded(headers: &HeaderMap) -> Option<Vec<Hop>> {
    // A line that breaks the grammar may hide its end in a quoted string that the client began: none
    // of its elements can be distinguished.
    read(headers, &FORWARDED, |line| elements(line).unwrap_or_else(|| vec![None]))
}

fn read(
    headers: &HeaderMap,
    name: &HeaderName,
    hops: impl Fn(&str) -> Vec<Hop>,
) -> Option<Vec<Hop>> {
    headers.contains_key(name).then(|| {
        let lines = headers.get_all(name).iter();
        lines.flat_map(|line| line.to_str().map_or_else(|_| vec![None], &hops)).collect()
    })
}

/// `1#forwarded-element`; none when the line breaks the grammar. An unquoted value may hold every
/// character that ends no element, because proxies leave out the quotes around `1.2.3.4:5`.
fn elements(line: &str) -> Option<Vec<Hop>> {
    let mut hops = Vec::new();
    let mut rest = line;
    loop {
        let (hop, after) = element(rest)?;
        hops.push(hop);
        match after.strip_prefix(',') {
            Some(more) => rest = more,
            None => return after.is_empty().then_some(hops),
        }
    }
}

/// One `forwarded-element` and what follows it.
fn element(text: &str) -> Option<(Hop, &str)> {
    let mut hop = None;
    let mut has_for = false;
    let mut rest = text;
    loop {
        rest = trim_start(rest);
        if !rest.starts_with([',', ';']) && !rest.is_empty() {
            let (name, value) = rest.split_once('=')?;
            if name.is_empty() || !name.bytes().all(is_token) {
                return None;
            }
            let (value, after) = value_of(value)?;
            if name.eq_ignore_ascii_case("for") {
                // "Each parameter MUST NOT occur more than once per field-value" element.
                hop = if has_for { None } else { address(&value, false) };
                has_for = true;
            }
            rest = trim_start(after);
        }
        match rest.strip_prefix(';') {
            Some(more) => rest = more,
            None => return (rest.is_empty() || rest.starts_with(',')).then_some((hop, rest)),
        }
    }
}

/// A token or a quoted string, and what follows it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ';', ' ', '\t', '"']).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// The address of a node: `192.0.2.1`, `192.0.2.1:4711`, `[2001:db8::1]`, `[2001:db8::1]:4711`, and
/// `2001:db8::1` where addresses stand without brackets.
fn address(node: &str, bare_ipv6: bool) -> Hop {
    let found = if let Some(rest) = node.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        if !(port.is_empty() || port.strip_prefix(':').is_some_and(is_port)) {
            return None;
        }
        IpAddr::V6(address.parse::<Ipv6Addr>().ok()?)
    } else if bare_ipv6 && node.matches(':').count() > 1 {
        IpAddr::V6(node.parse::<Ipv6Addr>().ok()?)
    } else {
        let address = match node.split_once(':') {
            Some((address, port)) if is_port(port) => address,
            Some(_) => return None,
            None => node,
        };
        IpAddr::V4(address.parse().ok()?)
    };
    Some(found.to_canonical())
}

/// `node-port`: a number, or an obfuscated port (RFC 7239, 6.2 and 6.3).
fn is_port(port: &str) -> bool {
    let number = port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let hidden = port.strip_prefix('_').is_some_and(|it| {
        !it.is_empty() && it.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    });
    number || hidden
}

/// `tchar` (RFC 9110, 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn headers(name: &'static str, lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    fn hops(expected: &[&str]) -> Vec<Hop> {
        expected.iter().map(|it| it.parse().ok()).collect()
    }

    #[test]
    fn x_forwarded_for_lists_addresses_with_and_without_ports() {
        for (lines, expected) in [
            (&["203.0.113.7"][..], &["203.0.113.7"][..]),
            (&["198.51.100.1, 203.0.113.7"], &["198.51.100.1", "203.0.113.7"]),
            (&["198.51.100.1,203.0.113.7:4711"], &["198.51.100.1", "203.0.113.7"]),
            (&["198.51.100.1", "203.0.113.7 "], &["198.51.100.1", "203.0.113.7"]),
            (
                &["2001:db8::1, [2001:db8::2], [2001:db8::3]:80"],
                &["2001:db8::1", "2001:db8::2", "2001:db8::3"],
            ),
            (&["::ffff:203.0.113.7"], &["203.0.113.7"]),
            (&["unknown, _hidden, 203.0.113.7"], &["", "", "203.0.113.7"]),
            (&[""], &[""]),
            (&["203.0.113.7,"], &["203.0.113.7", ""]),
            (&["203.0.113.7:99999"], &[""]),
            (&["203.0.113.7:"], &[""]),
            (&["203.0.113.07"], &[""]),
            (&["3405803783"], &[""]),
            (&["203.0.113.7 198.51.100.1"], &[""]),
            (&["fe80::1%eth0"], &[""]),
            (&["[203.0.113.7]"], &[""]),
            (&["for=203.0.113.7"], &[""]),
        ] {
            let found = x_forwarded_for(&headers("x-forwarded-for", lines));
            assert_eq!(found, Some(hops(expected)), "{lines:?}");
        }
        assert_eq!(x_forwarded_for(&HeaderMap::new()), None);
    }

    /// The examples of RFC 7239, 4 and 6, and what goes wrong with them.
    #[test]
    fn forwarded_is_read_as_rfc_7239_writes_it() {
        for (lines, expected) in [
            (&["for=192.0.2.43"][..], &["192.0.2.43"][..]),
            (&["For=\"[2001:db8:cafe::17]:4711\""], &["2001:db8:cafe::17"]),
            (&["for=192.0.2.60;proto=http;by=203.0.113.43"], &["192.0.2.60"]),
            (&["for=192.0.2.43, for=198.51.100.17"], &["192.0.2.43", "198.51.100.17"]),
            (&["for=192.0.2.43", "FOR=\"198.51.100.17:80\""], &["192.0.2.43", "198.51.100.17"]),
            (&["for=\"_gazonk\""], &[""]),
            (&["for=_hidden, for=_SEVKISEK"], &["", ""]),
            (&["for=unknown, for=\"unknown:80\", for=192.0.2.43"], &["", "", "192.0.2.43"]),
            (&["for=\"[2001:db8::1]:_port\""], &["2001:db8::1"]),
            (&["by=203.0.113.43 ; for=\"192.0.2.43:47011\" ; proto=https"], &["192.0.2.43"]),
            (&["for=192.0.2.43:47011"], &["192.0.2.43"]),
            (&["for=[2001:db8::1]:80"], &["2001:db8::1"]),
            (&["for=\"192.0.2\\.43\""], &["192.0.2.43"]),
            (&["for=\"[::ffff:192.0.2.43]\""], &["192.0.2.43"]),
            (&["host=\"a,for=192.0.2.1\";for=192.0.2.43"], &["192.0.2.43"]),
            (&["proto=https"], &[""]),
            (&["for=\"2001:db8::1\""], &[""]),
            (&["for=\"192.0.2.43:\""], &[""]),
            (&["for=192.0.2.43;for=192.0.2.44"], &[""]),
            (&["for=192.0.2.43,,for=192.0.2.44"], &["192.0.2.43", "", "192.0.2.44"]),
            (&["for=192.0.2.43;"], &["192.0.2.43"]),
            // Nothing in a line that breaks the grammar is taken.
            (&["for = 192.0.2.43"], &[""]),
            (&["for=\"192.0.2.43"], &[""]),
            (&["for=\"192.0.2.43\\"], &[""]),
            (&["for=\"192.0.2.43\"192.0.2.44"], &[""]),
            (&["192.0.2.43"], &[""]),
            (&["=192.0.2.43"], &[""]),
            (&["for="], &[""]),
            // A client that begins a quoted string takes what the proxy adds to the line with it,
            // and never what the proxy puts on a line of its own.
            (&["for=\"192.0.2.1, for=203.0.113.7"], &[""]),
            (&["for=192.0.2.1;x=\", for=\"[2001:db8::7]\""], &[""]),
            (&["for=\"192.0.2.1", "for=203.0.113.7"], &["", "203.0.113.7"]),
        ] {
            let found = forwarded(&headers("forwarded", lines));
            assert_eq!(found, Some(hops(expected)), "{lines:?}");
        }
        assert_eq!(forwarded(&HeaderMap::new()), None);
    }

    #[test]
    fn bytes_that_are_not_ascii_name_no_address() {
        for name in ["forwarded", "x-forwarded-for"] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_bytes(b"for=\xff, 192.0.2.1").unwrap());
            let found =
                if name == "forwarded" { forwarded(&headers) } else { x_forwarded_for(&headers) };
            assert_eq!(found, Some(vec![None]));
        }
    }

    proptest! {
        /// Whatever a client sends, the element that a proxy adds is the last that is read, or the
        /// line is read as nothing: a client never chooses the last address.
        #[test]
        fn a_client_never_chooses_the_last_hop(
            sent in "[ -~]{0,24}|(for=|\"|;|,|192[.]0[.]2[.]1|x=| ){0,8}",
            quoted in any::<bool>(),
        ) {
            let (added, address) = if quoted {
                ("for=\"[2001:db8::7]:47011\";proto=https", "2001:db8::7")
            } else {
                ("for=203.0.113.7;proto=https", "203.0.113.7")
            };
            let found = forwarded(&headers("forwarded", &[&format!("{sent}, {added}")])).unwrap();
            let last = found.last().copied().flatten();
            prop_assert!(last.is_none() || last == address.parse().ok(), "{:?}", found);
            let found = forwarded(&headers("forwarded", &[&sent, added])).unwrap();
            prop_assert_eq!(found.last().copied().flatten(), address.parse().ok());
            let found = x_forwarded_for(&headers("x-forwarded-for", &[&format!("{sent}, {address}")])).unwrap();
            prop_assert_eq!(found.last().copied().flatten(), address.parse().ok());
        }
    }
}
