//! The form before it is a decision: what is ticked and typed in it, and which button was pressed.
//!
//! Read in two places. The server reads it when the form comes back unfinished and is rendered
//! again; the WebAssembly reads it when it replaces the rendered form. Both must understand the
//! same by it, or a tick would be lost between them.

use std::collections::{HashMap, HashSet};

use crate::{
    agree_all::CheckState,
    answers::Answers,
    form::{self, NOTICE_AGREED_TO_ALL, field},
    item::ItemKey,
    request::{ConsentRequest, Term},
};

/// What the button that sent the form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubmitAction {
    Agree,
    Cancel,
    /// Tick the required items, untick the others, and show the form again.
    RequiredOnly,
    /// Show the text of the term with this tag, with what changed in it since the person agreed, and
    /// the form again after it.
    Read(String),
    /// Show the text of the term with this tag without marks, and the form again after it.
    ReadFull(String),
    /// Show the form again: in another language, or after a text.
    Show,
}

impl SubmitAction {
    /// Which button was pressed; none when the form does not say it exactly once.
    #[must_use]
    pub fn of(fields: &[(String, String)]) -> Option<Self> {
        Some(match Draft(fields).once(field::DECISION)? {
            form::AGREE => Self::Agree,
            form::CANCEL => Self::Cancel,
            form::REQUIRED_ONLY => Self::RequiredOnly,
            form::SHOW => Self::Show,
            other => match other.strip_prefix(form::READ_PREFIX) {
                Some(tag) => Self::Read(tag.to_owned()),
                None => Self::ReadFull(other.strip_prefix(form::FULL_PREFIX)?.to_owned()),
            },
        })
    }
}

/// The fields of a form, decoded, in the order of the page.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a>(pub &'a [(String, String)]);

impl<'a> Draft<'a> {
    /// The answers it holds to a request in the same language, and the ticked items whose text is
    /// not the one that was shown: those come out unticked, each named once. What the request does
    /// not ask is left out, and so are fields beyond [`form::most_fields`]; judging the form as a
    /// decision is [`form::decision`]'s work.
    #[must_use]
    pub fn answers(self, request: &ConsentRequest) -> (Answers, Vec<ItemKey>) {
        let mut answers = Answers::untouched(request);
        let terms: HashMap<&str, &Term> =
            request.terms.iter().rev().map(|term| (&*term.tag, term)).collect();
        let same_statements =
            self.once(field::PERSONAL_INFO_DIGEST) == Some(&request.personal_info.digest);
        let fields = || self.0.iter().take(form::most_fields(request));
        // Each `shown` field begins with the key of its item.
        let shown = fields().filter(|(name, _)| name == field::SHOWN);
        let shown: HashMap<&str, &str> = shown
            .map(|(_, value)| (value.split(' ').next().unwrap_or_default(), &**value))
            .collect();
        let mut changed = HashSet::new();
        for (name, value) in fields() {
            match name.as_str() {
                field::AGREE => {
                    let Ok(key) = value.parse::<ItemKey>() else { continue };
                    let same_text = match &key {
                        ItemKey::Term(tag) => terms.get(&**tag).is_some_and(|term| {
                            shown.get(&**value).copied() == Some(&*form::shown_term(term))
                        }),
                        ItemKey::Item(_) => same_statements,
                        ItemKey::Channel(_) => true,
                    };
                    if same_text {
                        answers.tick(&key, true);
                    } else {
                        changed.insert(key);
                    }
                }
                _ => {
                    if let Some(id) = name.strip_prefix(field::VALUE_PREFIX) {
                        answers.write(&ItemKey::Item(id.to_owned()), value.clone());
                    }
                }
            }
        }
        let keys = answers.keys().into_iter().map(|(key, _)| key);
        let changed = keys.filter(|key| changed.contains(key) && !answers.is_ticked(key)).collect();
        (answers, changed)
    }

    /// Whether the person ticked "agree to all" in this form. Where no script follows the box, the
    /// items that it stands for may not be ticked yet. A box that was rendered ticked is no answer:
    /// a user who then unticks an item must not find it ticked again.
    #[must_use]
    pub fn agrees_to_all(self) -> bool {
        self.once(field::AGREE_ALL).is_some()
            && !self.notices().any(|it| it == NOTICE_AGREED_TO_ALL)
    }

    /// Ticks what "agree to all" stands for, if it is ticked and something is left to tick. Whether
    /// it did: the person has to see that, before it can be agreed to.
    pub fn agree_to_all(self, request: &ConsentRequest, answers: &mut Answers) -> bool {
        let unfinished =
            matches!(answers.agree_all(request), CheckState::Unchecked | CheckState::Mixed);
        let to_do = self.agrees_to_all() && unfinished;
        if to_do {
            answers.toggle_agree_all(request, |_| true);
        }
        to_do
    }

    /// The language of the texts that were shown.
    #[must_use]
    pub fn locale(self) -> Option<&'a str> {
        self.once(field::LOCALE)
    }

    /// The requested language.
    #[must_use]
    pub fn language(self) -> Option<&'a str> {
        self.once(field::LANGUAGE)
    }

    /// What the page reported above the form, see [`field::NOTICE`].
    pub fn notices(self) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(|(name, _)| name == field::NOTICE).map(|(_, value)| value.as_str())
    }

    fn once(self, name: &str) -> Option<&'a str> {
        let mut values = self.0.iter().filter(|(field, _)| field == name);
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use proptest::prelude::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_pressed_button_is_read_when_there_is_one() {
        let press = |value| SubmitAction::of(&fields(&[("decision", value)]));
        assert_eq!(press("agree"), Some(SubmitAction::Agree));
        assert_eq!(press("cancel"), Some(SubmitAction::Cancel));
        assert_eq!(press("required_only"), Some(SubmitAction::RequiredOnly));
        assert_eq!(press("show"), Some(SubmitAction::Show));
        assert_eq!(press("read:tos"), Some(SubmitAction::Read("tos".into())));
        assert_eq!(press("full:tos"), Some(SubmitAction::ReadFull("tos".into())));
        assert_eq!(press("maybe"), None);
        assert_eq!(SubmitAction::of(&[]), None);
        assert_eq!(SubmitAction::of(&fields(&[("decision", "show"), ("decision", "agree")])), None);
    }

    #[test]
    fn a_tick_whose_text_has_changed_comes_out_unticked_and_named() {
        let request = samples::request();
        let mut answers = Answers::untouched(&request);
        let tos = ItemKey::Term("tos".into());
        let nickname = ItemKey::Item("profile_nickname".into());
        for key in [&tos, &nickname] {
            answers.tick(key, true);
        }
        let form = form::fields(&answers.agreement(&request));
        let read = |change: fn(&mut ConsentRequest)| {
            let mut request = request.clone();
            change(&mut request);
            let (answers, changed) = Draft(&form).answers(&request);
            let ticked = [&tos, &nickname].map(|key| answers.is_ticked(key));
            (ticked, changed)
        };
        assert_eq!(read(|_| {}), ([true, true], vec![]));
        let tos_only = vec![tos.clone()];
        assert_eq!(
            read(|r| r.terms[0].digest = "sha256-x".into()),
            ([false, true], tos_only.clone())
        );
        assert_eq!(read(|r| r.terms[0].version = "2".into()), ([false, true], tos_only));
        assert_eq!(
            read(|r| r.personal_info.digest = "sha256-x".into()),
            ([true, false], vec![nickname.clone()])
        );
        assert_eq!(read(|r| drop(r.terms.remove(0))).0, [false, true]);
    }

    #[test]
    fn agree_to_all_ticks_what_it_stands_for_once() {
        let request = samples::request();
        let form = fields(&[("agree_all", "on")]);
        let (mut answers, _) = Draft(&form).answers(&request);
        assert!(Draft(&form).agree_to_all(&request, &mut answers));
        assert_eq!(answers.agree_all(&request), CheckState::Checked);
        assert!(!Draft(&form).agree_to_all(&request, &mut answers), "there is nothing left");
        let mut answers = Answers::untouched(&request);
        assert!(!Draft(&[]).agree_to_all(&request, &mut answers));
        assert_eq!(answers, Answers::untouched(&request));
        let rendered = fields(&[("agree_all", "on"), ("told", "agreed_to_all")]);
        let (mut answers, _) = Draft(&rendered).answers(&request);
        assert!(!Draft(&rendered).agree_to_all(&request, &mut answers), "it was ticked before");
        let mut nothing = samples::request();
        nothing.terms.clear();
        nothing.personal_info.items.clear();
        let (mut answers, _) = Draft(&form).answers(&nothing);
        assert!(!Draft(&form).agree_to_all(&nothing, &mut answers), "there is nothing to tick");
    }

    proptest! {
        /// Whatever is ticked and typed comes back, in whatever order the fields of a row stand.
        #[test]
        fn a_form_holds_the_answers_it_was_made_of(request in samples::requests(), ticks in any::<u64>()) {
            let mut answers = Answers::untouched(&request);
            for (at, (key, _)) in answers.keys().into_iter().enumerate() {
                if ticks >> (at % 64) & 1 == 1 {
                    answers.tick(&key, true);
                    answers.write(&key, samples::good_value(&request, &key));
                }
            }
            let form = form::fields(&answers.agreement(&request));
            let (read, changed) = Draft(&form).answers(&request);
            prop_assert_eq!(changed, vec![]);
            prop_assert_eq!(read.agreement(&request), answers.agreement(&request));
        }

        #[test]
        fn no_form_is_read_as_more_than_the_request_asks(
            request in samples::requests(),
            pairs in proptest::collection::vec(("(agree|shown|value:[a-z]{1,4}|agree_all|told)", "[ -~]{0,20}"), 0..20),
        ) {
            let (answers, _) = Draft(&pairs).answers(&request);
            // An honest form for terms names version and digest, which no guess finds.
            let ticked = |tag: &String| answers.is_ticked(&ItemKey::Term(tag.clone()));
            prop_assert_eq!(request.terms.iter().filter(|term| ticked(&term.tag)).count(), 0);
            let _ = SubmitAction::of(&pairs);
        }

        /// The page that is rendered again never shows more ticked than the form says.
        #[test]
        fn a_form_in_disorder_never_ticks_more_than_it_says(
            request in samples::requests(),
            ticks in any::<u64>(),
            swaps in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..8),
        ) {
            let mut answers = Answers::untouched(&request);
            for (at, (key, _)) in answers.keys().into_iter().enumerate() {
                answers.tick(&key, ticks >> (at % 64) & 1 == 1);
            }
            let mut form = form::fields(&answers.agreement(&request));
            for (one, other) in swaps {
                let (one, other) = (one.index(form.len()), other.index(form.len()));
                form.swap(one, other);
            }
            let (read, changed) = Draft(&form).answers(&request);
            for (key, _) in answers.keys() {
                let was = answers.is_ticked(&key);
                let is = read.is_ticked(&key);
                prop_assert_eq!(was, is || changed.contains(&key), "{}", key);
                prop_assert!(was || !is, "{}", key);
            }
            prop_assert_eq!(SubmitAction::of(&form), Some(SubmitAction::Agree));
        }

        /// What has changed since the form was rendered comes out unticked and named, all else ticked.
        #[test]
        fn a_tick_stays_exactly_where_the_text_is_the_one_shown(
            request in samples::requests(),
            ticks in any::<u64>(),
            new in any::<u64>(),
            new_statements in any::<bool>(),
        ) {
            let mut answers = Answers::untouched(&request);
            for (at, (key, _)) in answers.keys().into_iter().enumerate() {
                answers.tick(&key, ticks >> (at % 64) & 1 == 1);
            }
            let form = form::fields(&answers.agreement(&request));
            let mut now = request.clone();
            for (at, term) in now.terms.iter_mut().enumerate().filter(|(at, _)| new >> at & 1 == 1) {
                let text = if at % 2 == 0 { &mut term.version } else { &mut term.digest };
                text.push('x');
            }
            if new_statements { now.personal_info.digest.push('x'); }
            let (read, changed) = Draft(&form).answers(&now);
            for (at, (key, _)) in answers.keys().into_iter().enumerate() {
                let is_new = match &key {
                    ItemKey::Term(_) => new >> at & 1 == 1,
                    ItemKey::Item(_) => new_statements,
                    ItemKey::Channel(_) => false,
                };
                let ticked = answers.is_ticked(&key);
                prop_assert_eq!(read.is_ticked(&key), ticked && !is_new, "{}", key);
                prop_assert_eq!(changed.contains(&key), ticked && is_new, "{}", key);
            }
        }
    }
}
