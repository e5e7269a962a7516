//! Reads `[sign_in.oidc]`.

use std::collections::BTreeMap;

use url::Url;

use super::{
    catalog::Oidc,
    places::Places,
    reader::Table,
    secret::{self, Folder},
};
use crate::{account::Key, network::is_plain_loopback};

/// Asked for where no scopes are configured.
const SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// Reads the provider that people sign in at.
pub fn read(mut table: Table<'_>, folder: Folder<'_>, places: &mut Places) -> Oidc {
    let issuer = issuer(&mut table);
    let client_id = table.need_string("client_id").map(|(id, at)| {
        if !is_printable(&id) {
            table.fault(at, "`client_id` is printable ASCII");
        }
        id
    });
    let client_secret = secret::read(&mut table, "client_secret", folder, places);
    let client_secret = client_secret.map(|(secret, at)| {
        if !is_printable(&secret) {
            // Not shown.
            table.fault(at, "`client_secret` is printable ASCII, and not empty");
        }
        secret
    });
    let scopes = match table.strings("scopes") {
        None => SCOPES.map(str::to_owned).to_vec(),
        Some((scopes, at)) => {
            for (scope, at) in &scopes {
                if scope.is_empty() || !scope.bytes().all(is_scope_byte) {
                    table.fault(*at, format!("`{scope}` is no scope (RFC 6749, 3.3)"));
                }
            }
            let scopes: Vec<String> = scopes.into_iter().map(|(scope, _)| scope).collect();
            if !scopes.iter().any(|scope| scope == "openid") {
                table.fault(at, "`scopes` need `openid`");
            }
            scopes
        }
    };
    let account_claim = claim(&mut table, "account_claim");
    let mut claims: BTreeMap<Key, String> = Key::ALL
        .into_iter()
        .filter_map(|key| Some((key, key.standard_claim()?.to_owned())))
        .collect();
    if let Some(mut named) = table.table("claims") {
        let named: BTreeMap<Key, String> = Key::ALL
            .into_iter()
            .filter_map(|key| Some((key, claim(&mut named, key.name())?)))
            .collect();
        // What the provider has verified is the value of its standard claim.
        for (value, verified) in
            [(Key::Email, Key::EmailVerified), (Key::Phone, Key::PhoneNumberVerified)]
        {
            if named.contains_key(&value) {
                claims.remove(&verified);
            }
        }
        claims.extend(named);
    }
    Oidc {
        issuer: issuer.unwrap_or_default(),
        client_id: client_id.unwrap_or_default(),
        client_secret,
        scopes,
        account_claim: account_claim.unwrap_or_else(|| "sub".to_owned()),
        claims,
    }
}

/// An issuer (OpenID Connect Discovery, 2): https, without query or fragment. Plain http is for a
/// provider on this machine.
fn issuer(table: &mut Table<'_>) -> Option<String> {
    let (text, at) = table.need_string("issuer")?;
    let is_issuer = Url::parse(&text).is_ok_and(|url| {
        (url.scheme() == "https" || is_plain_loopback(&url))
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    });
    if !is_issuer {
        let reason = format!(
            "`{text}`: an issuer is an https URL without a query or a fragment, or http on a \
             loopback host"
        );
        table.fault(at, reason);
        return None;
    }
    Some(text)
}

/// The name of a claim.
fn claim(table: &mut Table<'_>, key: &'static str) -> Option<String> {
    let (name, at) = table.string(key)?;
    if name.is_empty() || name.chars().any(char::is_control) {
        table.fault(at, format!("`{key}` is no name of a claim"));
    }
    Some(name)
}

fn is_printable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// RFC 6749, 3.3.
fn is_scope_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'"' && byte != b'\\'
}
