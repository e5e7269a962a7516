//! `/account`: what users see of their consent, and what they can end.

mod form;
mod leave;
mod page;
mod receipt;
mod sessions;
mod sign_in;
mod state_machine;
mod withdraw;

use axum::http::StatusCode;
use serde_json::Value;

use crate::{
    browser::{Answer, Browser, Server},
    client::{self, FORM, services, tokens},
    form::RenderedPage,
    screen,
};

/// Every scope of the shop.
pub const SCOPE: &str = "openid profile email phone";

/// Everything optional that the shop asks at a sign-up.
pub const EVERYTHING: [&str; 4] =
    ["term:news", "item:account_email", "item:phone_number", "channel:_shop"];

pub const SHOP: &str = "/account/services/shop";

/// A shop, a bookshop and maps, behind a proxy with a login page, with a built screen.
pub async fn server() -> Server {
    with_services(&services()).await
}

pub async fn with_services(toml: &str) -> Server {
    let server = Server::configured(toml).await.unwrap();
    screen::build(&server);
    screen::make_room(&server);
    server
}

/// Hana, who agreed to everything at the shop, with her tokens.
pub async fn member(server: &Server) -> (Browser, Value) {
    let mut browser = server.proxied("hana");
    let tokens = tokens(server, &mut browser, "shop", SCOPE, &EVERYTHING).await;
    (browser, tokens)
}

pub async fn open(browser: &mut Browser, path: &str) -> RenderedPage {
    let page = RenderedPage::of(browser.get(path).await);
    assert_eq!(page.answer.status, StatusCode::OK, "{}", page.answer.text());
    page
}

/// Sends a form of an account page with its token, and more fields.
pub async fn send(browser: &mut Browser, page: &str, path: &str, more: &[(&str, &str)]) -> Answer {
    let page = open(browser, page).await;
    let token = page.attribute("input[name=csrf_token]", "value");
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("csrf_token", &token).extend_pairs(more);
    browser.post(path, FORM, form.finish()).await
}

pub async fn withdraw(browser: &mut Browser, key: &str) -> Answer {
    // The page of a service has a form only where something can be withdrawn.
    let with_token = "/account/sessions";
    send(browser, with_token, &format!("{SHOP}/withdraw"), &[("key", key)]).await
}

pub async fn leave(browser: &mut Browser) -> Answer {
    send(browser, &format!("{SHOP}/leave"), &format!("{SHOP}/leave"), &[]).await
}

/// The state of an agreement on the page of the shop.
pub fn state(page: &RenderedPage, key: &str) -> String {
    page.texts(&format!("[id='{key}'] .state")).remove(0)
}

/// What the shop receives of the user.
pub async fn claims(server: &Server, tokens: &Value) -> Value {
    let answer = client::userinfo(server, tokens).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}
