//! What every page has.

use crate::shop::{ADMIN_KEY, CLIENT_SECRET, Shop};

const PAGES: [&str; 12] = [
    "/",
    "/goods/first-flush",
    "/basket",
    "/sign-in",
    "/callback",
    "/join",
    "/profile",
    "/leave",
    "/coupons",
    "/developers",
    "/mailbox",
    "/nowhere",
];

#[tokio::test]
async fn every_page_has_the_security_headers_and_no_script() {
    let shop = Shop::open().await;
    let mut member = shop.member().await;
    for path in PAGES {
        let page = member.get(path).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'"), "{path}");
        assert!(!policy.contains("script-src"), "{path}");
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff", "{path}");
        assert!(!page.html.contains("<script"), "{path}");
        assert!(!page.html.contains("style=\""), "{path}");
    }
}

#[tokio::test]
async fn no_page_shows_a_secret() {
    let shop = Shop::open().await;
    let mut member = shop.member().await;
    for path in PAGES {
        let html = member.get(path).await.html;
        for secret in [ADMIN_KEY, CLIENT_SECRET, "of-the-fake-provider"] {
            assert!(!html.contains(secret), "{path} {secret}");
        }
    }
}

#[tokio::test]
async fn the_panel_shows_the_requests_of_the_sign_in_on_the_page_after_it() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await.leads_to("/");
    let page = browser.get("/").await;
    for address in ["/oauth/token", "/v2/user/me", "/v2/user/service_terms"] {
        assert!(page.html.contains(address), "{address}");
    }
    assert!(!browser.get("/").await.html.contains("/oauth/token"), "once");
}

#[tokio::test]
async fn a_language_is_chosen_once_for_all_pages() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    for language in ["ko", "en", "ja"] {
        let fields = [("language", language), ("return_to", "/basket")];
        browser.post("/language", &fields).await.leads_to("/basket");
        let lang = format!("lang=\"{language}\"");
        for path in PAGES {
            let page = browser.open(path).await;
            assert!(page.html.contains(&lang), "{path} {language}: {}", page.html);
        }
    }
}

#[tokio::test]
async fn cookies_are_for_this_shop_only() {
    let shop = Shop::open().await;
    let cookie = shop.browser().get("/").await.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("shop-8090="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    let shop = Shop::open_with(|settings| settings.origin = "https://shop.example".into()).await;
    let page = shop.browser().get("/").await;
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-shop="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    assert!(page.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn signing_in_gives_a_new_session_and_signing_out_ends_it() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    browser.get("/").await;
    let before = browser.cookie.clone();
    browser.sign_in("sign_up").await;
    let signed_in = browser.clone();
    assert_ne!(browser.cookie, before);
    let mut fixed = browser.clone();
    fixed.cookie = before;
    assert!(fixed.get("/profile").await.location.is_some(), "the old cookie is anonymous");
    browser.post("/sign-out", &[]).await.leads_to("/");
    let mut stolen = signed_in;
    assert!(stolen.get("/profile").await.location.is_some(), "the session is over");
}

#[tokio::test]
async fn assets_are_served() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    let page = browser.get("/assets/shop.css").await;
    page.is(200);
    assert_eq!(page.headers["content-type"], "text/css; charset=utf-8");
    browser.get("/assets/none.css").await.is(404);
}
