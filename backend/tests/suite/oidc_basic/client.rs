//! The suite's client and its browser: what every module sends, and checks of each answer.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use consent_contract::decision::Recorded;
use scraper::{Html, Selector};
use serde_json::Value;
use tempfile::TempDir;
use url::{Url, form_urlencoded};

use crate::{
    browser::{Answer, Browser, Server, agreement, authorize},
    tokens,
};

pub const ISSUER: &str = "https://id.example";
pub const CALLBACK: &str = "https://suite.example/test/a/consent/callback";
const LOGIN_PAGE: &str = "https://login.example/";

/// Three clients with every item, and an account with a value for each.
fn services() -> String {
    let client = |id: &str| {
        format!(
            r#"
[[service]]
client_id = "{id}"
client_secret = "a secret of {id}"
name = "Suite"
company = "Suite Inc."
redirect_uris = ["{CALLBACK}"]
approved = true

[service.personal_info]
recipient = "Suite Inc."
purpose = "Tests"
retention = "1 year"
refusal_effect = "None"

[[service.personal_info.items]]
id = "profile_nickname"
label = "Nickname"
required = true

[[service.personal_info.items]]
id = "account_email"
label = "Email"
required = true

[[service.personal_info.items]]
id = "phone_number"
label = "Phone"
required = true

[[service.personal_info.items]]
id = "name"
label = "Name"
required = false

[[service.personal_info.items]]
id = "birthday"
label = "Birthday"
required = false

[[service.personal_info.items]]
id = "shipping_address"
label = "Address"
required = false
"#
        )
    };
    let clients: String = ["basic", "second", "post"].into_iter().map(client).collect();
    format!(
        r#"[sign_in]
account_header = "x-account"
auth_time_header = "x-auth-time"
login_url = "{LOGIN_PAGE}"
{clients}
[[account]]
id = "hana"
nickname = "Hana"
email = "hana@example.com"
phone = "+821012345678"
name = "Kim Hana"
birthday = 1995-04-12
address = "110 Sejong-daero, Jung-gu, Seoul"

[[account]]
id = "duri"
nickname = "Duri"
email = "duri@example.com"
email_verified = false
phone = "01098765432"
phone_number_verified = false
"#
    )
}

/// How a client authenticates at the token endpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    Basic,
    Post,
}

/// How the parameters come to the redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    Query,
    FormPost,
}

/// What the redirect URI was called with.
#[derive(Debug, Clone)]
pub struct Callback {
    pub delivery: Delivery,
    pub parameters: BTreeMap<String, String>,
}

impl Callback {
    #[track_caller]
    pub fn get(&self, name: &str) -> &str {
        self.parameters.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}"))
    }

    /// The error, checked as the suite checks every error.
    #[track_caller]
    pub fn error(&self) -> &str {
        assert!(!self.parameters.contains_key("code"), "{self:?}");
        for name in self.parameters.keys() {
            let known =
                ["error", "error_description", "error_uri", "state", "session_state", "iss"];
            assert!(known.contains(&&**name), "{name}");
        }
        let plain = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(self.get("error_description").bytes().all(plain), "{self:?}");
        self.get("error")
    }
}

/// A finished flow.
#[derive(Debug)]
pub struct Finished {
    pub callback: Callback,
    pub tokens: Value,
    /// The claims of the ID token.
    pub claims: Value,
    /// Of the UserInfo response.
    pub userinfo: Value,
}

impl Finished {
    #[track_caller]
    pub fn auth_time(&self) -> i64 {
        self.claims["auth_time"].as_i64().unwrap_or_else(|| panic!("{}", self.claims))
    }
}

/// A client of the suite, and the browser of its user.
pub struct Suite {
    pub server: Server,
    pub browser: Browser,
    pub client_id: &'static str,
    pub authentication: Authentication,
    /// Who signs in at the login page.
    pub user: &'static str,
    /// How often the login page was shown.
    pub logins: usize,
    /// How often the consent screen was shown.
    pub screens: usize,
    flows: usize,
}

impl Suite {
    pub async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let server = Server::configured_in(folder, &services(), ISSUER).await.unwrap();
        let browser = server.browser();
        Self {
            server,
            browser,
            client_id: "basic",
            authentication: Authentication::Basic,
            user: "hana",
            logins: 0,
            screens: 0,
            flows: 0,
        }
    }

    /// The parameters of the next request, with these changes; a change without a value takes a
    /// parameter away.
    pub fn parameters(&mut self, changes: &[(&str, &str)]) -> Vec<(String, String)> {
        self.flows += 1;
        // As long as the suite sends it in some of its modules.
        let state = format!("{:0>128}", self.flows);
        let nonce = format!("nonce-{}", self.flows);
        let base = [
            ("client_id", self.client_id),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("state", &state),
            ("nonce", &nonce),
            ("response_type", "code"),
        ];
        let mut parameters: Vec<(String, String)> =
            base.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        for (name, value) in changes {
            parameters.retain(|(key, _)| key != name);
            if !value.is_empty() {
                parameters.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        parameters
    }

    /// A request by GET, and all that follows until the redirect URI is called.
    pub async fn authorize(&mut self, changes: &[(&str, &str)]) -> Callback {
        let parameters = self.parameters(changes);
        let address = authorize(&borrowed(&parameters));
        let answer = self.browser.get(&address).await;
        self.follow(answer, &parameters).await
    }

    /// Follows an answer as a browser and its user do, until the redirect URI is called.
    pub async fn follow(&mut self, mut answer: Answer, sent: &[(String, String)]) -> Callback {
        for _ in 0..10 {
            let to = match answer.status {
                StatusCode::OK => return self.called(form_post(&answer), sent),
                _ => answer.location().to_owned(),
            };
            if to.starts_with(CALLBACK) {
                let url = Url::parse(&to).unwrap();
                let parameters = url.query_pairs().into_owned().collect();
                return self.called(Callback { delivery: Delivery::Query, parameters }, sent);
            }
            answer = if let Some(query) = to.strip_prefix(LOGIN_PAGE) {
                self.logins += 1;
                self.browser.account = Some(self.user);
                self.browser.auth_time = Some(self.server.clock.now());
                let query = form_urlencoded::parse(query.trim_start_matches('?').as_bytes());
                let (_, back) = query.into_owned().find(|(key, _)| key == "return_to").unwrap();
                self.browser.get(back.strip_prefix(ISSUER).unwrap()).await
            } else if let Some(challenge) = to.strip_prefix("/consent/") {
                self.screens += 1;
                let asked = self.browser.asked(challenge).await;
                let answer = self.browser.decide(challenge, &agreement(&asked, |_, _| true)).await;
                let recorded: Recorded = answer.json();
                let to = recorded.redirect_to;
                if to.starts_with(CALLBACK) {
                    let url = Url::parse(&to).unwrap();
                    let parameters = url.query_pairs().into_owned().collect();
                    return self.called(Callback { delivery: Delivery::Query, parameters }, sent);
                }
                self.browser.get(&to).await
            } else {
                self.browser.get(&to).await
            };
        }
        panic!("the browser was sent around in circles: {answer:?}");
    }

    /// What every callback must have.
    #[track_caller]
    fn called(&self, callback: Callback, sent: &[(String, String)]) -> Callback {
        let sent = |name: &str| sent.iter().find(|(key, _)| key == name).map(|(_, it)| &**it);
        assert_eq!(callback.parameters.get("state").map(String::as_str), sent("state"));
        assert_eq!(callback.get("iss"), ISSUER);
        if let Some(code) = callback.parameters.get("code") {
            // The suite wants 128 bits and more than 96 bits of Shannon entropy.
            assert!(code.len() >= 32, "{code}");
            let known = ["code", "state", "iss"];
            assert!(callback.parameters.keys().all(|it| known.contains(&&**it)), "{callback:?}");
        }
        callback
    }

    /// A whole flow by GET that succeeds.
    pub async fn flow(&mut self, changes: &[(&str, &str)]) -> Finished {
        let parameters = self.parameters(changes);
        let address = authorize(&borrowed(&parameters));
        let answer = self.browser.get(&address).await;
        let callback = self.follow(answer, &parameters).await;
        self.finish(callback, &parameters, &[]).await
    }

    /// Redeems the code of a callback and checks the tokens.
    pub async fn finish(
        &self,
        callback: Callback,
        sent: &[(String, String)],
        more: &[(&str, &str)],
    ) -> Finished {
        assert!(!callback.parameters.contains_key("error"), "{callback:?}");
        let answer = self.redeem(callback.get("code"), more).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert!(answer.header("content-type").starts_with("application/json"));
        assert_eq!(answer.header("cache-control"), "no-store");
        let tokens: Value = answer.json();
        assert!(tokens["token_type"].as_str().unwrap().eq_ignore_ascii_case("bearer"));
        assert!((1..=365 * 24 * 3600).contains(&tokens["expires_in"].as_i64().unwrap()));
        assert!(tokens["access_token"].as_str().unwrap().len() >= 32);

        let claims = tokens::verified(&self.server, tokens["id_token"].as_str().unwrap()).await;
        let now = self.server.clock.now();
        assert_eq!((&claims["iss"], &claims["aud"]), (&ISSUER.into(), &self.client_id.into()));
        assert!((now - 300..=now).contains(&claims["iat"].as_i64().unwrap()));
        assert!(claims["exp"].as_i64().unwrap() > now);
        let nonce = sent.iter().find(|(key, _)| key == "nonce").map(|(_, it)| &**it);
        assert_eq!(claims.get("nonce").and_then(Value::as_str), nonce);
        let subject = claims["sub"].as_str().unwrap();
        assert!((1..=255).contains(&subject.len()) && subject.is_ascii());
        if let Some(auth_time) = claims.get("auth_time") {
            assert!((now - 365 * 24 * 3600..=now).contains(&auth_time.as_i64().unwrap()));
        }
        if let Some(acr) = claims.get("acr") {
            assert!(!acr.as_str().unwrap().is_empty());
        }
        let access_token = tokens["access_token"].as_str().unwrap();
        let userinfo = self.userinfo(access_token).await;
        assert_eq!(userinfo.status, StatusCode::OK, "{}", userinfo.text());
        let userinfo: Value = userinfo.json();
        assert_eq!(userinfo["sub"], claims["sub"]);
        Finished { callback, claims, userinfo, tokens }
    }

    /// Sends a code to the token endpoint.
    pub async fn redeem(&self, code: &str, more: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", CALLBACK)
            .extend_pairs(more);
        self.post("/oauth/token", form).await
    }

    /// Sends a form as this client, which authenticates in its way.
    pub async fn post(
        &self,
        path: &str,
        mut form: form_urlencoded::Serializer<'_, String>,
    ) -> Answer {
        let secret = format!("a secret of {}", self.client_id);
        let request = Request::post(path).header("content-type", FORM);
        let request = match self.authentication {
            Authentication::Basic => {
                let encode = |text: &str| -> String {
                    form_urlencoded::byte_serialize(text.as_bytes()).collect()
                };
                let pair = format!("{}:{}", encode(self.client_id), encode(&secret));
                request.header("authorization", format!("Basic {}", STANDARD.encode(pair)))
            }
            Authentication::Post => {
                form.append_pair("client_id", self.client_id).append_pair("client_secret", &secret);
                request
            }
        };
        self.server.browser().send(request.body(Body::from(form.finish())).unwrap()).await
    }

    pub async fn userinfo(&self, access_token: &str) -> Answer {
        let request = Request::get("/oauth/userinfo")
            .header("authorization", format!("Bearer {access_token}"))
            .body(Body::empty());
        self.server.browser().send(request.unwrap()).await
    }
}

pub const FORM: &str = "application/x-www-form-urlencoded";

pub fn borrowed(parameters: &[(String, String)]) -> Vec<(&str, &str)> {
    parameters.iter().map(|(name, value)| (&**name, &**value)).collect()
}

/// The form of the page that posts itself.
#[track_caller]
pub fn form_post(answer: &Answer) -> Callback {
    let page = Html::parse_document(answer.text());
    let select = |css: &str| {
        let selector = Selector::parse(css).unwrap();
        page.select(&selector).map(|it| it.value().clone()).collect::<Vec<_>>()
    };
    let forms = select("form");
    assert_eq!(forms.len(), 1, "{}", answer.text());
    assert_eq!(forms[0].attr("method"), Some("post"));
    assert_eq!(forms[0].attr("action"), Some(CALLBACK));
    let fields = select("form input[type=hidden]");
    let field = |it: &scraper::node::Element| {
        (it.attr("name").unwrap().to_owned(), it.attr("value").unwrap().to_owned())
    };
    let parameters: BTreeMap<_, _> = fields.iter().map(field).collect();
    assert_eq!(parameters.len(), fields.len(), "each parameter once");
    Callback { delivery: Delivery::FormPost, parameters }
}
