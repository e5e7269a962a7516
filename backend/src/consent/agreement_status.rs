//! The state of one agreement, from what holds and what was recorded last.

use consent_contract::{account::AgreementState, item::ItemKey};

use crate::{
    clock::Seconds,
    store::{AgreedBy, ChangeKind, History},
};

/// The state of an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementStatus {
    pub state: AgreementState,
    /// When it began; none when there is no record of it.
    pub at: Option<Seconds>,
    pub version: Option<String>,
    /// The receipt of it, where there is one.
    pub receipt_id: Option<String>,
    /// Whether the service collected the agreement and reported it.
    pub reported_by_service: bool,
    /// When the agreement ends by itself.
    pub expires_at: Option<Seconds>,
}

/// The state of a term or item. None when it was never answered since the account was linked.
#[must_use]
pub fn agreement_status(key: &ItemKey, history: &History, now: Seconds) -> Option<AgreementStatus> {
    let answer = history.answers.get(key);
    let change = history.changes.get(key);
    if let Some(held) = history.held.get(key) {
        // Its end will be recorded, at the next maintenance.
        if let Some(expired_at) = held.expires_at.filter(|at| *at <= now) {
            return Some(AgreementStatus {
                state: AgreementState::Expired,
                at: Some(expired_at),
                version: held.version.clone(),
                receipt_id: None,
                reported_by_service: false,
                expires_at: None,
            });
        }
        let reported_by_service = held.agreed_by == AgreedBy::Api;
        let receipt_id = match reported_by_service {
            true => change.filter(|it| it.kind == ChangeKind::Agree).map(|it| &it.receipt_id),
            // Configured agreements have no receipt.
            false => {
                answer.filter(|it| it.agreed && it.at == held.agreed_at).map(|it| &it.receipt_id)
            }
        };
        return Some(AgreementStatus {
            state: AgreementState::Agreed,
            at: Some(held.agreed_at),
            version: held.version.clone(),
            receipt_id: receipt_id.cloned(),
            reported_by_service,
            expires_at: held.expires_at,
        });
    }
    // In the same second the change came later: it ended what the answer began.
    let last_change = change.filter(|it| answer.is_none_or(|answer| answer.at <= it.at));
    if let Some(change) = last_change {
        let (state, is_recorded) = match change.kind {
            ChangeKind::Withdraw | ChangeKind::Unlink | ChangeKind::Erase => {
                (AgreementState::Withdrawn, true)
            }
            ChangeKind::Expire => (AgreementState::Expired, true),
            // It does not hold any more, and nothing was recorded.
            ChangeKind::Agree => (AgreementState::Withdrawn, false),
        };
        return Some(AgreementStatus {
            state,
            at: is_recorded.then_some(change.at),
            version: change.version.clone(),
            receipt_id: is_recorded.then(|| change.receipt_id.clone()),
            reported_by_service: false,
            expires_at: None,
        });
    }
    answer.map(|answer| {
        let state = match answer.agreed {
            true => AgreementState::Withdrawn,
            false => AgreementState::Refused,
        };
        let is_recorded = !answer.agreed;
        AgreementStatus {
            state,
            at: is_recorded.then_some(answer.at),
            version: answer.version.clone(),
            receipt_id: is_recorded.then(|| answer.receipt_id.clone()),
            reported_by_service: false,
            expires_at: None,
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::history::{AnswerOnScreen, HeldAgreement, LastChange};

    #[derive(Debug, Clone, Copy)]
    enum Event {
        Agree,
        Refuse,
        AgreeByApi,
        Withdraw,
        Expire,
        Unlink,
    }

    fn key() -> ItemKey {
        ItemKey::Term("news".into())
    }

    /// What the database holds after these events, and what the user has to see: the last of them
    /// that had an effect.
    fn play(events: &[(Event, Seconds)]) -> (History, Option<(AgreementState, Seconds, String)>) {
        let mut history = History::default();
        let mut seen = None;
        for (number, (event, at)) in events.iter().enumerate() {
            let (at, receipt_id) = (*at, format!("r-{number}"));
            let version = Some(number.to_string());
            let is_held = history.held.contains_key(&key());
            let hold = |agreed_by| HeldAgreement {
                version: version.clone(),
                agreed_at: at,
                agreed_by,
                expires_at: None,
            };
            let change = |kind| LastChange {
                receipt_id: receipt_id.clone(),
                kind,
                version: version.clone(),
                at,
            };
            let answer = |agreed| AnswerOnScreen {
                receipt_id: receipt_id.clone(),
                title: "소식".into(),
                locale: "ko".into(),
                version: version.clone(),
                digest: None,
                agreed,
                at,
            };
            let state = match event {
                Event::Agree => {
                    history.held.insert(key(), hold(AgreedBy::Screen));
                    history.answers.insert(key(), answer(true));
                    AgreementState::Agreed
                }
                Event::Refuse => {
                    history.held.remove(&key());
                    history.answers.insert(key(), answer(false));
                    AgreementState::Refused
                }
                Event::AgreeByApi if !is_held => {
                    history.held.insert(key(), hold(AgreedBy::Api));
                    history.changes.insert(key(), change(ChangeKind::Agree));
                    AgreementState::Agreed
                }
                Event::Withdraw | Event::Expire | Event::Unlink if is_held => {
                    history.held.remove(&key());
                    let (kind, state) = match event {
                        Event::Withdraw => (ChangeKind::Withdraw, AgreementState::Withdrawn),
                        Event::Expire => (ChangeKind::Expire, AgreementState::Expired),
                        _ => (ChangeKind::Unlink, AgreementState::Withdrawn),
                    };
                    history.changes.insert(key(), change(kind));
                    state
                }
                _ => continue,
            };
            seen = Some((state, at, receipt_id));
        }
        (history, seen)
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            Just(Event::Agree),
            Just(Event::Refuse),
            Just(Event::AgreeByApi),
            Just(Event::Withdraw),
            Just(Event::Expire),
            Just(Event::Unlink),
        ]
    }

    proptest! {
        /// At different times, the state is that of the last event with an effect, with its receipt.
        #[test]
        fn the_last_event_decides(events in prop::collection::vec(event(), 0..12)) {
            let timed: Vec<_> = events.into_iter().zip(100..).collect();
            let (history, seen) = play(&timed);
            let status = agreement_status(&key(), &history, 1000);
            let found = status.map(|it| (it.state, it.at.unwrap(), it.receipt_id.unwrap()));
            prop_assert_eq!(found, seen);
        }

        /// Whatever happened in one second: what holds is shown as agreed, and nothing else is.
        #[test]
        fn only_what_holds_is_agreed(events in prop::collection::vec((event(), 0_i64..3), 0..12)) {
            let mut events = events;
            events.sort_by_key(|(_, at)| *at);
            let (history, _) = play(&events);
            let status = agreement_status(&key(), &history, 1000);
            let is_agreed = status.is_some_and(|it| it.state == AgreementState::Agreed);
            prop_assert_eq!(is_agreed, history.held.contains_key(&key()));
        }
    }

    /// A configured agreement, and one that is gone without a record.
    #[test]
    fn what_has_no_record_has_no_receipt() {
        let mut history = History::default();
        assert_eq!(agreement_status(&key(), &history, 1000), None);
        let agreed_by = AgreedBy::Screen;
        let held = HeldAgreement { version: None, agreed_at: 7, agreed_by, expires_at: None };
        history.held.insert(key(), held);
        let status = agreement_status(&key(), &history, 1000).unwrap();
        assert_eq!((status.at, status.receipt_id), (Some(7), None));
        let (mut history, _) = play(&[(Event::Agree, 7)]);
        history.held.clear();
        let status = agreement_status(&key(), &history, 1000).unwrap();
        assert_eq!(
            (status.state, status.at, status.receipt_id),
            (AgreementState::Withdrawn, None, None)
        );
    }
}
