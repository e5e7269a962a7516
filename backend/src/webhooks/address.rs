//! Which addresses a webhook may be sent to: those of the public internet, and private networks that
//! the operator has named (server-side request forgery).

use std::{
    net::{IpAddr, SocketAddr},
    sync::LazyLock,
};

use crate::network::Network;

/// Networks that are not of the public internet (IANA special-purpose address registries), and those by
/// which an IPv6 address leads to an IPv4 one.
const SPECIAL: [&str; 22] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    // All but 2000::/3: loopback, NAT64, unique local, link-local, multicast.
    "::/3",
    "4000::/2",
    "8000::/1",
    // Teredo, ORCHID, benchmarking.
    "2001::/23",
    "2001:db8::/32",
    // 6to4.
    "2002::/16",
    "3fff::/20",
];

static NETWORKS: LazyLock<Vec<Network>> = LazyLock::new(|| {
    let networks = SPECIAL.iter().map(|text| text.parse());
    networks.collect::<Result<_, _>>().expect("every network of the list can be read")
});

/// Whether an address is one of the public internet. An IPv4 address that is mapped into IPv6 is none.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    let is_mapped = matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some());
    !is_mapped && !NETWORKS.iter().any(|network| network.contains(address))
}

/// Where webhooks of one kind may be sent.
#[derive(Debug, Clone)]
pub struct Allowed {
    /// Private networks that the operator has named.
    pub networks: Vec<Network>,
    /// Whether every public address is allowed beside them.
    pub public: bool,
}

/// A webhook may not be sent to this address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forbidden;

impl std::fmt::Display for Forbidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the target has an address that webhooks may not be sent to")
    }
}

impl std::error::Error for Forbidden {}

impl Allowed {
    /// Whether a webhook may be sent to an address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
            || self.public && is_public(address)
    }

    /// The addresses of a host.
    ///
    /// # Errors
    /// When one of them is not allowed: which of them is connected to is not known before.
    pub fn check(&self, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Forbidden> {
        let is_allowed = addresses.iter().all(|address| self.contains(address.ip()));
        if is_allowed { Ok(addresses) } else { Err(Forbidden) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "192.169.0.1",
            "198.17.255.255",
            "198.20.0.1",
            "211.249.200.1",
            "223.255.255.255",
            "2400:cb00::1",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "2001:200::1",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(address(public)), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.170",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "4000::1",
            "9000::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address(private)), "{private}");
        }
    }

    #[test]
    fn one_address_that_is_not_allowed_is_too_many() {
        let allowed = Allowed { networks: vec!["10.1.0.0/16".parse().unwrap()], public: true };
        let check = |texts: &[&str]| {
            let addresses = texts.iter().map(|it| SocketAddr::new(address(it), 0)).collect();
            allowed.check(addresses).is_ok()
        };
        assert!(check(&["1.1.1.1", "10.1.2.3"]));
        assert!(!check(&["1.1.1.1", "10.2.0.1"]));
        assert!(!check(&["1.1.1.1", "::1"]));
        let private = Allowed { public: false, ..allowed };
        assert!(private.contains(address("10.1.2.3")));
        assert!(private.contains(address("::ffff:10.1.2.3")));
        assert!(!private.contains(address("1.1.1.1")));
    }
}
