//! `shipping_addresses` of `/v1/user/shipping_address`.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::{account::needs_agreement, phone_number};
use crate::{
    clock::Seconds,
    config::{Account, Attribute, Service, ShippingAddress},
    consent::Person,
    store::Grant,
};

/// The parameters of a request for addresses.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// One address instead of a page of them.
    pub address_id: Option<i64>,
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
    /// The default address first, then the latest change first. Empty without consent.
    pub addresses: Vec<Value>,
}

/// The addresses that a service may have. `None` where it is not configured with the item.
#[must_use]
pub fn shipping_addresses(
    service: &Service,
    account: &Account,
    grant: &Grant,
    request: &Request,
) -> Option<Addresses> {
    let item = service.item(Attribute::Address.id())?;
    let person = Person { account, grant };
    let needs_agreement = needs_agreement(item, &person);
    if !person.agreed_to(item.attribute) {
        return Some(Addresses { needs_agreement, addresses: Vec::new() });
    }
    let mut addresses = person.shipping_addresses();
    addresses.sort_by_key(|address| (!address.is_default, Reverse(address.updated_at)));
    let is_wanted = |address: &&ShippingAddress| match request {
        Request { address_id: Some(id), .. } => i64::from(address.id) == *id,
        Request { from_updated_at: Some(time), .. } => {
            address.updated_at.is_some_and(|updated_at| updated_at < *time)
        }
        _ => true,
    };
    let wanted = addresses.iter().filter(is_wanted).take(request.page_size);
    Some(Addresses { needs_agreement, addresses: wanted.map(json).collect() })
}

fn json(address: &ShippingAddress) -> Value {
    let mut json = json!({
        "id": address.id,
        "name": address.name,
        "is_default": address.is_default,
        "type": address.kind,
        "base_address": address.base_address,
        "detail_address": address.detail_address,
        "receiver_name": address.receiver_name,
        "receiver_phone_number1": phone_number::domestic(&address.receiver_phone_number1),
        "receiver_phone_number2": phone_number::domestic(&address.receiver_phone_number2),
        "zone_number": address.zone_number,
        "zip_code": address.zip_code,
    });
    if let Some(updated_at) = address.updated_at {
        json["updated_at"] = json!(updated_at);
    }
    json
}
