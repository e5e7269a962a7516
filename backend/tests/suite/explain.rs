//! `consent-backend explain`, and that it never differs from what happens.

use std::process::Command;

use axum::http::StatusCode;
use consent_backend::{
    Store, demo_catalog,
    explain::{Outcome, Question, explain},
};
use consent_contract::{channel, item::ItemKey, request::ConsentState};
use serde_json::Value;

use crate::{
    browser::{Browser, ORIGIN, Server, agreement, cancel, parameter, service},
    database,
};

/// What the service names: `scope`, `service_terms`, `channel_public_id`.
type Named = (&'static str, &'static str, &'static str);

/// What really happened: `no_screen`, `screen` or `refused`, with the keys and channels on the screen.
async fn happened(
    browser: &mut Browser,
    client_id: &str,
    (scope, terms, channels): Named,
) -> (&'static str, Vec<String>, Vec<String>) {
    let nothing = |outcome| (outcome, Vec::new(), Vec::new());
    let named = [("scope", scope), ("service_terms", terms), ("channel_public_id", channels)];
    let named = named.into_iter().filter(|(_, value)| !value.is_empty());
    let parameters: Vec<_> = service(client_id).into_iter().chain(named).collect();
    let answer = browser.authorize(&parameters).await;
    if answer.status == StatusCode::OK {
        // The page of a child, or of a missing value.
        return nothing("refused");
    }
    let location = answer.location().to_owned();
    let Some(challenge) = location.strip_prefix("/consent/") else {
        return match parameter(&location, "code") {
            Some(_) => nothing("no_screen"),
            None => {
                assert_eq!(parameter(&location, "error").as_deref(), Some("invalid_request"));
                nothing("invalid_request")
            }
        };
    };
    let answer = browser.read(challenge).await;
    if answer.status != StatusCode::OK {
        answer.problem();
        return nothing("refused");
    }
    let Ok(ConsentState::Ask(request)) = ConsentState::from_json(answer.text()) else {
        panic!("{}", answer.text())
    };
    let terms = request.terms.iter().map(|term| ItemKey::Term(term.tag.clone()).to_string());
    let items = &request.personal_info.items;
    let items = items.iter().map(|item| ItemKey::Item(item.id.clone()).to_string());
    let offered = channel::offered(&request).iter().map(|it| it.public_id.clone()).collect();
    let mut keys: Vec<String> = terms.chain(items).collect();
    keys.sort();
    ("screen", keys, offered)
}

/// The same, as it is explained.
async fn explained(
    server: &Server,
    account: &str,
    client_id: &str,
    (scope, terms, channels): Named,
) -> (&'static str, Vec<String>, Vec<String>) {
    let store = Store::open_existing(server.location()).await.unwrap();
    let catalog = demo_catalog(ORIGIN);
    let store = store.with_configuration(&catalog, &server.clock).await.unwrap();
    let question = Question {
        account: account.to_owned(),
        service: client_id.to_owned(),
        scope: scope.to_owned(),
        service_terms: terms.to_owned(),
        channel_public_id: channels.to_owned(),
    };
    let explanation = explain(&store, &catalog, &question, server.clock.now()).await.unwrap();
    store.close().await;
    for item in &explanation.items {
        let reasons = (item.asked_because.is_some(), item.not_asked_because.is_some());
        assert!(reasons.0 != reasons.1, "one reason: {item:?}");
    }
    let outcome = match explanation.outcome {
        Outcome::Screen { .. } => "screen",
        Outcome::NoScreen | Outcome::Confirmation => "no_screen",
        Outcome::InvalidRequest { .. } => "invalid_request",
        Outcome::Refused { .. } => "refused",
    };
    if outcome != "screen" {
        return (outcome, Vec::new(), Vec::new());
    }
    let asked = explanation.items.iter().filter(|item| item.asked_because.is_some());
    let mut keys: Vec<String> = asked.map(|item| item.key.clone()).collect();
    keys.sort();
    let offered = explanation.channels.iter().filter(|channel| channel.offered);
    (outcome, keys, offered.map(|channel| channel.public_id.clone()).collect())
}

const ACCOUNTS: [&str; 9] = [
    "new",
    "returning",
    "login-only",
    "channel-added",
    "channel-blocked",
    "no-messenger",
    "no-email",
    "under-14",
    "everything",
];

const REQUESTS: [(&str, Named); 10] = [
    ("demo-shop", ("", "", "")),
    ("demo-shop", ("openid email phone", "marketing", "_hanok,_hanok_events")),
    ("demo-shop", ("shipping_address", "", "")),
    ("demo-shop", ("", "none", "")),
    ("demo-travel", ("", "", "")),
    ("demo-travel", ("", "travel_notice", "")),
    ("demo-bookclub", ("", "newsletter", "_bookclub")),
    ("demo-test-app", ("", "", "")),
    ("demo-pending", ("", "", "")),
    ("demo-parcels", ("", "", "")),
];

#[tokio::test]
async fn an_explanation_is_what_happens_for_every_account_and_service_of_the_demo() {
    let server = Server::demo().await;
    let mut outcomes = std::collections::BTreeSet::new();
    for account in ACCOUNTS {
        let mut browser = server.browser_of(account).await;
        for (client_id, named) in REQUESTS {
            let happened = happened(&mut browser, client_id, named).await;
            let explained = explained(&server, account, client_id, named).await;
            assert_eq!(explained, happened, "{account} at {client_id} {named:?}");
            outcomes.insert(happened.0);
        }
    }
    let every = ["invalid_request", "no_screen", "refused", "screen"];
    assert!(outcomes.into_iter().eq(every), "each outcome was met");
}

#[tokio::test]
async fn an_explanation_is_what_happens_after_refusals_and_withdrawals() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.decide(&challenge, &cancel()).await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
    for (client_id, named) in REQUESTS {
        let happened = happened(&mut browser, client_id, named).await;
        assert_eq!(explained(&server, "new", client_id, named).await, happened, "{named:?}");
    }
}

fn ran(server: &Server, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_consent-backend"))
        .arg("explain")
        .args(arguments)
        .arg("--demo")
        .arg("--data-dir")
        .arg(database::argument(server.folder.path()))
        .output()
        .unwrap();
    let all = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(all).unwrap())
}

#[tokio::test]
async fn the_command_line_names_who_refused_what_and_when() {
    let server = Server::demo().await;
    let (status, said) = ran(&server, &["new", "demo-shop"]);
    assert_eq!(status, 0, "{said}");
    for expected in [
        "A SCREEN: everything is asked",
        "not linked",
        "term:tos (required)  asked: the service is new to the user",
        "item:shipping_address (optional)  not asked: only when the request names it",
        "_hanok  offered",
        "_hanok_events  not offered: not the primary channel",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let asked = browser.asked(&challenge).await;
    let answer = browser.decide(&challenge, &agreement(&asked, |_, required| required)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let (_, said) = ran(&server, &["new", "demo-shop"]);
    for expected in [
        "NO SCREEN: nothing is left to ask",
        "a member",
        "term:tos (required)  not asked: agreed to already; agreed to version 2026-11-01 at ",
        "term:marketing (optional)  not asked: refused, and the request does not name it; refused at ",
        "item:phone_number (optional)  not asked: refused",
        "_hanok  not offered: the user was asked when signing up",
        "  agree (screen)  ",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let (_, said) = ran(&server, &["new", "demo-shop", "--scope", "phone_number"]);
    assert!(said.contains("A SCREEN: something more is asked of a member"), "{said}");
    assert!(said.contains("item:phone_number (optional)  asked: the request names it"), "{said}");
    let (_, said) = ran(&server, &["new", "demo-shop", "--terms", "marketing"]);
    assert!(said.contains("not asked: optional terms alone bring no screen"), "{said}");
    let (_, said) = ran(&server, &["new", "demo-shop", "--terms", "markting"]);
    assert!(said.contains("NO SCREEN: the request is refused"), "{said}");
    let (_, said) = ran(&server, &["no-messenger", "demo-shop", "--json"]);
    let json: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["channels"][0]["not_offered_because"], "not_on_messenger");
    let (_, said) = ran(&server, &["under-14", "demo-travel", "--json"]);
    let json: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["outcome"]["result"], "refused");
    assert_eq!(json["outcome"]["code"], "under_age");
    for (arguments, expected) in [
        (["nobody", "demo-shop"], "there is no account `nobody`"),
        (["new", "none"], "there is no service `none`"),
    ] {
        let (status, said) = ran(&server, &arguments);
        assert!(status == 1 && said.contains(expected), "{said}");
    }
}
