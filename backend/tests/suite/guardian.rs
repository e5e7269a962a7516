//! A guardian consents for a child: the child asks, the guardian answers behind a link, and the child
//! goes on.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use consent_contract::{
    decision::Decision,
    decision_path,
    problem::Code,
    request::{ConsentRequest, ConsentState},
};
use serde_json::Value;

use crate::{
    browser::{Answer, Browser, CHALLENGE, Server, agreement, changed, parameter},
    form::{Form, RenderedPage},
    screen,
    shop::{self, SHOP, SIGN_IN},
    webhooks::{self, receiver::Receiver},
};

const SECRET: &str = "a-secret-of-the-hook";
const DAY: i64 = 24 * 60 * 60;

/// A shop that asks guardians, an account of a child, and one whose age is not known.
fn toml(hook: &str, of_service: &str, of_child: &str) -> String {
    let shop = SHOP.replace(
        "approved = true",
        &format!("approved = true\nunder_age = \"guardian\"\n{of_service}"),
    );
    format!(
        "{shop}\n[[service.personal_info.items]]\nid = \"birthday\"\nlabel = \"생년월일\"\n\
         required = false\ncollect = true\n{SIGN_IN}\n[guardian]\nmail_hook = \"{hook}\"\n\
         mail_secret = \"{SECRET}\"\n{}{of_child}\n{}",
        shop::account("hana"),
        shop::account("duri"),
    )
}

async fn server_with(of_service: &str, of_child: &str) -> (Receiver, Server) {
    let receiver = Receiver::new();
    let server = webhooks::server(&toml(&receiver.url("/mail"), of_service, of_child)).await;
    screen::build(&server);
    screen::make_room(&server);
    (receiver, server)
}

async fn server() -> (Receiver, Server) {
    server_with("", "under_14 = true").await
}

fn english(mut browser: Browser) -> Browser {
    browser.language = Some("en");
    browser
}

const REQUEST: [(&str, &str); 6] = [
    ("response_type", "code"),
    ("client_id", "shop"),
    ("redirect_uri", "https://shop.example/callback"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
    ("state", "s"),
];

/// The child's page.
async fn asked_for_guardian(child: &mut Browser) -> RenderedPage {
    let page = RenderedPage::of(child.authorize(&REQUEST).await);
    assert_eq!(page.answer.status, StatusCode::OK, "{}", page.answer.text());
    page
}

async fn ask(child: &mut Browser, address: &str) -> Answer {
    let form = asked_for_guardian(child).await.form("form").write("email", address);
    form.send(child).await
}

/// The path of the link in the last e-mail.
fn link(receiver: &Receiver) -> String {
    receiver.wait(|heard| !heard.is_empty());
    let heard = receiver.heard().pop().unwrap();
    assert_eq!(heard.line, "POST /mail");
    assert_eq!(heard.header("authorization"), format!("Bearer {SECRET}"));
    let message: Value = serde_json::from_str(&heard.body).unwrap();
    let link = message["link"].as_str().unwrap();
    assert!(message["text"].as_str().unwrap().contains(link), "{message}");
    link.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned()
}

async fn sent(receiver: &Receiver, child: &mut Browser) -> String {
    let answer = ask(child, "mina@example.com").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    link(receiver)
}

async fn opened(guardian: &mut Browser, link: &str) -> RenderedPage {
    RenderedPage::of(guardian.get(link).await)
}

fn filled(page: &RenderedPage) -> Form {
    let boxes = page.form("#consent-form");
    let ticked = ["term:tos", "item:profile_nickname"];
    ticked
        .into_iter()
        .fold(boxes, |form, key| form.tick(key))
        .write("guardian_name", "김미나")
        .tick("confirmed")
}

async fn gets_a_code(browser: &mut Browser) -> bool {
    let answer = browser.authorize(&REQUEST).await;
    answer.status == StatusCode::SEE_OTHER && answer.location_parameter("code").is_some()
}

#[tokio::test]
async fn a_guardian_agrees_and_the_child_goes_on() {
    let (receiver, server) = server().await;
    let mut child = english(server.proxied("hana"));
    let page = asked_for_guardian(&mut child).await;
    assert_eq!(page.texts("h1"), ["Ask a parent or guardian"]);
    let link = sent(&receiver, &mut child).await;
    let waiting = asked_for_guardian(&mut child).await;
    assert_eq!(waiting.texts("h1"), ["Waiting for an answer"]);
    assert!(waiting.answer.text().contains("mi***@example.com"));
    assert!(!waiting.answer.text().contains("mina@"), "no address of others is shown in full");

    // The same screen in another browser, that is signed in as no one.
    let mut guardian = english(server.browser());
    let page = opened(&mut guardian, &link).await;
    assert_eq!(page.answer.status, StatusCode::OK, "{}", page.answer.text());
    assert_eq!(page.texts("h1"), ["가게 가입: 보호자 동의"]);
    assert!(page.texts(".account").concat().contains("하나"), "for whom");
    assert_eq!(page.count("[type=checkbox][checked]"), 0);
    assert_eq!(page.count("script"), 0);
    assert_eq!(page.form("#consent-form").boxes().len(), 3);
    let end = filled(&page).shown(&mut guardian, "agree").await;
    assert_eq!(end.answer.status, StatusCode::OK, "{}", end.answer.text());
    assert_eq!(end.texts("h1"), ["Your consent is recorded"]);
    assert_eq!(server.count("SELECT count(*) FROM codes").await, 0, "no code for a guardian");

    assert!(gets_a_code(&mut child).await);
    let silent = [&REQUEST[..], &[("prompt", "none")]].concat();
    assert!(child.authorize(&silent).await.location_parameter("code").is_some());
    assert_eq!(server.count("SELECT count(*) FROM links").await, 1);
    let agreed = "SELECT count(*) FROM receipt_items WHERE agreed = TRUE";
    assert_eq!(server.count(agreed).await, 2);
}

/// The receipt states who agreed for whom, and only as much as both recognise.
/// The guardian agrees to what each recipient gets.
#[tokio::test]
async fn a_guardian_sees_the_statements_of_each_item() {
    let receiver = Receiver::new();
    let toml = toml(&receiver.url("/mail"), "", "under_14 = true")
        .replace("label = \"생년월일\"", "label = \"생년월일\"\nrecipient = \"가게페이 주식회사\"");
    let server = webhooks::server(&toml).await;
    screen::build(&server);
    screen::make_room(&server);
    let mut child = server.proxied("hana");
    let link = sent(&receiver, &mut child).await;
    let page = opened(&mut server.browser(), &link).await;
    let mut sections = page.texts("fieldset");
    sections.retain(|section| section.contains("제공받는 자"));
    let [shared, own] = &sections[..] else { panic!("{sections:?}") };
    assert!(shared.contains("주문") && shared.contains("닉네임"), "{shared}");
    assert!(own.contains("가게페이 주식회사") && own.contains("생년월일"), "{own}");
    assert!(!own.contains("주문"), "{own}");
}

#[tokio::test]
async fn the_receipt_states_who_agreed_for_whom() {
    let (receiver, server) = server().await;
    let mut child = server.proxied("hana");
    let link = sent(&receiver, &mut child).await;
    let mut guardian = server.browser();
    let page = opened(&mut guardian, &link).await;
    filled(&page).press(&mut guardian, "agree").await;
    let jws = server.texts("SELECT jws FROM signed_receipts").await.remove(0);
    use base64::Engine as _;
    let payload = jws.split('.').nth(1).unwrap();
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    let guardian = &claims["event"]["guardian"];
    assert_eq!(guardian["name"], "김*나", "{claims}");
    assert_eq!(guardian["contact"], "mi***@example.com");
    assert!(claims["sub"].is_string());
    let id = server.texts("SELECT receipt_id FROM decisions").await.remove(0);
    let page = child.get(&format!("/account/receipts/{id}")).await;
    assert!(page.text().contains("김*나 (mi***@example.com)"), "{}", page.text());
}

#[tokio::test]
async fn a_guardian_refuses_and_the_child_learns_only_that() {
    let (receiver, server) = server().await;
    let mut child = english(server.proxied("hana"));
    let link = sent(&receiver, &mut child).await;
    let mut guardian = english(server.browser());
    let page = opened(&mut guardian, &link).await;
    let end = page.form("#cancel-form").send(&mut guardian).await;
    assert_eq!(RenderedPage::of(end).texts("h1"), ["You did not consent"]);
    let page = asked_for_guardian(&mut child).await;
    assert_eq!(page.texts("h1"), ["Your parent or guardian said no"]);
    assert_eq!(page.count("form"), 0, "not again at once");
    let back = page.attributes("a.way", "href").pop().unwrap();
    assert_eq!(parameter(&back, "error").unwrap(), "access_denied");
    assert_eq!(parameter(&back, "error_description").unwrap(), "Not allowed under age 14");
    assert_eq!(server.count("SELECT count(*) FROM agreements").await, 0);
    let refused = "SELECT count(*) FROM decisions WHERE decision = 'cancel'";
    assert_eq!(server.count(refused).await, 1);
    // A day later the child may ask again.
    server.clock.advance(DAY);
    assert_eq!(asked_for_guardian(&mut child).await.count("form"), 1);
}

#[tokio::test]
async fn a_link_works_once_and_only_the_latest() {
    let (receiver, server) = server().await;
    let mut child = english(server.proxied("hana"));
    let first = sent(&receiver, &mut child).await;
    let second = sent(&receiver, &mut child).await;
    assert_ne!(first, second);
    let mut guardian = english(server.browser());
    let page = opened(&mut guardian, &first).await;
    assert_eq!(page.answer.status, StatusCode::NOT_FOUND);
    assert_eq!(page.texts("h1"), ["This link cannot be used"]);
    let page = opened(&mut guardian, &second).await;
    filled(&page).press(&mut guardian, "agree").await;
    for again in [
        filled(&page).press(&mut guardian, "agree").await,
        page.form("#cancel-form").send(&mut guardian).await,
        guardian.get(&second).await,
    ] {
        assert_eq!(again.status, StatusCode::NOT_FOUND, "{}", again.text());
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
    // What is stored does not open the page.
    assert_eq!(server.count("SELECT count(*) FROM guardian_consents WHERE token IS NULL").await, 1);
}

#[tokio::test]
async fn a_link_expires() {
    let (receiver, server) = server().await;
    let mut child = english(server.proxied("hana"));
    let link = sent(&receiver, &mut child).await;
    let mut guardian = english(server.browser());
    let page = opened(&mut guardian, &link).await;
    server.clock.advance(3 * DAY);
    assert_eq!(filled(&page).press(&mut guardian, "agree").await.status, StatusCode::GONE);
    let page = opened(&mut guardian, &link).await;
    assert_eq!(
        (page.answer.status, page.texts("h1")),
        (StatusCode::GONE, vec!["This link has expired".to_owned()])
    );
    assert_eq!(asked_for_guardian(&mut child).await.texts("h1"), ["No answer yet"]);
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
    sent(&receiver, &mut child).await;
    assert_eq!(asked_for_guardian(&mut child).await.texts("h1"), ["Waiting for an answer"]);
}

/// A child that comes of age while the guardian is asked decides itself.
#[tokio::test]
async fn a_child_that_came_of_age_decides_itself() {
    let (receiver, server) = server_with("", "birthday = 2012-11-27").await;
    let set_clock = |time: i64| server.clock.advance(time - server.clock.now());
    let birthday = 1_795_705_200; // 2026-11-27 00:00 in Seoul.
    set_clock(birthday - 3600);
    let mut child = english(server.proxied("hana"));
    let link = sent(&receiver, &mut child).await;
    let mut guardian = english(server.browser());
    let page = opened(&mut guardian, &link).await;
    assert_eq!(page.answer.status, StatusCode::OK);
    set_clock(birthday);
    let end = filled(&page).shown(&mut guardian, "agree").await;
    assert_eq!(end.texts("h1"), ["Your consent is not needed"]);
    let challenge = child.authorize(&REQUEST).await.challenge();
    child.agrees(&challenge).await;
    assert!(gets_a_code(&mut child).await);
}

/// The API leads the app to the child's page, and takes no agreement of a child's.
#[tokio::test]
async fn the_api_leads_to_the_child_s_page() {
    let (_, server) = server().await;
    let mut other = server.proxied("duri");
    let theirs = other.authorize(&REQUEST).await.challenge();
    let request = other.asked(&theirs).await;
    let mut child = server.proxied("hana");
    let page = asked_for_guardian(&mut child).await;
    let action = page.attribute("form", "action");
    let challenge = action.split('/').nth(4).unwrap().to_owned();
    let answer = child.read(&challenge).await;
    let Ok(ConsentState::Done { redirect_to }) = ConsentState::from_json(answer.text()) else {
        panic!("{answer:?}");
    };
    assert!(redirect_to.starts_with("/oauth/authorize?"));
    let own = agreement(&request, |_, _| true);
    let problem = child.decide(&challenge, &own).await.problem();
    assert_eq!(
        (problem.code, problem.restart_url.as_deref()),
        (Code::ContinueElsewhere, Some(&*redirect_to))
    );
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
    let form = "decision=agree".to_owned();
    let answer =
        child.post(&decision_path(&challenge), "application/x-www-form-urlencoded", form).await;
    assert_ne!(answer.status, StatusCode::OK);
}

fn born(request: &ConsentRequest, birthday: &str) -> Decision {
    changed(agreement(request, |_, _| true), |agreement| {
        let answer = agreement.personal_info.iter_mut().find(|it| it.id == "birthday").unwrap();
        answer.value = Some(birthday.to_owned());
    })
}

/// A user of unknown age who types a child's birthday needs a guardian, whatever is typed next.
#[tokio::test]
async fn a_typed_birthday_of_a_child_needs_a_guardian() {
    let (receiver, server) = server().await;
    let mut child = english(server.proxied("duri"));
    let challenge = child.authorize(&REQUEST).await.challenge();
    let request = child.asked(&challenge).await;
    for birthday in ["2020-01-01", "1990-01-01"] {
        let problem = child.decide(&challenge, &born(&request, birthday)).await.problem();
        assert_eq!(problem.code, Code::ContinueElsewhere, "{birthday}");
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
    let link = sent(&receiver, &mut child).await;
    let mut guardian = english(server.browser());
    let page = opened(&mut guardian, &link).await;
    let form = filled(&page).tick("item:birthday").write("value:birthday", "2020-01-01");
    let end = form.shown(&mut guardian, "agree").await;
    assert_eq!(end.texts("h1"), ["Your consent is recorded"], "{}", end.answer.text());
    assert!(gets_a_code(&mut child).await);
    // A slip can be corrected a day later.
    let (_, server) = self::server().await;
    let mut slip = english(server.proxied("duri"));
    let challenge = slip.authorize(&REQUEST).await.challenge();
    let request = slip.asked(&challenge).await;
    slip.decide(&challenge, &born(&request, "2020-01-01")).await.problem();
    server.clock.advance(DAY);
    let challenge = slip.authorize(&REQUEST).await.challenge();
    let request = slip.asked(&challenge).await;
    let answer = slip.decide(&challenge, &born(&request, "1990-01-01")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

/// Below the age of the service no guardian helps.
#[tokio::test]
async fn a_guardian_cannot_lower_the_age_of_the_service() {
    let (_, server) = server_with("min_age = 7", "birthday = 2022-01-01").await;
    let mut child = server.proxied("hana");
    let challenge = child.authorize(&REQUEST).await.challenge();
    let problem = child.read(&challenge).await.problem();
    assert_eq!((problem.code, problem.min_age), (Code::UnderAge, Some(7)));
    let mut typed = server.proxied("duri");
    let challenge = typed.authorize(&REQUEST).await.challenge();
    let request = typed.asked(&challenge).await;
    let problem = typed.decide(&challenge, &born(&request, "2022-01-01")).await.problem();
    assert_eq!(problem.code, Code::UnderAge);
}

/// A service that names nothing takes no one under 14 (PIPA 22-2(1)).
#[tokio::test]
async fn without_guardians_no_child_is_taken() {
    for min_age in ["", "min_age = 0", "min_age = 13"] {
        let shop = SHOP.replace("approved = true", &format!("approved = true\n{min_age}"));
        let toml = format!("{shop}{SIGN_IN}{}under_14 = true\n", shop::account("hana"));
        let server = Server::configured(&toml).await.unwrap();
        let mut child = server.proxied("hana");
        let challenge = child.authorize(&REQUEST).await.challenge();
        let problem = child.read(&challenge).await.problem();
        assert_eq!((problem.code, problem.min_age), (Code::UnderAge, Some(14)), "{min_age}");
    }
}

#[tokio::test]
async fn the_guardian_has_to_name_themselves_and_confirm() {
    let (receiver, server) = server().await;
    let mut child = server.proxied("hana");
    let link = sent(&receiver, &mut child).await;
    let mut guardian = english(server.browser());
    let page = opened(&mut guardian, &link).await;
    let form = page.form("#consent-form").tick("term:tos").tick("item:profile_nickname");
    let again = form.shown(&mut guardian, "agree").await;
    assert_eq!(again.answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(again.texts("#guardian-name-fault"), ["이름을 입력해 주세요."]);
    assert_eq!(again.texts("#guardian-confirms-fault"), ["법정대리인인지 확인해 주세요."]);
    let of_guardian = ["#guardian_name", "#guardian_confirms"];
    assert_eq!(again.attributes("#summary a", "href"), of_guardian, "the summary has each error");
    let again_form = again.form("#consent-form");
    let ticked = again_form.ticked();
    assert!(
        ticked.contains(&"term:tos") && ticked.contains(&"item:profile_nickname"),
        "{ticked:?}"
    );
    // A summary of the guardian's own errors alone.
    let form = again.form("#consent-form").write("guardian_name", "미나");
    let own = form.shown(&mut guardian, "agree").await;
    assert_eq!(own.attributes("#summary a", "href"), ["#guardian_confirms"]);
    // And everything required is required of a guardian, too.
    let form = again
        .form("#consent-form")
        .untick("term:tos")
        .write("guardian_name", "미나")
        .tick("confirmed");
    let again = form.shown(&mut guardian, "agree").await;
    assert_eq!(again.answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(again.attributes("#summary a", "href"), ["#term:tos"]);
    assert_eq!(again.form("#consent-form").value("guardian_name"), ["미나"]);
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
}

/// Without a script the box ticks nothing by itself: what it stands for is shown first (rule KR-P11).
#[tokio::test]
async fn agree_all_is_shown_to_the_guardian_before_it_counts() {
    let (receiver, server) = server().await;
    let mut child = server.proxied("hana");
    let link = sent(&receiver, &mut child).await;
    let mut guardian = server.browser();
    let page = opened(&mut guardian, &link).await;
    let form = page.form("#consent-form").agree_all();
    let form = form.write("guardian_name", "김미나").tick("confirmed");
    let again = form.shown(&mut guardian, "agree").await;
    assert_eq!(again.answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.form("#consent-form").ticked().contains(&"term:tos"));
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
    let end = again.form("#consent-form").shown(&mut guardian, "agree").await;
    assert_eq!(end.answer.status, StatusCode::OK, "{}", end.answer.text());
}

/// The text of a term and other languages keep what was filled in.
#[tokio::test]
async fn a_guardian_reads_a_text_and_loses_nothing() {
    let (receiver, server) = server().await;
    let mut child = server.proxied("hana");
    let link = sent(&receiver, &mut child).await;
    let mut guardian = english(server.browser());
    let page = opened(&mut guardian, &link).await;
    let text = filled(&page).shown(&mut guardian, "read:tos").await;
    assert!(text.answer.text().contains("물건을 팝니다."), "{}", text.answer.text());
    let back = text.form("form").shown(&mut guardian, "show").await;
    assert_eq!(back.answer.status, StatusCode::OK);
    let form = back.form("#consent-form");
    assert_eq!(form.value("guardian_name"), ["김미나"]);
    assert!(form.ticked().contains(&"term:tos") && form.ticked().contains(&"confirmed"));
    let end = form.shown(&mut guardian, "agree").await;
    assert_eq!(end.texts("h1"), ["Your consent is recorded"]);
}

#[tokio::test]
async fn a_link_cannot_be_answered_from_another_site() {
    let (receiver, server) = server().await;
    let mut child = server.proxied("hana");
    let link = sent(&receiver, &mut child).await;
    let mut guardian = server.browser();
    let forged = Request::post(&link)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from("decision=cancel"));
    assert_eq!(guardian.send(forged.unwrap()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(opened(&mut guardian, &link).await.answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_child_cannot_send_mail_to_everyone() {
    let (receiver, server) = server().await;
    let mut child = english(server.proxied("hana"));
    for _ in 0..5 {
        assert_eq!(ask(&mut child, "mina@example.com").await.status, StatusCode::OK);
    }
    let page = asked_for_guardian(&mut child).await;
    assert_eq!(page.count("form"), 0);
    assert_eq!(receiver.heard().len(), 5);
    server.clock.advance(DAY);
    sent(&receiver, &mut child).await;
    assert_eq!(receiver.heard().len(), 6);
}

#[tokio::test]
async fn an_address_or_a_hook_that_does_not_work_is_named() {
    let (receiver, server) = server().await;
    let mut child = english(server.proxied("hana"));
    let page = RenderedPage::of(ask(&mut child, "mina").await);
    assert_eq!(page.answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.texts("#fault").concat().contains("email address"));
    assert_eq!(receiver.heard().len(), 0);
    receiver.answers(&[500]);
    let page = RenderedPage::of(ask(&mut child, "mina@example.com").await);
    assert_eq!(page.answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.texts("#fault").concat().contains("can't be sent"));
    let page = asked_for_guardian(&mut child).await;
    assert_eq!(page.texts("h1"), ["Ask a parent or guardian"], "nothing waits for an answer");
}

/// What the service asks later needs a guardian again.
#[tokio::test]
async fn more_consent_of_a_child_needs_the_guardian_again() {
    let (receiver, server) = server().await;
    let mut child = english(server.proxied("hana"));
    let link = sent(&receiver, &mut child).await;
    let mut guardian = english(server.browser());
    filled(&opened(&mut guardian, &link).await).press(&mut guardian, "agree").await;
    assert!(gets_a_code(&mut child).await);
    let more = [&REQUEST[..], &[("scope", "birthday")]].concat();
    let page = RenderedPage::of(child.authorize(&more).await);
    assert_eq!(page.texts("h1"), ["Ask a parent or guardian"]);
    page.form("form").write("email", "mina@example.com").send(&mut child).await;
    let page = opened(&mut guardian, &self::link(&receiver)).await;
    assert_eq!(page.form("#consent-form").boxes(), ["item:birthday"], "only what is new");
    assert!(gets_a_code(&mut child).await, "what was agreed to goes on meanwhile");
}

#[tokio::test]
async fn a_child_of_before_needs_a_guardian_too() {
    let (receiver, server) = server_with(
        "",
        "under_14 = true\n[[account.links]]\nservice = \"shop\"\nhow = \"combined_screen\"\n\
         at = \"2026-01-11T12:00:00Z\"\nterms = { tos = \"1\" }\nitems = [\"profile_nickname\"]\n",
    )
    .await;
    let mut child = english(server.proxied("hana"));
    let link = sent(&receiver, &mut child).await;
    let mut guardian = english(server.browser());
    let page = opened(&mut guardian, &link).await;
    assert_eq!(page.form("#consent-form").boxes().len(), 3, "everything is asked");
    filled(&page).press(&mut guardian, "agree").await;
    assert!(gets_a_code(&mut child).await);
}

#[tokio::test]
async fn the_demo_shows_the_link() {
    let server = Server::demo().await;
    screen::build(&server);
    screen::make_room(&server);
    let mut child = english(server.browser_of("under-14").await);
    let page = RenderedPage::of(child.authorize(&crate::browser::service("demo-bookclub")).await);
    page.form("form").write("email", "mina@example.com").send(&mut child).await;
    let page = RenderedPage::of(child.authorize(&crate::browser::service("demo-bookclub")).await);
    let links = page.attributes("a.way", "href");
    let link = links.iter().find(|it| it.contains("/guardian/")).unwrap();
    let link = link.strip_prefix("http://127.0.0.1:8080").unwrap();
    let mut guardian = english(server.browser());
    assert_eq!(opened(&mut guardian, link).await.answer.status, StatusCode::OK);
}
