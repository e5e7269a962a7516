//! `shipping_addresses` of `/v1/user/shipping_address`.

use serde_json::{Value, json};

use super::account::{Provided, provided};
use crate::{
    clock::Seconds,
    config::{Account, Attribute, Service},
    store::Grant,
};

/// The parameters of a request for addresses.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// One address instead of a page of them.
    pub address_id: Option<u32>,
    /// Only addresses that were changed before this time, in seconds since 1970: the next page.
    pub from_updated_at: Option<Seconds>,
    /// The most addresses to give.
    pub page_size: usize,
}

impl Default for Request {
    fn default() -> Self {
        Self { address_id: None, from_updated_at: None, page_size: 10 }
    }
}

/// The addresses, and whether the user has still to agree to give them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Addresses {
    pub needs_agreement: bool,
    /// Empty without consent.
    pub addresses: Vec<Value>,
}

/// The id of the one address that an account has.
const ID: u32 = 1;

/// The addresses that a service may have. `None` where it is not configured with the item.
#[must_use]
pub fn shipping_addresses(
    service: &Service,
    account: &Account,
    grant: &Grant,
    request: &Request,
) -> Option<Addresses> {
    let item = service.item(Attribute::Address.id())?;
    let Provided { needs_agreement, value } = provided(item, account, grant);
    let updated_at = grant.items.get(item.attribute.id()).map_or(0, |(at, _)| *at);
    let is_wanted = match request {
        Request { address_id: Some(id), .. } => *id == ID,
        Request { from_updated_at: Some(time), .. } => updated_at < *time,
        _ => true,
    };
    let addresses = value.filter(|_| is_wanted).map(|(address, _)| {
        json!({
            "id": ID,
            "name": "",
            "is_default": true,
            "updated_at": updated_at,
            "type": "NEW",
            "base_address": address,
            "detail_address": "",
        })
    });
    let addresses = addresses.into_iter().take(request.page_size).collect();
    Some(Addresses { needs_agreement, addresses })
}
