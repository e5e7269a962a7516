//! What the person has ticked and typed so far, beside the request that asks for it.
//!
//! Starts with nothing ticked (rule KR-P11) and changes only by the functions here, each of which
//! stands for something the person did.

use crate::{
    agree_all::{self, Shown},
    channel,
    decision::{Agreement, ChannelAnswer, ItemAnswer, TermAnswer},
    item::ItemKey,
    lookup::Lookup,
    request::ConsentRequest,
};

/// Answers, in the order of the request they were made for: terms, personal information, offered
/// channels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// One for each item on the screen.
    ticked: Vec<bool>,
    /// What was typed, one for each personal information item; kept while the item is unticked.
    typed: Vec<String>,
}

impl Answers {
    /// Nothing ticked, nothing typed.
    #[must_use]
    pub fn untouched(request: &ConsentRequest) -> Self {
        let items = request.terms.len()
            + request.personal_info.items.len()
            + channel::offered(request).len();
        Self {
            ticked: vec![false; items],
            typed: vec![String::new(); request.personal_info.items.len()],
        }
    }

    /// How many items are on the screen.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ticked.len()
    }

    /// Every item on the screen with whether it is required, in the order of the screen.
    #[must_use]
    pub fn keys(&self, request: &ConsentRequest) -> Vec<(ItemKey, bool)> {
        keys(request)
    }

    /// The required items, in the order of the screen.
    #[must_use]
    pub fn required_keys(&self, request: &ConsentRequest) -> Vec<ItemKey> {
        keys(request).into_iter().filter(|(_, required)| *required).map(|(key, _)| key).collect()
    }

    /// Whether the item is ticked. An item that is not on the screen is not.
    #[must_use]
    pub fn is_ticked(&self, request: &ConsentRequest, key: &ItemKey) -> bool {
        position(request, key).is_some_and(|at| self.ticked[at])
    }

    /// Whether the item at this place of the screen is ticked.
    #[must_use]
    pub fn is_ticked_at(&self, position: usize) -> bool {
        self.ticked.get(position).copied().unwrap_or(false)
    }

    /// The places on the screen where a tick is not the same in both.
    #[must_use]
    pub fn changed_from(&self, other: &Self) -> Vec<usize> {
        let both = self.ticked.iter().zip(&other.ticked).enumerate();
        both.filter(|(_, (ticked, other))| ticked != other).map(|(at, _)| at).collect()
    }

    /// What was typed for a personal information item.
    #[must_use]
    pub fn typed(&self, request: &ConsentRequest, key: &ItemKey) -> &str {
        typed_position(request, key).map_or("", |at| &self.typed[at])
    }

    /// The person ticked or unticked an item.
    pub fn tick(&mut self, request: &ConsentRequest, key: &ItemKey, ticked: bool) {
        if let Some(at) = position(request, key) {
            self.ticked[at] = ticked;
        }
    }

    /// The same, by its place on the screen.
    pub fn tick_at(&mut self, position: usize, ticked: bool) {
        if let Some(at) = self.ticked.get_mut(position) {
            *at = ticked;
        }
    }

    /// The person typed a value.
    pub fn write(&mut self, request: &ConsentRequest, key: &ItemKey, text: String) {
        if let Some(at) = typed_position(request, key) {
            self.typed[at] = text;
        }
    }

    /// The same, by the place of the item among the personal information items.
    pub fn write_at(&mut self, position: usize, text: String) {
        if let Some(at) = self.typed.get_mut(position) {
            *at = text;
        }
    }

    /// What the agree-all control shows.
    #[must_use]
    pub fn agree_all(&self, request: &ConsentRequest) -> Shown {
        let required = required(request);
        agree_all::shown(request.agree_all, required.zip(self.ticked.iter().copied()))
    }

    /// The person pressed agree-all. Items for which `may_tick` says no stay as they are.
    pub fn press_agree_all(
        &mut self,
        request: &ConsentRequest,
        may_tick: impl Fn(&ItemKey) -> bool,
    ) {
        let to = agree_all::pressed(self.agree_all(request));
        for (at, (key, required)) in keys(request).into_iter().enumerate() {
            if agree_all::covers(request.agree_all, required) && (!to || may_tick(&key)) {
                self.ticked[at] = to;
            }
        }
    }

    /// The person chose "required only": required items are ticked, optional ones are not.
    pub fn required_only(&mut self, request: &ConsentRequest, may_tick: impl Fn(&ItemKey) -> bool) {
        for (at, (key, required)) in keys(request).into_iter().enumerate() {
            if !required || may_tick(&key) {
                self.ticked[at] = required;
            }
        }
    }

    /// How many of the required items are ticked, and how many there are.
    #[must_use]
    pub fn progress(&self, request: &ConsentRequest) -> (usize, usize) {
        let required = required(request).zip(&self.ticked).filter(|(required, _)| *required);
        let (mut ticked, mut all) = (0, 0);
        for (_, is_ticked) in required {
            ticked += usize::from(*is_ticked);
            all += 1;
        }
        (ticked, all)
    }

    /// The agreement that says exactly this. Whether it is acceptable, [`crate::acceptance`] says.
    #[must_use]
    pub fn agreement(&self, request: &ConsentRequest) -> Agreement {
        let items = &request.personal_info.items;
        let (terms, rest) = self.ticked.split_at(request.terms.len());
        let (personal_info, channels) = rest.split_at(items.len());
        Agreement {
            csrf_token: request.csrf_token.clone(),
            locale: request.locale.clone(),
            terms: request
                .terms
                .iter()
                .zip(terms)
                .map(|(term, agreed)| TermAnswer {
                    tag: term.tag.clone(),
                    version: term.version.clone(),
                    digest: term.digest.clone(),
                    agreed: *agreed,
                })
                .collect(),
            personal_info_digest: request.personal_info.digest.clone(),
            personal_info: items
                .iter()
                .zip(personal_info)
                .zip(&self.typed)
                .map(|((item, agreed), typed)| ItemAnswer {
                    id: item.id.clone(),
                    agreed: *agreed,
                    value: item.to_collect().filter(|_| *agreed).map(|_| typed.clone()),
                })
                .collect(),
            channels: channel::offered(request)
                .into_iter()
                .zip(channels)
                .map(|(channel, add)| ChannelAnswer {
                    public_id: channel.public_id.clone(),
                    add: *add,
                })
                .collect(),
        }
    }

    /// Carries the answers over to a newer request for the same challenge, and names the ticked
    /// items whose text is no longer the one that was ticked: those come back unticked.
    ///
    /// A change of language is not a change of text while the version stays the same; within one
    /// language the digest decides.
    #[must_use]
    pub fn carried_over(&self, old: &ConsentRequest, new: &ConsentRequest) -> (Self, Vec<ItemKey>) {
        let mut carried = Self::untouched(new);
        let mut changed = Vec::new();
        let same_language = old.locale == new.locale;
        let old_keys = keys(old);
        let old_names: Vec<String> = old_keys.iter().map(|(key, _)| key.to_string()).collect();
        let places = Lookup::new(old_names.iter().map(String::as_str));
        for (at, (key, _)) in keys(new).into_iter().enumerate() {
            let Some(was_at) = places.find(&key.to_string()) else { continue };
            if let (Some(typed_at), Some(typed)) = (
                at.checked_sub(new.terms.len()),
                was_at.checked_sub(old.terms.len()).and_then(|at| self.typed.get(at)),
            ) {
                carried.write_at(typed_at, typed.clone());
            }
            if !self.is_ticked_at(was_at) {
                continue;
            }
            let same = match &key {
                ItemKey::Term(_) => match (old.terms.get(was_at), new.terms.get(at)) {
                    (Some(old), Some(new)) => {
                        old.version == new.version
                            && old.required == new.required
                            && old.kind == new.kind
                            && (!same_language || old.digest == new.digest)
                    }
                    _ => false,
                },
                // The statements about the provision have no version. Across languages the server
                // is trusted to say the same; within one, any change takes the ticks back.
                ItemKey::Item(_) => {
                    !same_language || old.personal_info.digest == new.personal_info.digest
                }
                ItemKey::Channel(_) => true,
            };
            if same {
                carried.tick_at(at, true);
            } else {
                changed.push(key);
            }
        }
        (carried, changed)
    }
}

/// Whether each item on the screen is required: channels, which come last, never are.
fn required(request: &ConsentRequest) -> impl Iterator<Item = bool> {
    let terms = request.terms.iter().map(|term| term.required);
    let items = request.personal_info.items.iter().map(|item| item.required);
    terms.chain(items).chain(std::iter::repeat(false))
}

fn keys(request: &ConsentRequest) -> Vec<(ItemKey, bool)> {
    let terms = request.terms.iter().map(|term| (ItemKey::Term(term.tag.clone()), term.required));
    let items = request
        .personal_info
        .items
        .iter()
        .map(|item| (ItemKey::Item(item.id.clone()), item.required));
    let channels = channel::offered(request)
        .into_iter()
        .map(|channel| (ItemKey::Channel(channel.public_id.clone()), false));
    terms.chain(items).chain(channels).collect()
}

fn position(request: &ConsentRequest, key: &ItemKey) -> Option<usize> {
    let terms = request.terms.len();
    match key {
        ItemKey::Term(tag) => request.terms.iter().position(|term| term.tag == *tag),
        ItemKey::Item(_) => typed_position(request, key).map(|at| terms + at),
        ItemKey::Channel(id) => channel::offered(request)
            .iter()
            .position(|channel| channel.public_id == *id)
            .map(|at| terms + request.personal_info.items.len() + at),
    }
}

fn typed_position(request: &ConsentRequest, key: &ItemKey) -> Option<usize> {
    match key {
        ItemKey::Item(id) => request.personal_info.items.iter().position(|item| item.id == *id),
        ItemKey::Term(_) | ItemKey::Channel(_) => None,
    }
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
        answers.press_agree_all(&request, |_| true);
        assert_eq!(answers.agree_all(&request), Shown::On);
        assert!(!answers.is_ticked(&request, &term("marketing")));
        assert_eq!(answers.progress(&request), (3, 3));
        answers.press_agree_all(&request, |_| true);
        assert_eq!(answers, Answers::untouched(&request));
    }

    #[test]
    fn everything_covers_the_channel_too_and_required_only_takes_it_back() {
        let request =
            ConsentRequest { agree_all: AgreeAllPolicy::Everything, ..samples::request() };
        let mut answers = Answers::untouched(&request);
        answers.press_agree_all(&request, |_| true);
        assert!(answers.is_ticked(&request, &ItemKey::Channel("_hanok".into())));
        answers.required_only(&request, |_| true);
        assert_eq!(answers.agree_all(&request), Shown::Mixed);
        assert_eq!(answers.progress(&request), (3, 3));
        assert!(!answers.is_ticked(&request, &ItemKey::Channel("_hanok".into())));
    }

    #[test]
    fn an_item_that_may_not_be_ticked_stays_as_it_is() {
        let request = samples::request();
        let mut answers = Answers::untouched(&request);
        answers.press_agree_all(&request, |key| *key != term("tos"));
        assert!(!answers.is_ticked(&request, &term("tos")));
        assert_eq!(answers.agree_all(&request), Shown::Mixed);
    }

    #[test]
    fn a_changed_text_takes_its_tick_back_and_no_other() {
        let old = samples::request();
        let mut answers = Answers::untouched(&old);
        answers.press_agree_all(&old, |_| true);
        let mut new = old.clone();
        new.terms[0].digest = "sha256-new".into();
        let (carried, changed) = answers.carried_over(&old, &new);
        assert_eq!(changed, [term("tos")]);
        assert!(!carried.is_ticked(&new, &term("tos")));
        assert!(carried.is_ticked(&new, &ItemKey::Item("account_email".into())));
    }

    #[test]
    fn a_change_of_language_keeps_ticks_and_text() {
        let old = samples::request();
        let mut answers = Answers::untouched(&old);
        answers.press_agree_all(&old, |_| true);
        let email = ItemKey::Item("account_email".into());
        answers.write(&old, &email, "hana@".into());
        let mut new = ConsentRequest { locale: "en".into(), ..old.clone() };
        for term in &mut new.terms {
            term.digest = format!("{}-en", term.digest);
        }
        new.personal_info.digest = "sha256-en".into();
        let (carried, changed) = answers.carried_over(&old, &new);
        assert_eq!(changed, []);
        assert_eq!(carried, answers);
        assert_eq!(carried.typed(&new, &email), "hana@");
    }

    proptest! {
        /// Nothing becomes agreed without an event of the person: replay any events, and whatever
        /// is agreed in the end was ticked by the last event that touched it.
        #[test]
        fn nothing_is_agreed_without_the_person(request in samples::requests(), events in proptest::collection::vec((0usize..40, any::<bool>()), 0..30)) {
            let mut answers = Answers::untouched(&request);
            let keys = answers.keys(&request);
            let mut expected = vec![false; keys.len()];
            for (at, to) in events {
                if at < keys.len() {
                    answers.tick(&request, &keys[at].0, to);
                    expected[at] = to;
                } else if at == 39 {
                    let all = keys.iter().zip(&expected).filter(|((_, r), _)| agree_all::covers(request.agree_all, *r)).all(|(_, t)| *t);
                    answers.press_agree_all(&request, |_| true);
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
            let keys = answers.keys(&request);
            for (at, (key, _)) in keys.iter().enumerate() {
                answers.tick(&request, key, ticks >> (at % 64) & 1 == 1);
            }
            let items = keys.iter().enumerate().map(|(at, (_, required))| (*required, ticks >> (at % 64) & 1 == 1));
            prop_assert_eq!(answers.agree_all(&request), agree_all::shown(request.agree_all, items));
        }

        /// Nothing becomes ticked by asking again, whatever of the request has changed by then.
        #[test]
        fn asking_again_adds_no_tick(old in samples::requests(), new in samples::requests(), ticks in any::<u64>(), language in any::<bool>()) {
            let new = ConsentRequest { locale: if language { "en".into() } else { "ko".into() }, ..new };
            let mut answers = Answers::untouched(&old);
            for at in 0..answers.count() {
                answers.tick_at(at, ticks >> (at % 64) & 1 == 1);
            }
            let (carried, changed) = answers.carried_over(&old, &new);
            for (key, _) in carried.keys(&new) {
                let was = answers.is_ticked(&old, &key);
                prop_assert_eq!(was, carried.is_ticked(&new, &key) || changed.contains(&key), "{}", key);
                prop_assert!(!(carried.is_ticked(&new, &key) && changed.contains(&key)), "{}", key);
            }
            prop_assert_eq!(answers.carried_over(&old, &old), (answers, vec![]));
        }

        #[test]
        fn required_only_ticks_what_is_required_and_nothing_else(request in samples::requests(), ticks in any::<u64>()) {
            let mut answers = Answers::untouched(&request);
            for at in 0..answers.count() {
                answers.tick_at(at, ticks >> (at % 64) & 1 == 1);
            }
            answers.required_only(&request, |_| true);
            for (key, required) in answers.keys(&request) {
                prop_assert_eq!(answers.is_ticked(&request, &key), required);
            }
            let (ticked, all) = answers.progress(&request);
            prop_assert_eq!(ticked, all);
        }

        /// A tick is for one text: another version takes it back in every language, another digest
        /// within one.
        #[test]
        fn a_tick_is_carried_exactly_to_the_same_text(old in samples::requests(), new_versions in any::<u8>(), new_digests in any::<u8>(), translated in any::<bool>()) {
            let mut answers = Answers::untouched(&old);
            for at in 0..answers.count() {
                answers.tick_at(at, true);
            }
            let mut new = old.clone();
            if translated { new.locale = "en".into(); }
            for (at, term) in new.terms.iter_mut().enumerate() {
                if new_versions >> at & 1 == 1 { term.version.push('x'); }
                if new_digests >> at & 1 == 1 { term.digest.push('x'); }
            }
            let (carried, _) = answers.carried_over(&old, &new);
            for at in 0..new.terms.len() {
                let is_new = new_versions >> at & 1 == 1 || (!translated && new_digests >> at & 1 == 1);
                prop_assert_eq!(carried.is_ticked_at(at), !is_new);
            }
        }
    }
}
