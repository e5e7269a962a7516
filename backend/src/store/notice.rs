//! Notices that Korean law requires about agreements to advertising (Network Act 50(7) and 50(8),
//! KR-N05 and KR-N06): when they are due, and the events that announce them to the service.

use super::{
    Error, EventRules, ROWS_AT_ONCE, Store, WriteTransaction,
    engine::{Bind, QueryBuilder, query, query_as},
    event::{self, About},
    name::Named,
    retried,
};
use crate::{
    clock::Seconds,
    config::{NoticeSender, Period, start_of_day},
    webhooks::{Event, NoticeKind, NoticeOutcome},
};

/// Within how many days the user must get the result of a decision.
const RESULT_DAYS: i16 = 14;

/// After how many years an agreement must be confirmed again.
const RECONFIRMATION_YEARS: i16 = 2;

/// How many days before it is due a reconfirmation is announced.
const RECONFIRMATION_NOTICE: Seconds = 30 * 24 * 60 * 60;

/// Notices that one transaction announces.
const BATCH: i64 = 50;

/// Writes which notices follow from decisions about terms and channels; nothing for one that is not
/// configured as advertising.
pub(super) async fn decided(
    transaction: &mut WriteTransaction,
    rules: &EventRules,
    about: About<'_>,
    receipt_id: &str,
    decisions: &[(&str, NoticeOutcome)],
) -> Result<(), Error> {
    let keys: Vec<&str> = decisions.iter().map(|(key, _)| *key).collect();
    cancel(transaction, about, &keys).await?;
    let Some(service) = rules.service(about.service) else { return Ok(()) };
    let Some(advertising) = &service.advertising else { return Ok(()) };
    for (key, outcome) in decisions.iter().copied() {
        if !advertising.keys.iter().any(|it| it.to_string() == key) {
            continue;
        }
        let result_due = Period::days(RESULT_DAYS).after(about.at, &service.time_zone);
        let result = Notice { receipt_id, key, cycle: 0, outcome, announce_at: about.at };
        write(transaction, about, &result, result_due).await?;
        if outcome == NoticeOutcome::Agreed {
            reconfirm(transaction, rules, about, receipt_id, key, 1).await?;
        }
    }
    Ok(())
}

/// Writes the n-th reconfirmation of an agreement: due before the day of the agreement begins again.
async fn reconfirm(
    transaction: &mut WriteTransaction,
    rules: &EventRules,
    about: About<'_>,
    receipt_id: &str,
    key: &str,
    cycle: i64,
) -> Result<(), Error> {
    let Some(service) = rules.service(about.service) else { return Ok(()) };
    let day = start_of_day(about.at, &service.time_zone);
    let due_at = Period::years(RECONFIRMATION_YEARS).times_after(cycle, day, &service.time_zone);
    let announce_at = due_at - RECONFIRMATION_NOTICE;
    let outcome = NoticeOutcome::Agreed;
    let notice = Notice { receipt_id, key, cycle, outcome, announce_at };
    write(transaction, about, &notice, due_at).await
}

struct Notice<'a> {
    receipt_id: &'a str,
    key: &'a str,
    cycle: i64,
    outcome: NoticeOutcome,
    announce_at: Seconds,
}

async fn write(
    transaction: &mut WriteTransaction,
    about: About<'_>,
    notice: &Notice<'_>,
    due_at: Seconds,
) -> Result<(), Error> {
    let outcome = Named(notice.outcome);
    query!(
        "INSERT INTO notices (receipt_id, key, cycle, account, service, outcome, decided_at,
             announce_at, due_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        notice.receipt_id,
        notice.key,
        notice.cycle,
        about.account,
        about.service,
        outcome,
        about.at,
        notice.announce_at,
        due_at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Takes back the reconfirmations of agreements that ended or were made again. The result of an
/// earlier decision is still to be announced.
pub(super) async fn cancel(
    transaction: &mut WriteTransaction,
    about: About<'_>,
    keys: &[&str],
) -> Result<(), Error> {
    for keys in keys.chunks(ROWS_AT_ONCE) {
        let mut delete = QueryBuilder::new("DELETE FROM notices WHERE account = ");
        delete.bind(about.account).push(" AND service = ").bind(about.service);
        delete.push(" AND cycle > 0 AND announced_at IS NULL AND key IN ");
        delete.list(keys.iter().map(Bind::value));
        delete.execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Deletes every notice of an account at a service.
pub(super) async fn forget(
    transaction: &mut WriteTransaction,
    account: &str,
    service: &str,
) -> Result<(), Error> {
    query!("DELETE FROM notices WHERE account = ? AND service = ?", account, service)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

impl Store {
    /// Announces the notices whose time has come, each once. Returns how many.
    ///
    /// # Errors
    /// When the database cannot be written. What was announced until then stays announced.
    pub async fn announce_notices(&self, now: Seconds) -> Result<usize, Error> {
        let mut announced = 0;
        loop {
            let many = self.announce_some(now).await?;
            announced += many;
            if many == 0 {
                return Ok(announced);
            }
        }
    }

    async fn announce_some(&self, now: Seconds) -> Result<usize, Error> {
        retried(|| async {
            let mut transaction = self.begin().await?;
            let due = query_as!(
                struct {
                    receipt_id: String,
                    key: String,
                    cycle: i64,
                    account: String,
                    service: String,
                    outcome: Named<NoticeOutcome>,
                    decided_at: i64,
                    due_at: i64,
                },
                r#"UPDATE notices SET announced_at = ?1 WHERE (receipt_id, key, cycle) IN (
                   SELECT receipt_id, key, cycle FROM notices INDEXED BY notices_to_announce
                   WHERE announced_at IS NULL AND announce_at <= ?1
                   ORDER BY announce_at LIMIT ?2)
             RETURNING receipt_id AS "receipt_id!", key AS "key!", cycle AS "cycle!: i64",
                 account AS "account!", service AS "service!",
                 outcome AS "outcome!: Named<NoticeOutcome>", decided_at AS "decided_at!: i64",
                 due_at AS "due_at!: i64""#,
                now,
                BATCH,
            )
            .fetch_all(&mut *transaction)
            .await?;
            for row in &due {
                let (account, service) = (&*row.account, &*row.service);
                let rules = self.event_rules.service(service);
                let advertising = rules.and_then(|rules| rules.advertising.as_ref());
                let event = Event::NoticeDue {
                    receipt_id: row.receipt_id.clone(),
                    key: row.key.clone(),
                    notice: match row.cycle {
                        0 => NoticeKind::Result,
                        _ => NoticeKind::Reconfirmation,
                    },
                    outcome: row.outcome.0,
                    decided_at: row.decided_at,
                    due_at: row.due_at,
                    sender: advertising.map_or(NoticeSender::Service, |it| it.notices_by),
                };
                let about = About { account, service, at: now };
                event::publish(&mut transaction, &self.event_rules, about, &event).await?;
                if row.cycle > 0 {
                    let about = About { account, service, at: row.decided_at };
                    let (receipt_id, next) = (&*row.receipt_id, row.cycle + 1);
                    reconfirm(
                        &mut transaction,
                        &self.event_rules,
                        about,
                        receipt_id,
                        &row.key,
                        next,
                    )
                    .await?;
                }
            }
            transaction.commit().await?;
            Ok(due.len())
        })
        .await
    }
}
