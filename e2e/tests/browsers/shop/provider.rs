//! The provider's bad days: down, slow, nonsense, and a code that it refuses.

use anyhow::Result;
use consent_e2e::pages::Teahouse;
use consent_e2e::proxy::Fault;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use std::time::Duration;

const TOKEN: &str = "/oauth/token";
const ME: &str = "/v2/user/me";

/// A sign-up whose callback meets a fault ends on a page, makes no member, and can be tried again.
async fn ends_on_a_page(
    method: Method,
    path: &'static str,
    fault: fn() -> Fault,
    status: &'static str,
    problem: &'static str,
) -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| {
        let method = method.clone();
        async move {
            app.allow_console_error(status);
            let shop = Teahouse::of(&app);
            shop.be("new").await?;
            let screen = shop.sign_up().await?;
            screen.tick_required().await?;
            app.proxy.fault(method, path, None, fault());
            screen.agree().await?;
            shop.heading(&format!("problem.{problem}")).await?;
            shop.see(&format!("problem.{problem}_do")).await?;
            assert_eq!(app.shop().linked().await?, []);
            app.proxy.clear_faults();
            shop.press("problem.retry").await?;
            shop.see("notice.signed_up").await?;
            app.shop().member().await?;
            Ok(())
        }
    })
    .await
}

macro_rules! bad_days {
    ($($name:ident: $method:ident $path:ident, $fault:expr, $status:literal, $problem:literal;)*) => {
        $(#[tokio::test]
        async fn $name() -> Result<()> {
            let status = concat!("the server responded with a status of ", $status);
            ends_on_a_page(Method::$method, $path, || $fault, status, $problem).await
        })*
    };
}

bad_days! {
    it_is_down: POST TOKEN, Fault::Drop, "502", "provider_down";
    it_refuses_the_code: POST TOKEN, Fault::answer(400, "application/json",
        r#"{"error":"invalid_grant","error_description":"authorization code not found","error_code":"KOE320"}"#),
        "400", "code_refused";
}

/// Who is a member already goes on shopping.
#[tokio::test]
async fn pages_do_without_the_api() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        app.allow_console_error("the server responded with a status of 503");
        let shop = Teahouse::of(&app);
        shop.become_member("new", &[]).await?;
        for path in ["/v2/", "/v1/"] {
            app.proxy.fault(Method::GET, path, None, Fault::status(503));
            app.proxy.fault(Method::POST, path, None, Fault::Drop);
        }
        shop.open("/profile").await?;
        shop.see("profile.agreements_unavailable").await?;
        shop.open("/coupons").await?;
        shop.see("coupons.unavailable_lead").await?;
        shop.open("/developers").await?;
        shop.see("developers.unavailable").await?;
        shop.take("first-flush").await
    })
    .await
}

/// Further rows: the rules behind them are tested on the host, in the suite of the shop.
mod matrix {
    use super::*;

    bad_days! {
        its_api_fails: GET ME, Fault::status(503), "502", "provider_down";
        it_is_slow: POST TOKEN, Fault::Delay(Duration::from_secs(20)), "504", "provider_slow";
        it_answers_with_a_page: POST TOKEN, Fault::answer(200, "text/html", "<h1>Hello</h1>"), "502",
            "provider_nonsense";
        it_signs_for_someone_else: POST TOKEN, Fault::json(|json| {
            let token = json["id_token"].as_str().unwrap_or_default().to_owned();
            let (signed, _) = token.rsplit_once('.').unwrap_or_default();
            json["id_token"] = format!("{signed}.bm90IGEgc2lnbmF0dXJl").into();
        }), "502", "provider_nonsense";
        it_names_another_user: GET ME, Fault::json(|json| json["id"] = 1.into()), "502",
            "provider_nonsense";
    }
}
