//! Reads authorize requests in Kakao's dialect (Kakao Login REST, "Request authorization code").
//!
//! Faults are pages of our own with a KOE code, not redirects: only what the user does, or what
//! `prompt=none` prevents, goes back to the service.

use std::collections::BTreeSet;

use consent_contract::channel::MOST_OFFERED;
use url::form_urlencoded;

use super::{
    koe::{Koe, KoeError},
    parameters::{is_absent, words},
};
use crate::{
    config::{Catalog, Dialect, KakaoApp, Service},
    crypto,
    oauth::{
        read_request::{LONGEST, LONGEST_PROMPT, is_s256},
        request::{AuthorizeRequest, Prompt, ResponseMode, Wanted},
    },
};

/// Parameters that are read. Others, such as the SDKs' `ka` and `agt`, are ignored.
const KNOWN: [&str; 15] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "prompt",
    "login_hint",
    "service_terms",
    "extra.service_terms",
    "channel_public_id",
    "extra.channel_public_id",
    "code_challenge",
    "code_challenge_method",
    "ui_locales",
];

/// The Kakao app that a client id names. None for a service of another dialect, and for an unknown
/// client of a server that has such services.
///
/// # Errors
/// KOE001, KOE008, KOE101 or KOE207.
pub fn app<'a>(
    client_ids: &[&str],
    catalog: &'a Catalog,
) -> Result<Option<(&'a Service, &'a KakaoApp)>, KoeError> {
    let find = |id: &str| {
        let service = catalog.services.get(id)?;
        Some((service, service.kakao.as_ref()?))
    };
    let is_admin_key = |id: &str| {
        let services = catalog.services.values();
        let mut keys = services.filter_map(|service| service.kakao.as_ref()?.admin_key.as_ref());
        keys.any(|key| crypto::same(key, id))
    };
    let may_be_standard = !catalog.has_only_kakao_apps();
    match client_ids {
        [id] => match find(id) {
            Some(app) => Ok(Some(app)),
            None if is_admin_key(id) => {
                Err(Koe::WrongKeyType.because("client_id is an admin key, not a REST API key"))
            }
            None if may_be_standard => Ok(None),
            None if is_absent(id) => Err(Koe::MissingParameter.because("client_id is missing")),
            None => Err(Koe::UnknownClient.because(format!("Not exist client_id [{id}]"))),
        },
        [] if may_be_standard => Ok(None),
        [] => Err(Koe::MissingParameter.because("client_id is missing")),
        ids if ids.iter().any(|id| find(id).is_some()) => {
            Err(Koe::MalformedRequest.because("client_id is there more than once"))
        }
        _ => Ok(None),
    }
}

/// Reads the query of an authorize request. None when it is another dialect's.
///
/// # Errors
/// The code that the page names.
pub fn read(query: &str, catalog: &Catalog) -> Result<Option<AuthorizeRequest>, KoeError> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let client_ids: Vec<&str> =
        pairs.iter().filter(|(name, _)| name == "client_id").map(|(_, id)| &**id).collect();
    let Some((service, kakao)) = app(&client_ids, catalog)? else { return Ok(None) };
    if let Some(twice) =
        KNOWN.iter().find(|name| pairs.iter().filter(|it| it.0 == **name).count() > 1)
    {
        return Err(Koe::MalformedRequest.because(format!("{twice} is there more than once")));
    }
    let known = || pairs.iter().filter(|(name, _)| KNOWN.contains(&&**name));
    let spelled = |pairs: Vec<&(String, String)>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.into_iter().map(|(name, value)| (name, value))).finish()
    };
    let query = spelled(known().collect());
    let bare = spelled(known().filter(|(name, _)| name != "prompt").collect());
    if bare.len() > LONGEST || query.len() > LONGEST + LONGEST_PROMPT {
        return Err(Koe::MalformedRequest.because("the request is too long"));
    }
    let written = |name: &str| known().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let get = |name: &str| written(name).filter(|value| !is_absent(value));
    let missing = |name: &str| Koe::MissingParameter.because(format!("{name} is missing"));

    if !kakao.login {
        return Err(Koe::LoginIsOff.because("Kakao Login is switched off for this app"));
    }
    let redirect_uri = get("redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
    if !service.redirect_uris.iter().any(|registered| registered == redirect_uri) {
        let why = format!("Not registered redirect_uri [{redirect_uri}]");
        return Err(Koe::RedirectUriNotRegistered.because(why));
    }
    match get("response_type") {
        Some("code") => {}
        None => return Err(missing("response_type")),
        Some("token") => {
            return Err(Koe::ImplicitFlow.because("response_type=token is not supported"));
        }
        Some(other) => {
            let why = format!("Unsupported response type: {other}");
            return Err(Koe::UnsupportedResponseType.because(why));
        }
    }
    let code_challenge = code_challenge(service, &get)?;
    let scope = get("scope").map(words).unwrap_or_default();
    let mut items: BTreeSet<String> = scope.into_iter().collect();
    let names_scopes = !items.is_empty();
    let names_openid = kakao.openid && items.remove("openid");
    if let Some(unknown) = items.iter().find(|id| service.item(id).is_none()) {
        let why = format!("Not configured scope [{unknown}]");
        return Err(Koe::ScopeNotConfigured.because(why));
    }
    let channels =
        channels(service, kakao, get("channel_public_id").or(get("extra.channel_public_id")))?;
    // A parameter without a known tag limits the screen, too: then no term is on it.
    let terms = written("service_terms").or(written("extra.service_terms"));
    let terms = terms.filter(|value| *value != "null");
    Ok(Some(AuthorizeRequest {
        client_id: service.client_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: written("state").map(str::to_owned),
        nonce: get("nonce").map(str::to_owned),
        code_challenge,
        openid: kakao.openid && (names_openid || !names_scopes),
        offline_access: false,
        agreements: false,
        standard_scopes: Vec::new(),
        wanted: Wanted {
            items,
            only_named_terms: terms.is_some(),
            items_of_claims: BTreeSet::new(),
            consent_again: false,
            terms: terms.map(words).unwrap_or_default().into_iter().collect(),
            channels,
        },
        prompt: prompt(get("prompt"))?,
        ui_locales: get("ui_locales").unwrap_or_default().split(' ').map(str::to_owned).collect(),
        dialect: Dialect::Kakao,
        max_age: None,
        id_token_hint: None,
        subjects: None,
        id_token_claims: BTreeSet::new(),
        response_mode: ResponseMode::Query,
        query,
        pushed: None,
    }))
}

fn code_challenge<'a>(
    service: &Service,
    get: &impl Fn(&'static str) -> Option<&'a str>,
) -> Result<Option<String>, KoeError> {
    match (get("code_challenge"), get("code_challenge_method")) {
        (None, None) if !service.require_pkce => Ok(None),
        (None, _) => Err(Koe::MissingParameter.because("code_challenge is missing")),
        (Some(challenge), Some("S256")) if is_s256(challenge) => Ok(Some(challenge.to_owned())),
        (Some(_), Some("S256")) => {
            Err(Koe::InvalidParameter.because("code_challenge is not a SHA-256 digest"))
        }
        (Some(_), _) => Err(Koe::InvalidParameter.because("code_challenge_method must be S256")),
    }
}

/// At most as many as one screen shows. Channels that are not the app's are ignored.
fn channels(
    service: &Service,
    app: &KakaoApp,
    named: Option<&str>,
) -> Result<BTreeSet<String>, KoeError> {
    let Some(named) = named else { return Ok(BTreeSet::new()) };
    if !app.channel_selection || service.channels.is_empty() {
        let why = "Required PLUS_FRIENDS_ON_AGREEMENT_SUPPORTED permission";
        return Err(Koe::NoChannel.because(why));
    }
    let is_own = |id: &String| service.channels.iter().any(|channel| channel.public_id == *id);
    Ok(words(named).into_iter().filter(is_own).take(MOST_OFFERED).collect())
}

fn prompt(value: Option<&str>) -> Result<Option<Prompt>, KoeError> {
    let prompts = words(value.unwrap_or_default());
    let has = |name: &str| prompts.iter().any(|prompt| prompt == name);
    if has("none") {
        return match prompts.len() {
            1 => Ok(Some(Prompt::None)),
            _ => Err(Koe::InvalidParameter.because("prompt=none cannot be combined")),
        };
    }
    // The login page gets the parameter, and knows accounts and certificates.
    Ok(if has("login") || has("create") || has("cert") {
        Some(Prompt::Login)
    } else if has("select_account") {
        Some(Prompt::SelectAccount)
    } else {
        None
    })
}
