//! The partner shop and its test app: services that run in processes of their own (shop/), at addresses
//! that the command line names. Here are their registration and what the accounts have with them.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use consent_contract::redirect;
use url::{Host, Url};

use crate::{
    clock::Seconds,
    config::{Catalog, How, Link},
    network::Network,
};

/// The shop's client id.
pub const SHOP: &str = "hanok-shop";

/// The client id of its test app.
pub const TEST_APP: &str = "hanok-shop-test";

/// A product, as a link to it is shared in the messenger.
pub const SHARED_PRODUCT: &str = "/goods/first-flush";

/// What the shop and its test app ask for.
const TERMS: &str = include_str!("../../demo/shop-terms.toml");

/// The channels of Hanok Market and of the shop: accounts stand to both in the same way.
const CHANNELS: [&str; 2] = ["_hanok", "_teahouse"];

/// Who came to the shop before this backend, how, and when: 2025-06-11 and 2026-11-02.
const LINKS: [(&str, How, Seconds); 2] =
    [("login-only", How::PlainLogin, 1_749_643_200), ("returning", How::Combined, 1_793_611_800)];

/// The origins of the shop and of its test app; none where there is no such process.
#[derive(Debug, Clone, Default)]
pub struct DemoShops {
    pub shop: Option<String>,
    pub test_app: Option<String>,
}

impl DemoShops {
    /// The origin of a shop, as it is written on the command line.
    ///
    /// # Errors
    /// When it is no https origin, nor http on a loopback host.
    pub fn origin(text: &str) -> Result<String, String> {
        let origin = redirect::origin(text).ok();
        origin
            .filter(|it| it.starts_with("http") && it == text.trim_end_matches('/'))
            .ok_or_else(|| "expected https://host[:port], or http on a loopback host".to_owned())
    }

    /// Where a service runs, if it is one of these.
    #[must_use]
    pub fn of(&self, client_id: &str) -> Option<&str> {
        match client_id {
            SHOP => self.shop.as_deref(),
            TEST_APP => self.test_app.as_deref(),
            _ => None,
        }
    }

    /// Their configuration, as further lines of the demo's.
    #[must_use]
    pub fn toml(&self) -> String {
        let registered = [
            (&self.shop, include_str!("../../demo/shop.toml")),
            (&self.test_app, include_str!("../../demo/shop-test.toml")),
        ];
        let services = registered.into_iter().filter_map(|(origin, toml)| {
            Some(format!("\n{}\n{TERMS}", toml.replace("{shop}", origin.as_deref()?)))
        });
        services.collect()
    }

    /// Adds what the demo's accounts have with the shop: links, and channels that they added or blocked.
    pub fn link(&self, catalog: &mut Catalog) {
        let Catalog { services, accounts, .. } = catalog;
        let Some(shop) = services.get(SHOP) else { return };
        for account in accounts.values_mut().map(Arc::make_mut) {
            let [market, teahouse] = CHANNELS;
            if let Some(relation) = account.channels.get(market).copied() {
                account.channels.insert(teahouse.to_owned(), relation);
            }
            let links = LINKS.iter().filter(|(id, ..)| *id == account.id);
            account.links.extend(links.map(|(_, how, at)| {
                let terms = shop.terms.iter().filter(|it| !it.only_when_requested);
                let items = shop.personal_info.items.iter().filter(|it| !it.only_when_requested);
                let items = items.map(|it| it.attribute.id().to_owned());
                let (terms, items) = match how {
                    How::Combined => {
                        let agreed = terms.map(|it| (it.tag.clone(), it.version.clone()));
                        (agreed.collect(), items.collect())
                    }
                    // Before the shop had terms on the screen; the nickname comes first.
                    How::PlainLogin => (Vec::new(), items.take(1).collect()),
                };
                Link { service: SHOP.to_owned(), how: *how, at: *at, terms, items }
            }));
        }
    }

    /// The loopback addresses at which they receive webhooks: each address alone, and none of a shop in
    /// the public internet.
    #[must_use]
    pub fn networks(&self) -> Vec<Network> {
        let origins = [&self.shop, &self.test_app].into_iter().flatten();
        let urls = origins.filter_map(|origin| Url::parse(origin).ok());
        let addresses = urls.flat_map(|url| match url.host() {
            Some(Host::Ipv4(address)) => vec![IpAddr::V4(address)],
            Some(Host::Ipv6(address)) => vec![IpAddr::V6(address)],
            // The name means this machine, under whichever of the two it listens.
            Some(Host::Domain(name)) if redirect::is_loopback(name) => {
                vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
            }
            Some(Host::Domain(_)) | None => Vec::new(),
        });
        addresses.filter(IpAddr::is_loopback).map(Network::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(origin: &str) -> DemoShops {
        DemoShops { shop: Some(origin.to_owned()), test_app: None }
    }

    #[test]
    fn a_shop_has_an_origin() {
        for (text, origin) in [
            ("http://127.0.0.1:8090", Some("http://127.0.0.1:8090")),
            ("http://127.0.0.1:8090/", Some("http://127.0.0.1:8090")),
            ("https://tea.example", Some("https://tea.example")),
            ("http://tea.example", None),
            ("http://127.0.0.1:8090/shop", None),
            ("com.example.tea:", None),
            ("127.0.0.1:8090", None),
            ("", None),
        ] {
            assert_eq!(DemoShops::origin(text).ok().as_deref(), origin, "{text}");
        }
    }

    #[test]
    fn webhooks_reach_the_address_of_the_shop_and_no_other() {
        let allows = |origin: &str, address: &str| {
            at(origin).networks().iter().any(|it| it.contains(address.parse().unwrap()))
        };
        assert!(allows("http://127.0.0.1:8090", "127.0.0.1"));
        assert!(allows("http://[::1]:8090", "::1"));
        assert!(allows("http://localhost:8090", "127.0.0.1"));
        assert!(!allows("http://127.0.0.1:8090", "127.0.0.2"));
        assert!(!allows("http://127.0.0.1:8090", "::1"));
        // In a private network, which --webhook-network names.
        assert!(at("https://10.0.0.1").networks().is_empty());
        assert!(at("https://tea.example").networks().is_empty());
        assert!(DemoShops::default().networks().is_empty());
    }
}
