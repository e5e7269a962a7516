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

/// The standard scopes that ask for items (OpenID Connect Core, 5.4).
pub const STANDARD: [&str; 4] = ["profile", "email", "phone", "address"];

/// A scope was asked for that is not part of what was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotGranted;

/// Whether a scope has this name in it.
#[must_use]
pub fn holds(scope: &str, name: &str) -> bool {
    names(scope).any(|held| held == name)
}

/// What a token holds: of the scopes that were asked for those that name no item and the standard
/// ones, and the items that the person agrees to now, whether or not the request named them.
#[must_use]
pub fn granted(service: &Service, grant: &Grant, asked: &str) -> String {
    let named = PROTOCOL.into_iter().chain(STANDARD).filter(|name| holds(asked, name));
    named.chain(agreed_items(service, grant)).collect::<Vec<_>>().join(" ")
}

/// What of a scope that was granted before holds now. An item that was refused or withdrawn since
/// does not; one that was agreed to since was not granted.
#[must_use]
pub fn current(service: &Service, grant: &Grant, scope: &str) -> String {
    let named = PROTOCOL.into_iter().chain(STANDARD).chain(agreed_items(service, grant));
    named.filter(|name| holds(scope, name)).collect::<Vec<_>>().join(" ")
}

/// A scope as clients read it, in the words of their request: a standard scope stands for its items,
/// and is left out when none of them is granted. Some clients fail on any other scope than they asked
/// for.
#[must_use]
pub fn shown(service: &Service, scope: &str) -> String {
    let standard = |name: &str| service.item(name).and_then(|item| item.attribute.standard_scope());
    let is_granted = |name: &str| names(scope).any(|held| standard(held) == Some(name));
    let is_shown = |name: &&str| match standard(name) {
        Some(standard) => !holds(scope, standard),
        None => !STANDARD.contains(name) || is_granted(name),
    };
    names(scope).filter(is_shown).collect::<Vec<_>>().join(" ")
}

/// What a refresh request gets that asks for this scope (RFC 6749, 6). A standard scope stands for its
/// items. A client that repeats the scopes of its authorize request gets everything, and unknown
/// scopes are ignored, as there.
///
/// # Errors
/// When it asks for more than was granted.
pub fn narrowed(
    service: &Service,
    granted: &str,
    asked: Option<&str>,
) -> Result<String, NotGranted> {
    let Some(asked) = asked else { return Ok(granted.to_owned()) };
    let is_named = |name: &str| PROTOCOL.contains(&name) || STANDARD.contains(&name);
    let is_known = |name: &str| is_named(name) || service.item(name).is_some();
    let mut known = names(asked).filter(|name| is_known(name)).peekable();
    if known.peek().is_none() || known.any(|name| !holds(granted, name)) {
        return Err(NotGranted);
    }
    let mut named = names(granted).filter(|name| is_named(name)).peekable();
    let names_no_item = names(asked).all(|name| service.item(name).is_none());
    if names_no_item && named.peek().is_some() && named.all(|name| holds(asked, name)) {
        return Ok(granted.to_owned());
    }
    let is_asked = |name: &&str| {
        let standard = service.item(name).and_then(|item| item.attribute.standard_scope());
        holds(asked, name) || standard.is_some_and(|standard| holds(asked, standard))
    };
    Ok(names(granted).filter(is_asked).collect::<Vec<_>>().join(" "))
}

fn names(scope: &str) -> impl Iterator<Item = &str> {
    scope.split(' ').filter(|name| !name.is_empty())
}

fn agreed_items<'a>(service: &'a Service, grant: &Grant) -> impl Iterator<Item = &'a str> {
    let items = service.personal_info.items.iter().map(|item| item.attribute.id());
    items.filter(|id| grant.items.contains_key(*id))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::{prelude::*, sample::subsequence};

    use super::*;
    use crate::config::{Attribute, Source};

    static SERVICE: LazyLock<Service> = LazyLock::new(|| {
        let mut toml = String::from(
            "[[service]]\nclient_id = \"shop\"\nname = \"가게\"\ncompany = \"가게\"\n\
             redirect_uris = [\"https://shop.example/\"]\n[service.personal_info]\n\
             recipient = \"가게\"\npurpose = \"주문\"\nretention = \"1년\"\nrefusal_effect = \"없음\"\n",
        );
        for attribute in Attribute::ALL {
            toml += &format!(
                "[[service.personal_info.items]]\nid = \"{}\"\nlabel = \"항목\"\nrequired = false\n",
                attribute.id()
            );
            if attribute == Attribute::Birthday {
                toml += "with_year = false\n";
            }
        }
        let catalog = Source::built_in("services.toml", toml).catalog().unwrap();
        catalog.services["shop"].clone()
    });

    fn items() -> impl Strategy<Value = Vec<&'static str>> {
        subsequence(Attribute::ALL.map(Attribute::id).to_vec(), 0..=Attribute::ALL.len())
    }

    fn protocol() -> impl Strategy<Value = String> {
        subsequence(PROTOCOL.to_vec(), 0..=PROTOCOL.len()).prop_map(|names| names.join(" "))
    }

    fn grant(items: &[&str]) -> Grant {
        let items = items.iter().map(|id| ((*id).to_owned(), (0, None))).collect();
        Grant { items, ..Grant::default() }
    }

    fn set(scope: &str) -> Vec<&str> {
        let mut names: Vec<&str> = names(scope).collect();
        names.sort_unstable();
        names
    }

    proptest! {
        /// Never more than was granted, never more than holds now, and never less than both.
        #[test]
        fn a_token_gives_what_was_granted_and_holds(
            asked in protocol(), then in items(), now in items(),
        ) {
            let granted = granted(&SERVICE, &grant(&then), &asked);
            let current = current(&SERVICE, &grant(&now), &granted);
            let both = then.iter().copied().filter(|id| now.contains(id));
            let mut expected: Vec<&str> = names(&asked).chain(both.clone()).collect();
            expected.sort_unstable();
            prop_assert_eq!(set(&current), expected);
            let limited = grant(&now).limited_to(&granted);
            let mut expected: Vec<&str> = both.collect();
            expected.sort_unstable();
            prop_assert_eq!(limited.items.keys().map(String::as_str).collect::<Vec<_>>(), expected);
        }

        /// Never more than was granted, no item that was not asked for by its id or standard scope,
        /// and no known scope that was not granted.
        #[test]
        fn a_refresh_narrows_and_never_widens(
            asked in protocol(), then in items(), wanted in "[a-z_ ]{0,40}", some in items(),
            standard in subsequence(STANDARD.to_vec(), 0..=STANDARD.len()),
        ) {
            let granted = granted(&SERVICE, &grant(&then), &format!("{asked} {}", standard.join(" ")));
            prop_assert_eq!(narrowed(&SERVICE, &granted, None), Ok(granted.clone()));
            for wanted in [wanted, some.join(" "), format!("openid {}", some.join(" "))] {
                let is_known = |name: &&str| {
                    PROTOCOL.contains(name)
                        || STANDARD.contains(name)
                        || SERVICE.item(name).is_some()
                };
                let known: Vec<&str> = names(&wanted).filter(is_known).collect();
                let is_more =
                    known.is_empty() || known.iter().any(|name| !holds(&granted, name));
                let narrowed = narrowed(&SERVICE, &granted, Some(&wanted));
                prop_assert_eq!(narrowed.is_err(), is_more);
                let Ok(narrowed) = narrowed else { continue };
                prop_assert!(names(&narrowed).all(|name| holds(&granted, name)));
                let names_items = names(&wanted).any(|name| SERVICE.item(name).is_some());
                let by_standard = |id: &str| {
                    let item = SERVICE.item(id).and_then(|item| item.attribute.standard_scope());
                    item.is_some_and(|scope| holds(&wanted, scope))
                };
                if names_items {
                    prop_assert!(names(&narrowed).all(|it| holds(&wanted, it) || by_standard(it)));
                }
            }
        }
    }

    #[test]
    fn a_standard_scope_stands_for_its_items() {
        let items = ["profile_nickname", "account_email"];
        let asked = "openid profile email";
        let granted = granted(&SERVICE, &grant(&items), asked);
        assert_eq!(shown(&SERVICE, &granted), asked);
        // A client that repeats its request is granted the same again.
        assert_eq!(narrowed(&SERVICE, &granted, Some(asked)), Ok(granted.clone()));
        assert_eq!(
            narrowed(&SERVICE, &granted, Some("openid profile email other")),
            Ok(granted.clone())
        );
        let less = narrowed(&SERVICE, &granted, Some("openid profile")).unwrap();
        assert_eq!(set(&less), ["openid", "profile", "profile_nickname"]);
        assert_eq!(narrowed(&SERVICE, &granted, Some("openid phone")), Err(NotGranted));
        // Withdrawn since.
        let now = current(&SERVICE, &grant(&items[..1]), &granted);
        assert_eq!(shown(&SERVICE, &now), "openid profile");
        // What was not named is listed by its id.
        let more =
            super::granted(&SERVICE, &grant(&["account_email", "phone_number"]), "openid email");
        assert_eq!(shown(&SERVICE, &more), "openid email phone_number");
        // A request without scopes narrows by the ids that are asked for.
        let plain = super::granted(&SERVICE, &grant(&items), "");
        let one = narrowed(&SERVICE, &plain, Some("account_email"));
        assert_eq!(one.as_deref(), Ok("account_email"));
    }
}
