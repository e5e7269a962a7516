//! Whether an agreement answers a request. The backend's check and the screen's check are this
//! one function: what the screen lets pass, the backend accepts, and nothing else. One exception:
//! only the backend has the tables that say whether a domain in other letters can be written in
//! ASCII (see [`value::normalise`]); it refuses a few that the screen lets pass, and never the
//! other way round.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use crate::{
    channel,
    decision::Agreement,
    item::ItemKey,
    request::{Collect, ConsentRequest},
    value::{self, ValueFault},
};

/// What is wrong with one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// A required item was refused.
    RequiredNotAgreed(ItemKey),
    /// A collected value is missing or not acceptable.
    InvalidValue(ItemKey, ValueFault),
    /// The version or digest is not the one that the request shows.
    TextChanged(ItemKey),
    /// The statements about the provision are not the ones that the request shows.
    PersonalInfoChanged,
    /// The request does not ask for this item, or for a value of it.
    Unknown(ItemKey),
    /// This item was shown and not answered.
    Unanswered(ItemKey),
    /// This item was answered more than once.
    AnsweredTwice(ItemKey),
}

/// Checks an agreement against the request that it answers, in the same locale.
///
/// # Errors
/// Every objection there is, section by section. An agreement without objection has every
/// required item agreed, every asked item answered once, nothing that was not asked, and only
/// values that [`value::normalise`] accepts.
pub fn check(request: &ConsentRequest, agreement: &Agreement) -> Result<(), Vec<Objection>> {
    let mut found = Vec::new();

    let asked: Vec<&str> = request.terms.iter().map(|term| &*term.tag).collect();
    let answers = by_name(&mut found, &asked, &agreement.terms, |it| &it.tag, ItemKey::Term);
    for term in &request.terms {
        let Some(answer) = answers.get(&*term.tag) else { continue };
        let key = || ItemKey::Term(term.tag.clone());
        if answer.version != term.version || answer.digest != term.digest {
            found.push(Objection::TextChanged(key()));
        } else if term.required && !answer.agreed {
            found.push(Objection::RequiredNotAgreed(key()));
        }
    }

    if agreement.personal_info_digest != request.personal_info.digest {
        found.push(Objection::PersonalInfoChanged);
    }
    let items = &request.personal_info.items;
    let asked: Vec<&str> = items.iter().map(|item| &*item.id).collect();
    let answers = by_name(&mut found, &asked, &agreement.personal_info, |it| &it.id, ItemKey::Item);
    for item in items {
        let Some(answer) = answers.get(&*item.id) else { continue };
        let key = ItemKey::Item(item.id.clone());
        if item.required && !answer.agreed {
            found.push(Objection::RequiredNotAgreed(key));
        } else {
            let to_collect = item.to_collect().filter(|_| answer.agreed);
            let value = answer.value.as_deref();
            let is_left_out = item.may_be_empty == Some(true)
                && to_collect.is_some()
                && value.unwrap_or_default().trim().is_empty();
            if !is_left_out {
                found.extend(value_objection(key, to_collect, value));
            }
        }
    }

    let offered = channel::offered(request);
    let asked: Vec<&str> = offered.iter().map(|channel| &*channel.public_id).collect();
    by_name(&mut found, &asked, &agreement.channels, |it| &it.public_id, ItemKey::Channel);

    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// The answers to the asked items. Adds an objection for each item that was not answered, answered
/// twice, or never asked.
///
/// A body can name one item thousands of times: a search through a list for each name would keep the
/// server busy for seconds (CWE-407).
fn by_name<'a, A>(
    found: &mut Vec<Objection>,
    asked: &[&str],
    answers: &'a [A],
    name: fn(&A) -> &str,
    key: fn(String) -> ItemKey,
) -> HashMap<&'a str, &'a A> {
    let asked_names: HashSet<&str> = asked.iter().copied().collect();
    let mut by_name = HashMap::with_capacity(asked.len());
    let mut surplus = Vec::new();
    for answer in answers {
        let name = name(answer);
        let key = || key(name.to_owned());
        match by_name.entry(name) {
            _ if !asked_names.contains(name) => surplus.push(Objection::Unknown(key())),
            Entry::Occupied(_) => surplus.push(Objection::AnsweredTwice(key())),
            Entry::Vacant(entry) => _ = entry.insert(answer),
        }
    }
    let unanswered = asked.iter().filter(|name| !by_name.contains_key(**name));
    found.extend(unanswered.map(|name| Objection::Unanswered(key((*name).to_owned()))));
    found.extend(surplus);
    by_name
}

fn value_objection(
    key: ItemKey,
    to_collect: Option<Collect>,
    value: Option<&str>,
) -> Option<Objection> {
    match (to_collect, value) {
        (None, None) => None,
        (None, Some(_)) => Some(Objection::Unknown(key)),
        (Some(kind), value) => value::normalise(kind, value.unwrap_or_default())
            .err()
            .map(|fault| Objection::InvalidValue(key, fault)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        answers::Answers,
        decision::{ChannelAnswer, ItemAnswer, TermAnswer},
        samples,
    };
    use proptest::prelude::*;

    fn acceptable() -> (ConsentRequest, Agreement) {
        let request = samples::request();
        let mut answers = Answers::untouched(&request);
        for key in answers.required_keys() {
            answers.tick(&key, true);
        }
        answers.write(&ItemKey::Item("account_email".into()), "hana@example.com".into());
        let agreement = answers.agreement(&request);
        (request, agreement)
    }

    fn objections(change: impl FnOnce(&mut Agreement)) -> Vec<Objection> {
        let (request, mut agreement) = acceptable();
        assert_eq!(check(&request, &agreement), Ok(()));
        change(&mut agreement);
        check(&request, &agreement).unwrap_err()
    }

    #[test]
    fn each_fault_is_named() {
        let term = || ItemKey::Term("tos".into());
        let email = || ItemKey::Item("account_email".into());
        assert_eq!(
            objections(|a| a.terms[0].agreed = false),
            [Objection::RequiredNotAgreed(term())]
        );
        assert_eq!(
            objections(|a| a.terms[0].digest = "sha256-x".into()),
            [Objection::TextChanged(term())]
        );
        assert_eq!(
            objections(|a| a.terms[0].version = "2020-01-01".into()),
            [Objection::TextChanged(term())]
        );
        assert_eq!(objections(|a| drop(a.terms.remove(0))), [Objection::Unanswered(term())]);
        assert_eq!(
            objections(|a| a.terms.push(a.terms[0].clone())),
            [Objection::AnsweredTwice(term())]
        );
        assert_eq!(
            objections(|a| a.personal_info_digest.clear()),
            [Objection::PersonalInfoChanged]
        );
        assert_eq!(
            objections(|a| a.personal_info[1].value = None),
            [Objection::InvalidValue(email(), ValueFault::Empty)]
        );
        assert_eq!(
            objections(|a| a.personal_info[1].value = Some("x".into())),
            [Objection::InvalidValue(email(), ValueFault::NotAnEmail)]
        );
        assert_eq!(
            objections(|a| a.personal_info[0].value = Some("새 이름".into())),
            [Objection::Unknown(ItemKey::Item("profile_nickname".into()))]
        );
        assert_eq!(
            objections(|a| a.channels.clear()),
            [Objection::Unanswered(ItemKey::Channel("_hanok".into()))]
        );
        assert_eq!(
            objections(|a| a.terms.push(TermAnswer {
                tag: "extra".into(),
                version: String::new(),
                digest: String::new(),
                agreed: true
            })),
            [Objection::Unknown(ItemKey::Term("extra".into()))]
        );
        assert_eq!(
            objections(|a| a
                .channels
                .push(ChannelAnswer { public_id: "_other".into(), add: true })),
            [Objection::Unknown(ItemKey::Channel("_other".into()))]
        );
        assert_eq!(
            objections(|a| a.personal_info.push(ItemAnswer {
                id: "ci".into(),
                agreed: true,
                value: None
            })),
            [Objection::Unknown(ItemKey::Item("ci".into()))]
        );
    }

    #[test]
    fn a_hidden_channel_may_not_be_answered() {
        let (mut request, agreement) = acceptable();
        request.account.messenger_registered = false;
        assert_eq!(
            check(&request, &agreement),
            Err(vec![Objection::Unknown(ItemKey::Channel("_hanok".into()))])
        );
    }

    #[test]
    fn a_refused_item_carries_no_value() {
        let (mut request, mut agreement) = acceptable();
        request.personal_info.items[1].required = false;
        agreement.personal_info[1].agreed = false;
        assert_eq!(
            check(&request, &agreement),
            Err(vec![Objection::Unknown(ItemKey::Item("account_email".into()))])
        );
    }

    proptest! {
        /// KR-P08: once the required items are ticked, every subset of the optional ones passes.
        #[test]
        fn every_subset_of_optional_items_is_accepted(request in samples::requests(), subset in any::<u64>()) {
            let mut answers = Answers::untouched(&request);
            for (position, (key, required)) in answers.keys().into_iter().enumerate() {
                if required || subset >> (position % 64) & 1 == 1 {
                    answers.tick(&key, true);
                    answers.write(&key, samples::good_value(&request, &key));
                }
            }
            prop_assert_eq!(check(&request, &answers.agreement(&request)), Ok(()));
        }

        /// Whatever is accepted has every required item, however the answers came about.
        #[test]
        fn what_is_accepted_has_every_required_item(request in samples::requests(), ticks in any::<u64>()) {
            let mut answers = Answers::untouched(&request);
            for (position, (key, _)) in answers.keys().into_iter().enumerate() {
                answers.tick(&key, ticks >> (position % 64) & 1 == 1);
                answers.write(&key, samples::good_value(&request, &key));
            }
            let agreement = answers.agreement(&request);
            let has_all = request.terms.iter().zip(&agreement.terms).all(|(t, a)| !t.required || a.agreed)
                && request.personal_info.items.iter().zip(&agreement.personal_info).all(|(i, a)| !i.required || a.agreed);
            prop_assert_eq!(check(&request, &agreement).is_ok(), has_all);
        }

        /// One thing of an accepted agreement said differently, left out or said twice, and it is
        /// refused; only an optional item may be answered either way.
        #[test]
        fn one_answer_too_few_too_many_or_to_another_text_is_refused(
            request in samples::requests(),
            at in any::<prop::sample::Index>(),
            change in 0usize..5,
        ) {
            let mut answers = Answers::untouched(&request);
            let keys = answers.keys();
            prop_assume!(!keys.is_empty());
            for (key, _) in &keys {
                answers.tick(key, true);
                answers.write(key, samples::good_value(&request, key));
            }
            let mut agreement = answers.agreement(&request);
            prop_assert_eq!(check(&request, &agreement), Ok(()));
            let (key, required) = &keys[at.index(keys.len())];
            macro_rules! change {
                ($answers:expr, $name:ident, $tick:ident) => {{
                    let answers = &mut $answers;
                    let at = answers.iter().position(|it| it.$name == key.name()).unwrap();
                    match change {
                        0 => drop(answers.remove(at)),
                        1 => answers.push(answers[at].clone()),
                        2 => answers[at].$name.push('x'),
                        3 => answers[at].$tick = false,
                        _ => agreement.personal_info_digest.push('x'),
                    }
                }};
            }
            match key {
                ItemKey::Term(tag) if change == 4 => {
                    let term = agreement.terms.iter_mut().find(|term| term.tag == *tag).unwrap();
                    let text = if at.index(2) == 0 { &mut term.version } else { &mut term.digest };
                    text.push('x');
                }
                ItemKey::Term(_) => change!(agreement.terms, tag, agreed),
                ItemKey::Item(_) => change!(agreement.personal_info, id, agreed),
                ItemKey::Channel(_) => change!(agreement.channels, public_id, add),
            }
            // A refused item carries no value.
            for answer in agreement.personal_info.iter_mut().filter(|answer| !answer.agreed) {
                answer.value = None;
            }
            prop_assert_eq!(check(&request, &agreement).is_ok(), change == 3 && !required);
        }
    }
}
