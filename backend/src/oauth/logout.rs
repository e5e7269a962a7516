//! `/oauth/logout`: reading what a service asks (OpenID Connect RP-Initiated Logout 1.0, 2).

use url::form_urlencoded;

use super::key::SigningKey;
use crate::config::{Catalog, Service};

/// The longest request, in bytes of its query.
const LONGEST: usize = 8000;

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
    key: &SigningKey,
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
            let hint = key.hint(token, issuer).and_then(|(audiences, subject)| {
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

/// The registered address is kept to the letter.
fn with_state(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else { return uri.to_owned() };
    let pair = form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
    let joint = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{joint}{}", pair.replace('+', "%20"))
}
