//! The same decision as a form: `application/x-www-form-urlencoded`, so that the screen's form
//! works before, or without, WebAssembly.
//!
//! | field | value |
//! |---|---|
//! | `decision` | `agree` or `cancel` |
//! | `csrf_token`, `locale`, `personal_info_digest` | as in the JSON |
//! | `shown` | for every item on the screen: `term:tos 2026-11-01 sha256-…`, `item:account_email`, `channel:_shop` |
//! | `agree` | for every ticked item: its [`ItemKey`] |
//! | `value:account_email` | what was typed for an item |
//!
//! A browser leaves unticked boxes out; `shown` says which of the absent ones were refused.
//!
//! The page's own address takes more, so that the form can be filled in without a script; what it
//! means is read in [`crate::draft`], and none of it is ever part of a decision:
//!
//! | field | value |
//! |---|---|
//! | `decision` | `required_only`, `read:tos`, `full:tos`, `show` |
//! | `agree_all` | there when the box is ticked |
//! | `language` | the language to show the form in |
//! | `told` | what the page reports above the form: `incomplete`, `refreshed`, `restored`, `agreed_to_all`, `changed:term:tos` |

use std::{
    collections::{HashMap, HashSet},
    fmt,
    str::FromStr,
};

use crate::{
    decision::{Agreement, Cancellation, ChannelAnswer, Decision, ItemAnswer, TermAnswer},
    item::{ItemKey, NotAnItem},
    request::{ConsentRequest, Term},
};

/// Names of the fields.
pub mod field {
    pub const DECISION: &str = "decision";
    pub const CSRF_TOKEN: &str = "csrf_token";
    pub const LOCALE: &str = "locale";
    pub const PERSONAL_INFO_DIGEST: &str = "personal_info_digest";
    pub const SHOWN: &str = "shown";
    pub const AGREE: &str = "agree";
    pub const VALUE_PREFIX: &str = "value:";
    /// Not an answer: it stands for boxes that are answers.
    pub const AGREE_ALL: &str = "agree_all";
    pub const LANGUAGE: &str = "language";
    /// What the page reports above the form. For the next reader of the form; not part of a
    /// decision.
    pub const NOTICE: &str = "told";
}

/// Values of [`field::DECISION`].
pub const AGREE: &str = "agree";
/// See [`AGREE`].
pub const CANCEL: &str = "cancel";
/// See [`crate::draft::SubmitAction`].
pub const REQUIRED_ONLY: &str = "required_only";
/// See [`crate::draft::SubmitAction`].
pub const READ_PREFIX: &str = "read:";
/// See [`crate::draft::SubmitAction`].
pub const FULL_PREFIX: &str = "full:";
/// See [`crate::draft::SubmitAction`].
pub const SHOW: &str = "show";

/// A value of [`field::NOTICE`].
pub const NOTICE_INCOMPLETE: &str = "incomplete";
/// A value of [`field::NOTICE`].
pub const NOTICE_REFRESHED: &str = "refreshed";
/// A value of [`field::NOTICE`]: the boxes were put back to what the user had made of them.
pub const NOTICE_RESTORED: &str = "restored";
/// A value of [`field::NOTICE`]: the agree-all box was rendered ticked, so it is no new answer.
pub const NOTICE_AGREED_TO_ALL: &str = "agreed_to_all";
/// A value of [`field::NOTICE`], before an [`ItemKey`].
pub const NOTICE_CHANGED: &str = "changed:";

/// The most fields that are read as a decision, whatever was asked: 10 000 items with a value each.
pub const MOST_FIELDS: usize = 32_000;

/// The most fields that are read of a form for this request, for callers that know it: three for
/// each item (`shown`, `agree`, `value:…`) and one for each that the page says has changed, with
/// room for a page that was shown while the service still asked for more.
#[must_use]
pub fn most_fields(request: &ConsentRequest) -> usize {
    let items = request.terms.len() + request.personal_info.items.len() + request.channels.len();
    (1000 + 4 * items).min(MOST_FIELDS)
}

/// The `shown` value of a term.
#[must_use]
pub fn shown_term(term: &Term) -> String {
    format!("term:{} {} {}", term.tag, term.version, term.digest)
}

/// The name of the field for the value of an item.
#[must_use]
pub fn value_field(id: &str) -> String {
    format!("{}{id}", field::VALUE_PREFIX)
}

/// Why a form is not a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormFault {
    /// No `decision`, or neither `agree` nor `cancel`.
    NoDecision,
    /// This field must be there exactly once.
    Missing(&'static str),
    /// This field is not one of the contract.
    UnknownField(String),
    /// A `shown` or `agree` value that does not name an item.
    NotAnItem(String),
    /// An item is ticked, or typed for, that was not shown.
    NotShown(String),
    /// An item is shown, ticked or typed for more than once: a browser never sends that, and which
    /// of them would count?
    Twice(String),
    /// More than [`MOST_FIELDS`].
    TooManyFields,
}

impl fmt::Display for FormFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDecision => f.write_str("`decision` must be `agree` or `cancel`"),
            Self::Missing(field) => write!(f, "`{field}` must be there once"),
            Self::UnknownField(field) => write!(f, "`{field}` is not a field of this form"),
            Self::NotAnItem(text) => write!(f, "`{text}`: {NotAnItem}"),
            Self::NotShown(key) => write!(f, "`{key}` is answered but was not shown"),
            Self::Twice(field) => write!(f, "`{field}` is there more than once"),
            Self::TooManyFields => f.write_str("more fields than any form of ours has"),
        }
    }
}

impl std::error::Error for FormFault {}

/// Reads a decision from decoded form fields, in time that grows with their number.
///
/// # Errors
/// See [`FormFault`]. Whether an agreement answers its request is not judged here.
pub fn decision(fields: &[(String, String)]) -> Result<Decision, FormFault> {
    let all = |name: &'static str| {
        fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    };
    let once = |name: &'static str| {
        let mut values = all(name);
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value.to_owned()),
            _ => Err(FormFault::Missing(name)),
        }
    };
    match once(field::DECISION).map_err(|_| FormFault::NoDecision)?.as_str() {
        // A cancelled form may hold half an agreement: none of it is read.
        CANCEL => {
            return Ok(Decision::Cancel(Cancellation { csrf_token: once(field::CSRF_TOKEN).ok() }));
        }
        AGREE => {}
        _ => return Err(FormFault::NoDecision),
    }

    if fields.len() > MOST_FIELDS {
        return Err(FormFault::TooManyFields);
    }
    let known = [
        field::DECISION,
        field::CSRF_TOKEN,
        field::LOCALE,
        field::PERSONAL_INFO_DIGEST,
        field::SHOWN,
        field::AGREE,
        field::AGREE_ALL,
        field::LANGUAGE,
        field::NOTICE,
    ];
    if let Some((field, _)) = fields.iter().find(|(field, _)| {
        !known.contains(&field.as_str()) && !field.starts_with(field::VALUE_PREFIX)
    }) {
        return Err(FormFault::UnknownField(field.clone()));
    }

    let key =
        |text: &str| ItemKey::from_str(text).map_err(|_| FormFault::NotAnItem(text.to_owned()));
    let mut ticked = HashSet::new();
    for text in all(field::AGREE) {
        if !ticked.insert(key(text)?) {
            return Err(FormFault::Twice(text.to_owned()));
        }
    }
    let mut typed = HashMap::new();
    for (name, value) in fields {
        let Some(id) = name.strip_prefix(field::VALUE_PREFIX) else { continue };
        if typed.insert(id, value.as_str()).is_some() {
            return Err(FormFault::Twice(name.clone()));
        }
    }

    let mut agreement = Agreement {
        csrf_token: once(field::CSRF_TOKEN)?,
        locale: once(field::LOCALE)?,
        personal_info_digest: once(field::PERSONAL_INFO_DIGEST)?,
        terms: Vec::new(),
        personal_info: Vec::new(),
        channels: Vec::new(),
    };
    let mut seen = HashSet::new();
    for shown in all(field::SHOWN) {
        let mut words = shown.split(' ');
        let item = key(words.next().unwrap_or_default())?;
        if !seen.insert(item.clone()) {
            return Err(FormFault::Twice(item.to_string()));
        }
        let agreed = ticked.remove(&item);
        let text = (words.next(), words.next(), words.next());
        match (item, text) {
            (ItemKey::Term(tag), (Some(version), Some(digest), None)) => {
                agreement.terms.push(TermAnswer {
                    tag,
                    version: version.to_owned(),
                    digest: digest.to_owned(),
                    agreed,
                });
            }
            (ItemKey::Item(id), (None, None, None)) => {
                let value = typed.remove(id.as_str()).map(str::to_owned);
                // An empty, unticked input is sent by the browser all the same.
                let value = value.filter(|_| agreed);
                agreement.personal_info.push(ItemAnswer { id, agreed, value });
            }
            (ItemKey::Channel(public_id), (None, None, None)) => {
                agreement.channels.push(ChannelAnswer { public_id, add: agreed });
            }
            _ => return Err(FormFault::NotAnItem(shown.to_owned())),
        }
    }
    let left =
        ticked.into_iter().map(|key| key.to_string()).chain(typed.into_keys().map(value_field));
    match left.min() {
        Some(left) => Err(FormFault::NotShown(left)),
        None => Ok(Decision::Agree(agreement)),
    }
}

/// The form fields of an agreement: what a browser would send for it.
#[must_use]
pub fn fields(agreement: &Agreement) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut fields = vec![
        pair(field::DECISION, AGREE),
        pair(field::CSRF_TOKEN, &agreement.csrf_token),
        pair(field::LOCALE, &agreement.locale),
        pair(field::PERSONAL_INFO_DIGEST, &agreement.personal_info_digest),
    ];
    let mut item = |shown: String, key: ItemKey, agreed: bool| {
        fields.push((field::SHOWN.to_owned(), shown));
        if agreed {
            fields.push((field::AGREE.to_owned(), key.to_string()));
        }
    };
    for answer in &agreement.terms {
        let key = ItemKey::Term(answer.tag.clone());
        item(format!("{key} {} {}", answer.version, answer.digest), key, answer.agreed);
    }
    for answer in &agreement.personal_info {
        let key = ItemKey::Item(answer.id.clone());
        item(key.to_string(), key, answer.agreed);
    }
    for answer in &agreement.channels {
        let key = ItemKey::Channel(answer.public_id.clone());
        item(key.to_string(), key, answer.add);
    }
    let values = agreement
        .personal_info
        .iter()
        .filter_map(|answer| Some((value_field(&answer.id), answer.value.clone()?)));
    fields.extend(values);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{answers::Answers, samples};
    use proptest::prelude::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Decision, FormFault> {
        let fields: Vec<_> =
            pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        decision(&fields)
    }

    const HEAD: [(&str, &str); 4] = [
        ("decision", "agree"),
        ("csrf_token", "t"),
        ("locale", "ko"),
        ("personal_info_digest", "sha256-p"),
    ];

    #[test]
    fn cancel_needs_nothing_else_and_reads_nothing_else() {
        let cancel = |csrf_token: Option<&str>| {
            Ok(Decision::Cancel(Cancellation { csrf_token: csrf_token.map(str::to_owned) }))
        };
        assert_eq!(read(&[("decision", "cancel")]), cancel(None));
        assert_eq!(
            read(&[("decision", "cancel"), ("csrf_token", "t"), ("agree", "nonsense")]),
            cancel(Some("t"))
        );
    }

    #[test]
    fn a_form_that_is_not_whole_is_refused() {
        assert_eq!(read(&[]), Err(FormFault::NoDecision));
        assert_eq!(read(&[("decision", "maybe")]), Err(FormFault::NoDecision));
        assert_eq!(
            read(&[("decision", "agree"), ("decision", "cancel")]),
            Err(FormFault::NoDecision)
        );
        assert_eq!(read(&HEAD[..3]), Err(FormFault::Missing("personal_info_digest")));
        let with = |more: (&'static str, &'static str)| read(&[&HEAD[..], &[more]].concat());
        assert_eq!(with(("agree", "term:tos")), Err(FormFault::NotShown("term:tos".into())));
        assert_eq!(
            with(("value:account_email", "a@b.example")),
            Err(FormFault::NotShown("value:account_email".into()))
        );
        assert_eq!(with(("shown", "term:tos")), Err(FormFault::NotAnItem("term:tos".into())));
        assert_eq!(with(("shown", "item:a b")), Err(FormFault::NotAnItem("item:a b".into())));
        let nothing_agreed = match with(("agree_all", "on")) {
            Ok(Decision::Agree(agreement)) => agreement,
            other => panic!("{other:?}"),
        };
        assert!(nothing_agreed.terms.is_empty(), "agree-all is no answer by itself");
        assert_eq!(with(("other", "1")), Err(FormFault::UnknownField("other".into())));
    }

    #[test]
    fn what_is_there_twice_is_refused() {
        for (twice, named) in [
            ([("shown", "item:a"), ("shown", "item:a")], "item:a"),
            ([("shown", "term:a 1 d"), ("shown", "term:a 2 e")], "term:a"),
            ([("shown", "channel:a"), ("shown", "channel:a")], "channel:a"),
            ([("agree", "item:a"), ("agree", "item:a")], "item:a"),
            ([("value:a", "1"), ("value:a", "1")], "value:a"),
            ([("value:a", ""), ("value:a", "2")], "value:a"),
        ] {
            let form = [&HEAD[..], &[("shown", "item:b")], &twice].concat();
            assert_eq!(read(&form), Err(FormFault::Twice(named.into())), "{twice:?}");
        }
    }

    #[test]
    fn a_form_of_more_fields_than_any_request_has_is_refused() {
        let filled = |to: usize| {
            let mut form = HEAD.to_vec();
            form.resize(to, ("told", "incomplete"));
            read(&form)
        };
        assert!(filled(MOST_FIELDS).is_ok());
        assert_eq!(filled(MOST_FIELDS + 1), Err(FormFault::TooManyFields));
        // Cancelling can only refuse, and reads nothing else.
        let mut cancel = vec![("decision", "cancel")];
        cancel.resize(MOST_FIELDS + 1, ("told", "x"));
        assert!(matches!(read(&cancel), Ok(Decision::Cancel(_))));
    }

    proptest! {
        #[test]
        fn a_form_says_the_same_as_the_json(request in samples::requests(), ticks in any::<u64>()) {
            let mut answers = Answers::untouched(&request);
            for (at, (key, _)) in answers.keys().into_iter().enumerate() {
                answers.tick(&key, ticks >> (at % 64) & 1 == 1);
                answers.write(&key, samples::good_value(&request, &key));
            }
            let agreement = answers.agreement(&request);
            let mut form = fields(&agreement);
            prop_assert_eq!(decision(&form), Ok(Decision::Agree(agreement.clone())));
            prop_assert!(form.len() <= most_fields(&request));
            // A browser also sends what was typed for an item that is not ticked.
            for item in agreement.personal_info.iter().filter(|item| !item.agreed) {
                form.push((value_field(&item.id), "typed and taken back".to_owned()));
            }
            prop_assert_eq!(decision(&form), Ok(Decision::Agree(agreement)));
        }

        /// A form that lost a field on its way is refused, or agrees to less, never to more.
        #[test]
        fn one_field_less_never_agrees_to_more(request in samples::requests(), ticks in any::<u64>(), at in any::<prop::sample::Index>()) {
            let mut answers = Answers::untouched(&request);
            for (at, (key, _)) in answers.keys().into_iter().enumerate() {
                answers.tick(&key, ticks >> (at % 64) & 1 == 1);
                answers.write(&key, samples::good_value(&request, &key));
            }
            let whole = fields(&answers.agreement(&request));
            let mut less = whole.clone();
            less.remove(at.index(whole.len()));
            if let Ok(Decision::Agree(agreement)) = decision(&less) {
                let rewritten = fields(&agreement);
                let ticks = rewritten.iter().filter(|(name, _)| name == field::AGREE);
                for tick in ticks {
                    prop_assert!(whole.contains(tick), "{:?}", tick);
                }
                prop_assert!(agreement != answers.agreement(&request));
            }
        }

        /// Whatever fields arrive: what is understood is written back the same, and a button that
        /// is not pressed exactly once decides nothing.
        #[test]
        fn whatever_fields_arrive_are_read_in_one_way(
            pairs in proptest::collection::vec(
                ("(shown|agree|value:[a-b]|agree_all|told|[a-z]{3})", "(term|item|channel):[a-b]( 1 d)?|[ -~]{0,8}|\\PC{0,4}"),
                0..12,
            ),
            decisions in proptest::collection::vec("agree|cancel|show|maybe", 0..3),
        ) {
            let mut form = pairs;
            form.extend([field::CSRF_TOKEN, field::LOCALE, field::PERSONAL_INFO_DIGEST].map(|name| (name.to_owned(), "x".to_owned())));
            form.extend(decisions.iter().map(|value| (field::DECISION.to_owned(), value.clone())));
            let read = decision(&form);
            match &read {
                Ok(Decision::Agree(agreement)) => {
                    prop_assert_eq!(&decisions, &["agree"]);
                    prop_assert_eq!(decision(&fields(agreement)), read.clone());
                }
                Ok(Decision::Cancel(_)) => prop_assert_eq!(&decisions, &["cancel"]),
                Err(fault) => prop_assert!(!fault.to_string().is_empty()),
            }
        }
    }
}
