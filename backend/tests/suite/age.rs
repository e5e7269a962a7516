//! A user under the age of the service does not get in by typing a birthday.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use consent_contract::{
    auto_login::AutoLogin,
    decision::{Decision, Recorded},
    decision_path, extension_path, form,
    item::ItemKey,
    problem::{Code, Problem},
    request::ConsentRequest,
    value::ValueFault,
};
use serde_json::{Map, Value};
use time::{OffsetDateTime, PrimitiveDateTime, macros::format_description};
use url::form_urlencoded;

use crate::{
    browser::{Answer, Browser, CHALLENGE, ORIGIN, Server, agreement, cancel, changed, parameter},
    form::RenderedPage,
    screen,
    shop::{self, SHOP, SIGN_IN},
};

const FORM: &str = "application/x-www-form-urlencoded";

/// A service for people of 14 and over that asks for the birthday, and an account without one.
async fn server_with(more: &str, account: &str) -> Server {
    let toml = SHOP.replace("approved = true", &format!("approved = true\nmin_age = 14\n{more}"));
    let toml = format!(
        "{toml}\n[[service.personal_info.items]]\nid = \"birthday\"\nlabel = \"생일\"\n\
         required = true\ncollect = true\n{SIGN_IN}{}{account}\n",
        shop::account("hana")
    );
    Server::configured(&toml).await.unwrap()
}

async fn server() -> Server {
    server_with("", "").await
}

fn browser(server: &Server) -> Browser {
    server.proxied("hana")
}

/// Moves the server's clock to this time, UTC.
fn set_clock(server: &Server, time: &str) {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]");
    let time = PrimitiveDateTime::parse(time, format).unwrap().assume_utc();
    let now = OffsetDateTime::from_unix_timestamp(server.clock.now()).unwrap();
    server.clock.advance((time - now).whole_seconds());
}

const REQUEST: [(&str, &str); 6] = [
    ("response_type", "code"),
    ("client_id", "shop"),
    ("redirect_uri", "https://shop.example/callback"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
    ("state", "s"),
];

async fn authorize(browser: &mut Browser, more: &[(&str, &str)]) -> Answer {
    browser.authorize(&[&REQUEST[..], more].concat()).await
}

async fn challenged(browser: &mut Browser) -> (String, ConsentRequest) {
    let challenge = authorize(browser, &[]).await.challenge();
    let request = browser.asked(&challenge).await;
    (challenge, request)
}

fn born(request: &ConsentRequest, birthday: &str) -> Decision {
    changed(agreement(request, |_, _| true), |agreement| {
        let answer = agreement.personal_info.iter_mut().find(|it| it.id == "birthday").unwrap();
        answer.value = Some(birthday.to_owned());
    })
}

/// The way back to the service, which receives no more than that.
#[track_caller]
fn leads_back(problem: &Problem) {
    assert_eq!(problem.code, Code::UnderAge, "{problem:?}");
    let back = problem.redirect_to.as_ref().unwrap();
    assert!(back.starts_with("https://shop.example/callback?"), "{back}");
    assert_eq!(parameter(back, "error").unwrap(), "access_denied");
    assert_eq!(parameter(back, "error_description").unwrap(), "Not allowed under age 14");
    assert_eq!(parameter(back, "state").unwrap(), "s");
}

async fn nothing_but_the_refusal_is_recorded(server: &Server) {
    let refused = "SELECT count(*) FROM decisions WHERE decision = 'refused' AND length(body) = 0";
    assert_eq!(server.count(refused).await, 1);
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
    for table in ["receipt_items", "statements", "agreements", "links", "codes", "tokens"] {
        let rows = server.count(format!("SELECT count(*) FROM {table}").leak()).await;
        assert_eq!(rows, 0, "{table}");
    }
}

#[tokio::test]
async fn a_child_does_not_sign_up_by_typing_the_birthday() {
    let server = server().await;
    let mut browser = browser(&server);
    let (challenge, request) = challenged(&mut browser).await;
    leads_back(&browser.decide(&challenge, &born(&request, "2020-01-01")).await.problem());
    nothing_but_the_refusal_is_recorded(&server).await;

    // Going back and typing another birthday: the challenge is closed, however it is answered.
    for birthday in ["1990-01-01", "2020-01-01", "2020. 1. 1.", "no day"] {
        leads_back(&browser.decide(&challenge, &born(&request, birthday)).await.problem());
    }
    leads_back(&browser.read(&challenge).await.problem());
    leads_back(&browser.decide(&challenge, &cancel()).await.problem());
    let token = serde_json::json!({ "csrf_token": request.csrf_token }).to_string();
    let more = browser.post(&extension_path(&challenge), "application/json", token).await;
    leads_back(&more.problem());
    nothing_but_the_refusal_is_recorded(&server).await;
    // Another browser learns nothing of it.
    let mut other = browser.clone();
    other.cookies.clear();
    let problem = other.read(&challenge).await.problem();
    assert_eq!((problem.code, problem.redirect_to), (Code::AlreadyDecided, None));
    // Two hours later it is still the same refusal.
    server.clock.advance(2 * 60 * 60);
    leads_back(&browser.decide(&challenge, &born(&request, "1990-01-01")).await.problem());
}

#[tokio::test]
async fn another_birthday_cannot_be_tried_for_a_day() {
    let server = server_with("", &shop::account("duri")).await;
    let mut browser = browser(&server);
    let (first, request) = challenged(&mut browser).await;
    // A form that is open in another tab, too.
    let other = authorize(&mut browser, &[("nonce", "another tab")]).await.challenge();
    let of_other = browser.asked(&other).await;
    leads_back(&browser.decide(&first, &born(&request, "2020-01-01")).await.problem());
    leads_back(&browser.decide(&other, &born(&of_other, "1990-01-01")).await.problem());
    let mut elsewhere = self::browser(&server);
    for _ in 0..2 {
        for browser in [&mut browser, &mut elsewhere] {
            let again = authorize(browser, &[("nonce", "again")]).await.challenge();
            leads_back(&browser.read(&again).await.problem());
            let silent = authorize(browser, &[("prompt", "none")]).await;
            assert_eq!(silent.location_parameter("error").unwrap(), "interaction_required");
        }
        server.clock.advance(12 * 60 * 60 - 60);
    }
    nothing_but_the_refusal_is_recorded(&server).await;
    // Another account is another person.
    let mut duri = server.proxied("duri");
    challenged(&mut duri).await;
    // A day later it may have been a slip.
    server.clock.advance(120);
    let (challenge, request) = challenged(&mut browser).await;
    let answer = browser.decide(&challenge, &born(&request, "1990-01-01")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

#[tokio::test]
async fn a_person_of_age_signs_up_by_typing_the_birthday() {
    let server = server().await;
    let mut browser = browser(&server);
    let (challenge, request) = challenged(&mut browser).await;
    let answer = browser.decide(&challenge, &born(&request, "1990-01-01")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(authorize(&mut browser, &[]).await.location_parameter("code").is_some());
}

/// What else is wrong with the agreement does not save the birthday for another try.
#[tokio::test]
async fn a_child_is_refused_whatever_else_is_missing() {
    let server = server().await;
    let mut browser = browser(&server);
    let (challenge, request) = challenged(&mut browser).await;
    let incomplete = changed(born(&request, "2020-01-01"), |agreement| {
        agreement.terms[0].agreed = false;
    });
    leads_back(&browser.decide(&challenge, &incomplete).await.problem());
    nothing_but_the_refusal_is_recorded(&server).await;
}

/// Another origin's page cannot close a challenge.
#[tokio::test]
async fn without_the_token_nothing_is_refused_for_good() {
    let server = server().await;
    let mut browser = browser(&server);
    let (challenge, request) = challenged(&mut browser).await;
    let forged = changed(born(&request, "2020-01-01"), |it| it.csrf_token = "guessed".into());
    assert_eq!(browser.decide(&challenge, &forged).await.problem().code, Code::CsrfRejected);
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
}

#[tokio::test]
async fn the_form_without_a_script_is_refused_the_same_way() {
    let server = server().await;
    screen::build(&server);
    screen::make_room(&server);
    let mut browser = browser(&server);
    browser.language = Some("en");
    let (challenge, request) = challenged(&mut browser).await;
    let page = RenderedPage::of(browser.get(&format!("/consent/{challenge}")).await);
    let form = ["term:tos", "item:profile_nickname", "item:birthday"]
        .into_iter()
        .fold(page.form("#consent-form"), |form, key| form.tick(key));
    let stopped = |page: &RenderedPage| {
        assert_eq!(page.answer.status, StatusCode::FORBIDDEN, "{}", page.answer.text());
        assert_eq!(page.texts("h1"), ["You can't sign up yet"]);
        let back = page.attribute("a.button", "href");
        assert_eq!(parameter(&back, "error").unwrap(), "access_denied");
        assert_eq!(page.count("form"), 0);
    };
    stopped(&form.clone().write("value:birthday", "2020-01-01").shown(&mut browser, "agree").await);
    nothing_but_the_refusal_is_recorded(&server).await;
    for press in ["agree", "show", "required_only", "cancel"] {
        stopped(
            &form.clone().write("value:birthday", "1990-01-01").shown(&mut browser, press).await,
        );
    }
    let get = Request::get(format!("/consent/{challenge}")).header("accept", "text/html");
    stopped(&RenderedPage::of(browser.send(get.body(Body::empty()).unwrap()).await));
    // The decision endpoint takes the same form.
    let Decision::Agree(adult) = born(&request, "1990-01-01") else { unreachable!() };
    let body =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(form::fields(&adult)).finish();
    stopped(&RenderedPage::of(browser.post(&decision_path(&challenge), FORM, body).await));
    nothing_but_the_refusal_is_recorded(&server).await;
}

#[tokio::test]
async fn a_birthday_in_the_future_is_no_birthday() {
    let server = server().await;
    set_clock(&server, "2026-11-26 03:00");
    let mut browser = browser(&server);
    let (challenge, request) = challenged(&mut browser).await;
    for birthday in ["2026-11-27", "2099-12-31", "2100-01-01", "1899-12-31", "2026-02-30", "0"] {
        let problem = browser.decide(&challenge, &born(&request, birthday)).await.problem();
        assert_eq!(problem.code, Code::InvalidValue, "{birthday}");
        assert_eq!(problem.invalid[0].id, ItemKey::Item("birthday".into()));
        assert_eq!(problem.invalid[0].reason, ValueFault::NotADate);
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0, "it can be typed again");
    // A user may be born today.
    leads_back(&browser.decide(&challenge, &born(&request, "2026-11-26")).await.problem());
}

#[tokio::test]
async fn a_birthday_in_the_future_is_named_without_a_script() {
    let server = server().await;
    screen::build(&server);
    screen::make_room(&server);
    let mut browser = browser(&server);
    let (challenge, _) = challenged(&mut browser).await;
    let page = RenderedPage::of(browser.get(&format!("/consent/{challenge}")).await);
    let form = ["term:tos", "item:profile_nickname", "item:birthday"]
        .into_iter()
        .fold(page.form("#consent-form"), |form, key| form.tick(key))
        .write("value:birthday", "2099-01-01");
    let page = form.shown(&mut browser, "agree").await;
    assert_eq!(page.answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.count("#summary[autofocus] a"), 1, "{}", page.answer.text());
    assert_eq!(page.form("#consent-form").value("value:birthday"), ["2099-01-01"]);
}

/// Midnight comes nine hours earlier in Seoul, and an age begins with the day.
#[tokio::test]
async fn the_day_is_the_one_of_the_service() {
    for (zone, before, on) in [
        ("", "2026-11-25 14:58", "2026-11-25 15:00"),
        ("time_zone = \"Asia/Seoul\"", "2026-11-25 14:58", "2026-11-25 15:00"),
        ("time_zone = \"UTC\"", "2026-11-25 23:58", "2026-11-26 00:00"),
        ("time_zone = \"America/New_York\"", "2026-11-26 04:58", "2026-11-26 05:00"),
    ] {
        let server = server_with(zone, &shop::account("duri")).await;
        set_clock(&server, before);
        let mut person = server.proxied("duri");
        let (challenge, request) = challenged(&mut person).await;
        leads_back(&person.decide(&challenge, &born(&request, "2012-11-26")).await.problem());
        set_clock(&server, on);
        // A refusal holds for a day: this is another person.
        let mut person = browser(&server);
        let (challenge, request) = challenged(&mut person).await;
        let answer = person.decide(&challenge, &born(&request, "2012-11-26")).await;
        assert_eq!(answer.status, StatusCode::OK, "{zone}: {}", answer.text());
    }
    // The account's own birthday goes by the same day.
    let server = server_with("", "birthday = 2012-11-26").await;
    set_clock(&server, "2026-11-25 14:58");
    let mut person = browser(&server);
    let challenge = authorize(&mut person, &[]).await.challenge();
    leads_back(&person.read(&challenge).await.problem());
    set_clock(&server, "2026-11-25 15:00");
    let (challenge, request) = challenged(&mut person).await;
    let own = agreement(&request, |_, _| true);
    assert_eq!(person.decide(&challenge, &own).await.status, StatusCode::OK);
}

/// A birthday that was typed is judged on every later visit: without a screen, with `prompt=none`,
/// and by auto-login.
#[tokio::test]
async fn a_typed_birthday_counts_on_later_visits() {
    let server = server().await;
    screen::build(&server);
    screen::make_room(&server);
    set_clock(&server, "2026-11-26 03:00");
    let mut browser = browser(&server);
    let (challenge, request) = challenged(&mut browser).await;
    let recorded: Recorded = browser.decide(&challenge, &born(&request, "2012-01-01")).await.json();
    assert!(parameter(&recorded.redirect_to, "code").is_some());
    assert!(
        authorize(&mut browser, &[("prompt", "none")]).await.location_parameter("code").is_some()
    );

    // As if the service had raised its age since: the same database, another configuration.
    server.app.close().await;
    let toml = std::fs::read_to_string(server.folder.path().join("services.toml")).unwrap();
    let older = toml.replace("min_age = 14", "min_age = 19");
    let server = Server::configured_in(server.folder, &older, ORIGIN).await.unwrap();
    set_clock(&server, "2026-11-26 03:05");
    let cookies = browser.cookies;
    let mut browser = self::browser(&server);
    browser.cookies = cookies;
    let codes = "SELECT count(*) FROM codes";
    let before = server.count(codes).await;
    let silent = authorize(&mut browser, &[("prompt", "none")]).await;
    assert_eq!(silent.location_parameter("error").unwrap(), "interaction_required");
    let challenge = authorize(&mut browser, &[]).await.challenge();
    assert_eq!(browser.read(&challenge).await.problem().code, Code::UnderAge);
    browser.user_agent = Some("Mozilla/5.0 (Linux; Android 14) KAKAOTALK/10.8.3 (INAPP)");
    let body: Map<String, Value> =
        REQUEST.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect();
    let body = serde_json::to_string(&body).unwrap();
    let outcome = browser.post("/api/v1/auto-login", "application/json", body).await;
    assert!(matches!(outcome.json(), AutoLogin::MoreNeeded { .. }), "{}", outcome.text());
    assert_eq!(server.count(codes).await, before, "no code for a user under age");
}

/// Two tabs with one challenge, one birthday under age and one that is not: whichever comes first
/// ends the challenge, and the other one changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_birthdays_at_the_same_moment_are_one_decision() {
    for _ in 0..6 {
        let server = server().await;
        let mut browser = browser(&server);
        let (challenge, request) = challenged(&mut browser).await;
        let sent = ["2020-01-01", "1990-01-01"].map(|birthday| {
            let (mut browser, challenge) = (browser.clone(), challenge.clone());
            let decision = born(&request, birthday);
            tokio::spawn(async move { browser.decide(&challenge, &decision).await })
        });
        let mut accepted = 0;
        for answer in sent {
            accepted += i64::from(answer.await.unwrap().status == StatusCode::OK);
        }
        assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
        assert_eq!(server.count("SELECT count(*) FROM codes").await, accepted);
        assert_eq!(server.count("SELECT count(*) FROM links").await, accepted);
    }
}

/// The age on every page is the service's own: in the problem, on the page, and to the service.
#[tokio::test]
async fn every_page_names_the_age_of_the_service() {
    let adults = |toml: String| toml.replace("min_age = 14", "min_age = 19");
    let toml = SHOP.replace("approved = true", "approved = true\nmin_age = 14");
    let toml = adults(format!("{toml}{SIGN_IN}{}birthday = 2010-01-01\n", shop::account("hana")));
    let server = Server::configured(&toml).await.unwrap();
    screen::build(&server);
    screen::make_room(&server);
    set_clock(&server, "2026-11-26 03:00");
    for (language, expected) in
        [("ko", "만 19세 이상"), ("en", "aged 19 and over"), ("ja", "満19歳以上")]
    {
        let mut browser = browser(&server);
        browser.language = Some(language);
        let challenge = authorize(&mut browser, &[]).await.challenge();
        let problem = browser.read(&challenge).await.problem();
        assert_eq!((problem.code, problem.min_age), (Code::UnderAge, Some(19)));
        let back = problem.redirect_to.unwrap();
        assert_eq!(parameter(&back, "error_description").unwrap(), "Not allowed under age 19");
        let get = Request::get(format!("/consent/{challenge}")).header("accept", "text/html");
        let page = RenderedPage::of(browser.send(get.body(Body::empty()).unwrap()).await);
        let text = page.texts(".lead").concat();
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("14"), "{text}");
    }
}

/// The way back tells the service that the user is under age, so no page claims that nothing was or
/// will be sent.
#[tokio::test]
async fn the_page_states_what_the_service_learns() {
    let toml = SHOP.replace("approved = true", "approved = true\nmin_age = 19");
    let toml = format!("{toml}{SIGN_IN}{}birthday = 2010-01-01\n", shop::account("hana"));
    let server = Server::configured(&toml).await.unwrap();
    screen::build(&server);
    screen::make_room(&server);
    set_clock(&server, "2026-11-26 03:00");
    for (language, learns, nothing) in [
        ("ko", "나이 때문에", "아무것도"),
        ("en", "the service learns only", "Nothing was sent"),
        ("ja", "年齢のため", "何も送信していません"),
    ] {
        let mut browser = browser(&server);
        browser.language = Some(language);
        let challenge = authorize(&mut browser, &[]).await.challenge();
        let get = Request::get(format!("/consent/{challenge}")).header("accept", "text/html");
        let page = RenderedPage::of(browser.send(get.body(Body::empty()).unwrap()).await);
        let text = page.texts(".lead").concat();
        assert!(text.contains(learns) && !text.contains(nothing), "{text}");
    }
}
