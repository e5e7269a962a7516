//! Agreements that end by themselves, and what is due.

use std::time::Duration;

use super::{CausedBy, Error, GrantChange, Store, engine::query_as, name::Named};
use crate::{clock::Seconds, webhooks::NoticeOutcome};

/// Agreements that are looked for at once.
const BATCH: i64 = 50;

/// The pause after each transaction, for other writers.
const PAUSE: Duration = Duration::from_millis(5);

/// An agreement that will end by itself.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ExpiringAgreement {
    pub account: String,
    pub service: String,
    pub key: String,
    pub version: Option<String>,
    pub expires_at: Seconds,
}

/// A notice about an agreement to advertising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueNotice {
    pub receipt_id: String,
    pub account: String,
    pub service: String,
    pub key: String,
    /// 0 for the result of a decision, n for the n-th reconfirmation.
    pub cycle: i64,
    pub outcome: NoticeOutcome,
    pub due_at: Seconds,
    /// When its event was written.
    pub announced_at: Option<Seconds>,
}

impl Store {
    /// Ends agreements that are past their validity: one transaction, receipt and event for each account
    /// at a service and time. Returns how many there were.
    ///
    /// # Errors
    /// When the database cannot be written. What was ended until then stays ended.
    pub async fn expire_agreements(&self, now: Seconds) -> Result<usize, Error> {
        let mut changed = 0;
        loop {
            let due = query_as!(
                struct { account: String, service: String, expires_at: i64 },
                r#"SELECT DISTINCT account, service, expires_at AS "expires_at!" FROM (
                     SELECT account, service, expires_at
                     FROM agreements INDEXED BY agreements_by_expiry
                     WHERE expires_at <= ? ORDER BY expires_at LIMIT ?) AS due"#,
                now,
                BATCH,
            )
            .fetch_all(&self.readers)
            .await?;
            if due.is_empty() {
                return Ok(changed);
            }
            for row in due {
                let change = GrantChange {
                    account: &row.account,
                    service: &row.service,
                    caused_by: CausedBy::Expiry,
                    // Not the time of this run.
                    at: row.expires_at,
                };
                if self.expire(change).await? {
                    changed += 1;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Agreements that end until a time, the first one first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn expiring_agreements(
        &self,
        until: Seconds,
        limit: i64,
    ) -> Result<Vec<ExpiringAgreement>, Error> {
        query_as!(
            ExpiringAgreement,
            r#"SELECT account, service, key, version, expires_at AS "expires_at!"
             FROM agreements INDEXED BY agreements_by_expiry
             WHERE expires_at <= ? ORDER BY expires_at LIMIT ?"#,
            until,
            limit,
        )
        .fetch_all(&self.readers)
        .await
    }

    /// Notices that users must get between two times, the first one first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn due_notices(
        &self,
        from: Seconds,
        until: Seconds,
        limit: i64,
    ) -> Result<Vec<DueNotice>, Error> {
        let rows = query_as!(
            struct {
                receipt_id: String,
                account: String,
                service: String,
                key: String,
                cycle: i64,
                outcome: Named<NoticeOutcome>,
                due_at: i64,
                announced_at: Option<i64>,
            },
            r#"SELECT receipt_id, account, service, key, cycle,
                 outcome AS "outcome: Named<NoticeOutcome>", due_at, announced_at
             FROM notices INDEXED BY notices_by_due
             WHERE due_at >= ? AND due_at < ? ORDER BY due_at LIMIT ?"#,
            from,
            until,
            limit,
        )
        .fetch_all(&self.readers)
        .await?;
        let notices = rows.into_iter().map(|row| DueNotice {
            receipt_id: row.receipt_id,
            account: row.account,
            service: row.service,
            key: row.key,
            cycle: row.cycle,
            outcome: row.outcome.0,
            due_at: row.due_at,
            announced_at: row.announced_at,
        });
        Ok(notices.collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use consent_contract::item::ItemKey;
    use proptest::{
        collection::vec,
        prelude::*,
        sample::subsequence,
        test_runner::{Config, TestRunner},
    };

    use super::*;
    use crate::{
        clock::Clock,
        store::{NewGrant, engine::query_scalar, event_rules::tests::rules, grant, tests::open},
    };

    const DAY: Seconds = 24 * 60 * 60;

    /// With the days for which an agreement is valid.
    const KEYS: [(&str, Option<Seconds>); 3] = [
        ("term:news", Some(10)),
        ("item:account_email", Some(20)),
        ("item:profile_nickname", None),
    ];

    #[derive(Debug, Clone)]
    enum Step {
        /// A decision: these are agreed to, the others refused.
        Decide {
            agreed: Vec<usize>,
        },
        Withdraw {
            key: usize,
        },
        AgreeByApi,
        Unlink,
        Pass {
            days: Seconds,
        },
        Maintain,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => subsequence(vec![0, 1, 2], 0..=3).prop_map(|agreed| Step::Decide { agreed }),
            1 => (0..3_usize).prop_map(|key| Step::Withdraw { key }),
            1 => Just(Step::AgreeByApi),
            1 => Just(Step::Unlink),
            4 => (1..8_i64).prop_map(|days| Step::Pass { days }),
            2 => Just(Step::Maintain),
        ]
    }

    struct World<'a> {
        store: &'a Store,
        clock: &'a Clock,
        account: String,
        /// What was agreed to, and the day on which that ends.
        agreed: BTreeMap<usize, Option<Seconds>>,
        is_linked: bool,
        day: Seconds,
    }

    impl World<'_> {
        fn change(&self) -> GrantChange<'_> {
            let (account, at) = (&*self.account, self.clock.now());
            GrantChange { account, service: "shop", caused_by: CausedBy::User, at }
        }

        async fn decide(&mut self, agreed: &[usize]) -> Result<(), Error> {
            let keys = (0..KEYS.len()).map(|it| (it, KEYS[it].0.parse::<ItemKey>().unwrap()));
            let mut new = NewGrant::default();
            for (index, key) in keys {
                match key {
                    key if !agreed.contains(&index) => new.refused.push(key),
                    ItemKey::Term(tag) => new.terms.push((tag, "1".to_owned())),
                    ItemKey::Item(id) => new.items.push((id, None)),
                    ItemKey::Channel(_) => {}
                }
            }
            let mut transaction = self.store.begin().await?;
            let (rules, account, at) = (&self.store.event_rules, &self.account, self.clock.now());
            grant::change(&mut transaction, rules, account, "shop", &new, at).await?;
            transaction.commit().await?;
            self.is_linked = true;
            self.agreed.clear();
            for index in agreed {
                self.agreed.insert(*index, KEYS[*index].1.map(|days| self.day + days));
            }
            Ok(())
        }

        async fn step(&mut self, step: Step) -> Result<(), Error> {
            match step {
                Step::Decide { agreed } => self.decide(&agreed).await?,
                Step::Withdraw { key } => {
                    let keys = [KEYS[key].0.parse().unwrap()];
                    self.store.withdraw(self.change(), &keys).await?;
                    self.agreed.remove(&key);
                }
                Step::AgreeByApi if self.is_linked => {
                    let terms = [("news".to_owned(), "1".to_owned())];
                    self.store.agree_by_api(self.change(), &terms).await?;
                    if !self.holding().contains(KEYS[0].0) {
                        self.agreed.insert(0, KEYS[0].1.map(|days| self.day + days));
                    }
                }
                Step::AgreeByApi => {}
                Step::Unlink => {
                    let unlinked = self.store.unlink(self.change()).await?;
                    assert_eq!(unlinked, self.is_linked);
                    if unlinked {
                        self.agreed.clear();
                    }
                    self.is_linked = false;
                }
                Step::Pass { days } => {
                    self.clock.advance(days * DAY);
                    self.day += days;
                }
                Step::Maintain => {
                    self.store.expire_agreements(self.clock.now()).await?;
                    let (now, account) = (self.clock.now(), &self.account);
                    let left = query_scalar!(
                        "SELECT count(*) FROM agreements WHERE account = ? AND expires_at <= ?",
                        account,
                        now,
                    );
                    assert_eq!(left.fetch_one(&self.store.readers).await?, 0);
                    let day = self.day;
                    self.agreed.retain(|_, ends| ends.is_none_or(|ends| ends > day));
                }
            }
            Ok(())
        }

        /// What holds by the model.
        fn holding(&self) -> BTreeSet<&'static str> {
            let holding =
                self.agreed.iter().filter(|(_, ends)| ends.is_none_or(|ends| ends > self.day));
            holding.map(|(index, _)| KEYS[*index].0).collect()
        }

        /// What is handed out.
        async fn handed_out(&self) -> Result<BTreeSet<String>, Error> {
            let grant = self.store.grant(&self.account, "shop").await?;
            let terms = grant.terms.into_keys().map(|tag| ItemKey::Term(tag).to_string());
            let items = grant.items.into_keys().map(|id| ItemKey::Item(id).to_string());
            Ok(terms.chain(items).collect())
        }
    }

    /// However agreements are made, ended and forgotten about: what is handed out is what holds, whether
    /// maintenance has run or not.
    #[test]
    fn what_is_handed_out_is_what_holds() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::TempDir::new().unwrap();
        let clock = Clock::default();
        let store = runtime.block_on(open(folder.path())).with_event_rules(rules(&clock));
        let cases = std::sync::atomic::AtomicUsize::new(0);
        let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
        let run = |steps: Vec<Step>| {
            let number = cases.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut world = World {
                store: &store,
                clock: &clock,
                account: format!("account-{number}"),
                agreed: BTreeMap::new(),
                is_linked: false,
                day: 0,
            };
            runtime.block_on(async {
                for step in steps {
                    let done = format!("{step:?}");
                    world.step(step).await.unwrap();
                    let handed_out = world.handed_out().await.unwrap();
                    let holding = world.holding().into_iter().map(str::to_owned).collect();
                    prop_assert_eq!(handed_out, holding, "after {}", done);
                }
                Ok(())
            })
        };
        TestRunner::new(config).run(&vec(step(), 0..30), run).unwrap();
    }
}
