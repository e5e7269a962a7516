//! Scopes of requests and tokens: names separated by spaces (RFC 6749, 3.3).

use crate::{config::Service, store::Grant};

/// An ID token is asked for (OpenID Connect Core, 3.1.2.1).
pub const OPENID: &str = "openid";

/// A refresh token is asked for (OpenID Connect Core, 11).
pub const OFFLINE_ACCESS: &str = "offline_access";

/// The token shows what the person agreed to at the service: in the claim of this name at the
/// userinfo endpoint, and at `/oauth/agreements`.
pub const AGREEMENTS: &str = "agreements";

/// The scopes that name no item.
pub const PROTOCOL: [&str; 3] = [OPENID, OFFLINE_ACCESS, AGREEMENTS];

/// A scope was asked for that is not part of what was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotGranted;

/// Whether a scope has this name in it.
#[must_use]
pub fn holds(scope: &str, name: &str) -> bool {
    names(scope).any(|held| held == name)
}

/// What is granted: of the scopes that were asked for those that name no item, and the items that the
/// person agrees to now, whether or not the request named them.
#[must_use]
pub fn granted(service: &Service, grant: &Grant, asked: &str) -> String {
    let protocol = PROTOCOL.into_iter().filter(|name| holds(asked, name));
    protocol.chain(agreed_items(service, grant)).collect::<Vec<_>>().join(" ")
}

/// What of a scope that was granted before holds now. An item that was refused or withdrawn since
/// does not; one that was agreed to since was not granted.
#[must_use]
pub fn current(service: &Service, grant: &Grant, scope: &str) -> String {
    let protocol = PROTOCOL.into_iter().chain(agreed_items(service, grant));
    protocol.filter(|name| holds(scope, name)).collect::<Vec<_>>().join(" ")
}

/// What a refresh request gets that asks for this scope (RFC 6749, 6).
///
/// # Errors
/// When it asks for more than was granted.
pub fn narrowed(granted: &str, asked: Option<&str>) -> Result<String, NotGranted> {
    let Some(asked) = asked else { return Ok(granted.to_owned()) };
    if names(asked).all(|name| holds(granted, name)) {
        let narrowed = names(granted).filter(|name| holds(asked, name));
        Ok(narrowed.collect::<Vec<_>>().join(" "))
    } else {
        Err(NotGranted)
    }
}

fn names(scope: &str) -> impl Iterator<Item = &str> {
    scope.split(' ').filter(|name| !name.is_empty())
}

fn agreed_items<'a>(service: &'a Service, grant: &Grant) -> impl Iterator<Item = &'a str> {
    let items = service.personal_info.items.iter().map(|item| item.attribute.id());
    items.filter(|id| grant.items.contains_key(*id))
}
