//! The list of services, the page of one, and the texts.

use axum::http::StatusCode;

use super::{EVERYTHING, SCOPE, SHOP, member, open, server, state, with_services, withdraw};
use crate::{
    browser::{ORIGIN, Server},
    client::{services, tokens},
    screen,
};

#[tokio::test]
async fn the_list_has_each_service_with_what_it_receives() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    server.clock.advance(60);
    tokens(&server, &mut browser, "books", SCOPE, &[]).await;
    let page = open(&mut browser, "/account").await;
    assert_eq!(page.texts("h1"), ["내 동의 관리"]);
    assert_eq!(page.texts(".connection .service__names strong"), ["서점", "가게"]);
    assert_eq!(
        page.texts(".connection:nth-child(2) dd bdi"),
        ["닉네임", "이메일", "전화번호", "이용약관", "광고성 정보 수신", "가게"]
    );
    assert_eq!(page.texts(".connection:nth-child(1) dd bdi"), ["닉네임", "이용약관"]);
    assert_eq!(page.count(".connection dd time"), 2);
    assert_eq!(page.attribute(".connection:nth-child(2) a.button", "href"), SHOP);
    assert!(page.answer.text().contains("ha***@example.com"), "which account it is");
    assert!(!page.answer.text().contains("hana@example.com"), "masked");
}

#[tokio::test]
async fn a_user_without_a_service_sees_an_empty_list() {
    let server = server().await;
    let page = open(&mut server.proxied("duri"), "/account").await;
    assert_eq!(page.count(".connection"), 0);
    assert_eq!(page.texts(".account-page__empty").len(), 1);
}

#[tokio::test]
async fn the_page_of_a_service_has_every_answer() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    tokens(&server, &mut browser, "shop", SCOPE, &["item:account_email"]).await;
    let page = open(&mut browser, SHOP).await;
    for (key, expected) in [
        ("term:tos", "동의함"),
        ("term:news", "동의 안 함"),
        ("item:profile_nickname", "동의함"),
        ("item:account_email", "동의함"),
        ("item:phone_number", "동의 안 함"),
    ] {
        assert_eq!(state(&page, key), expected, "{key}");
    }
    assert_eq!(page.count("[id='term:later']"), 0, "never asked");
    // What is required is withdrawn by leaving; what was refused is not withdrawn.
    assert_eq!(page.attributes("button[name=key]", "value"), ["item:account_email"]);
    assert_eq!(page.count("a[href='/account/services/shop/leave?key=term:tos']"), 1);
    assert_eq!(page.texts("[aria-labelledby=channels] .state"), ["추가 안 함"]);
    let date = page.attribute("[id='term:tos'] time", "datetime");
    assert!(date.ends_with("+09:00"), "in the service's time zone: {date}");
}

/// Also before maintenance has recorded the end.
#[tokio::test]
async fn what_ends_by_itself_is_shown_before_and_after() {
    let toml = services().replace("tag = \"news\"\n", "tag = \"news\"\nvalid_for = \"30 days\"\n");
    let server = with_services(&toml).await;
    let (mut browser, _) = member(&server).await;
    let page = open(&mut browser, "/account").await;
    let facts = page.texts(".connection dd").join("\n");
    assert!(facts.contains("광고성 정보 수신 · "), "{facts}");
    let page = open(&mut browser, SHOP).await;
    assert_eq!(state(&page, "term:news"), "동의함");
    assert_eq!(page.count("[id='term:news'] time"), 2, "since when, and until when");
    assert_eq!(page.count("[id='term:tos'] time"), 1);

    server.clock.advance(30 * 24 * 60 * 60);
    let page = open(&mut browser, SHOP).await;
    assert_eq!(state(&page, "term:news"), "기간 만료");
    assert_eq!(state(&page, "term:tos"), "동의함");
    let page = open(&mut browser, "/account").await;
    assert!(!page.texts(".connection dd").join("\n").contains("광고성 정보 수신"));
    server.app.run_maintenance().await;
    assert_eq!(state(&open(&mut browser, SHOP).await, "term:news"), "기간 만료");
}

#[tokio::test]
async fn the_pages_hold_no_script_and_are_kept_by_no_one() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    withdraw(&mut browser, "term:news").await;
    let receipt = {
        let page = open(&mut browser, SHOP).await;
        page.attribute("[aria-labelledby=receipts] a", "href")
    };
    let text = {
        let page = open(&mut browser, SHOP).await;
        page.attribute("[id='term:tos'] a[href*=digest]", "href")
    };
    let leave = format!("{SHOP}/leave");
    for path in ["/account", SHOP, &leave, &receipt, &text, "/account/sessions"] {
        let page = open(&mut browser, path).await;
        assert_eq!(page.count("script"), 0, "{path}");
        assert_eq!(page.count("h1"), 1, "{path}");
        assert_eq!(page.count("main"), 1, "{path}");
        assert_eq!(page.answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.answer.header("content-language"), "ko", "{path}");
        let policy = page.answer.header("content-security-policy");
        assert!(policy.contains("script-src 'none'"), "{policy}");
        assert!(policy.contains("form-action 'self'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        // The page's own style sheet, and the one of the built page.
        let all = scraper::Selector::parse("style").unwrap();
        let styles: Vec<String> =
            page.html.select(&all).map(|style| style.text().collect()).collect();
        assert!(!styles.is_empty(), "{path}");
        for style in styles {
            assert!(policy.contains(&screen::digest(&style)), "{path}: {style}");
        }
    }
}

#[tokio::test]
async fn the_pages_are_in_the_languages_of_the_screen() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    for (language, heading, state_of_tos) in [
        ("ko", "가게 동의 관리", "동의함"),
        ("en-GB,en", "Your consent at 가게", "Agreed"),
        ("ja", "가게への同意の管理", "同意済み"),
    ] {
        browser.language = Some(language);
        let page = open(&mut browser, SHOP).await;
        assert_eq!(page.attribute("html", "lang"), &language[..2]);
        assert_eq!(state(&page, "term:tos"), state_of_tos, "{language}");
        assert_eq!(page.texts("h1"), [heading], "{language}");
    }
}

#[tokio::test]
async fn a_service_that_the_user_never_met_has_no_page() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    for path in
        ["/account/services/books", "/account/services/none", "/account/services/books/leave"]
    {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
    }
    let mut other = server.proxied("duri");
    assert_eq!(other.get(SHOP).await.status, StatusCode::NOT_FOUND, "another user's service");
}

#[tokio::test]
async fn other_methods_are_refused() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    for (path, allowed) in [
        ("/account", "GET"),
        (SHOP, "GET"),
        ("/account/services/shop/text", "GET"),
        ("/account/sessions", "GET"),
    ] {
        let answer = browser.post(path, crate::client::FORM, "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(answer.header("allow").contains(allowed), "{path}");
    }
    for path in [&format!("{SHOP}/withdraw"), "/account/sessions/end", "/account/sessions/end-all"]
    {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.header("allow"), "POST", "{path}");
    }
}

/// The text that was agreed to stays readable after a newer one is in force, and the page links it.
#[tokio::test]
async fn a_text_is_shown_as_it_was_with_the_newer_one() {
    let first = services();
    let server = with_services(&first).await;
    member(&server).await;
    let Server { folder, app, .. } = server;
    app.close().await;
    let newer = "\n[[service.terms]]\ntag = \"tos\"\nkind = \"service\"\nrequired = true\n\
        version = \"2\"\neffective_from = 2026-02-01\ntitle = \"새 이용약관\"\n\
        text = \"더 많은 물건을 팝니다.\"\n\n[[service.terms]]\ntag = \"news\"";
    let second = first.replacen("\n[[service.terms]]\ntag = \"news\"", newer, 1);
    let server = Server::configured_in(folder, &second, ORIGIN).await.unwrap();
    let mut browser = server.proxied("hana");
    let page = open(&mut browser, SHOP).await;
    assert_eq!(page.texts("[id='term:tos'] .agreement__title bdi"), ["이용약관"]);
    assert_eq!(page.texts("[id='term:tos'] .agreement__newer").len(), 1);
    assert_eq!(page.count("[id='term:news'] .agreement__newer"), 0);
    let links = "[id='term:tos'] a[href*=digest]";
    let old = open(&mut browser, &page.attribute(links, "href")).await;
    assert_eq!(old.texts("h1"), ["이용약관"]);
    assert!(old.answer.text().contains("물건을 팝니다."));
    assert!(!old.answer.text().contains("더 많은"));
    assert_eq!(old.texts(".lead").len(), 1, "when it was agreed to");
    let to_newer = old.attribute(".notice a", "href");
    let new = open(&mut browser, &to_newer).await;
    assert_eq!(new.texts("h1"), ["새 이용약관"]);
    assert_eq!(new.count(".lead"), 0, "not agreed to");
}

#[tokio::test]
async fn the_statements_are_shown_as_they_were() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    let page = open(&mut browser, SHOP).await;
    let link = page.attribute("[aria-labelledby=items] .account-page__links a", "href");
    let statement = open(&mut browser, &link).await;
    let texts = statement.texts("dd");
    for expected in
        ["가게 주식회사", "주문", "1년", "주문할 수 없습니다", "[필수] 닉네임", "[선택] 전화번호"]
    {
        assert!(texts.iter().any(|it| it == expected), "{expected}: {texts:?}");
    }
    // They are no one else's to read.
    let mut other = server.proxied("duri");
    tokens(&server, &mut other, "shop", SCOPE, &EVERYTHING).await;
    assert_eq!(other.get(&link).await.status, StatusCode::OK, "the same statements");
    let mut maps = server.proxied("duri");
    tokens(&server, &mut maps, "books", SCOPE, &[]).await;
    let at_books = link.replace("/shop/", "/books/");
    assert_eq!(maps.get(&at_books).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_text_that_is_not_there() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    for query in ["", "?digest=", "?digest=sha256-none", "?digest=a&digest=b"] {
        let answer = browser.get(&format!("{SHOP}/text{query}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{query}");
    }
}

/// Its receipts and agreements stay the user's to see and to end.
#[tokio::test]
async fn a_service_that_is_not_configured_any_more_keeps_its_page() {
    let server = server().await;
    member(&server).await;
    let Server { folder, app, .. } = server;
    app.close().await;
    let others = services();
    let (head, rest) =
        others.split_at(others.find("\n[[service]]\nclient_id = \"books\"").unwrap());
    assert!(head.contains("client_id = \"shop\""));
    let server = Server::configured_in(folder, rest, ORIGIN).await.unwrap();
    let mut browser = server.proxied("hana");
    let list = open(&mut browser, "/account").await;
    assert_eq!(list.texts(".connection .service__names strong"), ["shop"]);
    let page = open(&mut browser, SHOP).await;
    assert_eq!(state(&page, "term:tos"), "동의함");
    let receipt = page.attribute("[aria-labelledby=receipts] a", "href");
    open(&mut browser, &receipt).await;
    // Nothing is required by a service that is not there.
    withdraw(&mut browser, "term:tos").await;
    assert_eq!(state(&open(&mut browser, SHOP).await, "term:tos"), "철회함");
}

/// Names and titles that try to be markup.
#[tokio::test]
async fn what_services_and_users_wrote_is_text() {
    let hostile = "<b>x</b><script>alert(1)</script>";
    let toml = services()
        .replace("name = \"가게\"", &format!("name = \"{hostile}\""))
        .replace("title = \"이용약관\"", &format!("title = \"{hostile}\""))
        .replace("nickname = \"하나\"", &format!("nickname = \"{hostile}\""));
    let server = with_services(&toml).await;
    let (mut browser, _) = member(&server).await;
    for path in ["/account", SHOP, &format!("{SHOP}/leave?key=term:tos"), "/account/sessions"] {
        let page = open(&mut browser, path).await;
        assert_eq!(page.count("script") + page.count("main b"), 0, "{path}");
    }
}

/// A sign-up that was cancelled is no connection.
#[tokio::test]
async fn a_cancelled_screen_leaves_a_record_and_no_connection() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let request = crate::client::request("shop", "https://shop.example/callback", SCOPE);
    let challenge = browser.authorize(&request).await.challenge();
    browser.decide(&challenge, &crate::browser::cancel()).await;
    assert_eq!(open(&mut browser, "/account").await.count(".connection"), 0);
    let page = open(&mut browser, SHOP).await;
    assert_eq!(page.texts(".lead"), ["연결되어 있지 않습니다. 아래는 지금까지의 기록입니다."]);
    assert_eq!(page.count("form") + page.count("[id^='term:']"), 0);
    assert_eq!(page.texts("[aria-labelledby=receipts] li").len(), 1);
}
