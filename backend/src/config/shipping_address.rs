//! Reads `address` and `[[account.shipping_addresses]]`.

use consent_contract::{name, request::Collect};

use super::{
    account::personal,
    person::{AddressKind, ShippingAddress},
    reader::Table,
};

/// The addresses of an account, in the order of the file. The one of `address` is the first.
pub fn read(account: &mut Table<'_>) -> Vec<ShippingAddress> {
    let line = personal(account, "address", Collect::Address);
    let mut addresses: Vec<_> = line.map(ShippingAddress::of_line).into_iter().collect();
    for mut table in account.tables("shipping_addresses").tables {
        let address = one(&mut table, addresses.len());
        let has_default = || addresses.iter().any(|other| other.is_default);
        if address.is_default && has_default() {
            let reason = "this account has a default address already (`address` is one)";
            table.fault(table.at, reason);
        }
        addresses.push(address);
    }
    addresses
}

fn one(table: &mut Table<'_>, before: usize) -> ShippingAddress {
    let kinds = [AddressKind::New, AddressKind::Old];
    ShippingAddress {
        id: u32::try_from(before + 1).unwrap_or(u32::MAX),
        name: line(table, "name"),
        is_default: table.boolean("is_default").unwrap_or(false),
        updated_at: table.time("updated_at"),
        kind: table.choice("type", &kinds).map_or(AddressKind::New, |(kind, _)| kind),
        base_address: base_address(table),
        detail_address: line(table, "detail_address"),
        receiver_name: line(table, "receiver_name"),
        receiver_phone_number1: phone(table, "receiver_phone_number1"),
        receiver_phone_number2: phone(table, "receiver_phone_number2"),
        zone_number: digits(table, "zone_number", 5),
        zip_code: digits(table, "zip_code", 6),
    }
}

fn base_address(table: &mut Table<'_>) -> String {
    table.need("base_address");
    personal(table, "base_address", Collect::Address).unwrap_or_default()
}

fn phone(table: &mut Table<'_>, key: &'static str) -> String {
    personal(table, key, Collect::Phone).unwrap_or_default()
}

/// One line of at most 40 characters.
fn line(table: &mut Table<'_>, key: &'static str) -> String {
    let Some((text, at)) = table.string(key) else { return String::new() };
    if let Err(fault) = name::check_line(&text) {
        table.fault(at, format!("`{key}`: {fault}"));
    }
    text
}

fn digits(table: &mut Table<'_>, key: &'static str, count: usize) -> String {
    let Some((text, at)) = table.string(key) else { return String::new() };
    if text.len() != count || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        table.fault(at, format!("`{text}`: `{key}` is {count} digits"));
    }
    text
}
