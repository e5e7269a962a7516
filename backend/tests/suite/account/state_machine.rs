//! Agreeing, withdrawing, leaving and coming back in any order, against a model: what is handed out
//! never exceeds what holds, and the pages show what holds.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use consent_contract::decision::Recorded;
use proptest::prelude::*;
use serde_json::Value;

use super::{SCOPE, SHOP, leave, server, state, withdraw};
use crate::{
    browser::{Browser, Server, agreement, parameter},
    client::{redeem, request, userinfo},
    form::RenderedPage,
};

const REQUIRED: [&str; 2] = ["term:tos", "item:profile_nickname"];

const OPTIONAL: [&str; 3] = ["term:news", "item:account_email", "item:phone_number"];

/// Items with values, their claims, and the standard scopes of those.
const CLAIMS: [(&str, &str, &str); 3] = [
    ("item:profile_nickname", "nickname", "profile"),
    ("item:account_email", "email", "email"),
    ("item:phone_number", "phone_number", "phone"),
];

#[derive(Debug, Clone)]
enum Step {
    /// Answers the whole screen, ticking what is required and these optional agreements.
    Agree(BTreeSet<usize>),
    Withdraw(&'static str),
    Leave,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let keys: Vec<&str> = [&REQUIRED[..], &OPTIONAL].concat();
    let step = prop_oneof![
        2 => prop::collection::btree_set(0..OPTIONAL.len(), 0..=OPTIONAL.len()).prop_map(Step::Agree),
        3 => prop::sample::select(keys).prop_map(Step::Withdraw),
        1 => Just(Step::Leave),
    ];
    prop::collection::vec(step, 1..8)
}

/// What has to be true of the account and the shop.
struct Model<'a> {
    server: &'a Server,
    browser: Browser,
    is_linked: bool,
    held: BTreeSet<&'static str>,
    /// Whether the screen of the shop was ever answered.
    answered: bool,
    /// Tokens, and whether they still work.
    tokens: Vec<(Value, bool)>,
}

impl Model<'_> {
    async fn take(&mut self, step: &Step) {
        self.server.clock.advance(60);
        match step {
            Step::Agree(ticked) => {
                let ticked: BTreeSet<_> = ticked.iter().map(|at| OPTIONAL[*at]).collect();
                self.agree(&ticked).await;
                self.held = REQUIRED.into_iter().chain(ticked).collect();
                (self.is_linked, self.answered) = (true, true);
            }
            // The page of the shop has the form.
            Step::Withdraw(_) | Step::Leave if !self.is_linked => {}
            Step::Withdraw(key) => {
                withdraw(&mut self.browser, key).await.location();
                if !REQUIRED.contains(key) {
                    self.held.remove(key);
                }
            }
            Step::Leave => {
                leave(&mut self.browser).await.location();
                self.held.clear();
                self.is_linked = false;
                self.tokens.iter_mut().for_each(|(_, works)| *works = false);
            }
        }
        self.check().await;
    }

    async fn agree(&mut self, ticked: &BTreeSet<&str>) {
        let uri = "https://shop.example/callback";
        let asked = [&request("shop", uri, SCOPE)[..], &[("prompt", "consent")]].concat();
        let challenge = self.browser.authorize(&asked).await.challenge();
        let asked = self.browser.asked(&challenge).await;
        let decision =
            agreement(&asked, |key, required| required || ticked.contains(&&*key.to_string()));
        let recorded: Recorded = self.browser.decide(&challenge, &decision).await.json();
        let code = parameter(&recorded.redirect_to, "code").unwrap();
        let answer = redeem(self.server, "shop", &code).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        self.tokens.push((answer.json(), true));
    }

    async fn check(&mut self) {
        for (tokens, works) in &self.tokens {
            let answer = userinfo(self.server, tokens).await;
            if !works {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text());
                continue;
            }
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
            let claims: Value = answer.json();
            let scopes: Vec<&str> = tokens["scope"].as_str().unwrap().split(' ').collect();
            for (key, claim, scope) in CLAIMS {
                let is_given = self.held.contains(key) && scopes.contains(&scope);
                assert_eq!(claims.get(claim).is_some(), is_given, "{key}: {claims}");
            }
        }
        let rows =
            self.server.count("SELECT count(*) FROM agreements WHERE account = 'hana'").await;
        assert_eq!(rows, i64::try_from(self.held.len()).unwrap());
        let page = RenderedPage::of(self.browser.get(SHOP).await);
        let was_met = self.answered;
        assert_eq!(page.answer.status == StatusCode::OK, was_met, "{}", page.answer.text());
        if !was_met {
            return;
        }
        for key in REQUIRED.iter().chain(&OPTIONAL) {
            let is_shown = state(&page, key) == "동의함";
            assert_eq!(is_shown, self.held.contains(key), "{key}: {}", state(&page, key));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn what_is_handed_out_and_shown_is_what_holds(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = server().await;
            let mut model = Model {
                server: &server,
                browser: server.proxied("hana"),
                is_linked: false,
                held: BTreeSet::new(),
                answered: false,
                tokens: Vec::new(),
            };
            for step in &steps {
                model.take(step).await;
            }
            // What holds is what the receipts leave.
            assert_eq!(crate::receipts::faults(&server).await, Vec::<String>::new());
        });
    }
}
