//! What every message keeps on the wire, whatever is sent: the screen's reader (miniserde) and
//! the one of all other crates (serde) understand the same, what was read is written back the same, and a
//! word that the contract does not know is refused.

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, from_str, json, to_string, to_value};

use crate::{
    decision::{Agreement, Cancellation, ChannelAnswer, Decision, ItemAnswer, TermAnswer},
    document::{Block, Document},
    item::ItemKey,
    problem::{Code, InvalidValue, Problem},
    request::{ConsentRequest, ConsentState},
    samples,
    value::ValueFault,
};

/// Any JSON, not very deep.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(("[a-z_]{1,12}", inner), 0..4).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

/// A text with one edit: a character taken out, put in, or put in another's place, or a piece of it
/// sent twice.
fn edited(text: String) -> impl Strategy<Value = String> {
    let characters = select(b"\"\\{}[],:0-.etn \x00".map(char::from).to_vec());
    let one = prop_oneof![characters, any::<char>()];
    (any::<prop::sample::Index>(), 0usize..4, one).prop_map(move |(at, edit, c)| {
        let mut characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        match edit {
            0 => drop(characters.remove(at)),
            1 => characters.insert(at, c),
            2 => characters[at] = c,
            _ => drop(characters.splice(at..at, characters[at..].to_vec())),
        }
        characters.into_iter().collect()
    })
}

fn decisions() -> impl Strategy<Value = Decision> {
    let text = any::<String>;
    let term = (text(), text(), text(), any::<bool>())
        .prop_map(|(tag, version, digest, agreed)| TermAnswer { tag, version, digest, agreed });
    let item = (text(), any::<bool>(), option::of(text()))
        .prop_map(|(id, agreed, value)| ItemAnswer { id, agreed, value });
    let channel =
        (text(), any::<bool>()).prop_map(|(public_id, add)| ChannelAnswer { public_id, add });
    let answers = (vec(term, 0..4), vec(item, 0..4), vec(channel, 0..3));
    let agreement = (text(), text(), text(), answers).prop_map(
        |(csrf_token, locale, personal_info_digest, (terms, personal_info, channels))| {
            Decision::Agree(Agreement {
                csrf_token,
                locale,
                terms,
                personal_info_digest,
                personal_info,
                channels,
            })
        },
    );
    let cancel =
        option::of(text()).prop_map(|csrf_token| Decision::Cancel(Cancellation { csrf_token }));
    prop_oneof![4 => agreement, 1 => cancel]
}

fn documents() -> impl Strategy<Value = Document> {
    let text = any::<String>;
    let table = (vec(text(), 1..4), 0usize..4, text()).prop_map(|(header, rows, cell)| {
        let row = vec![cell; header.len()];
        Block::Table { header, rows: vec![row; rows] }
    });
    let block = prop_oneof![
        (2u8..=3, text()).prop_map(|(level, text)| Block::Heading { level, text }),
        text().prop_map(|text| Block::Paragraph { text }),
        vec(text(), 0..4).prop_map(|items| Block::List { items }),
        table,
    ];
    (text(), text(), vec(block, 0..6)).prop_map(|(tag, title, blocks)| Document {
        tag,
        version: "1".into(),
        title,
        locale: "ko".into(),
        digest: "sha256-x".into(),
        effective_from: "2026-11-01".into(),
        blocks,
    })
}

fn problems() -> impl Strategy<Value = Problem> {
    let key = "(term|item|channel):[A-Za-z0-9_-]{1,64}";
    let key = || key.prop_map(|text| text.parse::<ItemKey>().expect("it is a key"));
    let reason = select(vec![ValueFault::Empty, ValueFault::TooLong, ValueFault::NotADate]);
    let invalid = (key(), reason).prop_map(|(id, reason)| InvalidValue { id, reason });
    let text = || option::of(any::<String>());
    let ways_out = (text(), text(), text());
    let lists = (vec(key(), 0..3), vec(invalid, 0..3));
    (select(Code::ALL.to_vec()), ways_out, lists, option::of(any::<u8>())).prop_map(
        |(code, (detail, restart_url, redirect_to), (missing, invalid), min_age)| Problem {
            detail,
            restart_url,
            redirect_to,
            missing,
            invalid,
            min_age,
            ..Problem::new(code)
        },
    )
}

fn written(request: &ConsentRequest) -> String {
    to_string(&ConsentState::Ask(Box::new(request.clone()))).unwrap()
}

/// What the screen understands of a text is what all other crates do, and is written back the same.
fn is_read_in_one_way(text: &str) -> Result<(), TestCaseError> {
    if let Ok(state) = ConsentState::from_json(text) {
        prop_assert_eq!(ConsentState::from_json(&to_string(&state).unwrap()), Ok(state.clone()));
        if let (ConsentState::Ask(request), Ok(other)) = (state, from_str(text)) {
            prop_assert_eq!(*request, other);
        }
    }
    if let Ok(decision) = from_str::<Decision>(text) {
        prop_assert_eq!(from_str::<Decision>(&to_string(&decision).unwrap()).unwrap(), decision);
    }
    if let Ok(problem) = from_str::<Problem>(text) {
        prop_assert_eq!(Problem::from_json(text), Ok(problem));
    }
    if let Ok(document) = from_str::<Document>(text) {
        prop_assert_eq!(Document::from_json(text), Ok(document));
    }
    Ok(())
}

/// The places of a message, as JSON pointers, whose value satisfies a condition.
fn places(value: &Value, wanted: fn(&str, &Value) -> bool) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, v)| (name.clone(), v)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (name, child) in children {
        if wanted(&name, child) {
            found.push(format!("/{name}"));
        }
        found.extend(places(child, wanted).into_iter().map(|place| format!("/{name}{place}")));
    }
    found
}

/// Fields whose value is one of the words of the contract.
const WORDS: [&str; 7] = ["state", "purpose", "mode", "agree_all", "kind", "collect", "relation"];

proptest! {
    // Whole messages are large, and there are a dozen properties: a quarter of the usual cases
    // takes a second, and every run tries others.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_json_arrives_is_read_in_one_way(value in values()) {
        is_read_in_one_way(&value.to_string())?;
    }

    #[test]
    fn whatever_text_arrives_is_read_in_one_way(text in any::<String>()) {
        is_read_in_one_way(&text)?;
    }

    #[test]
    fn a_request_with_one_edit_is_read_in_one_way_or_not_at_all(
        text in samples::requests().prop_flat_map(|request| edited(written(&request))),
    ) {
        is_read_in_one_way(&text)?;
    }

    #[test]
    fn a_decision_with_one_edit_is_read_in_one_way_or_not_at_all(
        text in decisions().prop_flat_map(|decision| edited(to_string(&decision).unwrap())),
    ) {
        is_read_in_one_way(&text)?;
    }

    #[test]
    fn a_problem_or_a_document_with_one_edit_is_read_in_one_way_or_not_at_all(
        problem in problems().prop_flat_map(|problem| edited(to_string(&problem).unwrap())),
        document in documents().prop_flat_map(|document| edited(to_string(&document).unwrap())),
    ) {
        is_read_in_one_way(&problem)?;
        is_read_in_one_way(&document)?;
    }

    #[test]
    fn every_request_survives_the_wire(request in samples::requests()) {
        let text = written(&request);
        prop_assert_eq!(from_str::<ConsentRequest>(&text).unwrap(), request.clone());
        prop_assert_eq!(ConsentState::from_json(&text), Ok(ConsentState::Ask(Box::new(request))));
    }

    #[test]
    fn every_decision_survives_the_wire(decision in decisions()) {
        prop_assert_eq!(from_str::<Decision>(&to_string(&decision).unwrap()).unwrap(), decision);
    }

    #[test]
    fn every_document_survives_the_wire(document in documents()) {
        let text = to_string(&document).unwrap();
        prop_assert_eq!(Document::from_json(&text), Ok(document.clone()));
        prop_assert_eq!(from_str::<Document>(&text).unwrap(), document);
    }

    #[test]
    fn every_problem_survives_the_wire(problem in problems()) {
        let text = to_string(&problem).unwrap();
        prop_assert_eq!(Problem::from_json(&text), Ok(problem.clone()));
        prop_assert_eq!(from_str::<Problem>(&text).unwrap(), problem);
    }

    /// Two documents have one digest only if a reader cannot distinguish them.
    #[test]
    fn a_digest_covers_all_that_distinguishes_documents(one in documents(), other in documents()) {
        let input = |it: &Document| Document::digest_input(&it.title, &it.blocks);
        let same = (&one.title, &one.blocks) == (&other.title, &other.blocks);
        prop_assert_eq!(input(&one) == input(&other), same);
        let mut reworded = one.clone();
        if let Some(block) = reworded.blocks.last_mut() {
            match block {
                Block::Heading { text, .. } | Block::Paragraph { text } => text.push('x'),
                Block::List { items } => items.push("x".into()),
                Block::Table { header, .. } => header[0].push('x'),
            }
            prop_assert_ne!(input(&one), input(&reworded));
        }
        let mut longer = one.clone();
        longer.blocks.extend(other.blocks.iter().cloned());
        prop_assert_eq!(input(&one) == input(&longer), other.blocks.is_empty());
    }

    #[test]
    fn a_word_that_the_contract_does_not_know_is_refused(
        request in samples::requests(),
        at in any::<prop::sample::Index>(),
        word in "[a-z]{1,3}_?[A-Z]?[a-z]{0,9}",
    ) {
        let mut message: Value = from_str(&written(&request)).unwrap();
        let mut words = places(&message, |name, value| WORDS.contains(&name) && value.is_string());
        // The statements about the provision have a purpose in words.
        words.retain(|place| place != "/personal_info/purpose");
        let place = message.pointer_mut(&words[at.index(words.len())]).unwrap();
        let known = ["ask", "done", "sign_up", "live", "test", "service", "marketing", "overseas",
            "sensitive", "promotion", "retention", "recipient", "email", "phone", "name",
            "birthday", "address", "none", "added", "blocked"];
        prop_assume!(!known.contains(&word.as_str()));
        *place = word.into();
        prop_assert!(ConsentState::from_json(&message.to_string()).is_err(), "{}", message);
        prop_assert!(message["state"] != "ask" || from_str::<ConsentRequest>(&message.to_string()).is_err());
    }

    /// `required`, `primary` and the like are said, as true or false, or the message is not read.
    #[test]
    fn what_is_not_said_to_be_true_or_false_is_refused(
        request in samples::requests(),
        at in any::<prop::sample::Index>(),
        other in option::of(values()),
    ) {
        prop_assume!(!matches!(other, Some(Value::Bool(_))));
        let mut message: Value = from_str(&written(&request)).unwrap();
        let flags = places(&message, |_, value| value.is_boolean());
        let (parent, name) = flags[at.index(flags.len())].rsplit_once('/').unwrap();
        let parent = message.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match other {
            Some(other) => drop(parent.insert(name.to_owned(), other)),
            None => drop(parent.remove(name)),
        }
        prop_assert!(ConsentState::from_json(&message.to_string()).is_err(), "{}", message);
    }

    /// An answer with a field too many may mean more than is understood.
    #[test]
    fn an_answer_says_nothing_but_what_the_contract_names(
        decision in decisions(),
        at in any::<prop::sample::Index>(),
        name in "[a-z_]{1,8}x",
        missing in any::<bool>(),
    ) {
        let mut message = to_value(&decision).unwrap();
        let agreed = places(&message, |name, _| ["agreed", "add"].contains(&name));
        prop_assume!(!agreed.is_empty());
        let (parent, tick) = agreed[at.index(agreed.len())].rsplit_once('/').unwrap();
        let answer = message.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        if missing { answer.remove(tick); } else { answer.insert(name, json!(true)); }
        prop_assert!(serde_json::from_value::<Decision>(message).is_err());
    }
}
