//! Signing in by a proxy: the way to the login page and back.

use axum::{
    body::Body,
    http::{HeaderValue, Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    browser::{Answer, Browser, CHALLENGE, ORIGIN, Server, VERIFIER, authorize, parameter},
    shop::{SHOP, SIGN_IN},
};

const CALLBACK: &str = "https://shop.example/callback";

/// Two members, and a login page on another host.
const LOGIN: &str = "\n[sign_in]\naccount_header = \"x-account\"\n\
                     login_url = \"https://login.example/start?lang=ko\"\n";

const PEOPLE: &str = "\n[[account]]\nid = \"hana@example.com\"\nnickname = \"하나\"\n\n\
    [[account.links]]\nservice = \"shop\"\nhow = \"combined_screen\"\nat = \"2026-01-01T00:00:00Z\"\n\n\
    [[account]]\nid = \"duri\"\nnickname = \"두리\"\n\n\
    [[account.links]]\nservice = \"shop\"\nhow = \"combined_screen\"\nat = \"2026-01-01T00:00:00Z\"\n";

const HANA: &str = "hana@example.com";

/// A server with a login page.
async fn server() -> Server {
    Server::configured(&format!("{SHOP}{LOGIN}{PEOPLE}")).await.unwrap()
}

fn request(more: &[(&str, &str)]) -> String {
    let parameters = [
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    authorize(&[&parameters[..], more].concat())
}

/// A browser behind the proxy, which names this account; none when no one is signed in there.
struct Behind {
    browser: Browser,
    named: Vec<(&'static str, Vec<u8>)>,
}

impl Behind {
    fn new(server: &Server, account: &str) -> Self {
        let mut behind = Self { browser: server.browser(), named: Vec::new() };
        behind.is_named(account);
        behind
    }

    fn is_named(&mut self, account: &str) {
        self.named = Vec::new();
        if !account.is_empty() {
            self.named.push(("x-account", account.into()));
        }
    }

    async fn get(&mut self, path: &str) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in &self.named {
            request = request.header(*name, HeaderValue::from_bytes(value).unwrap());
        }
        self.browser.send(request.body(Body::empty()).unwrap()).await
    }

    /// Is sent to the login page. Where that sends the browser back to.
    #[track_caller]
    fn sent_to_login(answer: &Answer) -> String {
        let location = answer.location();
        assert!(
            location.starts_with("https://login.example/start?lang=ko&return_to="),
            "{location}"
        );
        let back = answer.location_parameter("return_to").unwrap();
        back.strip_prefix(ORIGIN).unwrap_or_else(|| panic!("{back}")).to_owned()
    }

    async fn goes_to_login(&mut self, more: &[(&str, &str)]) -> String {
        Self::sent_to_login(&self.get(&request(more)).await)
    }
}

/// When the person authenticated, by the ID token for this answer's code.
async fn auth_time(server: &Server, answer: &Answer) -> i64 {
    let code = answer.location_parameter("code").unwrap_or_else(|| panic!("{}", answer.location()));
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("client_id", "shop"),
            ("code_verifier", VERIFIER),
        ])
        .finish();
    let media_type = "application/x-www-form-urlencoded";
    let tokens: Value = server.browser().post("/oauth/token", media_type, form).await.json();
    let token = tokens["id_token"].as_str().unwrap_or_else(|| panic!("{tokens}"));
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()["auth_time"].as_i64().unwrap()
}

/// A page of our own, in the language that is asked for; its links.
#[track_caller]
fn page(answer: &Answer, title: &str) -> Vec<String> {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text().contains(&format!("<h1>{title}</h1>")), "{}", answer.text());
    let page = scraper::Html::parse_document(answer.text());
    let links = scraper::Selector::parse("a.way").unwrap();
    page.select(&links).map(|link| link.attr("href").unwrap().to_owned()).collect()
}

#[tokio::test]
async fn signing_in_again_renews_the_time_of_authentication() {
    let server = server().await;
    let mut hana = Behind::new(&server, HANA);
    let first = hana.get(&request(&[])).await;
    let first = auth_time(&server, &first).await;
    let session = hana.browser.cookie("session").to_owned();
    server.clock.advance(100);

    // Without a prompt nothing is renewed.
    let answer = hana.get(&request(&[])).await;
    assert_eq!(auth_time(&server, &answer).await, first);
    assert_eq!(hana.browser.cookie("session"), session);

    let back = hana.goes_to_login(&[("prompt", "login")]).await;
    server.clock.advance(5);
    let answer = hana.get(&back).await;
    let second = auth_time(&server, &answer).await;
    assert!((first + 105..first + 110).contains(&second), "{first} {second}");
    assert_ne!(hana.browser.cookie("session"), session, "the cookie is rotated");

    // Once: the way back is good again, and says the same.
    server.clock.advance(100);
    let session = hana.browser.cookie("session").to_owned();
    let answer = hana.get(&back).await;
    assert_eq!(auth_time(&server, &answer).await, second);
    assert_eq!(hana.browser.cookie("session"), session);
    // Asking once more is another login.
    let back = hana.goes_to_login(&[("prompt", "login")]).await;
    let answer = hana.get(&back).await;
    assert!(auth_time(&server, &answer).await >= first + 205);
}

#[tokio::test]
async fn signing_in_again_at_once_is_renewed_once_too() {
    let server = server().await;
    let mut hana = Behind::new(&server, HANA);
    hana.get(&request(&[])).await;
    let back = hana.goes_to_login(&[("prompt", "login")]).await;
    let other = hana.goes_to_login(&[("prompt", "login"), ("nonce", "another tab")]).await;
    let answer = hana.get(&back).await;
    let second = auth_time(&server, &answer).await;
    server.clock.advance(60);
    for back in [back, other] {
        let answer = hana.get(&back).await;
        assert_eq!(auth_time(&server, &answer).await, second, "one login, in whichever tab");
    }
}

/// The proxy had signed the person out; the session that was left over is older than the login.
#[tokio::test]
async fn signing_in_after_the_proxy_signed_out_renews_the_time_too() {
    let server = server().await;
    let mut hana = Behind::new(&server, HANA);
    let first = hana.get(&request(&[])).await;
    let first = auth_time(&server, &first).await;
    server.clock.advance(100);
    hana.is_named("");
    let back = hana.goes_to_login(&[]).await;
    hana.is_named(HANA);
    let answer = hana.get(&back).await;
    let second = auth_time(&server, &answer).await;
    assert!(second >= first + 100);
    server.clock.advance(100);
    let answer = hana.get(&back).await;
    assert_eq!(auth_time(&server, &answer).await, second);
}

#[tokio::test]
async fn choosing_an_account_is_no_login() {
    let server = server().await;
    let mut hana = Behind::new(&server, HANA);
    let first = hana.get(&request(&[])).await;
    let first = auth_time(&server, &first).await;
    server.clock.advance(100);
    let back = hana.goes_to_login(&[("prompt", "select_account")]).await;
    let answer = hana.get(&back).await;
    assert_eq!(auth_time(&server, &answer).await, first, "the same person, who typed no password");
    let back = hana.goes_to_login(&[("prompt", "select_account")]).await;
    hana.is_named("duri");
    let answer = hana.get(&back).await;
    assert!(auth_time(&server, &answer).await >= first + 100);
}

/// By `account_header` alone: what a login page does is trusted, and nothing else is.
#[tokio::test]
async fn max_age_renews_the_time_of_authentication() {
    let server = server().await;
    let mut hana = Behind::new(&server, HANA);
    let recent = [("max_age", "100")];
    // When they authenticated at the proxy is not known.
    let silent = hana.get(&request(&[recent[0], ("prompt", "none")])).await;
    assert_eq!(silent.location_parameter("error").as_deref(), Some("login_required"));
    let back = hana.goes_to_login(&recent).await;
    let answer = hana.get(&back).await;
    let first = auth_time(&server, &answer).await;
    server.clock.advance(50);
    let answer = hana.get(&request(&recent)).await;
    assert_eq!(auth_time(&server, &answer).await, first);

    server.clock.advance(51);
    let silent = hana.get(&request(&[recent[0], ("prompt", "none")])).await;
    assert_eq!(silent.location_parameter("error").as_deref(), Some("login_required"));
    let back = hana.goes_to_login(&recent).await;
    server.clock.advance(5);
    let answer = hana.get(&back).await;
    let second = auth_time(&server, &answer).await;
    assert!(second >= first + 106, "{second} {first}");
    server.clock.advance(5);
    let answer = hana.get(&back).await;
    assert_eq!(auth_time(&server, &answer).await, second, "once for each login");
}

#[tokio::test]
async fn the_login_page_gets_the_parameters_of_the_request() {
    let server = server().await;
    let mut hana = Behind::new(&server, HANA);
    for prompt in ["login", "select_account", "login select_account"] {
        let more = [("prompt", prompt), ("max_age", "60"), ("login_hint", "ha+na@example.com")];
        let answer = hana.get(&request(&more)).await;
        for (name, value) in more {
            assert_eq!(answer.location_parameter(name).as_deref(), Some(value));
        }
    }
    let answer = hana.get(&request(&[("login_hint", "x"), ("ui_locales", "en ko")])).await;
    assert!(answer.location_parameter("code").is_some());
    hana.is_named("");
    let answer = hana.get(&request(&[("login_hint", "x"), ("ui_locales", "en ko")])).await;
    assert_eq!(answer.location_parameter("login_hint").as_deref(), Some("x"));
    assert_eq!(answer.location_parameter("ui_locales").as_deref(), Some("en ko"));
    assert_eq!(answer.location_parameter("prompt"), None);
    assert_eq!(answer.location_parameter("client_id"), None);
    for twice in ["login_hint", "max_age"] {
        let answer = hana.get(&request(&[(twice, "1"), (twice, "2")])).await;
        assert_eq!(answer.location_parameter("error").as_deref(), Some("invalid_request"));
    }
}

/// A verifier is good for one browser, one request and an hour; anything else is a page, no login
/// and no redirect.
#[tokio::test]
async fn a_login_cannot_be_skipped() {
    let server = server().await;
    let mut hana = Behind::new(&server, HANA);
    hana.get(&request(&[])).await;
    let session = hana.browser.cookie("session").to_owned();
    server.clock.advance(100);
    let good = hana.goes_to_login(&[("prompt", "login")]).await;
    let (path, verifier) = good.split_once("&login_verifier=").unwrap();
    let parts: Vec<&str> = verifier.split('.').collect();
    // What the service itself can get, or anyone else: verifiers of other browsers.
    let mut service = Behind::new(&server, "");
    let foreign = service.goes_to_login(&[("prompt", "login")]).await;
    let mut twin = Behind::new(&server, HANA);
    let of_a_twin = twin.goes_to_login(&[("prompt", "login")]).await;
    // One of this browser, made for another request.
    let other = hana.goes_to_login(&[("prompt", "login"), ("nonce", "x")]).await;
    let of_another_request =
        format!("{path}&login_verifier={}", other.split_once("login_verifier=").unwrap().1);
    let forged = [
        foreign,
        of_a_twin,
        of_another_request,
        format!("{path}&login_verifier="),
        format!("{path}&login_verifier=x"),
        format!("{path}&login_verifier=0..",),
        format!("{path}&login_verifier=9999999999.{}.{}", parts[1], parts[2]),
        format!("{path}&login_verifier=-1.{}.{}", parts[1], parts[2]),
        format!("{path}&login_verifier={}.{}.{}", parts[0], parts[2], parts[1]),
        format!("{path}&login_verifier={}.x.{}", parts[0], parts[2]),
        format!("{path}&login_verifier=%EA%B0%80"),
    ];
    for forged in forged {
        let answer = hana.get(&forged).await;
        let links = page(&answer, "다시 로그인했는지 확인하지 못했습니다");
        assert_eq!(hana.browser.cookie("session"), session, "{forged}");
        assert_eq!(parameter(&links[1], "error").as_deref(), Some("login_required"));
        // On from there is another login.
        assert_eq!(links[0], path, "{forged}");
    }
    // Two are none: as if there were no verifier.
    let twice = hana.get(&format!("{good}&login_verifier={verifier}")).await;
    Behind::sent_to_login(&twice);
    server.clock.advance(60 * 60 + 1);
    page(&hana.get(&good).await, "다시 로그인했는지 확인하지 못했습니다");
    // Without cookies nothing can be shown.
    let fresh = hana.goes_to_login(&[("prompt", "login")]).await;
    let mut bare = Behind::new(&server, HANA);
    page(&bare.get(&fresh).await, "다시 로그인했는지 확인하지 못했습니다");
    assert!(hana.get(&fresh).await.location_parameter("code").is_some());
}

#[tokio::test]
async fn a_login_page_that_sends_straight_back_is_no_loop() {
    let server = server().await;
    for (accept, title) in [
        ("ko", "로그인되지 않았습니다"),
        ("en", "You're not signed in"),
        ("ja", "ログインできませんでした"),
    ] {
        for keeps_cookies in [true, false] {
            let mut person = Behind::new(&server, "");
            person.browser.language = Some(accept);
            let back = person.goes_to_login(&[]).await;
            if !keeps_cookies {
                person.browser.cookies.clear();
            }
            let answer = person.get(&back).await;
            let links = page(&answer, title);
            assert_eq!(links[0], request(&[]));
            assert!(links[1].starts_with(CALLBACK));
            assert_eq!(parameter(&links[1], "error").as_deref(), Some("login_required"));
            assert_eq!(parameter(&links[1], "state").as_deref(), Some("s"));
            Behind::sent_to_login(&person.get(&links[0]).await);
        }
    }
    // A person who did sign in goes on.
    let mut hana = Behind::new(&server, "");
    let back = hana.goes_to_login(&[]).await;
    hana.is_named(HANA);
    assert!(hana.get(&back).await.location_parameter("code").is_some());
}

/// `login_url` without a header that names people: no one can ever be signed in.
#[tokio::test]
async fn without_a_header_that_names_people_there_is_a_page_and_no_loop() {
    let toml = format!("{SHOP}\n[sign_in]\nlogin_url = \"/login/\"\n");
    let server = Server::configured(&toml).await.unwrap();
    let mut browser = server.browser();
    let answer = browser.get(&request(&[])).await;
    let location = format!("http://x{}", answer.location());
    assert!(location.starts_with("http://x/login/?return_to="), "{location}");
    let back = parameter(&location, "return_to").unwrap();
    page(&browser.get(&back).await, "로그인되지 않았습니다");
}

#[tokio::test]
async fn an_account_that_is_not_known_here_gets_a_page_and_no_loop() {
    let server = server().await;
    let unknown: [&[u8]; 6] = [
        b"outsider",
        b"Hana@example.com",
        b"hana@example.com ,duri",
        "하나".as_bytes(),
        b"hana\xe9",
        b"hana@example.com.",
    ];
    for outsider in unknown {
        for (language, title) in [
            ("ko", "등록되지 않은 계정입니다"),
            ("en", "This account isn't registered"),
            ("ja", "このアカウントは登録されていません"),
        ] {
            let mut person = Behind::new(&server, "");
            person.browser.language = Some(language);
            let back = person.goes_to_login(&[]).await;
            person.named = vec![("x-account", outsider.to_vec())];
            for path in [request(&[]), request(&[("prompt", "login")]), back] {
                let links = page(&person.get(&path).await, title);
                assert_eq!(parameter(&links[1], "error").as_deref(), Some("access_denied"));
                assert_eq!(parameter(&links[1], "state").as_deref(), Some("s"));
                // The other way leads to the login page, which is asked for another account.
                let answer = person.get(&links[0]).await;
                page(&answer, title);
                person.is_named("");
                let answer = person.get(&links[0]).await;
                assert_eq!(answer.location_parameter("prompt").as_deref(), Some("select_account"));
                let back = Behind::sent_to_login(&answer);
                person.is_named("duri");
                assert!(person.get(&back).await.location_parameter("code").is_some());
                person.named = vec![("x-account", outsider.to_vec())];
            }
            let answer = person.get(&request(&[("prompt", "none")])).await;
            assert_eq!(answer.location_parameter("error").as_deref(), Some("login_required"));
        }
    }
    // Known is what the file holds now: a session that was made before is no way around it.
    let mut hana = Behind::new(&server, HANA);
    hana.get(&request(&[])).await;
    hana.is_named("outsider");
    page(&hana.get(&request(&[])).await, "등록되지 않은 계정입니다");
    // Signed out is who is named by nothing.
    hana.named = vec![("x-account", Vec::new())];
    Behind::sent_to_login(&hana.get(&request(&[])).await);
    hana.named = vec![("x-account", HANA.into()), ("x-account", b"duri".to_vec())];
    Behind::sent_to_login(&hana.get(&request(&[])).await);
}

#[tokio::test]
async fn without_a_login_page_an_unknown_account_has_the_way_back() {
    let toml = format!("{SHOP}{SIGN_IN}{PEOPLE}");
    let server = Server::configured(&toml).await.unwrap();
    let mut outsider = Behind::new(&server, "outsider");
    let links = page(&outsider.get(&request(&[])).await, "등록되지 않은 계정입니다");
    assert_eq!(links.len(), 1);
    assert_eq!(parameter(&links[0], "error").as_deref(), Some("access_denied"));
    outsider.is_named("");
    assert_eq!(
        outsider.get(&request(&[])).await.location_parameter("error").unwrap(),
        "login_required"
    );
    outsider.is_named(HANA);
    let answer = outsider.get(&request(&[("prompt", "login")])).await;
    assert_eq!(
        answer.location_parameter("error").unwrap(),
        "login_required",
        "no one can sign in again here"
    );
}

/// A login of a moment before is not the one that was asked for, however far the clocks are apart.
#[tokio::test]
async fn a_login_before_the_request_does_not_confirm_it() {
    let toml = format!(
        "{SHOP}{}{PEOPLE}",
        LOGIN.replace("login_url", "auth_time_header = \"x-auth-time\"\nlogin_url")
    );
    let server = Server::configured(&toml).await.unwrap();
    // The proxy's clock may be behind ours or ahead of it.
    for skew in [-5, 0, 5, 30] {
        let at = |time: i64| ("x-auth-time", (time + skew).to_string().into_bytes());
        let mut hana = Behind::new(&server, HANA);
        let login = server.clock.now();
        hana.named.push(at(login));
        assert!(hana.get(&request(&[])).await.location_parameter("code").is_some());
        for has_session in [true, false] {
            if !has_session {
                hana.browser.cookies.clear();
            }
            server.clock.advance(1);
            let back = hana.goes_to_login(&[("prompt", "login")]).await;
            server.clock.advance(2);
            page(&hana.get(&back).await, "다시 로그인했는지 확인하지 못했습니다");
        }
        let back = hana.goes_to_login(&[("prompt", "login")]).await;
        server.clock.advance(2);
        hana.named[1] = at(server.clock.now());
        let answer = hana.get(&back).await;
        assert!(answer.location_parameter("code").is_some(), "{skew}");
        server.clock.advance(100);
    }
}

/// With the time from the proxy, `auth_time` is that time, and a login is proven by it.
#[tokio::test]
async fn a_proxy_can_say_when_the_person_authenticated() {
    let toml = format!(
        "{SHOP}{}{PEOPLE}",
        LOGIN.replace("login_url", "auth_time_header = \"x-auth-time\"\nlogin_url")
    );
    let server = Server::configured(&toml).await.unwrap();
    let now = server.clock.now();
    let mut hana = Behind::new(&server, HANA);
    let says = |hana: &mut Behind, time: &str| {
        hana.is_named(HANA);
        hana.named.push(("x-auth-time", time.as_bytes().to_vec()));
    };
    // A month ago, and so says the token.
    let month_ago = now - 30 * 24 * 60 * 60;
    says(&mut hana, &month_ago.to_string());
    let answer = hana.get(&request(&[])).await;
    assert_eq!(auth_time(&server, &answer).await, month_ago);

    // Going straight to the way back is no login.
    server.clock.advance(100);
    let back = hana.goes_to_login(&[("prompt", "login")]).await;
    page(&hana.get(&back).await, "다시 로그인했는지 확인하지 못했습니다");
    let late = (server.clock.now() - 30).to_string();
    says(&mut hana, &late);
    page(&hana.get(&back).await, "다시 로그인했는지 확인하지 못했습니다");
    let again = server.clock.now();
    says(&mut hana, &again.to_string());
    let answer = hana.get(&back).await;
    assert_eq!(auth_time(&server, &answer).await, again);
    // A login elsewhere counts as well, and an older time takes nothing back.
    says(&mut hana, &month_ago.to_string());
    let answer = hana.get(&request(&[])).await;
    assert_eq!(auth_time(&server, &answer).await, again);
    server.clock.advance(50);
    says(&mut hana, &(again + 50).to_string());
    let answer = hana.get(&request(&[])).await;
    assert_eq!(auth_time(&server, &answer).await, again + 50);

    // What is no such time signs no one in: milliseconds, the future, other writings, none.
    let millis = format!("{again}000");
    let future = (server.clock.now() + 1000).to_string();
    for bad in
        [&*millis, &future, "", "-1", "1e9", "2026-01-01T00:00:00Z", "+1", "99999999999999999999"]
    {
        let mut other = Behind::new(&server, HANA);
        other.named.push(("x-auth-time", bad.as_bytes().to_vec()));
        Behind::sent_to_login(&other.get(&request(&[])).await);
    }
    Behind::sent_to_login(&Behind::new(&server, HANA).get(&request(&[])).await);
}

#[tokio::test]
async fn the_time_of_authentication_needs_an_account_beside_it() {
    let toml = format!("{SHOP}\n[sign_in]\nauth_time_header = \"x-auth-time\"\n");
    assert!(Server::configured(&toml).await.is_err());
}

/// "Use another account" is there whatever kind of address the login page has, and leads to it.
#[tokio::test]
async fn another_account_can_be_chosen_from_the_screen() {
    for (login_url, begins) in [
        ("https://login.example/start?lang=ko", "https://login.example/start?lang=ko&return_to="),
        ("/login/", "/login/?return_to=%2Foauth%2Fauthorize%3F"),
    ] {
        let people = PEOPLE.replace("combined_screen", "plain_login");
        let toml = format!("{SHOP}{SIGN_IN}login_url = \"{login_url}\"\n{people}");
        let server = Server::configured(&toml).await.unwrap();
        let mut hana = Behind::new(&server, HANA);
        let challenge = hana.get(&request(&[("login_hint", "hana")])).await.challenge();
        let answer = hana.get(&consent_contract::consent_path(&challenge)).await;
        let json: Value = answer.json();
        let switch = json["account"]["switch_url"].as_str().unwrap_or_else(|| panic!("{json}"));
        assert!(consent_contract::redirect::is_own_path(switch), "{switch}");
        let answer = hana.get(switch).await;
        assert!(answer.location().starts_with(begins), "{}", answer.location());
        let location = url::Url::parse(ORIGIN).unwrap().join(answer.location()).unwrap();
        assert_eq!(parameter(location.as_str(), "prompt").as_deref(), Some("select_account"));
        let back = parameter(location.as_str(), "return_to").unwrap();
        hana.is_named("duri");
        let other = hana.get(back.trim_start_matches(ORIGIN)).await.challenge();
        assert_ne!(other, challenge);
    }
    // Where there is no login page, no one else can be chosen.
    let people = PEOPLE.replace("combined_screen", "plain_login");
    let toml = format!("{SHOP}{SIGN_IN}{people}");
    let server = Server::configured(&toml).await.unwrap();
    let mut hana = Behind::new(&server, HANA);
    let challenge = hana.get(&request(&[])).await.challenge();
    let json: Value = hana.get(&consent_contract::consent_path(&challenge)).await.json();
    assert!(json["account"]["switch_url"].is_null());
}

/// Starting again after the challenge has run out asks for no second login, and leaves no hint.
#[tokio::test]
async fn a_login_is_asked_for_once_in_a_request() {
    let people = PEOPLE.replace("combined_screen", "plain_login");
    let server = Server::configured(&format!("{SHOP}{LOGIN}{people}")).await.unwrap();
    let mut hana = Behind::new(&server, HANA);
    let back = hana.goes_to_login(&[("prompt", "login"), ("login_hint", "hana")]).await;
    let challenge = hana.get(&back).await.challenge();
    server.clock.advance(16 * 60);
    let problem = hana.get(&consent_contract::consent_path(&challenge)).await.problem();
    let restart = problem.restart_url.unwrap();
    assert_eq!(restart, request(&[]));
    hana.get(&restart).await.challenge();
}

/// A session of one way to sign in is none in another.
#[tokio::test]
async fn a_session_does_not_outlive_the_way_it_was_made() {
    let server = server().await;
    let mut hana = Behind::new(&server, HANA);
    assert!(hana.get(&request(&[])).await.location_parameter("code").is_some());
    let cookies = hana.browser.cookies.clone();
    server.app.close().await;
    let folder = server.folder;
    for toml in [
        format!("{SHOP}{PEOPLE}"),
        format!("{SHOP}\n[sign_in]\nlogin_url = \"https://login.example/start?lang=ko\"\n{PEOPLE}"),
    ] {
        std::fs::write(folder.path().join("services.toml"), &toml).unwrap();
        let file = consent_backend::Services::File(folder.path().join("services.toml"));
        let settings = crate::browser::settings(folder.path(), file);
        let app = consent_backend::App::open(settings).await.unwrap();
        let mut browser = Browser::new(&app);
        browser.cookies = cookies.clone();
        let answer = browser.get(&request(&[("prompt", "none")])).await;
        assert_eq!(answer.location_parameter("error").as_deref(), Some("login_required"));
        app.close().await;
    }
}

#[tokio::test]
async fn accounts_are_named_as_proxies_name_people() {
    for good in ["a", "hana@example.com", "ha.na+shop@example.com", "A_b-c.1", &"x".repeat(128)] {
        let toml = format!(
            "{SHOP}{LOGIN}\n[[account]]\nid = \"{good}\"\nnickname = \"하나\"\n\n\
             [[account.links]]\nservice = \"shop\"\nhow = \"combined_screen\"\n\
             at = \"2026-01-01T00:00:00Z\"\n"
        )
        .replace("approved = true", &format!("mode = \"test\"\ntest_members = [\"{good}\"]"));
        let server = Server::configured(&toml).await.unwrap();
        let mut person = Behind::new(&server, good);
        assert!(person.get(&request(&[])).await.location_parameter("code").is_some(), "{good}");
        // To the letter.
        for other in [format!("{good}x"), good.to_ascii_uppercase() + "_", good.replace('+', " ")] {
            if other != good {
                person.is_named(&other);
                page(&person.get(&request(&[])).await, "등록되지 않은 계정입니다");
            }
        }
    }
    for bad in ["", "a b", "a/b", "하나", "a;b", "a,b", "a\\\"b", &"x".repeat(129)] {
        let toml = format!("{SHOP}{LOGIN}\n[[account]]\nid = \"{bad}\"\nnickname = \"하나\"\n");
        assert!(Server::configured(&toml).await.is_err(), "{bad}");
    }
}
