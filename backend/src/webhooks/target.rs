//! Whether webhooks can be sent to a configured target at all.

use std::net::{IpAddr, Ipv4Addr};

use url::{Host, Url};

use super::address::Allowed;
use crate::network::Network;

/// Checks what is known of a target without looking up its name; that is done at each delivery.
///
/// # Errors
/// Why no webhook would ever be sent there.
pub fn check(url: &Url, networks: &[Network]) -> Result<(), String> {
    let is_https = url.scheme() == "https";
    if !is_https && networks.is_empty() {
        return Err(format!(
            "`{url}`: http is for targets in a private network, which --webhook-network names"
        ));
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        Some(Host::Domain(host)) if host == "localhost" || host.ends_with(".localhost") => {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        }
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    let allowed = Allowed { networks: networks.to_owned(), public: is_https };
    if allowed.contains(address) {
        return Ok(());
    }
    Err(format!("`{url}`: {address} is in no network that --webhook-network names"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_targets_need_their_network() {
        let check = |url: &str, networks: &[&str]| {
            let networks: Vec<Network> = networks.iter().map(|it| it.parse().unwrap()).collect();
            check(&url.parse().unwrap(), &networks)
        };
        for (url, networks) in [
            ("https://shop.example/events", &[][..]),
            ("https://1.1.1.1/", &[]),
            ("http://shop.internal/", &["10.0.0.0/8"]),
            ("http://10.1.2.3:3000/", &["10.0.0.0/8"]),
            ("http://localhost:3000/", &["127.0.0.1"]),
            ("https://[::1]/", &["::1"]),
        ] {
            assert_eq!(check(url, networks), Ok(()), "{url} {networks:?}");
        }
        for (url, networks) in [
            ("http://shop.example/", &[][..]),
            ("http://127.0.0.1/", &[]),
            ("https://127.0.0.1/", &[]),
            ("https://localhost/", &[]),
            ("https://shop.localhost/", &["10.0.0.0/8"]),
            ("https://[::ffff:10.0.0.1]/", &[]),
            ("https://2130706433/", &[]),
            ("https://0x7f.1/", &[]),
            ("https://169.254.169.254/", &["10.0.0.0/8"]),
            ("http://1.1.1.1/", &["10.0.0.0/8"]),
        ] {
            assert!(check(url, networks).is_err(), "{url} {networks:?}");
        }
    }
}
