//! Disconnecting a service, and coming back.

use axum::http::StatusCode;
use consent_contract::{
    decision::Recorded,
    item::ItemKey,
    request::{ConsentRequest, Purpose},
};
use serde_json::Value;

use super::{
    EVERYTHING, SCOPE, SHOP, claims, leave, member, open, server, state, with_services, withdraw,
};
use crate::{
    browser::{Browser, Server, agreement, parameter},
    client::{self, is_error, post, redeem, refresh, request, services, text, tokens, userinfo},
};

#[tokio::test]
async fn the_page_states_what_follows() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    let page = open(&mut browser, &format!("{SHOP}/leave")).await;
    assert_eq!(page.texts("h1"), ["가게 연결을 끊을까요?"]);
    let points = page.texts(".account-page__bullets li").join("\n");
    for expected in ["1년", "메신저 채널(가게)", "차단", "서비스는 같은 이용자로 인식하며"]
    {
        assert!(points.contains(expected), "{expected}: {points}");
    }
    assert_eq!(page.count(".notice"), 0, "no agreement was named");
    for key in ["term:news", "term:none", "x"] {
        let page = open(&mut browser, &format!("{SHOP}/leave?key={key}")).await;
        assert_eq!(page.count(".notice"), 0, "{key} is not required");
    }
    assert_eq!(server.count("SELECT count(*) FROM links").await, 1, "asking changes nothing");
}

#[tokio::test]
async fn the_page_states_whether_the_service_hears_of_it() {
    let target =
        "[service.events]\nurl = \"https://shop.example/events\"\n\n[service.personal_info]";
    let notified = services().replacen("[service.personal_info]", target, 1);
    for (toml, expected) in [(services(), false), (notified, true)] {
        let server = with_services(&toml).await;
        let (mut browser, _) = member(&server).await;
        let page = open(&mut browser, &format!("{SHOP}/leave")).await;
        let points = page.texts(".account-page__bullets li").join("\n");
        let is_stated = points.contains("연결을 끊었다는 사실을 서비스에 알립니다.");
        assert_eq!(is_stated, expected, "{points}");
    }
}

#[tokio::test]
async fn leaving_ends_everything_at_once() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let scope = format!("{SCOPE} offline_access");
    let old = tokens(&server, &mut browser, "shop", &scope, &EVERYTHING).await;
    let unredeemed = client::code(&mut browser, "shop", SCOPE, &[]).await;
    tokens(&server, &mut browser, "books", SCOPE, &[]).await;
    server.clock.advance(60);

    let to = leave(&mut browser).await.location().to_owned();
    assert_eq!(to, format!("{SHOP}?left=1#notice"));
    assert_eq!(userinfo(&server, &old).await.status, StatusCode::UNAUTHORIZED);
    is_error(
        &refresh(&server, "shop", text(&old, "refresh_token"), &[]).await,
        400,
        "invalid_grant",
    );
    is_error(&redeem(&server, "shop", &unredeemed).await, 400, "invalid_grant");
    let token = [("token", text(&old, "access_token"))];
    let found: Value = post(&server, "/oauth/introspect", "shop", &token).await.json();
    assert_eq!(found["active"], false);

    let page = open(&mut browser, &to.replace("#notice", "")).await;
    assert_eq!(page.texts("#notice strong"), ["연결을 끊었습니다"]);
    for key in ["term:tos", "term:news", "item:profile_nickname", "item:account_email"] {
        assert_eq!(state(&page, key), "철회함", "{key}");
    }
    assert_eq!(page.count("button[name=key]") + page.count("a[href$='/leave']"), 0);
    assert_eq!(page.texts("[aria-labelledby=channels] .state"), ["추가함"], "the channel stays");

    let list = open(&mut browser, "/account").await;
    assert_eq!(list.texts(".connection .service__names strong"), ["서점"]);
    assert_eq!(list.texts("[aria-labelledby=former] a"), ["가게"]);
}

#[tokio::test]
async fn a_second_press_changes_nothing() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    let page = open(&mut browser, &format!("{SHOP}/leave")).await;
    let body = format!("csrf_token={}", page.attribute("input[name=csrf_token]", "value"));
    let path = format!("{SHOP}/leave");
    let first = browser.post(&path, client::FORM, body.clone()).await.location().to_owned();
    let second = browser.post(&path, client::FORM, body).await.location().to_owned();
    assert_eq!(first, second);
    assert_eq!(server.count("SELECT count(*) FROM grant_changes").await, 1);
    assert_eq!(browser.get(&path).await.location(), SHOP, "there is nothing to leave");
}

/// Goes through the screen of the shop with these terms, and gives the tokens and what was asked.
async fn sign_up(
    server: &Server,
    browser: &mut Browser,
    terms: &str,
    ticks: impl Fn(&ItemKey, bool) -> bool,
) -> (Value, ConsentRequest) {
    let scope = format!("{SCOPE} agreements");
    let request = request("shop", "https://shop.example/callback", &scope);
    let more = [("service_terms", terms)];
    let more = if terms.is_empty() { &[][..] } else { &more[..] };
    let challenge = browser.authorize(&[&request[..], more].concat()).await.challenge();
    let asked = browser.asked(&challenge).await;
    let recorded: Recorded = browser.decide(&challenge, &agreement(&asked, ticks)).await.json();
    let code = parameter(&recorded.redirect_to, "code").unwrap();
    (redeem(server, "shop", &code).await.json(), asked)
}

/// The same user id, and nothing else of before.
#[tokio::test]
async fn coming_back_starts_from_the_beginning() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let (old, _) = sign_up(&server, &mut browser, "tos,news,later", |_, _| true).await;
    let before = claims(&server, &old).await;
    assert_eq!(before["phone_number"], "+821011112222");
    server.clock.advance(60);
    withdraw(&mut browser, "item:phone_number").await.location();
    server.clock.advance(60);
    leave(&mut browser).await.location();
    server.clock.advance(60);

    let (new, asked) = sign_up(&server, &mut browser, "", |_, required| required).await;
    assert_eq!(asked.purpose, Purpose::SignUp);
    let tags: Vec<_> = asked.terms.iter().map(|it| &*it.tag).collect();
    assert_eq!(tags, ["tos", "news"]);
    assert_eq!(asked.personal_info.items.len(), 3, "what was withdrawn, too");
    assert!(asked.already_agreed.terms.is_empty() && asked.already_agreed.personal_info.is_empty());

    let after = claims(&server, &new).await;
    assert_eq!(after["sub"], before["sub"], "the same user");
    for gone in ["email", "phone_number"] {
        assert_eq!(after.get(gone), None, "{gone}");
    }
    assert_eq!(userinfo(&server, &old).await.status, StatusCode::UNAUTHORIZED, "old tokens");
    // Nor does the service hear of the answers from before.
    let reported = client::get(&server, "/oauth/agreements", text(&new, "access_token")).await;
    let reported: Value = reported.json();
    let statuses: Vec<_> =
        reported["terms"].as_array().unwrap().iter().map(|it| &it["status"]).collect();
    assert_eq!(statuses, ["agreed", "refused", "not_asked"]);
    let page = open(&mut browser, SHOP).await;
    assert_eq!(state(&page, "term:news"), "동의 안 함");
    assert_eq!(state(&page, "item:account_email"), "동의 안 함");
    assert_eq!(page.count("[id='term:later']"), 0);
    // The receipts stay the user's.
    assert_eq!(page.texts("[aria-labelledby=receipts] li").len(), 4);
    assert_eq!(open(&mut browser, "/account").await.count("[aria-labelledby=former]"), 0);
}
