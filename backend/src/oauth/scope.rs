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

        #[test]
        fn a_refresh_narrows_and_never_widens(
            asked in protocol(), then in items(), wanted in "[a-z_ ]{0,40}", some in items(),
        ) {
            let granted = granted(&SERVICE, &grant(&then), &asked);
            prop_assert_eq!(narrowed(&granted, None), Ok(granted.clone()));
            for wanted in [wanted, some.join(" ")] {
                let has_all = names(&wanted).all(|name| holds(&granted, name));
                match narrowed(&granted, Some(&wanted)) {
                    Ok(narrowed) => {
                        prop_assert!(has_all);
                        let mut expected = set(&wanted);
                        expected.dedup();
                        prop_assert_eq!(set(&narrowed), expected);
                    }
                    Err(NotGranted) => prop_assert!(!has_all),
                }
            }
        }
    }
}
