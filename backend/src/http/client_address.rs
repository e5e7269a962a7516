//! From which address a request comes: the direct peer's, or what trusted reverse proxies report.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Once,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{Extensions, HeaderMap, header::FORWARDED, request::Parts},
    middleware::Next,
    response::Response,
};

use super::forwarded::{self, Hop, X_FORWARDED_FOR};
use crate::{App, network::Network};

/// The client of a request. [`identify`] puts it into the extensions of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress {
    /// The address of the client, as far as it can be trusted. IPv4 addresses that are mapped into
    /// IPv6 are IPv4 here.
    pub address: IpAddr,
    /// Whether the direct TCP peer is a trusted proxy: only then may other headers that a proxy
    /// sets, such as the account's, be believed.
    pub is_trusted_peer: bool,
}

impl ClientAddress {
    /// The client of a request that came through no socket: no address, and no trust.
    pub const UNKNOWN: Self =
        Self { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), is_trusted_peer: false };

    /// The client of the request with these extensions.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self::UNKNOWN)
    }

    /// What kind of address it is, for the log: the address itself is personal data.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self.address {
            address if address.is_loopback() => "loopback",
            IpAddr::V4(address) if address.is_private() => "private IPv4",
            IpAddr::V6(address) if address.is_unique_local() => "private IPv6",
            IpAddr::V4(_) => "IPv4",
            IpAddr::V6(_) => "IPv6",
        }
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

/// The address under which limits count a client: IPv6 by /64, because a single subscriber has a
/// whole /64 to choose addresses from.
#[must_use]
pub fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        ipv4 => ipv4,
    }
}

/// The reverse proxies in front of this server, and what was logged about them.
#[derive(Debug)]
pub struct TrustedProxies {
    networks: Vec<Network>,
    unnamed_proxy: Once,
    differing_headers: Once,
}

impl TrustedProxies {
    #[must_use]
    pub fn new(networks: Vec<Network>) -> Self {
        for network in networks.iter().filter(|network| network.is_everything()) {
            tracing::warn!(%network, "every address is a trusted proxy: any client can pretend to be any other");
        }
        Self { networks, unnamed_proxy: Once::new(), differing_headers: Once::new() }
    }

    /// Whether no proxy is named at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// Whether this is the address of a trusted proxy.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }

    /// The client behind a direct peer that sends these headers.
    ///
    /// The walk begins at the peer and goes through the hops from the nearest on, as long as each
    /// one is a trusted proxy; the first that is none is the client. A hop without an address ends
    /// the walk at the hop before. Two headers that disagree are not believed at all: one of them
    /// may be the client's own, passed on by a proxy that sets only the other.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let peer = peer.to_canonical();
        if !self.contains(peer) {
            self.look_for_an_unnamed_proxy(peer, headers);
            return ClientAddress { address: peer, is_trusted_peer: false };
        }
        let walk = |hops: Vec<Hop>| self.first_untrusted(peer, &hops);
        let found = (
            forwarded::forwarded(headers).map(walk),
            forwarded::x_forwarded_for(headers).map(walk),
        );
        let address = match found {
            (Some(one), Some(other)) if one != other => {
                self.differing_headers.call_once(|| {
                    tracing::warn!(
                        "a trusted proxy sends Forwarded and X-Forwarded-For that disagree: the \
                         client counts as the proxy; let the proxy remove the header that it does \
                         not set"
                    );
                });
                peer
            }
            (Some(address), _) | (None, Some(address)) => address,
            (None, None) => peer,
        };
        ClientAddress { address, is_trusted_peer: true }
    }

    fn first_untrusted(&self, peer: IpAddr, hops: &[Hop]) -> IpAddr {
        let mut nearest = peer;
        for hop in hops.iter().rev() {
            let Some(address) = *hop else { break };
            nearest = address;
            if !self.contains(address) {
                break;
            }
        }
        nearest
    }

    fn look_for_an_unnamed_proxy(&self, peer: IpAddr, headers: &HeaderMap) {
        let is_near = match peer {
            IpAddr::V4(address) => address.is_loopback() || address.is_private(),
            IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
        };
        let is_forwarded = headers.contains_key(FORWARDED) || headers.contains_key(X_FORWARDED_FOR);
        if is_near && is_forwarded && self.is_empty() {
            self.unnamed_proxy.call_once(|| {
                tracing::warn!(
                    %peer,
                    "requests arrive through a reverse proxy that is not named: all its clients \
                     count as one; name it with --trusted-proxy"
                );
            });
        }
    }
}

/// Finds out from which client a request comes, for everything behind it.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let client = match request.extensions().get::<ConnectInfo<SocketAddr>>() {
        Some(peer) => app.trusted_proxies().client(peer.0.ip(), request.headers()),
        None => ClientAddress::UNKNOWN,
    };
    request.extensions_mut().insert(client);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn proxies(networks: &[&str]) -> TrustedProxies {
        TrustedProxies::new(networks.iter().map(|it| it.parse().unwrap()).collect())
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn client(networks: &[&str], peer: &str, pairs: &[(&'static str, &str)]) -> (String, bool) {
        let found = proxies(networks).client(peer.parse().unwrap(), &headers(pairs));
        (found.address.to_string(), found.is_trusted_peer)
    }

    #[test]
    fn the_client_is_the_rightmost_untrusted_address() {
        let known = &["10.0.0.0/8", "127.0.0.1", "2001:db8:1::/48"][..];
        let xff = "x-forwarded-for";
        for (peer, pairs, address, trusted) in [
            // Only a trusted proxy is believed.
            ("203.0.113.9", &[(xff, "198.51.100.1")][..], "203.0.113.9", false),
            ("203.0.113.9", &[("forwarded", "for=198.51.100.1")], "203.0.113.9", false),
            ("127.0.0.2", &[(xff, "198.51.100.1")], "127.0.0.2", false),
            ("127.0.0.1", &[], "127.0.0.1", true),
            ("127.0.0.1", &[(xff, "203.0.113.7")], "203.0.113.7", true),
            // What the client wrote stands on the left.
            ("127.0.0.1", &[(xff, "1.1.1.1, 10.1.1.1, 203.0.113.7")], "203.0.113.7", true),
            ("127.0.0.1", &[(xff, "1.1.1.1, 203.0.113.7, 10.1.1.1")], "203.0.113.7", true),
            ("127.0.0.1", &[(xff, "1.1.1.1"), (xff, "203.0.113.7")], "203.0.113.7", true),
            (
                "127.0.0.1",
                &[("forwarded", "for=1.1.1.1, for=203.0.113.7, for=10.1.1.1")],
                "203.0.113.7",
                true,
            ),
            // A malformed hop ends the walk at the last trustworthy one.
            ("127.0.0.1", &[(xff, "203.0.113.7, x, 10.1.1.1")], "10.1.1.1", true),
            ("127.0.0.1", &[(xff, "203.0.113.7, unknown")], "127.0.0.1", true),
            (
                "127.0.0.1",
                &[("forwarded", "for=203.0.113.7, for=_x, for=10.1.1.1")],
                "10.1.1.1",
                true,
            ),
            ("127.0.0.1", &[("forwarded", "for=203.0.113.7, for=unknown")], "127.0.0.1", true),
            ("127.0.0.1", &[(xff, "")], "127.0.0.1", true),
            // Proxies all the way: a request of the inner network's own.
            ("127.0.0.1", &[(xff, "10.1.1.1, 10.2.2.2")], "10.1.1.1", true),
            // Headers that agree, and headers that do not.
            (
                "127.0.0.1",
                &[("forwarded", "for=203.0.113.7"), (xff, "203.0.113.7")],
                "203.0.113.7",
                true,
            ),
            ("127.0.0.1", &[("forwarded", "for=1.1.1.1"), (xff, "203.0.113.7")], "127.0.0.1", true),
            ("127.0.0.1", &[("forwarded", "x"), (xff, "203.0.113.7")], "127.0.0.1", true),
            // IPv6, and IPv4 in IPv6.
            (
                "2001:db8:1::5",
                &[("forwarded", "for=\"[2001:db8:2::1]:4711\"")],
                "2001:db8:2::1",
                true,
            ),
            ("::ffff:127.0.0.1", &[(xff, "::ffff:203.0.113.7")], "203.0.113.7", true),
            ("::1", &[(xff, "203.0.113.7")], "::1", false),
        ] {
            assert_eq!(
                client(known, peer, pairs),
                (address.to_owned(), trusted),
                "{peer} {pairs:?}"
            );
        }
    }

    #[test]
    fn networks_are_read_and_others_are_refused() {
        for (text, inside, outside) in [
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("10.1.2.3/8", "10.200.0.1", "11.0.0.1"),
            ("::1", "::1", "::2"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::ffff:192.0.2.0/120", "192.0.2.77", "192.0.3.1"),
            ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ] {
            let known = proxies(&[text]);
            assert!(known.contains(inside.parse().unwrap()), "{text}");
            assert!(!known.contains(outside.parse().unwrap()), "{text}");
        }
        for text in
            ["", "proxy.example", "10.0.0.0/33", "10.0.0.0/", "10.0.0", "10.0.0.0/8,::1", "[::1]"]
        {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        assert!(!proxies(&[]).contains("127.0.0.1".parse().unwrap()), "none is trusted by itself");
    }

    #[test]
    fn ipv6_counts_by_its_64_bit_network() {
        for (address, counted) in [
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("203.0.113.7", "203.0.113.7"),
        ] {
            assert_eq!(counted_as(address.parse().unwrap()), counted.parse::<IpAddr>().unwrap());
        }
        let (one, other): (IpAddr, IpAddr) =
            ("2001:db8:1:2::1".parse().unwrap(), "2001:db8:1:3::1".parse().unwrap());
        assert_ne!(counted_as(one), counted_as(other));
    }

    proptest! {
        /// Whatever a client behind one honest proxy writes, it is counted as itself or, with two
        /// headers, as the proxy.
        #[test]
        fn no_header_of_a_client_makes_it_another(
            xff in "[ -~]{0,30}|([0-9.:a-f, ]|127[.]0[.]0[.]1){0,20}",
            forwarded in proptest::option::of("[ -~]{0,30}|(for=|\"|;|,|198[.]51[.]100[.]1){0,8}"),
        ) {
            let known = proxies(&["127.0.0.1", "10.0.0.0/8"]);
            let mut sent = headers(&[("x-forwarded-for", &format!("{xff}, 203.0.113.7"))]);
            if let Some(forwarded) = &forwarded {
                sent.insert("forwarded", HeaderValue::from_str(forwarded).unwrap());
            }
            let found = known.client("127.0.0.1".parse().unwrap(), &sent).address;
            let itself: IpAddr = "203.0.113.7".parse().unwrap();
            let proxy: IpAddr = "127.0.0.1".parse().unwrap();
            prop_assert!(found == itself || forwarded.is_some() && found == proxy, "{}", found);
        }
    }
}
