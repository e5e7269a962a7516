//! Networks of addresses, as an operator writes them.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::{IpNet, Ipv4Net};
use url::{Host, Url};

/// A network: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Whether an address is in it. IPv4 addresses that are mapped into IPv6 are IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Every address, of both kinds.
    #[must_use]
    pub fn everything() -> [Self; 2] {
        let of = |address: IpAddr| IpNet::new_assert(address, 0);
        [of(Ipv4Addr::UNSPECIFIED.into()), of(Ipv6Addr::UNSPECIFIED.into())].map(Self)
    }

    /// Whether every address of its kind is in it.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.0.prefix_len() == 0
    }
}

/// The address alone.
impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(IpNet::from(address.to_canonical()))
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address),
            Err(_) => text.parse::<IpNet>().map_err(|_| {
                "expected an address or a network: 192.0.2.1, 10.0.0.0/8, 2001:db8::/32".to_owned()
            })?,
        };
        // An IPv4 client is IPv4 whatever socket it comes through.
        let mapped = match network {
            IpNet::V6(net) => net
                .addr()
                .to_ipv4_mapped()
                .zip(net.prefix_len().checked_sub(96))
                .and_then(|(address, length)| Ipv4Net::new(address, length).ok()),
            IpNet::V4(_) => None,
        };
        Ok(Self(mapped.map_or(network, IpNet::V4).trunc()))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether this is plain http to this machine.
#[must_use]
pub fn is_plain_loopback(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(host)) => host == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && is_loopback
}
