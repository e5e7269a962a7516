//! The outbox: events on their way to services. A process that delivers has a lease of a row; when it
//! is killed, the lease runs out and another attempt follows. So each event is delivered at least once,
//! and those of one subject in their order.

use super::{
    Error, EventRules, Scope, Store, WriteTransaction,
    engine::{query, query_as, query_scalar},
    name::Named,
    retried,
};
use crate::{
    clock::{Clock, Seconds},
    config::Catalog,
    crypto::{self, DerivationKey},
    webhooks::{Event, Form, LONGEST_DELAY},
};

/// How long a process may take for an attempt, in seconds. Longer than sending and writing takes, and
/// than that with [`CLOCK_SKEW`].
pub const LEASE: Seconds = 15;

/// How far the clocks of two servers on one database may be apart, in seconds.
pub const CLOCK_SKEW: Seconds = 10;

/// An event that this process is to deliver.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub id: i64,
    /// The same at every attempt.
    pub jti: String,
    pub form: Form,
    /// The account as the service knows it.
    pub subject: String,
    /// What happened, as JSON.
    pub event: String,
    pub created_at: Seconds,
    /// This one included.
    pub attempts: i64,
    lease: Vec<u8>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    Delivered,
    /// To be tried again at this time.
    Failed {
        error: String,
        next_at: Seconds,
    },
    /// Not to be tried again by itself.
    Dead {
        error: String,
    },
}

/// A row of the outbox, for an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    pub id: i64,
    pub jti: String,
    pub service: String,
    pub form: Form,
    /// What happened, as JSON.
    pub event: String,
    pub created_at: Seconds,
    pub attempts: i64,
    /// None for a dead letter.
    pub next_at: Option<Seconds>,
    pub dead_at: Option<Seconds>,
    pub last_error: Option<String>,
}

impl Store {
    /// The same database, with the rules by which changes are written.
    #[must_use]
    pub fn with_event_rules(self, event_rules: EventRules) -> Self {
        Self { event_rules, ..self }
    }

    /// The same database, with the rules of a configuration.
    ///
    /// # Errors
    /// When the key that derives names cannot be read or made.
    pub async fn with_configuration(self, catalog: &Catalog, clock: &Clock) -> Result<Self, Error> {
        let key = DerivationKey::new(&self.derivation_key().await?);
        Ok(self.with_event_rules(EventRules::new(catalog, &key, clock)))
    }

    /// The services that have events to be sent now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn services_with_due_events(&self, now: Seconds) -> Result<Vec<String>, Error> {
        // From one service to the next by the index, however many events there are.
        query_scalar!(
            r#"WITH RECURSIVE pending (service) AS (
                   SELECT min(service) FROM outbox INDEXED BY outbox_due WHERE next_at IS NOT NULL
                   UNION ALL
                   SELECT (SELECT min(outbox.service) FROM outbox INDEXED BY outbox_due
                       WHERE next_at IS NOT NULL AND outbox.service > pending.service)
                   FROM pending WHERE pending.service IS NOT NULL)
             SELECT service AS "service!: String" FROM pending
             WHERE service IS NOT NULL AND EXISTS (
                 SELECT 1 FROM outbox INDEXED BY outbox_due
                 WHERE outbox.service = pending.service AND next_at <= ?)"#,
            now,
        )
        .fetch_all(&self.readers)
        .await
    }

    /// Takes events of a service that are due, at most one of each subject and form: the oldest one,
    /// unless a later one is on its way, which can be while a dead letter is sent once more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn claim_events(
        &self,
        service: &str,
        now: Seconds,
        limit: i64,
    ) -> Result<Vec<Delivery>, Error> {
        let lease = crypto::random_bytes::<16>().to_vec();
        let lease_until = now + LEASE;
        let latest = lease_until + CLOCK_SKEW;
        // PostgreSQL looks for rows before it waits for one that another process takes.
        retried(|| async {
            let mut transaction = self.writer.begin(Scope::Service(service)).await?;
            // A lease that ends later than any can was given by a clock that was wrong.
            let rows = query_as!(
                struct {
                    id: i64,
                    jti: String,
                    form: Named<Form>,
                    subject: String,
                    event: String,
                    created_at: i64,
                    attempts: i64,
                },
                r#"UPDATE outbox SET attempts = attempts + 1, lease = ?1, lease_until = ?2
             WHERE id IN (
                 SELECT due.id FROM outbox AS due INDEXED BY outbox_due
                 WHERE due.service = ?3 AND due.next_at <= ?4
                     AND (due.lease_until IS NULL OR due.lease_until <= ?4 OR due.lease_until > ?6)
                     AND NOT EXISTS (
                         SELECT 1 FROM outbox AS other INDEXED BY outbox_order
                         WHERE other.service = due.service AND other.form = due.form
                             AND other.subject = due.subject AND other.next_at IS NOT NULL
                             AND (other.id < due.id OR other.id > due.id
                                 AND other.lease_until > ?4 AND other.lease_until <= ?6))
                 ORDER BY due.next_at LIMIT ?5)
             RETURNING id AS "id!: i64", jti AS "jti!", form AS "form!: Named<Form>",
                 subject AS "subject!", event AS "event!", created_at AS "created_at!: i64",
                 attempts AS "attempts!: i64""#,
                lease,
                lease_until,
                service,
                now,
                limit,
                latest,
            )
            .fetch_all(&mut *transaction)
            .await?;
            transaction.commit().await?;
            let deliveries = rows.into_iter().map(|row| Delivery {
                id: row.id,
                jti: row.jti,
                form: row.form.0,
                subject: row.subject,
                event: row.event,
                created_at: row.created_at,
                attempts: row.attempts,
                lease: lease.clone(),
            });
            Ok(deliveries.collect())
        })
        .await
    }

    /// Writes how attempts ended. An attempt whose lease another process has taken since is left to
    /// that one. Returns how many were written.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing is, then.
    pub async fn finish_events(
        &self,
        attempts: &[(Delivery, Attempt)],
        now: Seconds,
    ) -> Result<u64, Error> {
        retried(|| async {
            let mut transaction = self.writer.begin(Scope::Shared).await?;
            let mut written = 0;
            for (delivery, attempt) in attempts {
                let (next_at, delivered_at, dead_at, error) = match attempt {
                    Attempt::Delivered => (None, Some(now), None, None),
                    Attempt::Failed { error, next_at } => (Some(*next_at), None, None, Some(error)),
                    Attempt::Dead { error } => (None, None, Some(now), Some(error)),
                };
                let done = query!(
                    "UPDATE outbox SET next_at = ?, delivered_at = ?, dead_at = ?, last_error = ?,
                     lease = NULL, lease_until = NULL
                 WHERE id = ? AND lease = ?",
                    next_at,
                    delivered_at,
                    dead_at,
                    error,
                    delivery.id,
                    delivery.lease,
                )
                .execute(&mut *transaction)
                .await?;
                written += done.rows_affected();
                if done.rows_affected() > 0 && *attempt == Attempt::Delivered {
                    forget_erased(&mut transaction, delivery).await?;
                }
            }
            transaction.commit().await?;
            Ok(written)
        })
        .await
    }

    /// Makes events due that a wrong clock has scheduled later than any delay is.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn reschedule_events(&self, service: &str, now: Seconds) -> Result<(), Error> {
        let latest = now + LONGEST_DELAY + CLOCK_SKEW;
        retried(|| async {
            let mut transaction = self.begin().await?;
            query!(
                "UPDATE outbox SET next_at = ? WHERE service = ? AND next_at > ?",
                now,
                service,
                latest,
            )
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await
        })
        .await
    }

    /// Sends a dead letter once more, with every attempt that an event has. False when it is none.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn retry_event(&self, id: i64, now: Seconds) -> Result<bool, Error> {
        let done = query!(
            "UPDATE outbox SET next_at = ?, dead_at = NULL, attempts = 0
             WHERE id = ? AND dead_at IS NOT NULL",
            now,
            id,
        )
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Events that were not delivered: dead letters, then those that are tried again, the oldest
    /// first, at most `limit` of each.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn undelivered_events(&self, limit: i64) -> Result<Vec<OutboxEntry>, Error> {
        let rows = query_as!(
            struct {
                id: i64,
                jti: String,
                service: String,
                form: Named<Form>,
                event: String,
                created_at: i64,
                attempts: i64,
                next_at: Option<i64>,
                dead_at: Option<i64>,
                last_error: Option<String>,
            },
            r#"SELECT id AS "id!", jti AS "jti!", service AS "service!",
                 form AS "form!: Named<Form>", event AS "event!", created_at AS "created_at!",
                 attempts AS "attempts!", next_at AS "next_at: i64", dead_at AS "dead_at: i64",
                 last_error
             FROM (SELECT * FROM outbox INDEXED BY outbox_dead WHERE dead_at IS NOT NULL
                 ORDER BY dead_at LIMIT ?1) AS dead
             UNION ALL
             SELECT id, jti, service, form, event, created_at, attempts, next_at, dead_at, last_error
             FROM (SELECT * FROM outbox INDEXED BY outbox_due WHERE next_at IS NOT NULL
                 ORDER BY service, next_at LIMIT ?1) AS due"#,
            limit,
        )
        .fetch_all(&self.readers)
        .await?;
        let entries = rows.into_iter().map(|row| OutboxEntry {
            id: row.id,
            jti: row.jti,
            service: row.service,
            form: row.form.0,
            event: row.event,
            created_at: row.created_at,
            attempts: row.attempts,
            next_at: row.next_at,
            dead_at: row.dead_at,
            last_error: row.last_error,
        });
        Ok(entries.collect())
    }
}

/// Deletes what was delivered about a subject, and its dead letters, once the event of its erasure is
/// delivered.
async fn forget_erased(
    transaction: &mut WriteTransaction,
    delivery: &Delivery,
) -> Result<(), Error> {
    if !matches!(serde_json::from_str(&delivery.event), Ok(Event::AccountPurged { .. })) {
        return Ok(());
    }
    query!(
        "DELETE FROM outbox WHERE next_at IS NULL AND (service, form, subject) IN (
             SELECT service, form, subject FROM outbox WHERE id = ?)",
        delivery.id,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use proptest::{
        collection::vec,
        prelude::*,
        test_runner::{Config, TestRunner},
    };

    use super::*;
    use crate::store::{engine::Execution, tests::open};

    #[derive(Debug, Clone)]
    enum Step {
        Enqueue {
            subject: u8,
        },
        Claim {
            process: usize,
            limit: i64,
        },
        /// A process sends what it has claimed and writes how that ended.
        Finish {
            process: usize,
            end: End,
        },
        /// A process is killed, after the receivers heard what it sends or before.
        Kill {
            process: usize,
            is_heard: bool,
        },
        Pass {
            seconds: Seconds,
        },
        Retry,
    }

    #[derive(Debug, Clone, Copy)]
    enum End {
        Delivered,
        Failed,
        Dead,
    }

    fn step() -> impl Strategy<Value = Step> {
        let end = prop_oneof![
            3 => Just(End::Delivered),
            2 => Just(End::Failed),
            1 => Just(End::Dead),
        ];
        prop_oneof![
            3 => (0..3_u8).prop_map(|subject| Step::Enqueue { subject }),
            4 => (0..2_usize, 1..4_i64)
                .prop_map(|(process, limit)| Step::Claim { process, limit }),
            4 => (0..2_usize, end).prop_map(|(process, end)| Step::Finish { process, end }),
            1 => (0..2_usize, any::<bool>())
                .prop_map(|(process, is_heard)| Step::Kill { process, is_heard }),
            2 => (1..2 * LEASE).prop_map(|seconds| Step::Pass { seconds }),
            1 => Just(Step::Retry),
        ]
    }

    /// What is known of an event.
    struct Known {
        subject: u8,
        is_heard: bool,
        was_dead: bool,
    }

    struct World<'a> {
        store: &'a Store,
        service: String,
        now: Seconds,
        /// By jti, which counts up.
        events: BTreeMap<String, Known>,
        /// What each process has claimed, and when its lease ends.
        claimed: [Vec<(Delivery, Seconds)>; 2],
    }

    impl World<'_> {
        async fn enqueue(&mut self, subject: u8) {
            let jti = format!("{}-{:04}", self.service, self.events.len());
            let (service, name, now) = (&self.service, subject.to_string(), self.now);
            Execution::listed(
                "INSERT INTO outbox (jti, service, form, subject, event, created_at, next_at)
                 VALUES (?1, ?2, 'security_event', ?3, '{}', ?4, ?4)",
            )
            .bind(&jti)
            .bind(service)
            .bind(&name)
            .bind(&now)
            .execute(&self.store.writer)
            .await
            .unwrap();
            let known = Known { subject, is_heard: false, was_dead: false };
            self.events.insert(jti, known);
        }

        async fn claim(&mut self, process: usize, limit: i64) -> Result<(), TestCaseError> {
            let claimed = self.store.claim_events(&self.service, self.now, limit).await.unwrap();
            prop_assert!(claimed.len() <= usize::try_from(limit).unwrap());
            for delivery in claimed {
                let others = self.claimed.iter().flatten();
                let mut alive = others.filter(|(_, until)| *until > self.now);
                prop_assert!(
                    alive.all(|(other, _)| other.subject != delivery.subject),
                    "two leases of one subject"
                );
                self.claimed[process].push((delivery, self.now + LEASE));
            }
            Ok(())
        }

        /// A receiver gets an event.
        fn hear(&mut self, jti: &str) -> Result<(), TestCaseError> {
            let subject = self.events[jti].subject;
            if !self.events[jti].is_heard {
                let mut before = self.events.range(..jti.to_owned());
                prop_assert!(
                    self.events[jti].was_dead
                        || before
                            .all(|(_, it)| { it.subject != subject || it.is_heard || it.was_dead }),
                    "{jti} is heard before an earlier event"
                );
            }
            self.events.get_mut(jti).unwrap().is_heard = true;
            Ok(())
        }

        async fn finish(&mut self, process: usize, end: End) -> Result<(), TestCaseError> {
            let mut attempts = Vec::new();
            for (delivery, until) in std::mem::take(&mut self.claimed[process]) {
                if matches!(end, End::Delivered) {
                    self.hear(&delivery.jti)?;
                }
                let error = "a test".to_owned();
                let attempt = match end {
                    End::Delivered => Attempt::Delivered,
                    End::Failed => Attempt::Failed { error, next_at: self.now + 5 },
                    End::Dead => {
                        // Whoever has taken the lease since decides.
                        if until > self.now {
                            self.events.get_mut(&delivery.jti).unwrap().was_dead = true;
                        }
                        Attempt::Dead { error }
                    }
                };
                if until > self.now {
                    let one = [(delivery.clone(), attempt.clone())];
                    prop_assert_eq!(self.store.finish_events(&one, self.now).await.unwrap(), 1);
                } else {
                    attempts.push((delivery, attempt));
                }
            }
            // A lease that has run out may still be the last one.
            for (delivery, attempt) in attempts {
                let is_dead = matches!(attempt, Attempt::Dead { .. });
                let one = [(delivery.clone(), attempt)];
                let written = self.store.finish_events(&one, self.now).await.unwrap();
                if is_dead && written == 1 {
                    self.events.get_mut(&delivery.jti).unwrap().was_dead = true;
                }
            }
            Ok(())
        }

        async fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
            match step {
                Step::Enqueue { subject } => self.enqueue(subject).await,
                Step::Claim { process, limit } => self.claim(process, limit).await?,
                Step::Finish { process, end } => self.finish(process, end).await?,
                Step::Kill { process, is_heard } => {
                    for (delivery, _) in std::mem::take(&mut self.claimed[process]) {
                        if is_heard {
                            self.hear(&delivery.jti)?;
                        }
                    }
                }
                Step::Pass { seconds } => self.now += seconds,
                Step::Retry => {
                    let all = self.store.undelivered_events(1000).await.unwrap();
                    let dead = all
                        .into_iter()
                        .find(|it| it.service == self.service && it.dead_at.is_some());
                    if let Some(dead) = dead {
                        prop_assert!(self.store.retry_event(dead.id, self.now).await.unwrap());
                        prop_assert!(!self.store.retry_event(dead.id, self.now).await.unwrap());
                    }
                }
            }
            Ok(())
        }
    }

    /// Whatever fails and whichever process is killed: events are heard in the order of their subject, no two
    /// processes have a lease of one subject, and in the end each event was heard or is a dead letter.
    #[test]
    fn nothing_is_lost_and_nothing_overtakes() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::TempDir::new().unwrap();
        let store = runtime.block_on(open(folder.path()));
        let cases = AtomicUsize::new(0);
        let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
        let run = |steps: Vec<Step>| {
            let service = format!("shop-{:04}", cases.fetch_add(1, Ordering::Relaxed));
            let mut world = World {
                store: &store,
                service,
                now: 1_000,
                events: BTreeMap::new(),
                claimed: Default::default(),
            };
            runtime.block_on(async {
                for step in steps {
                    world.step(step).await?;
                }
                for _ in 0..=world.events.len() {
                    world.now += 2 * LEASE;
                    world.claim(0, 100).await?;
                    world.finish(0, End::Delivered).await?;
                }
                world.now += 2 * LEASE;
                let due = store.services_with_due_events(world.now).await.unwrap();
                prop_assert!(!due.contains(&world.service), "something is left");
                for (jti, known) in &world.events {
                    prop_assert!(known.is_heard || known.was_dead, "{jti} is lost");
                }
                Ok(())
            })
        };
        TestRunner::new(config).run(&vec(step(), 0..50), run).unwrap();
    }

    #[tokio::test]
    async fn only_services_with_due_events_are_looked_at() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        for (service, now) in [("a10", 10), ("a30", 30), ("b20", 20), ("c40", 40), ("c50", 50)] {
            let (service, events) = (service.to_owned(), BTreeMap::new());
            let claimed = Default::default();
            World { store: &store, service, now, events, claimed }.enqueue(0).await;
        }
        for (now, expected) in [
            (5, &[][..]),
            (10, &["a10"]),
            (25, &["a10", "b20"]),
            (50, &["a10", "a30", "b20", "c40", "c50"]),
        ] {
            assert_eq!(store.services_with_due_events(now).await.unwrap(), expected);
        }
    }
}
