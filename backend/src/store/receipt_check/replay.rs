//! Compares links and agreements with what the receipts of an account at a service add up to.

use std::collections::{BTreeMap, BTreeSet};

use consent_contract::item::ItemKey;

use super::CheckReport;
use crate::{
    clock::Seconds,
    config::How,
    consent::statements,
    receipt::{ChangeEvent, DecisionEvent},
    store::{
        ChangeKind, Error, Outcome, Store,
        engine::{query_as, query_scalar},
        grant,
        name::Named,
        signed_receipt::reference,
    },
};

/// What the receipts leave, by account and service.
#[derive(Default)]
pub(super) struct Replay(BTreeMap<(String, String), Held>);

/// What the receipts between an account and a service leave.
#[derive(Default)]
struct Held {
    /// Whether the account has left at some time: nothing from before the receipts is there any more.
    has_left: bool,
    /// None when no receipt is about it.
    link: Option<Link>,
    /// By key. None for an agreement that has ended.
    agreements: BTreeMap<String, Option<Agreement>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    Ended,
    /// It may be older than the receipts.
    Exists,
    /// Since this time.
    Began(Seconds),
}

#[derive(PartialEq, Eq)]
struct Agreement {
    version: Option<String>,
    statements: Option<String>,
    agreed_at: Seconds,
    /// None when the receipt is from before it was recorded.
    expires_at: Option<Option<Seconds>>,
}

impl Replay {
    /// Takes a decision, in the order of the receipts.
    pub(super) fn decide(
        &mut self,
        account: &str,
        decision: &DecisionEvent,
        at: Seconds,
        is_configured: impl FnOnce() -> bool,
    ) {
        if decision.decision != Outcome::Agreed {
            return;
        }
        let held = self.held(account, &decision.service);
        held.link = match held.link {
            Some(link @ (Link::Exists | Link::Began(_))) => Some(link),
            None if is_configured() => Some(Link::Exists),
            Some(Link::Ended) | None => Some(Link::Began(at)),
        };
        for answer in &decision.answers {
            let (version, statements) = match &answer.key {
                ItemKey::Term(tag) => {
                    let mut terms = decision.shown.iter().flat_map(|it| &it.terms);
                    let term = terms.find(|it| it.term.tag == *tag);
                    (term.map(|it| it.term.version.clone()), None)
                }
                ItemKey::Item(id) => {
                    let info = decision.shown.as_ref().map(|it| &it.personal_info);
                    let item = info.and_then(|info| {
                        let item = info.items.iter().find(|item| item.id == *id)?;
                        Some(statements::shown(info, item))
                    });
                    (None, item)
                }
                // Channels are of the account, and services have no part in them.
                ItemKey::Channel(_) => continue,
            };
            let key = answer.key.to_string();
            let expires_at = decision.expires_at.as_ref().map(|it| it.get(&key).copied());
            let agreement = Agreement { version, statements, agreed_at: at, expires_at };
            held.agreements.insert(key, answer.agreed.then_some(agreement));
        }
    }

    /// Takes a change, in the order of the receipts.
    pub(super) fn change(&mut self, account: &str, change: &ChangeEvent, at: Seconds) {
        let held = self.held(account, &change.service);
        for item in &change.items {
            let key = item.key.to_string();
            let agreement = (change.change == ChangeKind::Agree).then(|| Agreement {
                version: item.version.clone(),
                statements: None,
                agreed_at: at,
                expires_at: change.expires_at.as_ref().map(|it| it.get(&key).copied()),
            });
            held.agreements.insert(key, agreement);
        }
        if matches!(change.change, ChangeKind::Unlink | ChangeKind::Erase) {
            held.has_left = true;
            held.link = Some(Link::Ended);
            held.agreements.values_mut().for_each(|it| *it = None);
        }
    }

    fn held(&mut self, account: &str, service: &str) -> &mut Held {
        self.0.entry((account.to_owned(), service.to_owned())).or_default()
    }
}

/// Accounts and services between which something may have no receipt.
pub(super) struct Unproven {
    /// Accounts that were configured with links.
    accounts: BTreeSet<String>,
    /// Accounts and services with receipts from before receipts were signed.
    unsigned: BTreeSet<(String, String)>,
}

impl Unproven {
    pub(super) fn has(&self, account: &str, service: &str) -> bool {
        self.accounts.contains(account)
            || self.unsigned.contains(&(account.to_owned(), service.to_owned()))
    }
}

impl Store {
    pub(super) async fn unproven(&self) -> Result<Unproven, Error> {
        let seeded = query_as!(
            struct { account: String, digest: Option<Vec<u8>> },
            "SELECT account, digest FROM seeded")
        .fetch_all(&self.readers);
        let nothing = grant::digest_of_nothing();
        let accounts = seeded.await?.into_iter();
        let accounts = accounts.filter(|it| it.digest.as_ref() != Some(&nothing));
        let unsigned = query_as!(
            struct { account: String, service: String },
            r#"SELECT account AS "account!: String", service AS "service!: String" FROM decisions
                 WHERE receipt_id IN (SELECT receipt_id FROM unsigned_receipts)
             UNION SELECT account, service FROM grant_changes
                 WHERE receipt_id IN (SELECT receipt_id FROM unsigned_receipts)"#
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(Unproven {
            accounts: accounts.map(|it| it.account).collect(),
            unsigned: unsigned.into_iter().map(|it| (it.account, it.service)).collect(),
        })
    }

    /// Links and agreements are those that the receipts leave. Typed values are not in receipts.
    pub(super) async fn check_holdings(
        &self,
        mut replay: Replay,
        unproven: &Unproven,
        report: &mut CheckReport,
    ) -> Result<(), Error> {
        let names = self.references().await?;
        let name = |account: &str, service: &str| {
            let place = (account.to_owned(), service.to_owned());
            names.get(&place).cloned().unwrap_or_else(|| account.to_owned())
        };
        let links = query_as!(
            struct { account: String, service: String, how: Named<How>, linked_at: i64 },
            r#"SELECT account, service, how AS "how: Named<How>", linked_at FROM links"#
        )
        .fetch_all(&self.readers)
        .await?;
        for row in links {
            let what = format!("link of {} to {}", name(&row.account, &row.service), row.service);
            let held = replay.held(&row.account, &row.service);
            let is_unproven = !held.has_left && unproven.has(&row.account, &row.service);
            match held.link.take() {
                None if is_unproven => report.unproven.push(what),
                None | Some(Link::Ended) => {
                    report.faults.push(format!("{what}: no receipt leaves it"));
                }
                Some(link) => {
                    let is_older = matches!(link, Link::Began(at) if at != row.linked_at);
                    if is_older || row.how.0 != How::Combined {
                        report.faults.push(format!("{what}: it was changed"));
                    }
                }
            }
        }
        let rows = query_as!(
            struct {
                account: String,
                service: String,
                key: String,
                version: Option<String>,
                statements: Option<String>,
                agreed_at: i64,
                expires_at: Option<i64>,
            },
            "SELECT account, service, key, version, statements, agreed_at, expires_at
             FROM agreements"
        )
        .fetch_all(&self.readers)
        .await?;
        for row in rows {
            let (account, service) = (&*row.account, &*row.service);
            let what =
                format!("agreement of {} at {service} to {}", name(account, service), row.key);
            let held = replay.held(account, service);
            let is_unproven = !held.has_left && unproven.has(account, service);
            match held.agreements.remove(&row.key) {
                None if is_unproven => report.unproven.push(what),
                None | Some(None) => report.faults.push(format!("{what}: no receipt leaves it")),
                Some(Some(expected)) => {
                    let is_same = expected.version == row.version
                        && expected.statements == row.statements
                        && expected.agreed_at == row.agreed_at
                        && expected.expires_at.is_none_or(|it| it == row.expires_at);
                    if !is_same {
                        report.faults.push(format!("{what}: it was changed"));
                    }
                }
            }
        }
        // What is left has no row.
        for ((account, service), held) in &replay.0 {
            let name = name(account, service);
            if matches!(held.link, Some(Link::Exists | Link::Began(_))) {
                report.faults.push(format!("link of {name} to {service}: it is missing"));
            }
            for key in held.agreements.iter().filter_map(|(key, it)| it.as_ref().map(|_| key)) {
                report
                    .faults
                    .push(format!("agreement of {name} at {service} to {key}: it is missing"));
            }
        }
        let erasing = query_scalar!("SELECT account FROM erasing").fetch_all(&self.readers);
        for account in erasing.await? {
            report.faults.push(format!("erasing: `{account}` is left of no erasure"));
        }
        Ok(())
    }

    /// How receipts name accounts, by account and service.
    async fn references(&self) -> Result<BTreeMap<(String, String), String>, Error> {
        let rows = query_as!(
            struct { account: String, service: String, salt: Vec<u8> },
            "SELECT account, service, salt FROM subjects");
        let rows = rows.fetch_all(&self.readers).await?.into_iter();
        let named = rows.map(|it| {
            let name = reference(&it.salt, &it.account);
            ((it.account, it.service), name)
        });
        Ok(named.collect())
    }
}
