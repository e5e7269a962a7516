//! What the user has checked and typed so far.
//!
//! Nothing is checked at first (rule KR-P11). Answers change only by the functions here, and each of
//! them stands for something the user did. Every answer is found by its [`ItemKey`], never by a
//! position.

use std::collections::HashMap;

use indexmap::IndexMap;

use crate::{
    agree_all::{self, CheckState},
    channel,
    decision::{Agreement, ChannelAnswer, ItemAnswer, TermAnswer},
    item::ItemKey,
    request::{ConsentRequest, Term},
};

/// The answers to one request, in the order of the screen: terms, personal information, offered
/// channels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers(IndexMap<ItemKey, Answer>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Answer {
    required: bool,
    ticked: bool,
    /// For personal information only. Kept while the item is unchecked.
    typed: String,
}

impl Answers {
    /// Nothing checked, nothing typed.
    #[must_use]
    pub fn untouched(request: &ConsentRequest) -> Self {
        let terms = request.terms.iter().map(|it| (ItemKey::Term(it.tag.clone()), it.required));
        let items = request.personal_info.items.iter();
        let items = items.map(|it| (ItemKey::Item(it.id.clone()), it.required));
        let channels = channel::offered(request).into_iter();
        let channels = channels.map(|it| (ItemKey::Channel(it.public_id.clone()), false));
        let all = terms.chain(items).chain(channels);
        Self(all.map(|(key, required)| (key, Answer { required, ..Answer::default() })).collect())
    }

    /// The number of items on the screen.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Every item on the screen and whether it is required, in the order of the screen.
    #[must_use]
    pub fn keys(&self) -> Vec<(ItemKey, bool)> {
        self.0.iter().map(|(key, answer)| (key.clone(), answer.required)).collect()
    }

    /// The required items, in the order of the screen.
    #[must_use]
    pub fn required_keys(&self) -> Vec<ItemKey> {
        self.keys().into_iter().filter(|(_, required)| *required).map(|(key, _)| key).collect()
    }

    /// Whether the item is on the screen.
    #[must_use]
    pub fn contains(&self, key: &ItemKey) -> bool {
        self.0.contains_key(key)
    }

    /// Whether the item is checked. An item that is not on the screen is not.
    #[must_use]
    pub fn is_ticked(&self, key: &ItemKey) -> bool {
        self.0.get(key).is_some_and(|answer| answer.ticked)
    }

    /// Whether there is nothing to answer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value typed for a personal information item.
    #[must_use]
    pub fn typed(&self, key: &ItemKey) -> &str {
        self.0.get(key).map_or("", |answer| &answer.typed)
    }

    /// The user checked or unchecked an item.
    pub fn tick(&mut self, key: &ItemKey, ticked: bool) {
        if let Some(answer) = self.0.get_mut(key) {
            answer.ticked = ticked;
        }
    }

    /// The user typed a value. Only personal information has one.
    pub fn write(&mut self, key: &ItemKey, text: String) {
        if let (ItemKey::Item(_), Some(answer)) = (key, self.0.get_mut(key)) {
            answer.typed = text;
        }
    }

    /// The state of the agree-all control.
    #[must_use]
    pub fn agree_all(&self, request: &ConsentRequest) -> CheckState {
        let items = self.0.values().map(|answer| (answer.required, answer.ticked));
        agree_all::state(request.agree_all, items)
    }

    /// The user clicked agree-all. Items for which `may_tick` is false stay as they are.
    pub fn toggle_agree_all(
        &mut self,
        request: &ConsentRequest,
        may_tick: impl Fn(&ItemKey) -> bool,
    ) {
        let to = agree_all::toggled(self.agree_all(request));
        for (key, answer) in &mut self.0 {
            if agree_all::covers(request.agree_all, answer.required) && (!to || may_tick(key)) {
                answer.ticked = to;
            }
        }
    }

    /// The user chose "required only": required items are checked, optional ones are not.
    pub fn required_only(&mut self, may_tick: impl Fn(&ItemKey) -> bool) {
        for (key, answer) in &mut self.0 {
            if !answer.required || may_tick(key) {
                answer.ticked = answer.required;
            }
        }
    }

    /// The number of required items that are checked, and of all required items.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        let required = || self.0.values().filter(|answer| answer.required);
        (required().filter(|answer| answer.ticked).count(), required().count())
    }

    /// These answers as an agreement. [`crate::acceptance`] decides whether it is acceptable.
    #[must_use]
    pub fn agreement(&self, request: &ConsentRequest) -> Agreement {
        let term = |term: &Term| TermAnswer {
            agreed: self.is_ticked(&ItemKey::Term(term.tag.clone())),
            tag: term.tag.clone(),
            version: term.version.clone(),
            digest: term.digest.clone(),
        };
        let items = request.personal_info.items.iter().map(|item| {
            let key = ItemKey::Item(item.id.clone());
            let agreed = self.is_ticked(&key);
            let value = item.to_collect().filter(|_| agreed).map(|_| self.typed(&key).to_owned());
            ItemAnswer { id: item.id.clone(), agreed, value }
        });
        let channels = channel::offered(request).into_iter().map(|channel| ChannelAnswer {
            add: self.is_ticked(&ItemKey::Channel(channel.public_id.clone())),
            public_id: channel.public_id.clone(),
        });
        Agreement {
            csrf_token: request.csrf_token.clone(),
            locale: request.locale.clone(),
            terms: request.terms.iter().map(term).collect(),
            personal_info_digest: request.personal_info.digest.clone(),
            personal_info: items.collect(),
            channels: channels.collect(),
        }
    }

    /// Carries the answers over to a newer request for the same challenge. Also returns the checked
    /// items whose text is no longer the one that was checked: those become unchecked.
    ///
    /// A change of language is not a change of text while the version stays the same; within one
    /// language the digest decides.
    #[must_use]
    pub fn carried_over(&self, old: &ConsentRequest, new: &ConsentRequest) -> (Self, Vec<ItemKey>) {
        let mut carried = Self::untouched(new);
        let mut changed = Vec::new();
        let same_language = old.locale == new.locale;
        let old_terms = by_tag(old);
        let new_terms = by_tag(new);
        let is_same_text = |key: &ItemKey| match key {
            ItemKey::Term(tag) => match (old_terms.get(&**tag), new_terms.get(&**tag)) {
                (Some(old), Some(new)) => {
                    old.version == new.version
                        && old.required == new.required
                        && old.kind == new.kind
                        && (!same_language || old.digest == new.digest)
                }
                _ => false,
            },
            // The statements about the provision have no version. Across languages the server is
            // trusted to keep their meaning; within one, any change unchecks the items.
            ItemKey::Item(_) => {
                !same_language || old.personal_info.digest == new.personal_info.digest
            }
            ItemKey::Channel(_) => true,
        };
        for (key, answer) in &mut carried.0 {
            let Some(before) = self.0.get(key) else { continue };
            answer.typed.clone_from(&before.typed);
            if before.ticked {
                answer.ticked = is_same_text(key);
                if !answer.ticked {
                    changed.push(key.clone());
                }
            }
        }
        (carried, changed)
    }
}

/// The terms by tag. Of two with one tag, which no backend should send, the first.
fn by_tag(request: &ConsentRequest) -> HashMap<&str, &Term> {
    request.terms.iter().rev().map(|term| (&*term.tag, term)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{request::AgreeAllPolicy, samples};
    use proptest::prelude::*;

    fn term(tag: &str) -> ItemKey {
        ItemKey::Term(tag.into())
    }

    #[test]
    fn required_only_leaves_the_optional_items_alone() {
        let request = samples::request();
        let mut answers = Answers::untouched(&request);
        answers.toggle_agree_all(&request, |_| true);
        assert_eq!(answers.agree_all(&request), CheckState::Checked);
        assert!(!answers.is_ticked(&term("marketing")));
        assert_eq!(answers.progress(), (3, 3));
        answers.toggle_agree_all(&request, |_| true);
        assert_eq!(answers, Answers::untouched(&request));
    }

    #[test]
    fn everything_covers_the_channel_too_and_required_only_takes_it_back() {
        let request =
            ConsentRequest { agree_all: AgreeAllPolicy::Everything, ..samples::request() };
        let mut answers = Answers::untouched(&request);
        answers.toggle_agree_all(&request, |_| true);
        assert!(answers.is_ticked(&ItemKey::Channel("_hanok".into())));
        answers.required_only(|_| true);
        assert_eq!(answers.agree_all(&request), CheckState::Mixed);
        assert_eq!(answers.progress(), (3, 3));
        assert!(!answers.is_ticked(&ItemKey::Channel("_hanok".into())));
    }

    #[test]
    fn an_item_that_may_not_be_ticked_stays_as_it_is() {
        let request = samples::request();
        let mut answers = Answers::untouched(&request);
        answers.toggle_agree_all(&request, |key| *key != term("tos"));
        assert!(!answers.is_ticked(&term("tos")));
        assert_eq!(answers.agree_all(&request), CheckState::Mixed);
    }

    #[test]
    fn a_changed_text_takes_its_tick_back_and_no_other() {
        let old = samples::request();
        let mut answers = Answers::untouched(&old);
        answers.toggle_agree_all(&old, |_| true);
        let mut new = old.clone();
        new.terms[0].digest = "sha256-new".into();
        let (carried, changed) = answers.carried_over(&old, &new);
        assert_eq!(changed, [term("tos")]);
        assert!(!carried.is_ticked(&term("tos")));
        assert!(carried.is_ticked(&ItemKey::Item("account_email".into())));
    }

    #[test]
    fn a_change_of_language_keeps_ticks_and_text() {
        let old = samples::request();
        let mut answers = Answers::untouched(&old);
        answers.toggle_agree_all(&old, |_| true);
        let email = ItemKey::Item("account_email".into());
        answers.write(&email, "hana@".into());
        let mut new = ConsentRequest { locale: "en".into(), ..old.clone() };
        for term in &mut new.terms {
            term.digest = format!("{}-en", term.digest);
        }
        new.personal_info.digest = "sha256-en".into();
        let (carried, changed) = answers.carried_over(&old, &new);
        assert_eq!(changed, []);
        assert_eq!(carried, answers);
        assert_eq!(carried.typed(&email), "hana@");
    }

    proptest! {
        /// Nothing becomes agreed without an event of the person: replay any events, and whatever
        /// is agreed in the end was ticked by the last event that touched it.
        #[test]
        fn nothing_is_agreed_without_the_person(request in samples::requests(), events in proptest::collection::vec((0usize..40, any::<bool>()), 0..30)) {
            let mut answers = Answers::untouched(&request);
            let keys = answers.keys();
            let mut expected = vec![false; keys.len()];
            for (at, to) in events {
                if at < keys.len() {
                    answers.tick(&keys[at].0, to);
                    expected[at] = to;
                } else if at == 39 {
                    let all = keys.iter().zip(&expected).filter(|((_, r), _)| agree_all::covers(request.agree_all, *r)).all(|(_, t)| *t);
                    answers.toggle_agree_all(&request, |_| true);
                    for ((_, required), expected) in keys.iter().zip(&mut expected) {
                        if agree_all::covers(request.agree_all, *required) { *expected = !all; }
                    }
                }
            }
            let agreement = answers.agreement(&request);
            let agreed: Vec<bool> = agreement.terms.iter().map(|a| a.agreed)
                .chain(agreement.personal_info.iter().map(|a| a.agreed))
                .chain(agreement.channels.iter().map(|a| a.add)).collect();
            prop_assert_eq!(agreed, expected);
        }

        /// Agree-all is always a function of its children.
        #[test]
        fn agree_all_follows_the_items(request in samples::requests(), ticks in any::<u64>()) {
            let mut answers = Answers::untouched(&request);
            let keys = answers.keys();
            for (at, (key, _)) in keys.iter().enumerate() {
                answers.tick(key, ticks >> (at % 64) & 1 == 1);
            }
            let items = keys.iter().enumerate().map(|(at, (_, required))| (*required, ticks >> (at % 64) & 1 == 1));
            prop_assert_eq!(answers.agree_all(&request), agree_all::state(request.agree_all, items));
        }

        /// Nothing becomes ticked by asking again, whatever of the request has changed by then.
        #[test]
        fn asking_again_adds_no_tick(old in samples::requests(), new in samples::requests(), ticks in any::<u64>(), language in any::<bool>()) {
            let new = ConsentRequest { locale: if language { "en".into() } else { "ko".into() }, ..new };
            let mut answers = Answers::untouched(&old);
            for (at, (key, _)) in answers.keys().into_iter().enumerate() {
                answers.tick(&key, ticks >> (at % 64) & 1 == 1);
            }
            let (carried, changed) = answers.carried_over(&old, &new);
            for (key, _) in carried.keys() {
                let was = answers.is_ticked(&key);
                prop_assert_eq!(was, carried.is_ticked(&key) || changed.contains(&key), "{}", key);
                prop_assert!(!(carried.is_ticked(&key) && changed.contains(&key)), "{}", key);
            }
            prop_assert_eq!(answers.carried_over(&old, &old), (answers, vec![]));
        }

        #[test]
        fn required_only_ticks_what_is_required_and_nothing_else(request in samples::requests(), ticks in any::<u64>()) {
            let mut answers = Answers::untouched(&request);
            for (at, (key, _)) in answers.keys().into_iter().enumerate() {
                answers.tick(&key, ticks >> (at % 64) & 1 == 1);
            }
            answers.required_only(|_| true);
            for (key, required) in answers.keys() {
                prop_assert_eq!(answers.is_ticked(&key), required);
            }
            let (ticked, all) = answers.progress();
            prop_assert_eq!(ticked, all);
        }

        /// A tick is for one text: another version takes it back in every language, another digest
        /// within one.
        #[test]
        fn a_tick_is_carried_exactly_to_the_same_text(old in samples::requests(), new_versions in any::<u8>(), new_digests in any::<u8>(), translated in any::<bool>()) {
            let mut answers = Answers::untouched(&old);
            for (key, _) in answers.keys() {
                answers.tick(&key, true);
            }
            let mut new = old.clone();
            if translated { new.locale = "en".into(); }
            for (at, term) in new.terms.iter_mut().enumerate() {
                if new_versions >> at & 1 == 1 { term.version.push('x'); }
                if new_digests >> at & 1 == 1 { term.digest.push('x'); }
            }
            let (carried, _) = answers.carried_over(&old, &new);
            for (at, it) in new.terms.iter().enumerate() {
                let is_new = new_versions >> at & 1 == 1 || (!translated && new_digests >> at & 1 == 1);
                prop_assert_eq!(carried.is_ticked(&term(&it.tag)), !is_new);
            }
        }
    }
}
