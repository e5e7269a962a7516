//! A member confirms a code for an app without a secret (RFC 8252, 8.6).

use axum::http::StatusCode;
use consent_contract::problem::Code;
use scraper::{Html, Selector};
use serde_json::{Map, Value};

use crate::{
    browser::{Answer, CHALLENGE, Server, parameter},
    screen,
    shop::{SHOP, SIGN_IN, account},
};

const FORM: &str = "application/x-www-form-urlencoded";
const LOOPBACK: &str = "http://127.0.0.1:6666/callback";
const APP: &str = "com.example.shop:/callback";

/// The shop with a loopback address, and a member.
async fn server(more: &str) -> Server {
    let toml = SHOP
        .replace("[\"https", "[\"http://127.0.0.1/callback\", \"https")
        .replace("approved = true", &format!("approved = true\n{more}"));
    let toml = format!(
        "{toml}{SIGN_IN}{}\n[[account.links]]\nservice = \"shop\"\nhow = \"combined_screen\"\n\
         at = \"2026-01-01T00:00:00Z\"\n",
        account("hana")
    );
    Server::configured(&toml).await.unwrap()
}

fn request<'a>(redirect_uri: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let parameters = [
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", redirect_uri),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "s"),
    ];
    [&parameters[..], more].concat()
}

/// The form of the page: where each button leads, and the hidden fields.
struct Question {
    go_on: String,
    cancel: String,
    fields: String,
}

impl Question {
    #[track_caller]
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert!(!answer.headers.contains_key("refresh"));
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
        let page = Html::parse_document(answer.text());
        let attribute = |css: &str, name: &str| {
            let found = page.select(&Selector::parse(css).unwrap()).next();
            found
                .unwrap_or_else(|| panic!("{css}: {}", answer.text()))
                .attr(name)
                .unwrap()
                .to_owned()
        };
        let hidden = Selector::parse("form input[type=hidden]").unwrap();
        let fields = page
            .select(&hidden)
            .map(|it| (it.attr("name").unwrap().to_owned(), it.attr("value").unwrap().to_owned()));
        Self {
            go_on: attribute("form[method=post]", "action"),
            cancel: attribute("button[name=decision][value=cancel]", "formaction"),
            fields: url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish(),
        }
    }
}

async fn codes(server: &Server) -> i64 {
    server.count("SELECT count(*) FROM codes").await
}

#[tokio::test]
async fn an_app_gets_no_code_silently() {
    let server = server("").await;
    screen::build(&server);
    screen::make_room(&server);
    for uri in [LOOPBACK, APP] {
        let before = codes(&server).await;
        let mut hana = server.proxied("hana");
        let question = Question::of(&hana.authorize(&request(uri, &[])).await);
        let silent = hana.authorize(&request(uri, &[("prompt", "none")])).await;
        assert_eq!(silent.location_parameter("error").as_deref(), Some("interaction_required"));
        hana.user_agent = Some("Mozilla/5.0 (Linux; Android 14) KAKAOTALK/10.8.3 (INAPP)");
        let body: Map<String, Value> =
            request(uri, &[]).iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect();
        let body = serde_json::to_string(&body).unwrap();
        let outcome = hana.post("/api/v1/auto-login", "application/json", body).await;
        assert!(!outcome.text().contains("code="), "{}", outcome.text());
        assert_eq!(codes(&server).await, before, "{uri}");

        let answer = hana.post(&question.go_on, FORM, question.fields.clone()).await;
        assert!(answer.onward().starts_with(uri), "{}", answer.onward());
        assert!(answer.onward_with("code").is_some());
        assert_eq!(answer.onward_with("state").as_deref(), Some("s"));
        assert_eq!(codes(&server).await, before + 1);
    }
}

#[tokio::test]
async fn the_page_asks_in_the_language_of_the_user() {
    let server = server("").await;
    for (language, asks) in [
        ("ko", "<bdi>하나</bdi> 계정으로 <bdi>가게</bdi> 서비스를 계속할까요?"),
        ("en", "Continue to <bdi>가게</bdi> as <bdi>하나</bdi>?"),
        ("ja", "<bdi>하나</bdi>として<bdi>가게</bdi>に進みますか？"),
    ] {
        let mut hana = server.proxied("hana");
        hana.language = Some(language);
        let page = hana.authorize(&request(LOOPBACK, &[])).await;
        assert!(page.text().contains(asks), "{}", page.text());
    }
}

#[tokio::test]
async fn cancelling_leads_back_without_a_code() {
    let server = server("").await;
    let mut hana = server.proxied("hana");
    let question = Question::of(&hana.authorize(&request(APP, &[])).await);
    let body = format!("{}&decision=cancel", question.fields);
    let answer = hana.post(&question.cancel, FORM, body).await;
    assert!(answer.onward().starts_with(APP));
    assert_eq!(answer.onward_with("error").as_deref(), Some("access_denied"));
    assert_eq!(codes(&server).await, 0);
    let late = hana.post(&question.go_on, FORM, question.fields).await;
    assert_eq!(late.status, StatusCode::GONE, "{}", late.text());
    assert_eq!(codes(&server).await, 0);
}

#[tokio::test]
async fn only_the_page_itself_confirms() {
    let server = server("").await;
    let mut hana = server.proxied("hana");
    let question = Question::of(&hana.authorize(&request(LOOPBACK, &[])).await);
    for fields in ["", "csrf_token=guessed"] {
        let answer = hana.post(&question.go_on, FORM, fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
    }
    let foreign = axum::http::Request::post(&question.go_on)
        .header("content-type", FORM)
        .header("sec-fetch-site", "cross-site");
    let foreign = foreign.body(question.fields.clone().into()).unwrap();
    assert_eq!(hana.send(foreign).await.status, StatusCode::FORBIDDEN);
    let mut other = server.proxied("hana");
    let answer = other.post(&question.go_on, FORM, question.fields.clone()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "another session: {}", answer.text());
    let json = hana.post(&question.go_on, "application/json", "{}").await.problem();
    assert_eq!(json.code, Code::MalformedRequest);
    assert_eq!(codes(&server).await, 0);
}

/// A secret, or an https address, identifies the client that gets the code.
#[tokio::test]
async fn other_clients_get_their_code_at_once() {
    let public = server("").await;
    let web = "https://shop.example/callback";
    let answer = public.proxied("hana").authorize(&request(web, &[])).await;
    assert!(answer.location_parameter("code").is_some());
    let confidential = server("client_secret = \"sixteen-characters\"").await;
    for uri in [LOOPBACK, APP, web] {
        let answer = confidential.proxied("hana").authorize(&request(uri, &[])).await;
        assert!(parameter(answer.location(), "code").is_some(), "{uri}");
    }
}

/// None of the parameters of OpenID Connect, nor the way in which the request comes, takes the question
/// away.
#[tokio::test]
async fn no_other_way_in_gives_a_code_silently() {
    let server = server("").await;
    let mut hana = server.proxied("hana");
    let before = codes(&server).await;
    let claims = r#"{"id_token":{"acr":{"essential":true}}}"#;
    for more in [
        [("max_age", "10000"), ("scope", "openid profile email")],
        [("login_hint", "hana"), ("acr_values", "0")],
        [("response_mode", "form_post"), ("claims", claims)],
        [("ui_locales", "ko"), ("display", "popup")],
    ] {
        let asked = hana.authorize(&request(LOOPBACK, &more)).await;
        if asked.status == StatusCode::OK {
            Question::of(&asked);
        } else {
            assert_eq!(asked.location_parameter("error").as_deref(), Some("login_required"));
        }
        let silent = [&more[..], &[("prompt", "none")]].concat();
        let silent = hana.authorize(&request(LOOPBACK, &silent)).await;
        let silent = match silent.location().starts_with('/') {
            true => hana.get(silent.location()).await.text().to_owned(),
            false => silent.location().to_owned(),
        };
        assert!(silent.contains("_required") && !silent.contains("code="), "{silent}");
    }
    // By a form, and with a pushed request.
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(request(LOOPBACK, &[]))
        .finish();
    let there = hana.post("/oauth/authorize", FORM, form.clone()).await;
    Question::of(&hana.get(there.location()).await);
    let pushed: Value = hana.post("/oauth/par", FORM, form).await.json();
    let request_uri = pushed["request_uri"].as_str().unwrap();
    let address = crate::browser::authorize(&[("client_id", "shop"), ("request_uri", request_uri)]);
    let question = Question::of(&hana.get(&address).await);
    assert_eq!(codes(&server).await, before);
    // The user's click does, and again only with another one.
    let answer = hana.post(&question.go_on, FORM, question.fields).await;
    assert!(answer.onward_with("code").is_some());
    Question::of(&hana.get(&address).await);
    assert_eq!(codes(&server).await, before + 1);
}

#[tokio::test]
async fn a_confirmed_code_can_be_posted() {
    let server = server("").await;
    let mut hana = server.proxied("hana");
    let asked = hana.authorize(&request(LOOPBACK, &[("response_mode", "form_post")])).await;
    let question = Question::of(&asked);
    let to = hana.post(&question.go_on, FORM, question.fields).await.onward();
    let page = hana.get(&to).await;
    assert!(page.text().contains("name=\"code\""), "{}", page.text());
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action https: http:;"), "{policy}");
    let app = hana.authorize(&request(APP, &[("response_mode", "form_post")])).await;
    assert_eq!(app.location_parameter("error").as_deref(), Some("invalid_request"));
}
