//! What was refused stays refused: whatever is handed out is what the latest answers allow, in
//! whatever order, from however many tabs and at whatever moment they come.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicUsize, Ordering},
};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use consent_contract::{
    answers::Answers,
    decision::{Decision, Recorded},
    decision_path, form,
    item::ItemKey,
    problem::Code,
    request::{ConsentRequest, ConsentState, Purpose},
};
use proptest::prelude::*;
use serde_json::Value;
use url::form_urlencoded;

use crate::browser::{Answer, Browser, CHALLENGE, Server, VERIFIER, agreement, cancel, parameter};

/// A service with every kind of question, and accounts that stand differently with it.
const SHOP: &str = r#"[sign_in]
account_header = "x-account"

[[service]]
client_id = "shop"
name = "가게"
company = "가게 주식회사"
redirect_uris = ["https://shop.example/callback"]
approved = true

[[service.terms]]
tag = "tos"
kind = "service"
required = true
version = "2"
effective_from = 2026-01-01
title = "이용약관"
text = "물건을 팝니다."

[[service.terms]]
tag = "marketing"
kind = "marketing"
required = false
version = "1"
effective_from = 2026-01-01
title = "광고성 정보 수신"
text = "소식을 보냅니다."

[[service.terms]]
tag = "points"
kind = "service"
required = true
only_when_requested = true
version = "1"
effective_from = 2026-01-01
title = "적립금 약관"
text = "적립금을 드립니다."

[service.personal_info]
recipient = "가게 주식회사"
purpose = "주문"
retention = "1년"
refusal_effect = "주문할 수 없습니다"

[[service.personal_info.items]]
id = "profile_nickname"
label = "닉네임"
required = true

[[service.personal_info.items]]
id = "account_email"
label = "이메일"
required = false
collect = true

[[service.personal_info.items]]
id = "phone_number"
label = "전화번호"
required = false

[[service.personal_info.items]]
id = "name"
label = "이름"
required = false
only_when_requested = true

[[account]]
id = "new"
nickname = "하나"
phone = "01012345678"
name = "김하나"

[[account]]
id = "plain"
nickname = "두리"
phone = "01022222222"
name = "이두리"

[[account.links]]
service = "shop"
how = "plain_login"
at = "2026-01-02T00:00:00Z"
terms = { marketing = "1" }
items = ["profile_nickname", "phone_number"]

[[account]]
id = "member"
nickname = "세나"
phone = "01033333333"
name = "박세나"

[[account.links]]
service = "shop"
how = "combined_screen"
at = "2026-01-02T00:00:00Z"
terms = { tos = "1", marketing = "1" }
items = ["profile_nickname", "phone_number"]
"#;

const ACCOUNTS: [&str; 3] = ["new", "plain", "member"];

/// The scopes that name an item, in the order in which they are handed out.
const SCOPES: [(&str, &str); 4] = [
    ("profile_nickname", "nickname"),
    ("account_email", "email"),
    ("phone_number", "phone_number"),
    ("name", "name"),
];

async fn shop() -> Server {
    Server::configured(SHOP).await.unwrap()
}

fn browser(server: &Server, account: &'static str) -> Browser {
    server.proxied(account)
}

async fn authorize(browser: &mut Browser, scope: &str, service_terms: &str) -> Answer {
    // Two tabs with the same request would share one challenge.
    static REQUESTS: AtomicUsize = AtomicUsize::new(0);
    let state = REQUESTS.fetch_add(1, Ordering::Relaxed).to_string();
    browser
        .authorize(&[
            ("response_type", "code"),
            ("client_id", "shop"),
            ("redirect_uri", "https://shop.example/callback"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("scope", scope),
            ("service_terms", service_terms),
            ("state", &state),
        ])
        .await
}

async fn challenge(browser: &mut Browser, scope: &str, service_terms: &str) -> String {
    authorize(browser, scope, service_terms).await.challenge()
}

/// What a service gets for a code: scope, claims of the ID token, and an access token.
struct Tokens {
    scope: String,
    id_token: Value,
    access_token: String,
}

async fn redeem(server: &Server, code: &str) -> Tokens {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", "https://shop.example/callback")
        .append_pair("client_id", "shop")
        .append_pair("code_verifier", VERIFIER)
        .finish();
    let form = "application/x-www-form-urlencoded";
    let answer = server.browser().post("/oauth/token", form, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let tokens: Value = answer.json();
    let id_token = tokens["id_token"].as_str().unwrap();
    let claims = URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1).unwrap()).unwrap();
    Tokens {
        scope: tokens["scope"].as_str().unwrap().to_owned(),
        id_token: serde_json::from_slice(&claims).unwrap(),
        access_token: tokens["access_token"].as_str().unwrap().to_owned(),
    }
}

async fn userinfo(server: &Server, access_token: &str) -> Value {
    let request = Request::get("/oauth/userinfo");
    let request = request.header("authorization", format!("Bearer {access_token}"));
    let answer = server.browser().send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

/// The scopes that claims stand for.
fn claimed(claims: &Value) -> Vec<&'static str> {
    SCOPES.iter().filter(|(_, claim)| claims.get(claim).is_some()).map(|(id, _)| *id).collect()
}

/// Decides, and gives what the service gets then.
async fn decided(
    server: &Server,
    browser: &mut Browser,
    challenge: &str,
    decision: &Decision,
) -> Tokens {
    let answer = browser.decide(challenge, decision).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let recorded: Recorded = answer.json();
    redeem(server, &parameter(&recorded.redirect_to, "code").unwrap()).await
}

fn ticking<'a>(keys: &'a [&str]) -> impl Fn(&ItemKey, bool) -> bool + 'a {
    |key, required| required || keys.contains(&&*key.to_string())
}

/// Lines of the latest agreements that do not say what holds.
const NOT_AS_ANSWERED: &str = "
    WITH latest AS (
        SELECT d.account, d.service, i.key, i.agreed,
            row_number() OVER (PARTITION BY d.account, d.service, i.key ORDER BY d.rowid DESC) AS n
        FROM receipt_items i JOIN decisions d USING (receipt_id)
        WHERE d.decision = 'agree' AND (i.key LIKE 'term:%' OR i.key LIKE 'item:%')
    )
    SELECT count(*) FROM latest LEFT JOIN agreements a USING (account, service, key)
    WHERE n = 1 AND agreed <> (a.key IS NOT NULL)";

#[tokio::test]
async fn what_a_person_refuses_is_handed_out_no_more() {
    let server = shop().await;
    let mut browser = browser(&server, "plain");
    let challenge = challenge(&mut browser, "openid", "").await;
    let request = browser.asked(&challenge).await;
    assert_eq!(request.purpose, Purpose::SignUp, "an account of plain login is asked again");
    let tokens =
        decided(&server, &mut browser, &challenge, &agreement(&request, ticking(&[]))).await;
    assert_eq!(tokens.scope, "openid profile_nickname");
    assert!(claimed(&tokens.id_token).is_empty(), "none was asked for there");
    assert_eq!(claimed(&userinfo(&server, &tokens.access_token).await), ["profile_nickname"]);
    let held = "SELECT count(*) FROM agreements WHERE account = 'plain'";
    assert_eq!(server.count(held).await, 2, "the required term and item");
    assert_eq!(server.count(NOT_AS_ANSWERED).await, 0);
}

#[tokio::test]
async fn a_typed_value_goes_with_the_agreement_to_it() {
    let server = shop().await;
    let mut browser = browser(&server, "new");
    let first = challenge(&mut browser, "openid", "").await;
    let second = challenge(&mut browser, "openid", "").await;
    let request = browser.asked(&first).await;
    let other = browser.asked(&second).await;
    let all = agreement(&request, ticking(&["item:account_email"]));
    let tokens = decided(&server, &mut browser, &first, &all).await;
    let info = userinfo(&server, &tokens.access_token).await;
    assert_eq!(info["email"], "typed@example.com");
    decided(&server, &mut browser, &second, &agreement(&other, ticking(&[]))).await;
    assert_eq!(claimed(&userinfo(&server, &tokens.access_token).await), ["profile_nickname"]);
    assert_eq!(server.count("SELECT count(*) FROM agreements WHERE value IS NOT NULL").await, 0);
}

/// The form in a tab was shown before another tab was answered, and is sent after it.
#[tokio::test]
async fn the_latest_of_two_tabs_holds() {
    for (account, first, latest) in [
        ("new", vec!["item:phone_number", "term:marketing"], vec![]),
        ("plain", vec!["item:phone_number", "term:marketing"], vec!["item:account_email"]),
        ("new", vec![], vec!["item:phone_number"]),
    ] {
        let server = shop().await;
        let mut browser = browser(&server, account);
        let mut open = Vec::new();
        for ticked in [&first, &latest] {
            let challenge = challenge(&mut browser, "openid", "").await;
            let request = browser.asked(&challenge).await;
            open.push((challenge, agreement(&request, ticking(ticked))));
        }
        let mut tokens = None;
        for (challenge, decision) in &open {
            tokens = Some(decided(&server, &mut browser, challenge, decision).await);
        }
        let scope = tokens.unwrap().scope;
        for (key, id) in
            [("item:phone_number", "phone_number"), ("item:account_email", "account_email")]
        {
            assert_eq!(scope.contains(id), latest.contains(&key), "{account}: {scope}");
        }
        assert_eq!(server.count(NOT_AS_ANSWERED).await, 0, "{account}");
        // Nothing is left to ask in either tab.
        let left = browser.read(&open[0].0).await.problem();
        assert_eq!(left.code, Code::AlreadyDecided);
    }
}

#[tokio::test]
async fn the_latest_of_two_additional_consents_holds() {
    let server = shop().await;
    let mut browser = browser(&server, "member");
    let generous = challenge(&mut browser, "openid name", "").await;
    let sparing = challenge(&mut browser, "openid name account_email", "").await;
    let requests = (browser.asked(&generous).await, browser.asked(&sparing).await);
    let all = agreement(&requests.0, |_, _| true);
    assert!(decided(&server, &mut browser, &generous, &all).await.scope.contains("name"));
    // The second still shows the name, which was agreed to meanwhile; its answer is the latest.
    let mail_only = agreement(&requests.1, ticking(&["item:account_email"]));
    let tokens = decided(&server, &mut browser, &sparing, &mail_only).await;
    assert_eq!(tokens.scope, "openid profile_nickname account_email phone_number");
    assert_eq!(server.count(NOT_AS_ANSWERED).await, 0);
}

/// A form that leaves out what the challenge asks by now is no answer to it.
#[tokio::test]
async fn a_form_that_asked_less_than_is_asked_now_is_not_taken() {
    let server = shop().await;
    let mut browser = browser(&server, "member");
    let second = challenge(&mut browser, "openid name account_email", "").await;
    let asked = browser.asked(&second).await;
    let mut partial = asked.clone();
    partial.personal_info.items.retain(|item| item.id == "name");
    let problem = browser.decide(&second, &agreement(&partial, |_, _| true)).await.problem();
    assert_eq!(problem.code, Code::ItemUnanswered);
    // Nor one that answers what this challenge never asked, whatever was agreed to before.
    let more = crate::browser::changed(agreement(&asked, |_, _| true), |agreement| {
        let mut phone = agreement.personal_info[0].clone();
        phone.id = "phone_number".into();
        agreement.personal_info.push(phone);
    });
    let problem = browser.decide(&second, &more).await.problem();
    assert_eq!(problem.code, Code::UnknownItem);
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sign_ups_at_the_same_moment_leave_no_union() {
    let server = shop().await;
    for round in 0..8 {
        let account = ["new", "plain"][round % 2];
        let mut browser = browser(&server, account);
        let mut open = Vec::new();
        for ticked in [["item:phone_number"], ["term:marketing"]] {
            // Names an item without an agreement, so that there is always something to ask.
            let challenge = challenge(&mut browser, "openid name", "").await;
            let request = browser.asked(&challenge).await;
            open.push((browser.clone(), challenge, agreement(&request, ticking(&ticked))));
        }
        let decisions: Vec<_> = open
            .into_iter()
            .map(|(mut browser, challenge, decision)| {
                tokio::spawn(async move { browser.decide(&challenge, &decision).await.status })
            })
            .collect();
        for decision in decisions {
            assert_eq!(decision.await.unwrap(), StatusCode::OK);
        }
        assert_eq!(server.count(NOT_AS_ANSWERED).await, 0, "round {round}");
    }
}

#[tokio::test]
async fn a_cancel_changes_nothing_that_was_granted() {
    let server = shop().await;
    let mut browser = browser(&server, "member");
    let code = authorize(&mut browser, "openid", "").await.location_parameter("code").unwrap();
    let tokens = redeem(&server, &code).await;
    let before = userinfo(&server, &tokens.access_token).await;
    let open = challenge(&mut browser, "openid account_email name", "points,marketing").await;
    assert_eq!(browser.decide(&open, &cancel()).await.status, StatusCode::OK);
    assert_eq!(userinfo(&server, &tokens.access_token).await, before);
    let code = authorize(&mut browser, "openid", "").await.location_parameter("code").unwrap();
    assert_eq!(redeem(&server, &code).await.scope, tokens.scope);
}

/// A newer version of an optional term that is refused ends the agreement to the older one.
#[tokio::test]
async fn refusing_a_new_version_ends_the_agreement_to_the_old_one() {
    let folder = tempfile::TempDir::new().unwrap();
    let newer = SHOP.replace(
        "kind = \"marketing\"\nrequired = false\nversion = \"1\"",
        "kind = \"marketing\"\nrequired = false\nversion = \"2\"",
    );
    assert_ne!(newer, SHOP);
    let server = Server::configured_in(folder, &newer, crate::browser::ORIGIN).await.unwrap();
    let mut browser = browser(&server, "member");
    let held =
        "SELECT count(*) FROM agreements WHERE account = 'member' AND key = 'term:marketing'";
    assert_eq!(server.count(held).await, 1);
    let open = challenge(&mut browser, "openid", "points,marketing").await;
    let request = browser.asked(&open).await;
    assert_eq!(request.terms.len(), 2);
    decided(&server, &mut browser, &open, &agreement(&request, ticking(&[]))).await;
    assert_eq!(server.count(held).await, 0);
}

/// One thing that happens in one of a person's tabs.
#[derive(Debug, Clone)]
enum Step {
    /// A service asks, for these items and terms by name.
    Open {
        scope: u8,
        terms: u8,
    },
    /// A form is sent: of which tab, what is ticked, and whether it is read again before.
    Answer {
        tab: u8,
        ticks: u8,
        reread: bool,
        as_form: bool,
    },
    Cancel {
        tab: u8,
    },
    /// Two forms are sent at the same moment.
    Both {
        tabs: (u8, u8),
        ticks: (u8, u8),
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (any::<u8>(), any::<u8>()).prop_map(|(scope, terms)| Step::Open { scope, terms }),
        4 => (any::<u8>(), any::<u8>(), any::<bool>(), any::<bool>())
            .prop_map(|(tab, ticks, reread, as_form)| Step::Answer { tab, ticks, reread, as_form }),
        1 => any::<u8>().prop_map(|tab| Step::Cancel { tab }),
        3 => (any::<(u8, u8)>(), any::<(u8, u8)>())
            .prop_map(|(tabs, ticks)| Step::Both { tabs, ticks }),
    ];
    let first = (any::<u8>(), any::<u8>()).prop_map(|(scope, terms)| Step::Open { scope, terms });
    (proptest::collection::vec(first, 2), proptest::collection::vec(step, 4..14))
        .prop_map(|(first, rest)| [first, rest].concat())
}

/// A form that is open in a tab.
#[derive(Clone)]
struct Tab {
    challenge: String,
    request: ConsentRequest,
}

/// A person with several tabs, and what they have answered last.
struct Person<'a> {
    server: &'a Server,
    browser: Browser,
    account: &'static str,
    tabs: Vec<Tab>,
    holds: BTreeSet<String>,
    /// What each decision that was accepted said, by receipt.
    said: BTreeMap<String, Vec<(String, bool)>>,
    applied: BTreeSet<String>,
    /// The token, and the items that were granted with it.
    access_token: Option<(String, Vec<&'static str>)>,
    accepted: usize,
}

/// The names that the bits of a number stand for.
fn picked(names: &[&'static str], bits: u8) -> Vec<&'static str> {
    names.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, it)| *it).collect()
}

fn ticked(request: &ConsentRequest, ticks: u8) -> Decision {
    let mut answers = Answers::untouched(request);
    for (at, (key, required)) in answers.keys().into_iter().enumerate() {
        answers.tick(&key, required || ticks >> (at % 8) & 1 == 1);
        answers.write(&key, "typed@example.com".to_owned());
    }
    Decision::Agree(answers.agreement(request))
}

fn said(decision: &Decision) -> Vec<(String, bool)> {
    let Decision::Agree(agreement) = decision else { return Vec::new() };
    let terms = agreement.terms.iter().map(|it| (format!("term:{}", it.tag), it.agreed));
    let items = agreement.personal_info.iter().map(|it| (format!("item:{}", it.id), it.agreed));
    terms.chain(items).collect()
}

impl Person<'_> {
    async fn take(&mut self, step: &Step) {
        match *step {
            Step::Open { scope, terms } => {
                let scope = picked(&SCOPES.map(|(id, _)| id), scope);
                let scope = format!("openid {}", scope.join(" "));
                let terms = picked(&["tos", "marketing", "points"], terms).join(",");
                let answer = authorize(&mut self.browser, &scope, &terms).await;
                if answer.location().starts_with("/consent/") {
                    let challenge = answer.challenge();
                    let request = self.browser.asked(&challenge).await;
                    self.tabs.push(Tab { challenge, request });
                } else {
                    let code = answer.location_parameter("code").unwrap();
                    self.redeemed(redeem(self.server, &code).await).await;
                }
            }
            Step::Answer { tab, ticks, reread, as_form } => {
                let Some(mut tab) = self.tab(tab) else { return };
                if reread {
                    let answer = self.browser.read(&tab.challenge).await;
                    match ConsentState::from_json(answer.text()) {
                        Ok(ConsentState::Ask(request)) => tab.request = *request,
                        Ok(ConsentState::Done { .. }) | Err(_) => return,
                    }
                }
                let decision = ticked(&tab.request, ticks);
                let (to, receipt) = if as_form {
                    let Decision::Agree(agreement) = &decision else { unreachable!() };
                    let body = form_urlencoded::Serializer::new(String::new())
                        .extend_pairs(form::fields(agreement))
                        .finish();
                    let media_type = "application/x-www-form-urlencoded";
                    let path = decision_path(&tab.challenge);
                    let answer = self.browser.post(&path, media_type, body).await;
                    if answer.status != StatusCode::OK {
                        return self.is_refused(&answer).await;
                    }
                    // A form is not given the receipt; asked again as JSON it is the same one.
                    let again = self.browser.decide(&tab.challenge, &decision).await;
                    (answer.onward(), again.json::<Recorded>().receipt_id)
                } else {
                    let answer = self.browser.decide(&tab.challenge, &decision).await;
                    if answer.status != StatusCode::OK {
                        return self.is_refused(&answer).await;
                    }
                    let recorded: Recorded = answer.json();
                    (recorded.redirect_to, recorded.receipt_id)
                };
                self.said.insert(receipt, said(&decision));
                self.accepted += 1;
                self.apply().await;
                if let Some(code) = parameter_of(&to) {
                    self.redeemed(redeem(self.server, &code).await).await;
                }
            }
            Step::Cancel { tab } => {
                let Some(tab) = self.tab(tab) else { return };
                self.browser.decide(&tab.challenge, &cancel()).await;
                self.hands_out_what_holds().await;
            }
            Step::Both { tabs, ticks } => {
                let (Some(one), Some(other)) = (self.tab(tabs.0), self.tab(tabs.1)) else { return };
                let sent = [(one, ticks.0), (other, ticks.1)].map(|(tab, ticks)| {
                    let (mut browser, decision) =
                        (self.browser.clone(), ticked(&tab.request, ticks));
                    tokio::spawn(async move {
                        let answer = browser.decide(&tab.challenge, &decision).await;
                        (decision, answer)
                    })
                });
                let mut codes = Vec::new();
                for sent in sent {
                    let (decision, answer) = sent.await.unwrap();
                    if answer.status == StatusCode::OK {
                        let recorded: Recorded = answer.json();
                        codes.extend(parameter_of(&recorded.redirect_to));
                        self.said.insert(recorded.receipt_id, said(&decision));
                        self.accepted += 1;
                    } else {
                        assert_ne!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
                    }
                }
                self.apply().await;
                for code in codes {
                    self.redeemed(redeem(self.server, &code).await).await;
                }
            }
        }
    }

    fn tab(&self, number: u8) -> Option<Tab> {
        let at = usize::from(number).checked_rem(self.tabs.len())?;
        self.tabs.get(at).cloned()
    }

    /// A decision that is not accepted changes nothing.
    async fn is_refused(&mut self, answer: &Answer) {
        let status = answer.status.as_u16();
        assert!([409, 410, 422].contains(&status), "{answer:?}");
        self.hands_out_what_holds().await;
    }

    /// Takes note of what was decided, in the order in which it was written.
    async fn apply(&mut self) {
        let sql = format!(
            "SELECT receipt_id FROM decisions WHERE account = '{}' AND decision = 'agree'
             ORDER BY rowid",
            self.account
        );
        let receipts = self.server.texts(sql.leak()).await;
        for receipt in receipts {
            if self.applied.insert(receipt.clone()) {
                for (key, agreed) in &self.said[&receipt] {
                    if *agreed {
                        self.holds.insert(key.clone());
                    } else {
                        self.holds.remove(key);
                    }
                }
            }
        }
        self.hands_out_what_holds().await;
    }

    fn expected(&self) -> Vec<&'static str> {
        let held = |id: &str| self.holds.contains(&format!("item:{id}"));
        SCOPES.iter().map(|(id, _)| *id).filter(|id| held(id)).collect()
    }

    async fn redeemed(&mut self, tokens: Tokens) {
        assert_eq!(
            tokens.scope,
            ["openid"].iter().chain(&self.expected()).copied().collect::<Vec<_>>().join(" ")
        );
        assert!(claimed(&tokens.id_token).is_empty(), "none was asked for there");
        self.access_token = Some((tokens.access_token, self.expected()));
        self.hands_out_what_holds().await;
    }

    async fn hands_out_what_holds(&self) {
        // Never more than was granted with the token, and never more than holds now.
        if let Some((token, granted)) = &self.access_token {
            let held = self.expected().into_iter().filter(|id| granted.contains(id));
            let held: Vec<_> = held.collect();
            assert_eq!(claimed(&userinfo(self.server, token).await), held);
        }
        let sql = format!("SELECT key FROM agreements WHERE account = '{}'", self.account);
        let kept = self.server.texts(sql.leak()).await;
        assert_eq!(kept.into_iter().collect::<BTreeSet<_>>(), self.holds);
        assert_eq!(self.server.count(NOT_AS_ANSWERED).await, 0);
    }
}

/// The code in an address of the service. None where the request begins again.
fn parameter_of(address: &str) -> Option<String> {
    if address.starts_with('/') { None } else { parameter(address, "code") }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Sequences and interleavings of decisions of several open challenges, end to end: decide,
    /// redeem, userinfo, ID token and scope.
    #[test]
    fn whatever_is_decided_the_latest_answers_hold(steps in steps(), account in 0usize..3) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let server = shop().await;
            let account = ACCOUNTS[account];
            let seeded: &[&str] = match account {
                "new" => &[],
                "plain" => &["item:profile_nickname", "item:phone_number", "term:marketing"],
                _ => &["item:profile_nickname", "item:phone_number", "term:marketing", "term:tos"],
            };
            let mut person = Person {
                server: &server,
                browser: browser(&server, account),
                account,
                tabs: Vec::new(),
                holds: seeded.iter().map(|key| (*key).to_owned()).collect(),
                said: BTreeMap::new(),
                applied: BTreeSet::new(),
                access_token: None,
                accepted: 0,
            };
            // Signs the browser in, so that tabs do not race for the first session.
            authorize(&mut person.browser, "openid", "").await;
            for step in &steps {
                person.take(step).await;
            }
        });
    }
}
