//! Asking members again, and saying why.

use axum::http::StatusCode;
use consent_backend::receipt::{Bundle, verify};
use consent_contract::{
    auto_login::AutoLogin,
    changed_document_path,
    document::{Block, Document},
    problem::Code,
    request::{ConsentRequest, Purpose, ReasonCode},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    browser::{Answer, Browser, CHALLENGE, ORIGIN, Server, agreement, parameter},
    client::{post, text, userinfo},
    form::RenderedPage,
    receipts, screen,
    shop::{self, SHOP, SIGN_IN},
};

const OLD_TEXT: &str = "주문 기록은 1년간 보관하고 그 뒤에 지체 없이 파기합니다.";
const NEW_TEXT: &str = "주문 기록은 3년간 보관하고 그 뒤에 지체 없이 파기합니다.";

const IN_APP: &str = "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Version/4.0 Chrome/126.0 Mobile Safari/537.36 KAKAOTALK/10.8.3 (INAPP)";

/// The shop with a secret and an optional item.
fn first_version() -> String {
    let shop = SHOP
        .replace("approved = true", "approved = true\nclient_secret = \"the secret of the shop\"")
        .replace("물건을 팝니다.", OLD_TEXT);
    format!(
        "{shop}\n[[service.personal_info.items]]\nid = \"account_email\"\nlabel = \"이메일\"\n\
         required = false\n{SIGN_IN}{}email = \"hana@example.com\"\n{}email = \"duri@example.com\"\n",
        shop::account("hana"),
        shop::account("duri")
    )
}

/// With a second version of the term, from 1 December 2026 on.
fn second_version(policy: &str) -> String {
    let term = format!(
        "[[service.terms]]\ntag = \"tos\"\nkind = \"service\"\nrequired = true\nversion = \"2\"\n\
         effective_from = 2026-12-01\ntitle = \"이용약관\"\ntext = \"{NEW_TEXT}\"\n{policy}\n\n\
         [service.personal_info]"
    );
    first_version().replace("[service.personal_info]", &term)
}

async fn server(toml: &str) -> Server {
    let server = Server::configured(toml).await.unwrap_or_else(|error| panic!("{error}"));
    set_clock(&server, "2026-11-27T00:00:00Z");
    server
}

fn set_clock(server: &Server, time: &str) {
    let time = OffsetDateTime::parse(time, &Rfc3339).unwrap().unix_timestamp();
    server.clock.advance(time - server.clock.now());
}

/// The same database under another configuration.
async fn restarted(server: Server, toml: &str) -> Server {
    let now = server.clock.now();
    server.app.close().await;
    let server = Server::configured_in(server.folder, toml, ORIGIN).await.unwrap();
    server.clock.advance(now - server.clock.now());
    server
}

async fn execute(server: &Server, sql: &'static str) {
    server.execute(sql).await.unwrap();
}

async fn authorize(browser: &mut Browser, more: &[(&str, &str)]) -> Answer {
    let mut request = vec![
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
        ("scope", "openid profile_nickname"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    request.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    request.extend(more);
    browser.authorize(&request).await
}

/// Signs up and agrees to everything.
async fn sign_up(browser: &mut Browser) -> ConsentRequest {
    let challenge = authorize(browser, &[]).await.challenge();
    let request = browser.asked(&challenge).await;
    let answer = browser.decide(&challenge, &agreement(&request, |_, _| true)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    request
}

/// The reasons of a request, as `(code, keys)`.
fn reasons(request: &ConsentRequest) -> Vec<(ReasonCode, Vec<&str>)> {
    let reasons = request.reasons.0.iter();
    reasons.map(|it| (it.code, it.items.iter().map(String::as_str).collect())).collect()
}

/// The whole message, which the screen's reader leaves the reasons out of.
async fn asked(browser: &mut Browser, challenge: &str) -> ConsentRequest {
    browser.read(challenge).await.json()
}

/// What a member meets at an authorize request: a code, or the challenge.
async fn met(browser: &mut Browser) -> Result<String, String> {
    let answer = authorize(browser, &[]).await;
    match answer.location().strip_prefix("/consent/") {
        Some(challenge) => Err(challenge.to_owned()),
        None => Ok(answer.location_parameter("code").unwrap()),
    }
}

async fn gets_a_code(browser: &mut Browser) -> String {
    met(browser).await.expect("a code without a screen")
}

async fn is_asked(browser: &mut Browser) -> (String, ConsentRequest) {
    let challenge = met(browser).await.expect_err("a screen");
    let request = asked(browser, &challenge).await;
    (challenge, request)
}

/// Each policy, a second before it asks and at that second: midnight of the service, in Seoul and in
/// New York.
#[tokio::test]
async fn a_new_version_is_asked_at_the_second_that_is_configured() {
    for (policy, zone, before, at) in [
        ("ask_again = \"at_once\"", "", "2026-11-30T14:59:59Z", "2026-11-30T15:00:00Z"),
        ("ask_again = \"after_grace\"", "", "2026-12-30T14:59:59Z", "2026-12-30T15:00:00Z"),
        (
            "ask_again = \"after_grace\"\ngrace = \"1 day\"",
            "time_zone = \"America/New_York\"",
            "2026-12-02T04:59:59Z",
            "2026-12-02T05:00:00Z",
        ),
    ] {
        let toml =
            second_version(policy).replace("approved = true", &format!("approved = true\n{zone}"));
        let server = server(&toml).await;
        let mut browser = server.proxied("hana");
        sign_up(&mut browser).await;
        set_clock(&server, before);
        gets_a_code(&mut browser).await;
        assert!(matches!(auto_login(&mut browser).await, AutoLogin::SignedIn { .. }), "{policy}");

        set_clock(&server, at);
        let (challenge, request) = is_asked(&mut browser).await;
        assert_eq!(request.purpose, Purpose::AdditionalConsent, "{policy}");
        assert_eq!(reasons(&request), [(ReasonCode::TermsChanged, vec!["term:tos"])], "{policy}");
        assert_eq!(request.terms[0].agreed_version.as_deref(), Some("1"));
        assert_eq!(
            request.reason.as_deref(),
            Some("약관이 변경되어 확인이 필요합니다. 다른 동의는 그대로입니다.")
        );
        assert!(request.personal_info.items.is_empty(), "other agreements stay");
        // No screen is allowed.
        let silent = authorize(&mut browser, &[("prompt", "none")]).await;
        assert_eq!(silent.location_parameter("error").as_deref(), Some("consent_required"));
        assert!(matches!(auto_login(&mut browser).await, AutoLogin::SignUp { .. }), "{policy}");
        let agreed = browser.decide(&challenge, &agreement(&request, |_, _| true)).await;
        assert_eq!(agreed.status, StatusCode::OK, "{}", agreed.text());
        gets_a_code(&mut browser).await;
    }
}

async fn redeem(server: &Server, code: &str) -> serde_json::Value {
    let parameters = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", "https://shop.example/callback"),
        ("code_verifier", crate::browser::VERIFIER),
    ];
    let answer = post(server, "/oauth/token", "shop", &parameters).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

async fn auto_login(browser: &mut Browser) -> AutoLogin {
    let body = serde_json::json!({
        "client_id": "shop", "redirect_uri": "https://shop.example/callback",
        "scope": "openid profile_nickname", "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    });
    browser.user_agent = Some(IN_APP);
    let answer = browser.post("/api/v1/auto-login", "application/json", body.to_string()).await;
    browser.user_agent = None;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

/// Terms carry no scope: what was agreed to stays agreed to, so tokens work before the screen and
/// after it was cancelled.
#[tokio::test]
async fn tokens_work_while_a_new_version_waits_for_its_answer() {
    let server = server(&second_version("ask_again = \"at_once\"")).await;
    let mut browser = server.proxied("hana");
    sign_up(&mut browser).await;
    set_clock(&server, "2026-11-30T14:59:50Z");
    let code = gets_a_code(&mut browser).await;
    let tokens = redeem(&server, &code).await;
    set_clock(&server, "2026-11-30T15:00:01Z");
    let (challenge, _) = is_asked(&mut browser).await;
    browser.decide(&challenge, &crate::browser::cancel()).await;
    let answer = userinfo(&server, &tokens).await;
    assert_eq!((answer.status, text(&answer.json(), "nickname")), (StatusCode::OK, "하나"));
    is_asked(&mut browser).await;
}

#[tokio::test]
async fn a_new_version_is_asked_on_request_only_by_default() {
    let server = server(&second_version("")).await;
    let mut browser = server.proxied("hana");
    sign_up(&mut browser).await;
    set_clock(&server, "2027-12-01T00:00:00Z");
    gets_a_code(&mut browser).await;
    let challenge = authorize(&mut browser, &[("service_terms", "tos")]).await.challenge();
    let request = asked(&mut browser, &challenge).await;
    assert_eq!(reasons(&request), [(ReasonCode::TermsChanged, vec!["term:tos"])]);
}

#[tokio::test]
async fn each_reason_is_given() {
    let server = server(&first_version()).await;
    let mut browser = server.proxied("hana");
    let request = authorize(&mut browser, &[]).await.challenge();
    let request = asked(&mut browser, &request).await;
    let all = vec!["term:tos", "item:profile_nickname", "item:account_email"];
    assert_eq!(reasons(&request), [(ReasonCode::NewService, all)]);
    assert!(request.reason.unwrap().starts_with("처음 이용하는 서비스입니다."));

    // The e-mail is left unticked, asked again, agreed to, withdrawn, and expires.
    let challenge = authorize(&mut browser, &[]).await.challenge();
    browser.agrees(&challenge).await;
    let email = [("scope", "openid account_email")];
    let mut expect = async |code, ticked: bool| {
        let challenge = authorize(&mut browser, &email).await.challenge();
        let request = asked(&mut browser, &challenge).await;
        assert_eq!(reasons(&request), [(code, vec!["item:account_email"])]);
        if ticked {
            browser.decide(&challenge, &agreement(&request, |_, _| true)).await;
        }
    };
    expect(ReasonCode::Requested, true).await;
    server.clock.advance(1);
    execute(&server, WITHDRAWN).await;
    expect(ReasonCode::Withdrawn, true).await;
    server.clock.advance(1);
    execute(&server, EXPIRED).await;
    expect(ReasonCode::Expired, false).await;
    // What has expired is asked without a request.
    let (_, request) = is_asked(&mut server.proxied("hana")).await;
    assert_eq!(reasons(&request), [(ReasonCode::Expired, vec!["item:account_email"])]);
    assert_eq!(
        request.reason.as_deref(),
        Some("동의 기간이 만료되어 확인이 필요합니다. 다른 동의는 그대로입니다.")
    );
}

/// As a withdrawal and the end of a validity are written.
const WITHDRAWN: &str = "
    DELETE FROM agreements WHERE key = 'item:account_email';
    INSERT INTO grant_changes SELECT 'W', 1, account, service, 'withdraw', 'user', max(decided_at) + 1
        FROM decisions GROUP BY account, service;
    INSERT INTO grant_change_items VALUES ('W', 0, 'item:account_email', NULL)";
const EXPIRED: &str = "
    DELETE FROM agreements WHERE key = 'item:account_email';
    INSERT INTO grant_changes SELECT 'E', 1, account, service, 'expire', 'expiry', max(decided_at) + 1
        FROM decisions GROUP BY account, service;
    INSERT INTO grant_change_items VALUES ('E', 0, 'item:account_email', NULL)";

#[tokio::test]
async fn reasons_are_in_the_language_of_the_request() {
    let server = server(&second_version("ask_again = \"at_once\"")).await;
    let mut browser = server.proxied("hana");
    sign_up(&mut browser).await;
    set_clock(&server, "2026-12-01T00:00:00Z");
    let (challenge, request) = is_asked(&mut browser).await;
    // The service has Korean texts only, so the request is in Korean for everyone.
    let english: ConsentRequest =
        browser.get(&format!("/api/v1/consents/{challenge}?locale=en")).await.json();
    assert_eq!((english.locale, english.reason), (request.locale, request.reason));
}

#[tokio::test]
async fn changed_statements_ask_again() {
    let server = server(&first_version()).await;
    let mut browser = server.proxied("hana");
    sign_up(&mut browser).await;
    gets_a_code(&mut browser).await;

    let changed = first_version().replace("retention = \"1년\"", "retention = \"3년\"");
    let server = restarted(server, &changed).await;
    let (_, request) = is_asked(&mut server.proxied("hana")).await;
    let items = vec!["item:profile_nickname", "item:account_email"];
    assert_eq!(reasons(&request), [(ReasonCode::StatementsChanged, items)]);
    assert!(request.terms.is_empty());

    // An operator who has only worded it differently.
    let declared = changed.replace(
        "[[service.personal_info.items]]\nid = \"profile_nickname\"",
        "[[service.personal_info.earlier_wordings]]\nretention = \"1년\"\n\n\
         [[service.personal_info.items]]\nid = \"profile_nickname\"",
    );
    let server = restarted(server, &declared).await;
    gets_a_code(&mut server.proxied("hana")).await;

    // Agreeing to the new statements settles it.
    let server = restarted(server, &changed).await;
    let mut browser = server.proxied("hana");
    let (challenge, request) = is_asked(&mut browser).await;
    let answer = browser.decide(&challenge, &agreement(&request, |_, _| true)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    gets_a_code(&mut browser).await;
}

/// The shop, whose payment company gets the e-mail address.
fn with_payment_company() -> String {
    first_version().replace(
        "label = \"이메일\"",
        "label = \"이메일\"\nrecipient = \"가게페이 주식회사\"\nretention = \"5년\"",
    )
}

#[tokio::test]
async fn a_changed_statement_of_an_item_asks_for_that_item_alone() {
    let server = server(&first_version()).await;
    sign_up(&mut server.proxied("hana")).await;
    // Now the e-mail address has a recipient of its own.
    let server = restarted(server, &with_payment_company()).await;
    let mut browser = server.proxied("hana");
    let (challenge, request) = is_asked(&mut browser).await;
    let email = vec!["item:account_email"];
    assert_eq!(reasons(&request), [(ReasonCode::StatementsChanged, email.clone())]);
    let item = &request.personal_info.items[0];
    assert_eq!(item.recipient.as_deref(), Some("가게페이 주식회사"));
    assert_eq!((&item.purpose, item.retention.as_deref()), (&None, Some("5년")));
    let answer = browser.decide(&challenge, &agreement(&request, |_, _| true)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    gets_a_code(&mut browser).await;

    let changed = with_payment_company().replace("5년", "10년");
    let server = restarted(server, &changed).await;
    let (_, request) = is_asked(&mut server.proxied("hana")).await;
    assert_eq!(reasons(&request), [(ReasonCode::StatementsChanged, email)]);
    let declared = changed.replace(
        "required = false\n",
        "required = false\n[[service.personal_info.items.earlier_wordings]]\nretention = \"5년\"\n",
    );
    let server = restarted(server, &declared).await;
    gets_a_code(&mut server.proxied("hana")).await;
}

/// Items with the same statements stand together, those that share the service's first.
#[tokio::test]
async fn items_are_grouped_by_their_statements() {
    let item = |id: &str, own: &str| {
        format!(
            "[[service.personal_info.items]]\nid = \"{id}\"\nlabel = \"{id}\"\nrequired = false\n{own}\n"
        )
    };
    let pay = "recipient = \"가게페이 주식회사\"\n";
    let items = [
        item("gender", pay),
        item("age_range", "purpose = \"통계\""),
        item("birthyear", &format!("{pay}purpose = \"주문\"")),
        item("talk_message", ""),
    ];
    let toml = first_version().replacen(
        "[[service.personal_info.items]]",
        &format!("{}[[service.personal_info.items]]", items.concat()),
        1,
    );
    let account = "nickname = \"하나\"\n";
    let known = format!("{account}gender = \"female\"\nbirthday = \"1995-04-05\"\n");
    let server = server(&toml.replacen(account, &known, 1)).await;
    let request = sign_up(&mut server.proxied("hana")).await;
    let ids: Vec<Vec<&str>> = request
        .personal_info
        .groups()
        .map(|items| items.iter().map(|item| &*item.id).collect())
        .collect();
    let shared = vec!["talk_message", "profile_nickname", "account_email"];
    assert_eq!(ids, [shared, vec!["gender", "birthyear"], vec!["age_range"]]);
    assert_eq!(request.personal_info.items[4].purpose, None, "it is that of the service");
}

/// The form, the account pages and the receipt show what was stated about each item.
#[tokio::test]
async fn the_statements_of_an_item_are_shown_wherever_statements_are() {
    let server = server(&with_payment_company()).await;
    screen::build(&server);
    screen::make_room(&server);
    let mut browser = server.proxied("hana");
    let challenge = authorize(&mut browser, &[]).await.challenge();
    let page = browser.get(&format!("/consent/{challenge}")).await.text().to_owned();
    let (shared, own) = page.split_once("가게페이 주식회사").expect("the second recipient");
    assert!(shared.contains("가게 주식회사</dd>") && shared.contains("닉네임"), "{shared}");
    let (own, _) = own.split_once("</fieldset>").expect("the end of the section");
    assert!(own.contains("5년") && own.contains("이메일"), "{own}");
    assert!(!own.contains("1년"), "what is shared is not repeated: {own}");

    let request = browser.asked(&challenge).await;
    let answer = browser.decide(&challenge, &agreement(&request, |_, _| true)).await;
    let receipt: consent_contract::decision::Recorded = answer.json();
    // The signed receipt, and the agreements that follow from it.
    let path = format!("/account/receipts/{}/receipt.json", receipt.receipt_id);
    let bundle = Bundle::read(browser.get(&path).await.text()).unwrap();
    let claims = verify(&bundle.receipts[0].jws, &bundle.keys).unwrap();
    let shown = claims.shown().unwrap();
    assert_eq!(shown.personal_info.items[1].recipient.as_deref(), Some("가게페이 주식회사"));
    assert_eq!(shown.personal_info.digest_input(), request.personal_info.digest_input());
    assert!(bundle.statements[0].text.contains("가게페이 주식회사"), "{:?}", bundle.statements);
    assert_eq!(bundle.verify(None).faults, [""; 0]);
    assert_eq!(receipts::faults(&server).await, [""; 0]);

    let of_service = browser.get("/account/services/shop").await.text().to_owned();
    let of_receipt = format!("/account/receipts/{}", receipt.receipt_id);
    let of_receipt = browser.get(&of_receipt).await.text().to_owned();
    for page in [&of_service, &of_receipt] {
        let (shared, own) =
            page.split_once("가게페이 주식회사").unwrap_or_else(|| panic!("{page}"));
        assert!(shared.contains("1년") && own.contains("5년") && own.contains("이메일"), "{page}");
    }
    assert!(!of_service.contains("아직 동의하지 않았습니다"), "{of_service}");
    let leave = browser.get("/account/services/shop/leave").await.text().to_owned();
    assert!(leave.contains("1년 · 5년 (이메일)"), "{leave}");

    // A later recipient, not agreed to yet.
    let changed = with_payment_company().replace("가게페이 주식회사", "새페이 주식회사");
    let server = restarted(server, &changed).await;
    let page = server.proxied("hana").get("/account/services/shop").await.text().to_owned();
    let (agreed, newer) = page.split_once("아직 동의하지 않았습니다").expect("a newer statement");
    assert!(agreed.contains("가게페이 주식회사") && !agreed.contains("새페이"), "{agreed}");
    assert!(newer.contains("새페이 주식회사"), "{newer}");
}

/// The account pages state what was agreed to, and what is newer as such.
#[tokio::test]
async fn the_account_pages_state_what_was_agreed_to() {
    let server = server(&first_version()).await;
    screen::build(&server);
    screen::make_room(&server);
    sign_up(&mut server.proxied("hana")).await;
    let changed = first_version().replace("retention = \"1년\"", "retention = \"3년\"");
    let server = restarted(server, &changed).await;
    let mut browser = server.proxied("hana");
    let page = browser.get("/account/services/shop").await.text().to_owned();
    let parts = page.split_once("아직 동의하지 않았습니다");
    let (agreed, newer) = parts.unwrap_or_else(|| panic!("no newer statement: {page}"));
    assert!(agreed.contains("1년") && !agreed.contains("3년"), "{agreed}");
    assert!(newer.contains("3년"), "{newer}");
    let page = browser.get("/account/services/shop/leave").await.text().to_owned();
    assert!(page.contains("1년") && !page.contains("3년"), "{page}");

    let server = restarted(server, &first_version()).await;
    let page = server.proxied("hana").get("/account/services/shop").await.text().to_owned();
    assert!(page.contains("1년") && !page.contains("아직 동의하지 않았습니다"), "{page}");
}

/// A service that is not configured any more has a client id, and no empty facts.
#[tokio::test]
async fn the_account_pages_of_a_removed_service_have_no_empty_facts() {
    let server = server(&first_version()).await;
    screen::build(&server);
    screen::make_room(&server);
    sign_up(&mut server.proxied("hana")).await;
    let other = first_version().replace("client_id = \"shop\"", "client_id = \"other\"");
    let server = restarted(server, &other).await;
    for path in ["/account/services/shop", "/account/services/shop/leave"] {
        let answer = server.proxied("hana").get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let page = answer.text();
        assert!(page.contains("shop"), "{page}");
        for empty in ["service__company", "service__host", "<bdi></bdi>", "‘’", "“”"] {
            assert!(!page.contains(empty), "{path}: {empty}: {page}");
        }
    }
}

/// Agreements from before the digests were kept say nothing of their statements.
#[tokio::test]
async fn agreements_without_a_digest_are_not_asked_again() {
    let server = server(&first_version()).await;
    sign_up(&mut server.proxied("hana")).await;
    execute(&server, "UPDATE agreements SET statements = NULL").await;
    let changed = first_version().replace("retention = \"1년\"", "retention = \"3년\"");
    let server = restarted(server, &changed).await;
    gets_a_code(&mut server.proxied("hana")).await;
}

/// A member who agreed to the first version before the second one.
async fn before_the_second_version() -> (Server, Browser, String, ConsentRequest) {
    let server = server(&second_version("ask_again = \"at_once\"")).await;
    screen::build(&server);
    screen::make_room(&server);
    let mut browser = server.proxied("hana");
    sign_up(&mut browser).await;
    set_clock(&server, "2026-12-01T00:00:00Z");
    let (challenge, request) = is_asked(&mut browser).await;
    (server, browser, challenge, request)
}

#[tokio::test]
async fn the_text_comes_after_what_changed_in_it() {
    let (server, mut browser, challenge, request) = before_the_second_version().await;
    let term = &request.terms[0];
    let path = changed_document_path(&challenge, &term.tag, &term.version, &term.digest);
    let answer = browser.get(&path).await;
    let document = Document::from_json(answer.text()).unwrap();
    assert_eq!((&document.digest, &*document.version), (&term.digest, "2"));
    let text = |block: &Block| match block {
        Block::Heading { text, .. } | Block::Paragraph { text } => text.clone(),
        Block::List { items } => items.join("\n"),
        Block::Table { .. } => panic!("no table"),
    };
    assert_eq!(
        document.blocks.iter().map(text).collect::<Vec<_>>(),
        [
            "변경된 내용",
            "동의하신 2026년 1월 1일 버전과 달라진 부분입니다.",
            "변경 전: 주문 기록은 1년간 보관하고 그 뒤에 지체 없이 파기합니다. → \
             변경 후: 주문 기록은 3년간 보관하고 그 뒤에 지체 없이 파기합니다.",
            "변경 후 전체 내용",
            NEW_TEXT,
        ]
    );
    assert_eq!(answer.header("cache-control"), "no-store");

    // Another browser, signed in as another account or as none.
    let problem = server.proxied("duri").get(&path).await.problem();
    assert_eq!(problem.code, Code::WrongSession);
    let problem = server.browser().get(&path).await.problem();
    assert_eq!(problem.code, Code::WrongSession);
    // What is not there.
    let other = |tag: &str, version: &str, digest: &str| {
        changed_document_path(&challenge, tag, version, digest)
    };
    for path in [
        other("tos", "3", &term.digest),
        other("news", "2", &term.digest),
        other("tos", "2", "sha256-x"),
        path.split_once('?').unwrap().0.to_owned(),
    ] {
        assert_eq!(browser.get(&path).await.problem().code, Code::DocumentNotFound, "{path}");
    }
    let unknown = changed_document_path("unknown", &term.tag, &term.version, &term.digest);
    assert_eq!(browser.get(&unknown).await.problem().code, Code::ChallengeNotFound);
    let answer = browser.post(&path, "application/json", "{}").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

/// A user who signs up has agreed to nothing before: the text stands alone.
#[tokio::test]
async fn without_an_earlier_agreement_there_is_the_text_alone() {
    let server = server(&first_version()).await;
    let mut browser = server.proxied("hana");
    let challenge = authorize(&mut browser, &[]).await.challenge();
    let request = asked(&mut browser, &challenge).await;
    let term = &request.terms[0];
    assert_eq!(term.agreed_version, None);
    let path = changed_document_path(&challenge, &term.tag, &term.version, &term.digest);
    let document: Document = browser.get(&path).await.json();
    assert_eq!(document.blocks, [Block::Paragraph { text: OLD_TEXT.into() }]);
}

/// The version that was agreed to has no text in the language of the request: languages are never
/// compared with each other.
#[tokio::test]
async fn texts_of_two_languages_are_not_compared() {
    let server = server(&first_version()).await;
    sign_up(&mut server.proxied("hana")).await;
    // The service adds English with its second version, and no longer has the first one.
    let second = first_version()
        .replace("version = \"1\"", "version = \"2\"\nask_again = \"at_once\"")
        .replace("effective_from = 2026-01-01", "effective_from = 2026-11-01")
        .replace("title = \"이용약관\"", "title = { ko = \"이용약관\", en = \"Terms\" }")
        .replace(
            &format!("text = \"{OLD_TEXT}\""),
            &format!("text = {{ ko = \"{NEW_TEXT}\", en = \"We keep orders.\" }}"),
        );
    let server = restarted(server, &second).await;
    screen::build(&server);
    screen::make_room(&server);
    for (language, text, lists_changes) in
        [("ko", NEW_TEXT, true), ("en", "We keep orders.", false)]
    {
        let mut browser = server.proxied("hana");
        browser.language = Some(language);
        let (challenge, request) = is_asked(&mut browser).await;
        assert_eq!(request.locale, language);
        let term = &request.terms[0];
        let path = changed_document_path(&challenge, &term.tag, &term.version, &term.digest);
        let document: Document = browser.get(&path).await.json();
        assert_eq!(document.blocks.last(), Some(&Block::Paragraph { text: text.into() }));
        assert_eq!(document.blocks.len() > 1, lists_changes, "{document:?}");
        let page = RenderedPage::of(browser.get(&format!("/consent/{challenge}")).await);
        let page = page.form("#consent-form").shown(&mut browser, "read:tos").await;
        assert_eq!(page.count("ins") > 0, lists_changes, "{}", page.answer.text());
    }
}

/// Without a script: the page with marks, the page without, and back to the form, which keeps what was
/// ticked.
#[tokio::test]
async fn the_changes_are_marked_on_a_page_of_their_own() {
    let (_server, mut browser, challenge, _) = before_the_second_version().await;
    let page = RenderedPage::of(browser.get(&format!("/consent/{challenge}")).await);
    assert_eq!(
        page.texts(".lead"),
        ["약관이 변경되어 확인이 필요합니다. 다른 동의는 그대로입니다."]
    );
    let form = page.form("#consent-form").tick("term:tos");
    let page = form.shown(&mut browser, "read:tos").await;
    assert_eq!(page.answer.status, StatusCode::OK);
    assert_eq!(page.texts("h1"), ["이용약관"]);
    assert_eq!(page.texts("h2"), ["변경된 내용", "전체 내용 (변경된 부분 표시)"]);
    assert_eq!(page.texts(".document del"), ["삭제: 1년간"]);
    assert_eq!(page.texts(".document ins"), ["추가: 3년간"]);
    assert_eq!(page.count("script"), 0);
    let policy = page.answer.header("content-security-policy");
    let styles: Vec<String> = page
        .html
        .select(&scraper::Selector::parse("style").unwrap())
        .map(|style| style.text().collect())
        .collect();
    assert!(!styles.is_empty());
    assert!(styles.iter().all(|style| policy.contains(&screen::digest(style))), "{policy}");

    let plain = page.form("form").shown(&mut browser, "full:tos").await;
    assert_eq!(plain.texts(".document p"), [NEW_TEXT]);
    assert_eq!(plain.count("ins, del"), 0);
    let back = plain.form("form").shown(&mut browser, "show").await;
    assert!(back.form("#consent-form").ticked().contains(&"term:tos"));
    let answer = back.form("#consent-form").press(&mut browser, "agree").await;
    assert!(parameter(&answer.onward(), "code").is_some());
    // A term that is not asked has no page.
    let (_server, mut browser, challenge, _) = before_the_second_version().await;
    let page = RenderedPage::of(browser.get(&format!("/consent/{challenge}")).await);
    for press in ["full:news", "read:news"] {
        let answer = page.form("#consent-form").press(&mut browser, press).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{press}");
    }
}
