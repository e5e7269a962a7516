//! Reads authorize requests (RFC 6749, 4.1.1; OpenID Connect Core, 3.1.2.1).

use std::collections::BTreeSet;

use consent_contract::redirect::is_loopback;
use url::{Url, form_urlencoded};

use super::{
    error::{self, AuthorizeError},
    request::{
        AuthorizeRequest, Prompt, Pushed, RequestFault, ResponseMode, Wanted, list, spelled,
    },
    requested_claims::RequestedClaims,
    scope,
};
use crate::{
    clock::Seconds,
    config::{Attribute, Catalog, Dialect, Service},
    kakao,
};

/// The longest request, in bytes of its one spelling without `prompt`: it must fit an own path, also
/// with another `prompt` and with what is added for the way to the login page and back.
pub const LONGEST: usize = 6000;

/// The longest `&prompt=…` beside it.
pub const LONGEST_PROMPT: usize = 200;

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
    "display",
    "max_age",
    "login_hint",
    "id_token_hint",
    "claims",
    "acr_values",
    "service_terms",
    "channel_public_id",
    "code_challenge",
    "code_challenge_method",
    "ui_locales",
    "claims_locales",
    "request",
    "request_uri",
];

/// The parameters of a request.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The first value. An empty parameter counts as absent (RFC 6749, 3.1).
    fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        values.next().filter(|value| !value.is_empty()).map(String::as_str)
    }

    fn count(&self, name: &str) -> usize {
        self.0.iter().filter(|(key, _)| key == name).count()
    }

    /// The known parameters in one spelling, unless that is too long.
    fn spelled(&self) -> Option<String> {
        let known = self.0.iter().filter(|(key, _)| ONCE.contains(&key.as_str()));
        let query = spelled(known.clone().map(|(key, value)| (&**key, &**value)));
        let bare = known.filter(|(key, _)| key != "prompt").map(|(key, value)| (&**key, &**value));
        let fits = spelled(bare).len() <= LONGEST && query.len() <= LONGEST + LONGEST_PROMPT;
        fits.then_some(query)
    }
}

/// Reads the query, or the form, of an authorize request.
///
/// # Errors
/// See [`RequestFault`].
pub fn read(query: &str, catalog: &Catalog) -> Result<AuthorizeRequest, RequestFault> {
    use AuthorizeError as E;
    if let Some(request) = kakao::authorize::read(query, catalog).map_err(RequestFault::Kakao)? {
        return Ok(request);
    }
    let parameters = Parameters::of(query);
    let get = |name: &str| parameters.get(name);

    let (service, redirect_uri) = destination(&parameters, catalog)?;
    let query =
        parameters.spelled().ok_or(RequestFault::InvalidRedirect("the request is too long"))?;

    let response_mode = response_mode(&parameters, redirect_uri);
    let redirect = |error, description: String| RequestFault::Redirect {
        redirect_uri: redirect_uri.to_owned(),
        state: get("state").map(str::to_owned),
        // An error comes back in the query when the mode itself is wrong.
        response_mode: response_mode.unwrap_or(ResponseMode::Query),
        error,
        description,
    };
    let invalid = |description: &str| redirect(E::InvalidRequest, description.to_owned());
    if let Some(twice) = ONCE.iter().find(|name| parameters.count(name) > 1) {
        return Err(redirect(E::InvalidRequest, format!("{twice} is there more than once")));
    }
    match get("response_type") {
        Some("code") => {}
        None => return Err(invalid("response_type is missing")),
        Some(_) => {
            return Err(redirect(E::UnsupportedResponseType, "only code is supported".to_owned()));
        }
    }
    let response_mode = response_mode.map_err(invalid)?;
    if get("request").is_some() {
        return Err(redirect(
            E::RequestNotSupported,
            "request objects are not supported".to_owned(),
        ));
    }
    if get("request_uri").is_some() {
        let why = "request_uri is supported for pushed requests only";
        return Err(redirect(E::RequestUriNotSupported, why.to_owned()));
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

    let (prompt, consent_again) = Prompt::read(&list(get("prompt"))).map_err(invalid)?;
    let max_age = get("max_age").map(seconds).transpose().map_err(invalid)?;
    let mut claims =
        get("claims").map(RequestedClaims::read).transpose().map_err(invalid)?.unwrap_or_default();
    if claims.needs_another_acr {
        let why = "no login of this server has that acr".to_owned();
        return Err(redirect(E::UnmetAuthenticationRequirements, why));
    }
    if get("acr_values").is_some() {
        claims.id_token.insert("acr".to_owned());
    }
    let scopes = list(get("scope"));
    let wanted = wanted(&parameters, &scopes, &claims, service).map_err(|why| invalid(&why))?;
    Ok(AuthorizeRequest {
        client_id: service.client_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: get("state").map(str::to_owned),
        nonce: get("nonce").map(str::to_owned),
        code_challenge: code_challenge.map(str::to_owned),
        openid: scopes.contains(scope::OPENID),
        offline_access: scopes.contains(scope::OFFLINE_ACCESS),
        agreements: scopes.contains(scope::AGREEMENTS),
        standard_scopes: scope::STANDARD.into_iter().filter(|it| scopes.contains(*it)).collect(),
        wanted: Wanted { consent_again, ..wanted },
        prompt,
        max_age,
        id_token_hint: get("id_token_hint").map(str::to_owned),
        subjects: claims.subjects,
        id_token_claims: claims.id_token,
        response_mode,
        ui_locales: get("ui_locales").unwrap_or_default().split(' ').map(str::to_owned).collect(),
        dialect: Dialect::Standard,
        query,
        pushed: None,
    })
}

/// Reads a pushed request: its query, and where it is kept.
///
/// # Errors
/// As [`read`].
pub fn read_pushed(
    query: &str,
    pushed: Pushed,
    catalog: &Catalog,
) -> Result<AuthorizeRequest, RequestFault> {
    Ok(AuthorizeRequest { pushed: Some(pushed), ..read(query, catalog)? })
}

/// Reads a request as [`AuthorizeRequest::stored`] wrote it.
///
/// # Errors
/// As [`read`].
pub fn read_stored(stored: &str, catalog: &Catalog) -> Result<AuthorizeRequest, RequestFault> {
    let pairs = || form_urlencoded::parse(stored.as_bytes());
    // The request itself may have an empty one, which counts as absent.
    let is_ours = |key: &str, value: &str| key == "request_uri" && !value.is_empty();
    let Some((_, request_uri)) = pairs().find(|(key, value)| is_ours(key, value)) else {
        return read(stored, catalog);
    };
    let pushed = Pushed { request_uri: request_uri.into_owned(), select_account: false };
    let query = spelled(pairs().filter(|(key, value)| !is_ours(key, value)));
    read_pushed(&query, pushed, catalog)
}

/// The service and its redirect URI. Until these two are known to belong together, there is nowhere to
/// send an error.
fn destination<'a>(
    parameters: &'a Parameters,
    catalog: &'a Catalog,
) -> Result<(&'a Service, &'a str), RequestFault> {
    let fault = RequestFault::InvalidRedirect;
    if parameters.count("client_id") != 1 {
        return Err(fault("client_id must be there once"));
    }
    let service = parameters
        .get("client_id")
        .and_then(|id| catalog.services.get(id))
        .ok_or(fault("there is no service with this client_id"))?;
    if parameters.count("redirect_uri") != 1 {
        return Err(fault("redirect_uri must be there once"));
    }
    let redirect_uri = parameters
        .get("redirect_uri")
        .filter(|uri| is_registered(uri, service))
        .ok_or(fault("this redirect_uri is not registered for the service"))?;
    Ok((service, redirect_uri))
}

fn response_mode(
    parameters: &Parameters,
    redirect_uri: &str,
) -> Result<ResponseMode, &'static str> {
    let mode = parameters.get("response_mode").filter(|_| parameters.count("response_mode") == 1);
    match mode {
        None | Some("query") => Ok(ResponseMode::Query),
        // A form cannot be posted to an app's own scheme.
        Some("form_post") if redirect_uri.starts_with("http") => Ok(ResponseMode::FormPost),
        Some("form_post") => Err("response_mode=form_post needs an http or https redirect_uri"),
        Some(_) => Err("only response_mode=query and form_post are supported"),
    }
}

/// A number of seconds: digits only. More than an `i64` holds is as good as no limit.
fn seconds(text: &str) -> Result<Seconds, &'static str> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("max_age is not a number of seconds");
    }
    Ok(text.parse().unwrap_or(Seconds::MAX))
}

/// What the service names. Unknown scopes and claims are ignored (OpenID Connect Core, 3.1.2.1 and
/// 5.5).
fn wanted(
    parameters: &Parameters,
    scope: &BTreeSet<String>,
    claims: &RequestedClaims,
    service: &Service,
) -> Result<Wanted, String> {
    let items = || service.personal_info.items.iter().map(|item| item.attribute);
    let ids = |is_wanted: &dyn Fn(Attribute) -> bool| -> BTreeSet<String> {
        items().filter(|it| is_wanted(*it)).map(|it| it.id().to_owned()).collect()
    };
    let is_claimed = |attribute: Attribute| {
        let mut names = attribute.claims().iter();
        names.any(|name| claims.userinfo.contains(*name) || claims.id_token.contains(*name))
    };
    let terms = list(parameters.get("service_terms"));
    // A misspelt tag must not skip the term that was meant.
    if let Some(unknown) = terms.iter().find(|tag| !service.has_term(tag)) {
        return Err(format!("the service has no term {}", error::quoted(unknown)));
    }
    let channels = list(parameters.get("channel_public_id"));
    let has_channel = |id: &String| service.channels.iter().any(|known| known.public_id == *id);
    if let Some(unknown) = channels.iter().find(|id| !has_channel(id)) {
        return Err(format!("the service has no channel {}", error::quoted(unknown)));
    }
    Ok(Wanted {
        items: ids(&|it| scope.contains(it.id())),
        items_of_claims: ids(&|it| {
            it.standard_scope().is_some_and(|name| scope.contains(name)) || is_claimed(it)
        }),
        terms,
        only_named_terms: false,
        channels,
        consent_again: false,
    })
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
