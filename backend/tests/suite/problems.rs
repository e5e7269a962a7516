//! Every problem of the contract can be met, with its way out.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use consent_contract::{
    decision::{ChannelAnswer, Extended},
    extension_path,
    item::ItemKey,
    problem::{Code, Problem},
};

use crate::browser::{Browser, Server, a_minute, cancel, changed, parameter, required_only};

/// The problem of a decision with something wrong in it.
async fn objection(
    browser: &mut Browser,
    challenge: &str,
    change: impl FnOnce(&mut consent_contract::decision::Agreement),
) -> Problem {
    let request = browser.asked(challenge).await;
    let decision = changed(required_only(&request), change);
    browser.decide(challenge, &decision).await.problem()
}

#[tokio::test]
async fn every_code_comes_with_its_recovery() {
    let mut met = BTreeSet::new();
    let mut meet = |problem: &Problem, code: Code| {
        assert_eq!(problem.code, code, "{problem:?}");
        assert_eq!(problem.r#type, format!("/problems/{}", code.name()));
        met.insert(code.name());
    };
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;

    let problem = browser.read("no-such-challenge").await.problem();
    meet(&problem, Code::ChallengeNotFound);
    assert!(problem.restart_url.is_none() && problem.redirect_to.is_none());

    let challenge = browser.challenged("demo-shop", &[]).await;
    let problem = objection(&mut browser, &challenge, |a| a.csrf_token = "guessed".into()).await;
    meet(&problem, Code::CsrfRejected);
    let problem = objection(&mut browser, &challenge, |a| a.terms[1].digest.push('x')).await;
    meet(&problem, Code::TermsChanged);
    assert_eq!(problem.missing, [ItemKey::Term("privacy".into())]);
    let problem = objection(&mut browser, &challenge, |a| a.personal_info_digest.clear()).await;
    meet(&problem, Code::TermsChanged);
    let problem = objection(&mut browser, &challenge, |a| a.terms[0].agreed = false).await;
    meet(&problem, Code::RequiredItemsMissing);
    assert_eq!(problem.missing, [ItemKey::Term("tos".into())]);
    let problem = objection(&mut browser, &challenge, |a| a.channels.clear()).await;
    meet(&problem, Code::ItemUnanswered);
    assert_eq!(problem.missing, [ItemKey::Channel("_hanok".into())]);
    let problem = objection(&mut browser, &challenge, |a| {
        a.channels.push(ChannelAnswer { public_id: "_other".into(), add: true });
    });
    meet(&problem.await, Code::UnknownItem);
    let problem = objection(&mut browser, &challenge, |a| {
        let twice = a.terms[0].clone();
        a.terms.push(twice);
    });
    meet(&problem.await, Code::UnknownItem);
    let answer = browser
        .post(&consent_contract::decision_path(&challenge), "application/json", "{\"decision\":")
        .await;
    meet(&answer.problem(), Code::MalformedRequest);
    let answer = browser
        .post(
            &consent_contract::decision_path(&challenge),
            "application/json",
            "x".repeat(1_100_000),
        )
        .await;
    meet(&answer.problem(), Code::TooLarge);

    let mut other_browser = server.browser_of("no-email").await;
    let problem = other_browser.read(&challenge).await.problem();
    meet(&problem, Code::WrongSession);
    let restart = problem.restart_url.unwrap();
    assert!(restart.starts_with("/oauth/authorize?"));
    let own = other_browser.get(&restart).await.challenge();
    let problem = objection(&mut other_browser, &own, |a| {
        a.personal_info[1].value = Some("not an address".into());
    });
    meet(&problem.await, Code::InvalidValue);

    let token = browser.asked(&challenge).await.csrf_token;
    let more = serde_json::json!({ "csrf_token": token }).to_string();
    let mut extend =
        async || browser.post(&extension_path(&challenge), "application/json", more.clone()).await;
    for _ in 0..10 {
        // A second may end between the extension and its response.
        let Extended { expires_in } = extend().await.json();
        assert!((899..=900).contains(&expires_in), "{expires_in}");
    }
    meet(&extend().await.problem(), Code::ExtensionRefused);

    browser.agrees(&challenge).await;
    let problem = browser.read(&challenge).await.problem();
    meet(&problem, Code::AlreadyDecided);
    let way_on = problem.redirect_to.unwrap();
    assert!(browser.get(&way_on).await.location_parameter("code").is_some(), "{way_on}");
    let problem = other_browser.read(&challenge).await.problem();
    meet(&problem, Code::AlreadyDecided);
    assert_eq!(problem.redirect_to, None, "only the browser that decided is sent on");

    server.clock.advance(901);
    let problem = other_browser.read(&own).await.problem();
    meet(&problem, Code::ChallengeExpired);
    assert!(other_browser.get(&problem.restart_url.unwrap()).await.challenge() != own);
    meet(&browser.read(&challenge).await.problem(), Code::AlreadyDecided);

    let mut refused_browser = server.browser_of("new").await;
    let pending = refused_browser.challenged("demo-pending", &[]).await;
    let problem = refused_browser.read(&pending).await.problem();
    meet(&problem, Code::SimpleSignUpInactive);
    assert_eq!(problem.redirect_to, None);
    let test_app = refused_browser.challenged("demo-test-app", &[]).await;
    meet(&refused_browser.read(&test_app).await.problem(), Code::NotATestMember);
    let mut child = server.browser_of("under-14").await;
    let too_young = child.challenged("demo-shop", &[]).await;
    let problem = child.read(&too_young).await.problem();
    meet(&problem, Code::UnderAge);
    let back = problem.redirect_to.unwrap();
    assert_eq!(parameter(&back, "error").unwrap(), "access_denied");
    assert_eq!(parameter(&back, "error_description").unwrap(), "Not allowed under age 14");
    assert_eq!(parameter(&back, "state").unwrap(), "state of the service");

    let page = child.authorize(&crate::browser::service("demo-bookclub")).await;
    let (_, of_child) = page.text().split_once("/api/v1/consents/").unwrap();
    let (of_child, _) = of_child.split_once('/').unwrap();
    let theirs = refused_browser.challenged("demo-bookclub", &[]).await;
    let stolen = required_only(&refused_browser.asked(&theirs).await);
    let problem = child.decide(of_child, &stolen).await.problem();
    meet(&problem, Code::ContinueElsewhere);
    assert!(problem.restart_url.unwrap().starts_with("/oauth/authorize?"));

    meet(
        &browser.get("/api/v1/terms/tos/1?digest=sha256-x").await.problem(),
        Code::DocumentNotFound,
    );

    let strict = Server::with(|settings| settings.rate_limit = a_minute(5)).await;
    let mut hasty = strict.browser_of("new").await;
    let answer = loop {
        let answer = hasty.read("x").await;
        if answer.status != StatusCode::NOT_FOUND {
            break answer;
        }
    };
    meet(&answer.problem(), Code::RateLimited);
    assert!((1..=60).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    // Another browser has its own share.
    assert_eq!(strict.browser_of("new").await.read("x").await.status, StatusCode::NOT_FOUND);

    server.app.close().await;
    let answer = refused_browser.read(&pending).await;
    meet(&answer.problem(), Code::Unavailable);
    assert!((1..=60).contains(&answer.header("retry-after").parse::<u32>().unwrap()));

    let all: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(met, all);
}

#[tokio::test]
async fn a_refused_account_can_still_cancel_and_never_agree() {
    let server = Server::demo().await;
    let mut child = server.browser_of("under-14").await;
    let challenge = child.challenged("demo-shop", &[]).await;
    let mut other = server.browser_of("new").await;
    let theirs = other.challenged("demo-shop", &[]).await;
    let stolen = required_only(&other.asked(&theirs).await);
    assert_eq!(child.decide(&challenge, &stolen).await.problem().code, Code::UnderAge);
    let answer = child.decide(&challenge, &cancel()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
    assert_eq!(server.count("SELECT count(*) FROM receipt_items").await, 0, "nothing was shown");
}

#[tokio::test]
async fn browsers_get_a_page_and_programs_problem_details() {
    let server = Server::demo().await;
    crate::screen::build(&server);
    crate::screen::make_room(&server);
    let mut browser = server.browser();
    browser.language = Some("en");
    let answer = browser.get("/consent/none").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text().contains("This request can't be found"), "{}", answer.text());
    let problem = browser.read("none").await.problem();
    assert_eq!(problem.code, Code::ChallengeNotFound);
}

#[tokio::test]
async fn malformed_decisions_are_refused_without_repeating_them() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let path = consent_contract::decision_path(&challenge);
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for (media_type, body) in [
        ("application/json", "secret@example.com"),
        ("application/json", "[]"),
        ("application/json", "{\"decision\":\"perhaps\"}"),
        ("application/json", "{\"decision\":\"agree\",\"csrf_token\":1}"),
        ("application/json", ""),
        ("application/json", &deep),
        ("text/plain", "{\"decision\":\"cancel\"}"),
        ("multipart/form-data; boundary=x", "--x"),
    ] {
        let problem = browser.post(&path, media_type, body.to_owned()).await.problem();
        assert_eq!(problem.code, Code::MalformedRequest, "{media_type} {body:.40}");
        assert!(!problem.detail.unwrap_or_default().contains("secret"));
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
}
