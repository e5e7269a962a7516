//! `auth_time`, `max_age` and `prompt=login`: the provider's word, verified, in our own tokens.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{claims, comes_back, english, hana, page, request, sent, server, signs_in, signs_up};

const NOT_CONFIRMED: &str = "Your sign-in couldn't be confirmed";

#[tokio::test]
async fn the_time_of_authentication_is_the_providers() {
    let (provider, server) = server().await;
    let mut browser = server.browser();
    signs_up(&mut browser, &server, &provider).await;
    browser.cookies.clear();
    let at = sent(&mut browser, &provider, &request(&[])).await;
    let authenticated = server.clock.now() - 5000;
    let mut hana = hana(&server, &provider, &at);
    hana["auth_time"] = json!(authenticated);
    let back = comes_back(&mut browser, &provider, &at, &hana).await;
    let answer = browser.get(back.location()).await;
    let code = answer.location_parameter("code").unwrap();
    assert_eq!(claims(&server, &code).await.0["auth_time"], authenticated);
    // Old enough for a service that wants a recent login, and recent enough for another.
    let silent = [("prompt", "none"), ("max_age", "6000")];
    assert!(browser.get(&request(&silent)).await.location_parameter("code").is_some());
    let silent = [("prompt", "none"), ("max_age", "4000")];
    let answer = browser.get(&request(&silent)).await;
    assert_eq!(answer.location_parameter("error").as_deref(), Some("login_required"));
    sent(&mut browser, &provider, &request(&[("max_age", "4000")])).await;
}

#[tokio::test]
async fn max_age_0_reaches_the_provider_and_comes_back_verified() {
    let (provider, server) = server().await;
    let mut browser = server.browser();
    signs_up(&mut browser, &server, &provider).await;
    for more in [[("max_age", "0")], [("prompt", "login")]] {
        server.clock.advance(100);
        let answer = signs_in(&mut browser, &server, &provider, &more).await;
        let code = answer.location_parameter("code").unwrap();
        let (id_token, _) = claims(&server, &code).await;
        let at = id_token["auth_time"].as_i64().unwrap();
        assert!((server.clock.now() - at).abs() <= 5, "{more:?} {at}");
    }
}

/// A login that the provider did not repeat, or says nothing of.
#[tokio::test]
async fn a_login_that_is_too_old_counts_for_nothing() {
    let (provider, server) = server().await;
    let mut browser = english(&server);
    signs_up(&mut browser, &server, &provider).await;
    for (more, age) in [
        ([("max_age", "0")], Some(61)),
        ([("max_age", "0")], None),
        ([("prompt", "login")], Some(61)),
        ([("prompt", "login")], None),
        ([("max_age", "300")], Some(361)),
        ([("max_age", "300")], None),
    ] {
        let mut browser = english(&server);
        // The age is counted from before the browser was sent, however long that takes.
        let now = server.clock.now();
        let at = sent(&mut browser, &provider, &request(&more)).await;
        let mut hana = hana(&server, &provider, &at);
        match age {
            Some(age) => hana["auth_time"] = json!(now - age),
            None => drop(hana.as_object_mut().unwrap().remove("auth_time")),
        }
        let answer = comes_back(&mut browser, &provider, &at, &hana).await;
        let links = page(&answer, StatusCode::FORBIDDEN, NOT_CONFIRMED);
        assert_eq!(links.len(), 2);
        assert_eq!(browser.cookie_name("session"), None, "{more:?} {age:?}");
    }
}

/// The clocks of the provider and of this server may be a minute apart.
#[tokio::test]
async fn clocks_may_be_apart() {
    let (provider, server) = server().await;
    let mut browser = server.browser();
    signs_up(&mut browser, &server, &provider).await;
    for more in [[("max_age", "0")], [("prompt", "login")], [("max_age", "20")]] {
        for skew in [-50, 50] {
            server.clock.advance(100);
            let at = sent(&mut browser, &provider, &request(&more)).await;
            let mut hana = hana(&server, &provider, &at);
            for claim in ["iat", "exp", "auth_time"] {
                hana[claim] = json!(hana[claim].as_i64().unwrap() + skew);
            }
            let back = comes_back(&mut browser, &provider, &at, &hana).await;
            let answer = browser.get(back.location()).await;
            assert!(answer.location_parameter("code").is_some(), "{more:?} {skew}");
        }
    }
}

/// The way back of a login that was asked for is no proof that one happened.
#[tokio::test]
async fn signing_in_in_another_tab_is_no_fresh_login() {
    let (provider, server) = server().await;
    let mut browser = english(&server);
    signs_up(&mut browser, &server, &provider).await;
    server.clock.advance(1000);
    let strict = browser.get(&request(&[("prompt", "login")])).await;
    let url = format!("{}{}", crate::browser::ORIGIN, strict.location());
    let return_to = crate::browser::parameter(&url, "return_to").unwrap();
    // Without having been at the provider.
    page(&browser.get(&return_to).await, StatusCode::FORBIDDEN, NOT_CONFIRMED);
    // Having been there for another request, which asked for nothing.
    let at = sent(&mut browser, &provider, &request(&[("prompt", "select_account")])).await;
    let mut old = hana(&server, &provider, &at);
    old["auth_time"] = json!(server.clock.now() - 1000);
    comes_back(&mut browser, &provider, &at, &old).await.location();
    page(&browser.get(&return_to).await, StatusCode::FORBIDDEN, NOT_CONFIRMED);
    // The same at a provider that does not say when.
    let at = sent(&mut browser, &provider, &request(&[("prompt", "select_account")])).await;
    let silent = without_auth_time(hana(&server, &provider, &at));
    comes_back(&mut browser, &provider, &at, &silent).await.location();
    page(&browser.get(&return_to).await, StatusCode::FORBIDDEN, NOT_CONFIRMED);
}

fn without_auth_time(mut claims: Value) -> Value {
    claims.as_object_mut().unwrap().remove("auth_time");
    claims
}

/// The provider may have asked for nothing: no service receives a time, and none that wants a recent
/// login gets this one.
#[tokio::test]
async fn a_time_that_the_provider_does_not_say_is_not_made_up() {
    let (provider, server) = server().await;
    let mut browser = english(&server);
    signs_up(&mut browser, &server, &provider).await;
    browser.cookies.clear();
    let at = sent(&mut browser, &provider, &request(&[])).await;
    let silent = without_auth_time(hana(&server, &provider, &at));
    let back = comes_back(&mut browser, &provider, &at, &silent).await;
    let answer = browser.get(back.location()).await;
    let code = answer.location_parameter("code").unwrap();
    let (id_token, _) = claims(&server, &code).await;
    assert_eq!(id_token.get("auth_time"), None, "{id_token}");
    for max_age in ["0", "300", "99999999999"] {
        let silent = [("prompt", "none"), ("max_age", max_age)];
        let answer = browser.get(&request(&silent)).await;
        assert_eq!(answer.location_parameter("error").as_deref(), Some("login_required"));
        let login = browser.get(&request(&[("max_age", max_age)])).await;
        assert!(login.location().starts_with("/sign-in?return_to="), "{}", login.location());
        // Nor by coming back without having been there.
        let url = format!("{}{}", crate::browser::ORIGIN, login.location());
        let return_to = crate::browser::parameter(&url, "return_to").unwrap();
        page(&browser.get(&return_to).await, StatusCode::FORBIDDEN, NOT_CONFIRMED);
    }
    // The list of sessions shows when the user signed in here.
    crate::screen::build(&server);
    crate::screen::make_room(&server);
    let page = browser.get("/account/sessions").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(!page.text().contains("1970"), "{}", page.text());
}

#[tokio::test]
async fn choosing_an_account_is_enough_without_a_new_login() {
    let (provider, server) = server().await;
    let mut browser = server.browser();
    signs_up(&mut browser, &server, &provider).await;
    let answer = signs_in(&mut browser, &server, &provider, &[("prompt", "select_account")]).await;
    assert!(answer.location_parameter("code").is_some(), "{}", answer.location());
}
