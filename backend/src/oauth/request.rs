//! `GET /oauth/authorize`: reading what a service asks.

use std::collections::BTreeSet;

use consent_contract::redirect::is_loopback;
use url::{Url, form_urlencoded};

use super::{error::AuthorizeError, scope};
use crate::{
    config::{Catalog, Dialect, Service},
    kakao::{self, koe::KoeError},
};

/// A good authorize request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizeRequest {
    pub client_id: String,
    pub redirect_uri: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub code_challenge: Option<String>,
    /// Whether an ID token is asked for.
    pub openid: bool,
    /// Whether a refresh token is asked for that outlives the session (OpenID Connect Core, 11).
    pub offline_access: bool,
    /// Whether the token shall show the person's agreements, see [`scope::AGREEMENTS`].
    pub agreements: bool,
    pub wanted: Wanted,
    pub prompt: Option<Prompt>,
    pub ui_locales: Vec<String>,
    /// The protocol of the service.
    pub dialect: Dialect,
    /// The whole request in one spelling, to be read again or started again.
    pub query: String,
}

/// What the service names beyond what it always asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Ids, from `scope`.
    pub items: BTreeSet<String>,
    /// Tags, from `service_terms`.
    pub terms: BTreeSet<String>,
    /// Whether a sign-up asks no other terms than those (Kakao Login REST, `service_terms`).
    pub only_named_terms: bool,
    /// Public ids, from `channel_public_id`.
    pub channels: BTreeSet<String>,
}

/// Which interaction the service permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// Not at all.
    None,
    /// Only after signing in again.
    Login,
    /// Only after choosing an account.
    SelectAccount,
}

/// Why a request is not answered with a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestFault {
    /// Without a registered redirect URI the error is a page of our own (RFC 9700, 4.11).
    InvalidRedirect(&'static str),
    /// A page with an error code of Kakao's dialect.
    Kakao(KoeError),
    /// The service gets the error by redirect.
    Redirect {
        redirect_uri: String,
        state: Option<String>,
        error: AuthorizeError,
        description: String,
    },
}

/// The longest request, in bytes of its one spelling without `prompt`: it must fit an own path, also
/// with another `prompt` and with what is added for the way to the login page and back.
pub(crate) const LONGEST: usize = 6000;

/// The longest `&prompt=…` beside it.
pub(crate) const LONGEST_PROMPT: usize = 200;

/// Values of `prompt` that are done once the person comes back from the login page. `create` and `cert`
/// are of Kakao's dialect.
const LOGIN_PROMPTS: [&str; 4] = ["login", "select_account", "create", "cert"];

/// Parameters that may be given once (RFC 6749, 3.1). Others are ignored.
const ONCE: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "prompt",
    "max_age",
    "login_hint",
    "service_terms",
    "channel_public_id",
    "code_challenge",
    "code_challenge_method",
    "ui_locales",
    "request",
    "request_uri",
];

/// Reads the query of an authorize request.
///
/// # Errors
/// See [`RequestFault`].
pub fn read(query: &str, catalog: &Catalog) -> Result<AuthorizeRequest, RequestFault> {
    use AuthorizeError as E;
    if let Some(request) = kakao::authorize::read(query, catalog).map_err(RequestFault::Kakao)? {
        return Ok(request);
    }
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let get = |name: &str| {
        let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        // An empty parameter counts as absent (RFC 6749, 3.1).
        values.next().filter(|value| !value.is_empty()).map(String::as_str)
    };
    let count = |name: &str| pairs.iter().filter(|(key, _)| key == name).count();

    // Until these two are known to belong together there is nowhere to go.
    if count("client_id") != 1 {
        return Err(RequestFault::InvalidRedirect("client_id must be there once"));
    }
    let service = get("client_id")
        .and_then(|id| catalog.services.get(id))
        .ok_or(RequestFault::InvalidRedirect("there is no service with this client_id"))?;
    if count("redirect_uri") != 1 {
        return Err(RequestFault::InvalidRedirect("redirect_uri must be there once"));
    }
    let redirect_uri = get("redirect_uri").filter(|uri| is_registered(uri, service)).ok_or(
        RequestFault::InvalidRedirect("this redirect_uri is not registered for the service"),
    )?;
    let known = pairs.iter().filter(|(key, _)| ONCE.contains(&key.as_str()));
    let query = spelled(known.clone().map(|(key, value)| (&**key, &**value)));
    let bare = known.filter(|(key, _)| key != "prompt").map(|(key, value)| (&**key, &**value));
    if spelled(bare).len() > LONGEST || query.len() > LONGEST + LONGEST_PROMPT {
        return Err(RequestFault::InvalidRedirect("the request is too long"));
    }

    let redirect = |error, description: String| RequestFault::Redirect {
        redirect_uri: redirect_uri.to_owned(),
        state: get("state").map(str::to_owned),
        error,
        description,
    };
    let invalid = |description: &str| redirect(E::InvalidRequest, description.to_owned());
    if let Some(twice) = ONCE.iter().find(|name| count(name) > 1) {
        return Err(redirect(E::InvalidRequest, format!("{twice} is there more than once")));
    }
    match get("response_type") {
        Some("code") => {}
        None => return Err(invalid("response_type is missing")),
        Some(_) => {
            return Err(redirect(E::UnsupportedResponseType, "only code is supported".to_owned()));
        }
    }
    if get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(invalid("only response_mode=query is supported"));
    }
    if get("request").is_some() {
        return Err(redirect(
            E::RequestNotSupported,
            "request objects are not supported".to_owned(),
        ));
    }
    if get("request_uri").is_some() {
        return Err(redirect(E::RequestUriNotSupported, "request_uri is not supported".to_owned()));
    }

    let code_challenge = get("code_challenge");
    match (code_challenge, get("code_challenge_method")) {
        (None, None) if !service.require_pkce => {}
        (None, None) if service.client_secret.is_some() => {
            return Err(invalid("this client must send a code_challenge"));
        }
        (None, None) => return Err(invalid("a public client must send a code_challenge")),
        (None, Some(_)) => return Err(invalid("code_challenge is missing")),
        (Some(challenge), Some("S256")) if is_s256(challenge) => {}
        (Some(_), Some("S256")) => return Err(invalid("code_challenge is not a SHA-256 digest")),
        (Some(_), _) => return Err(invalid("code_challenge_method must be S256")),
    }

    let mut items = list(get("scope"));
    let openid = items.remove(scope::OPENID);
    let offline_access = items.remove(scope::OFFLINE_ACCESS);
    let agreements = items.remove(scope::AGREEMENTS);
    if let Some(unknown) = items.iter().find(|id| service.item(id).is_none()) {
        return Err(redirect(
            E::InvalidScope,
            format!("the service has no item {}", plain(unknown)),
        ));
    }
    let terms = list(get("service_terms"));
    // A misspelt tag must not skip the term that was meant.
    if let Some(unknown) = terms.iter().find(|tag| !service.has_term(tag)) {
        return Err(invalid(&format!("the service has no term {}", plain(unknown))));
    }
    let channels = list(get("channel_public_id"));
    let has_channel = |id: &String| service.channels.iter().any(|known| known.public_id == *id);
    if let Some(unknown) = channels.iter().find(|id| !has_channel(id)) {
        return Err(invalid(&format!("the service has no channel {}", plain(unknown))));
    }
    let prompts = list(get("prompt"));
    let prompt = match (prompts.contains("none"), prompts.len()) {
        (true, 1) => Some(Prompt::None),
        (true, _) => return Err(invalid("prompt=none cannot be combined")),
        (false, _) if prompts.contains("login") => Some(Prompt::Login),
        (false, _) if prompts.contains("select_account") => Some(Prompt::SelectAccount),
        (false, _) => None,
    };
    Ok(AuthorizeRequest {
        client_id: service.client_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: get("state").map(str::to_owned),
        nonce: get("nonce").map(str::to_owned),
        code_challenge: code_challenge.map(str::to_owned),
        openid,
        offline_access,
        agreements,
        wanted: Wanted { items, terms, channels, only_named_terms: false },
        prompt,
        ui_locales: get("ui_locales").unwrap_or_default().split(' ').map(str::to_owned).collect(),
        dialect: Dialect::Standard,
        query,
    })
}

impl AuthorizeRequest {
    /// The scopes that it asks for beside items, separated by spaces.
    #[must_use]
    pub fn scope(&self) -> String {
        let asked = [
            (self.openid, scope::OPENID),
            (self.offline_access, scope::OFFLINE_ACCESS),
            (self.agreements, scope::AGREEMENTS),
        ];
        let names = asked.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, name)| name);
        names.collect::<Vec<_>>().join(" ")
    }

    /// Starting this request again: a path on this origin.
    #[must_use]
    pub fn restart_url(&self) -> String {
        restart_url(&self.query)
    }

    /// The same request after the person has done what `prompt` asked: without `login` and
    /// `select_account` in it, and without the hint for the login page.
    #[must_use]
    pub fn after_login(&self) -> Self {
        let pairs = form_urlencoded::parse(self.query.as_bytes());
        let left = pairs.filter_map(|(key, value)| match &*key {
            "login_hint" => None,
            "prompt" => {
                let mut words = list(Some(&value));
                words.retain(|word| !LOGIN_PROMPTS.contains(&&**word));
                let words: Vec<String> = words.into_iter().collect();
                (!words.is_empty()).then(|| (key, words.join(" ").into()))
            }
            _ => Some((key, value)),
        });
        Self {
            prompt: self.prompt.filter(|it| *it == Prompt::None),
            query: spelled(left),
            ..self.clone()
        }
    }

    /// Starting this request again with another account: a path on this origin.
    #[must_use]
    pub fn switch_account_url(&self) -> String {
        let pairs = form_urlencoded::parse(self.query.as_bytes());
        let rest = pairs.filter(|(key, _)| key != "prompt");
        restart_url(&spelled(rest.chain([("prompt".into(), "select_account".into())])))
    }
}

fn spelled<K: AsRef<str>, V: AsRef<str>>(pairs: impl Iterator<Item = (K, V)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    query.finish()
}

/// Starting the request of this query again: a path on this origin.
#[must_use]
pub fn restart_url(query: &str) -> String {
    format!("/oauth/authorize?{query}")
}

/// Lists come with commas (Kakao's documents) or spaces (its SDKs, and OAuth).
fn list(value: Option<&str>) -> BTreeSet<String> {
    let words = value.unwrap_or_default().split([',', ' ']);
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What may stand in `error_description` (RFC 6749, 4.1.2.1).
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() && *c != '"' && *c != '\\').take(64).collect()
}

pub(crate) fn is_s256(challenge: &str) -> bool {
    challenge.len() == 43
        && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The exact string, except that a loopback address may have any port (RFC 8252, 7.3).
fn is_registered(uri: &str, service: &Service) -> bool {
    service.redirect_uris.iter().any(|registered| {
        registered == uri
            || without_port(registered).is_some_and(|it| Some(it) == without_port(uri))
    })
}

/// What stands before and after the port of an http address on a loopback host.
fn without_port(uri: &str) -> Option<(&str, &str)> {
    // Only what `redirect::origin` reads is looked at, so a port is digits and nothing else.
    consent_contract::redirect::origin(uri).ok()?;
    let parsed = Url::parse(uri).ok()?;
    let host = parsed.host_str()?;
    if parsed.scheme() != "http" || !is_loopback(host) {
        return None;
    }
    let (before, rest) = uri.split_at_checked("http://".len() + host.len())?;
    let after = match rest.strip_prefix(':') {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    Some((before, after))
}
