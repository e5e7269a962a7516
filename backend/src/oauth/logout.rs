//! `/oauth/logout`: reading what a service asks (OpenID Connect RP-Initiated Logout 1.0, 2).

use url::form_urlencoded;

use super::key::IdTokenKeys;
use crate::config::{Catalog, Service};

/// The longest request, in bytes of its query.
pub const LONGEST: usize = 8000;

/// Parameters that may be given once. Others are ignored.
const ONCE: [&str; 6] = [
    "id_token_hint",
    "logout_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
];

/// An ID token of this server, perhaps an expired one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The client that it was issued to.
    pub client_id: String,
    /// The name of the account at that client.
    pub subject: String,
}

/// A good logout request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutRequest<'a> {
    /// The service that asks, where the request names one.
    pub service: Option<&'a Service>,
    pub hint: Option<Hint>,
    /// Where the browser goes afterwards, with `state`: registered for the service.
    pub redirect_to: Option<String>,
    /// In order of preference.
    pub ui_locales: Vec<String>,
}

/// Reads the query of a logout request.
///
/// # Errors
/// The reason, for a page: the browser never goes anywhere with such a request.
pub fn read<'a>(
    query: &str,
    catalog: &'a Catalog,
    keys: &IdTokenKeys,
    issuer: &str,
) -> Result<LogoutRequest<'a>, &'static str> {
    if query.len() > LONGEST {
        return Err("the request is too long");
    }
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if ONCE.iter().any(|name| pairs.iter().filter(|(key, _)| key == name).count() > 1) {
        return Err("a parameter is there more than once");
    }
    let get = |name: &str| {
        let found = pairs.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    };
    let hint = match get("id_token_hint") {
        Some(token) => {
            let hint = keys.hint(token, issuer).and_then(|(audiences, subject)| {
                let client_id = audiences.into_iter().next()?;
                Some(Hint { client_id, subject })
            });
            Some(hint.ok_or("id_token_hint is not an ID token of this server")?)
        }
        None => None,
    };
    let client_id = match (&hint, get("client_id")) {
        (Some(hint), Some(named)) if hint.client_id != named => {
            return Err("id_token_hint was issued to another client than client_id");
        }
        (Some(hint), _) => Some(&*hint.client_id),
        (None, named) => named,
    };
    let service = match client_id {
        Some(id) => {
            let service = catalog.services.get(id);
            Some(service.ok_or("there is no service with this client_id")?)
        }
        None => None,
    };
    let redirect_to = match (service, get("post_logout_redirect_uri")) {
        (Some(service), Some(uri)) => {
            if !service.post_logout_redirect_uris.iter().any(|registered| registered == uri) {
                return Err("this post_logout_redirect_uri is not registered for the service");
            }
            Some(with_state(uri, get("state")))
        }
        // Nothing shows whose address it would be: the browser stays here (3).
        (None, Some(_)) | (_, None) => None,
    };
    let ui_locales = get("ui_locales").unwrap_or_default().split(' ').map(str::to_owned).collect();
    Ok(LogoutRequest { service, hint, redirect_to, ui_locales })
}

/// The address with `state` in its query. The registered address is kept to the letter.
#[must_use]
pub fn with_state(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else { return uri.to_owned() };
    let pair = form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
    let joint = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{joint}{}", pair.replace('+', "%20"))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{config::Source, oauth::key::SigningKey};

    const ISSUER: &str = "https://id.example";
    const REGISTERED: [&str; 2] = ["https://shop.example/bye", "com.example.shop:/bye?x=1"];

    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
        let toml = format!(
            "[[service]]\nclient_id = \"shop\"\nname = \"가게\"\ncompany = \"가게\"\n\
             redirect_uris = [\"https://shop.example/\"]\n\
             post_logout_redirect_uris = {REGISTERED:?}\n[service.personal_info]\n\
             recipient = \"가게\"\npurpose = \"주문\"\nretention = \"1년\"\nrefusal_effect = \"없음\"\n\
             [[service.personal_info.items]]\nid = \"profile_nickname\"\nlabel = \"닉네임\"\n\
             required = true\n"
        );
        Source::built_in("services.toml", toml).catalog().unwrap()
    });
    static KEY: LazyLock<SigningKey> =
        LazyLock::new(|| SigningKey::read(&SigningKey::generate()).ok().unwrap());

    fn keys() -> IdTokenKeys {
        IdTokenKeys::new(jsonwebtoken::jwk::JwkSet { keys: vec![KEY.public().clone()] })
    }

    fn value() -> impl Strategy<Value = String> {
        let hint =
            |issuer: &str| KEY.sign(&json!({ "iss": issuer, "aud": "shop", "sub": "s", "exp": 1 }));
        prop_oneof![
            Just("shop".to_owned()),
            Just(REGISTERED[0].to_owned()),
            Just(REGISTERED[1].to_owned()),
            Just(hint(ISSUER)),
            Just(hint("https://other.example")),
            "https://(shop|evil)\\.example/(bye)?[/?#&a-z]{0,4}",
            "\\PC{0,20}",
        ]
    }

    fn query() -> impl Strategy<Value = String> {
        let name = prop_oneof![prop::sample::select(ONCE.to_vec()), Just("other")];
        prop::collection::vec((name, value()), 0..6).prop_map(|pairs| {
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        })
    }

    proptest! {
        /// A browser goes to a registered address of the service that asks, and nowhere else.
        #[test]
        fn only_registered_addresses_are_gone_to(query in query()) {
            let Ok(request) = read(&query, &CATALOG, &keys(), ISSUER) else { return Ok(()) };
            if let Some(to) = &request.redirect_to {
                prop_assert!(request.service.is_some());
                let rest = REGISTERED.iter().find_map(|uri| to.strip_prefix(uri));
                let rest = rest.expect(to);
                let is_state = rest.strip_prefix(['?', '&']).is_some_and(|it| it.starts_with("state="));
                prop_assert!(rest.is_empty() || is_state, "{}", to);
                prop_assert!(to.bytes().all(|byte| byte.is_ascii_graphic()), "{}", to);
            }
            if let Some(hint) = &request.hint {
                let client_id = request.service.map(|service| &service.client_id);
                prop_assert_eq!(client_id, Some(&hint.client_id));
            }
        }
    }
}
