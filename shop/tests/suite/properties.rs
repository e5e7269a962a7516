//! Members and webhooks in random order, several at a time. At the end there is one row for each linked
//! user, and none for the others.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::http::StatusCode;
use futures::future::join_all;
use proptest::prelude::*;

use crate::{
    browser::Browser,
    fake::{Fault, User},
    shop::{Shop, hana},
};

/// The password of the member of before.
const PASSWORD: &str = "tea-since-2019";

/// A newcomer, one without an address, and one whose address a member of before has.
const USERS: [&str; 3] = ["301", "302", "303"];

#[derive(Clone, Debug)]
enum Act {
    /// A fresh browser goes to the provider and comes back.
    SignIn {
        way: &'static str,
    },
    /// A step of a pending sign-up, or the repair of a row that may be missing.
    Step {
        browser: usize,
        path: &'static str,
    },
    /// On the account page of the provider. Both webhooks are on their way from then on.
    LeaveElsewhere,
    Leave {
        browser: usize,
    },
    /// One of the webhooks that are on their way arrives, and may arrive again.
    Webhook {
        which: usize,
        again: bool,
    },
    /// Unlinking fails from now on, or works again.
    Outage {
        is_on: bool,
    },
    Tidy,
}

fn act() -> impl Strategy<Value = (usize, Act)> {
    let act = prop_oneof![
        4 => prop_oneof![Just("sign_up"), Just("login")].prop_map(|way| Act::SignIn { way }),
        2 => (any::<usize>(), prop_oneof![
            Just("/join/password"), Just("/join/new"), Just("/join/missing"), Just("/join/stop"),
            Just(REPAIR),
        ]).prop_map(|(browser, path)| Act::Step { browser, path }),
        2 => Just(Act::LeaveElsewhere),
        2 => any::<usize>().prop_map(|browser| Act::Leave { browser }),
        4 => (any::<usize>(), any::<bool>()).prop_map(|(which, again)| Act::Webhook { which, again }),
        1 => any::<bool>().prop_map(|is_on| Act::Outage { is_on }),
        1 => Just(Act::Tidy),
    ];
    (0..USERS.len(), act)
}

static PASSWORD_HASH: LazyLock<String> =
    LazyLock::new(|| consent_shop::password::hash(PASSWORD).unwrap());

const REPAIR: &str = "/developers/repair";

/// A webhook on its way.
#[derive(Clone, Debug)]
enum Webhook {
    Unlink { sub: &'static str },
    Event { token: String },
}

#[derive(Default)]
struct World {
    browsers: BTreeMap<&'static str, Vec<Browser>>,
    webhooks: Vec<Webhook>,
    events: usize,
}

impl World {
    /// What an act needs of the world is taken before it begins, so that acts can run side by side.
    fn prepare(&mut self, shop: &Shop, sub: &'static str, act: &Act) -> Prepared {
        let browser = |world: &Self, index: usize| {
            let browsers = world.browsers.get(sub)?;
            browsers.get(index % browsers.len()).cloned()
        };
        match act {
            &Act::SignIn { way } => Prepared::SignIn { way, browser: shop.browser() },
            &Act::Step { browser: index, path } => {
                Prepared::Post { browser: browser(self, index), path }
            }
            &Act::Leave { browser: index } => {
                Prepared::Post { browser: browser(self, index), path: "/leave" }
            }
            Act::LeaveElsewhere => {
                if shop.fake.is_linked(sub) {
                    let at = shop.fake.unlink(sub);
                    self.events += 1;
                    let id = format!("event-{}", self.events);
                    let token = shop.fake.event(&id, sub, "account-unlinked", at);
                    self.webhooks.extend([Webhook::Unlink { sub }, Webhook::Event { token }]);
                }
                Prepared::Nothing
            }
            &Act::Webhook { which, again } => {
                if self.webhooks.is_empty() {
                    return Prepared::Nothing;
                }
                let index = which % self.webhooks.len();
                let webhook = self.webhooks[index].clone();
                if !again {
                    self.webhooks.remove(index);
                }
                Prepared::Webhook(webhook)
            }
            Act::Outage { is_on: true } => {
                shop.fake.fail("/v1/user/unlink", Fault::Down);
                Prepared::Nothing
            }
            Act::Outage { is_on: false } => {
                shop.fake.heal();
                Prepared::Nothing
            }
            Act::Tidy => Prepared::Tidy,
        }
    }
}

enum Prepared {
    Nothing,
    SignIn { way: &'static str, browser: Browser },
    Post { browser: Option<Browser>, path: &'static str },
    Webhook(Webhook),
    Tidy,
}

/// What an act leaves behind.
enum Outcome {
    Nothing,
    Browser(Browser),
    /// A webhook that was not taken is sent again.
    Resend(Webhook),
}

async fn run(shop: &Shop, sub: &'static str, act: Prepared) -> Outcome {
    match act {
        Prepared::Nothing | Prepared::Post { browser: None, .. } => {}
        Prepared::SignIn { way, mut browser } => {
            sign_in(&mut browser, sub, way).await;
            return Outcome::Browser(browser);
        }
        Prepared::Post { browser: Some(mut browser), path } => {
            let form = [("email", "typed@example.com"), ("password", PASSWORD)];
            let page = browser.post(path, &form).await;
            // A repair first ends a link that is to end, which an outage prevents.
            let is_prevented = path == REPAIR && page.status == StatusCode::BAD_GATEWAY;
            assert!(!page.status.is_server_error() || is_prevented, "{path} {}", page.html);
        }
        Prepared::Webhook(webhook) => {
            let status = deliver(shop, &webhook).await;
            if !status.is_success() {
                assert_eq!(status, 503, "{webhook:?}");
                return Outcome::Resend(webhook);
            }
        }
        Prepared::Tidy => shop.app.tidy(consent_shop::clock::now()).await.unwrap(),
    }
    Outcome::Nothing
}

/// To the provider and back, as often as the shop sends the browser there.
async fn sign_in(browser: &mut Browser, sub: &str, way: &str) {
    let mut away = browser.post("/sign-in/start", &[("way", way)]).await.onward();
    for _ in 0..10 {
        let callback = Browser::answer(&format!("{away}&login_hint={sub}")).await;
        match browser.get(&callback).await.location {
            Some(to) if to.starts_with("http") => away = to,
            _ => return,
        }
    }
    panic!("{sub} goes round in circles");
}

async fn deliver(shop: &Shop, webhook: &Webhook) -> StatusCode {
    match webhook {
        Webhook::Unlink { sub } => shop.unlink_webhook(sub).await,
        Webhook::Event { token } => shop.event(token).await,
    }
}

async fn story(acts: Vec<Vec<(usize, Act)>>) {
    let shop = Shop::open_with(|settings| settings.demo_members = false).await;
    let before = "INSERT INTO members (name, email, email_verified, joined_by, joined_at, password_hash)
                  VALUES ('before', 'before@example.com', 1, 'before', 0, ?)";
    let mut database = shop.database().await;
    sqlx::query(before).bind(&*PASSWORD_HASH).execute(&mut database).await.unwrap();
    for (sub, email) in
        USERS.into_iter().zip([Some("a@example.com"), None, Some("before@example.com")])
    {
        shop.fake.add(sub, User { email, ..hana() });
    }
    let mut world = World::default();
    for at_once in acts {
        let prepared: Vec<_> = at_once
            .into_iter()
            .map(|(user, act)| (USERS[user], world.prepare(&shop, USERS[user], &act)))
            .collect();
        let shop = &shop;
        let run = |(sub, act)| async move { (sub, run(shop, sub, act).await) };
        let outcomes = join_all(prepared.into_iter().map(run));
        for (sub, outcome) in outcomes.await {
            match outcome {
                Outcome::Nothing => {}
                Outcome::Browser(browser) => world.browsers.entry(sub).or_default().push(browser),
                Outcome::Resend(webhook) => world.webhooks.push(webhook),
            }
        }
    }
    settle(&shop, world).await;
    for sub in USERS {
        let has_row = shop.row(sub).await.is_some();
        assert_eq!(has_row, shop.fake.is_linked(sub), "{sub}: a row, and a link");
    }
    let linked = shop.number("SELECT count(*) FROM members WHERE sub IS NOT NULL").await;
    let users = USERS.into_iter().filter(|sub| shop.fake.is_linked(sub)).count();
    assert_eq!(linked, i64::try_from(users).unwrap());
    let before = "SELECT count(*) FROM members WHERE sub IS NULL";
    assert!(shop.number(before).await <= 1, "the member of before, until a user has the row");
}

/// Everything that is under way arrives, and abandoned sign-ups are stopped.
async fn settle(shop: &Shop, mut world: World) {
    shop.fake.heal();
    world.webhooks.reverse();
    for webhook in &world.webhooks {
        assert!(deliver(shop, webhook).await.is_success(), "{webhook:?}");
    }
    shop.execute("UPDATE pending SET expires_at = 1").await;
    shop.app.tidy(consent_shop::clock::now() + 7200).await.unwrap();
    for left in ["SELECT count(*) FROM pending", "SELECT count(*) FROM due_unlinks"] {
        assert_eq!(shop.number(left).await, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn one_row_for_each_linked_user_and_none_for_the_others(
        acts in prop::collection::vec(prop::collection::vec(act(), 1..4), 1..10),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(story(acts));
    }
}
