//! Whatever a query holds: it is taken as it was sent, or refused with a code.

use std::sync::LazyLock;

use consent_backend::{
    config::{Catalog, Source},
    oauth::{
        answer,
        request::{AuthorizeRequest, Prompt, RequestFault, read},
    },
};
use consent_contract::redirect;
use proptest::{collection::vec, prelude::*, sample::select};
use url::form_urlencoded;

use super::{ADMIN_KEY, CALLBACK, SHOP};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let openid = SHOP.replace("app_id = 123456", "openid = true\nchannel_selection = true");
    Source::built_in("services.toml", openid).catalog().unwrap()
});

const NAMES: [&str; 17] = [
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
    "ka",
    "agt",
];

const VALUES: [&str; 18] = [
    "",
    "null",
    "shop-rest-api-key",
    ADMIN_KEY,
    CALLBACK,
    "http://localhost:3000/callback",
    "http://localhost:3001/callback",
    "code",
    "token",
    "openid account_email",
    "account_email,phone_number",
    "tos,marketing",
    "_shop,_sale,_other",
    "none ",
    "login,create",
    "S256",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "a&b=c#d\"\\",
];

fn queries() -> impl Strategy<Value = String> {
    let head =
        [("client_id", "shop-rest-api-key"), ("redirect_uri", CALLBACK), ("response_type", "code")];
    let value = prop_oneof![
        4 => select(VALUES.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let more = vec((select(NAMES.to_vec()), value), 0..6);
    (vec(0u8..8, 3), more).prop_map(move |(keep, more)| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let head = head.iter().zip(keep).filter(|(_, keep)| *keep > 0).map(|(pair, _)| pair);
        query.extend_pairs(head).extend_pairs(more).finish()
    })
}

fn was_sent(request: &AuthorizeRequest, query: &str) {
    let service = &CATALOG.services["shop-rest-api-key"];
    let sent = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    assert!(service.redirect_uris.contains(&request.redirect_uri));
    assert_eq!(sent("redirect_uri").as_deref(), Some(&*request.redirect_uri));
    assert_eq!(sent("state"), request.state);
    assert!(request.wanted.items.iter().all(|id| service.item(id).is_some()));
    assert!(request.wanted.channels.len() <= 2);

    assert_eq!(read(&request.query, &CATALOG).as_ref(), Ok(request), "its one spelling is it");
    let after = request.after_login();
    assert!(!matches!(after.prompt, Some(Prompt::Login | Prompt::SelectAccount)));
    assert_eq!(read(&after.query, &CATALOG).as_ref(), Ok(&after), "a login happens once");
    for path in [request.restart_url(), after.restart_url(), request.switch_account_url()] {
        assert!(redirect::is_own_path(&path), "{path}");
    }
    let (_, switch) = request.switch_account_url().split_once('?').map(owned).unwrap();
    let switch = read(&switch, &CATALOG).expect("the same with another prompt is as good");
    assert_eq!(switch.prompt, Some(Prompt::SelectAccount));

    let to = answer::with_code(request, "https://id.example", "the code");
    let query = to.strip_prefix(&format!("{}?", request.redirect_uri)).unwrap();
    let names: Vec<_> = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name).collect();
    assert_eq!(names, ["code", "state"][..1 + usize::from(request.state.is_some())]);
}

fn owned((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

proptest! {
    #[test]
    fn a_request_is_taken_as_it_was_sent_or_refused_with_a_code(query in queries()) {
        match read(&query, &CATALOG) {
            Ok(request) => was_sent(&request, &query),
            Err(RequestFault::Kakao(error)) => {
                prop_assert!(!error.description.is_empty());
                let is_plain = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
                prop_assert!(error.description.chars().all(is_plain), "{:?}", error.description);
            }
            // Several client ids, none of which is an app's.
            Err(RequestFault::InvalidRedirect(reason)) => {
                prop_assert_eq!(reason, "client_id must be there once");
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }
}
