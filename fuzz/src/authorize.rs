//! Queries of authorize requests, and the addresses in them.

use std::sync::LazyLock;

use consent_backend::{
    config::{Catalog, Service, Source},
    oauth::{
        answer,
        request::{AuthorizeRequest, Prompt, RequestFault, read, restart_url},
    },
};
use consent_contract::redirect;
use url::{Url, form_urlencoded};

use crate::redirect_target;

const ISSUER: &str = "https://id.example";

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let toml = include_str!("../services.toml").to_owned();
    Source::built_in("services.toml", toml).catalog().expect("the services are described well")
});

/// A query is read as an authorize request, and as an address to go to.
///
/// # Panics
/// When a request that was taken is not the one that was sent, or leads to where it may not.
pub fn check(query: &[u8]) {
    let query = String::from_utf8_lossy(query);
    redirect_target::check(query.as_bytes());
    let sent: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    for (_, value) in &sent {
        redirect_target::check(value.as_bytes());
    }
    match read(&query, &CATALOG) {
        Ok(request) => was_sent(&request, &sent),
        Err(RequestFault::Redirect { redirect_uri, state, error, description }) => {
            let service = service(&sent);
            is_registered(&redirect_uri, service);
            let to = answer::with_error(
                &redirect_uri,
                state.as_deref(),
                Some(ISSUER),
                error,
                &description,
            );
            let sent = parameters(&to, &redirect_uri);
            assert_eq!(value(&sent, "error"), Some(error.name()));
            assert_eq!(value(&sent, "state"), state.as_deref());
            // RFC 6749, 4.1.2.1.
            let plain = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            assert!(description.bytes().all(plain), "{description:?}");
        }
        Err(RequestFault::InvalidRedirect(reason)) => assert!(!reason.is_empty()),
        Err(RequestFault::Kakao(error)) => {
            panic!("no service of the catalog is a Kakao app: {error:?}")
        }
    }
}

fn was_sent(request: &AuthorizeRequest, sent: &[(String, String)]) {
    let service = service(sent);
    assert_eq!(request.client_id, service.client_id);
    is_registered(&request.redirect_uri, service);
    let once = |name: &str| {
        let mut values = sent.iter().filter(|(key, _)| key == name);
        let first = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} was sent twice");
        // An empty one counts as absent.
        first.filter(|value| !value.is_empty())
    };
    assert_eq!(once("redirect_uri"), Some(&*request.redirect_uri));
    assert_eq!(once("response_type"), Some("code"));
    assert_eq!(once("state"), request.state.as_deref());
    assert_eq!(once("nonce"), request.nonce.as_deref());
    assert_eq!(once("code_challenge"), request.code_challenge.as_deref());
    assert!(request.code_challenge.is_some() || !service.require_pkce);
    assert!(service.require_pkce || service.client_secret.is_some());
    let sent_word = |name: &str, word: &str| {
        once(name).unwrap_or_default().split([',', ' ']).any(|sent| sent == word)
    };
    assert_eq!(request.openid, sent_word("scope", "openid"));
    for item in &request.wanted.items {
        assert!(sent_word("scope", item) && service.item(item).is_some(), "{item:?}");
    }
    for tag in &request.wanted.terms {
        assert!(sent_word("service_terms", tag) && service.has_term(tag), "{tag:?}");
    }
    for id in &request.wanted.channels {
        let known = service.channels.iter().any(|channel| channel.public_id == *id);
        assert!(sent_word("channel_public_id", id) && known, "{id:?}");
    }
    assert_eq!(request.prompt == Some(Prompt::None), once("prompt").is_some_and(is_none));

    assert_eq!(read(&request.query, &CATALOG).as_ref(), Ok(request), "its one spelling is it");
    assert_eq!(request.restart_url(), restart_url(&request.query));
    let after = request.after_login();
    for path in [request.restart_url(), after.restart_url(), request.switch_account_url()] {
        assert!(redirect::is_own_path(&path), "{path}");
        assert!(path.starts_with("/oauth/authorize?"), "{path}");
    }
    let asks_for_a_login =
        |it: &AuthorizeRequest| matches!(it.prompt, Some(Prompt::Login | Prompt::SelectAccount));
    assert!(!asks_for_a_login(&after), "asking for another login would never end");
    assert_eq!(read(&after.query, &CATALOG).as_ref(), Ok(&after));
    let same = AuthorizeRequest {
        prompt: request.prompt.filter(|_| !asks_for_a_login(request)),
        query: after.query.clone(),
        ..request.clone()
    };
    assert_eq!(after, same);
    let switch = request.switch_account_url();
    let switch = read(switch.split_once('?').expect("there is a query").1, &CATALOG);
    let switch = switch.expect("the same with another prompt is as good");
    assert_eq!(switch.prompt, Some(Prompt::SelectAccount));
    let same =
        AuthorizeRequest { prompt: switch.prompt, query: switch.query.clone(), ..request.clone() };
    assert_eq!(switch, same);

    let sent = parameters(&answer::with_code(request, ISSUER, "the code"), &request.redirect_uri);
    assert_eq!(value(&sent, "code"), Some("the code"));
    assert_eq!(value(&sent, "state"), request.state.as_deref());
}

fn is_none(prompt: &str) -> bool {
    let mut words = prompt.split([',', ' ']).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(|word| word == "none")
}

fn service(sent: &[(String, String)]) -> &'static Service {
    let id = value(sent, "client_id").expect("without a service there is no way back");
    &CATALOG.services[id]
}

/// To the letter, or on this machine but for the port.
fn is_registered(uri: &str, service: &Service) {
    let url = Url::parse(uri).expect("a registered address is one");
    let but_for_port = |registered: &String| {
        let mut registered = Url::parse(registered).expect("a registered address is one");
        let local = registered.host_str().is_some_and(redirect::is_loopback);
        let same_port = registered.set_port(url.port()).is_ok();
        local && same_port && registered.scheme() == "http" && registered == url
    };
    let known = &service.redirect_uris;
    assert!(known.iter().any(|it| it == uri) || known.iter().any(but_for_port), "{uri}");
}

/// The parameters that the service is given at this address: those of its own, and ours once each.
fn parameters(address: &str, redirect_uri: &str) -> Vec<(String, String)> {
    assert_eq!(redirect::check(address, Some(&answer::destination(redirect_uri))), Ok(()));
    let sent: Vec<_> =
        Url::parse(address).expect("an address").query_pairs().into_owned().collect();
    assert_eq!(value(&sent, "iss"), Some(ISSUER));
    let own = Url::parse(redirect_uri).expect("an address");
    let own: Vec<_> = own.query_pairs().into_owned().collect();
    assert_eq!(sent[..own.len()], own, "what the service put there itself stays");
    for (name, _) in &sent {
        assert_eq!(sent.iter().filter(|(other, _)| other == name).count(), 1, "{name} twice");
    }
    sent
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}
