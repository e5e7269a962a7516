//! Members and webhooks in random order, several at a time. At the end there is one row for each linked
//! user, and none for the others.

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

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

/// A newcomer, one without an address, and two whose address a member of before has.
const USERS: [&str; 4] = ["301", "302", "303", "304"];
const EMAILS: [Option<&str>; 4] =
    [Some("a@example.com"), None, Some("before@example.com"), Some("before@example.com")];

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
    /// On the account page of the provider. Both webhooks are sent at once, or are on their way.
    LeaveElsewhere {
        is_prompt: bool,
    },
    Leave {
        browser: usize,
    },
    /// One of the webhooks that are on their way arrives, and may arrive again.
    Webhook {
        which: usize,
        again: bool,
    },
    /// Unlinking, or asking about a user, fails from now on.
    Outage {
        path: &'static str,
    },
    /// Everything works again.
    Heal,
    /// Answers about users arrive late from now on.
    Late,
    Tidy,
}

/// An act of a user, and how many milliseconds after the others of its round it begins.
type Timed = (usize, u64, Act);

/// Mostly of one user: what happens to different users at the same time has little in common.
fn act(user: usize) -> impl Strategy<Value = Timed> {
    let user = prop_oneof![4 => Just(user), 1 => 0..USERS.len()];
    let act = prop_oneof![
        4 => prop_oneof![Just("sign_up"), Just("login")].prop_map(|way| Act::SignIn { way }),
        2 => (any::<usize>(), prop_oneof![
            Just("/join/password"), Just("/join/new"), Just("/join/missing"), Just("/join/stop"),
            Just(REPAIR),
        ]).prop_map(|(browser, path)| Act::Step { browser, path }),
        3 => any::<bool>().prop_map(|is_prompt| Act::LeaveElsewhere { is_prompt }),
        2 => any::<usize>().prop_map(|browser| Act::Leave { browser }),
        3 => (any::<usize>(), any::<bool>()).prop_map(|(which, again)| Act::Webhook { which, again }),
        1 => prop_oneof![Just(UNLINK), Just(ME)].prop_map(|path| Act::Outage { path }),
        1 => Just(Act::Heal),
        2 => Just(Act::Late),
        1 => Just(Act::Tidy),
    ];
    (user, 0..20_u64, act)
}

/// Rounds of acts that happen side by side.
fn rounds() -> impl Strategy<Value = Vec<Vec<Timed>>> {
    (0..USERS.len())
        .prop_flat_map(|user| prop::collection::vec(prop::collection::vec(act(user), 1..6), 1..12))
}

static PASSWORD_HASH: LazyLock<String> =
    LazyLock::new(|| consent_shop::password::hash(PASSWORD).unwrap());

const UNLINK: &str = "/v1/user/unlink";
const ME: &str = "/v2/user/me";
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
            &Act::LeaveElsewhere { is_prompt } => {
                self.events += 1;
                Prepared::LeaveElsewhere { is_prompt, event: format!("event-{}", self.events) }
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
            Act::Outage { path } => {
                shop.fake.fail(path, Fault::Down);
                Prepared::Nothing
            }
            Act::Late => {
                shop.fake.fail(ME, Fault::Late);
                Prepared::Nothing
            }
            Act::Heal => {
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
    LeaveElsewhere { is_prompt: bool, event: String },
    Webhook(Webhook),
    Tidy,
}

/// What an act leaves behind.
enum Outcome {
    Nothing,
    Browser(Browser),
    /// Webhooks that are on their way; one that was not taken is sent again.
    Webhooks(Vec<Webhook>),
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
            // A repair asks the API, and first ends a link that is to end, which an outage prevents.
            let is_prevented = path == REPAIR && page.status == StatusCode::BAD_GATEWAY;
            assert!(!page.status.is_server_error() || is_prevented, "{path} {}", page.html);
        }
        Prepared::LeaveElsewhere { is_prompt, event } => {
            if !shop.fake.is_linked(sub) {
                return Outcome::Nothing;
            }
            let at = shop.fake.unlink(sub);
            let token = shop.fake.event(&event, sub, "account-unlinked", at);
            let webhooks = vec![Webhook::Unlink { sub }, Webhook::Event { token }];
            return Outcome::Webhooks(match is_prompt {
                true => send(shop, webhooks).await,
                false => webhooks,
            });
        }
        Prepared::Webhook(webhook) => return Outcome::Webhooks(send(shop, vec![webhook]).await),
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

/// Those that were not taken.
async fn send(shop: &Shop, webhooks: Vec<Webhook>) -> Vec<Webhook> {
    let mut left = Vec::new();
    for webhook in webhooks {
        let status = deliver(shop, &webhook).await;
        if !status.is_success() {
            assert_eq!(status, 503, "{webhook:?}");
            left.push(webhook);
        }
    }
    left
}

async fn deliver(shop: &Shop, webhook: &Webhook) -> StatusCode {
    match webhook {
        Webhook::Unlink { sub } => shop.unlink_webhook(sub).await,
        Webhook::Event { token } => shop.event(token).await,
    }
}

async fn story(rounds: Vec<Vec<Timed>>) {
    let shop = Shop::open_with(|settings| settings.demo_members = false).await;
    let before =
        "INSERT INTO members (name, email, email_verified, joined_by, joined_at, password_hash)
                  VALUES ('before', 'before@example.com', 1, 'before', 0, ?)";
    let mut database = shop.database().await;
    sqlx::query(before).bind(&*PASSWORD_HASH).execute(&mut database).await.unwrap();
    for (sub, email) in USERS.into_iter().zip(EMAILS) {
        shop.fake.add(sub, User { email, ..hana() });
    }
    let mut world = World::default();
    for at_once in rounds {
        let prepared: Vec<_> = at_once
            .into_iter()
            .map(|(user, after, act)| (USERS[user], after, world.prepare(&shop, USERS[user], &act)))
            .collect();
        let shop = &shop;
        let run = |(sub, after, act)| async move {
            tokio::time::sleep(Duration::from_millis(after)).await;
            (sub, run(shop, sub, act).await)
        };
        let outcomes = join_all(prepared.into_iter().map(run));
        for (sub, outcome) in outcomes.await {
            match outcome {
                Outcome::Nothing => {}
                Outcome::Browser(browser) => world.browsers.entry(sub).or_default().push(browser),
                Outcome::Webhooks(left) => world.webhooks.extend(left),
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
        rounds in rounds(),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(story(rounds));
    }
}
